"""Functions with rules given by HIPS autograd's primitive, defvjp and defjvp, on numbers, arrays and containers."""

from __future__ import annotations

import gc
import weakref

import numpy
import pytest
import scipy.special

import autograd
import autograd.numpy as np
import autograd.scipy.special as special
from autograd import GradientError, OperandError, RuleError, ShapeError, Tensor, Value, grad, jvp, no_grad
from autograd.equivalent import FUNCTIONS
from autograd.extend import (
    def_linear,
    defjvp,
    defjvp_argnum,
    defjvp_argnums,
    defvjp,
    defvjp_argnum,
    defvjp_argnums,
    notrace_primitive,
    primitive,
    primitive_vjps,
    register_notrace,
    vspace,
)
from autograd.protocol import _given
from autograd.test_util import check_grads

X = numpy.array([0.5, -1.25, 2.0])


@primitive
def product(a, b, power=1):
    """a b to a power, as a black box."""
    assert not isinstance(a, Value | Tensor)
    assert not isinstance(b, Value | Tensor)
    return (a * b) ** power


defvjp(
    product,
    lambda ans, a, b, power=1: lambda g: g * power * (a * b) ** (power - 1) * b,
    lambda ans, a, b, power=1: lambda g: g * power * (a * b) ** (power - 1) * a,
)


def test_a_primitive_is_a_black_box_and_one_node():
    a, b = Value(2.0), Value(3.0)
    y = product(a, b, power=2)
    assert type(y) is Value
    assert y.data == 36.0
    assert y.operation == "product"
    assert y.parents == (a, b)
    y.backward()
    assert (a.grad, b.grad) == (36.0, 24.0)
    assert product.__name__ == "product"
    assert product.__doc__ == "a b to a power, as a black box."
    assert product(2.0, 3.0) == 6.0
    assert type(product(X, 2.0)) is numpy.ndarray
    with no_grad():
        assert not product(a, b).requires_grad
    assert not product(Value(2.0, requires_grad=False), 3.0).requires_grad
    assert primitive(product) is product


def test_derivatives_of_any_order_in_both_modes():
    check_grads(product, (0, 1), order=3)(2.0, 3.0, power=3)
    check_grads(product, (0, 1))(X, X + 1.0)
    check_grads(product, 0)(X, 2.0)
    assert grad(grad(product))(2.0, 3.0, 2) == 18.0
    assert jvp(product, (2.0, 3.0), (1.0, 1.0)) == (6.0, 5.0)


def test_rules_in_all_their_forms():
    def fresh():
        return primitive(lambda a, b: a**2 * b)

    by_number = fresh()
    defvjp_argnum(
        by_number, lambda argnum, ans, args, kwargs: lambda g: g * (2 * args[0] * args[1], args[0] ** 2)[argnum]
    )
    together = fresh()
    defvjp_argnums(
        together,
        lambda argnums, ans, args, kwargs: lambda g: [g * (2 * ans / args[0], ans / args[1])[i] for i in argnums],
    )
    forward = fresh()
    defjvp(forward, lambda g, ans, a, b: 2 * a * b * g, lambda g, ans, a, b: a**2 * g)
    forward_by_number = fresh()
    defjvp_argnum(
        forward_by_number, lambda argnum, g, ans, args, kwargs: g * (2 * args[0] * args[1], args[0] ** 2)[argnum]
    )
    forward_together = fresh()
    defjvp_argnums(
        forward_together,
        lambda argnums, gs, ans, args, kwargs: sum(
            (2 * args[0] * args[1], args[0] ** 2)[i] * g for i, g in zip(argnums, gs, strict=True)
        ),
    )
    second = fresh()
    defvjp(second, lambda ans, a, b: lambda g: g * a**2, argnums=[1])
    defjvp(second, None, lambda g, ans, a, b: a**2 * g)
    for f in (by_number, together, forward, forward_by_number, forward_together):
        check_grads(f, (0, 1))(2.0, 3.0)
        check_grads(f, 1)(X, X)
    check_grads(second, 1)(2.0, 3.0)
    assert jvp(second, (2.0, 3.0), (1.0, 0.0)) == (12.0, 0.0)


