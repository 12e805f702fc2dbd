"""grad, value_and_grad, vjp, jvp, hvp, jacobian, hessian: on every kind of argument, nested, and against others."""

from __future__ import annotations

import math
from collections import namedtuple

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import (
    GradientError,
    OperandError,
    Tensor,
    Value,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
    value_and_grad,
    vjp,
)

X = np.array([0.5, -1.2, 2.0])


def cube(x):
    return autograd.sum(x**3) if np.ndim(getattr(x, "data", x)) else x**3


# Kinds


def test_what_comes_back_is_of_the_kind_that_went_in():
    for x, kind in [(2.0, float), (np.float64(2.0), float), (Value(2.0), Value), (Tensor(2.0), Tensor)]:
        value, slope = value_and_grad(cube)(x)
        assert isinstance(value, kind)
        assert isinstance(slope, kind)
        assert (float(getattr(value, "data", value)), float(getattr(slope, "data", slope))) == (8.0, 12.0)
    for x, kind in [(X, np.ndarray), (Tensor(X), Tensor)]:
        value, slope = value_and_grad(cube)(x)
        assert type(slope) is kind
        np.testing.assert_allclose(getattr(slope, "data", slope), 3 * X**2)
        assert np.shape(getattr(value, "data", value)) == ()
        y, pull = vjp(lambda x: x * 2, x)
        assert (type(y), type(pull(np.ones(3))[0])) == (kind, kind)
        y, t = jvp(lambda x: x * 2, (x,), (np.ones(3),))
        assert (type(y), type(t)) == (kind, kind)
        for matrix in (jacobian(lambda x: x**2)(x), hessian(cube)(x)):
            assert type(matrix) is kind
    assert type(grad(cube)(np.float32(2.0))) is float or isinstance(grad(cube)(np.float32(2.0)), np.float32)
    assert grad(cube)(X.astype(np.float32)).dtype == np.float32
    assert jacobian(lambda x: x * 2)(X.astype(np.float32)).dtype == np.float32
    assert hessian(cube)(X.astype(np.float32)).dtype == np.float32


def test_what_a_transform_inside_differentiates_by_is_no_leaf_of_the_one_around_it():
    def f(x, w):
        return autograd.sum(autograd.tanh(x * w) ** 2)

    w, v = X + 0.5, np.ones(3)
    inside = [
        lambda x: hvp(f, (x, w), (v, v))[0].sum(),
        lambda x: grad(f, (0, 1))(x, w)[0].sum(),
        lambda x: value_and_grad(f, (0, 1))(x, w)[0],
        lambda x: jvp(f, (x, w), (v, v))[1],
        lambda x: vjp(f, x, w)[1](1.0)[1].sum(),
        lambda x: jacobian(f, (0, 1))(x, w)[1].sum(),
    ]
    for g in inside:
        found = grad(g)(X)
        assert type(found) is np.ndarray
        h = 1e-6
        differences = [(g(X + h * e) - g(X - h * e)) / (2 * h) for e in np.eye(3)]
        np.testing.assert_allclose(found, differences, rtol=1e-6, atol=1e-7)
    assert grad(lambda x: grad(lambda x, y: x, (0, 1))(x, 1.0)[0])(2.0) == 0.0
    y, pull = vjp(lambda x, w: (x, x * w), 2.0, 3.0)
    assert (y, pull((1.0, 1.0)), pull((1.0, 0.0))) == ((2.0, 6.0), (4.0, 2.0), (1.0, 0.0))


def test_the_arguments_are_left_alone():
    t, v, x = Tensor(X), Value(2.0), X.copy()
    grad(cube)(t)
    grad(cube)(v)
    grad(cube)(x)
    assert (t.grad, v.grad) == (None, 0.0)
    np.testing.assert_array_equal(x, X)
    gradient = grad(lambda x: x.sum())(x)
    gradient += 1.0
    np.testing.assert_array_equal(x, X)


def test_argnums():
    def f(a, b, c=1.0):
        return a * b**2 * c

    assert grad(f)(2.0, 3.0) == 9.0
    assert grad(f, 1)(2.0, 3.0) == 12.0
    assert grad(f, (0, 1))(2.0, 3.0) == (9.0, 12.0)
    assert grad(f, [1])(2.0, 3.0) == (12.0,)
    assert grad(f, -1)(2.0, 3.0) == 12.0
    assert grad(f)(2.0, 3.0, c=2.0) == 18.0
    assert grad(f, 2)(2.0, 3.0, 1.0) == 18.0
    assert value_and_grad(f, (1, 0))(2.0, 3.0) == (18.0, (12.0, 9.0))
    assert grad(f).__name__ == "f"
    with pytest.raises(GradientError, match="no argument 5"):
        grad(f, 5)(1.0, 2.0)


