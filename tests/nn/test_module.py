"""Module: what it finds inside itself, and how its state is saved and loaded."""

import copy
import pickle

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
    assert list(state) == ["scale", "count", *NAMES[1:]]
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

    class Misspelt(nn.Module):
        def foward(self, x):
            return x

    with pytest.raises(NotImplementedError, match="'foward' is near, but must be spelt forward"):
        Misspelt()(1.0)


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


def test_what_is_inside_is_found_by_name():
    block = Block()
    assert block.get_submodule("") is block
    assert block.get_submodule("heads.b.0") is block.heads["b"][0]
    assert block.get_parameter("layers.0.weight") is block.layers[0].weight
    assert block.get_buffer("count") is block.count
    with pytest.raises(nn.MissingError, match=r"nothing named 'layers.O.weight'; did you mean 'layers.0.weight'"):
        block.get_parameter("layers.O.weight")
    with pytest.raises(AttributeError, match="It has: count"):
        block.get_buffer("xyz")


def test_names_may_have_a_prefix_and_may_stay_on_the_surface():
    block = Block()
    assert [name for name, _ in block.named_parameters("m")] == [f"m.{name}" for name in NAMES]
    assert [name for name, _ in block.named_parameters(recurse=False)] == ["scale"]
    assert block.parameters(recurse=False) == [block.scale]
    assert [name for name, _ in block.named_buffers("m")] == ["m.count"]
    assert next(iter(block.named_modules("m"))) == ("m", block)
    assert list(block.state_dict("m."))[:2] == ["m.scale", "m.count"]


def test_a_shared_module_has_all_its_names_in_the_state_as_in_torch():
    def build(nn):
        layer = nn.Linear(2, 2)
        return nn.Sequential(layer, nn.ReLU(), nn.Sequential(layer))

    model = build(nn)
    assert [name for name, _ in model.named_modules()] == ["", "0", "1", "2"]
    assert [name for name, _ in model.named_modules(remove_duplicate=False)] == ["", "0", "1", "2", "2.0"]
    assert list(model.state_dict()) == ["0.weight", "0.bias", "2.0.weight", "2.0.bias"]
    assert len(model.parameters()) == 2
    model.load_state_dict(model.state_dict())
    state = model.state_dict()
    state["2.0.bias"] += 1
    with pytest.raises(nn.StateError, match=r"0\.bias and 2\.0\.bias are one parameter"):
        model.load_state_dict(state)
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle")
    assert list(model.state_dict()) == list(build(torch.nn).state_dict())


def test_registering():
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_parameter("weight", nn.Parameter([1.0]))
            self.register_parameter("bias", None)
            self.register_buffer("seen", np.zeros(2))
            self.register_buffer("cache", Tensor([1.0, 2.0]), persistent=False)
            self.register_buffer("absent", None)
            self.add_module("0", nn.Linear(1, 1))

    model = Model()
    assert model.bias is None
    assert list(model.state_dict()) == ["weight", "seen", "0.weight", "0.bias"]
    assert [name for name, _ in model.named_buffers()] == ["seen", "cache"]
    assert type(model.cache) is np.ndarray
    assert [id(b) for b in model.buffers()] == [id(model.seen), id(model.cache)]
    assert getattr(model, "0").in_features == 1
    for name in ("a.b", "", "forward"):
        with pytest.raises(TypeError, match="cannot be the name"):
            model.register_buffer(name, np.zeros(1))
    with pytest.raises(TypeError, match=r"give nn\.Parameter"):
        model.register_parameter("w", np.zeros(1))
    with pytest.raises(TypeError, match="is to be a module"):
        model.register_module("m", nn.ReLU)


def test_a_module_in_a_set_is_refused():
    class Model(nn.Module):
        def __init__(self):
            self.layers = {nn.Linear(1, 1), nn.Linear(1, 1)}

    with pytest.raises(TypeError, match="layers is a set with modules"):
        Model().parameters()


def test_apply_goes_from_the_inside_out():
    order = []
    model = nn.Sequential(nn.Sequential(nn.ReLU()), nn.Tanh())
    assert model.apply(lambda m: order.append(type(m).__name__)) is model
    assert order == ["ReLU", "Sequential", "Tanh", "Sequential"]


