"""Pooling: against windows written out, against PyTorch, ties, nan, infinities, and errors."""

from __future__ import annotations

import numpy as np
import pytest

import autograd
from autograd import ShapeError, Tensor
from autograd.rules import pool

rng = np.random.default_rng(0)


def distinct(*shape):
    return rng.permutation(np.prod(shape)).reshape(shape) / 7 - 3.0


X1, X2, X3 = distinct(2, 3, 11), distinct(2, 3, 7, 6), distinct(2, 2, 5, 4, 6)

CALLS = [
    ("max_pool1d", X1, {"kernel_size": 3}),
    ("max_pool1d", X1[0], {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True}),
    ("max_pool1d", X1, {"kernel_size": 3, "stride": 1, "dilation": 2}),
    ("max_pool2d", X2, {"kernel_size": 2}),
    ("max_pool2d", X2, {"kernel_size": (3, 2), "stride": (2, 1), "padding": 1, "dilation": (1, 2)}),
    ("max_pool2d", X2[0], {"kernel_size": 3, "stride": 2, "ceil_mode": True}),
    ("max_pool3d", X3, {"kernel_size": 2, "stride": (2, 1, 2), "padding": (0, 1, 1)}),
    ("avg_pool1d", X1, {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True}),
    ("avg_pool1d", X1, {"kernel_size": 4, "padding": 2, "count_include_pad": False}),
    ("avg_pool2d", X2, {"kernel_size": 2}),
    ("avg_pool2d", X2[0], {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True}),
    ("avg_pool2d", X2, {"kernel_size": (3, 2), "stride": 2, "padding": (1, 0), "count_include_pad": False}),
    ("avg_pool2d", X2, {"kernel_size": 2, "divisor_override": 3}),
    ("avg_pool2d", X2, {"kernel_size": 5, "stride": 3, "padding": 2, "ceil_mode": True}),
    ("avg_pool2d", X2, {"kernel_size": (7, 6)}),
    ("avg_pool3d", X3, {"kernel_size": (2, 2, 3), "stride": 2, "ceil_mode": True}),
    ("lp_pool1d", abs(X1), {"norm_type": 3.0, "kernel_size": 2}),
    ("lp_pool2d", X2, {"norm_type": 2.0, "kernel_size": (2, 3), "stride": 2, "ceil_mode": True}),
    ("lp_pool3d", X3, {"norm_type": 2.0, "kernel_size": 2}),
    ("adaptive_avg_pool1d", X1, {"output_size": 4}),
    ("adaptive_avg_pool2d", X2, {"output_size": (None, 3)}),
    ("adaptive_avg_pool2d", X2[0], {"output_size": (5, 9)}),
    ("adaptive_avg_pool2d", X2, {"output_size": 1}),
    ("adaptive_avg_pool3d", X3, {"output_size": (2, 4, 3)}),
    ("adaptive_max_pool1d", X1, {"output_size": 4}),
    ("adaptive_max_pool2d", X2, {"output_size": (7, 2)}),
    ("adaptive_max_pool2d", X2[0], {"output_size": (5, 9)}),
    ("adaptive_max_pool3d", X3, {"output_size": (2, None, 3)}),
]


@pytest.mark.parametrize(("name", "x", "settings"), CALLS)
@pytest.mark.parametrize("room", [1, 1 << 18])
def test_pytorch_says_the_same(name, x, settings, room, same_as_torch, monkeypatch):
    import torch

    monkeypatch.setattr(pool, "ROOM", room)
    theirs = getattr(torch.nn.functional, name)
    same_as_torch(lambda x: getattr(autograd, name)(x, **settings), lambda x: theirs(x, **settings), x)
    if "max" in name:
        y, index = getattr(autograd, name)(x, **settings, return_indices=True)
        values, expected = theirs(torch.tensor(x), **settings, return_indices=True)
        np.testing.assert_array_equal(y, values.numpy())
        np.testing.assert_array_equal(index, expected.numpy())


def test_windows_written_out():
    x = Tensor(X2)
    windows = autograd.sliding_window_view(x, (3, 2), (2, 3), step=2)
    np.testing.assert_array_equal(autograd.max_pool2d(x, (3, 2), 2).data, windows.data.max((4, 5)))
    np.testing.assert_allclose(autograd.avg_pool2d(x, (3, 2), 2).data, windows.data.mean((4, 5)), rtol=1e-14)
    np.testing.assert_allclose(
        autograd.lp_pool2d(abs(x), 3.0, (3, 2), 2).data, (abs(windows.data) ** 3).sum((4, 5)) ** (1 / 3), rtol=1e-13
    )


