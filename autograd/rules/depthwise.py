"""Convolution of each channel by itself, one input to a group: products of matrices with one row are slow.

So each place in the kernel is one multiplication of whole images, some of them at a time. The functions are those of
`columns`, for kernels (O, 1, ...) where O is a multiple of the number of channels.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.rules.columns import Shape, Walk

ROOM = 1 << 18  # bytes of images at a time


def _some(shape: Shape, dtype: np.dtype, how: Walk) -> Iterator[tuple[slice, ndarray, ndarray]]:
    """Some images at a time: which, zeros for them with their padding, and the inside of these."""
    many = max(ROOM // max(prod(shape[1:]) * dtype.itemsize, 1), 1)
    for n in range(0, shape[0], many):
        part = slice(n, min(n + many, shape[0]))
        yield part, *how.padded((part.stop - n, *shape[1:]), dtype)


def _per_channel(w: ndarray, at: Shape, groups: int, axes: int) -> ndarray:
    """The numbers at a place in the kernels: (channels, results of one, 1, ...)."""
    index: Any = (slice(None), 0, *at)
    found: ndarray = w[index].reshape(groups, -1, *(1,) * axes)
    return found


def convolved(x: ndarray, w: ndarray, how: Walk) -> ndarray:
    """x (N, C, ...) with w (O, 1, ...): (N, O, places)."""
    kernel, axes = w.shape[2:], w.ndim - 2
    counts = how.counts(x.shape[2:], kernel)
    if min(counts, default=1) < 1:
        raise ValueError(f"a kernel of {kernel} does not fit into images of {x.shape[2:]}")
    y = np.zeros((len(x), how.groups, len(w) // how.groups, *counts), np.result_type(x, w))
    for part, padded, inside in _some(x.shape, x.dtype, how):
        inside[...] = x[part]
        seen = how.seen(padded, kernel, counts)
        out = y[part]
        for at in np.ndindex(kernel):
            out += seen[(slice(None), slice(None), *at)][:, :, None] * _per_channel(w, at, how.groups, axes)
    return y.reshape(len(x), len(w), *counts)


def to_input(g: ndarray, w: ndarray, size: Shape, how: Walk) -> ndarray:
    """The transpose by the input: g (N, O, places) with w, added up to images (N, C, *size)."""
    kernel, counts, axes = w.shape[2:], g.shape[2:], w.ndim - 2
    y = np.empty((len(g), how.groups, *size), np.result_type(g, w))
    cotangents = g.reshape(len(g), how.groups, -1, *counts)
    for part, padded, inside in _some(y.shape, y.dtype, how):
        seen = how.seen(padded, kernel, counts)
        for at in np.ndindex(kernel):
            spread = cotangents[part] * _per_channel(w, at, how.groups, axes)
            seen[(slice(None), slice(None), *at)] += spread.sum(2) if spread.shape[2] > 1 else spread[:, :, 0]
        y[part] = inside
    return y


def to_kernel(x: ndarray, g: ndarray, kernel: Shape, how: Walk) -> ndarray:
    """The transpose by the kernel: of x (N, C, ...) and g (N, O, places), (O, 1, *kernel)."""
    counts = g.shape[2:]
    total = np.zeros((how.groups, g.shape[1] // how.groups, *kernel), np.result_type(x, g))
    cotangents = g.reshape(len(g), how.groups, -1, *counts)
    for part, padded, inside in _some(x.shape, x.dtype, how):
        inside[...] = x[part]
        seen = how.seen(padded, kernel, counts)
        for at in np.ndindex(kernel):
            product = cotangents[part] * seen[(slice(None), slice(None), *at)][:, :, None]
            total[(slice(None), slice(None), *at)] += product.sum((0, *range(3, product.ndim)))
    return total.reshape(g.shape[1], 1, *kernel)
