"""Numerical derivatives: as good as they say, named in the graph, and refused where they cannot work."""

from __future__ import annotations

import math

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, custom_function, draw, grad, jacobian, jvp, vjp


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
    v = Value(0.5)
    assert "∂bump" in str(draw(grad(bump)(v)))  # and so does a derivative that can be differentiated again


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
    assert "test_numerical.py" in str(error.value)


def test_a_result_that_does_not_depend_on_an_operand_has_a_numerical_derivative_of_zero():
    for method in ("complex step", "central differences"):
        f = custom_function(lambda a, b: np.exp(a), numerical=method)
        assert grad(f, (0, 1))(0.5, 2.0) == pytest.approx((math.exp(0.5), 0.0))