@pytest.mark.parametrize("settings", [{"kernel_size": 2}, {"kernel_size": 3, "stride": 1, "padding": 1}])
@pytest.mark.parametrize(
    "fill", [lambda x: x * 0, lambda x: x.round(), lambda x: np.where(x > 1, np.nan, x), lambda x: x * 0 - np.inf]
)
def test_ties_nan_and_infinities(settings, fill):
    torch = pytest.importorskip("torch", reason="PyTorch is compared with where it is installed")
    values = fill(X2)
    a, b = Tensor(values), torch.tensor(values, requires_grad=True)
    y, z = autograd.max_pool2d(a, **settings), torch.nn.functional.max_pool2d(b, **settings)
    g = rng.normal(size=y.shape)
    y.backward(g)
    z.backward(torch.tensor(g))
    np.testing.assert_array_equal(y.data, z.detach().numpy())
    np.testing.assert_allclose(a.grad, b.grad.numpy(), rtol=1e-14, atol=1e-15)


def test_unpooling_puts_back(same_as_torch):
    import torch

    for axes, x in ((1, X1), (2, X2), (3, X3)):
        y, index = getattr(autograd, f"max_pool{axes}d")(x, 2, return_indices=True)
        size = x.shape[2:]
        where = torch.tensor(index)
        same_as_torch(
            lambda y, axes=axes, index=index, size=size: getattr(autograd, f"max_unpool{axes}d")(
                y, index, 2, output_size=size
            ),
            lambda y, axes=axes, where=where, size=size: getattr(torch.nn.functional, f"max_unpool{axes}d")(
                y, where, 2, output_size=size
            ),
            y,
        )
    y, index = autograd.max_pool2d(X2[:, :, :6], 2, return_indices=True)
    back = autograd.max_unpool2d(y, index, 2)
    assert back.shape == (2, 3, 6, 6)
    np.testing.assert_array_equal(autograd.max_pool2d(np.where(back == 0, -9.0, back), 2), y)


def test_an_element_that_overlapping_windows_found_twice_sends_its_gradient_to_both():
    t = Tensor([[[3.0, 3.0]]])
    y = autograd.max_unpool1d(t, np.array([[[1, 1]]]), 2, 1)
    y.backward(np.array([[[5.0, 7.0, 9.0]]]))
    assert y.tolist() == [[[0.0, 3.0, 0.0]]]
    assert t.grad.tolist() == [[[7.0, 7.0]]]


def test_lp_pool_is_flat_where_everything_is_zero():
    x = Tensor(np.zeros((1, 1, 4)))
    y = autograd.lp_pool1d(x, 2.0, 2)
    y.backward(np.ones(y.shape))
    np.testing.assert_array_equal(y.data, 0)
    np.testing.assert_array_equal(x.grad, 0)


def test_integers_and_plain_arrays():
    x = np.arange(8).reshape(1, 8)
    y, index = autograd.max_pool1d(x, 4, return_indices=True)
    assert y.dtype == x.dtype
    np.testing.assert_array_equal(y, [[3, 7]])
    np.testing.assert_array_equal(index, [[3, 7]])
    assert autograd.max_pool1d([[1.0, 5.0]], 2).tolist() == [[5.0]]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda x: autograd.max_pool2d(x, 9), r"windows of \(9, 9\) do not fit"),
        (lambda x: autograd.max_pool2d(x, 2, padding=2), r"padding is at most half of kernel_size \(2, 2\)"),
        (lambda x: autograd.avg_pool1d(x, 2), "images have 2 or 3 axes"),
        (lambda x: autograd.avg_pool2d(x, (1, 2, 3)), "for 2 spatial axes"),
        (lambda x: autograd.adaptive_avg_pool2d(x, (1, 2, 3)), "for 2 spatial axes"),
        (lambda x: autograd.max_unpool2d(x, np.full(x.shape, 999), 2), "indices from 999 to 999 do not fit"),
    ],
)
def test_errors(call, words):
    with pytest.raises(ShapeError, match=words):
        call(Tensor(X2))
