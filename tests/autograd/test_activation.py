"""Activations with a shape of their own: weights for channels, halves of an axis, errors in words."""

from __future__ import annotations

import numpy as np
import pytest

import autograd
from autograd import ShapeError, Tensor, Value

X = np.random.default_rng(0).uniform(-2.0, 2.0, (2, 3, 4))


def test_prelu_has_a_weight_for_each_channel(agrees):
    weight = np.array([0.1, 0.2, 0.3])
    expected = np.where(X > 0, X, X * weight[:, None])
    np.testing.assert_array_equal(autograd.prelu(X, weight), expected)
    agrees(autograd.prelu, X, weight)
    agrees(autograd.prelu, X, np.array([0.25]))
    agrees(autograd.prelu, X, np.array(0.25))
    agrees(autograd.prelu, X[0, 0], np.full(4, 0.25))
    with pytest.raises(ShapeError, match=r"(?s)one weight, or 3, one for each channel.*ndarray\(2,\)"):
        autograd.prelu(Tensor(X), np.ones(2))


@pytest.mark.parametrize("axis", [-1, 0, 2])
def test_glu_is_the_first_half_times_the_sigmoid_of_the_second(axis, agrees):
    first, second = np.split(X, 2, axis)
    np.testing.assert_allclose(autograd.glu(X, axis), first / (1 + np.exp(-second)), rtol=1e-14)
    agrees(lambda x: autograd.glu(x, axis), X)
    with pytest.raises(ShapeError, match="axis 1 has 3 elements, which has no half"):
        autograd.glu(X, 1)


def test_softmin_turns_the_order_of_softmax(agrees):
    np.testing.assert_array_equal(autograd.softmin(X), autograd.softmax(-X))
    agrees(lambda x: autograd.softmin(x, 1), X)


def test_the_one_weight_of_prelu_leaves_a_number_a_number():
    x, weight = Tensor(-2.0), Tensor([0.5])
    y = autograd.prelu(x, weight)
    y.backward()
    assert (y.shape, y.item(), x.grad, weight.grad) == ((), -1.0, 0.5, -2.0)


def test_the_approximations_of_gelu_are_told_apart():
    assert autograd.gelu(1.0) != autograd.gelu(1.0, "tanh")
    u = np.sqrt(2 / np.pi) * (X + 0.044715 * X**3)
    np.testing.assert_allclose(autograd.gelu(X, "tanh"), 0.5 * X * (1 + np.tanh(u)), rtol=1e-12)
    with pytest.raises(ValueError, match='"none" or "tanh"'):
        autograd.gelu(1.0, "erf")


def test_parameters_are_static():
    for name, settings in {"elu": {"alpha": 0.5}, "hardtanh": {"min_val": -2.0}, "softshrink": {"lambd": 0.1}}.items():
        v = Value(0.7)
        y = getattr(autograd, name)(v, **settings)
        assert settings.items() <= y.params.items()
