"""Convolution as products of matrices: what the kernel sees at each place is one column ("im2col").

All columns of a batch would fill the memory several times over. So some images at a time, or of large ones some lines,
are copied into a room that stays in the cache, and multiplied from there. Kernels of one element need no copy at all.

Here are the three arrays of `convolution`, for any number of spatial axes: the result, and what each operand gets back.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy import ndarray
from numpy.lib.stride_tricks import as_strided

ROOM = 1 << 19  # bytes of columns at a time: they and what they are multiplied with stay in a cache of a mebibyte

Shape = tuple[int, ...]


class Walk(NamedTuple):
    """How a kernel walks over images: the settings of a convolution, one number (padding: a pair) for each axis."""

    stride: Shape
    padding: tuple[tuple[int, int], ...]
    dilation: Shape
    groups: int

    def counts(self, size: Shape, kernel: Shape) -> Shape:
        """The number of places along each axis."""
        return tuple(
            (n + low + high - d * (k - 1) - 1) // s + 1
            for n, k, s, (low, high), d in zip(size, kernel, self.stride, self.padding, self.dilation, strict=True)
        )

    def stays(self, kernel: Shape) -> bool:
        """Whether a kernel sees each element once, where it is: then an image is its own columns."""
        return prod(kernel) == 1 == prod(self.stride) and not any(map(any, self.padding))

    def padded(self, shape: Shape, dtype: np.dtype) -> tuple[ndarray, ndarray]:
        """Zeros for images with their padding, and the view of the inside."""
        room = np.zeros((*shape[:2], *(n + sum(p) for n, p in zip(shape[2:], self.padding, strict=True))), dtype)
        inside: Any = (..., *(slice(p[0], p[0] + n) for n, p in zip(shape[2:], self.padding, strict=True)))
        return room, room[inside]

    def seen(self, x: ndarray, kernel: Shape, counts: Shape) -> ndarray:
        """The view (images, channels, *kernel, *places) of padded images: what is seen from each place."""
        inner = [n * d for n, d in zip(x.strides[2:], self.dilation, strict=True)]
        outer = [n * s for n, s in zip(x.strides[2:], self.stride, strict=True)]
        return as_strided(x, (*x.shape[:2], *kernel, *counts), (*x.strides[:2], *inner, *outer))


def blocks(images: int, rows: int, row_bytes: int) -> Iterator[tuple[slice, slice]]:
    """Some images at a time, or some rows of one."""
    row = min(max(ROOM // max(row_bytes, 1), 1), rows)
    image = max(ROOM // max(row_bytes * rows, 1), 1) if row == rows else 1
    for n in range(0, images, image):
        for r in range(0, rows, row):
            yield slice(n, min(n + image, images)), slice(r, min(r + row, rows))


def columns(x: ndarray, kernel: Shape, counts: Shape, how: Walk) -> Iterator[tuple[slice, slice, ndarray]]:
    """Blocks of columns (images, groups, channels · kernel, places), each with which images and places it is of."""
    images, channels = x.shape[:2]
    rows, line = (counts[0], prod(counts[1:])) if counts else (1, 1)
    depth = channels // how.groups * prod(kernel)
    if how.stays(kernel):
        flat = x.reshape(images, how.groups, depth, rows * line)
        for n in range(images):
            yield slice(n, n + 1), slice(None), flat[n : n + 1]
        return
    size = how.groups * depth * line
    room = padded = inside = last = None
    for image, row in blocks(images, rows, size * x.itemsize):
        many, high = image.stop - image.start, row.stop - row.start
        if padded is None or len(padded) < many:
            padded, inside = how.padded((many, *x.shape[1:]), x.dtype)
            room = np.empty(many * high * size, x.dtype)
        if image != last:
            inside[:many] = x[image]  # type: ignore[index]
            last = image
        found = room[: many * high * size].reshape(many, channels, *kernel, high, *counts[1:])  # type: ignore[index]
        found[...] = how.seen(padded[:many], kernel, counts)[(slice(None),) * (2 + len(kernel)) + (row,)]
        yield image, slice(row.start * line, row.stop * line), found.reshape(many, how.groups, depth, high * line)


def convolved(x: ndarray, w: ndarray, how: Walk) -> ndarray:
    """x (N, C, ...) with w (O, C / groups, ...): (N, O, places)."""
    kernel = w.shape[2:]
    counts = how.counts(x.shape[2:], kernel)
    if min(counts, default=1) < 1:
        raise ValueError(f"a kernel of {kernel} does not fit into images of {x.shape[2:]}")
    dtype = np.result_type(x, w)
    x = x.astype(dtype, copy=False)
    matrix = w.astype(dtype, copy=False).reshape(how.groups, len(w) // how.groups, -1)
    y = np.empty((len(x), how.groups, matrix.shape[1], prod(counts)), dtype)
    for image, part, column in columns(x, kernel, counts, how):
        np.matmul(matrix, column, out=y[image, :, :, part])
    return y.reshape(len(x), len(w), *counts)


def to_input(g: ndarray, w: ndarray, size: Shape, how: Walk) -> Any:
    """The transpose by the input: g (N, O, places) with w, added up to images (N, C, *size)."""
    kernel, counts, groups = w.shape[2:], g.shape[2:], how.groups
    dtype = np.result_type(g, w)
    matrix = np.ascontiguousarray(w.reshape(groups, len(w) // groups, -1).swapaxes(1, 2), dtype)
    flat = np.ascontiguousarray(g, dtype).reshape(len(g), groups, len(w) // groups, prod(counts))
    shape = (len(g), w.shape[1] * groups, *size)
    if how.stays(kernel):
        return np.matmul(matrix, flat).reshape(shape)
    y = np.empty(shape, dtype)
    rows, line = counts[0], prod(counts[1:])
    padded = inside = None
    for image, row in blocks(len(g), rows, matrix.shape[1] * groups * line * dtype.itemsize):
        many = image.stop - image.start
        if padded is None or len(padded) != many:
            padded, inside = how.padded((many, *shape[1:]), dtype)
        column = np.matmul(matrix, flat[image, :, :, row.start * line : row.stop * line])
        column = column.reshape(many, shape[1], *kernel, row.stop - row.start, *counts[1:])
        seen = how.seen(padded, kernel, counts)[(slice(None),) * (2 + len(kernel)) + (row,)]
        for at in np.ndindex(kernel):  # within one of them no two places meet
            seen[(slice(None), slice(None), *at)] += column[(slice(None), slice(None), *at)]
        if row.stop == rows:
            y[image] = inside
            padded[...] = 0
    return y


def to_kernel(x: ndarray, g: ndarray, kernel: Shape, how: Walk) -> ndarray:
    """The transpose by the kernel: of x (N, C, ...) and g (N, O, places), (O, C / groups, *kernel)."""
    counts, groups = g.shape[2:], how.groups
    dtype = np.result_type(x, g)
    x = x.astype(dtype, copy=False)
    flat = np.ascontiguousarray(g, dtype).reshape(len(g), groups, g.shape[1] // groups, prod(counts))
    total = np.zeros((groups, flat.shape[2], x.shape[1] // groups * prod(kernel)), dtype)
    for image, part, column in columns(x, kernel, counts, how):
        for cotangent, seen in zip(flat[image, :, :, part], column, strict=True):
            total += np.matmul(cotangent, seen.swapaxes(1, 2))
    return total.reshape(g.shape[1], x.shape[1] // groups, *kernel)