Pair = namedtuple("Pair", "w b")


def test_containers():
    def f(p):
        return autograd.sum(p["w"] ** 2) + p["b"][0] * p["b"][1]

    found = grad(f)({"w": X, "b": (2.0, Value(3.0, requires_grad=False))})
    np.testing.assert_array_equal(found["w"], 2 * X)
    assert found["b"][0] == 3.0
    assert found["b"][1] == 2.0
    assert list(found) == ["w", "b"]
    pair = grad(lambda p: p.w * p.b)(Pair(2.0, 3.0))
    assert pair == Pair(3.0, 2.0)
    assert type(pair) is Pair
    assert grad(lambda x: x[0] * x[1][0])([2.0, [3.0]]) == [3.0, [2.0]]
    y, pull = vjp(lambda x: {"double": x * 2, "square": (x * x,)}, 3.0)
    assert y == {"double": 6.0, "square": (9.0,)}
    assert pull({"double": 1.0, "square": (1.0,)}) == (8.0,)
    y, t = jvp(lambda p: [p["a"] * 2, p["a"] * p["b"]], ({"a": 2.0, "b": 3.0},), ({"a": 1.0, "b": 0.5},))
    assert (y, t) == ([4.0, 6.0], [2.0, 4.0])
    j = jacobian(lambda p: p["a"] * p["b"])({"a": X, "b": 2.0})
    np.testing.assert_array_equal(j["a"], 2 * np.eye(3))
    np.testing.assert_array_equal(j["b"], X)


def test_outputs_that_do_not_depend_on_the_input():
    assert grad(lambda x: 3.0)(2.0) == 0.0
    assert grad(lambda x, y: y * 2)(2.0, 3.0) == 0.0
    np.testing.assert_array_equal(grad(lambda x: 1.0)(X), np.zeros(3))
    np.testing.assert_array_equal(grad(lambda x: autograd.sum(np.ones(2)))(X), np.zeros(3))
    assert jvp(lambda x: 3.0, (2.0,), (1.0,)) == (3.0, 0.0)
    np.testing.assert_array_equal(jacobian(lambda x: np.ones(2))(X), np.zeros((2, 3)))
    np.testing.assert_array_equal(hessian(lambda x: autograd.sum(x))(X), np.zeros((3, 3)))
    assert grad(grad(lambda x: x * 3.0))(2.0) == 0.0
    assert grad(lambda x: Value(5.0) * 2)(1.0) == 0.0
    assert grad(lambda x: x.detach() * x)(3.0) == 3.0


def test_the_identity():
    assert grad(lambda x: x)(2.0) == 1.0
    np.testing.assert_array_equal(jacobian(lambda x: x)(X), np.eye(3))
    _, pull = vjp(lambda x: (x, x), X)
    np.testing.assert_array_equal(pull((np.ones(3), 2 * np.ones(3)))[0], 3 * np.ones(3))
    assert jvp(lambda x: x, (2.0,), (5.0,)) == (2.0, 5.0)
    t = Tensor(X)
    grad(lambda x: x.sum())(t)
    assert t.grad is None


def test_vjp_may_be_pulled_many_times():
    _, pull = vjp(lambda x: x**2, X)
    for g in np.eye(3):
        np.testing.assert_array_equal(pull(g)[0], 2 * X * g)
    first, second = pull(np.ones(3))[0], pull(np.ones(3))[0]
    first += 1.0
    np.testing.assert_array_equal(second, 2 * X)


