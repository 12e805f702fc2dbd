"""SciPy's optimizers with our derivatives: every method, every kind of argument, modules, constraints, errors."""

from __future__ import annotations

import numpy as np
import pytest

scipy_optimize = pytest.importorskip("scipy.optimize", reason="SciPy is needed to be fed")

import autograd  # noqa: E402
import nn  # noqa: E402
from autograd import GradientError, OperandError, ShapeError, Tensor, Value, optimize  # noqa: E402

GRADIENT = ["CG", "BFGS", "L-BFGS-B", "TNC", "SLSQP"]
SECOND = ["Newton-CG", "dogleg", "trust-ncg", "trust-krylov", "trust-exact", "trust-constr"]


def rosenbrock(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


@pytest.mark.filterwarnings("ignore:invalid value encountered in multiply")  # inside SciPy's trust-krylov
@pytest.mark.parametrize("method", [None, *GRADIENT, *SECOND, "Nelder-Mead", "Powell"])
def test_rosenbrock_reaches_its_minimum(method):
    start = np.array([-1.2, 1.0]) if method != "dogleg" else np.array([0.8, 0.6])  # where its Hessian is definite
    options = {"maxiter": 5000, "maxfev": 20000} if method in ("Nelder-Mead", "Powell") else {"maxiter": 2000}
    options = {"maxfun": 5000} if method == "TNC" else options
    found = optimize.minimize(rosenbrock, start, method=method, tol=1e-10, options=options)
    np.testing.assert_allclose(found.x, [1.0, 1.0], atol=1e-3 if method == "TNC" else 1e-4)  # which stops early
    assert found.fun < 1e-7


def test_scipys_own_minimize_with_our_gradient():
    found = scipy_optimize.minimize(
        autograd.value_and_grad(rosenbrock), np.zeros(4), jac=True, method="L-BFGS-B", tol=1e-12
    )
    np.testing.assert_allclose(found.x, np.ones(4), atol=1e-5)
    f, start = optimize.value_and_grad(lambda p, s: (p["a"] ** 2).sum() * s, {"a": np.ones((2, 2), np.float32)}, 3.0)
    value, gradient = f(start)
    assert (value, gradient.dtype, gradient.tolist()) == (12.0, float, [6.0] * 4)
    assert type(value) is float


def test_derivatives_save_evaluations():
    counts = {}
    for method in ("BFGS", "Nelder-Mead"):
        found = optimize.minimize(
            rosenbrock,
            np.zeros(6),
            method=method,
            options={"maxiter": 4000, "maxfev": 9000} if method != "BFGS" else {},
        )
        counts[method] = found.nfev
    assert counts["BFGS"] < counts["Nelder-Mead"] / 5


def test_the_hessian_is_right():
    seen = []
    optimize.minimize(lambda x: seen.append(1) or rosenbrock(x), np.array([0.8, 0.6]), method="trust-exact")
    flat = optimize._OfForm(rosenbrock, np.array([0.3, 0.2, -0.4]), ())
    x = flat.start
    np.testing.assert_allclose(flat.hessian(x), autograd.hessian(rosenbrock)(x))
    v = np.array([1.0, -2.0, 0.5])
    np.testing.assert_allclose(flat.product(x, v), autograd.hessian(rosenbrock)(x) @ v)


def test_containers_keep_their_form():
    target = np.arange(6.0).reshape(2, 3)

    def f(p, scale):
        assert p["w"].dtype == np.float32
        return ((p["w"] - target) ** 2).sum() * scale + (p["rest"][0] - 2) ** 2 + (p["rest"][1] * p["rest"][1] - 4) ** 2

    x0 = {"w": np.zeros((2, 3), np.float32), "rest": [5, Value(1.0)]}
    found = optimize.minimize(f, x0, args=(0.5,), tol=1e-9)
    assert list(found.x) == ["w", "rest"]
    assert found.x["w"].dtype == np.float32
    np.testing.assert_allclose(found.x["w"], target, atol=1e-3)
    assert type(found.x["rest"][0]) is float
    assert type(found.x["rest"][1]) is Value
    np.testing.assert_allclose([found.x["rest"][0], found.x["rest"][1].data], [2.0, 2.0], atol=1e-3)
    assert found.jac["w"].shape == (2, 3)
    assert found.hess_inv.shape == (8, 8)
    tensors = optimize.minimize(lambda t: ((t - target) ** 2).sum(), Tensor(np.zeros((2, 3))))
    assert type(tensors.x) is Tensor
    np.testing.assert_allclose(tensors.x.data, target, atol=1e-4)
    number = optimize.minimize(lambda x: (x - 3) ** 2, 0.0)
    assert type(number.x) is float
    assert abs(number.x - 3) < 1e-5


@pytest.mark.parametrize("method", ["BFGS", "L-BFGS-B", "Newton-CG", "trust-exact"])
def test_modules(method):
    nn.manual_seed(0)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(30, 2))
    y = x @ np.array([[2.0], [-1.0]]) + 0.5
    model = nn.Linear(2, 1).double()
    model.weight.grad = "mine"
    found = optimize.minimize(lambda m: ((m(x) - y) ** 2).mean(), model, method=method, tol=1e-10)
    assert found.x is model
    np.testing.assert_allclose(model.weight.data, [[2.0, -1.0]], atol=1e-5)
    np.testing.assert_allclose(model.bias.data, [0.5], atol=1e-5)
    assert model.weight.grad == "mine"
    assert found.jac[0].shape == (1, 2)