def test_linear_and_constant_arguments():
    @primitive
    def scaled(a, n):
        return 3.0 * a * n

    def_linear(scaled)
    check_grads(scaled, (0, 1), modes=["fwd"], order=3)(2.0, 5.0)
    with pytest.raises(RuleError, match="scaled has no vjp, and none follows from its jvp, which calls it"):
        grad(scaled)(2.0, 5.0)

    @primitive
    def half(a, names):
        return a * len(names)

    defvjp(half, lambda ans, a, names: lambda g: g * len(names), None)
    check_grads(half)(X, "ab")
    defjvp(half, "same", None)
    check_grads(half)(X, "ab")
    assert grad(lambda a: half(a, [a, a]))(2.0) == 2.0


def test_containers_go_in_and_come_out():
    @primitive
    def polar(point):
        x, y = point["x"], point["y"]
        assert type(x) is float
        return {"r": (x * x + y * y) ** 0.5, "more": [numpy.arctan2(y, x), X * x], "count": 2}

    def rule(ans, point):
        x, y, r = point["x"], point["y"], ans["r"]

        def pull(g):
            angle, scaled = g["more"]
            return {
                "y": g["r"] * y / r + angle * x / (r * r),  # in another order
                "x": g["r"] * x / r - angle * y / (r * r) + np.sum(scaled * X),
            }

        return pull

    defvjp(polar, rule)

    def f(point):
        y = polar(point)
        assert y["count"] == 2
        return y["r"] ** 2 * y["more"][0] + np.sum(np.sin(y["more"][1]))

    point = {"x": 1.5, "y": 0.5}
    check_grads(f)(point)
    found = grad(f)(point)
    assert list(found) == ["x", "y"]
    assert type(found["x"]) is float


def test_methods_and_functions_of_numpy():
    class Scaled:
        def __init__(self, factor):
            self.factor = factor

        @primitive
        def __call__(self, x):
            return self.factor * x

    defvjp(Scaled.__call__, None, lambda ans, self, x: lambda g: self.factor * g)
    assert grad(Scaled(3.0))(2.0) == 3.0

    missing = numpy.bartlett
    assert missing not in FUNCTIONS
    try:
        defvjp(np.histogram_bin_edges, lambda ans, a, bins=10: lambda g: np.zeros(a.shape) + np.sum(g))
        for f in (np.histogram_bin_edges, numpy.histogram_bin_edges):
            numpy.testing.assert_array_equal(grad(lambda x, f=f: np.sum(f(x, bins=3)))(X), [4.0, 4.0, 4.0])
        assert type(np.histogram_bin_edges(X)) is numpy.ndarray
    finally:
        primitive_vjps.pop(_given.pop(numpy.histogram_bin_edges))
    with pytest.raises(RuleError):
        grad(lambda x: np.sum(np.histogram_bin_edges(x)))(X)
    for known in (np.exp, numpy.sum, special.erf, scipy.special.erf, special.logsumexp):
        with pytest.raises(GradientError, match=r"(exp|sum|erf|logsumexp) has a derivative already"):
            defvjp(known, lambda ans, x: lambda g: g * ans)
    with pytest.raises(OperandError, match=r"(?s)is not a primitive.*Write @primitive above"):
        defvjp(lambda x: x, lambda ans, x: lambda g: g)


def test_what_is_not_differentiated_through():
    @notrace_primitive
    def whole(x):
        assert type(x) is numpy.ndarray
        return x.astype(int)

    assert type(whole(Tensor(X))) is numpy.ndarray
    flat = primitive(lambda x: x * 1.0)
    register_notrace(None, flat)
    assert grad(lambda x: flat(x) * x)(3.0) == 3.0
    assert jvp(lambda x: flat(x) * x, 3.0, 1.0) == (9.0, 3.0)
    counting = primitive(lambda x: len(x))
    assert counting(Tensor(X)).data == 3


