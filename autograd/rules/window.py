"""Sliding windows, and their transpose, which adds overlapping windows up.

Windows are a view: nothing is copied until they are used. Adding up loops over the places within a window or over the
windows, whichever are fewer, and adds whole slices.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import ndarray
from numpy.lib.stride_tricks import as_strided

from autograd.domain import REAL, case
from autograd.errors import ShapeError, describe, place
from autograd.primitive import Primitive, linear
from autograd.rules.padding import pad
from autograd.rules.shaping import Shape, moveaxis, normalize_axes, reshape, shape_of

__all__ = ["fold", "sliding_window_view", "unfold"]

Sizes = int | Sequence[int]


def _windows_array(x: ndarray, axes: Shape, sizes: Shape, steps: Shape, dilations: Shape) -> ndarray:
    shape, strides = list(x.shape), list(x.strides)
    for axis, size, step, dilation in zip(axes, sizes, steps, dilations, strict=True):
        shape[axis] = (shape[axis] - dilation * (size - 1) - 1) // step + 1
        strides[axis] *= step
    inner = [x.strides[axis] * dilation for axis, dilation in zip(axes, dilations, strict=True)]
    if min(shape, default=1) < 0 or any(shape[axis] < 1 for axis in axes):
        raise ValueError(f"windows of {sizes} do not fit into axes of {tuple(x.shape[axis] for axis in axes)}")
    return as_strided(x, (*shape, *sizes), (*strides, *inner), writeable=False)


def _overlap_add_array(x: ndarray, shape: Shape, axes: Shape, sizes: Shape, steps: Shape, dilations: Shape) -> ndarray:
    out = np.zeros(shape, x.dtype)
    counts = tuple(x.shape[axis] for axis in axes)
    within = int(np.prod(sizes)) <= int(np.prod(counts))  # which loop is shorter
    for at in np.ndindex(sizes if within else counts):
        target = [slice(None)] * len(shape)
        source = [slice(None)] * x.ndim
        for k, (axis, i) in enumerate(zip(axes, at, strict=True)):
            start, stride, n = (
                (i * dilations[k], steps[k], counts[k]) if within else (i * steps[k], dilations[k], sizes[k])
            )
            target[axis] = slice(start, start + stride * (n - 1) + 1, stride)
            source[len(shape) + k if within else axis] = slice(i, i + 1)
        piece = x[tuple(source)]
        if within:
            out[tuple(target)] += piece.reshape(piece.shape[: len(shape)])
        else:
            out[tuple(target)] += np.moveaxis(piece, range(len(shape), x.ndim), axes).reshape(out[tuple(target)].shape)
    return out


windows: Primitive = linear(
    "sliding_windows",
    _windows_array,
    lambda g, x, **how: overlap_add(g, shape=shape_of(x), **how),
    domain=[
        case(REAL(2, 5), axes=(1,), sizes=(3,), steps=(1,), dilations=(1,)),
        case(REAL(6, 5, 2), axes=(0, 1), sizes=(3, 2), steps=(1, 2), dilations=(2, 1)),
        case(REAL(7), axes=(0,), sizes=(5,), steps=(2,), dilations=(1,)),
    ],
    doc="Windows along axes, each with its elements along new axes at the end; a view.",
)
overlap_add: Primitive = linear(
    "overlap_add",
    _overlap_add_array,
    lambda g, x, shape, **how: windows(g, **how),
    domain=[
        case(REAL(2, 3, 3), shape=(2, 5), axes=(1,), sizes=(3,), steps=(1,), dilations=(1,)),
        case(REAL(2, 5), shape=(7,), axes=(0,), sizes=(5,), steps=(2,), dilations=(1,)),
    ],
    doc="Windows added up where they overlap: the transpose of sliding_windows.",
)


def sliding_window_view(
    x: Any, window_shape: Sizes, axis: Sizes | None = None, *, step: Sizes = 1, dilation: Sizes = 1
) -> Any:
    """All windows of a size along axes (None: all axes), as np.lib.stride_tricks.sliding_window_view.

    The windows' own axes come last. `step` is from one window to the next, `dilation` from one element to the next.

    Errors: ShapeError when a window is larger than its axis. Cost: none forward, one addition an element backward.

    >>> import autograd
    >>> x = autograd.Tensor([1.0, 2.0, 3.0, 4.0])
    >>> y = autograd.sliding_window_view(x, 2)
    >>> y.sum().backward(); y.tolist(), x.grad
    ([[1.0, 2.0], [2.0, 3.0], [3.0, 4.0]], array([1., 2., 2., 1.]))
    """
    ndim = len(shape_of(x))
    given = range(ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
    axes = tuple(a + ndim if a < 0 else a for a in given)
    normalize_axes(axes, ndim)  # an error where they do not fit, or are named twice
    sizes, steps, dilations = (_each(n, len(axes)) for n in (window_shape, step, dilation))
    if min((*sizes, *steps, *dilations), default=1) < 1:
        raise ShapeError(f"windows of {describe(x)}: sizes, steps and dilations must be positive.{place()}")
    return windows(x, axes=axes, sizes=sizes, steps=steps, dilations=dilations)


def _each(n: Sizes, count: int) -> Shape:
    sizes = (n,) * count if isinstance(n, int) else tuple(n)
    if len(sizes) != count:
        raise ShapeError(f"{len(sizes)} sizes {sizes} for {count} axes.{place()}")
    return sizes


# PyTorch's image to columns, and back


def unfold(input: Any, kernel_size: Sizes, dilation: Sizes = 1, padding: Sizes = 0, stride: Sizes = 1) -> Any:
    """Patches of images as columns: (N, C, *spatial) to (N, C · patch, number of patches), as F.unfold.

    Without the axis N, for x of (C, *spatial) with two spatial axes, neither has the result one.
    """
    single, spatial = _form(input, 3, kernel_size)
    input = reshape(input, (1, *shape_of(input))) if single else input
    padded = pad(input, ((0, 0), (0, 0), *((p, p) for p in _each(padding, spatial))))
    axes = tuple(range(2, 2 + spatial))
    found = sliding_window_view(padded, _each(kernel_size, spatial), axes, step=stride, dilation=dilation)
    n, channels, *counts = shape_of(found)[: 2 + spatial]
    columns = moveaxis(found, tuple(range(2, 2 + spatial)), tuple(range(-spatial, 0)))
    columns = reshape(columns, (n, channels * int(np.prod(_each(kernel_size, spatial))), int(np.prod(counts))))
    return reshape(columns, shape_of(columns)[1:]) if single else columns


def fold(
    input: Any, output_size: Sizes, kernel_size: Sizes, dilation: Sizes = 1, padding: Sizes = 0, stride: Sizes = 1
) -> Any:
    """Columns added up to images where patches overlap: the transpose of `unfold`, as F.fold."""
    single, spatial = _form(input, 2, kernel_size)
    input = reshape(input, (1, *shape_of(input))) if single else input
    size, kernel, paddings, steps, dilations = (
        _each(n, spatial) for n in (output_size, kernel_size, padding, stride, dilation)
    )
    around = tuple(n + 2 * p for n, p in zip(size, paddings, strict=True))
    counts = tuple((n - d * (k - 1) - 1) // s + 1 for n, k, s, d in zip(around, kernel, steps, dilations, strict=True))
    n, rows, columns = shape_of(input)
    channels = rows // int(np.prod(kernel))
    if rows % int(np.prod(kernel)) or columns != int(np.prod(counts)):
        raise ShapeError(
            f"fold of {describe(input)} to {size}: patches {kernel} at {counts} places do not fit.{place()}"
        )
    found = moveaxis(
        reshape(input, (n, channels, *kernel, *counts)), tuple(range(2, 2 + spatial)), tuple(range(-spatial, 0))
    )
    axes = tuple(range(2, 2 + spatial))
    whole = overlap_add(found, shape=(n, channels, *around), axes=axes, sizes=kernel, steps=steps, dilations=dilations)
    inside = whole[(..., *(slice(p, p + m) for p, m in zip(paddings, size, strict=True)))]
    return reshape(inside, shape_of(inside)[1:]) if single else inside


def _form(x: Any, unbatched: int, kernel_size: Sizes) -> tuple[bool, int]:
    """Whether there is no axis N, and how many spatial axes there are."""
    ndim = len(shape_of(x))
    spatial = 2 if isinstance(kernel_size, int) else len(kernel_size)
    if ndim not in (unbatched, unbatched + 1) or (unbatched == 3 and ndim - 2 not in (spatial, spatial - 1)):
        raise ShapeError(f"patches of {kernel_size} do not fit {describe(x)}.{place()}")
    return ndim == unbatched if unbatched == 2 else ndim == spatial + 1, spatial
