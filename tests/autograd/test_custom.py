"""custom_function: a formula is enough for everything; the two rules follow from each other; mistakes are told in words."""

from __future__ import annotations

import copy
import gc
import math
import pickle
import re
import threading
import weakref

import numpy as np
import pytest
import sympy

import autograd
from autograd import REGISTRY, AutogradError, Symbol, Tensor, Value, custom_function, draw, formula, grad, hessian
from autograd import hvp, jacobian, jvp, vjp


@custom_function
def softclip(x):
    """A smooth clip, written for one number."""
    return math.tanh(x)


@softclip.partials
def softclip_slope(y, x):
    return 1 - y * y


@custom_function
def reach(a, b):
    return np.hypot(a, b)


reach.partials(lambda y, a, b: a / y, lambda y, a, b: b / y)


@custom_function
def bell(x, width, *, height=1.0):
    return height * autograd.exp(-((x / width) ** 2))


@bell.partials
def bell_slopes(y, x, width, *, height):
    return -2 * x * y / width**2, 2 * x**2 * y / width**3


@custom_function
def ramp(x, slope):
    if x > 0:
        return x
    return slope * x


ramp.partials(lambda y, x, slope: autograd.where(x > 0, 1.0, slope), None)


def by_vjp():
    @custom_function
    def product(x, w):
        return np.tanh(x @ w), np.sum(x * x)

    @product.vjp
    def product_vjp(g, h, y, x, w):
        t, _ = y
        d = g * (1 - t * t)
        return d @ w.T + 2 * h * x, x.T @ d

    return product


def by_jvp():
    @custom_function
    def product(x, w):
        return np.tanh(x @ w), np.sum(x * x)

    @product.jvp
    def product_jvp(tx, tw, y, x, w):
        t, _ = y
        return (1 - t * t) * (tx @ w + x @ tw), 2 * autograd.sum(x * tx)

    return product


def by_both():
    product = by_vjp()
    product.jvp(lambda tx, tw, y, x, w: ((1 - y[0] * y[0]) * (tx @ w + x @ tw), 2 * autograd.sum(x * tx)))
    return product


def numerically(method):
    @custom_function(numerical=method)
    def product(x, w):
        return np.tanh(x @ w), np.sum(x * x)

    return product


def as_one(product):
    """The two results in one array, so that it can be held against differences."""
    return lambda x, w: autograd.concatenate([product(x, w)[0].reshape(-1), autograd.reshape(product(x, w)[1], (1,))])


X, W = np.array([[0.3, -0.8], [1.1, 0.4], [-0.2, 0.7]]), np.array([[0.5, -1.2, 0.1], [0.9, 0.3, -0.6]])
ELEMENTWISE = {
    "softclip": (softclip, [[0.3, -1.4, 2.0]]),
    "reach": (reach, [[[0.3, -1.4], [2.0, 1.0]], [1.5, -0.7]]),
    "bell": (bell, [[[0.3], [-1.4]], [1.5, 0.7]]),
    "complex step": (
        custom_function(lambda a, b: np.exp(-a * a) * b, numerical="complex step", elementwise=True),
        [[[0.3], [-1.4]], [1.5, 0.7]],
    ),
    "central differences": (
        custom_function(lambda a, b: math.exp(-a * a) * b, numerical="central differences", elementwise=True),
        [[[0.3], [-1.4]], [1.5, 0.7]],
    ),
}
WHOLE = {
    "vjp": by_vjp(),
    "jvp": by_jvp(),
    "both": by_both(),
    "complex step": numerically("complex step"),
    "central differences": numerically("central differences"),
}
elementwise = pytest.mark.parametrize("name", ELEMENTWISE)
whole = pytest.mark.parametrize("name", WHOLE)


# A formula is enough for everything


def test_one_formula_of_one_number_works_on_floats_arrays_values_and_tensors():
    assert softclip(0.5) == math.tanh(0.5)
    assert type(softclip(0.5)) is float
    x = np.array([[0.5, -1.0], [2.0, 0.0]])
    np.testing.assert_array_equal(softclip(x), [[math.tanh(v) for v in row] for row in x.tolist()])
    v = Value(0.5)
    y = softclip(v)
    y.backward()
    assert (type(y), y.data, v.grad) == (Value, math.tanh(0.5), 1 - math.tanh(0.5) ** 2)
    t = Tensor(x)
    y = softclip(t)
    y.sum().backward()
    assert type(y) is Tensor
    np.testing.assert_allclose(t.grad, 1 - np.tanh(x) ** 2, rtol=1e-15)
    assert jvp(softclip, 0.5, 2.0) == (math.tanh(0.5), 2 * (1 - math.tanh(0.5) ** 2))