def test_errors_name_the_primitive_and_say_what_to_do():
    bare = primitive(lambda x: 2.0 * x)
    bare.name = "bare"
    for ask, what in ((lambda: grad(bare)(1.0), "vjp"), (lambda: jvp(bare, 1.0, 1.0), "jvp")):
        with pytest.raises(NotImplementedError, match=rf"bare has no {what}, and is under differentiation"):
            ask()
    one = primitive(lambda a, b: a * b)
    defvjp(one, lambda ans, a, b: lambda g: g * b)
    with pytest.raises(RuleError, match=r"has no vjp for argument 1(.|\n)*argnums=\(1,\)"):
        grad(one, 1)(1.0, 2.0)
    wrong = primitive(lambda x: numpy.sum(x))
    defvjp(wrong, lambda ans, x: lambda g: g)
    with pytest.raises(ShapeError, match=r"a gradient for argument 0 that has shape \(\)"):
        grad(wrong)(X)
    mixed = primitive(lambda pair: pair[0] * pair[1])
    defvjp(mixed, lambda ans, pair: lambda g: g)
    with pytest.raises(ShapeError, match="container of another form"):
        grad(lambda x: mixed((x, 2.0)))(3.0)
    with pytest.raises(OperandError, match="static parameter power"):
        grad(lambda x: product(2.0, 3.0, power=x))(2.0)
    with pytest.raises(OperandError, match="static parameter args"):
        grad(lambda x: product(2.0, 3.0, args=(x,)))(2.0)
    with pytest.raises(AttributeError, match=r"(?s)until 2017. Write defvjp\(product"):
        product.defgrad
    outside = Value(2.0)
    leaking = primitive(lambda x: x * outside)
    with pytest.raises(GradientError, match="its gradient would be lost"):
        leaking(Value(1.0))


def test_what_is_not_here_says_why():
    for name, why in (("Box", "put their numbers into a container"), ("SparseObject", "index_add")):
        with pytest.raises(ImportError, match=why):
            getattr(autograd.extend, name)
    with pytest.raises(AttributeError, match="nothing"):
        autograd.extend.nothing


def test_float32_stays_float32():
    x = X.astype(numpy.float32)
    y, t = jvp(lambda x: product(x, x), x, numpy.ones_like(x))
    assert y.dtype == t.dtype == numpy.float32
    assert grad(lambda x: np.sum(product(x, np.float64(2.0) * x)))(x).dtype == numpy.float32


def test_a_graph_is_freed_without_the_collector():
    t = Tensor(X)
    y = product(t, t)
    gone = weakref.ref(y)
    gc.disable()
    try:
        del y
        assert gone() is None
    finally:
        gc.enable()


def test_vector_spaces_are_those_of_values():
    assert vspace(Value(1.0)) == vspace(2.0) == vspace(numpy.float64(1.0))
    assert vspace(Tensor(X)) == vspace(X)
    assert autograd.is_grad_enabled()


def test_inside_vmap_each_example_is_a_call():
    @primitive
    def scaled(point):
        assert type(point["x"]) is numpy.ndarray
        return {"total": point["x"].sum(), "twice": 2.0 * point["x"]}

    defvjp(scaled, lambda ans, point: lambda g: {"x": g["total"] + 2.0 * g["twice"]})

    def f(x):
        found = scaled({"x": x})
        return found["total"] ** 2 + np.sum(found["twice"] ** 2)

    rows = numpy.arange(6.0).reshape(2, 3)
    numpy.testing.assert_allclose(autograd.vmap(f)(rows), [f(row) for row in rows])
    numpy.testing.assert_allclose(autograd.vmap(grad(f))(rows), [grad(f)(row) for row in rows])
    numpy.testing.assert_allclose(
        autograd.vmap(product, in_axes=(0, None))(X, 3.0), [product(x, 3.0) for x in X.tolist()]
    )
