"""Images of another size, or seen through a grid, under PyTorch's names and with its arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import autograd

__all__ = [
    "affine_grid",
    "channel_shuffle",
    "grid_sample",
    "interpolate",
    "pixel_shuffle",
    "pixel_unshuffle",
    "upsample",
    "upsample_bilinear",
    "upsample_nearest",
]

Size = int | Sequence[int] | None
Factor = float | Sequence[float] | None


def interpolate(
    input: Any,
    size: Size = None,
    scale_factor: Factor = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
) -> Any:
    """(N, C, ...) in another size, given the size, or what to multiply it by.

    `mode` is "nearest", "nearest-exact", "area", or by the number of spatial axes "linear", "bilinear" or "bicubic",
    "trilinear". With `align_corners` the centres of the outermost elements stay where they are, else their edges.
    """
    return autograd.interpolate(input, size, scale_factor, mode, align_corners, recompute_scale_factor)


def upsample(
    input: Any,
    size: Size = None,
    scale_factor: Factor = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
) -> Any:
    """The old name of `interpolate`."""
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input: Any, size: Size = None, scale_factor: Factor = None) -> Any:
    """`interpolate` in the mode "nearest"."""
    return interpolate(input, size, scale_factor)


def upsample_bilinear(input: Any, size: Size = None, scale_factor: Factor = None) -> Any:
    """`interpolate` of images in the mode "bilinear", with corners aligned."""
    return interpolate(input, size, scale_factor, "bilinear", True)


def pixel_shuffle(input: Any, upscale_factor: int) -> Any:
    """(..., C r², H, W) to (..., C, H r, W r): r² channels become r × r pixels."""
    return autograd.pixel_shuffle(input, upscale_factor)


def pixel_unshuffle(input: Any, downscale_factor: int) -> Any:
    """(..., C, H r, W r) to (..., C r², H, W): the inverse of `pixel_shuffle`."""
    return autograd.pixel_unshuffle(input, downscale_factor)


def channel_shuffle(input: Any, groups: int) -> Any:
    """The channels (axis 1): the first of each group, then the second of each, and so on."""
    return autograd.channel_shuffle(input, groups)


def affine_grid(theta: Any, size: Sequence[int], align_corners: bool = False) -> Any:
    """The grid for `grid_sample` of affine maps (N, 2, 3) or (N, 3, 4); `size` is that of the images."""
    return autograd.affine_grid(theta, size, align_corners)


def grid_sample(
    input: Any, grid: Any, mode: str = "bilinear", padding_mode: str = "zeros", align_corners: bool = False
) -> Any:
    """Images (N, C, H, W) seen at the places of a grid (N, H', W', 2), each (x, y) from (-1, -1) to (1, 1)."""
    return autograd.grid_sample(input, grid, mode, padding_mode, align_corners)
