"""Images of another size, or seen through a grid, with the names and arguments of torch.nn.functional.

Interpolation goes one axis after the other, and along an axis it is a product with a small matrix, whose columns say
of which elements, and how much of each, a result is made. Pixel shuffling only puts elements elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.errors import ShapeError, describe, place
from autograd.rules.contraction import matmul
from autograd.rules.indexing import getitem
from autograd.rules.piecewise import absolute, where
from autograd.rules.pooling import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d
from autograd.rules.shaping import data_of, expand_dims, moveaxis, reshape, shape_of, transpose

__all__ = ["affine_grid", "channel_shuffle", "grid_sample", "interpolate", "pixel_shuffle", "pixel_unshuffle"]

_AREA = {1: adaptive_avg_pool1d, 2: adaptive_avg_pool2d, 3: adaptive_avg_pool3d}
_SMOOTH = {"linear": 1, "bilinear": 2, "trilinear": 3, "bicubic": 2}  # the number of spatial axes


def _cubic(t: Any) -> list[Any]:
    """The weights of the four samples around a place t after the second (Keys, 1981, with a = -3/4)."""
    a = -0.75

    def near(d: Any) -> Any:
        return ((a + 2) * d - (a + 3)) * d * d + 1

    def far(d: Any) -> Any:
        return a * (((d - 5) * d + 8) * d - 4)

    return [far(t + 1), near(t), near(1 - t), far(2 - t)]


def _matrix(n: int, m: int, step: float, mode: str, align_corners: bool, dtype: np.dtype) -> ndarray:
    """(n, m): how much of each of n elements is in each of m results, `step` elements apart."""
    at = np.arange(m) * ((n - 1) / (m - 1) if m > 1 else 0.0) if align_corners else (np.arange(m) + 0.5) * step - 0.5
    if mode != "bicubic":
        at = np.maximum(at, 0)
    first = np.floor(at).astype(int)
    part = at - first
    weights = [(0, 1 - part), (1, part)] if mode != "bicubic" else list(zip((-1, 0, 1, 2), _cubic(part), strict=True))
    found = np.zeros((n, m), dtype)
    for offset, weight in weights:  # beyond the border stands the last element again
        np.add.at(found, (np.clip(first + offset, 0, n - 1), np.arange(m)), weight)
    return found


def _nearest(n: int, m: int, step: float, exact: bool) -> ndarray:
    """Numbers of elements, found in single precision, as PyTorch finds them."""
    at = (np.arange(m, dtype=np.float32) + np.float32(0.5 if exact else 0)) * np.float32(step)
    found: ndarray = np.minimum(np.floor(at).astype(int), n - 1)
    return found


def interpolate(
    x: Any,
    size: int | Sequence[int] | None = None,
    scale_factor: float | Sequence[float] | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
) -> Any:
    """x (N, C, ...) of another size, as torch.nn.functional.interpolate: given the size, or what to multiply it by.

    `mode` is "nearest", "nearest-exact", "area", or by the number of spatial axes "linear", "bilinear" or "bicubic",
    "trilinear". With `align_corners` the centres of the outermost elements stay where they are, else their edges.

    >>> import autograd
    >>> autograd.interpolate(autograd.Tensor([[[1.0, 3.0]]]), 4, mode="linear").tolist()
    [[[1.0, 1.5, 2.5, 3.0]]]
    """
    shape = shape_of(x)
    axes = len(shape) - 2
    if (size is None) == (scale_factor is None) or not 1 <= axes <= 3:
        raise ShapeError(f"interpolate of {describe(x)}: (N, C, ...) and one of size and scale_factor.{place()}")
    if mode not in ("nearest", "nearest-exact", "area") and _SMOOTH.get(mode) != axes:
        raise ShapeError(f"interpolate: there is no mode {mode!r} for {axes} spatial axes.{place()}")
    if align_corners is not None and mode not in _SMOOTH:
        raise ShapeError(f"interpolate: align_corners goes with {', '.join(_SMOOTH)}, not with {mode!r}.{place()}")
    given: Any = size if scale_factor is None else scale_factor
    each = [*given] if isinstance(given, Sequence) else [given] * axes
    if len(each) != axes:
        raise ShapeError(f"interpolate of {describe(x)}: {given} is for {len(each)} spatial axes.{place()}")
    target = tuple(int(e) if scale_factor is None else math.floor(n * e) for n, e in zip(shape[2:], each, strict=True))
    if min(target) < 1:
        raise ShapeError(f"interpolate of {describe(x)} to {target}: sizes must be positive.{place()}")
    if mode == "area":
        return _AREA[axes](x, target)
    for k, (n, m, factor) in enumerate(zip(shape[2:], target, each, strict=True)):
        step = n / m if scale_factor is None or recompute_scale_factor else 1 / factor
        if mode.startswith("nearest"):
            x = getitem(x, index=(*(slice(None),) * (k + 2), _nearest(n, m, step, mode == "nearest-exact")))
        elif n != m or step != 1:
            matrix = _matrix(n, m, step, mode, bool(align_corners), x.dtype)
            x = moveaxis(matmul(moveaxis(x, k + 2, -1), matrix), -1, k + 2)
    return x


# Elements put elsewhere


def pixel_shuffle(x: Any, upscale_factor: int) -> Any:
    """(..., C r², H, W) to (..., C, H r, W r): r² channels become r × r pixels (Shi et al., 2016)."""
    *lead, channels, h, w = shape_of(x)
    r = upscale_factor
    if channels % (r * r):
        raise ShapeError(f"pixel_shuffle of {describe(x)}: {channels} channels are no multiple of {r}².{place()}")
    x = reshape(x, (*lead, channels // (r * r), r, r, h, w))
    n = len(lead)
    x = transpose(x, [*range(n), n, n + 3, n + 1, n + 4, n + 2])
    return reshape(x, (*lead, channels // (r * r), h * r, w * r))


def pixel_unshuffle(x: Any, downscale_factor: int) -> Any:
    """(..., C, H r, W r) to (..., C r², H, W): the inverse of `pixel_shuffle`."""
    *lead, channels, h, w = shape_of(x)
    r = downscale_factor
    if h % r or w % r:
        raise ShapeError(f"pixel_unshuffle of {describe(x)}: {h} and {w} are no multiples of {r}.{place()}")
    x = reshape(x, (*lead, channels, h // r, r, w // r, r))
    n = len(lead)
    x = transpose(x, [*range(n), n, n + 2, n + 4, n + 1, n + 3])
    return reshape(x, (*lead, channels * r * r, h // r, w // r))


def channel_shuffle(x: Any, groups: int) -> Any:
    """Channels (axis 1), the first of each group, then the second of each, and so on (Zhang et al., 2018)."""
    n, channels, *rest = shape_of(x)
    if channels % groups:
        raise ShapeError(f"channel_shuffle of {describe(x)}: no {groups} equal groups of {channels} channels.{place()}")
    x = transpose(reshape(x, (n, groups, channels // groups, *rest)), [0, 2, 1, *range(3, 3 + len(rest))])
    return reshape(x, (n, channels, *rest))


# Seen through a grid


def affine_grid(theta: Any, size: Sequence[int], align_corners: bool = False) -> Any:
    """The grid of an affine map: theta (N, 2, 3) with size (N, C, H, W), or (N, 3, 4) with (N, C, D, H, W).

    Result (N, H, W, 2) or (N, D, H, W, 3): for each result the place (x, y, ...) it is seen at, from -1 to 1.
    """
    inner = tuple(size[2:])
    axes = len(inner)
    if shape_of(theta) != (size[0], axes, axes + 1) or axes not in (2, 3):
        raise ShapeError(f"affine_grid of {describe(theta)} does not fit images of {tuple(size)}.{place()}")
    lines = [np.linspace(-1, 1, n) if n > 1 else np.zeros(1) for n in inner]
    if not align_corners:
        lines = [line * (n - 1) / n for line, n in zip(lines, inner, strict=True)]
    places = np.stack([*np.meshgrid(*lines, indexing="ij")[::-1], np.ones(inner)], -1).astype(theta.dtype)
    found = matmul(places.reshape(-1, axes + 1), transpose(theta, (0, 2, 1)))
    return reshape(found, (size[0], *inner, axes))


def _reflected(at: Any, low: float, high: float) -> Any:
    """Places thrown back at both borders until they are inside."""
    span = high - low
    if span <= 0:
        return at * 0.0
    away = absolute(at - low)
    turns = np.floor(data_of(away) / span)
    rest = away - turns.astype(away.dtype) * span
    return where(turns % 2 == 0, rest + low, high - rest)


def _inside(at: Any, n: int, padding_mode: str, align_corners: bool) -> Any:
    """Places beyond the border, as the padding has it."""
    if padding_mode == "reflection":
        at = _reflected(at, 0.0, n - 1.0) if align_corners else _reflected(at, -0.5, n - 0.5)
    return at if padding_mode == "zeros" else _kept(at, n - 1.0)


def _kept(at: Any, last: float) -> Any:
    """Kept between 0 and the last; at either, too, the slope is that of what is beyond, 0, as in PyTorch."""
    places = data_of(at)
    return where((places > 0) & (places < last), at, np.clip(places, 0, last))


def grid_sample(
    x: Any, grid: Any, mode: str = "bilinear", padding_mode: str = "zeros", align_corners: bool = False
) -> Any:
    """x (N, C, H, W) seen at grid (N, H', W', 2), or with a third axis each, as torch.nn.functional.grid_sample.

    A place (x, y) goes from (-1, -1) to (1, 1): from corner to corner of the image, or with `align_corners` from the
    centre of the first element to that of the last. `mode` is "bilinear" (also along three axes), "nearest" or
    "bicubic"; `padding_mode` says what is beyond the border: "zeros", "border" or "reflection". Differentiated by
    both; at elements themselves, where bilinear interpolation has a kink, towards the next element.
    """
    size, places = shape_of(x)[2:], shape_of(grid)
    axes = len(size)
    fits = axes in (2, 3) and len(places) == axes + 2 and places[0] == shape_of(x)[0] and places[-1] == axes
    if not fits or (mode == "bicubic" and axes == 3):
        raise ShapeError(f"grid_sample of {describe(x)} at {describe(grid)} ({mode}) does not fit together.{place()}")
    if mode not in ("bilinear", "nearest", "bicubic") or padding_mode not in ("zeros", "border", "reflection"):
        raise ShapeError(f"grid_sample knows no mode {mode!r} with padding_mode {padding_mode!r}.{place()}")
    at = []
    for k, n in enumerate(size):
        p = grid[..., axes - 1 - k]
        p = (p + 1) * ((n - 1) / 2) if align_corners else ((p + 1) * n - 1) * 0.5
        at.append(p if mode == "bicubic" else _inside(p, n, padding_mode, align_corners))
    inside = {"n": size, "padding_mode": padding_mode, "align_corners": align_corners}
    parts: list[list[tuple[ndarray, Any]]] = []  # for each axis the elements around, and their weights
    for p in at:
        if mode == "nearest":
            always = np.ones(shape_of(p), bool)
            parts.append([(np.rint(data_of(p)).astype(int), where(always, 1.0, p))])  # so the grid's gradient is 0
            continue
        first = np.floor(data_of(p))
        t, lower = p - first, first.astype(int)
        if mode == "bilinear":
            parts.append([(lower, 1 - t), (lower + 1, t)])
        else:
            parts.append([(lower + k - 1, w) for k, w in enumerate(_cubic(t))])
    return _gathered(x, parts, inside if mode == "bicubic" else None)


def _gathered(x: Any, parts: list[list[tuple[ndarray, Any]]], inside: dict[str, Any] | None) -> Any:
    """The sum over all elements around, each times the product of its weights along the axes; outside is 0."""
    size = shape_of(x)[2:]
    rows = np.arange(shape_of(x)[0]).reshape(-1, *(1,) * len(size))
    channels_last = moveaxis(x, 1, -1)
    total = 0.0
    for corner in product(*parts):
        index, weight, seen = [], 1.0, np.ones((), bool)
        for (number, w), n in zip(corner, size, strict=True):
            if inside is not None:
                number = np.rint(_inside(number.astype(float), n, inside["padding_mode"], inside["align_corners"]))
                number = number.astype(int)
            seen = seen & (number >= 0) & (number < n)
            index.append(np.clip(number, 0, n - 1))
            weight = weight * w
        value = getitem(channels_last, index=(rows, *index))
        total = total + value * expand_dims(weight * seen.astype(x.dtype), -1)
    return moveaxis(total, -1, 1)
