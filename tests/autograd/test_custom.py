"""custom_function: one formula is enough for everything, and of two rules each follows from the other."""

from __future__ import annotations

import copy
import gc
import math
import pickle
import threading
import weakref

import numpy as np
import pytest
import sympy

import autograd
from autograd import (
    REGISTRY,
    Symbol,
    Tensor,
    Value,
    custom_function,
    draw,
    formula,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    vjp,
)


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
    assert "product(x, w)  (10,) float64" in text  # one node holds both, end to end, and they are read from it
    assert "s = getitem [9]" in text


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
    assert (type(x.grad), x.grad) == (float, -math.inf)


def test_division_by_zero_in_a_partial_gives_what_ieee_says_too():
    inverse = custom_function(lambda x: 1.0 / x if x else math.inf, name="inverse")
    inverse.partials(lambda y, x: -1 / (x * x))
    x = Value(0.0)
    inverse(x).backward()
    assert (type(x.grad), x.grad) == (float, -math.inf)
    assert jvp(inverse, 0.0, 1.0)[1] == -math.inf


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
    assert grad(grad(swish))(0.5) == pytest.approx(grad(grad(autograd.silu))(0.5), rel=1e-14)
    np.testing.assert_allclose(jacobian(swish)(x), jacobian(autograd.silu)(x), rtol=1e-14)
    assert swish(2.0) == autograd.silu(2.0)
    assert "sigmoid" in str(draw(swish(Value(1.0))))


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
    assert pickle.loads(pickle.dumps(softclip)) is softclip
    assert pickle.loads(pickle.dumps(softclip.primitive)) is softclip.primitive


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


def test_definitions_are_freed_at_once():
    def define():
        f = custom_function(lambda x, *rest: x, name="f")
        f.vjp(lambda g, y, x: g)
        h = custom_function(lambda x: x * x, name="h")
        h.partials(lambda y, x: 2 * x)
        assert f(Value(1.0)).data == h(Value(1.0)).data
        return weakref.ref(f), weakref.ref(h)

    gc.collect()
    gc.disable()
    try:
        assert [reference() for reference in define()] == [None, None]
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
