"""What all optimizers have in common: parameters and groups, settings, steps, states, errors."""

import copy
import gc
import pickle
import weakref

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, Value

SHAPES = [(3, 4), (4,), (), (2, 1, 2)]


def parameters():
    return [Tensor(np.random.default_rng(9).normal(size=shape)) for shape in SHAPES]


def with_gradients(ps):
    for p in ps:
        p.grad = np.ones_like(p.data)
    return ps


# Parameters


def test_frozen_parameters_stay():
    v, w = Value(1.0, requires_grad=False), Tensor([1.0], requires_grad=False)
    u = Tensor([1.0])
    optimizer = nn.optim.SGD([v, w, u], lr=1.0, weight_decay=0.5)
    u.grad = np.ones(1)
    optimizer.step()
    assert (v.data, w.data.tolist(), u.data.tolist()) == (1.0, [1.0], [-0.5])


def test_parameters_of_three_precisions():
    tensors = [Tensor(np.ones(2, dtype)) for dtype in (np.float16, np.float32, np.float64)]
    optimizer = nn.optim.Adam(tensors, lr=0.1)
    for _ in range(30):
        optimizer.zero_grad()
        for t in tensors:
            (t * t).sum().backward()
        optimizer.step()
    assert [t.dtype for t in tensors] == [np.float16, np.float32, np.float64]
    np.testing.assert_allclose(tensors[1].data, tensors[2].data, rtol=1e-4)
    np.testing.assert_allclose(tensors[0].data, tensors[2].data, rtol=2e-2)


def test_the_arrays_stay_where_they_are_and_new_ones_are_taken_over():
    p, q = parameters()[:2]
    optimizer = nn.optim.SGD([p, q], lr=0.5)
    array = p.data
    p.grad, q.grad = np.ones_like(p.data), np.ones_like(q.data)
    before = array.copy()
    optimizer.step()
    assert p.data is array
    np.testing.assert_allclose(array, before - 0.5)
    p.data = np.zeros((3, 4))
    optimizer.step()
    np.testing.assert_allclose(p.data, -0.5)
    p.data = p.data - 1
    optimizer.step()
    np.testing.assert_allclose(p.data, -2.0)
    p.data = np.zeros(7)
    with pytest.raises(ValueError, match=r"shape \(3, 4\) now has the shape \(7,\)"):
        optimizer.step()


@pytest.mark.parametrize("order", ["C", "F"])
def test_the_order_of_memory_stays(order):
    """A transposed weight stays transposed in memory, which its products may be fast for; momenta have its shape."""
    w = Tensor(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], order=order))
    optimizer = nn.optim.SGD([w], lr=0.0, momentum=0.9)
    w.grad = np.arange(6.0).reshape(2, 3)
    optimizer.step()
    np.testing.assert_array_equal(optimizer.state_dict()["0.momentum_buffer"], np.arange(6.0).reshape(2, 3))
    other = nn.optim.SGD([w], lr=0.0, momentum=0.9)
    other.load_state_dict(optimizer.state_dict())
    np.testing.assert_array_equal(other.state_dict()["0.momentum_buffer"], np.arange(6.0).reshape(2, 3))
    assert np.isfortran(w.data) == (order == "F")


def test_two_optimizers_of_one_parameter():
    p = Tensor([0.0])
    first, second = nn.optim.SGD([p], lr=1.0), nn.optim.SGD([p], lr=10.0)
    p.grad = np.ones(1)
    for optimizer in (first, second, first):
        optimizer.step()
    assert p.data.tolist() == [-12.0]


def test_a_parameter_given_twice_moves_once():
    p = Tensor([0.0])
    optimizer = nn.optim.SGD([p, p], lr=1.0)
    p.grad = np.ones(1)
    optimizer.step()
    assert p.data.tolist() == [-1.0]


def test_gradients_of_other_kinds_are_taken_too():
    w = Tensor([3.0])
    (w * w).sum().backward(create_graph=True)
    nn.optim.SGD([w], lr=0.5).step()
    assert w.data.tolist() == [0.0]
    single = Tensor(np.ones(2, np.float32))
    single.grad = np.array([0.25, 0.5])  # float64
    nn.optim.SGD([single], lr=1.0).step()
    assert single.data.tolist() == [0.75, 0.5]
    assert single.dtype == np.float32


