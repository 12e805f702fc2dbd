"""HIPS autograd's operators on functions, its containers, its checks, and its traces."""

from __future__ import annotations

import builtins

import numpy
import pytest

import autograd
import autograd.numpy as np
from autograd import (
    OperandError,
    Tensor,
    Value,
    deriv,
    elementwise_grad,
    grad,
    grad_and_aux,
    grad_named,
    hessian,
    hessian_tensor_product,
    hessian_vector_product,
    holomorphic_grad,
    jacobian,
    make_ggnvp,
    make_hvp,
    make_jvp,
    make_vjp,
    multigrad_dict,
    tensor_jacobian_product,
    vector_jacobian_product,
)
from autograd.core import make_vjp as unary_make_vjp
from autograd.differential_operators import make_jvp_reversemode
from autograd.extend import defvjp, primitive
from autograd.test_util import check_equivalent, check_grads, combo_check, scalar_close
from autograd.tracer import Box, Node, getval, isbox, toposort, trace
from autograd.util import func, quick_grad_check, subval, subvals
from autograd.wrap_util import unary_to_nary, wraps

X = numpy.array([0.5, -1.25, 2.0])
M = numpy.array([[1.0, 2.0, 0.5], [0.25, -1.0, 3.0]])


def f(x, scale=1.0):
    return np.sum(np.sin(x) * x**2) * scale


def test_elementwise_and_forward():
    numpy.testing.assert_allclose(elementwise_grad(np.tanh)(X), 1 - numpy.tanh(X) ** 2, rtol=1e-14)
    second = elementwise_grad(elementwise_grad(np.tanh))
    numpy.testing.assert_allclose(second(X), -2 * numpy.tanh(X) * (1 - numpy.tanh(X) ** 2), rtol=1e-13)
    assert elementwise_grad(lambda x, y: x * y, 1)(2.0, 3.0) == 2.0
    assert deriv(np.sin)(0.5) == pytest.approx(numpy.cos(0.5))
    numpy.testing.assert_allclose(deriv(lambda x: x * M)(2.0), M)
    assert make_jvp(f, 1)(X, 2.0)(1.0) == (2 * f(X), f(X))
    pull, y = make_vjp(f, (0, 1))(X, 2.0)
    assert y == 2 * f(X)
    numpy.testing.assert_allclose(pull(1.0)[0], 2 * grad(f)(X))
    assert pull(1.0)[1] == f(X)
    numpy.testing.assert_allclose(make_jvp_reversemode(np.sin)(X)(X), numpy.cos(X) * X)


def test_products_with_matrices_that_are_not_built():
    H, v = hessian(f)(X), numpy.array([1.0, 2.0, -0.5])
    product, slope = make_hvp(f)(X)
    numpy.testing.assert_allclose(product(v), H @ v, rtol=1e-13)
    numpy.testing.assert_allclose(slope, grad(f)(X), rtol=1e-14)
    numpy.testing.assert_allclose(hessian_tensor_product(f)(X, v), H @ v, rtol=1e-13)
    numpy.testing.assert_allclose(hessian_vector_product(lambda s, x: f(x, s), 1)(3.0, X, v), 3 * H @ v, rtol=1e-13)

    def g(x):
        return np.tanh(np.dot(M, x))

    J, w = jacobian(g)(X), numpy.array([2.0, -1.0])
    numpy.testing.assert_allclose(tensor_jacobian_product(g)(X, w), w @ J, rtol=1e-14)
    numpy.testing.assert_allclose(vector_jacobian_product(lambda a, x: a * g(x), 1)(2.0, X, w), 2 * w @ J, rtol=1e-14)
    numpy.testing.assert_allclose(make_ggnvp(g)(X)(v), J.T @ (J @ v), rtol=1e-13)

    def outer(y):
        return np.sum(y**4)

    middle = numpy.diag(12 * g(X) ** 2)
    numpy.testing.assert_allclose(make_ggnvp(g, outer)(X)(v), J.T @ (middle @ (J @ v)), rtol=1e-13)
    numpy.testing.assert_allclose(make_ggnvp(lambda a, x: g(x), f_argnum=1)(1.0, X)(v), J.T @ (J @ v), rtol=1e-13)


def test_arguments_by_name():
    def many(a, b, *rest, c=2.0, **more):
        return a * b**2 + c * rest[0] * more["d"]

    found = multigrad_dict(many)(3.0, 5.0, 7.0, c=11.0, d=13.0)
    assert found == {"a": 25.0, "b": 30.0, "rest": (143.0,), "c": 91.0, "more": {"d": 77.0}}
    assert list(found) == ["a", "b", "rest", "c", "more"]
    assert multigrad_dict(lambda a, b=4.0: a * b)(3.0) == {"a": 4.0, "b": 3.0}
    assert grad_named(f, "scale")(X, 2.0) == f(X)
    slope, aux = grad_and_aux(lambda x: (x**2, {"twice": 2 * x, "name": 3.0}))(5.0)
    assert slope == 10.0
    assert aux == {"twice": 10.0, "name": 3.0}
    slopes, aux = grad_and_aux(lambda x, y: (x * y, np.sin(X)), (0, 1))(5.0, 2.0)
    assert slopes == (2.0, 5.0)
    numpy.testing.assert_array_equal(aux, numpy.sin(X))
    with pytest.raises(OperandError, match="complex numbers, which are out of scope"):
        holomorphic_grad(lambda x: x)