def test_errors():
    with pytest.raises(GradientError, match="must be a single number"):
        grad(lambda x: x * 2)(X)
    with pytest.raises(GradientError, match="list"):
        grad(lambda x: [x, x])(1.0)
    for wrong in ("text", None, True, 1j, np.arange(3), {"a": "b"}):
        with pytest.raises(TypeError, match="cannot differentiate with respect to"):
            grad(lambda x: 1.0)(wrong)
    with pytest.raises(autograd.ShapeError, match="tangent"):
        jvp(cube, (X,), (np.ones(2),))
    with pytest.raises(autograd.ShapeError, match="tangents"):
        jvp(lambda a, b: a, (1.0, 2.0), (1.0,))
    with pytest.raises(autograd.ShapeError, match="parts"):
        vjp(lambda x: (x, x), 1.0)[1](1.0)
    with pytest.raises(autograd.ShapeError, match="shape"):
        vjp(lambda x: x * 1, X)[1](np.ones(2))
    with pytest.raises(ValueError, match="mode"):
        hvp(cube, X, X, mode="sideways")
    with pytest.raises(ValueError, match="mode"):
        jacobian(cube, mode="sideways")


def test_whole_numbers_are_taken_as_floats():
    assert grad(lambda x: x**2)(3) == 6.0
    assert grad(lambda x: x * 0.5)(np.int64(3)) == 0.5


def test_jacobian_in_both_modes():
    W = np.arange(6.0).reshape(2, 3) / 5

    def f(x, w):
        return autograd.tanh(w @ x)

    slope = 1 - np.tanh(W @ X) ** 2
    for mode in (None, "forward", "reverse"):
        np.testing.assert_allclose(jacobian(f, mode=mode)(X, W), slope[:, None] * W, rtol=1e-13)
        both = jacobian(f, (0, 1), mode=mode)(X, W)
        assert [b.shape for b in both] == [(2, 3), (2, 2, 3)]
        np.testing.assert_allclose(both[1], np.einsum("i,ik,j->ikj", slope, np.eye(2), X), rtol=1e-13)
        assert jacobian(lambda x: x**2, mode=mode)(3.0) == 6.0
        np.testing.assert_array_equal(jacobian(lambda x: x.reshape(3, 1) * 2, mode=mode)(X).shape, (3, 1, 3))


def test_hessian_blocks():
    h = hessian(lambda a, b: autograd.sum(a**2 * b), (0, 1))(X, 2.0)
    np.testing.assert_allclose(h[0][0], np.diag(np.full(3, 4.0)))
    np.testing.assert_allclose(h[0][1], 2 * X)
    np.testing.assert_allclose(h[1][0], 2 * X)
    assert float(h[1][1]) == 0.0
    assert hessian(lambda x: x**3)(2.0) == 12.0


# Higher orders against sympy


def test_third_derivatives_equal_sympys():
    def f(x, m):
        a = m.sin(x) * m.exp(x / 2)
        b = m.tanh(a + x**2) / (x + 2)
        return m.log(b**2 + m.sqrt(x**2 + 1)) * m.cos(a)

    s = sympy.Symbol("s")
    expression = f(s, sympy)
    tower = [lambda x: f(x, autograd)]
    for _ in range(3):
        tower.append(grad(tower[-1]))
    for x in (0.3, 1.1, -0.4):
        for order in range(4):
            expected = float(sympy.diff(expression, s, order).subs(s, x).evalf(30))
            assert tower[order](x) == pytest.approx(expected, rel=1e-9)
            assert tower[order](Value(x)).data == pytest.approx(expected, rel=1e-9)
            along = tower[order](np.array(x))
            assert float(along) == pytest.approx(expected, rel=1e-9)

    def forward(x):
        return jvp(lambda x: jvp(lambda x: jvp(tower[0], (x,), (1.0,))[1], (x,), (1.0,))[1], (x,), (1.0,))[1]

    assert forward(0.3) == pytest.approx(tower[3](0.3), rel=1e-12)
    mixed = grad(lambda x: jvp(grad(tower[0]), (x,), (1.0,))[1])
    assert mixed(0.3) == pytest.approx(tower[3](0.3), rel=1e-12)


def test_mixed_partials_equal_sympys():
    a, b = sympy.symbols("a b")
    expression = sympy.exp(a * b) * sympy.sin(a + b**2)

    def f(x, y):
        return autograd.exp(x * y) * autograd.sin(x + y**2)

    here = {a: 0.7, b: -0.3}
    for first, second in [(0, 0), (0, 1), (1, 0), (1, 1)]:
        expected = float(sympy.diff(expression, (a, b)[first], (a, b)[second]).subs(here))
        assert grad(grad(f, first), second)(0.7, -0.3) == pytest.approx(expected, rel=1e-12)


def network(x, w1, b1, w2):
    return autograd.mean((autograd.tanh(x @ w1 + b1) @ w2) ** 2)