def test_gradients_add_up_until_they_are_cleared():
    w = Tensor([1.0])
    optimizer = nn.optim.SGD([w], lr=0.1)
    for _ in range(3):
        (2 * w).sum().backward()
    optimizer.step()
    assert w.data == pytest.approx(1 - 0.1 * 6)
    optimizer.zero_grad(set_to_none=False)
    assert w.grad.tolist() == [0.0]
    optimizer.zero_grad()
    assert w.grad is None


def test_a_closure_computes_loss_and_gradients():
    w = Tensor([3.0])
    optimizer = nn.optim.SGD([w], lr=0.25)

    def closure():
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        return loss

    with autograd.no_grad():
        assert optimizer.step(closure).item() == 9.0
    assert w.data.tolist() == [1.5]
    assert optimizer.step() is None


def test_parameters_without_elements():
    empty, w = Tensor(np.zeros((0, 3))), Tensor([1.0])
    for name in nn.optim.__all__:
        if name not in ("LBFGS", "Muon", "Optimizer", "lr_scheduler"):
            optimizer = getattr(nn.optim, name)([empty, w])
            with_gradients([empty, w])
            optimizer.step()
            getattr(nn.optim, name)([empty, w]).load_state_dict(optimizer.state_dict())


def test_who_rests_and_who_moves_may_change_in_every_step():
    """As if each parameter had an optimizer of its own."""
    rng = np.random.default_rng(0)
    together, alone = parameters(), parameters()
    optimizer = nn.optim.Adam(together, lr=0.1)
    own = [nn.optim.Adam([p], lr=0.1) for p in alone]
    for _ in range(60):
        for p, q, o in zip(together, alone, own, strict=True):
            p.grad = q.grad = rng.normal(size=p.shape) if rng.random() < 0.5 else None
            o.step()
        optimizer.step()
    for p, q in zip(together, alone, strict=True):
        np.testing.assert_allclose(p.data, q.data, rtol=1e-12)


def test_an_optimizer_leaves_no_circles_behind():
    gc.collect()
    gc.disable()
    try:
        w = Tensor([1.0])
        optimizer = nn.optim.Adam([w])
        with_gradients([w])
        optimizer.step()
        w.grad = None
        optimizer.step()
        flat = weakref.ref(optimizer.flats[0][1])
        assert flat() is not None
        del optimizer
        assert flat() is None
    finally:
        gc.enable()


def test_a_copy_of_model_and_optimizer_goes_its_own_way():
    model = nn.Linear(2, 1)
    optimizer = nn.optim.Adam(model.parameters(), lr=0.1)
    with_gradients(model.parameters())
    optimizer.step()
    twin, its = copy.deepcopy((model, optimizer))
    assert [p is q for p, q in zip(its.parameters, twin.parameters(), strict=True)] == [True, True]
    before = model.weight.data.copy()
    with_gradients(twin.parameters())
    its.step()
    np.testing.assert_array_equal(model.weight.data, before)
    with_gradients(model.parameters())
    optimizer.step()
    np.testing.assert_array_equal(twin.weight.data, model.weight.data)
    again, its = pickle.loads(pickle.dumps((model, optimizer)))
    for each, of in ((optimizer, model), (its, again)):
        with_gradients(of.parameters())
        each.step()
    np.testing.assert_array_equal(again.weight.data, model.weight.data)


# Groups and settings


def test_groups_have_settings_of_their_own():
    a, b, c = (Tensor([1.0]) for _ in range(3))
    optimizer = nn.optim.SGD([{"params": [a, b], "lr": 0.5}, {"params": c, "momentum": 0.9}], lr=0.25)
    for _ in range(2):
        with_gradients([a, b, c])
        optimizer.step()
    assert [p.item() for p in (a, b, c)] == [0.0, 0.0, pytest.approx(1 - 0.25 - 0.25 * 1.9)]
    assert [group["lr"] for group in optimizer.param_groups] == [0.5, 0.25]
    optimizer.param_groups[0]["lr"] = np.float64(1.0)
    optimizer.add_param_group({"params": [d := Tensor([1.0])], "lr": 0.125})
    with_gradients([a, d]), optimizer.step()
    assert (a.item(), d.item()) == (-1.0, 0.875)
    assert repr(optimizer).startswith("SGD(\n  group 0: lr=")


