"""The kernel for products agrees with NumPy, writes nothing beside its result, and knows when it is slower."""

from __future__ import annotations

import numpy as np
import pytest

import autograd
from autograd import Tensor, kernel

pytest.importorskip("numba", reason="numba is not installed: there are no kernels")
from autograd.kernel import product as loop
from autograd.rules import blas


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def guarded(rows, columns, value):
    """An array of one value in the midst of another one, which is to stay as it is."""
    room = np.full(rows * columns + 256, np.float32(1e30))
    inside = room[128:-128].reshape(rows, columns)
    inside[...] = value
    return room, inside


SHAPES = [
    (6, 1, 1),
    (7, 3, 2),
    (64, 300, 64),
    (97, 33, 10),
    (65, 256, 16),
    (64, 257, 17),
    (66, 700, 32),
    (71, 64, 33),
    (100, 1000, 100),
    (70, 2500, 256),
    (61, 5, 129),
]


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_it_adds_the_product(shape, turned):
    rows, depth, columns = shape
    left = numbers(depth, rows).T if turned else numbers(rows, depth)
    right = numbers(depth, columns, seed=1)
    room, out = guarded(rows, columns, 7)
    loop.add_product(left, right, out)
    exact = left.astype(float) @ right
    size = np.abs(left).astype(float) @ np.abs(right)
    assert (np.abs(out - 7 - exact) <= 1e-6 * (7 + size)).all()
    assert (room[:128] == np.float32(1e30)).all()
    assert (room[-128:] == np.float32(1e30)).all()


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("depth", [1000, 4096, 16384])
def test_long_sums_keep_the_digits(depth, turned):
    left, right = numbers(64, depth), numbers(depth, 64, seed=1)
    exact, plain = left.astype(float) @ right, np.zeros((64, 64), np.float32)
    for k in range(depth):
        plain += left[:, k, None] * right[k]
    out = np.zeros((64, 64), np.float32)
    loop.add_product(np.asfortranarray(left) if turned else left, right, out)
    assert np.std(out - exact) < np.std(plain - exact) / 1.5, "than sums of one number after the other"


def test_what_is_no_number_stays_in_its_row_and_its_column():
    left, right = numbers(70, 100), numbers(100, 70, seed=1)
    left[3, 5], left[69, 99], right[50, 68] = np.nan, np.inf, np.inf
    out = np.zeros((70, 70), np.float32)
    loop.add_product(left, right, out)
    with np.errstate(invalid="ignore"):
        expected = left @ right
    np.testing.assert_array_equal(np.isnan(out), np.isnan(expected))
    np.testing.assert_array_equal(np.isinf(out), np.isinf(expected))
    assert np.isnan(out[3]).all()
    assert np.isfinite(out[:, :68]).sum() == 68 * 68


@pytest.fixture
def alone(monkeypatch):
    """As on a machine that has the registers, and a BLAS in one thread."""
    monkeypatch.setattr(loop, "_has_registers", lambda: True)
    monkeypatch.setattr(loop, "_threads", lambda: 1)


def test_when_it_pays(alone, monkeypatch):
    x, w = np.zeros((512, 100), np.float32), np.zeros((100, 64), np.float32)
    assert loop.pays(x, w)
    assert loop.pays(np.asfortranarray(x), w)
    assert not loop.pays(x[:32], w), "too few rows for what is copied"
    assert not loop.pays(x[:, ::2], w[::2]), "numbers with gaps between them"
    assert not loop.pays(x, np.zeros((100, 512), np.float32)), "too wide"
    assert not loop.pays(np.asfortranarray(x), np.zeros((100, 128), np.float32)), "too wide for a transpose"
    monkeypatch.setattr(loop, "_threads", lambda: 2)
    assert not loop.pays(x, w), "BLAS shares it out"
    monkeypatch.setattr(loop, "_threads", lambda: None)
    assert not loop.pays(x, w), "BLAS cannot be asked"
    monkeypatch.setattr(loop, "_threads", lambda: 1)
    monkeypatch.setattr(loop, "_has_registers", lambda: False)
    assert not loop.pays(x, w), "no registers of 16 numbers"


def test_threads_are_those_of_blas_now():
    threadpoolctl = pytest.importorskip("threadpoolctl", reason="threadpoolctl is not installed: BLAS cannot be asked")
    with threadpoolctl.threadpool_limits(1, user_api="blas"):
        assert loop._threads() == 1


@pytest.fixture
def used(alone, monkeypatch):
    """The products that the kernel has made."""
    made = []
    add_product = loop.add_product

    def watched(left, right, out):
        made.append((*left.shape, right.shape[1]))
        add_product(left, right, out)

    monkeypatch.setattr(loop, "add_product", watched)
    return made


def test_a_layer_and_its_gradients(used, monkeypatch):
    x, w, b = (
        Tensor(numbers(640, 100)),
        Tensor(np.asfortranarray(numbers(64, 100, seed=1))),
        Tensor(numbers(64, seed=2)),
    )
    g = numbers(640, 64, seed=3)

    def layer():
        x.grad = w.grad = b.grad = None
        y = autograd.affine(x, w, b)
        y.backward(g)
        return y.data, x.grad, w.grad, b.grad

    found = layer()
    assert sorted(used) == [(100, 640, 64), (640, 64, 100), (640, 100, 64)]
    assert found[2].flags.f_contiguous
    monkeypatch.setattr(kernel, "enabled", False)
    for ours, expected in zip(found, layer(), strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-5 * np.abs(expected).max())
    assert len(used) == 3


@pytest.mark.parametrize("dtype", [np.float64, np.float16, np.int32])
def test_other_numbers_are_left_to_numpy(used, dtype):
    left, right = (np.ones(shape, dtype) for shape in ((300, 100), (100, 100)))
    assert (blas.product(left, right) == 100).all()
    assert (blas.product(left, right, right[0]) == 101).all()
    assert not used


def test_small_products_are_left_to_numpy(used):
    assert (blas.product(np.ones((80, 8), np.float32), np.ones((8, 80), np.float32)) == 8).all()
    assert not used


def test_the_result_may_have_its_place(used):
    left, right, out = numbers(640, 100), numbers(100, 64, seed=1), np.full((640, 64), np.nan, np.float32)
    assert blas.product(left, right, out=out) is out
    np.testing.assert_allclose(out, left @ right, rtol=1e-5, atol=1e-4)
    assert used == [(640, 100, 64)]