def test_hessian_vector_products_of_a_network_agree():
    rng = np.random.default_rng(0)
    x, parameters = rng.normal(size=(5, 4)), [rng.normal(size=s) for s in [(4, 6), (6,), (6, 2)]]
    vector = tuple(rng.normal(size=p.shape) for p in parameters)

    def loss(*p):
        return network(x, *p)

    forward = hvp(loss, tuple(parameters), vector)
    reverse = hvp(loss, tuple(parameters), vector, mode="reverse_over_reverse")
    tensors = hvp(loss, tuple(map(Tensor, parameters)), tuple(map(Tensor, vector)))
    h = 1e-3
    at = [
        grad(loss, (0, 1, 2))(*(p + k * h * v for p, v in zip(parameters, vector, strict=True))) for k in (-2, -1, 1, 2)
    ]
    for i in range(3):
        np.testing.assert_allclose(forward[i], reverse[i], rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(tensors[i].data, forward[i], rtol=1e-12)
        slope = (at[0][i] - 8 * at[1][i] + 8 * at[2][i] - at[3][i]) / (12 * h)
        np.testing.assert_allclose(forward[i], slope, rtol=1e-7, atol=1e-8)


# Nesting


def test_perturbations_are_not_confused():
    assert grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x * y)(2.0))(3.0) == 6.0
    assert jvp(lambda x: x * jvp(lambda y: x + y, (1.0,), (1.0,))[1], (1.0,), (1.0,))[1] == 1.0
    assert jvp(lambda x: x * jvp(lambda y: x * y, (2.0,), (1.0,))[1], (3.0,), (1.0,))[1] == 6.0
    assert grad(lambda x: x * jvp(lambda y: x * y, (2.0,), (1.0,))[1])(3.0) == 6.0
    assert jvp(lambda x: x * grad(lambda y: x * y)(2.0), (3.0,), (1.0,))[1] == 6.0
    assert grad(lambda x: grad(lambda y: grad(lambda z: x * y * z * z)(x))(x))(2.0) == 8.0
    assert jvp(lambda x: grad(lambda y: jvp(lambda z: x * y * z * z, (x,), (1.0,))[1])(x), (2.0,), (1.0,))[1] == 8.0
    assert grad(lambda x: grad(lambda x: x**2)(x) * x)(3.0) == 12.0
    assert grad(lambda x: x * grad(lambda y: y * y)(5.0))(3.0) == 10.0


def test_closures_over_the_variables_of_an_outer_transform():
    def f(x):
        inner = grad(lambda y: autograd.sum(y**2 * x))
        return autograd.sum(inner(x) ** 2)

    exact = np.array([16 * x**3 for x in X])
    np.testing.assert_allclose(grad(f)(X), exact, rtol=1e-13)
    np.testing.assert_allclose(jvp(f, (X,), (np.ones(3),))[1], exact.sum(), rtol=1e-13)
    w = Tensor(X)
    y = grad(lambda x: autograd.sum(x**2 * w))(X)
    assert isinstance(y, Tensor)
    y.backward(np.ones(3))
    np.testing.assert_allclose(w.grad, 2 * X)
    v = Value(3.0)
    slope = grad(lambda x: x**2 * v)(2.0)
    slope.backward()
    assert v.grad == 4.0


def test_transforms_of_results_connect_to_their_graph():
    v = Value(2.0)
    slope = grad(lambda x: x**3)(v * v)
    slope.backward()
    assert v.grad == 6 * 4.0 * 4.0
    t = Tensor(X)
    j = jacobian(lambda x: x**2)(t * 2)
    j.sum().backward()
    np.testing.assert_allclose(t.grad, np.full(3, 4.0))
    _, tangent = jvp(lambda x: x**2, (t,), (t,))
    t.grad = None
    tangent.sum().backward()
    np.testing.assert_allclose(t.grad, 4 * X)


def test_gradients_of_jacobians_and_of_indexing():
    def f(x):
        return autograd.stack([x[0] * x[1], x[1:].sum() * x[0] ** 2, x[np.array([2, 2])].prod()])

    def size(x):
        return autograd.sum(jacobian(f)(x) ** 2)

    h, numeric = 1e-5, np.zeros(3)
    for i, e in enumerate(np.eye(3)):
        numeric[i] = (size(X + h * e) - size(X - h * e)) / (2 * h)
    np.testing.assert_allclose(grad(size)(X), numeric, rtol=1e-7)
    for mode in ("forward", "reverse"):
        found = grad(lambda x, mode=mode: autograd.sum(jacobian(f, mode=mode)(x) ** 2))(X)
        np.testing.assert_allclose(found, numeric, rtol=1e-7)