def test_settings_are_attributes_of_all_groups():
    optimizer = nn.optim.Adam([{"params": [Tensor([1.0])], "lr": 0.5}, {"params": [Tensor([1.0])]}])
    assert optimizer.betas == (0.9, 0.999)
    with pytest.raises(AttributeError, match=r"differ in lr: read optimizer.param_groups\[0\]\['lr'\]"):
        optimizer.lr
    optimizer.lr = 0.25
    assert [group["lr"] for group in optimizer.param_groups] == [0.25, 0.25]
    with pytest.raises(ValueError, match="lr must be a number of at least 0, and is -1"):
        optimizer.lr = -1
    with pytest.raises(ValueError, match="Adam: betas must be two numbers"):
        optimizer.param_groups[0].update({"betas": (0.9, 2.0)})
    assert (optimizer.lr, optimizer.betas) == (0.25, (0.9, 0.999))


@pytest.mark.parametrize("lr", [np.float64(0.5), np.float32(0.5), np.array(0.5), Tensor(0.5), Value(0.5), 0.5])
def test_a_learning_rate_of_any_kind(lr):
    w = Tensor(np.ones(1, np.float32))
    optimizer = nn.optim.SGD([w], lr=lr)
    optimizer.param_groups[0]["lr"] = lr
    with_gradients([w])
    optimizer.step()
    assert (w.item(), w.dtype, optimizer.lr) == (0.5, np.float32, 0.5)


def test_names_of_parameters_are_kept():
    model = nn.Linear(2, 1)
    optimizer = nn.optim.SGD(model.named_parameters())
    assert optimizer.param_groups[0]["param_names"] == ["weight", "bias"]
    assert optimizer.parameters == model.parameters()


# State


def test_a_state_from_before_the_first_step_starts_anew():
    used, fresh = parameters()[:1], parameters()[:1]
    optimizer, other = nn.optim.Adam(used), nn.optim.Adam(fresh)
    state = optimizer.state_dict()
    used[0].grad = fresh[0].grad = np.ones((3, 4))
    optimizer.step()
    used[0].data[...] = fresh[0].data
    optimizer.load_state_dict(state)
    used[0].grad = fresh[0].grad = -np.ones((3, 4))
    optimizer.step()
    other.step()
    np.testing.assert_array_equal(used[0].data, fresh[0].data)


def test_looking_at_the_state_changes_nothing():
    ps = with_gradients(parameters())
    optimizer = nn.optim.Adam(ps, betas=(0.9, 0.99))
    assert optimizer.state == {}
    for _ in range(3):
        optimizer.step()
    memory = optimizer.state[ps[0]]
    assert memory["step"] == 3
    np.testing.assert_allclose(memory["exp_avg"], 1 - 0.9**3)
    np.testing.assert_allclose(memory["exp_avg_sq"], 1 - 0.99**3)
    memory["exp_avg"][...] = 7
    np.testing.assert_allclose(optimizer.state[ps[0]]["exp_avg"], 1 - 0.9**3)


def test_states_of_groups():
    def made():
        a, b, v = Tensor([1.0, 2.0]), Tensor(np.ones(2, np.float32)), Value(3.0)
        groups = [{"params": [a, v], "lr": 0.5}, {"params": [b], "betas": (0.5, 0.5), "initial_lr": 1.0}]
        return [a, b], v, nn.optim.Adam(groups)

    ps, v, optimizer = made()
    with_gradients(ps)
    v.grad = 1.0
    optimizer.step()
    state = optimizer.state_dict()
    assert state["lr"].tolist() == [0.5, 0.001]
    assert state["betas"].tolist() == [[0.9, 0.999], [0.5, 0.5]]
    assert state["2.exp_avg"].dtype == np.float32
    others, w, other = made()
    other.lr = 7.0
    other.load_state_dict(state)
    assert repr(other) == repr(optimizer)
    for p, q in zip([*ps, v], [*others, w], strict=True):
        q.data = copy.copy(p.data)
    for each, of in ((optimizer, [*ps, v]), (other, [*others, w])):
        for p in of:
            p.grad = -1.0 if isinstance(p, Value) else -np.ones_like(p.data)
        each.step()
    assert [p.data.tolist() for p in ps] == [q.data.tolist() for q in others]
    assert v.data == w.data
    with pytest.raises(nn.StateError, match=r"lr has shape \(2,\) and dtype float64; for group it must have \(\)"):
        nn.optim.Adam(ps).load_state_dict(state)


