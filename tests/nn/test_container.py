"""Containers: lists and dicts of modules and parameters, changed and printed as PyTorch's are."""

import copy
import pickle

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor


def names(model):
    return [name for name, _ in model.named_children()]


def test_sequential_is_changed_like_a_list():
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
    assert model.append(nn.Tanh()) is model
    model.insert(1, nn.Sigmoid())
    assert [type(m).__name__ for m in model] == ["Linear", "Sigmoid", "ReLU", "Tanh"]
    assert names(model) == ["0", "1", "2", "3"]
    del model[1:3]
    assert [type(m).__name__ for m in model] == ["Linear", "Tanh"]
    assert names(model) == ["0", "1"]
    model[-1] = nn.GELU()
    assert type(model.pop()).__name__ == "GELU"
    model += [nn.ReLU(), nn.ReLU()]
    assert len(model + nn.Sequential(nn.Tanh())) == 4
    assert len(model * 2) == 6
    assert len(model) == 3
    assert model(np.ones((1, 2))).shape == (1, 3)
    assert nn.ReLU not in map(type, model[:1])
    assert model[1] in model
    with pytest.raises(IndexError, match="has 3 elements, and no number 3"):
        model[3]


def test_named_modules_of_a_sequential_are_attributes():
    model = nn.Sequential({"first": nn.Linear(2, 3), "act": nn.ReLU()})
    assert model.first is model[0]
    model.last = nn.Linear(3, 1)
    assert names(model) == ["first", "act", "last"]
    assert model(np.ones((4, 2))).shape == (4, 1)  # what is assigned is called, too
    model.append(nn.Tanh())
    assert names(model) == ["first", "act", "last", "3"]
    del model.act
    assert names(model) == ["first", "last", "3"]
    assert names(model.append(nn.ReLU())) == ["first", "last", "3", "4"]
    assert names(model[1:]) == ["last", "3", "4"]
    with pytest.raises(AttributeError, match="'Sequential' object has no attribute 'middle'"):
        _ = model.middle


def test_a_sequential_may_hold_parameters_of_its_own():
    class Scaled(nn.Sequential):
        def __init__(self):
            super().__init__(nn.Linear(2, 2))
            self.register_buffer("mean", np.zeros(2))
            self.register_buffer("later", None)

    model = Scaled()
    assert list(model.state_dict()) == ["mean", "0.weight", "0.bias"]


def test_a_container_that_was_not_initialised():
    class Net(nn.Sequential):
        def __init__(self):
            self.first = nn.Linear(2, 3)
            self.then = nn.ReLU()

    assert Net()(np.ones((1, 2))).shape == (1, 3)
    assert len(nn.Sequential()) == 0


def test_an_error_says_in_which_module():
    model = nn.Sequential(nn.Flatten(), nn.Sequential({"in": nn.Linear(4, 2), "out": nn.Linear(3, 1)}))
    with pytest.raises(autograd.ShapeError) as caught:
        model(np.ones((5, 2, 2)))
    assert caught.value.__notes__ == [
        "  in (out) of Sequential: Linear(in_features=3, out_features=1, bias=True)",
        "  in (1) of Sequential: " + repr(model[1])[:200],
    ]


def test_a_result_that_was_not_returned():
    class Forgetful(nn.Module):
        def forward(self, x):
            x + 1

    with pytest.raises(TypeError) as caught:
        nn.Sequential(Forgetful(), nn.Linear(2, 2))(np.ones((1, 2)))
    assert caught.value.__notes__[-1] == "  (0) gave it None: does its forward end with a return?"


def test_module_list():
    layers = nn.ModuleList([nn.Linear(2, 2) for _ in range(3)])
    layers.extend([nn.ReLU()]).insert(0, nn.Flatten())
    assert names(layers) == ["0", "1", "2", "3", "4"]
    assert type(layers[1:3]) is nn.ModuleList
    assert names(layers[1:3]) == ["0", "1"]
    assert list(nn.ModuleList([nn.Linear(1, 1)]).state_dict()) == ["0.weight", "0.bias"]
    with pytest.raises(NotImplementedError, match="use Sequential"):
        layers(1.0)
    with pytest.raises(TypeError, match="is made of modules"):
        layers.append(nn.functional.relu)
    with pytest.raises(TypeError, match=r"make one with parentheses, Linear\(\)"):
        layers.append(nn.Linear)
    with pytest.raises(TypeError, match="is made of modules"):
        layers[0] = 3


def test_module_dict():
    heads = nn.ModuleDict({"pop": nn.Linear(2, 1), "keys": nn.ReLU()})  # names of methods do not hurt
    heads["more"] = nn.Tanh()
    assert list(heads) == list(heads.keys()) == ["pop", "keys", "more"]
    assert heads.more is heads["more"]
    assert type(heads.pop("keys")) is nn.ReLU
    assert "keys" not in heads
    assert list(heads.state_dict()) == ["pop.weight", "pop.bias"]
    assert heads == heads
    assert heads != nn.ModuleDict(heads)
    assert len({heads, heads}) == 1
    with pytest.raises(NotImplementedError, match=r'modules\["name"\]'):
        heads(1.0)
    with pytest.raises(TypeError, match="has strings for keys"):
        heads[1] = nn.ReLU()
    with pytest.raises(KeyError):
        heads["none"]


def test_lists_and_dicts_of_parameters():
    class Model(nn.Module):
        def __init__(self):
            self.list = nn.ParameterList([np.ones(2), Tensor([1.0]), nn.Parameter([2.0]), 3])
            self.dict = nn.ParameterDict({"a": np.ones(3, np.float32), "n": np.arange(3)})

    model = Model()
    assert [name for name, _ in model.named_parameters()] == ["list.0", "list.1", "list.2", "dict.a"]
    assert all(type(p) is nn.Parameter for p in model.parameters())
    assert model.list[3] == 3
    assert model.dict["a"].dtype == np.float32
    assert repr(model.list).splitlines()[1:3] == ["  (0): Parameter(2,) float64", "  (1): Parameter(1,) float64"]
    model.list[0] = np.zeros(5)
    assert model.list[0].shape == (5,)


def test_containers_can_be_copied_and_pickled():
    model = nn.Sequential(nn.ModuleList([nn.Linear(2, 2)])[0], nn.ReLU())
    model.heads = nn.Sequential({"a": nn.Linear(2, 1)})
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert repr(twin) == repr(model)
        np.testing.assert_array_equal(twin(np.ones((1, 2))).data, model(np.ones((1, 2))).data)
        assert twin[0].weight is not model[0].weight


def test_it_prints_as_torch_prints():
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle")

    def build(nn):
        blocks = [nn.Sequential(nn.Linear(4, 4), nn.ReLU()) for _ in range(3)]
        return nn.Sequential(
            nn.ModuleList([*blocks, nn.Linear(4, 1), nn.Linear(4, 1)]),
            nn.ModuleDict({"a": nn.LeakyReLU(), "b": nn.Identity(), "c": nn.ModuleList()}),
            nn.Sequential(),
        )

    assert repr(build(nn)) == repr(build(torch.nn))