def test_a_network_and_one_of_values():
    nn.manual_seed(1)
    x = np.linspace(-2, 2, 40)[:, None]
    y = np.sin(2 * x)
    model = nn.Sequential(nn.Linear(1, 8), nn.Tanh(), nn.Linear(8, 1)).double()
    loss = lambda m: ((m(x) - y) ** 2).mean()  # noqa: E731
    before = float(loss(model))
    found = optimize.minimize(loss, model, method="L-BFGS-B", options={"maxiter": 200})
    assert found.fun < 0.02 * before
    values = nn.Neuron(2, nonlin=False)
    fitted = optimize.minimize(
        lambda n: (n([1.0, 2.0]) - 0.5) ** 2 + (n([0.0, 1.0]) + 0.25) ** 2, values, method="BFGS"
    )
    assert fitted.fun < 1e-6
    frozen = nn.Linear(2, 1).double()
    frozen.weight.requires_grad = False
    kept = frozen.weight.data.copy()
    optimize.minimize(lambda m: (m(np.ones(2)) - 3).sum() ** 2, frozen)
    np.testing.assert_array_equal(frozen.weight.data, kept)


def test_bounds_constraints_and_callback():
    found = optimize.minimize(rosenbrock, np.zeros(2), bounds=[(None, 0.5), (None, None)])
    np.testing.assert_allclose(found.x, [0.5, 0.25], atol=1e-4)
    steps = []
    on_circle = {"type": "eq", "fun": lambda p: p["x"] ** 2 + p["y"] ** 2 - 1}
    above = {"type": "ineq", "fun": lambda p, low: p["y"] - low, "args": (0.9,)}
    found = optimize.minimize(
        lambda p: p["x"] + p["y"],
        {"x": 0.1, "y": 1.0},
        constraints=[on_circle, above],
        method="SLSQP",
        callback=steps.append,
    )
    np.testing.assert_allclose([found.x["x"], found.x["y"]], [-np.sqrt(1 - 0.81), 0.9], atol=1e-6)
    assert set(steps[0]) == {"x", "y"}
    line = scipy_optimize.LinearConstraint([[1.0, 1.0]], 1.0, 1.0)
    found = optimize.minimize(lambda x: (x * x).sum(), np.zeros(2), method="trust-constr", constraints=line)
    np.testing.assert_allclose(found.x, [0.5, 0.5], atol=1e-6)


def test_least_squares_and_root():
    t = np.linspace(0, 3, 20)
    y = 2.0 * np.exp(-1.5 * t) + 0.3

    def residuals(p, t):
        return p["a"] * autograd.exp(-p["k"] * t) + p["c"] - y

    found = optimize.least_squares(residuals, {"a": 1.0, "k": 1.0, "c": 0.0}, args=(t,))
    np.testing.assert_allclose([found.x[k] for k in "akc"], [2.0, 1.5, 0.3], rtol=1e-6)
    assert found.nfev < 30
    for method in ("hybr", "lm", "broyden1"):
        found = optimize.root(
            lambda x: autograd.stack([x[0] ** 2 + x[1] - 3, x[0] - x[1] + 1]), np.array([1.2, 1.8]), method=method
        )
        np.testing.assert_allclose(found.x, [1.0, 2.0], atol=1e-4)
    with pytest.raises(ShapeError, match=r"fun returns 3 numbers for 2 unknowns(.|\n)*least_squares"):
        optimize.root(lambda x: autograd.concatenate([x, x[:1]]), np.ones(2))


def test_errors():
    with pytest.raises(GradientError, match="must be a single number"):
        optimize.minimize(lambda x: x * 2, np.ones(3))
    with pytest.raises(GradientError, match="what is minimized must be a single number"):
        optimize.minimize(lambda x: x * 2, np.ones(3), method="Powell")
    with pytest.raises(GradientError, match="must be a single number"):
        optimize.minimize(lambda m: m(np.ones((3, 2))), nn.Linear(2, 2))
    with pytest.raises(OperandError, match="cannot optimize str 'a'"):
        optimize.minimize(lambda p: p["x"], {"x": "a"})
    with pytest.raises(ValueError, match="Unknown solver"):
        optimize.minimize(rosenbrock, np.zeros(2), method="no such")
