"""Regions of interest: what features are inside of boxes, brought to one size. Differentiable by the features.

Names and arguments are torchvision's. The boxes (x1, y1, x2, y2) are in pixels of the image; `spatial_scale` says how
much smaller the features are. Their edges are constants.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import ndarray

import autograd
from autograd import Node, ShapeError
from nn.functional.shape import shape_of

__all__ = ["roi_align", "roi_pool"]

Size = int | Sequence[int]


def roi_align(
    input: Any,
    boxes: Any,
    output_size: Size,
    spatial_scale: float = 1.0,
    sampling_ratio: int = -1,
    aligned: bool = False,
) -> Any:
    """Features (N, C, H, W) inside of K boxes, as (K, C, *output_size), without rounding (He et al., 2017).

    A box is divided into bins; each bin is the mean of `sampling_ratio` × `sampling_ratio` places (-1: as many as
    there are features in the bin), and what is at a place is interpolated between the four features around it.

    `boxes` are (K, 5), with the number of the image in front, or a list with a (L, 4) for each image. With `aligned`
    the centre of a pixel is at a half, as it should be; without it the first version is meant.
    """
    box, image = _regions("roi_align", boxes, shape_of(input))
    box = box * spatial_scale - (0.5 if aligned else 0.0)
    sizes = box[:, 2:] - box[:, :2]
    sizes = sizes if aligned else np.maximum(sizes, 1.0)
    bins = _pair(output_size)
    parts = [
        _samples(box[:, axis], sizes[:, axis], n, sampling_ratio, shape_of(input)[2 + row])
        for row, (axis, n) in enumerate(zip((1, 0), bins, strict=True))
    ]
    (at_y, weight_y), (at_x, weight_x) = parts
    channels_last = autograd.transpose(input, (0, 2, 3, 1))
    seen = channels_last[image[:, None, None], at_y[:, :, None], at_x[:, None, :]]
    narrow = autograd.einsum("kyxc,kqx->kyqc", seen, weight_x.astype(seen.dtype))
    return autograd.einsum("kyqc,kpy->kcpq", narrow, weight_y.astype(seen.dtype))


def _samples(start: ndarray, size: ndarray, bins: int, ratio: int, n: int) -> tuple[ndarray, ndarray]:
    """Along one axis of n features: which are read for each box (K, L), and what they count in each bin (K, bins, L).

    Each feature is read once for a box, in however many samples it counts.
    """
    each = size / bins
    many = np.full(len(size), ratio) if ratio > 0 else np.maximum(np.ceil(each), 1).astype(int)
    number = np.arange(int(many.max(initial=1)))
    places = (number + 0.5) / many[:, None]
    at = start[:, None, None] + (np.arange(bins)[:, None] + places[:, None, :]) * each[:, None, None]
    counts = (number < many[:, None])[:, None, :] & (at >= -1) & (at <= n)
    at = np.clip(at, 0, n - 1)
    lower = np.floor(at).astype(int)
    part = at - lower
    weight = np.zeros((len(size), bins, n))
    row, column = np.ogrid[: len(size), :bins]
    for offset, share in ((0, 1 - part), (1, part)):
        where = row[..., None], column[..., None], np.minimum(lower + offset, n - 1)
        np.add.at(weight, where, share * counts / many[:, None, None])
    read = weight.any(axis=1)
    index = np.argsort(~read, axis=1, kind="stable")[:, : int(read.sum(axis=1).max(initial=1))]
    return index, np.take_along_axis(weight, index[:, None, :], axis=2)


def roi_pool(input: Any, boxes: Any, output_size: Size, spatial_scale: float = 1.0) -> Any:
    """The largest features (N, C, H, W) in each bin of K boxes, as (K, C, *output_size) (Girshick, 2015).

    Edges of boxes are rounded to whole features, and bins overlap where these cannot be shared out; a bin outside of
    the image is 0. `boxes` as `roi_align` has them, which has replaced it: by rounding small boxes lose their place.
    """
    box, image = _regions("roi_pool", boxes, shape_of(input))
    corner = np.floor(box * spatial_scale + 0.5).astype(int)
    sizes = np.maximum(corner[:, 2:] - corner[:, :2] + 1, 1)
    parts = [
        _bins(corner[:, axis], sizes[:, axis], n, shape_of(input)[2 + row])
        for row, (axis, n) in enumerate(zip((1, 0), _pair(output_size), strict=True))
    ]
    (at_y, inside_y), (at_x, inside_x) = parts
    channels_last = autograd.transpose(input, (0, 2, 3, 1))
    index = (image[:, None, None, None, None], at_y[:, :, :, None, None], at_x[:, None, None, :, :])
    seen = channels_last[index]
    inside = inside_y[:, :, :, None, None, None] & inside_x[:, None, None, :, :, None]
    largest = autograd.where(inside, seen, np.array(-np.inf, seen.dtype)).max(axis=(2, 4))
    any_inside = inside.any(axis=(2, 4))
    return autograd.transpose(autograd.where(any_inside, largest, np.array(0, seen.dtype)), (0, 3, 1, 2))


def _bins(start: ndarray, size: ndarray, bins: int, n: int) -> tuple[ndarray, ndarray]:
    """Along one axis of n features: which belong to each bin of each box (K, bins, most), and whether they do."""
    number, each = np.arange(bins), size[:, None] / bins
    low = np.clip(np.floor(number * each).astype(int) + start[:, None], 0, n)
    high = np.clip(np.ceil((number + 1) * each).astype(int) + start[:, None], 0, n)
    at = low[..., None] + np.arange(int((high - low).max(initial=1)))
    return np.minimum(at, n - 1), at < high[..., None]


def _regions(name: str, boxes: Any, shape: tuple[int, ...]) -> tuple[ndarray, ndarray]:
    """Edges (K, 4), and the image that each belongs to (K,)."""
    if len(shape) != 4:
        raise ShapeError(f"{name} takes features (N, C, H, W), and got shape {shape}.")
    if isinstance(boxes, list | tuple):
        if len(boxes) != shape[0]:
            raise ShapeError(f"{name} takes boxes for each image: {shape[0]} images, and a list of {len(boxes)}.")
        each = [np.asarray(b.data if isinstance(b, Node) else b, np.float64).reshape(-1, 4) for b in boxes]
        image = np.repeat(np.arange(len(each)), [len(b) for b in each])
        return np.concatenate([np.zeros((0, 4)), *each]), image
    found = np.asarray(boxes.data if isinstance(boxes, Node) else boxes, np.float64)
    if found.ndim != 2 or found.shape[1] != 5:
        raise ShapeError(
            f"{name} takes boxes (K, 5), each with the number of its image in front, or a list of (L, 4) for each "
            f"image; it got shape {found.shape}."
        )
    return found[:, 1:], found[:, 0].astype(int)


def _pair(size: Size) -> tuple[int, int]:
    first, second = (size, size) if isinstance(size, int) else size
    return int(first), int(second)
