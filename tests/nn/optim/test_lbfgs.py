"""L-BFGS and its line search: known minima, few evaluations, its state, its errors."""

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, Value
from nn.optim.line_search import Point, cubic_minimum, strong_wolfe


def rosenbrock(x, y):
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def closure_of(optimizer, loss_of, count=None):
    def closure():
        optimizer.zero_grad()
        loss = loss_of()
        loss.backward()
        if count is not None:
            count.append(1)
        return loss

    return closure


@pytest.mark.parametrize("kind", ["tensors", "values", "both"])
def test_rosenbrocks_valley(kind):
    x, y = (Tensor(-1.5) if kind != "values" else Value(-1.5)), (Tensor(2.0) if kind == "tensors" else Value(2.0))
    optimizer = nn.optim.LBFGS([x, y], line_search_fn="strong_wolfe", max_iter=100, tolerance_change=1e-14)
    count = []
    closure = closure_of(optimizer, lambda: rosenbrock(x, y), count)
    assert float(optimizer.step(closure)) == pytest.approx(rosenbrock(-1.5, 2.0))
    assert (float(x), float(y)) == (pytest.approx(1.0), pytest.approx(1.0))
    assert len(count) < 100
    assert isinstance(x.data, float | np.ndarray)


def test_a_quadratic_takes_a_few_dozen_iterations():
    rng = np.random.default_rng(0)
    a = rng.normal(size=(8, 8))
    a = a @ a.T + np.eye(8)
    b = rng.normal(size=8)
    w = Tensor(np.zeros(8))
    tolerances = {"tolerance_grad": 1e-6, "tolerance_change": 1e-16}
    optimizer = nn.optim.LBFGS([w], line_search_fn="strong_wolfe", max_iter=100, **tolerances)
    optimizer.step(closure_of(optimizer, lambda: (w @ a @ w) / 2 - (b * w).sum()))
    np.testing.assert_allclose(w.data, np.linalg.solve(a, b), atol=1e-6)
    assert optimizer.state[w]["n_iter"] <= 40


def test_parameters_of_several_shapes_and_precisions():
    ps = [Tensor(np.ones((2, 3), np.float32)), Tensor(np.ones(4)), Value(2.0), Tensor(np.zeros((0, 2)))]
    optimizer = nn.optim.LBFGS(ps, max_iter=30)
    optimizer.step(closure_of(optimizer, lambda: sum((((p - 3) ** 2).sum() for p in (ps[0], ps[1])), (ps[2] - 3) ** 2)))
    assert [ps[0].dtype, ps[1].dtype, type(ps[2].data)] == [np.float32, np.float64, float]
    for p in ps[:3]:
        np.testing.assert_allclose(p.data, 3, rtol=1e-5)


@pytest.mark.parametrize("search", [None, "strong_wolfe"])
def test_training_goes_on_where_it_stopped(search):
    def made(**settings):
        ps = [Tensor(-1.5), Tensor(2.0)]
        settings = {"line_search_fn": search, "max_iter": 3, "lr": 0.5, "history_size": 2} | settings
        return ps, nn.optim.LBFGS(ps, **settings)

    ps, first = made()
    qs, second = made(lr=0.1, max_iter=9)
    for _ in range(4):
        first.step(closure_of(first, lambda: rosenbrock(*ps)))
    state = first.state_dict()
    assert state["0.old_dirs"].shape == (2, 2)
    second.load_state_dict(state)
    assert repr(second) == repr(first)
    for p, q in zip(ps, qs, strict=True):
        q.data = p.data.copy()
    for _ in range(4):
        first.step(closure_of(first, lambda: rosenbrock(*ps)))
        second.step(closure_of(second, lambda: rosenbrock(*qs)))
    assert [p.item() for p in ps] == [q.item() for q in qs]
    for damage, words in [
        ({"0.d": None}, r"0\.d is missing"),
        ({"0.d": np.zeros(3)}, r"0\.d has shape \(3,\)"),
        ({"0.old_dirs": np.zeros((1, 2))}, r"0\.old_stps has shape \(2, 2\)"),
        ({"0.H_diag": np.zeros(2)}, r"0\.H_diag has shape \(2,\)"),
        ({"1.d": np.zeros(2)}, r"no place for 1\.d"),
        ({"lr": None}, "lr is missing"),
    ]:
        with pytest.raises(nn.StateError, match=words):
            second.load_state_dict({k: x for k, x in (state | damage).items() if x is not None})
    fresh = made()[1]
    fresh.load_state_dict(made(lr=7.0)[1].state_dict())
    assert (fresh.lr, fresh.state) == (7.0, {})


def test_at_the_minimum_nothing_happens():
    w = Tensor([0.0])
    optimizer = nn.optim.LBFGS([w])
    assert optimizer.step(closure_of(optimizer, lambda: (w * w).sum())).item() == 0.0
    assert w.item() == 0.0


def test_errors():
    w, v = Tensor([1.0]), Tensor([1.0])
    with pytest.raises(autograd.OperandError, match="needs a closure"):
        nn.optim.LBFGS([w]).step()
    with pytest.raises(ValueError, match="takes one group"):
        nn.optim.LBFGS([{"params": [w]}, {"params": [v]}])
    with pytest.raises(ValueError, match="'strong_wolfe' or None"):
        nn.optim.LBFGS([w], line_search_fn="wolfe")
    with pytest.raises(ValueError, match="max_iter"):
        nn.optim.LBFGS([w], max_iter=0)


def on(f, slope):
    return lambda t: Point(t, f(t), np.array([slope(t)]), slope(t))


@pytest.mark.parametrize("first", [1e-3, 0.1, 1.0, 30.0])
@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (lambda t: (t - 1) ** 2, lambda t: 2 * (t - 1)),
        (lambda t: np.exp(t) - 3 * t, lambda t: np.exp(t) - 3),
        (lambda t: -t / (t * t + 2), lambda t: (t * t - 2) / (t * t + 2) ** 2),  # Moré and Thuente's first
        (lambda t: (t + 0.004) ** 5 - 2 * (t + 0.004) ** 4, lambda t: 5 * (t + 0.004) ** 4 - 8 * (t + 0.004) ** 3),
    ],
)
def test_the_strong_wolfe_conditions_hold(f, slope, first):
    at = on(f, slope)
    start = at(0.0)
    found = strong_wolfe(at, start, first, 1.0, trials=25, tolerance=1e-9)
    assert found.value <= start.value + 1e-4 * found.t * start.slope
    assert abs(found.slope) <= 0.9 * abs(start.slope)


def test_a_cubics_minimum():
    at = on(lambda t: t**3 - 3 * t, lambda t: 3 * t * t - 3)
    assert cubic_minimum(at(0.2), at(3.0), 0.0, 5.0) == pytest.approx(1.0)
    assert cubic_minimum(at(3.0), at(0.2), 0.0, 5.0) == pytest.approx(1.0)
    assert cubic_minimum(at(0.2), at(3.0), 2.0, 5.0) == 2.0
    falling = on(lambda t: -t - t**3, lambda t: -1 - 3 * t * t)
    assert cubic_minimum(falling(0.0), falling(1.0), 1.0, 3.0) == 2.0
