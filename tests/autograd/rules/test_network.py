"""Softmax and cross-entropy: of many rows, which go some at a time; of extremes; and where the largest elements are."""

from __future__ import annotations

import numpy as np
import pytest

import autograd
from autograd import Tensor
from autograd.rules import network

rng = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(3, 4), (500, 7), (70, 100), (9, 5, 60), (20, 300), (1, 3000), (3000, 1)])
@pytest.mark.parametrize("axis", [-1, 0])
@pytest.mark.parametrize("layout", [np.ascontiguousarray, np.asfortranarray, lambda x: x[::-1]])
def test_the_largest_elements(shape, axis, layout):
    x = layout(rng.normal(size=shape))
    np.testing.assert_array_equal(network.largest(x, axis), x.max(axis, keepdims=True))
    x = x.copy()
    x[0, ..., -1] = np.nan
    x[-1, ..., 0] = -np.inf
    np.testing.assert_array_equal(network.largest(x, axis), x.max(axis, keepdims=True))


def plain(x, axis):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


@pytest.mark.parametrize("room", [1, 1000, 1 << 20])
@pytest.mark.parametrize("axis", [-1, 0, 1])
def test_rows_go_some_at_a_time(room, axis, monkeypatch):
    monkeypatch.setattr(network, "ROOM", room)
    for x in (rng.normal(size=(6, 5, 40)), rng.normal(size=(5, 6, 40)).swapaxes(0, 1), rng.normal(size=(0, 2, 3))):
        if not x.size:
            assert autograd.softmax(x, axis).shape == autograd.log_softmax(x, axis).shape == x.shape
            continue
        np.testing.assert_allclose(autograd.softmax(x, axis), plain(x, axis), rtol=1e-13)
        np.testing.assert_allclose(autograd.log_softmax(x, axis), np.log(plain(x, axis)), rtol=1e-12)


@pytest.mark.parametrize("room", [1, 1000, 1 << 20])
@pytest.mark.parametrize("scale", [1.0, 2000.0])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_cross_entropy_is_its_composition(room, scale, dtype, monkeypatch):
    monkeypatch.setattr(network, "ROOM", room)
    z, target = (scale * rng.normal(size=(9, 4, 30))).astype(dtype), rng.integers(0, 30, (9, 4))
    g = rng.normal(size=(9, 4)).astype(dtype)
    index = (*np.indices(target.shape), target)
    y, pull = autograd.vjp(lambda z: autograd.softmax_cross_entropy(z, target), z)
    found, expected = (y, *pull(g)), autograd.vjp(lambda z: -autograd.log_softmax(z)[index], z.astype(float))
    tolerance = 1e-12 if dtype is np.float64 else 1e-5
    for a, e in zip(found, (expected[0], *expected[1](g.astype(float))), strict=True):
        assert a.dtype == dtype
        np.testing.assert_allclose(a, e, rtol=tolerance, atol=tolerance)


def test_a_second_sweep_finds_the_same():
    z, target = Tensor(rng.normal(size=(6, 4))), rng.integers(0, 4, 6)
    loss = autograd.softmax_cross_entropy(z, target).sum()
    loss.backward(retain_graph=True)
    once = z.grad.copy()
    loss.backward()
    np.testing.assert_array_equal(z.grad, 2 * once)
