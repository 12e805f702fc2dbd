"""Reading, adding to and replacing elements, by every kind of index that NumPy knows.

Arrays under differentiation are not written into. `x.at[i].set(v)` and `x.at[i].add(v)` make a new one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from autograd.domain import REAL, case
from autograd.primitive import Primitive, general, linear
from autograd.rules.shaping import shape_of, sum_to
from autograd.scatter import Scatter


def _may_repeat(index: Any) -> bool:
    """Whether an index can name the same element twice: only arrays of integers can."""
    parts = index if isinstance(index, tuple) else (index,)
    return any(isinstance(i, list) or (isinstance(i, ndarray) and i.dtype != bool) for i in parts)


def add_at(out: ndarray, index: Any, what: Any) -> None:
    """out[index] += what, counting an element as often as it is named."""
    if _may_repeat(index):
        np.add.at(out, index, what)
    else:
        out[index] += what


def _added(x: ndarray, v: Any, *, index: Any) -> ndarray:
    out = np.array(x)
    add_at(out, index, v)
    return out


def _replaced(x: ndarray, v: Any, *, index: Any) -> ndarray:
    out = np.array(x)
    out[index] = v
    return out


def _last_written(shape: tuple[int, ...], index: Any) -> Any:
    """For each element named by `index`, whether this mention is the last, which is the one that stays."""
    where_from = np.full(shape, -1)
    mentions = np.arange(np.empty(shape, bool)[index].size).reshape(np.empty(shape, bool)[index].shape)
    where_from[index] = mentions
    return where_from[index] == mentions


def scatter(g: Any, x: Any, index: Any) -> Any:
    """The cotangent of x, given that of x[index]: zeros, but for the elements that were read."""
    if isinstance(g, ndarray | np.generic):
        return Scatter(shape_of(x), x.dtype, add_at, index, g)
    return index_add(np.zeros(shape_of(x), x.dtype), g, index=index)


getitem = linear(
    "getitem",
    lambda x, index: x[index],
    scatter,
    domain=[
        case(REAL(3, 4), index=(1, slice(None, None, -2))),
        case(REAL(3, 4), index=(None, ..., 2)),
        case(REAL(3, 4), index=np.array([0, 2, 0])),
        case(REAL(3, 4), index=np.array([[True, False, True, True]] * 3)),
    ],
    doc="Elements of x. An element that is read twice receives both cotangents.",
)


def _fit(g: Any, v: Any) -> Any:
    return g if shape_of(g) == shape_of(v) else sum_to(g, shape=shape_of(v))


index_add: Primitive = general(
    "index_add",
    _added,
    (lambda g, y, x, v, index: g, lambda g, y, x, v, index: _fit(g[index], v)),
    (
        lambda t, y, x, v, index: t,
        lambda t, y, x, v, index: index_add(np.zeros(shape_of(x), x.dtype), t, index=index),
    ),
    domain=[
        case(REAL(3, 4), REAL(2, 4), index=np.array([2, 2])),
        case(REAL(3, 4), REAL(), index=(slice(1, 3), 0)),
    ],
    doc="x with v added at an index; an element named twice is added to twice.",
)
index_set: Primitive = general(
    "index_set",
    _replaced,
    (
        lambda g, y, x, v, index: index_set(g, 0.0, index=index),
        lambda g, y, x, v, index: _fit(
            g[index] * _last_written(shape_of(x), index) if _may_repeat(index) else g[index], v
        ),
    ),
    (
        lambda t, y, x, v, index: index_set(t, 0.0, index=index),
        lambda t, y, x, v, index: index_set(np.zeros(shape_of(x), x.dtype), t, index=index),
    ),
    domain=[
        case(REAL(3, 4), REAL(2, 4), index=np.array([2, 2])),
        case(REAL(3, 4), REAL(), index=(slice(1, 3), 0)),
    ],
    doc="x with v in place of its elements at an index; of an element named twice the last mention stays.",
)


def take(x: Any, indices: Any, axis: int | None = None) -> Any:
    """Elements of x by number, along one axis or of the raveled array."""
    indices = np.asarray(indices)
    if axis is None:
        return getitem(x.reshape(-1), index=indices)
    return getitem(x, index=(*(slice(None),) * (axis % len(shape_of(x))), indices))


class At:
    """`x.at[i]`: the place i of x, to set or add to without writing into x."""

    __slots__ = ("x",)

    def __init__(self, x: Any) -> None:
        self.x = x

    def __getitem__(self, index: Any) -> Place:
        return Place(self.x, index)


class Place:
    """One place of an array; see `At`."""

    __slots__ = ("index", "x")

    def __init__(self, x: Any, index: Any) -> None:
        self.x = x
        self.index = index

    def set(self, v: Any) -> Any:
        """A copy of x with v at this place."""
        return index_set(self.x, v, index=self.index)

    def add(self, v: Any) -> Any:
        """A copy of x with v added at this place."""
        return index_add(self.x, v, index=self.index)
