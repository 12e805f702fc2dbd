"""Sorting and what is made of it. An order has no derivative; reading elements in that order does.

So each function finds plain numbers of elements and reads them: the gradient of an element goes to where it stood.
Equal elements keep their order, which decides which of them receives a gradient.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy import ndarray

from autograd.errors import ShapeError, describe, place
from autograd.rules.indexing import take, take_along_axis
from autograd.rules.shaping import anywhere, data_of, normalize_axes, reshape, shape_of, squeeze

__all__ = [
    "argpartition",
    "argsort",
    "kthvalue",
    "lexsort",
    "mode",
    "msort",
    "partition",
    "searchsorted",
    "sort",
    "topk",
    "unique",
]


class Ordered(NamedTuple):
    """Elements of an array, and their numbers along its axis (plain integers)."""

    values: Any
    indices: ndarray


# Orders: plain integers


def argsort(x: Any, axis: int | None = -1, kind: Any = None, *, descending: bool = False, stable: bool = True) -> Any:
    """The order that sorts along an axis (None: of the raveled array): plain integers. Equal ones stay in order.

    `kind` and `stable` are NumPy's; the order is always a stable one. nan counts as the largest.
    """
    x = data_of(x)
    if not x.ndim:
        return np.zeros((1,) * (axis is None), int)
    if axis is None:
        x, axis = x.reshape(-1), 0
    if not descending:
        return _stable_order(x, axis)
    return _count(x, axis) - 1 - np.flip(_stable_order(np.flip(x, axis), axis), axis)


def _stable_order(x: ndarray, axis: int) -> ndarray:
    """NumPy's stable order, found several times faster where no two are equal: then any order is stable."""
    order = np.argsort(x, axis)
    found = np.moveaxis(np.take_along_axis(x, order, axis), axis, -1)
    equal = anywhere(~(found[..., :-1] < found[..., 1:]))
    return np.argsort(x, axis, kind="stable") if equal else order


def _count(x: Any, axis: int) -> int:
    """How many elements there are along an axis; one, of a number."""
    shape = shape_of(x)
    return shape[normalize_axes(axis, len(shape))[0]] if shape else 1


def argpartition(x: Any, kth: int | Sequence[int], axis: int | None = -1) -> Any:
    """The order that puts the k-th element where sorting would, smaller ones before it: plain integers."""
    return np.argpartition(data_of(x), kth, axis)


def lexsort(keys: Any, axis: int = -1) -> Any:
    """The order that sorts by the last key, equal ones by the last but one, and so on: plain integers."""
    return np.lexsort(tuple(data_of(key) for key in keys), axis)


def searchsorted(a: Any, v: Any, side: Any = "left", sorter: Any = None) -> Any:
    """Where elements would have to be put into a sorted row to keep it sorted: plain integers."""
    return np.searchsorted(data_of(a), data_of(v), side, sorter)


# Elements in order


def sort(x: Any, axis: int | None = -1, kind: Any = None, *, descending: bool = False, stable: bool = True) -> Any:
    """A sorted copy, along an axis (None: of the raveled array). Nothing is sorted in place.

    `kind` and `stable` are NumPy's; equal elements always stay in order.

    >>> import autograd
    >>> x = autograd.Tensor([3.0, 1.0, 2.0])
    >>> autograd.sort(x)[0].backward(); x.grad
    array([0., 1., 0.])
    """
    if not shape_of(x):
        return reshape(x, (1,) if axis is None else ())
    if axis is None:
        x, axis = reshape(x, (-1,)), 0
    return take_along_axis(x, argsort(x, axis, descending=descending), axis)


def msort(x: Any) -> Any:
    """A copy sorted along the first axis."""
    return sort(x, 0)


def partition(x: Any, kth: int | Sequence[int], axis: int | None = -1) -> Any:
    """A copy with the k-th element where sorting would put it, smaller ones before it and larger ones behind."""
    if axis is None:
        x, axis = reshape(x, (-1,)), 0
    return take_along_axis(x, argpartition(x, kth, axis), axis)


def topk(x: Any, k: int, axis: int = -1, largest: bool = True, sorted: bool = True) -> Ordered:
    """The k largest (or smallest) elements along an axis, best first, and their numbers.

    `sorted` is PyTorch's; they always are. Of equal ones the first are taken.
    """
    if not 0 <= k <= _count(x, axis):
        raise ShapeError(f"topk of {describe(x)}: there are no {k} elements along axis {axis}.{place()}")
    if not shape_of(x):
        return Ordered(x, np.zeros((), int)) if k else Ordered(reshape(x, (1,))[:0], np.zeros(0, int))
    order = np.take(argsort(x, axis, descending=largest), np.arange(k), axis)
    return Ordered(take_along_axis(x, order, axis), order)


def kthvalue(x: Any, k: int, axis: int = -1, keepdims: bool = False) -> Ordered:
    """The k-th smallest element along an axis, counted from 1, and its number."""
    if not 1 <= k <= _count(x, axis):
        raise ShapeError(f"kthvalue of {describe(x)}: there is no {k}. element along axis {axis}.{place()}")
    if not shape_of(x):
        return Ordered(x, np.zeros((), int))
    order = np.take(argsort(x, axis), [k - 1], axis)
    values = take_along_axis(x, order, axis)
    return Ordered(values, order) if keepdims else Ordered(squeeze(values, axis), np.squeeze(order, axis))


def mode(x: Any, axis: int = -1, keepdims: bool = False) -> Ordered:
    """The most frequent element along an axis, and the number of the last one that is equal to it, which has the slope.

    Of several that are equally frequent, the smallest.

    >>> import autograd
    >>> autograd.mode([2.0, 3.0, 2.0, 3.0])
    Ordered(values=array(2.), indices=array(2))
    """
    data = data_of(x)
    if not data.ndim:
        return Ordered(x, np.zeros((), int))
    (axis,) = normalize_axes(axis, data.ndim)
    if not data.shape[axis]:
        raise ShapeError(f"mode of {describe(x)}: there are no elements along axis {axis}.{place()}")
    order = np.moveaxis(argsort(data, axis), axis, -1)
    row = np.take_along_axis(np.moveaxis(data, axis, -1), order, -1)
    places = np.arange(row.shape[-1])
    begins = np.concatenate([np.ones_like(row[..., :1], bool), row[..., 1:] != row[..., :-1]], -1)
    repeats = places - np.maximum.accumulate(np.where(begins, places, 0), -1)
    best = np.take_along_axis(order, np.argmax(repeats, -1)[..., None], -1)
    indices = np.moveaxis(best, -1, axis)
    values = take_along_axis(x, indices, axis)
    return Ordered(values, indices) if keepdims else Ordered(squeeze(values, axis), np.squeeze(indices, axis))


def unique(
    x: Any,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    *,
    equal_nan: bool = True,
) -> Any:
    """The different elements (or slices along `axis`), sorted, as np.unique.

    Of equal ones the first stands for all, and receives the gradient.
    """
    numbered: Any = np.unique
    _, index, *more = numbered(data_of(x), True, return_inverse, return_counts, axis, equal_nan=equal_nan)
    found = [take(x, index, axis), *([index] if return_index else []), *more]
    return found[0] if len(found) == 1 else tuple(found)
