"""A choice without jumps is np.where's, to the last bit."""

from __future__ import annotations

import numpy as np
import pytest

import autograd
from autograd import Tensor
from autograd.rules import choosing
from autograd.rules.choosing import choose

ODD = [np.nan, -np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-42, 1.0]


def same(found, expected):
    assert found.dtype == expected.dtype
    assert found.shape == expected.shape
    assert found.tobytes() == expected.tobytes()


def arrays(dtype, *shape, seed=0):
    rng = np.random.default_rng(seed)
    return np.where(rng.random(shape) < 0.3, rng.choice(ODD, shape), rng.normal(size=shape)).astype(dtype)


@pytest.fixture(params=[1, choosing._LEAST])
def least(request, monkeypatch):
    monkeypatch.setattr(choosing, "_LEAST", request.param)


@pytest.mark.usefixtures("least")
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int32, bool])
def test_it_is_where(dtype):
    rng = np.random.default_rng(0)
    mask = rng.random((60, 70)) < 0.5
    a, b = arrays(np.float64, 60, 70), arrays(np.float64, 60, 70, seed=1)
    with np.errstate(invalid="ignore", over="ignore"):
        a, b = (x.astype(dtype) for x in (a, b))
    for x, y in [(a, b), (a, 0), (0, b), (a, b[0]), (a[:, :1], b), (a[None], b), (a.T.copy().T, b), (a[0, 0], b[0, 0])]:
        same(choose(mask, x, y), np.where(mask, x, y))
    same(choose(mask.T, a.T, b.T), np.where(mask.T, a.T, b.T))
    same(choose(mask[::2, ::-3], a[::2, ::-3], b[1::2, ::3]), np.where(mask[::2, ::-3], a[::2, ::-3], b[1::2, ::3]))
    same(choose(mask[:1], a, b), np.where(mask[:1], a, b))
    same(choose(mask, a, b.astype(np.float32)), np.where(mask, a, b.astype(np.float32)))


@pytest.mark.usefixtures("least")
def test_numbers_take_the_precision_of_arrays():
    mask = np.arange(5000) % 3 == 0
    x = np.ones(5000, np.float32)
    for a, b in [(x, 0.5), (0.5, x), (x, np.float64(0.5)), (1.0, 0.5), (np.float32(1), 0.5)]:
        same(choose(mask, a, b), np.where(mask, a, b))
    same(choose(mask.astype(int), x, 0.5), np.where(mask, x, 0.5))


@pytest.mark.parametrize("slope", [0.0, 0.01, 0.3, 1.0, 2.0, -0.5])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_leaky_relu_whatever_its_slope(slope, dtype):
    x = Tensor(np.array([*ODD, -1.0, -1e-3, 3.0], dtype))
    with np.errstate(invalid="ignore"):
        y = autograd.leaky_relu(x, slope)
        y.backward(np.ones_like(x.data))
        expected = [v if v > 0 else np.asarray(slope, dtype) * v for v in x.data]
    np.testing.assert_array_equal(y.data, np.array(expected, dtype))
    assert y.dtype == x.grad.dtype == dtype
    np.testing.assert_array_equal(x.grad, np.where(x.data > 0, 1, slope).astype(dtype))
