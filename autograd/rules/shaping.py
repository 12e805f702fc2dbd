"""Shapes, axes, broadcasting, joining and repeating. All of it is linear: each rule is a transpose.

What the other families stand on is here. What is made of it stands above: `arranging`, `joining`, `padding`.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.domain import REAL, case
from autograd.errors import ShapeError, describe, place
from autograd.primitive import Primitive, linear

__all__ = [
    "astype",
    "broadcast_to",
    "concatenate",
    "expand_dims",
    "flatten",
    "flip",
    "moveaxis",
    "ravel",
    "repeat",
    "reshape",
    "squeeze",
    "stack",
    "swapaxes",
    "tile",
    "transpose",
]

Shape = tuple[int, ...]


def on_plain(function: Callable[..., Any], name: str = "") -> Primitive:
    """A function of plain arrays that has no derivative, such as an order, as a primitive of any kind of number."""
    made = Primitive(name or function.__name__, None, function, domain=(), doc=function.__doc__ or "")
    made.smooth = False
    return made


data_of = on_plain(np.asarray, "data")  # the plain array behind anything


def anywhere(condition: Any) -> bool:
    """Whether a condition holds at any place; of a batch, in any of its examples."""
    while hasattr(condition, "whole"):
        condition = condition.whole
    return bool(np.any(condition))


def shape_of(x: Any) -> Shape:
    """The shape of anything: () for a number. Of a list it is what its first element says, which may be a Tensor."""
    try:
        return x.shape  # type: ignore[no-any-return]
    except AttributeError:
        return (len(x), *shape_of(x[0])) if isinstance(x, list | tuple) and x else np.shape(x)


def normalize_axes(axis: int | Iterable[int] | None, ndim: int) -> Shape:
    """Axes counted from 0, sorted: None is all of them."""
    if axis is None:
        return tuple(range(ndim))
    axes = (axis,) if isinstance(axis, int | np.integer) else tuple(axis)
    found = tuple(sorted(operator.index(a) + ndim if a < 0 else operator.index(a) for a in axes))
    if any(not 0 <= a < ndim for a in found) or len(set(found)) != len(found):
        raise ShapeError(f"axis {axis} does not fit an array of {ndim} dimensions.{place()}")
    return found


# Shape

_reshape: Primitive = linear(
    "reshape",
    lambda x, shape: x.reshape(shape),
    lambda g, x, shape: _reshape(g, shape=shape_of(x)),
    domain=[case(REAL(2, 3), shape=(3, 2))],
    doc="The same elements in another shape.",
)
transpose_axes: Primitive = linear(
    "transpose",
    lambda x, axes: x.transpose(axes),
    lambda g, x, axes: transpose_axes(g, axes=tuple(np.argsort(axes).tolist())),
    domain=[case(REAL(2, 3, 4), axes=(2, 0, 1))],
    doc="Axes in another order.",
)


def reshape(x: Any, shape: int | Shape, order: str = "C") -> Any:
    """The same elements in another shape; one size may be -1. Read row by row, or in order "F" column by column."""
    if order == "C":
        return _reshape(x, shape=shape)
    if order != "F":
        raise ShapeError(f'reshape: order is "C" or "F", not {order!r}.{place()}')
    return transpose(_reshape(transpose(x), shape=(shape if isinstance(shape, int) else tuple(shape)[::-1])))


def ravel(x: Any, order: str = "C") -> Any:
    """All elements in one row, read row by row, or in order "F" column by column."""
    return reshape(x, (-1,), order)


def flatten(x: Any, start_dim: int = 0, end_dim: int = -1) -> Any:
    """Axes start_dim to end_dim made into one."""
    shape = shape_of(x)
    if not shape:
        return ravel(x)
    first, last = start_dim % len(shape), end_dim % len(shape)
    return _reshape(x, shape=(*shape[:first], math.prod(shape[first : last + 1]), *shape[last + 1 :]))


def transpose(x: Any, axes: Sequence[int] | None = None) -> Any:
    """Axes in the order given, by default reversed."""
    ndim = len(shape_of(x))
    order = range(ndim)[::-1] if axes is None else [a % ndim for a in axes]
    return transpose_axes(x, axes=tuple(order))


def swapaxes(x: Any, axis1: int, axis2: int) -> Any:
    """Two axes exchanged."""
    order = list(range(len(shape_of(x))))
    try:
        order[axis1], order[axis2] = order[axis2], order[axis1]
    except IndexError:
        raise ShapeError(f"swapaxes of {describe(x)}: there are no axes {axis1} and {axis2}.{place()}") from None
    return transpose_axes(x, axes=tuple(order))


def moveaxis(x: Any, source: int | Sequence[int], destination: int | Sequence[int]) -> Any:
    """Axes moved to other places; the rest keep their order."""
    ndim = len(shape_of(x))
    sources = [source] if isinstance(source, int | np.integer) else list(source)
    places = [destination] if isinstance(destination, int | np.integer) else list(destination)
    for axes in (sources, places):
        normalize_axes(axes, ndim)  # an error where they do not fit
    moved = dict(zip([i % ndim for i in places], [i % ndim for i in sources], strict=True))
    rest = iter(i for i in range(ndim) if i not in moved.values())
    return transpose_axes(x, axes=tuple(moved[i] if i in moved else next(rest) for i in range(ndim)))


def expand_dims(x: Any, axis: int | Shape) -> Any:
    """New axes of size 1 at these places of the result."""
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    shape = shape_of(x)
    places = normalize_axes(axes, len(shape) + len(axes))
    sizes = iter(shape)
    return _reshape(x, shape=tuple(1 if i in places else next(sizes) for i in range(len(shape) + len(axes))))


def squeeze(x: Any, axis: int | Shape | None = None) -> Any:
    """Axes of size 1 removed: these, or all."""
    shape = shape_of(x)
    if axis is None:
        return _reshape(x, shape=tuple(n for n in shape if n != 1))
    places = normalize_axes(axis, len(shape))
    if any(shape[i] != 1 for i in places):
        raise ShapeError(f"squeeze of {describe(x)}: axis {axis} does not have size 1.{place()}")
    return _reshape(x, shape=tuple(n for i, n in enumerate(shape) if i not in places))


# Broadcasting, and its transpose, summing back


STILL = [(0,) * n for n in range(65)]  # strides that stay where they are, for as many axes as NumPy has


def broadcast_array(x: Any, shape: Shape) -> Any:
    if type(x) is ndarray and x.size == 1:  # a view with strides of zero, made ten times faster than by NumPy
        return ndarray(shape, x.dtype, x, 0, STILL[len(shape)])
    return np.broadcast_to(x, shape)


def _sum_to_array(x: Any, shape: Shape) -> Any:
    ahead = x.ndim - len(shape)
    axes = (*range(ahead), *(i + ahead for i, n in enumerate(shape) if n == 1 and x.shape[i + ahead] != 1))
    return np.add.reduce(x, axes).reshape(shape)


broadcast = linear(
    "broadcast_to",
    broadcast_array,
    lambda g, x, shape: sum_to(g, shape=shape_of(x)),
    domain=[case(REAL(3, 1), shape=(2, 3, 4)), case(REAL(), shape=(2,))],
    doc="The same elements repeated along new axes and axes of size 1, without copying.",
)
sum_to: Primitive = linear(
    "sum_to",
    _sum_to_array,
    lambda g, x, shape: broadcast(g, shape=shape_of(x)),
    domain=[case(REAL(2, 3, 4), shape=(3, 1))],
    doc="Summed back to a shape that it could have been broadcast from.",
)
cast: Primitive = linear(
    "astype",
    lambda x, dtype: np.asarray(x).astype(dtype),
    lambda g, x, dtype: cast(g, dtype=x.dtype),
    domain=[case(REAL(2, 3), dtype=np.dtype("float64"))],
    doc="The same elements in another precision.",
)


def broadcast_to(x: Any, shape: int | Shape) -> Any:
    """x repeated to this shape, without copying."""
    return broadcast(x, shape=(shape,) if isinstance(shape, int) else tuple(shape))


def astype(x: Any, dtype: Any) -> Any:
    """The same elements in another precision; to integers and booleans nothing is differentiated."""
    if hasattr(x, "requires_grad") and x.dtype == dtype:
        return x  # a node, which nobody writes into
    return cast(x, dtype=np.dtype(dtype))


# Joining


def _concatenate_back(g: Any, *xs: Any, axis: int) -> list[Any]:
    ends = np.cumsum([shape_of(x)[axis] for x in xs]).tolist()
    starts = [0, *ends[:-1]]
    before = (slice(None),) * (axis % len(shape_of(g)))
    return [g[(*before, slice(start, end))] for start, end in zip(starts, ends, strict=True)]


_concatenate = linear(
    "concatenate",
    lambda *xs, axis: np.concatenate(xs, axis=axis),
    _concatenate_back,
    joint=True,
    domain=[case(REAL(2, 3), REAL(2, 1), axis=1), case(REAL(1, 2), REAL(3, 2), axis=-2)],
    doc="Arrays joined along an axis that they have.",
)
_stack = linear(
    "stack",
    lambda *xs, axis: np.stack(xs, axis=axis),
    lambda g, *xs, axis: [g[(*(slice(None),) * (axis % len(shape_of(g))), i)] for i in range(len(xs))],
    joint=True,
    domain=[case(REAL(2, 3), REAL(2, 3), axis=1), case(REAL(2), REAL(2), axis=-1)],
    doc="Arrays joined along a new axis.",
)


def concatenate(arrays: Sequence[Any], axis: int | None = 0) -> Any:
    """Arrays joined along an axis that they have (None: all raveled first)."""
    if axis is None:
        arrays, axis = [ravel(x) for x in arrays], 0
    return _concatenate(*arrays, axis=axis)


def stack(arrays: Sequence[Any], axis: int = 0) -> Any:
    """Arrays, numbers or Values joined along a new axis.

    >>> import autograd
    >>> a, b = autograd.Value(1.0), autograd.Value(2.0)
    >>> t = autograd.stack([a, b])
    >>> (t * t).sum().backward(); b.grad
    4.0
    """
    return _stack(*arrays, axis=axis)


# Reversing and repeating

_flip: Primitive = linear(
    "flip",
    lambda x, axis: np.flip(x, axis),
    lambda g, x, axis: _flip(g, axis=axis),
    domain=[case(REAL(2, 3), axis=(0, 1)), case(REAL(2, 3), axis=(1,))],
    doc="Reversed along axes.",
)


def flip(x: Any, axis: int | Shape | None = None) -> Any:
    """x reversed along one axis, several, or all."""
    return _flip(x, axis=normalize_axes(axis, len(shape_of(x))))


def tile(x: Any, reps: int | Sequence[int]) -> Any:
    """x laid side by side, `reps` times along each axis."""
    reps = (reps,) if isinstance(reps, int) else tuple(reps)
    shape = shape_of(x)
    shape, reps = (1,) * (len(reps) - len(shape)) + shape, (1,) * (len(shape) - len(reps)) + reps
    spread = _reshape(x, shape=tuple(k for n in shape for k in (1, n)))
    spread = broadcast(spread, shape=tuple(k for r, n in zip(reps, shape, strict=True) for k in (r, n)))
    return _reshape(spread, shape=tuple(r * n for r, n in zip(reps, shape, strict=True)))


def repeat(x: Any, repeats: int | Sequence[int], axis: int | None = None) -> Any:
    """Every element (or slice along `axis`) repeated; one count for all, or one for each."""
    if axis is None:
        x, axis = ravel(x), 0
    index = np.repeat(np.arange(shape_of(x)[axis]), data_of(repeats))
    return x[(*(slice(None),) * (axis % len(shape_of(x))), index)]