def test_operators_may_be_nested():
    assert grad(lambda x: deriv(lambda y: x * y**3)(2.0))(5.0) == 12.0
    assert deriv(lambda x: grad(lambda y: x * y**3)(2.0))(5.0) == 12.0
    assert grad(lambda x: make_hvp(lambda y: x * y**3)(2.0)[0](1.0))(5.0) == 12.0
    check_grads(lambda x: hessian_vector_product(f)(x, X))(X)


def test_containers_are_pythons_own():
    assert autograd.tuple is builtins.tuple
    assert autograd.list is builtins.list
    assert autograd.dict is builtins.dict
    seen = []

    def look(p):
        seen.append([autograd.isinstance(p, dict), autograd.isinstance(p["w"], numpy.ndarray), autograd.type(p["b"])])
        return np.sum(p["w"]) * p["b"]

    grad(look)({"w": X, "b": 2.0})
    assert seen == [[True, True, float]]
    assert {"dict", "isinstance", "type"}.isdisjoint(autograd.__all__)
    with pytest.raises(AttributeError, match="no attribute 'set'"):
        autograd.set


def test_check_grads_finds_what_is_wrong():
    check_grads(f, order=3)(X)
    check_grads(f, (0, 1), modes=["rev"])(X, 2.0)
    check_grads(lambda p: p["a"] * np.sum(p["b"]))({"a": 2.0, "b": [X, 2 * X]})
    combo_check(np.sum, [0], order=1)([X, M], axis=[None, 0], keepdims=[True, False])
    quick_grad_check(lambda x, y: x**2 * y, 1.0, (2.0,))

    @primitive
    def wrong(x):
        return x**3

    defvjp(wrong, lambda ans, x: lambda g: g * 3.001 * x**2)
    for modes in (["rev"], ["fwd"]):
        with pytest.raises(AssertionError, match=r"check of wrong( |:)"):
            check_grads(wrong, modes=modes)(X)

    @primitive
    def wrong_later(x):
        return x**2

    defvjp(wrong_later, lambda ans, x: lambda g: g * 2 * half_right(x))
    half_right = primitive(lambda x: x * 1.0)
    defvjp(half_right, lambda ans, x: lambda g: 1.01 * g)
    check_grads(wrong_later, order=1)(2.0)
    with pytest.raises(AssertionError, match=r"\(VJP\) check of vjp_wrong_later"):
        check_grads(wrong_later, modes=["rev"])(2.0)
    with pytest.raises(AssertionError, match="modes are"):
        check_grads(f, modes=["back"])(X)
    with pytest.raises(AssertionError, match="different spaces"):
        check_equivalent(X, X[:2])
    assert scalar_close(1e9, 1e9 + 1)
    assert not scalar_close(1.0, 1.001)


def test_names_and_helpers():
    @unary_to_nary
    def doubled(fun, x, more=0):
        return 2 * fun(x) + more

    operator = doubled(f, 1, more=1)
    assert operator(X, 3.0) == 6 * f(X) + 1
    assert operator.__name__ == "doubled_of_f_wrt_argnum_1"
    assert unary_make_vjp(lambda x: x * x, 3.0)[0](1.0) == 6.0
    assert wraps(f, "like {fun}", "{doc}!")(lambda: 0).__name__ == "like f"
    assert subvals([1, 2, 3], [(0, 9), (2, 8)]) == (9, 2, 8)
    assert subval((1, 2), 1, 5) == (1, 5)
    assert func(f) is f
    v = Value(2.0)
    assert isbox(v)
    assert isbox(Tensor(X))
    assert not isbox(2.0)
    assert getval(v) == 2.0
    assert getval(3) == 3
    assert isinstance(v, Box)
    y = v * v + v
    assert [node.operation for node in toposort(y)][:2] == ["+", "*"]
    assert list(toposort(y))[-1] is v


class Written(Node):
    """Writes each step as text."""

    def initialize_root(self, name):
        self.text = name

    def __init__(self, value, fun, args, kwargs, parent_argnums, parents):
        names = dict(zip(parent_argnums, (p.text for p in parents), strict=True))
        written = [str(names.get(i, x)) for i, x in enumerate(args)] + [f"{k}={v}" for k, v in kwargs.items()]
        self.text, self.value = f"{fun.__name__}({', '.join(written)})", value


def test_traces():
    value, node = trace(Written.new_root("x"), lambda x: np.exp(x) * 2.0 + x, 0.0)
    assert value == 2.0
    assert node.text == "add(multiply(exp(x), 2.0), x)"
    value, node = trace(Written.new_root("p"), lambda p: np.sum(p["w"][0] * p["b"]), {"w": [X], "b": 2.0})
    assert value == 2 * X.sum()
    assert "container_take(container_take(p, w), 0)" in node.text
    value, node = trace(Written.new_root("x"), grad(lambda x: x**3), 2.0)
    assert value == 12.0
    assert "power_of" in node.text
    scaled = primitive(lambda x, names, power=1: x**power)
    scaled.fun.__name__ = "scaled"
    value, node = trace(Written.new_root("x"), lambda x: scaled(x, "ab", power=2), 3.0)
    assert (value, node.text) == (9.0, "scaled(x, ab)")
    assert trace(Written.new_root("x"), lambda x: 5.0, 3.0) == (5.0, None)
    with pytest.raises(NotImplementedError):
        Node(1.0, None, (), {}, (), ())
