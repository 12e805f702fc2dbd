"""Gathering, scattering and filling by number along one axis, as PyTorch has them, and never in place.

`index` names, for each of its own places, the place along `axis`; along the other axes it may be shorter than x. The
`index_...` functions take one row of numbers for whole slices. Nearly all are the primitives of `indexing`,
given the index in NumPy's form.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.domain import REAL, case
from autograd.errors import ShapeError, describe, place
from autograd.primitive import Primitive, general
from autograd.rules import indexing
from autograd.rules.indexing import getitem, index_set, whole_numbers
from autograd.rules.piecewise import where
from autograd.rules.shaping import broadcast, data_of, normalize_axes, on_plain, reshape, shape_of

__all__ = [
    "gather",
    "index_add",
    "index_copy",
    "index_fill",
    "index_put",
    "index_reduce",
    "index_select",
    "masked_scatter",
    "put",
    "scatter",
    "scatter_add",
    "scatter_reduce",
    "select_scatter",
    "slice_scatter",
]

Index = tuple[Any, ...]

# One number for each element


def _at(x: Any, axis: int, index: Any, name: str) -> tuple[Any, Index]:
    """x and the index that `index` along an axis means, for NumPy; a number counts as an array of one element."""
    numbers = np.atleast_1d(whole_numbers(index, name))
    if not shape_of(x):
        x = reshape(x, (1,))
    shape = shape_of(x)
    (axis,) = normalize_axes(axis, len(shape))
    if len(numbers.shape) != len(shape) or any(
        n > m for i, (n, m) in enumerate(zip(numbers.shape, shape, strict=True)) if i != axis
    ):
        raise ShapeError(f"{name} of {describe(x)} along axis {axis}: an index {numbers.shape} does not fit.{place()}")
    grid: list[ndarray] = list(np.indices(numbers.shape, sparse=True))
    grid[axis] = numbers
    return x, tuple(grid)


def _named(src: Any, index: Any, name: str) -> Any:
    """The part of `src` that the index has numbers for; a single number serves for all."""
    needed, shape = np.atleast_1d(data_of(index)).shape, shape_of(src)
    if not shape or shape == needed:
        return src
    if len(shape) != len(needed) or any(n > m for n, m in zip(needed, shape, strict=True)):
        raise ShapeError(f"{name}: the source {describe(src)} is too small for an index {needed}.{place()}")
    return getitem(src, index=tuple(map(slice, needed)))


def gather(x: Any, axis: int, index: Any) -> Any:
    """y[i, j] = x[index[i, j], j] along axis 0, and likewise along the others; y has the shape of the index."""
    row, at = _at(x, axis, index, "gather")
    return reshape(getitem(row, index=at), shape_of(index))


def scatter(x: Any, axis: int, index: Any, src: Any) -> Any:
    """x with y[index[i, j], j] = src[i, j] along axis 0; of an element named twice the last mention stays."""
    row, at = _at(x, axis, index, "scatter")
    return reshape(index_set(row, _named(src, index, "scatter"), index=at), shape_of(x))


def scatter_add(x: Any, axis: int, index: Any, src: Any) -> Any:
    """x with src[i, j] added to x[index[i, j], j] along axis 0, as often as an element is named."""
    row, at = _at(x, axis, index, "scatter_add")
    return reshape(indexing.index_add(row, _named(src, index, "scatter_add"), index=at), shape_of(x))


def scatter_reduce(x: Any, axis: int, index: Any, src: Any, reduce: str, include_self: bool = True) -> Any:
    """What arrives at an element of x, and that element itself, reduced to one.

    `reduce` is "sum", "prod", "mean", "amax" or "amin"; equal winners of the last two share the gradient. Without
    `include_self` an element that something arrives at does not count itself.
    """
    row, at = _at(x, axis, index, "scatter_reduce")
    src = broadcast(_named(src, index, "scatter_reduce"), shape=np.broadcast_shapes(*(i.shape for i in at)))
    return reshape(_reduced(row, at, src, reduce, include_self), shape_of(x))


def _reduced(x: Any, at: Index, src: Any, reduce: str, include_self: bool) -> Any:
    reduce = {"add": "sum", "multiply": "prod"}.get(reduce, reduce)
    if reduce not in _STARTS:
        raise ShapeError(f"there is no reduction {reduce!r}, only {', '.join(_STARTS)}.{place()}")
    if not include_self:
        x = index_set(x, _STARTS[reduce], index=at)
    if reduce == "sum":
        return indexing.index_add(x, src, index=at)
    if reduce == "mean":
        count = _count(shape=shape_of(x), at=at)
        return indexing.index_add(x, src, index=at) / np.maximum(count + include_self * (count > 0), 1).astype(x.dtype)
    if reduce == "prod":
        return _multiplied(x, at, src)
    return _winners(x, at, src, np.maximum if reduce == "amax" else np.minimum)


_STARTS = {"sum": 0.0, "prod": 1.0, "mean": 0.0, "amax": -np.inf, "amin": np.inf}


@on_plain
def _count(shape: tuple[int, ...], at: Index) -> ndarray:
    """How often each element is named."""
    count = np.zeros(shape, int)
    np.add.at(count, at, 1)
    return count


def _multiplied(x: Any, at: Index, src: Any) -> Any:
    """Round by round: an element named k times is multiplied in k rounds, so that zeros are no special case."""
    flat = np.arange(math.prod(shape_of(x))).reshape(shape_of(x))[at].ravel()
    order = np.argsort(flat, kind="stable")
    first = np.searchsorted(flat[order], flat[order])
    turn = np.empty(flat.size, int)
    turn[order] = np.arange(flat.size) - first
    y, src = reshape(x, (-1,)), reshape(src, (-1,))
    for k in range(turn.max(initial=-1) + 1):
        (now,) = np.nonzero(turn == k)
        named = flat[now]
        y = index_set(y, getitem(y, index=named) * getitem(src, index=now), index=named)
    return reshape(y, shape_of(x))


def _winners(x: Any, at: Index, src: Any, better: Any) -> Any:
    y = _best(x, src, at=at, better=better)
    stays, arrives = data_of(x) == y, data_of(src) == getitem(y, index=at)
    share = 1 / indexing.index_add(stays.astype(y.dtype), arrives.astype(y.dtype), index=at)
    mine = getitem(share, index=at)
    return indexing.index_add(where(stays, x * share, 0.0), where(arrives, src * mine, 0.0), index=at)


@on_plain
def _best(x: ndarray, src: ndarray, at: Index, better: Any) -> ndarray:
    """The best of each element and of what arrives at it."""
    y = np.array(x)
    better.at(y, at, src)
    return y


def _rows_array(x: ndarray, index: ndarray, size: int) -> ndarray:
    y = np.zeros((len(x), size), x.dtype)
    y[_rows(index)] = x
    return y


def _rows(index: ndarray) -> Index:
    return np.arange(len(index))[:, None], index


put_rows: Primitive = general(
    "put_rows",
    _rows_array,
    [lambda g, y, x, index, size: getitem(g, index=_rows(index))],
    [lambda t, y, x, index, size: put_rows(t, index=index, size=size)],
    domain=[case(REAL(2, 3), index=np.array([[4, 0, 2], [1, 3, 0]]), size=5)],
    doc="Each row's elements put into zeros at its own places; of a place named twice the last mention stays, and both "
    "receive its cotangent, as in PyTorch's max_unpool.",
)


# One number for each slice


def _slices(x: Any, axis: int, index: Any, name: str) -> Index:
    (axis,) = normalize_axes(axis, len(shape_of(x)))
    return (*(slice(None),) * axis, np.atleast_1d(whole_numbers(index, name)))


def index_select(x: Any, axis: int, index: Any) -> Any:
    """The slices of these numbers along an axis."""
    return getitem(x, index=_slices(x, axis, index, "index_select")) if shape_of(x) else x


def index_add(x: Any, axis: int, index: Any, source: Any, alpha: float = 1) -> Any:
    """x with alpha · source added to the slices of these numbers along an axis, as often as one is named."""
    return _on_slices(x, axis, index, source if alpha == 1 else source * alpha, indexing.index_add, "index_add")


def index_copy(x: Any, axis: int, index: Any, source: Any) -> Any:
    """x with the slices of these numbers along an axis replaced by those of the source."""
    return _on_slices(x, axis, index, source, index_set, "index_copy")


def index_fill(x: Any, axis: int, index: Any, value: Any) -> Any:
    """x with the slices of these numbers along an axis filled with one value."""
    return _on_slices(x, axis, index, value, index_set, "index_fill")


def _on_slices(x: Any, axis: int, index: Any, source: Any, change: Any, name: str) -> Any:
    row = x if shape_of(x) else reshape(x, (1,))
    return reshape(change(row, source, index=_slices(row, axis, index, name)), shape_of(x))


def index_reduce(x: Any, axis: int, index: Any, source: Any, reduce: str, include_self: bool = True) -> Any:
    """The slices of the source that go to one slice of x, and it itself, reduced to one; see `scatter_reduce`."""
    row, source = (z if shape_of(z) else reshape(z, (1,)) for z in (x, source))
    *before, numbers = _slices(row, axis, index, "index_reduce")
    ndim, axis = len(shape_of(row)), len(before)
    grid = np.indices(shape_of(source), sparse=True)
    at = tuple(numbers.reshape(-1, *(1,) * (ndim - 1 - axis)) if i == axis else grid[i] for i in range(ndim))
    return reshape(_reduced(row, at, source, reduce, include_self), shape_of(x))


def put(x: Any, index: Any, source: Any, accumulate: bool = False) -> Any:
    """The raveled x with elements replaced by number, or added to, in the shape of x."""
    row, numbers = reshape(x, (-1,)), whole_numbers(index, "put")
    source = reshape(source, numbers.shape) if shape_of(source) else source
    return reshape((indexing.index_add if accumulate else index_set)(row, source, index=numbers), shape_of(x))


def index_put(x: Any, indices: Index, values: Any, accumulate: bool = False) -> Any:
    """x[indices] = values, or += with `accumulate`, in a copy: `x.at[indices].set(values)` and `.add(values)`."""
    at = tuple(data_of(i).copy() for i in indices)
    return (indexing.index_add if accumulate else index_set)(x, values, index=at)


# Parts replaced


def masked_scatter(x: Any, mask: Any, source: Any) -> Any:
    """x with the elements where the mask holds replaced by the first ones of the source, in order."""
    mask = data_of(mask)
    shape = np.broadcast_shapes(shape_of(x), mask.shape)
    mask = np.array(np.broadcast_to(mask, shape), bool)
    first = getitem(reshape(source, (-1,)), index=slice(int(mask.sum())))
    return index_set(broadcast(x, shape=shape), first, index=mask)


def select_scatter(x: Any, src: Any, axis: int, index: int) -> Any:
    """x with the slice of this number along an axis replaced."""
    (axis,) = normalize_axes(axis, len(shape_of(x)))
    return index_set(x, src, index=(*(slice(None),) * axis, index))


def slice_scatter(
    x: Any, src: Any, axis: int = 0, start: int | None = None, end: int | None = None, step: int = 1
) -> Any:
    """x with the slices start:end:step along an axis replaced."""
    (axis,) = normalize_axes(axis, len(shape_of(x)))
    return index_set(x, src, index=(*(slice(None),) * axis, slice(start, end, step)))