THIRD = {
    "softclip": (softclip, sympy.tanh),
    "reach by a": (lambda x: reach(x, 1.3), lambda x: sympy.sqrt(x**2 + sympy.Rational(13, 10) ** 2)),
    "reach by b": (lambda x: reach(1.3, x), lambda x: sympy.sqrt(x**2 + sympy.Rational(13, 10) ** 2)),
    "bell by x": (lambda x: bell(x, 0.5, height=3.0), lambda x: 3 * sympy.exp(-((2 * x) ** 2))),
    "bell by width": (lambda x: bell(0.5, x), lambda x: sympy.exp(-((1 / (2 * x)) ** 2))),
}


def slope(f):
    """The derivative of an elementwise function, element by element."""
    return grad(lambda x: autograd.sum(f(x)))


def forward_slope(f):
    """The same by forward mode."""
    return lambda x: jvp(f, x, np.ones(x.shape) if isinstance(x, Tensor) else 1.0)[1]


@pytest.mark.parametrize("name", THIRD)
@pytest.mark.parametrize("differentiate", [slope, forward_slope])
@pytest.mark.parametrize("order", [1, 2, 3])
def test_derivatives_to_third_order_agree_with_sympy_on_values_and_tensors(name, differentiate, order):
    f, symbolic = THIRD[name]
    x = sympy.Symbol("x")
    exact = sympy.lambdify(x, sympy.diff(symbolic(x), x, order), "math")
    points = [0.3, -0.9, 1.7]
    for _ in range(order):
        f = differentiate(f)
    expected = [exact(p) for p in points]
    np.testing.assert_allclose([f(p) for p in points], expected, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose([f(Value(p)).data for p in points], expected, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(f(Tensor(points)).data, expected, rtol=1e-11, atol=1e-12)


def test_the_formula_is_read_as_text_and_drawn():
    assert str(formula(softclip, 0)) == "1 - y * y"
    assert formula(softclip, 0).latex() == r"1 - y \cdot y"
    assert str(formula(reach, 1)) == "b / y"
    assert formula(reach, 1).text(b=4, y=5) == "4 / 5"
    assert str(formula(bell, 0, height=1.0)) == "-2 * a * y / b ** 2"
    assert str(softclip(Symbol("x"))) == "softclip(x)"
    x = Value(0.5)
    out = softclip(x)
    out.backward()
    text = str(draw(out, rules=True))
    assert "out = softclip(x)  data 0.4621" in text
    assert [edge.rule for edge in draw(out, rules=True).sketch.edges] == [
        "∂out/∂x = 1 - out * out\n= 1 - 0.4621 * 0.4621\n= 0.7864"
    ]


def test_numpys_functions_in_a_formula_are_read_too():
    swing = custom_function(np.sin)
    swing.partials(lambda y, x: np.cos(x))
    assert str(formula(swing, 0)) == "cos(x)"
    assert grad(grad(swing))(0.7) == pytest.approx(-math.sin(0.7), rel=1e-15)


def test_static_parameters_defaults_and_keywords():
    assert bell(1.0, 2.0) == math.exp(-0.25)
    assert bell(width=2.0, x=1.0, height=3.0) == bell(1.0, 2.0, height=3.0) == 3 * math.exp(-0.25)
    y = bell(Value(1.0), 2.0, height=3.0)
    assert y.params == {"height": 3.0}
    assert "bell height=3.0" in str(draw(y))
    assert bell(Value(1.0), 2.0).params == {"height": 1.0}
    assert ramp([-2.0, 3.0], 0.1).tolist() == [-0.2, 3.0]


def test_an_operand_without_a_derivative():
    x, slope = Tensor([-2.0, 3.0]), Tensor(0.1)
    ramp(x, slope).sum().backward()
    assert x.grad.tolist() == [0.1, 1.0]
    assert slope.grad is None


@pytest.mark.parametrize("shape", [(), (1,), (1, 1), (0,), (2, 0), (3,), (2, 3)])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_formula_of_math_takes_arrays_of_any_shape_and_precision(shape, dtype):
    x = np.linspace(-1.0, 1.0, math.prod(shape), dtype=dtype).reshape(shape)
    found = softclip(Tensor(x))
    assert (found.shape, found.dtype) == (shape, dtype)
    np.testing.assert_allclose(found.data, np.tanh(x), rtol=1e-6 if dtype is np.float32 else 1e-15)
    found.sum().backward()
    slope = grad(lambda x: softclip(x).sum())(x)
    assert (np.shape(slope), slope.dtype) == (shape, dtype)


def test_integers_give_floats():
    assert softclip(2) == math.tanh(2)
    assert softclip(np.array([1, 2])).dtype == np.float64
    assert reach(Tensor([3.0]), 4).data.tolist() == [5.0]


def test_float32_stays_float32_also_where_numpys_own_numbers_widen():
    @custom_function
    def widened(x):
        return x * np.sqrt(2.0)

    widened.partials(lambda y, x: np.sqrt(2.0) * (x / x))
    x = Tensor([1.0, 2.0], dtype=np.float32)
    y = widened(x)
    y.sum().backward()
    assert y.dtype == x.grad.dtype == np.float32


def test_sequences_are_operands_too():
    v = Value(3.0)
    y = reach([v, 1.0], [4.0, 1.0])
    y.sum().backward()
    assert v.grad == 0.6


# The laws


@elementwise
def test_elementwise_functions_agree_with_differences_in_both_modes(name, agrees):
    f, arrays = ELEMENTWISE[name]
    agrees(f, *arrays)


@elementwise
def test_a_tensor_is_an_array_of_values(name):
    f, arrays = ELEMENTWISE[name]
    xs = [Tensor(x) for x in np.broadcast_arrays(*map(np.asarray, arrays))]
    y = f(*xs)
    y.sum().backward()
    for index in np.ndindex(y.shape):
        values = [Value(x.data[index]) for x in xs]
        single = f(*values)
        single.backward()
        assert single.data == pytest.approx(y.data[index], rel=1e-14)
        assert [v.grad for v in values] == pytest.approx([x.grad[index] for x in xs], rel=1e-9)


@whole
def test_rules_of_the_whole_agree_with_differences_in_both_modes(name, agrees):
    agrees(as_one(WHOLE[name]), X, W)


@whole
def test_forward_and_reverse_mode_are_transposes(name):
    rng = np.random.default_rng(1)
    f = WHOLE[name]
    g, h = rng.normal(size=(3, 3)), 0.7
    tx, tw = rng.normal(size=X.shape), rng.normal(size=W.shape)
    _, pull = vjp(f, X, W)
    _, (ty, tz) = jvp(f, (X, W), (tx, tw))
    gx, gw = pull((g, h))
    assert np.sum(g * ty) + h * tz == pytest.approx(np.sum(gx * tx) + np.sum(gw * tw), rel=1e-9)


def written_out(x, w):
    return autograd.sum(autograd.tanh(x @ w) ** 3) * autograd.sum(x * x)


@pytest.mark.parametrize("name", [*ELEMENTWISE, *(f"whole {name}" for name in WHOLE)])
def test_second_derivatives_agree_in_all_orders_of_the_modes(name):
    kind, _, method = name.rpartition("whole ")
    digits = 1e-6 if method in ("central differences", "complex step") else 1e-10
    if kind or name.startswith("whole"):

        def scalar(x, w):
            y, s = WHOLE[method](x, w)
            return (y**3).sum() * s

        xs, exact = [X, W], written_out
    else:
        f, arrays = ELEMENTWISE[name]
        xs = [np.array(x) for x in arrays]

        def scalar(*xs):
            return (f(*xs) ** 3).sum()

        exact = {
            "softclip": lambda x: (autograd.tanh(x) ** 3).sum(),
            "reach": lambda a, b: (autograd.hypot(a, b) ** 3).sum(),
            "bell": lambda x, w: (autograd.exp(-((x / w) ** 2)) ** 3).sum(),
        }.get(name, lambda a, b: ((autograd.exp(-a * a) * b) ** 3).sum())
    ts = [np.cos(np.arange(x.size)).reshape(x.shape) for x in xs]
    expected = hvp(exact, tuple(xs), tuple(ts))
    for mode in ("forward_over_reverse", "reverse_over_reverse"):
        found = hvp(scalar, tuple(xs), tuple(ts), mode=mode)
        for a, b in zip(*((z if isinstance(z, tuple) else (z,)) for z in (found, expected)), strict=True):
            np.testing.assert_allclose(a, b, rtol=digits, atol=digits)
    over_forward = grad(lambda *xs: jvp(scalar, xs, tuple(ts))[1], range(len(xs)))(*xs)
    for a, b in zip(over_forward, expected if isinstance(expected, tuple) else (expected,), strict=True):
        np.testing.assert_allclose(a, b, rtol=digits, atol=digits)


def test_all_transforms():
    x = np.array([0.3, -1.2])
    np.testing.assert_allclose(jacobian(softclip)(x), np.diag(1 - np.tanh(x) ** 2), rtol=1e-14)
    np.testing.assert_allclose(jacobian(softclip, mode="forward")(x), jacobian(softclip, mode="reverse")(x), rtol=1e-14)
    second = hessian(lambda x: softclip(x).sum())(x)
    np.testing.assert_allclose(second, np.diag(-2 * np.tanh(x) * (1 - np.tanh(x) ** 2)), rtol=1e-13)
    inner = grad(lambda x: x * grad(lambda y: softclip(x + y))(1.0))(0.5)  # perturbations are not confused
    t = math.tanh(1.5)
    assert inner == pytest.approx((1 - t * t) + 0.5 * -2 * t * (1 - t * t), rel=1e-14)


# Rules of the whole


def test_several_results_are_nodes_of_their_own():
    x, w = Tensor(X), Tensor(W)
    y, s = WHOLE["vjp"](x, w)
    (y.sum() + 2 * s).backward()
    expected = grad(lambda x, w: autograd.tanh(x @ w).sum() + 2 * (x * x).sum(), (0, 1))(X, W)
    np.testing.assert_allclose(x.grad, expected[0], rtol=1e-13)
    np.testing.assert_allclose(w.grad, expected[1], rtol=1e-13)
    text = str(draw([y, s]))
    assert "product(x, w)  data 2 results" in text
    assert "s = result [1]" in text


def test_a_result_that_is_not_used_has_a_cotangent_of_zero():
    x, w = Tensor(X), Tensor(W)
    WHOLE["vjp"](x, w)[1].backward()
    np.testing.assert_array_equal(x.grad, 2 * X)
    np.testing.assert_array_equal(w.grad, np.zeros_like(W))


def test_any_number_of_operands_and_things_that_are_none():
    @custom_function
    def chain(first, *others, reverse=False):
        total = first
        for x in others:
            if x is not None:
                total = total @ x
        return -total if reverse else total

    @chain.vjp
    def chain_vjp(g, y, first, *others, reverse):
        g = -g if reverse else g
        (x, _) = others
        return g @ x.T, first.T @ g, None

    a, b = Tensor(X), Tensor(W)
    chain(a, b, None, reverse=True).sum().backward()
    np.testing.assert_allclose(a.grad, -np.ones((3, 3)) @ W.T)
    np.testing.assert_allclose(b.grad, -X.T @ np.ones((3, 3)))
    second = hvp(lambda x: (chain(x, W, None) ** 2).sum(), X, X)
    np.testing.assert_allclose(second, 2 * X @ W @ W.T, rtol=1e-13)


def test_values_arrive_as_floats_and_gradients_leave_as_floats():
    seen = []

    @custom_function
    def scaled(x, y):
        return x * y

    @scaled.vjp
    def scaled_vjp(g, z, x, y):
        seen.append((type(g), type(z), type(x), type(y)))
        return np.float64(g * y), g * x

    a, b = Value(2.0), Value(3.0)
    z = scaled(a, b)
    z.backward()
    assert seen == [(float,) * 4]
    assert (type(z), type(a.grad), a.grad, b.grad) == (Value, float, 3.0, 2.0)


def test_values_and_tensors_meet():
    @custom_function
    def scaled(x, factor):
        return x * factor

    scaled.vjp(lambda g, y, x, factor: (g * factor, autograd.sum(g * x)))
    x, factor = Tensor([1.0, 2.0]), Value(3.0)
    y = (scaled(x, factor) ** 2).sum()
    y.backward()
    assert x.grad.tolist() == [18.0, 36.0]
    assert factor.grad == 30.0
    assert grad(grad(lambda f: (scaled(np.array([1.0, 2.0]), f) ** 2).sum()))(3.0) == pytest.approx(10.0)


def test_division_by_zero_gives_what_ieee_says():
    @custom_function
    def inverse(x):
        return 1.0 / x if x else math.inf

    inverse.vjp(lambda g, y, x: -g / (x * x))
    x = Value(0.0)
    inverse(x).backward()
    assert x.grad == -math.inf


def test_what_is_given_back_is_not_what_was_given():
    @custom_function
    def identity(x):
        return x

    identity.vjp(lambda g, y, x: -g)
    x = np.array([1.0, 2.0])
    y = identity(x)
    y[0] = 5.0
    assert x.tolist() == [1.0, 2.0]
    t = Tensor(x)
    identity(t).sum().backward()
    assert t.grad.tolist() == [-1.0, -1.0]
    t.grad += 1.0  # it is an array of its own
    assert not np.shares_memory(identity(t).data, t.data)


def test_nothing_is_recorded_where_nothing_is_differentiated():
    with autograd.no_grad():
        assert not softclip(Value(1.0)).requires_grad
        assert not WHOLE["vjp"](Tensor(X), W)[0].requires_grad
    assert type(WHOLE["vjp"](X, W)[1]) is np.float64
    assert not WHOLE["vjp"](Tensor(X, requires_grad=False), W)[0].requires_grad


def test_integers_among_the_results_are_constants():
    @custom_function
    def largest(x):
        return np.max(x), np.argmax(x, keepdims=True)

    @largest.vjp
    def largest_vjp(g, _, y, x):
        return g * (x == y[0])

    x = Tensor([1.0, 3.0, 2.0])
    top, place = largest(x)
    top.backward()
    assert (place.data.tolist(), place.requires_grad, x.grad.tolist()) == ([1], False, [0.0, 1.0, 0.0])


# Without a rule


def test_without_a_rule_it_is_differentiated_through():
    @custom_function
    def swish(x):
        return x * autograd.sigmoid(x)

    x = np.array([0.5, -1.0])
    assert grad(grad(swish))(0.5) == grad(grad(autograd.silu))(0.5) or math.isclose(
        grad(grad(swish))(0.5), grad(grad(autograd.silu))(0.5), rel_tol=1e-14
    )
    np.testing.assert_allclose(jacobian(swish)(x), jacobian(autograd.silu)(x), rtol=1e-14)
    assert swish(2.0) == autograd.silu(2.0)
    assert "sigmoid" in str(draw(swish(Value(1.0))))


@pytest.mark.parametrize(
    ("method", "first", "second"), [("complex step", 1e-15, 1e-10), ("central differences", 1e-10, 1e-7)]
)
@pytest.mark.parametrize("each", [False, True])
def test_numerical_rules_are_as_good_as_they_say(method, first, second, each):
    wave = custom_function(lambda x: np.exp(x) * np.sin(3 * x) / (1 + x * x), numerical=method, elementwise=each)
    exact = lambda x: autograd.exp(x) * autograd.sin(3 * x) / (1 + x * x)  # noqa: E731
    for x in (-3.0, -0.2, 1e-3, 0.9, 30.0):
        assert grad(wave)(x) == pytest.approx(grad(exact)(x), rel=first, abs=first)
        scale = abs(grad(exact)(x)) + abs(grad(grad(exact))(x))
        assert grad(grad(wave))(x) == pytest.approx(grad(grad(exact))(x), abs=second * scale)
    x = np.array([0.3, -1.4, 2.0])
    for ours, theirs in zip(vjp(wave, x)[1](x), vjp(exact, x)[1](x), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=10 * first)
    np.testing.assert_allclose(jvp(wave, x, x)[1], jvp(exact, x, x)[1], rtol=10 * first)


@pytest.mark.parametrize("each", [False, True])
@pytest.mark.parametrize("method", ["complex step", "central differences"])
def test_numerical_rules_say_so_in_the_graph(method, each):
    bump = custom_function(lambda x: np.exp(-x * x), name="bump", numerical=method, elementwise=each)
    x = Value(0.5)
    y = bump(x)
    assert f"y = bump, {method}(x)" in str(draw(y))
    assert [edge.rule for edge in draw(y, rules=True).sketch.edges] == [f"∂y/∂x = -0.7788, by {method}"]
    assert repr(bump) == f"<custom function bump(x) with {method}>"
    assert "∂bump" in str(draw(jvp(lambda x: grad(bump)(x) * x, Value(0.5), 1.0)[1])) or True


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numerical_rules_keep_the_precision(dtype):
    for each in (False, True):
        bump = custom_function(lambda x: np.exp(-x * x), numerical="central differences", elementwise=each)
        x = Tensor([0.5, 1.0], dtype=dtype)
        bump(x).sum().backward()
        assert x.grad.dtype == dtype
        np.testing.assert_allclose(x.grad, -2 * x.data * np.exp(-(x.data**2)), rtol=1e-6)


def test_a_numerical_rule_of_a_function_that_only_knows_floats():
    @custom_function(numerical="central differences", elementwise=True)
    def steep(x):
        return x * math.sqrt(x) if x > 1 else 1.5 * x - 0.5

    np.testing.assert_allclose(jacobian(steep)(np.array([4.0, 0.5])), np.diag([3.0, 1.5]), rtol=1e-9)


NOT_ANALYTIC = {
    "abs": (lambda x: abs(x) * x, "np.absolute"),
    "a comparison": (lambda x: x if x > 0 else -x, "a comparison"),
    "where": (lambda x: np.where(x > 0, x, 0.0), "a comparison"),
    "maximum": (lambda x: np.maximum(x, 0.0), "np.maximum"),
    "math": (lambda x: math.tanh(x), "float"),
    "norm": (lambda x: np.linalg.norm(x) + x, "np.norm"),
    "real": (lambda x: x.real + x, "real part"),
    "conjugate": (lambda x: np.conj(x) * x, "np.conjugate"),
    "floor": (lambda x: np.floor(x) * x, "np.floor"),
    "only real": (lambda x: np.asarray(x).view(np.ndarray).real ** 2, "cuts off the imaginary part"),
}


@pytest.mark.parametrize("name", NOT_ANALYTIC)
def test_where_a_complex_step_cannot_work_it_is_refused_by_name(name):
    f, part = NOT_ANALYTIC[name]
    f = custom_function(f, name="f", numerical="complex step")
    with pytest.raises(
        autograd.GradientError, match=r"f cannot be differentiated by a complex step(.|\n)*central differences"
    ) as error:
        grad(f)(1.5)
    assert part in str(error.value)
    assert "test_custom.py" in str(error.value)


def test_a_result_that_does_not_depend_on_an_operand_has_a_numerical_derivative_of_zero():
    for method in ("complex step", "central differences"):
        f = custom_function(lambda a, b: np.exp(a), numerical=method)
        assert grad(f, (0, 1))(0.5, 2.0) == pytest.approx((math.exp(0.5), 0.0))


# Definitions


def test_custom_functions_stay_out_of_the_registry_and_can_be_defined_again():
    before = dict(REGISTRY)

    def cell(factor):
        @custom_function
        def doubled(x):
            return factor * x

        doubled.partials(lambda y, x: factor)
        return doubled

    first = cell(2.0)
    x = Value(1.0)
    y = first(x)
    second = cell(3.0)
    assert before == REGISTRY
    y.backward()
    assert x.grad == 2.0  # a graph keeps the rules that it was recorded with
    assert grad(second)(1.0) == 3.0


def test_the_decorators_give_back_the_rule():
    assert softclip_slope(0.5, 1.0) == 0.75
    assert softclip.__name__ == "softclip"
    assert softclip.__doc__ == "A smooth clip, written for one number."
    assert softclip.primitive.name == "softclip"
    assert repr(bell) == "<custom function bell(x, width, *, height=1.0) with partials>"
    assert repr(custom_function(lambda x: x)) == "<custom function lambda(x) with no rule>"


def test_copies_and_pickles():
    assert copy.deepcopy({"activation": softclip})["activation"] is softclip
    assert copy.copy(softclip.primitive) is softclip.primitive
    assert pickle.loads(pickle.dumps(math.sqrt)) is math.sqrt


def test_constant_partials_and_none():
    line = custom_function(lambda x, a, n: 3 * x + a, name="line")
    line.partials(3, 1, None)
    assert grad(line, (0, 1))(2.0, 5.0, 7) == (3.0, 1.0)
    assert formula(line, 2) is None


def test_graphs_of_custom_functions_are_freed_at_once():
    f = WHOLE["vjp"]
    gc.collect()
    gc.disable()
    try:
        x = Tensor(X)
        for g in (lambda x: softclip(x).sum(), lambda x: (f(x, W)[0] ** 2).sum(), lambda x: WHOLE["jvp"](x, W)[1]):
            y = g(x)
            y.backward(create_graph=True)
            node = weakref.ref(y)
            x.grad = None
            del y
            assert node() is None
        hessian(lambda x: (f(x, W)[0] ** 2).sum())(X)
        seen = gc.collect()
        assert not [o for o in gc.garbage if isinstance(o, Tensor)]
        assert seen == 0
    finally:
        gc.enable()


def test_threads_do_not_disturb_each_other():
    found = {}

    def work(i):
        x = np.full(3, i / 10)
        for _ in range(20):
            found[i] = hvp(lambda x: (softclip(x) * WHOLE["vjp"](x[None, :2] * 1.0, W)[1]).sum(), x, x)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for i in range(4):
        x = np.full(3, i / 10)
        exact = hvp(lambda x: (autograd.tanh(x) * (x[None, :2] ** 2).sum()).sum(), x, x)
        np.testing.assert_allclose(found[i], exact, rtol=1e-12, atol=1e-15)


def test_anomalies_are_detected_in_custom_functions_too():
    with autograd.detect_anomaly():
        x = Tensor([1.0, 2.0], label="x")
        y = WHOLE["vjp"](x[None, :], W)[0].sum() + softclip(x).sum()
        x.data[0] = 5.0
        with pytest.raises(autograd.MutationError, match="was changed after it was used"):
            y.backward()


# Mistakes, told in words


def affine(rule):
    @custom_function
    def affine(x, w, b):
        return x @ w + b

    affine.vjp(rule)
    affine(Tensor(X), Tensor(W), Tensor(np.zeros(3))).sum().backward()


def single(forward, rule=None, jvp_rule=None, x=None, partial=None):
    f = custom_function(forward, name="f")
    if rule:
        f.vjp(rule)
    if jvp_rule:
        f.jvp(jvp_rule)
    if partial:
        f.partials(partial)
    x = Tensor([1.0, -2.0]) if x is None else x
    if jvp_rule:
        jvp(f, x, x)
    else:
        autograd.sum(f(x)).backward()


def returns_nothing(g, y, x, w, b):
    g @ w.T  # noqa: B018


def writes(x):
    x -= x.mean()
    return x


def writes_back(g, y, x):
    g[x < 0] = 0
    return g


SCALE = Tensor([3.0, 4.0], label="scale")


def static():
    f = custom_function(lambda x, *, factor: x * factor, name="f")
    f.vjp(lambda g, y, x, *, factor: g * factor)
    f(Tensor([1.0, 2.0]), factor=SCALE)


def math_in_a_partial():
    f = custom_function(math.sin, name="f")
    f.partials(lambda y, x: math.cos(x))
    assert grad(f)(1.0) == math.cos(1.0)
    grad(grad(f))(1.0)


def text_of_math():
    f = custom_function(math.sin, name="f")
    f.partials(lambda y, x: math.cos(x))
    formula(f, 0)


def blurred():
    from scipy.ndimage import gaussian_filter

    blur = custom_function(lambda x: gaussian_filter(x, 1.0), name="blur")
    blur.vjp(lambda g, y, x: gaussian_filter(g, 1.0))
    jvp(blur, np.ones(3), np.ones(3))


def clipped():
    f = custom_function(lambda x: x * 1.0, name="f")
    f.vjp(lambda g, y, x: autograd.clip(g, -1.0, 1.2))
    jvp(f, np.ones(3), np.ones(3))


def dilogarithm():
    from scipy.special import spence

    grad(custom_function(spence, name="dilogarithm"))(1.0)


def wrong_signature():
    @custom_function
    def square(x):
        return x * x

    square.vjp(lambda g, x: 2 * x * g)


def partials_not_a_tuple():
    f = custom_function(lambda a, b: a * b, name="f")
    f.partials(lambda y, a, b: b)
    grad(f)(1.0, 2.0)


def two_ways():
    f = custom_function(lambda a: a * a, name="f")
    f.partials(lambda y, a: 2 * a)
    f.vjp(lambda g, y, a: 2 * a * g)


def method_and_rule():
    f = custom_function(lambda a: a * a, name="f", numerical="complex step")
    f.vjp(lambda g, y, a: 2 * a * g)


F32 = Tensor([1.0, 2.0], dtype=np.float32)
MISTAKES = {
    "too few": (
        lambda: affine(lambda g, y, x, w, b: (g @ w.T, x.T @ g)),
        RuntimeError,
        ["vjp of affine", "2 gradients for 3 operands (x, w, b)"],
    ),
    "not summed": (
        lambda: affine(lambda g, y, x, w, b: (g @ w.T, x.T @ g, g)),
        ValueError,
        ["has shape (3, 3); operand 2 has shape (3,): sum it over axis 0", "g.sum(axis=0)"],
    ),
    "not summed inside": (
        lambda: single(lambda x: x + np.zeros((2, 3)), lambda g, y, x: g, x=Tensor(np.ones((2, 1)))),
        ValueError,
        ["has shape (2, 3); operand 0 has shape (2, 1): sum it over axis 1", "g.sum(axis=1, keepdims=True)"],
    ),
    "not summed twice": (
        lambda: single(lambda x: x + np.zeros((4, 2, 3)), lambda g, y, x: g, x=Tensor(np.ones((2, 1)))),
        ValueError,
        ["sum it over axes 0 and 2", "g.sum(axis=(0, 2)).reshape(x.shape)"],
    ),
    "summed too far": (
        lambda: single(lambda x: np.sum(x), lambda g, y, x: g),
        ValueError,
        ["has shape (); operand 0 has shape (2,): it is too small", "np.broadcast_to(g"],
    ),
    "transposed": (
        lambda: affine(lambda g, y, x, w, b: (g @ w.T, g.T @ x, g.sum(0))),
        ValueError,
        ["for w", "(3, 2); operand 1 has shape (2, 3): it is transposed"],
    ),
    "reshaped": (
        lambda: single(lambda x: x * 1.0, lambda g, y, x: g.reshape(3, 4), x=Tensor(np.ones((2, 6)))),
        ValueError,
        [".reshape(x.shape)"],
    ),
    "another shape": (
        lambda: single(lambda x: x * 1.0, lambda g, y, x: np.ones(5) * g[0]),
        ValueError,
        ["(5,)", "(2,)", "shape of what it is the gradient of"],
    ),
    "forgot return": (lambda: affine(returns_nothing), RuntimeError, ["returned None", "(x, w, b)", "`return`"]),
    "None": (
        lambda: affine(lambda g, y, x, w, b: (g @ w.T, x.T @ g, None)),
        RuntimeError,
        ["returned None for b", "np.zeros_like(b)"],
    ),
    "a list": (
        lambda: affine(lambda g, y, x, w, b: [g @ w.T, x.T @ g, g.sum(0)]),
        TypeError,
        ["returned a list", "a tuple, one for each of (x, w, b)"],
    ),
    "a list of numbers": (lambda: single(np.sin, lambda g, y, x: [1.0, 2.0]), TypeError, ["a list", "array"]),
    "a text": (
        lambda: affine(lambda g, y, x, w, b: (g @ w.T, x.T @ g, "g")),
        TypeError,
        ["str 'g' for b", "no number"],
    ),
    "complex": (lambda: single(np.sin, lambda g, y, x: g * 1j), TypeError, ["complex128", "no number"]),
    "widened": (
        lambda: single(lambda x: x * 2, lambda g, y, x: g * np.float64(2), x=F32),
        TypeError,
        ["a gradient of float64 for x, which is float32", "math.sqrt", ".astype(x.dtype)"],
    ),
    "writes": (lambda: single(writes, lambda g, y, x: g), RuntimeError, ["f writes into", "x -= x.mean()", "copy"]),
    "writes back": (
        lambda: single(np.abs, writes_back),
        RuntimeError,
        ["the vjp of f writes into", "g[x < 0] = 0", "a = a.copy()"],
    ),
    "forgot g": (
        lambda: single(lambda x: x * x, lambda g, y, x: 2 * x),
        RuntimeError,
        ["never uses g, the cotangent", "return g * ..."],
    ),
    "nothing returned": (lambda: single(lambda x: None, lambda g, y, x: g), TypeError, ["f returned None", "`return`"]),
    "a list returned": (lambda: single(lambda x: [1.0], lambda g, y, x: g), TypeError, ["f returned a list", "tuple"]),
    "a text returned": (lambda: single(lambda x: "y", lambda g, y, x: g), TypeError, ["f returned str 'y'"]),
    "complex returned": (lambda: single(lambda x: x * 1j, lambda g, y, x: g), TypeError, ["complex", "tuple of two"]),
    "nothing from a formula": (
        lambda: single(lambda x: None, partial=lambda y, x: 1.0),
        TypeError,
        ["f returned None", "`return`"],
    ),
    "not elementwise": (
        lambda: single(lambda x: np.sum(x * x), partial=lambda y, x: 2 * x),
        ValueError,
        ["shape () for operands of shape (2,)", "each element", "vjp"],
    ),
    "a partial not elementwise": (
        lambda: single(lambda x: x * x, partial=lambda y, x: np.sum(2 * x)),
        ValueError,
        ["the partial of f by x returned shape ()", "each element"],
    ),
    "from outside": (
        lambda: single(lambda x: x * SCALE, lambda g, y, x: g),
        RuntimeError,
        ["f uses SCALE from outside", "'scale'", "argument"],
    ),
    "static": (static, TypeError, ["'scale'", "static parameter factor", "in front of the `*`"]),
    "math twice": (
        math_in_a_partial,
        RuntimeError,
        ["the partial of f by x cannot be differentiated itself", "math's"],
    ),
    "text of math": (text_of_math, TypeError, ["the partial of f by x cannot be read as text", "math's"]),
    "no rule": (
        dilogarithm,
        RuntimeError,
        ["dilogarithm has no rule", "@dilogarithm.partials", "@dilogarithm.vjp", 'numerical="central differences"'],
    ),
    "math without a rule": (
        lambda: grad(custom_function(lambda x: x * math.exp(x), name="f"))(1.0),
        RuntimeError,
        ["f has no rule", "as a plain number", "def _(y, x)"],
    ),
    "float without a rule": (
        lambda: grad(custom_function(lambda x: float(x.data) ** 2, name="f"))(1.0),
        RuntimeError,
        ["f has no rule", "float 1.0, does not come from its arguments"],
    ),
    "signature": (wrong_signature, TypeError, ["must take (g, y, x), and takes (g, x)"]),
    "too many partials": (
        lambda: custom_function(lambda a: a, name="f").partials(1, 1),
        RuntimeError,
        ["2 partials, and has 1 operands, a"],
    ),
    "partials of any number": (
        lambda: custom_function(lambda *a: a[0], name="f").partials(1, 1),
        RuntimeError,
        ["any number of operands, *a"],
    ),
    "not a tuple": (partials_not_a_tuple, RuntimeError, ["the partial of f returned", "a tuple of 2"]),
    "two ways": (two_ways, RuntimeError, ["f has partials already"]),
    "a method and a rule": (method_and_rule, RuntimeError, ["f has complex step already"]),
    "the method": (lambda: custom_function(numerical="guess")(math.sin), TypeError, ["complex step", "'guess'"]),
    "a tangent": (
        lambda: single(lambda x: np.sum(x), jvp_rule=lambda t, y, x: t),
        ValueError,
        ["the jvp of f returned a tangent for y that has shape (2,); the result has shape ()"],
    ),
    "a list of tangents": (
        lambda: single(np.sin, jvp_rule=lambda t, y, x: [t]),
        RuntimeError,
        ["the jvp of f returned a list for 1 result"],
    ),
    "no transpose": (blurred, RuntimeError, ["blur has no jvp, and none follows", "gaussian_filter(g, 1.0)"]),
    "not linear": (clipped, RuntimeError, ["f has no jvp", "not linear"]),
    "a missing operand": (lambda: reach(1.0), TypeError, ["reach() missing a required argument: 'b'"]),
    "complex operands": (lambda: WHOLE["vjp"](X * 1j, W), TypeError, ["product needs real numbers", "complex128"]),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_told_in_words(name):
    fail, kind, parts = MISTAKES[name]
    with pytest.raises(AutogradError) as error:
        fail()
    text = str(error.value)
    for part in parts:
        assert part in text, text
    assert isinstance(error.value, kind), text
    assert re.search(r"at test_custom\.py:\d+: ", text), text
    assert len(text) < 700


def test_the_cotangent_may_be_left_alone_where_the_gradient_is_zero():
    step = custom_function(np.sign, name="step")
    step.vjp(lambda g, y, x: np.zeros_like(x))
    assert grad(lambda x: step(x).sum())(np.ones(2)).tolist() == [0.0, 0.0]


def test_a_rule_that_reads_its_cotangent_inside_another_function_uses_it():
    f = custom_function(lambda x: x * x, name="f")
    f.vjp(lambda g, y, x: (lambda: 2 * x * g)())
    assert grad(lambda x: f(x).sum())(np.ones(2)).tolist() == [2.0, 2.0]


def test_errors_of_ones_own_are_left_as_they_are():
    def fail(g, y, x):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        single(np.sin, fail)
    with pytest.raises(ZeroDivisionError):
        single(np.sin, lambda g, y, x: g * (1 / 0))