def test_newton_through_a_derivative():
    """An algorithm that differentiates inside, differentiated outside: sqrt by Newton's method."""

    def root(a):
        x = 1.0
        for _ in range(8):
            g = lambda x: x * x - a  # noqa: E731
            x = x - g(x) / grad(g)(x)
        return x

    assert root(2.0) == pytest.approx(math.sqrt(2), rel=1e-14)
    assert grad(root)(2.0) == pytest.approx(0.5 / math.sqrt(2), rel=1e-12)


def test_no_grad_outside_and_inside():
    with no_grad():
        assert grad(lambda x: x**2)(3.0) == 6.0
        assert grad(grad(lambda x: x**3))(2.0) == 12.0
        slope = grad(lambda x: x**2)(Value(3.0))
        assert not slope.requires_grad
        assert not grad(cube)(Tensor(X)).requires_grad

    def inside(x):
        with no_grad():
            held = x * x
        return held * x

    assert grad(inside)(3.0) == 9.0
    assert grad(no_grad()(lambda x: x * x))(3.0) == 0.0


def test_a_function_that_fails_leaves_nothing_behind():
    with pytest.raises(ZeroDivisionError):
        grad(lambda x: 1 // 0)(1.0)
    assert autograd.is_grad_enabled()
    assert grad(lambda x: x * x)(1.0) == 2.0


# Random expressions


@st.composite
def expressions(draw, size=12):
    """A random function of two numbers, as a list of steps; smooth, and well inside every domain."""
    steps = []
    for n in range(2, draw(st.integers(3, size))):
        kind = draw(
            st.sampled_from(["+", "-", "*", "/", "sin", "tanh", "exp", "log", "sqrt", "**3", "sigmoid", "arctan"])
        )
        steps.append((kind, draw(st.integers(0, n - 1)), draw(st.integers(0, n - 1))))
    return steps


def run(steps, a, b, m=autograd):
    sigmoid = getattr(m, "sigmoid", lambda x: 1 / (1 + np.exp(-x)))
    xs = [a, b]
    for kind, i, j in steps:
        x, y = xs[i], xs[j]
        xs.append(
            {
                "+": lambda x=x, y=y: x + y,
                "-": lambda x=x, y=y: x - y * 0.5,
                "*": lambda x=x, y=y: x * y * 0.5,
                "/": lambda x=x, y=y: x / (y * y + 1.5),
                "sin": lambda x=x: m.sin(x),
                "tanh": lambda x=x: m.tanh(x),
                "exp": lambda x=x: m.exp(m.sin(x)),
                "log": lambda x=x: m.log(x * x + 1.0),
                "sqrt": lambda x=x: m.sqrt(x * x + 2.0),
                "**3": lambda x=x: m.sin(x) ** 3,
                "sigmoid": lambda x=x: sigmoid(m.tanh(x)),
                "arctan": lambda x=x: m.arctan(m.tanh(x)),
            }[kind]()
        )
    return sum(xs[2:], 0.0 * a)


@given(expressions(), st.floats(-1.5, 1.5), st.floats(-1.5, 1.5))
@settings(deadline=None, derandomize=True, max_examples=150)
def test_random_expressions(steps, a, b):
    def f(a, b):
        return run(steps, a, b)

    slopes = grad(f, (0, 1))(a, b)
    scale = 1.0 + max(map(abs, slopes))
    for i, t in enumerate([(1.0, 0.0), (0.0, 1.0)]):
        tangent = jvp(f, (a, b), t)[1]
        assert tangent == pytest.approx(slopes[i], rel=1e-11, abs=1e-11 * scale)
        step = 1e-30j
        exact = run(steps, a + t[0] * step, b + t[1] * step, np).imag / 1e-30
        assert slopes[i] == pytest.approx(exact, rel=1e-9, abs=1e-9 * scale)
    v, w = Value(a), Value(b)
    f(v, w).backward()
    assert (v.grad, w.grad) == pytest.approx(slopes, rel=1e-12, abs=1e-12 * scale)
    s, t = Tensor([a, b]), Tensor([[b], [a]])
    (f(s, t) + 0.0 * s + 0.0 * t).sum().backward()
    crossed = np.array([[grad(f, (0, 1))(x, y) for x in (a, b)] for y in (b, a)])
    np.testing.assert_allclose(s.grad, crossed[..., 0].sum(0), rtol=1e-9, atol=1e-9 * scale)
    np.testing.assert_allclose(t.grad[:, 0], crossed[..., 1].sum(1), rtol=1e-9, atol=1e-9 * scale)


@given(expressions(7), st.floats(-1.0, 1.0), st.floats(-1.0, 1.0))
@settings(deadline=None, derandomize=True, max_examples=40)
def test_random_expressions_to_second_order(steps, a, b):
    def f(a, b):
        return run(steps, a, b)

    forward = hvp(f, (a, b), (0.6, -0.8))
    reverse = hvp(f, (a, b), (0.6, -0.8), mode="reverse_over_reverse")
    gradient, h = grad(f, (0, 1)), 1e-4
    ahead, behind = gradient(a + 0.6 * h, b - 0.8 * h), gradient(a - 0.6 * h, b + 0.8 * h)
    scale = 1.0 + max(map(abs, forward))
    for i in range(2):
        assert forward[i] == pytest.approx(reverse[i], rel=1e-10, abs=1e-10 * scale)
        assert forward[i] == pytest.approx((ahead[i] - behind[i]) / (2 * h), rel=1e-5, abs=1e-5 * scale)


def test_a_value_is_a_cotangent_of_a_tensor():
    def along(a, g):
        return autograd.vjp(lambda x: autograd.sum(autograd.sin(x)), a)[1](g)[0].sum()

    x = np.array([0.5, 1.0])
    slopes = autograd.grad(along, (0, 1))(x, 2.0)
    np.testing.assert_allclose(slopes[0], -2 * np.sin(x), rtol=1e-15)
    assert slopes[1] == pytest.approx(np.cos(x).sum(), rel=1e-15)


def test_argnum_is_another_word_for_argnums():
    def f(a, b):
        return a * b * b

    assert grad(f, argnum=1)(2.0, 3.0) == grad(f, 1)(2.0, 3.0) == 12.0
    assert autograd.value_and_grad(f, argnum=[1, 0])(2.0, 3.0) == (18.0, (12.0, 9.0))
    assert autograd.jacobian(f, argnum=1)(2.0, 3.0) == 12.0
    assert autograd.hessian(f, argnum=1)(2.0, 3.0) == 4.0


def test_truth_values_and_complex_numbers_are_no_numbers_to_differentiate():
    for f in (lambda x: x > 1.0, lambda x: np.bool_(True)):
        with pytest.raises(OperandError, match="a truth value has no derivative"):
            grad(f)(2.0)
    for x in (1j, np.complex64(1), np.ones(2, complex)):
        with pytest.raises(OperandError, match="complex numbers are out of scope"):
            grad(lambda x: x)(x)


def test_a_pullback_is_differentiated_by_its_cotangent():
    _, pull = vjp(lambda x, y: x * autograd.sin(y), 2.0, 0.5)
    assert grad(lambda g: pull(g * g)[1])(3.0) == pytest.approx(6.0 * 2.0 * math.cos(0.5), rel=1e-14)
    weights = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    _, pull = vjp(lambda x: weights @ x, np.ones(2))
    np.testing.assert_allclose(jacobian(lambda g: pull(g)[0])(np.ones(3)), weights.T, rtol=1e-15)
    np.testing.assert_allclose(jvp(lambda g: pull(g)[0], np.ones(3), np.arange(3.0))[1], weights.T @ np.arange(3.0))


def test_linearize_pushes_many_tangents_after_one_run():
    runs = []

    def f(x, p):
        runs.append(1)
        return {"y": x**2 * p["a"], "z": (x * p["b"]).sum()}

    p = {"a": 2.0, "b": np.ones(3)}
    y, push = autograd.linearize(f, X, p)
    for t in (np.ones(3), X):
        tangents = {"b": t, "a": 1.0}  # in another order
        expected = jvp(f, (X, p), (t, {"a": 1.0, "b": t}))
        found = push(t, tangents)
        for key in ("y", "z"):
            np.testing.assert_array_equal(y[key], expected[0][key])
            np.testing.assert_array_equal(found[key], expected[1][key])
    assert len(runs) == 3
    with pytest.raises(autograd.ShapeError, match=r"other parts than the primals: \(·,\) for \(·, \{'a': ·"):
        push(X)
    with pytest.raises(autograd.ShapeError, match=r"a tangent of shape \(2,\)"):
        push(np.ones(2), p)


def test_what_comes_beside_the_number():
    def f(x, w):
        return (x * x * w).sum(), {"x": x * 2, "word": "a", "n": [3]}

    w = np.array([1.0, 2.0, 3.0])
    slope, aux = grad(f, has_aux=True)(X, w)
    np.testing.assert_array_equal(slope, 2 * X * w)
    assert type(aux["x"]) is np.ndarray
    np.testing.assert_array_equal(aux["x"], 2 * X)
    assert (aux["word"], aux["n"]) == ("a", [3])
    (value, aux), slopes = value_and_grad(f, (0, 1), has_aux=True)(Tensor(X, requires_grad=False), w)
    assert type(aux["x"]) is Tensor
    np.testing.assert_array_equal(slopes[1].data, X * X)
    assert value.item() == (X * X * w).sum()
    each, aux = autograd.vmap(grad(lambda x: (x * x, x > 0), has_aux=True))(X)
    np.testing.assert_array_equal(each, 2 * X)
    np.testing.assert_array_equal(aux, X > 0)
    assert grad(lambda x: grad(lambda y: (y**3, y * 5), has_aux=True)(x)[1])(2.0) == 5.0
    with pytest.raises(GradientError, match="as a tuple, and returned Value"):
        grad(lambda x: x, has_aux=True)(2.0)


def test_stop_gradient():
    stop = autograd.stop_gradient
    assert grad(lambda x: x * stop(x))(3.0) == 3.0
    assert grad(grad(lambda x: x**2 * stop(x) ** 2))(3.0) == 18.0
    t, v = Tensor(X), Value(2.0)
    found = stop({"t": t * 2, "v": [v * v, 3.0, "word"], "x": X})
    assert not found["t"].requires_grad
    assert not found["v"][0].requires_grad
    assert found["v"][0].data == 4.0
    assert found["v"][1:] == [3.0, "word"]
    assert found["x"] is X
    np.testing.assert_array_equal(autograd.vmap(grad(lambda x: (x * stop(x)).sum()))(np.eye(2)), np.eye(2))
    outer = grad(lambda x: autograd.vmap(lambda x: (x * stop(x)).sum())(x).sum())(np.eye(2))
    np.testing.assert_array_equal(outer, np.eye(2))
    np.testing.assert_array_equal(jvp(lambda x: stop(x) * x, (X,), (np.ones(3),))[1], X)


def test_cotangents_and_tangents_go_by_name():
    def f(p):
        return {"a": p["u"] * 2, "b": p["w"] * 3}

    _, pull = vjp(f, {"u": 1.0, "w": 1.0})
    assert pull({"b": 10.0, "a": 1.0}) == ({"u": 2.0, "w": 30.0},)
    assert jvp(f, ({"u": 1.0, "w": 1.0},), ({"w": 10.0, "u": 1.0},))[1] == {"a": 2.0, "b": 30.0}
    with pytest.raises(autograd.ShapeError, match="cotangent with other parts"):
        pull({"c": 1.0, "a": 1.0})


def test_a_plain_number_made_inside_is_an_error_and_no_zero():
    def assigned(x):
        a = np.zeros(2)
        a[0] = x
        return a.sum()

    for f in (assigned, math.sin, lambda x: np.float64(x) * 2.0, lambda x: x.item() * 2.0, lambda x: float(x) ** 2):
        for ask in (
            lambda f=f: grad(f)(2.0),
            lambda f=f: jvp(f, 2.0, 1.0),
            lambda f=f: vjp(f, 2.0),
            lambda f=f: jacobian(f)(2.0),
            lambda f=f: hessian(f)(2.0),
        ):
            with pytest.raises(autograd.ConversionError, match=r"(?s)its derivative would be lost.*is in \.data"):
                ask()
    with pytest.raises(autograd.ConversionError):
        grad(lambda x: x.numpy().sum())(X)
    seen = []
    assert grad(lambda x: seen.append((x.data, f"{x:.1f}", int(x), bool(x > 1))) or x * x)(2.0) == 4.0
    assert seen == [(2.0, "2.0", 2, True)]
    v = Value(2.0)
    assert float(v * v) == 4.0  # outside it is how loops print
