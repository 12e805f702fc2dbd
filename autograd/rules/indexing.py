"""Reading, adding to and replacing elements, by every kind of index that NumPy knows.

Arrays under differentiation are not written into. `x.at[i].set(v)` and `x.at[i].add(v)` make a new one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.domain import REAL, case
from autograd.errors import OperandError, ShapeError, describe, place
from autograd.primitive import Primitive, general, linear
from autograd.rules.piecewise import where
from autograd.rules.shaping import Shape, broadcast, data_of, normalize_axes, on_plain, reshape, shape_of, sum_to
from autograd.scattered import Scatter

__all__ = [
    "choose",
    "compress",
    "extract",
    "masked_fill",
    "masked_select",
    "put_along_axis",
    "select",
    "take",
    "take_along_axis",
]


def _may_repeat(index: Any) -> bool:
    """Whether an index can name the same element twice: only arrays of integers can."""
    parts = index if isinstance(index, tuple) else (index,)
    return any(isinstance(i, list) or (getattr(i, "ndim", 0) > 0 and i.dtype != bool) for i in parts)


def add_at(out: ndarray, index: Any, what: Any) -> None:
    """out[index] += what, counting an element as often as it is named."""
    if not _may_repeat(index):
        out[index] += what
    elif (flat := _flat(out, index)) is None:
        np.add.at(out, index, what)
    else:
        np.add.at(out.reshape(-1), flat.reshape(-1), np.broadcast_to(what, flat.shape).reshape(-1))


def _flat(out: ndarray, index: Any) -> ndarray | None:
    """The places in the flat array that an index names: adding there is several times faster.

    None where finding them would cost more: of few places in a large array, but for whole rows.
    """
    if not out.flags.c_contiguous or not out.size:
        return None
    if type(index) is ndarray and out.ndim > 1:
        rows = np.where(index < 0, index + len(out), index)
        if rows.size and not 0 <= rows.min() <= rows.max() < len(out):
            raise IndexError(f"index {index.min()}..{index.max()} is out of bounds for axis 0 with size {len(out)}")
        row = np.arange(out[0].size).reshape(out.shape[1:])
        return rows.reshape(*rows.shape, *(1,) * row.ndim) * row.size + row
    if isinstance(index, tuple) and 4 * max((i.size for i in index if isinstance(i, ndarray)), default=0) >= out.size:
        return np.arange(out.size).reshape(out.shape)[index]
    return None


def _added(x: ndarray, v: Any, *, index: Any) -> ndarray:
    out = np.array(x)
    add_at(out, index, v)
    return out


def _replaced(x: ndarray, v: Any, *, index: Any) -> ndarray:
    out = np.array(x)
    out[index] = v
    return out


@on_plain
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
            g[index] * _last_written(shape=shape_of(x), index=index) if _may_repeat(index) else g[index], v
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


# By number


def whole_numbers(x: Any, name: str) -> Any:
    """A copy of the numbers of elements, so that the user may write into his own. Errors: OperandError for others."""
    found = data_of(x).copy()
    if not found.size:
        return found.astype(int)
    if found.dtype.kind not in "iu":
        raise OperandError(f"{name} needs the numbers of elements, integers, and got {describe(x)}.{place()}")
    return found


def take(x: Any, indices: Any, axis: int | None = None, *, mode: str = "raise") -> Any:
    """Elements of x by number, along one axis or of the raveled array.

    Numbers that are too large or too small are an error; with mode "wrap" they start again, with "clip" they stop at
    the end.
    """
    if axis is None:
        x, axis = reshape(x, (-1,)), 0
    (axis,) = normalize_axes(axis, len(shape_of(x)))
    index, n = whole_numbers(indices, "take"), shape_of(x)[axis]
    if mode == "wrap":
        index %= n
    elif mode == "clip":
        index = np.clip(index, 0, n - 1)
    elif mode != "raise":
        raise ShapeError(f'take: mode is "raise", "wrap" or "clip", not {mode!r}.{place()}')
    return getitem(x, index=(*(slice(None),) * axis, index))


def _grid(shape: Shape, axis: int, indices: ndarray) -> tuple[Any, ...]:
    """The index that reads `indices` along one axis and stays in its place along the others."""
    return tuple(
        indices if i == axis else np.arange(n).reshape(-1, *(1,) * (len(shape) - 1 - i)) for i, n in enumerate(shape)
    )


def _along(x: Any, indices: Any, axis: int | None, name: str) -> tuple[Any, tuple[Any, ...]]:
    if axis is None:
        x, axis = reshape(x, (-1,)), 0
    index, ndim = whole_numbers(indices, name), len(shape_of(x))
    if index.ndim != ndim:
        raise ShapeError(f"{name} of {describe(x)}: the indices must have {ndim} axes, not {index.ndim}.{place()}")
    return x, _grid(shape_of(x), normalize_axes(axis, ndim)[0], index)


def take_along_axis(x: Any, indices: Any, axis: int | None = -1) -> Any:
    """Elements by number along an axis, for each row its own: what goes with argsort and argmax.

    >>> import autograd
    >>> x = autograd.Tensor([[3.0, 1.0], [2.0, 5.0]])
    >>> autograd.take_along_axis(x, x.argsort(axis=1), axis=1).tolist()
    [[1.0, 3.0], [2.0, 5.0]]
    """
    x, index = _along(x, indices, axis, "take_along_axis")
    return getitem(x, index=index)


def put_along_axis(x: Any, indices: Any, values: Any, axis: int | None = -1) -> Any:
    """A copy of x with elements replaced, by number along an axis; NumPy's writes into x. The last mention stays."""
    row, index = _along(x, indices, axis, "put_along_axis")
    return reshape(index_set(row, values, index=index), shape_of(x))


# By condition


def compress(condition: Any, x: Any, axis: int | None = None) -> Any:
    """The elements (or slices along `axis`) for which the condition holds; it may be shorter than x."""
    return take(x, np.flatnonzero(data_of(condition)), axis)


def extract(condition: Any, x: Any) -> Any:
    """The elements of the raveled x for which the condition holds."""
    return take(x, np.flatnonzero(data_of(condition)))


def masked_select(x: Any, mask: Any) -> Any:
    """The elements where the mask holds, in one row; x and the mask are broadcast together."""
    mask = data_of(mask)
    shape = np.broadcast_shapes(shape_of(x), mask.shape)
    return getitem(broadcast(x, shape=shape), index=broadcast(mask, shape=shape).astype(bool))


def masked_fill(x: Any, mask: Any, value: Any) -> Any:
    """x, and `value` where the mask holds."""
    return where(data_of(mask), value, x)


def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Any:
    """For each place the choice that goes with the first condition that holds there, else `default`."""
    if len(condlist) != len(choicelist):
        raise ShapeError(f"select: {len(condlist)} conditions for {len(choicelist)} choices.{place()}")
    y = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        y = where(data_of(condition), choice, y)
    return y


def choose(a: Any, choices: Sequence[Any], mode: str = "raise") -> Any:
    """For each place the choice of the number that stands in `a` there; `mode` as for `take`."""
    number, n = whole_numbers(a, "choose"), len(choices)
    if mode == "raise" and number.size and not 0 <= number.min() <= number.max() < n:
        raise ShapeError(f"choose: numbers range from {number.min()} to {number.max()}, of {n} choices.{place()}")
    number = number % n if mode == "wrap" else np.clip(number, 0, n - 1)
    return select([number == k for k in range(n - 1)], list(choices[:-1]), choices[-1])


# At a place


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
