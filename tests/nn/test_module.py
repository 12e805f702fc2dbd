"""Module: what it finds inside itself, and how its state is saved and loaded."""

import copy

import numpy as np
import pytest

import nn
from autograd import Tensor, Value


class Block(nn.Module):
    def __init__(self):
        self.layers = [nn.Linear(2, 3), nn.ReLU()]
        self.heads = {"a": nn.Linear(3, 1, bias=False), "b": (nn.Linear(3, 2),)}
        self.scale = nn.Parameter(2.0)
        self.input = Tensor([1.0])  # a Tensor, but no Parameter
        self.register_buffer("count", np.zeros((), int))


NAMES = ["scale", "layers.0.weight", "layers.0.bias", "heads.a.weight", "heads.b.0.weight", "heads.b.0.bias"]


def test_parameters_are_found_in_attributes_lists_tuples_and_dicts():
    block = Block()
    assert [name for name, _ in block.named_parameters()] == NAMES
    assert block.num_parameters == 1 + 6 + 3 + 3 + 6 + 2
    assert [name for name, _ in block.named_modules()] == ["", "layers.0", "layers.1", "heads.a", "heads.b.0"]
    assert len(list(block.children())) == 4


def test_values_are_parameters_when_they_are_leaves_that_require_grad():
    class Line(nn.Module):
        def __init__(self):
            self.a = Value(1.0)
            self.b = [Value(2.0), Value(3.0, requires_grad=False)]
            self.result = self.a * 2

    assert dict(Line().named_parameters()).keys() == {"a", "b.0"}


def test_a_shared_parameter_is_given_once_and_saved_under_both_names():
    a, b = nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False)
    b.weight = a.weight
    model = nn.Sequential(a, b)
    assert [name for name, _ in model.named_parameters()] == ["0.weight"]
    assert list(model.state_dict()) == ["0.weight", "1.weight"]


def test_modules_that_know_each_other_are_walked_once():
    a, b = nn.Sequential(nn.Linear(1, 1)), nn.Identity()
    b.parent = a
    a.append(b)
    assert len(list(a.modules())) == 3


def test_zero_grad_and_train():
    block = Block()
    (block.layers[0](np.ones((1, 2), np.float32)) * block.scale).sum().backward()
    assert block.scale.grad is not None
    block.zero_grad()
    assert all(p.grad is None for p in block.parameters())
    neuron = nn.Neuron(2)
    neuron([1.0, 2.0]).backward()
    neuron.zero_grad()
    assert [p.grad for p in neuron.parameters()] == [0.0, 0.0, 0.0]
    assert block.eval() is block
    assert not any(m.training for m in block.modules())
    assert all(m.training for m in block.train().modules())


def test_the_state_is_copied_out_and_in():
    block, other = Block(), Block()
    block.count += 5
    state = block.state_dict()
    assert list(state) == [*NAMES, "count"]
    array = other.layers[0].weight.data
    assert other.load_state_dict(state) == ([], [])
    assert other.layers[0].weight.data is array  # written into, so that an optimizer's views stay
    assert other.count == 5
    for name, p in other.named_parameters():
        np.testing.assert_array_equal(p.data, state[name])
        assert not np.shares_memory(p.data, state[name])


def test_the_state_of_values():
    a, b = nn.MLP(2, [2, 1]), nn.MLP(2, [2, 1])
    b.load_state_dict(a.state_dict())
    assert [p.data for p in b.parameters()] == [p.data for p in a.parameters()]
    assert all(type(p.data) is float for p in b.parameters())


def test_a_state_that_does_not_fit_is_refused_as_a_whole():
    block = Block()
    before = block.state_dict()
    state = {name: array + 1 for name, array in before.items()}
    del state["scale"]
    state["more"] = np.zeros(3)
    state["layers.0.bias"] = np.zeros(4)
    state["count"] = np.array(0.5)
    with pytest.raises(nn.StateError) as caught:
        block.load_state_dict(state)
    for part in ("scale is missing", "more is not", "layers.0.bias has shape (3,)", "(4,)", "count is of int64"):
        assert part in str(caught.value)
    after = block.state_dict()
    assert all(np.array_equal(after[name], before[name]) for name in before)


def test_a_loose_load_says_what_it_passed_over():
    block = Block()
    state = block.state_dict()
    state["more"] = state.pop("scale")
    assert block.load_state_dict(state, strict=False) == (["scale"], ["more"])


def test_the_appearance_is_nested():
    assert repr(nn.Sequential(nn.Sequential(nn.ReLU()), nn.LeakyReLU())) == (
        "Sequential(\n  (0): Sequential(\n    (0): ReLU()\n  )\n  (1): LeakyReLU(negative_slope=0.01)\n)"
    )


def test_a_module_without_forward_says_so():
    with pytest.raises(NotImplementedError, match="Block has no forward"):
        Block()(1.0)


def test_a_model_can_be_copied():
    model = nn.Linear(2, 2)
    twin = copy.deepcopy(model)
    twin.weight.data += 1
    assert isinstance(twin.weight, nn.Parameter)
    assert not np.array_equal(twin.weight.data, model.weight.data)


def test_a_parameter_is_a_tensor():
    p = nn.Parameter(np.ones(3, np.float32))
    assert p.requires_grad
    assert repr(p) == "Parameter([1., 1., 1.], dtype=float32)"
    y = p * p + p
    assert type(y) is Tensor
    y.sum().backward()
    assert p.grad.tolist() == [3.0, 3.0, 3.0]
    assert p.grad.dtype == np.float32


def test_sequential_slices_appends_and_refuses_functions():
    model = nn.Sequential({"first": nn.Linear(2, 3), "then": nn.Tanh()})
    assert [name for name, _ in model.named_parameters()] == ["first.weight", "first.bias"]
    assert len(model.append(nn.Linear(3, 1))) == 3
    assert [type(m) for m in model[1:]] == [nn.Tanh, nn.Linear]
    assert list(model)[-1] is model[-1]
    with pytest.raises(TypeError, match=r"nn\.ReLU\(\)"):
        nn.Sequential(nn.Linear(2, 2), nn.functional.relu)
