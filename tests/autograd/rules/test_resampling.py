"""Interpolation, shuffling and grids: against PyTorch, inverses, and errors."""

from __future__ import annotations

import numpy as np
import pytest

import autograd
from autograd import ShapeError, Tensor

rng = np.random.default_rng(0)
X1, X2, X3 = (rng.normal(size=(2, 3, *s)) for s in ((5,), (4, 5), (3, 4, 2)))

SIZES = [
    (X1, "linear", {"size": 8}),
    (X1, "linear", {"scale_factor": 0.6}),
    (X1, "nearest", {"size": 3}),
    (X1, "nearest-exact", {"size": 13}),
    (X1, "area", {"size": 3}),
    (X2, "nearest", {"scale_factor": (2.0, 1.5)}),
    (X2, "bilinear", {"size": (7, 3)}),
    (X2, "bilinear", {"scale_factor": 1.7}),
    (X2, "bilinear", {"scale_factor": 1.7, "recompute_scale_factor": True}),
    (X2, "bicubic", {"size": (7, 3)}),
    (X2, "bicubic", {"scale_factor": 2.3}),
    (X2, "area", {"size": (2, 7)}),
    (X3, "trilinear", {"size": (2, 7, 3)}),
    (X3, "nearest", {"size": (2, 7, 3)}),
    (X2, "bilinear", {"size": (1, 1)}),
]


@pytest.mark.parametrize(("x", "mode", "settings"), SIZES)
@pytest.mark.parametrize("align", [None, True])
def test_interpolate(x, mode, settings, align, same_as_torch):
    import torch

    if align and not mode.endswith(("linear", "cubic")):
        with pytest.raises(ShapeError, match="align_corners goes with"):
            autograd.interpolate(x, mode=mode, align_corners=True, **settings)
        return
    same_as_torch(
        lambda x: autograd.interpolate(x, mode=mode, align_corners=align, **settings),
        lambda x: torch.nn.functional.interpolate(x, mode=mode, align_corners=align, **settings),
        x,
        rtol=1e-8,
    )


def test_shuffling(same_as_torch):
    import torch

    x = rng.normal(size=(2, 12, 3, 2))
    same_as_torch(lambda x: autograd.pixel_shuffle(x, 2), lambda x: torch.nn.functional.pixel_shuffle(x, 2), x)
    big = autograd.pixel_shuffle(x, 2)
    assert big.shape == (2, 3, 6, 4)
    same_as_torch(lambda x: autograd.pixel_unshuffle(x, 2), lambda x: torch.nn.functional.pixel_unshuffle(x, 2), big)
    np.testing.assert_array_equal(autograd.pixel_unshuffle(big, 2), x)
    np.testing.assert_array_equal(autograd.pixel_shuffle(x[0], 2), big[0])
    same_as_torch(lambda x: autograd.channel_shuffle(x, 3), lambda x: torch.nn.functional.channel_shuffle(x, 3), x)


@pytest.mark.filterwarnings("ignore:Since version 1.3.0, affine_grid")  # it warns of sizes of 1
@pytest.mark.parametrize("align", [False, True])
@pytest.mark.parametrize(("shape", "size"), [((2, 2, 3), (2, 3, 4, 5)), ((2, 3, 4), (2, 1, 2, 1, 3))])
def test_affine_grid(shape, size, align, same_as_torch):
    import torch

    same_as_torch(
        lambda t: autograd.affine_grid(t, size, align),
        lambda t: torch.nn.functional.affine_grid(t, size, align),
        rng.normal(size=shape),
    )


@pytest.mark.parametrize("align", [False, True])
@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
@pytest.mark.parametrize(
    ("mode", "axes"), [("bilinear", 2), ("nearest", 2), ("bicubic", 2), ("bilinear", 3), ("nearest", 3)]
)
def test_grid_sample(mode, axes, padding, align, same_as_torch):
    import torch

    how = {"mode": mode, "padding_mode": padding, "align_corners": align}
    x = X2 if axes == 2 else X3
    grid = rng.uniform(-1.6, 1.6, (2, *(3, 2, 4)[:axes], axes))
    same_as_torch(
        lambda x, g: autograd.grid_sample(x, g, **how),
        lambda x, g: torch.nn.functional.grid_sample(x, g, **how),
        x,
        grid,
        rtol=1e-8,
        second=False,
    )


def test_the_same_grid_shows_the_same_image_and_second_derivatives(agrees):
    theta = np.array([[[1.0, 0, 0], [0, 1.0, 0]]] * 2)
    grid = autograd.affine_grid(theta, X2.shape)
    np.testing.assert_allclose(autograd.grid_sample(X2, grid), X2, rtol=1e-12)

    def slope(x, g):
        return autograd.grad(lambda x, g: (autograd.grid_sample(x, g) ** 2).sum(), (0, 1))(x, g)[1]

    agrees(slope, X2[:1, :2], rng.uniform(-0.9, 0.9, (1, 2, 2, 2)), rtol=1e-6)


@pytest.mark.parametrize("padding", ["border", "reflection"])
def test_at_the_border_a_place_has_no_slope(padding, same_as_torch):
    import torch

    grid = np.array([[[[-1.0, 0.3], [1.0, 1.0], [0.5, -1.0]]]])
    how = {"padding_mode": padding, "align_corners": True}
    same_as_torch(
        lambda g: autograd.grid_sample(X2[:1].astype(g.dtype), g, **how),
        lambda g: torch.nn.functional.grid_sample(torch.tensor(X2[:1]).to(g.dtype), g, **how),
        grid,
        second=False,
    )


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: autograd.interpolate(X2), "one of size and scale_factor"),
        (lambda: autograd.interpolate(X2, (3,)), "for 1 spatial axes"),
        (lambda: autograd.interpolate(X2, 3, mode="linear"), "no mode 'linear' for 2"),
        (lambda: autograd.interpolate(X2, scale_factor=0.1), "must be positive"),
        (lambda: autograd.pixel_shuffle(X2, 2), "no multiple of 2²"),
        (lambda: autograd.pixel_unshuffle(X2, 3), "no multiples of 3"),
        (lambda: autograd.channel_shuffle(X2, 2), "no 2 equal groups"),
        (lambda: autograd.affine_grid(Tensor(np.ones((2, 2, 2))), X2.shape), "does not fit images"),
        (lambda: autograd.grid_sample(X2, np.ones((1, 3, 3, 2))), "does not fit together"),
        (lambda: autograd.grid_sample(X2, np.ones((2, 3, 3, 2)), "cubic"), "no mode 'cubic'"),
    ],
)
def test_errors(call, words):
    with pytest.raises(ShapeError, match=words):
        call()
