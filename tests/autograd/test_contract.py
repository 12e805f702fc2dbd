"""What careless custom functions are told: what is wrong, on which line of theirs, and what to do."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

import autograd
from autograd import AutogradError, Tensor, custom_function, formula, grad, jvp

X, W = np.ones((3, 2)), np.ones((2, 3))


@custom_function
def plus(a, b):
    return a + b


plus.vjp(lambda g, y, a, b: (g, g))


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
    g @ w.T


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
    "a missing operand": (lambda: plus(1.0), TypeError, ["plus() missing a required argument: 'b'"]),
    "complex operands": (lambda: plus(X * 1j, W), TypeError, ["plus needs real numbers", "complex128"]),
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
    assert re.search(r"at test_contract\.py:\d+: ", text), text
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