def test_freezing():
    block = Block()
    block.layers[0].requires_grad_(False)
    y = block.layers[0](np.ones((1, 2), np.float32)) * block.scale
    y.sum().backward()
    assert block.layers[0].weight.grad is None
    assert [name for name, _ in block.named_parameters()] == NAMES
    neuron = nn.Neuron(2).requires_grad_(False)
    assert len(neuron.parameters()) == 3
    assert not neuron([1.0, 2.0]).requires_grad
    assert neuron.requires_grad_()([1.0, 2.0]).requires_grad


def test_precision():
    block = Block()
    block.register_buffer("mean", np.zeros(2))
    (block.layers[0](np.ones((1, 2), np.float32)) * block.scale).sum().backward()
    parameters = block.parameters()
    assert block.float() is block
    assert {p.dtype for p in block.parameters()} == {np.dtype(np.float32)}
    assert block.scale.grad.dtype == np.float32
    assert (block.mean.dtype, block.count.dtype) == (np.float32, np.int64)
    assert all(p is q for p, q in zip(block.parameters(), parameters, strict=True))
    assert block.double().scale.dtype == np.float64
    assert block.half().scale.dtype == np.float16
    assert block.to("float32").scale.dtype == np.float32
    assert nn.Neuron(1).float().b.data == 0
    with pytest.raises(TypeError, match="there is no device 'cuda:0'"):
        block.to("cuda:0")
    with pytest.raises(TypeError, match="cannot become int64"):
        block.to(int)


def test_gradients_become_zeros_where_that_is_wanted():
    layer = nn.Linear(2, 1)
    layer(np.ones((1, 2), np.float32)).sum().backward()
    layer.zero_grad(set_to_none=False)
    assert layer.weight.grad.tolist() == [[0.0, 0.0]]


def test_train_wants_a_mode():
    with pytest.raises(TypeError, match="train"):
        nn.ReLU().train("yes")


def test_a_state_behind_a_prefix_gets_a_hint():
    layer = nn.Linear(2, 1)
    state = layer.state_dict("module.")
    with pytest.raises(nn.StateError, match="Take it off") as caught:
        layer.load_state_dict(state)
    remedy = str(caught.value).split("Take it off: ")[1].rstrip(".")
    layer.load_state_dict(eval(remedy, {"state": state}))


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (np.array(["a", "b"]).reshape(1, 2), "weight is of float32, and the state has <U1"),
        (np.ones((1, 2), complex), "the state has complex128"),
        ([[1.0], [2.0, 3.0]], "weight is no array"),
        (None, r"weight has shape \(1, 2\), and the state has \(\)"),
    ],
)
def test_hostile_states_leave_the_model_as_it_was(damage, says):
    layer = nn.Linear(2, 1)
    before = layer.state_dict()
    with pytest.raises(nn.StateError, match=says):
        layer.load_state_dict({"weight": damage, "bias": np.zeros(1)})
    for name, array in layer.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_many_problems_are_not_all_listed():
    model = nn.Sequential(*(nn.Linear(1, 1) for _ in range(20)))
    with pytest.raises(nn.StateError, match="and 20 more"):
        model.load_state_dict({})
    with pytest.raises(nn.StateError, match="is a dict of arrays by name"):
        model.load_state_dict("model.npz")


def test_a_state_may_not_go_where_nothing_can_be_written():
    layer = nn.Linear(2, 1)
    layer.weight.data = np.broadcast_to(np.float32(1), (1, 2))
    with pytest.raises(nn.StateError, match="weight is an array that cannot be written into"):
        layer.load_state_dict(layer.state_dict())


def test_a_state_of_torch_is_taken():
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle")
    theirs, ours = torch.nn.Linear(3, 2), nn.Linear(3, 2)
    ours.load_state_dict(theirs.state_dict())
    np.testing.assert_array_equal(ours.weight.data, theirs.weight.detach().numpy())


def test_modules_can_be_pickled_and_printed_when_they_know_each_other():
    a, b = nn.Sequential(nn.Linear(1, 1)), nn.Identity()
    b.parent = a
    a.append(b)
    assert "(parent): ..." in repr(a)
    twin = pickle.loads(pickle.dumps(a))
    assert twin[1].parent is twin


def test_extra_repr_stands_before_what_is_inside():
    class Model(nn.Module):
        def __init__(self):
            self.layer = nn.ReLU()

        def extra_repr(self):
            return "rank=2"

    assert repr(Model()) == "Model(\n  rank=2\n  (layer): ReLU()\n)"
