"""Fractional max pooling: windows that share out an image in sizes drawn by chance (Graham, 2014)."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
from numpy import ndarray

import autograd
from autograd import Node, ShapeError
from nn.functional.shape import shape_of
from nn.random import generator

__all__ = ["fractional_max_pool2d", "fractional_max_pool3d"]


def fractional_max_pool2d(
    input: Any,
    kernel_size: int | Sequence[int],
    output_size: int | Sequence[int] | None = None,
    output_ratio: float | Sequence[float] | None = None,
    return_indices: bool = False,
    _random_samples: Any = None,
) -> Any:
    """The largest of windows of (N, C, H, W), as many as `output_size` says, or such a part of the image.

    They are one step and a bit, or a bit less, apart.

    Where windows start is drawn anew for each channel: `_random_samples` (N, C, 2), from 0 to 1, one for each axis, the
    last axis first. With `return_indices` there is a second result, where in the image each element was.
    """
    return _pool(2, input, kernel_size, output_size, output_ratio, return_indices, _random_samples, (1, 0))


def fractional_max_pool3d(
    input: Any,
    kernel_size: int | Sequence[int],
    output_size: int | Sequence[int] | None = None,
    output_ratio: float | Sequence[float] | None = None,
    return_indices: bool = False,
    _random_samples: Any = None,
) -> Any:
    """The same of volumes (N, C, D, H, W); here the samples are (N, C, 3), the first axis first."""
    return _pool(3, input, kernel_size, output_size, output_ratio, return_indices, _random_samples, (0, 1, 2))


def _pool(
    axes: int,
    input: Any,
    kernel_size: Any,
    output_size: Any,
    output_ratio: Any,
    return_indices: bool,
    samples: Any,
    order: tuple[int, ...],
) -> Any:
    name = f"fractional_max_pool{axes}d"
    shape = shape_of(input)
    if len(shape) == axes + 1:
        found = _pool(axes, input[None], kernel_size, output_size, output_ratio, return_indices, samples, order)
        return (found[0][0], found[1][0]) if return_indices else found[0]
    if len(shape) != axes + 2 or (output_size is None) == (output_ratio is None):
        raise ShapeError(
            f"{name} takes (N, C, ...) with {axes} more axes, and either output_size or output_ratio; it got shape "
            f"{shape}, output_size={output_size} and output_ratio={output_ratio}."
        )
    size = shape[2:]
    kernel = _each(kernel_size, axes)
    if output_size is None:
        wanted = tuple(int(n * ratio) for n, ratio in zip(size, _each(output_ratio, axes), strict=True))
    else:
        wanted = _each(output_size, axes)
    if any(m < 1 or m + k - 1 > n for n, k, m in zip(size, kernel, wanted, strict=True)):
        raise ShapeError(f"{name}: {wanted} windows of {kernel} do not fit into {size}.")
    drawn = autograd.sample(generator().random, (*shape[:2], axes)) if samples is None else samples
    drawn = np.asarray(drawn.data if isinstance(drawn, Node) else drawn)[: shape[0]]
    if drawn.shape != (*shape[:2], axes):
        raise ShapeError(f"{name} of shape {shape}: the samples must be {(*shape[:2], axes)}, and are {drawn.shape}.")
    number = np.zeros((*shape[:2], *(1,) * (2 * axes)), np.int64)  # of each element of each window, in the image
    for k, n in enumerate(size):
        at = _starts(drawn[..., order[k]], n, wanted[k], kernel[k])[..., None] + np.arange(kernel[k])
        spread = [1] * (2 * axes)
        spread[k], spread[axes + k] = wanted[k], kernel[k]
        number = number * n + at.reshape(*drawn.shape[:2], *spread)
    number = np.broadcast_to(number, (*shape[:2], *number.shape[2:])).reshape(*shape[:2], prod(wanted), prod(kernel))
    flat = (input.data if isinstance(input, Node) else np.asarray(input)).reshape(*shape[:2], 1, prod(size))
    best = np.take_along_axis(flat, number, -1).argmax(-1, keepdims=True)
    index = np.take_along_axis(number, best, -1)[..., 0]
    y = autograd.take_along_axis(autograd.reshape(input, (*shape[:2], prod(size))), index, -1)
    y = autograd.reshape(y, (*shape[:2], *wanted))
    return (y, index.reshape(*shape[:2], *wanted)) if return_indices else y


def _starts(sample: ndarray, n: int, count: int, kernel: int) -> ndarray:
    """Where `count` windows start, (N, C, count): steps of n / count on average, and the last at the end."""
    step = (n - kernel) / (count - 1) if count > 1 else 0.0
    places = np.arange(count - 1) + sample[..., None]
    starts = (places * step).astype(np.int64) - (sample[..., None] * step).astype(np.int64)
    return np.concatenate([starts, np.full((*sample.shape, 1), n - kernel)], -1)


def _each(n: Any, axes: int) -> tuple[Any, ...]:
    found = (n,) * axes if np.ndim(n) == 0 else tuple(n)
    if len(found) != axes:
        raise ShapeError(f"{found} is for {len(found)} spatial axes, and there are {axes}.")
    return found
