"""Turning, rolling and folding axes: the rest of NumPy's array manipulation that keeps every element.

All of it is made of the primitives in `shaping`, save `roll`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.domain import REAL, case
from autograd.errors import ShapeError, describe, place
from autograd.primitive import Primitive, linear
from autograd.rules.arithmetic import positive
from autograd.rules.indexing import getitem, whole_numbers
from autograd.rules.shaping import (
    Shape,
    broadcast,
    expand_dims,
    flip,
    normalize_axes,
    ravel,
    reshape,
    shape_of,
    sum_to,
    swapaxes,
    transpose_axes,
)

__all__ = [
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "broadcast_arrays",
    "expand",
    "fliplr",
    "flipud",
    "matrix_transpose",
    "narrow",
    "resize",
    "roll",
    "rollaxis",
    "rot90",
    "sum_to_size",
    "unflatten",
]

_roll: Primitive = linear(
    "roll",
    lambda x, shift, axis: np.roll(x, shift, axis),
    lambda g, x, shift, axis: _roll(g, shift=tuple(-n for n in shift), axis=axis),
    domain=[case(REAL(3, 4), shift=(1,), axis=(1,)), case(REAL(3, 4), shift=(2, -1, 1), axis=(0, 1, 0))],
    doc="Elements moved on along axes; those that leave at one end come in at the other.",
)


def roll(x: Any, shift: int | Sequence[int], axis: int | Sequence[int] | None = None) -> Any:
    """Elements moved on by `shift` places along axes; what leaves at one end comes in at the other.

    Without an axis the raveled array is rolled and brought back to its shape.
    """
    if axis is None:
        return reshape(roll(ravel(x), shift, 0), shape_of(x))
    shifts, axes = np.broadcast_arrays(whole_numbers(shift, "roll"), axis)
    return _roll(x, shift=tuple(shifts.ravel().tolist()), axis=tuple(axes.ravel().tolist()))


def flipud(x: Any) -> Any:
    """x reversed along its first axis."""
    return flip(x, 0)


def fliplr(x: Any) -> Any:
    """x reversed along its second axis."""
    return flip(x, 1)


def rot90(x: Any, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Any:
    """x turned by k right angles in the plane of two axes, from the first towards the second."""
    first, second = axes
    normalize_axes(axes, len(shape_of(x)))  # an error where they do not fit
    k %= 4
    if k == 0:
        return flip(x, ())
    if k == 2:
        return flip(x, axes)
    return swapaxes(flip(x, second), first, second) if k == 1 else flip(swapaxes(x, first, second), second)


def rollaxis(x: Any, axis: int, start: int = 0) -> Any:
    """One axis taken out and put in front of the axis that was `start`; `moveaxis` is easier to read."""
    ndim = len(shape_of(x))
    (axis,) = normalize_axes(axis, ndim)
    start += ndim if start < 0 else 0
    if not 0 <= start <= ndim:
        raise ShapeError(f"rollaxis: start {start} does not fit an array of {ndim} dimensions.{place()}")
    order = [i for i in range(ndim) if i != axis]
    order.insert(start - (axis < start), axis)
    return transpose_axes(x, axes=tuple(order))


def matrix_transpose(x: Any) -> Any:
    """The last two axes exchanged."""
    return swapaxes(x, -1, -2)


# Axes of size 1


def _atleast(x: Any, ndim: int) -> Any:
    x = x if hasattr(x, "shape") else positive(x)  # a list becomes an array
    shape = shape_of(x)
    if len(shape) >= ndim:
        return x
    if ndim == 3 and shape:
        return expand_dims(x, 2) if len(shape) == 2 else reshape(x, (1, *shape, 1))
    return reshape(x, (1,) * (ndim - len(shape)) + shape)


def _each(xs: tuple[Any, ...], ndim: int) -> Any:
    found = tuple(_atleast(x, ndim) for x in xs)
    return found[0] if len(found) == 1 else found


def atleast_1d(*xs: Any) -> Any:
    """Numbers as arrays of one element; of several, a tuple."""
    return _each(xs, 1)


def atleast_2d(*xs: Any) -> Any:
    """With axes of size 1 in front, until there are two; of several, a tuple."""
    return _each(xs, 2)


def atleast_3d(*xs: Any) -> Any:
    """With axes of size 1 around, until there are three, (1, n, 1) and (m, n, 1); of several, a tuple."""
    return _each(xs, 3)


# Sizes


def broadcast_arrays(*xs: Any) -> tuple[Any, ...]:
    """All brought to one shape, without copying."""
    try:
        shape = np.broadcast_shapes(*map(shape_of, xs))
    except ValueError:
        raise ShapeError(f"broadcast_arrays of {', '.join(map(describe, xs))}: they do not fit.{place()}") from None
    return tuple(broadcast(x, shape=shape) for x in xs)


def expand(x: Any, *sizes: int | Sequence[int]) -> Any:
    """x repeated along axes of size 1 and new ones in front, as in PyTorch; -1 leaves a size as it is."""
    wanted: Any = sizes[0] if len(sizes) == 1 and not isinstance(sizes[0], int) else sizes
    shape = shape_of(x)
    ahead = len(wanted) - len(shape)
    return broadcast(x, shape=tuple(shape[i - ahead] if n == -1 and i >= ahead else n for i, n in enumerate(wanted)))


def sum_to_size(x: Any, *size: int | Sequence[int]) -> Any:
    """x summed back to a shape that it could have been broadcast from."""
    shape: Any = size[0] if len(size) == 1 and not isinstance(size[0], int) else size
    return sum_to(x, shape=tuple(shape))


def unflatten(x: Any, axis: int, sizes: Sequence[int]) -> Any:
    """One axis made into several; one size may be -1. The inverse of `flatten`."""
    shape = shape_of(x)
    (axis,) = normalize_axes(axis, len(shape))
    known = int(np.prod([n for n in sizes if n != -1]))
    whole = tuple(shape[axis] // known if n == -1 and known else n for n in sizes)
    if int(np.prod(whole)) != shape[axis]:
        raise ShapeError(f"unflatten of {describe(x)}: axis {axis} cannot be made into {tuple(sizes)}.{place()}")
    return reshape(x, (*shape[:axis], *whole, *shape[axis + 1 :]))


def narrow(x: Any, axis: int, start: int, length: int) -> Any:
    """`length` elements along an axis, from `start` on."""
    shape = shape_of(x)
    (axis,) = normalize_axes(axis, len(shape))
    begin = start + shape[axis] if start < 0 else start
    if not 0 <= begin <= begin + length <= shape[axis]:
        raise ShapeError(
            f"narrow of {describe(x)}: there are no {length} elements from {start} on along axis {axis}.{place()}"
        )
    return getitem(x, index=(*(slice(None),) * axis, slice(begin, begin + length)))


def resize(x: Any, new_shape: int | Shape) -> Any:
    """The elements of x, over and over, in a new shape (as np.resize; ndarray.resize would fill with zeros)."""
    shape = (new_shape,) if isinstance(new_shape, int) else tuple(new_shape)
    size, wanted = int(np.prod(shape_of(x))), int(np.prod(shape))
    if wanted and not size:
        raise ShapeError(f"resize of {describe(x)}: it has no elements to fill {shape} with.{place()}")
    row = ravel(x)
    return reshape(row if size == wanted else getitem(row, index=np.arange(wanted) % (size or 1)), shape)