def test_a_state_may_come_while_a_parameter_rests():
    ps = with_gradients(parameters())
    optimizer = nn.optim.Adam(ps)
    optimizer.step()
    state = optimizer.state_dict()
    for resting in (0, 2):
        with_gradients(ps)[resting].grad = None
        optimizer.step()
        optimizer.load_state_dict(state)
        before = ps[resting].data.copy()
        optimizer.step()
        np.testing.assert_array_equal(ps[resting].data, before)
        assert [optimizer.state[p]["step"] for p in ps] == [1 if i == resting else 2 for i in range(4)]


def test_what_a_schedule_has_put_into_the_groups_is_saved():
    optimizer = nn.optim.SGD([Tensor([1.0])], lr=0.5, momentum=0.9)
    nn.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1.0, total_steps=10)
    other = nn.optim.SGD([Tensor([1.0])], lr=0.5)
    other.load_state_dict(optimizer.state_dict())
    assert other.param_groups[0]["initial_lr"] == 1 / 25
    assert other.momentum == 0.95


def test_nothing_may_be_none():
    w = Tensor(np.ones((2, 2)))
    optimizer = nn.optim.Adafactor([w], eps=(None, 1e-3))
    other = nn.optim.Adafactor([w], eps=(0.5, 0.5))
    other.load_state_dict(optimizer.state_dict())
    assert other.eps == (None, 1e-3)


def test_a_state_that_does_not_fit_is_refused():
    ps = with_gradients(parameters())
    optimizer = nn.optim.Adam(ps)
    optimizer.step()
    state = optimizer.state_dict()
    before = repr(state)
    fresh = nn.optim.Adam(ps, lr=0.5)
    for damage, words in [
        ({"0.step": None}, r"0\.step is missing"),
        ({"0.step": np.array(np.nan)}, "step is nan, and must be a whole number"),
        ({"3.step": np.array(-1)}, "step is -1"),
        ({"1.exp_avg_sq": None}, r"1\.exp_avg_sq is missing"),
        ({"0.exp_avg": np.zeros(2), "lr": np.array(5.0)}, r"0\.exp_avg has shape \(2,\).*must have \(3, 4\)"),
        ({"0.exp_avg": np.full((3, 4), "x")}, r"0\.exp_avg has shape"),
        ({"7.exp_avg": np.zeros(2)}, r"no place for 7\.exp_avg"),
        ({"0.exp_max": np.zeros(2)}, r"0\.exp_max has no place"),
        ({"speed": np.zeros(())}, "no place for speed"),
        ({"lr": np.array(-1.0)}, "lr must be a number of at least 0"),
        ({"betas": np.array([0.9, 1.5])}, "betas must be two numbers"),
        ({"eps": None, "lr": None}, "(?s)lr is missing.*eps is missing"),
    ]:
        spoiled = {k: x for k, x in (state | damage).items() if x is not None}
        with pytest.raises(nn.StateError, match=words):
            fresh.load_state_dict(spoiled)
        assert fresh.lr == 0.5
        assert fresh.state == {}
    with pytest.raises(nn.StateError, match="momentum is missing"):
        nn.optim.SGD(ps).load_state_dict(state)
    with pytest.raises(nn.StateError, match="a dict of arrays by name"):
        fresh.load_state_dict([1, 2])
    assert repr(optimizer.state_dict()) == before


