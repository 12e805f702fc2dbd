"""gradcheck of custom functions, made by the decorator and by the class: named as the user named them."""

from __future__ import annotations

import numpy as np
import pytest

import autograd
from autograd import GradcheckError, custom_function, gradcheck, gradgradcheck

X = np.random.default_rng(5).uniform(0.2, 1.2, (4, 3))
W = np.random.default_rng(6).uniform(-1.0, 1.0, (5, 3))
B = np.random.default_rng(7).uniform(-1.0, 1.0, 5)


def verdict(function, *args, check=gradcheck):
    with pytest.raises(GradcheckError) as caught:
        check(function, *args)
    return caught.value


def softened(partial):
    @custom_function
    def softened(z):
        return np.tanh(z)

    softened.partials(partial)
    return softened


def test_a_formula():
    assert gradcheck(softened(lambda y, z: 1 - y * y), X)
    assert gradgradcheck(softened(lambda y, z: 1 - y * y), X)
    assert gradcheck(softened(lambda y, z: 1 - y * y), 0.3)
    for x in (X, 0.3):
        error = verdict(softened(lambda y, z: 1 - y), x)
        assert error.verdict.kind == "wrong factor"
        assert "the gradient of softened" in str(error)
        assert "has the factor 1 - y (y is its result)" in str(error)


def scaled_product(rule):
    @custom_function
    def scaled_product(left, how, right):
        return left @ right

    scaled_product.vjp(rule)
    return lambda left, right: scaled_product(left, "exactly", right).sum()


def test_a_vjp_with_something_between_the_operands():
    right = scaled_product(lambda g, y, left, how, right: (g @ right.T, None, left.T @ g))
    assert gradcheck(right, X, W.T)
    assert gradgradcheck(right, X, W.T)
    error = verdict(scaled_product(lambda g, y, left, how, right: (g @ right.T, None, -(left.T @ g))), X, W.T)
    assert error.verdict.kind == "sign"
    assert "the gradient of scaled_product by right has the wrong sign" in str(error)
    assert "∂f/∂right[" in str(error)
    assert error.failure.primitive == "scaled_product"


def test_several_results():
    @custom_function
    def both(a, b):
        return a * b, np.sin(a)

    both.vjp(lambda g, h, y, a, b: (g * b + h * np.cos(a), -g * a))
    error = verdict(both, X, X + 1)
    assert error.verdict.kind == "sign"
    assert "by b has the wrong sign" in str(error)


class Affine(autograd.Function):
    """A layer in PyTorch's style, whose bias is averaged where it must be summed."""

    @staticmethod
    def forward(ctx, x, weight, bias):
        ctx.save_for_backward(x, weight)
        return x @ weight.T + bias

    @staticmethod
    def backward(ctx, g):
        x, weight = ctx.saved_tensors
        return g @ weight, g.T @ x, g.mean(0)


class Cube(autograd.Function):
    """A function whose rule forgets the three."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x * x

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * x * x


def test_a_class():
    error = verdict(lambda x, w, b: autograd.tanh(Affine.apply(x, w, b)), X, W, B)
    assert error.verdict.kind == "constant factor"
    assert "the gradient of Affine by bias is 1/4 of what it should be" in str(error)
    assert "test_custom.py" in str(error)
    error = verdict(Cube.apply, X)
    assert error.verdict.kind == "constant factor"
    assert "the gradient of Cube by x is 1/3 of" in str(error)


def test_second_order_of_a_class():
    class Exp(autograd.Function):
        @staticmethod
        def forward(ctx, x):
            y = np.exp(x)
            ctx.save_for_backward(y)
            return y

        @staticmethod
        def backward(ctx, g):
            (y,) = ctx.saved_tensors
            return g * y

    assert gradcheck(Exp.apply, X)
    assert gradgradcheck(Exp.apply, X)
    assert verdict(lambda x: Cube.apply(x) * x, X, check=gradgradcheck).failure.primitive == "Cube"


def test_a_numerical_derivative_passes():
    @custom_function(numerical="central differences")
    def hump(x):
        return np.exp(-x * x)

    assert gradcheck(hump, X)


def test_what_the_contract_says_is_passed_on():
    @custom_function
    def shift(x, b):
        return x + b

    shift.vjp(lambda g, y, x, b: (g, g))
    with pytest.raises(autograd.ShapeError, match="gradient for b that has shape"):
        gradcheck(shift, X, np.ones(3))
