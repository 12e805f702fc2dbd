"""Optimizers against their formulas written out, one parameter at a time."""

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, Value

SHAPES = [(3, 4), (4,), (), (2, 1, 2)]


def sgd(p, g, s, lr, momentum=0.0, dampening=0.0, weight_decay=0.0, nesterov=False):
    g = g + weight_decay * p
    if momentum:
        s["b"] = momentum * s["b"] + (1 - dampening) * g if "b" in s else g
        g = g + momentum * s["b"] if nesterov else s["b"]
    return p - lr * g


def adam(p, g, s, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
    g = g + weight_decay * p
    s["t"] = s.get("t", 0) + 1
    s["m"] = betas[0] * s.get("m", 0) + (1 - betas[0]) * g
    s["v"] = betas[1] * s.get("v", 0) + (1 - betas[1]) * g * g
    m, v = s["m"] / (1 - betas[0] ** s["t"]), s["v"] / (1 - betas[1] ** s["t"])
    return p - lr * m / (np.sqrt(v) + eps)


CASES = [
    (nn.optim.SGD, sgd, {"lr": 0.1}),
    (nn.optim.SGD, sgd, {"lr": 0.1, "weight_decay": 0.01}),
    (nn.optim.SGD, sgd, {"lr": 0.1, "momentum": 0.9}),
    (nn.optim.SGD, sgd, {"lr": 0.1, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.01}),
    (nn.optim.SGD, sgd, {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
    (nn.optim.Adam, adam, {}),
    (nn.optim.Adam, adam, {"lr": 0.1, "betas": (0.7, 0.9), "eps": 1e-3, "weight_decay": 0.1}),
    (nn.optim.Adam, adam, {"lr": 0.1, "betas": (0.0, 0.9)}),
]
IDS = [f"{kind.__name__}-{'-'.join(settings)}" for kind, _, settings in CASES]


def gradients(step):
    rng = np.random.default_rng(step)
    return [rng.normal(size=shape) for shape in SHAPES]


def parameters():
    return [Tensor(np.random.default_rng(9).normal(size=shape)) for shape in SHAPES]


@pytest.mark.parametrize(("kind", "formula", "settings"), CASES, ids=IDS)
def test_two_hundred_steps_follow_the_formula(kind, formula, settings):
    """With gradients missing here and there, whose parameters and momenta stay as they are."""
    ps = parameters()
    expected, states = [p.data.copy() for p in ps], [{} for _ in ps]
    optimizer = kind(ps, **settings)
    for step in range(200):
        optimizer.zero_grad()
        for i, g in enumerate(gradients(step)):
            if (step + i) % 5 or step < 3:
                ps[i].grad = g
                expected[i] = formula(expected[i], g, states[i], **settings)
        optimizer.step()
    for p, x in zip(ps, expected, strict=True):
        np.testing.assert_allclose(p.data, x, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("kind", "formula", "settings"), CASES, ids=IDS)
def test_values_move_like_tensors(kind, formula, settings):
    values = [Value(x) for x in (1.0, -2.0, 0.5)]
    tensor = Tensor([1.0, -2.0, 0.5])
    both = kind([*values, tensor], **settings)
    for step in range(20):
        tensor.grad = np.random.default_rng(step).normal(size=3)
        for v, g in zip(values, tensor.grad.tolist(), strict=True):
            v.grad = g
        both.step()
    assert [v.data for v in values] == pytest.approx(tensor.data.tolist(), rel=1e-12)
    assert all(type(v.data) is float for v in values)
    both.zero_grad()
    assert tensor.grad is None
    assert [v.grad for v in values] == [0.0] * 3


def test_frozen_parameters_stay():
    v, w = Value(1.0, requires_grad=False), Tensor([1.0], requires_grad=False)
    u = Tensor([1.0])
    optimizer = nn.optim.SGD([v, w, u], lr=1.0, weight_decay=0.5)
    u.grad = np.ones(1)
    optimizer.step()
    assert (v.data, w.data.tolist(), u.data.tolist()) == (1.0, [1.0], [-0.5])


def test_parameters_of_two_precisions():
    a, b = Tensor(np.ones(2, np.float32)), Tensor(np.ones(2))
    optimizer = nn.optim.Adam([a, b], lr=0.1)
    (a * a).sum().backward()
    (b * b).sum().backward()
    optimizer.step()
    assert (a.dtype, b.dtype) == (np.float32, np.float64)
    np.testing.assert_allclose(a.data, b.data, rtol=1e-6)


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


def test_gradients_that_can_be_differentiated_are_taken_too():
    w = Tensor([3.0])
    (w * w).sum().backward(create_graph=True)
    nn.optim.SGD([w], lr=0.5).step()
    assert w.data.tolist() == [0.0]


def test_the_gradient_is_not_changed():
    p = Tensor([1.0, 2.0])
    p.grad = np.array([3.0, 4.0])
    nn.optim.Adam([p]).step()
    assert p.grad.tolist() == [3.0, 4.0]


@pytest.mark.parametrize(("kind", "formula", "settings"), CASES, ids=IDS)
def test_training_goes_on_where_it_stopped(kind, formula, settings):
    def run(optimizer, ps, steps):
        for step in steps:
            for p, g in zip(ps, gradients(step), strict=True):
                p.grad = g if step != 2 or p.ndim else None
            optimizer.step()

    whole = parameters()
    optimizer = kind(whole, **settings)
    run(optimizer, whole, range(5))
    ps = [Tensor(p.data) for p in whole]
    continued = kind(ps, **(settings | {"lr": 99.0}))
    continued.load_state_dict(optimizer.state_dict())
    assert repr(continued) == repr(optimizer)
    run(optimizer, whole, range(5, 10))
    run(continued, ps, range(5, 10))
    for p, x in zip(ps, whole, strict=True):
        np.testing.assert_array_equal(p.data, x.data)


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


def test_a_state_that_does_not_fit_is_refused():
    ps = parameters()
    optimizer = nn.optim.Adam(ps)
    for p in ps:
        p.grad = np.ones_like(p.data)
    optimizer.step()
    state = optimizer.state_dict()
    assert state["0.exp_avg"].shape == (3, 4)
    with pytest.raises(nn.StateError, match=r"0\.step is missing"):
        optimizer.load_state_dict({k: v for k, v in state.items() if k != "0.step"})
    with pytest.raises(nn.StateError, match=r"0\.exp_avg has shape \(2,\)"):
        optimizer.load_state_dict(state | {"0.exp_avg": np.zeros(2), "lr": np.array(5.0)})
    assert optimizer.lr == 1e-3
    with pytest.raises(nn.StateError, match=r"no place for 7\.exp_avg"):
        optimizer.load_state_dict(state | {"7.exp_avg": np.zeros(2)})
    with pytest.raises(nn.StateError, match="momentum is missing"):
        nn.optim.SGD(ps).load_state_dict(state)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: nn.optim.SGD([]), ValueError, "no parameters"),
        (lambda: nn.optim.Adam(p for p in ()), ValueError, "used up"),
        (
            lambda: nn.optim.SGD([Tensor([1.0])], lr=-0.1),
            ValueError,
            "SGD: lr must be a number of at least 0, and is -0.1",
        ),
        (lambda: nn.optim.SGD([Tensor([1.0])], momentum=-1), ValueError, "momentum"),
        (lambda: nn.optim.SGD([Tensor([1.0])], nesterov=True), ValueError, "nesterov needs"),
        (lambda: nn.optim.Adam([Tensor([1.0])], betas=(0.9, 1.0)), ValueError, "betas"),
        (lambda: nn.optim.Adam([Tensor([1.0])], eps=float("nan")), ValueError, "eps"),
        (lambda: nn.optim.Adam([np.ones(3)]), autograd.OperandError, "Tensors and Values"),
        (lambda: nn.optim.Adam([Tensor([1.0]) * 2]), autograd.OperandError, "that you made"),
        (lambda: nn.optim.Adam(Tensor([1.0])), autograd.OperandError, r"\[tensor\]"),
    ],
)
def test_bad_arguments(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_momenta_have_the_shape_of_their_parameters_whatever_their_order_of_memory():
    for order in "CF":
        w = Tensor(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], order=order))
        optimizer = nn.optim.SGD([w], lr=0.0, momentum=0.9)
        w.grad = np.arange(6.0).reshape(2, 3)
        optimizer.step()
        np.testing.assert_array_equal(optimizer.state_dict()["0.momentum_buffer"], np.arange(6.0).reshape(2, 3))
        other = nn.optim.SGD([w], lr=0.0, momentum=0.9)
        other.load_state_dict(optimizer.state_dict())
        np.testing.assert_array_equal(other.state_dict()["0.momentum_buffer"], np.arange(6.0).reshape(2, 3))
        assert np.isfortran(w.data) == (order == "F")