# Errors


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: nn.optim.SGD([]), ValueError, "no parameters"),
        (lambda: nn.optim.Adam(p for p in ()), ValueError, "used up"),
        (lambda: nn.optim.SGD([Tensor([1.0])], lr=-0.1), ValueError, "SGD: lr must be a number of at least 0.* -0.1"),
        (lambda: nn.optim.SGD([Tensor([1.0])], lr="fast"), ValueError, "lr must be .* and is 'fast'"),
        (lambda: nn.optim.SGD([{"params": [Tensor([1.0])], "lr": -1}]), ValueError, "lr must be"),
        (lambda: nn.optim.SGD([Tensor([1.0])], momentum=-1), ValueError, "momentum"),
        (lambda: nn.optim.SGD([Tensor([1.0])], nesterov=True), ValueError, "nesterov needs"),
        (lambda: nn.optim.Adam([Tensor([1.0])], betas=(0.9, 1.0)), ValueError, "betas"),
        (lambda: nn.optim.Adam([Tensor([1.0])], betas=0.9), ValueError, "betas must be two numbers"),
        (lambda: nn.optim.Adam([Tensor([1.0])], eps=float("nan")), ValueError, "eps"),
        (lambda: nn.optim.Rprop([Tensor([1.0])], etas=(1.2, 0.5)), ValueError, "etas"),
        (lambda: nn.optim.Adafactor([Tensor([1.0])], d=0.5), ValueError, "d must be a number of at least 1"),
        (lambda: nn.optim.Adafactor([Tensor([1.0])], eps=(-1, 1e-3)), ValueError, "eps"),
        (lambda: nn.optim.Muon([Tensor([1.0])]), ValueError, r"two axes, and got one of shape \(1,\)"),
        (lambda: nn.optim.Muon([Tensor([[1.0]])], adjust_lr_fn="x"), ValueError, "'original' or 'match_rms_adamw'"),
        (lambda: nn.optim.Muon([Value(1.0)]), ValueError, "two axes"),
        (lambda: nn.optim.Adam([np.ones(3)]), autograd.OperandError, "Tensors and Values"),
        (lambda: nn.optim.Adam([Tensor([1.0]) * 2]), autograd.OperandError, "that you made"),
        (lambda: nn.optim.Adam(Tensor([1.0])), autograd.OperandError, r"\[tensor\]"),
        (lambda: nn.optim.Adam(nn.Linear(1, 1)), autograd.OperandError, r"Give model.parameters\(\)"),
        (lambda: nn.optim.Adam(nn.Linear(1, 1).parameters), autograd.OperandError, "with its parentheses"),
        (lambda: nn.optim.Adam(3), autograd.OperandError, "a list of them"),
        (lambda: nn.optim.Adam({"params": [Tensor([1.0])]}), autograd.OperandError, "a list of dicts"),
        (lambda: nn.optim.Adam([{"params": {Tensor([1.0])}}]), autograd.OperandError, "a set has no order"),
        (lambda: nn.optim.Adam([{"lr": 1.0}]), autograd.OperandError, 'a dict with "params"'),
        (
            lambda: nn.optim.Adam([{"params": [Tensor([1.0])], "weight_deacy": 1}]),
            ValueError,
            "'weight_decay' is meant",
        ),
    ],
)
def test_bad_arguments(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_an_optimizer_that_does_not_say_how():
    optimizer = nn.optim.Optimizer(with_gradients([Tensor([1.0])]), {"lr": 1.0})
    with pytest.raises(NotImplementedError, match=r"define update\(\)"):
        optimizer.step()


def test_a_parameter_in_two_groups():
    w = Tensor([1.0])
    with pytest.raises(ValueError, match="in more than one group"):
        nn.optim.SGD([{"params": [w]}, {"params": [w]}])


def test_a_gradient_of_another_shape_moves_nothing():
    a, b = Tensor([1.0]), Tensor([1.0, 2.0])
    a.grad, b.grad = np.ones(1), np.ones(1)
    optimizer = nn.optim.SGD([{"params": [a]}, {"params": [b]}], lr=1.0)
    with pytest.raises(autograd.ShapeError, match=r"shape \(2,\) has a gradient of shape \(1,\)"):
        optimizer.step()
    assert a.data.tolist() == [1.0]
    b.grad = np.ones(2)
    optimizer.step()
    assert (a.item(), b.data.tolist()) == (0.0, [0.0, 1.0])


def test_an_optimizer_does_not_undo_a_change_of_precision():
    model = nn.Linear(3, 2)
    optimizer = nn.optim.SGD(model.parameters(), lr=0.1)
    model.double()
    model(np.ones((1, 3))).sum().backward()
    with pytest.raises(autograd.OperandError, match=r"make a new optimizer after model\.to"):
        optimizer.step()
    assert model.weight.dtype == np.float64
