"""Activations with a shape of their own: weights for channels, halves of an axis, errors in words."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.special

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


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_gelu_of_arrays_is_exact_far_out_and_near_zero(dtype):
    far = np.array([0.0, 1e-30, -1e-20, 1e-8, -0.5, 3.0, -4.9, 30.0, -30.0, 1e30, -1e30], dtype)
    x = np.concatenate([far, np.linspace(-12.9, 9, 100_000).astype(dtype)])  # in several parts
    t = autograd.Tensor(x)
    y = autograd.gelu(t)
    y.sum().backward()
    exact = x.astype(float)
    with np.errstate(over="ignore", invalid="ignore"):
        phi = np.where(np.abs(exact) < 40, np.exp(-0.5 * exact**2), 0) / np.sqrt(2 * np.pi)
    share = 0.5 * scipy.special.erfc(-exact / np.sqrt(2))
    near = np.abs(exact) < 6
    rtol = 2e-6 if dtype == np.float32 else 3e-14
    np.testing.assert_allclose(y.data[near], (exact * share)[near], rtol=rtol)
    np.testing.assert_allclose(y.data, exact * share, rtol=1e-5, atol=1e-30)
    np.testing.assert_allclose(t.grad, share + exact * phi, rtol=rtol, atol=1e-6 if dtype == np.float32 else 1e-15)
    assert y.dtype == t.grad.dtype == dtype
    np.testing.assert_array_equal(autograd.gelu(np.array([np.inf, np.nan], dtype)), [np.inf, np.nan])
