"""Convolution: against the sum that defines it, against PyTorch, both ways of computing it, and its room."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

import autograd
from autograd import ShapeError, Tensor
from autograd.rules import columns, depthwise, winograd
from autograd.rules.convolution import convolution

rng = np.random.default_rng(0)


def textbook(x, w, stride, padding, dilation, groups):
    """The definition, one window after the other."""
    x = np.pad(x, ((0, 0), (0, 0), *padding))
    outputs, inputs, *kernel = w.shape
    counts = [(n - d * (k - 1) - 1) // s + 1 for n, k, s, d in zip(x.shape[2:], kernel, stride, dilation)]
    y = np.zeros((len(x), outputs, *counts), x.dtype)
    for at in np.ndindex(*counts):
        window = [slice(i * s, i * s + d * (k - 1) + 1, d) for i, s, k, d in zip(at, stride, kernel, dilation)]
        for o in range(outputs):
            first = o // (outputs // groups) * inputs
            seen = x[(slice(None), slice(first, first + inputs), *window)]
            y[(slice(None), o, *at)] = (seen * w[o]).reshape(len(x), -1).sum(1)
    return y


SETTINGS = [
    ((2, 3, 7), (4, 3, 3), {"stride": (2,), "padding": ((1, 1),), "dilation": (1,), "groups": 1}),
    ((2, 4, 9), (6, 2, 3), {"stride": (1,), "padding": ((0, 3),), "dilation": (2,), "groups": 2}),
    ((3, 2, 6, 5), (4, 2, 3, 2), {"stride": (1, 2), "padding": ((1, 1), (2, 0)), "dilation": (2, 1), "groups": 1}),
    ((2, 4, 5, 6), (4, 1, 3, 3), {"stride": (1, 1), "padding": ((1, 1), (1, 1)), "dilation": (1, 1), "groups": 4}),
    ((3, 3, 5, 4), (6, 1, 2, 3), {"stride": (2, 1), "padding": ((1, 0), (0, 1)), "dilation": (1, 1), "groups": 3}),
    ((2, 3, 4, 4), (5, 3, 1, 1), {"stride": (1, 1), "padding": ((0, 0), (0, 0)), "dilation": (1, 1), "groups": 1}),
    ((2, 4, 4, 5), (4, 2, 1, 1), {"stride": (2, 1), "padding": ((0, 0), (1, 0)), "dilation": (1, 1), "groups": 2}),
    (
        (1, 2, 4, 5, 3),
        (2, 2, 2, 3, 2),
        {"stride": (1, 2, 1), "padding": ((1, 1),) * 3, "dilation": (1,) * 3, "groups": 1},
    ),
]


@pytest.mark.parametrize(("images", "kernels", "how"), SETTINGS)
@pytest.mark.parametrize("room", [1, 2000, 1 << 20])  # bytes: row by row, some of them, all images at once
def test_the_definition(images, kernels, how, room, monkeypatch):
    monkeypatch.setattr(columns, "ROOM", room)
    monkeypatch.setattr(depthwise, "ROOM", room)
    x, w = rng.normal(size=images), rng.normal(size=kernels)
    expected = textbook(x, w, **how)
    np.testing.assert_allclose(convolution(x, w, **how), expected, rtol=1e-12, atol=1e-12)
    g = rng.normal(size=expected.shape)
    dx, dw = autograd.vjp(lambda x, w: convolution(x, w, **how), x, w)[1](g)
    for _ in range(3):  # the transposes, by what makes them so
        a, b = rng.normal(size=images), rng.normal(size=kernels)
        np.testing.assert_allclose(np.sum(dx * a), np.sum(g * textbook(a, w, **how)), rtol=1e-10)
        np.testing.assert_allclose(np.sum(dw * b), np.sum(g * textbook(x, b, **how)), rtol=1e-10)


@pytest.mark.parametrize("size", [(8, 8), (7, 9), (5, 6), (3, 3), (4, 3), (13, 2), (1, 6)])
@pytest.mark.parametrize("padding", [((0, 0), (0, 0)), ((1, 1), (1, 1)), ((2, 1), (0, 3)), ((1, 2), (2, 2))])
@pytest.mark.parametrize("kernel", [(3, 3), (5, 5), (2, 1), (4, 2)])
@pytest.mark.parametrize("room", [1, 20000, 1 << 20])  # bytes: some lines of an image, an image, all images at once
def test_winograd_is_the_textbook_form(size, padding, kernel, room, monkeypatch):
    monkeypatch.setattr(winograd, "ROOM", room)
    monkeypatch.setattr(winograd, "LEAST", 1)
    how = {"stride": (1, 1), "padding": padding, "dilation": (1, 1), "groups": 1}
    x, w = rng.normal(size=(5, 3, *size)), rng.normal(size=(4, 3, *kernel))
    low = (padding[0][0], padding[1][0])
    counts = columns.Walk(**how).counts(size, kernel)
    if min(counts) < 1:
        with pytest.raises(ShapeError, match="does not fit"):
            convolution(x, w, **how)
        return
    expected = textbook(x, w, **how)
    np.testing.assert_allclose(winograd.forward(x, w, None, counts, low), expected, rtol=1e-11, atol=1e-12)
    g = rng.normal(size=expected.shape)
    dx, dw = autograd.vjp(lambda x, w: convolution(x, w, **how), x, w)[1](g)
    for found in (
        winograd.transposed(g, x, w, x.shape, kernel, low),
        (
            winograd.transposed(g, None, w, x.shape, kernel, low)[0],
            winograd.transposed(g, x, None, x.shape, kernel, low)[1],
        ),
    ):
        np.testing.assert_allclose(found[0], dx, rtol=1e-11, atol=1e-12)
        np.testing.assert_allclose(found[1], dw, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("taps", [2, 3, 4, 5])
def test_winograds_matrices_convolve(taps):
    by = winograd.matrices(taps, np.dtype(float))
    d, w = rng.normal(size=6), rng.normal(size=taps)
    found = by.results @ ((by.kernel @ w) * (by.inputs @ d))
    np.testing.assert_allclose(found, np.correlate(d, w), rtol=1e-12, atol=1e-13)


def test_winograd_is_taken_and_is_nearly_as_exact(monkeypatch):
    calls = []

    def counted(function):
        return lambda *args: (calls.append(function.__name__), function(*args))[1]

    monkeypatch.setattr(winograd, "forward", counted(winograd.forward))
    monkeypatch.setattr(winograd, "transposed", counted(winograd.transposed))
    x, w = rng.normal(size=(2, 32, 14, 13)).astype("f"), rng.normal(size=(8, 32, 3, 3)).astype("f")
    g = rng.normal(size=(2, 8, 14, 13)).astype("f")
    y, pull = autograd.vjp(lambda x, w: autograd.conv2d(x, w, padding=1), x, w)
    found = y, *pull(g)
    assert calls == ["forward", "transposed"]  # both gradients at once
    exact = autograd.vjp(
        lambda x, w: autograd.conv2d(x, w, padding=1, dilation=(1, 1)), x.astype(float), w.astype(float)
    )
    for mine, other in zip(found, (exact[0], *exact[1](g.astype(float))), strict=True):
        assert mine.dtype == np.float32
        assert np.std(mine - other) < 1e-6 * np.std(other)
        assert np.abs(mine - other).max() < 1.5e-5 * np.std(other)


CALLS = [
    ("conv1d", (2, 4, 9), (6, 2, 3), {"stride": 2, "padding": 1, "groups": 2}),
    ("conv1d", (4, 9), (6, 4, 3), {"padding": "same", "dilation": 3}),
    ("conv1d", (2, 3, 6), (2, 3, 4), {"padding": "same"}),
    ("conv2d", (2, 3, 6, 5), (4, 3, 3, 3), {"padding": (1, 2)}),
    ("conv2d", (2, 3, 6, 5), (4, 3, 2, 3), {"padding": "valid", "stride": (2, 1)}),
    ("conv2d", (2, 4, 6, 5), (8, 1, 3, 3), {"groups": 4, "dilation": (1, 2), "padding": 1}),
    ("conv2d", (0, 3, 6, 5), (4, 3, 3, 3), {}),
    ("conv2d", (2, 16, 9, 8), (8, 16, 3, 3), {"padding": 1}),
    ("conv3d", (2, 2, 4, 3, 5), (4, 1, 2, 3, 2), {"groups": 2, "padding": (0, 1, 1), "stride": (1, 1, 2)}),
    ("conv_transpose1d", (2, 4, 5), (4, 3, 3), {"stride": 3, "padding": 1, "output_padding": 2, "groups": 2}),
    ("conv_transpose1d", (4, 5), (4, 3, 3), {}),
    ("conv_transpose2d", (2, 3, 4, 3), (3, 4, 3, 2), {"stride": (2, 1), "padding": 1, "output_padding": (1, 0)}),
    ("conv_transpose2d", (2, 4, 3, 4), (4, 2, 2, 3), {"dilation": 3, "output_padding": (2, 1), "groups": 2}),
    ("conv_transpose2d", (2, 8, 8, 9), (8, 8, 3, 3), {"padding": 1}),
    ("conv_transpose3d", (1, 2, 2, 3, 2), (2, 2, 3, 2, 2), {"stride": 2, "padding": (1, 0, 1), "output_padding": 1}),
]


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")  # it makes a copy
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize(("name", "images", "kernels", "settings"), CALLS)
def test_pytorch_says_the_same(name, images, kernels, settings, bias, same_as_torch):
    import torch

    outputs = kernels[1] * settings.get("groups", 1) if "transpose" in name else kernels[0]
    arrays = [rng.normal(size=images), rng.normal(size=kernels), *([rng.normal(size=outputs)] if bias else [])]
    same_as_torch(
        lambda *xs: getattr(autograd, name)(*xs, **settings),
        lambda *xs: getattr(torch.nn.functional, name)(*xs, **settings),
        *arrays,
    )


def test_third_derivatives(agrees):
    x, w = rng.normal(size=(1, 2, 4)), rng.normal(size=(2, 2, 2))

    def cube(x, w):
        return autograd.sum(autograd.conv1d(x, w) ** 3)

    def second(x, w):
        return autograd.hvp(cube, (x, w), (np.ones(x.shape), np.ones(w.shape)))[1]

    agrees(second, x, w, rtol=1e-6)


def test_room():
    """Beyond operands and results at most 20 MB, for 32 images with 32 channels in and 64 out."""
    x, w = Tensor(np.ones((32, 32, 28, 28), np.float32)), Tensor(np.ones((64, 32, 3, 3), np.float32))
    g = np.ones((32, 64, 28, 28), np.float32)
    for how in ({"padding": 1}, {"padding": 2, "dilation": 2}):
        x.grad = w.grad = None
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        y = autograd.conv2d(x, w, **how)
        forward = tracemalloc.get_traced_memory()[1] - before - y.data.nbytes
        y.backward(g)
        both = tracemalloc.get_traced_memory()[1] - before - y.data.nbytes - g.nbytes - x.grad.nbytes - w.grad.nbytes
        tracemalloc.stop()
        assert max(forward, both) < 20e6


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda x, w: autograd.conv2d(x, w, groups=2), "take 6 channels and give 4"),
        (lambda x, w: autograd.conv2d(x, w, np.ones(3)), r"bias ndarray\(3,\) float64: .* give 4"),
        (lambda x, w: autograd.conv1d(x, w), "images have 2 or 3 axes, kernels have 3"),
        (lambda x, w: autograd.conv2d(x, w, padding="same", stride=2), "needs stride 1"),
        (lambda x, w: autograd.conv2d(x, w, padding="full"), "'full'"),
        (lambda x, w: autograd.conv2d(x, w, stride=(1, 2, 3)), "for 2 spatial axes"),
        (lambda x, w: autograd.conv2d(x, w, dilation=3), r"a kernel of \(3, 3\) does not fit into images of \(6, 5\)"),
        (lambda x, w: autograd.conv_transpose2d(x, w), "take 4 channels and give 3"),
        (lambda x, w: autograd.conv_transpose2d(x, w[:3], output_padding=1), "must be less than stride"),
        (lambda x, w: autograd.conv_transpose2d(x, w[:3], padding=5), "nothing is left"),
        (lambda x, w: autograd.conv2d(x[:, :1], w[:3, :1], groups=2)[0], "take 2 channels"),
        (lambda x, w: autograd.conv2d(x[:, :2], w[:3, :1], groups=2)[0], "3 channels cannot be made into 2"),
    ],
)
def test_errors(call, words):
    with pytest.raises(ShapeError, match=words):
        call(Tensor(np.ones((2, 3, 6, 5))), Tensor(np.ones((4, 3, 3, 3))))
