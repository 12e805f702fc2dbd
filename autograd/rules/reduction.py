"""Sums, means, spreads, extremes and products along axes."""

from __future__ import annotations

import builtins
import math
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.domain import DISTINCT, NONZERO, REAL, case
from autograd.primitive import Primitive, are_values, general, linear
from autograd.rules.exponential import exp, sqrt
from autograd.rules.piecewise import maximum, minimum, where
from autograd.rules.shaping import (
    STILL,
    Shape,
    astype,
    broadcast,
    data_of,
    flip,
    normalize_axes,
    reshape,
    shape_of,
    stack,
)

__all__ = ["cumsum", "logsumexp", "max", "mean", "min", "prod", "std", "sum", "var"]

Axis = int | Shape | None


def fill(g: Any, x: Any) -> Any:
    """A single number (a cotangent, or a result of reducing all of x), broadcast back to the shape of x."""
    if type(g) is ndarray:  # a view with strides of zero
        return ndarray(x.shape, g.dtype, g, 0, STILL[x.ndim])
    if isinstance(g, np.generic):
        return ndarray(x.shape, g.dtype, np.asarray(g), 0, STILL[x.ndim])
    return broadcast(g, shape=shape_of(x))


def spread(g: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    """What was reduced along `axis` (a cotangent, or a result), broadcast back to the shape of x."""
    if axis is None:
        return fill(g, x)
    shape = shape_of(x)
    if not keepdims:
        axes = normalize_axes(axis, len(shape))
        g = reshape(g, tuple(1 if i in axes else n for i, n in enumerate(shape)))
    return broadcast(g, shape=shape)


def count(x: Any, axis: Axis) -> int:
    """How many elements of x go into each result of a reduction along `axis`."""
    shape = shape_of(x)
    return math.prod(shape if axis is None else [shape[i] for i in normalize_axes(axis, len(shape))])


_AXES = [
    case(REAL(2, 3), axis=None, keepdims=False),
    case(REAL(2, 3, 2), axis=(0, -1), keepdims=True),
    case(REAL(2, 3), axis=1, keepdims=False),
]

# A ufunc's reduce is three times faster than the function or the method around it.
add_reduce: Any = np.add.reduce
maximum_reduce: Any = np.maximum.reduce

sum_along = linear(
    "sum",
    lambda x, axis, keepdims: add_reduce(x, axis, None, None, keepdims),
    spread,
    domain=_AXES,
    doc="Sum along axes.",
)


def _mean_array(x: Any, axis: Axis, keepdims: bool) -> Any:
    if (
        not isinstance(x, ndarray) or x.dtype.kind != "f" or x.dtype.itemsize < 4 or not x.size
    ):  # np.mean adds these up in a wider type
        return np.mean(x, axis=axis, keepdims=keepdims)
    return add_reduce(x, axis, None, None, keepdims) / count(x, axis)


mean_along = linear(
    "mean",
    _mean_array,
    lambda g, x, axis, keepdims: spread(g / count(x, axis), x, axis, keepdims),
    domain=_AXES,
    doc="Mean along axes.",
)

# The commonest reductions, to a single number, are primitives of their own, which take no parameters.

sum_all = linear(
    "sum_all", lambda x: add_reduce(x, None), fill, domain=(REAL,), notation="sum", doc="Sum of all elements."
)
mean_all = linear(
    "mean_all",
    lambda x: _mean_array(x, None, False),
    lambda g, x: fill(g / count(x, None), x),
    domain=(REAL,),
    notation="mean",
    doc="Mean of all elements.",
)
_cumsum: Primitive = linear(
    "cumsum",
    lambda x, axis: np.cumsum(x, axis=axis),
    lambda g, x, axis: flip(_cumsum(flip(g, axis), axis=axis), axis),
    domain=[case(REAL(2, 3), axis=1), case(REAL(2, 3), axis=0)],
    doc="Running sum along an axis.",
)


total = general(
    "total",
    lambda *xs: add_reduce(xs),
    lambda g, y, *xs, wanted: [g] * len(xs),
    lambda ts, y, *xs: builtins.sum(t for t in ts if t is not None),
    on_number=lambda *xs: builtins.sum(xs),
    domain=[case(REAL(), REAL(), REAL())],
    notation="+",
    doc="Sum of any number of Values in one node.",
)


def _chosen(x: Any, dtype: Any, mask: Any, instead: float) -> Any:
    """x in the precision asked for, with something harmless in place of what is left out."""
    if dtype is not None:
        x = astype(x, dtype)
    return x if mask is None else where(mask, x, instead)


def _number_chosen(x: Any, axis: Axis, mask: Any) -> Any:
    return np.add.reduce(np.broadcast_to(mask, shape_of(x)), axis=axis, keepdims=True)


def sum(
    x: Any, axis: Axis = None, keepdims: bool = False, *, dtype: Any = None, where: Any = None, initial: Any = None
) -> Any:
    """Sum of the elements along an axis, several, or all: in another precision, of those where a mask is true,
    and starting from an initial value.

    The sum of a list of Values is a Value, made by one node instead of a chain of additions.

    >>> import autograd
    >>> autograd.sum([autograd.Value(1.0), autograd.Value(2.0), 3.0]).data
    6.0
    """
    if dtype is not None or where is not None:
        x = _chosen(x, dtype, where, 0.0)
    if isinstance(x, list | tuple) and axis is None and are_values(x):
        y = total(*x)
    elif axis is None and not keepdims:
        y = sum_all(x)
    else:
        y = sum_along(x, axis=axis, keepdims=keepdims)
    return y if initial is None else y + initial


def mean(x: Any, axis: Axis = None, keepdims: bool = False, *, dtype: Any = None, where: Any = None) -> Any:
    """Mean of the elements along an axis, several, or all: in another precision, and of those where a mask is true."""
    if dtype is not None:
        x = astype(x, dtype)
    if where is not None:
        n = _number_chosen(x, axis, where).astype(x.dtype)
        return sum(x, axis, keepdims, where=where) / (n if keepdims else n.reshape(_left(x, axis)))
    if axis is None and not keepdims:
        return mean_all(x)
    return mean_along(x, axis=axis, keepdims=keepdims)


def _left(x: Any, axis: Axis) -> Shape:
    """The shape that remains without the axes."""
    shape = shape_of(x)
    gone = normalize_axes(axis, len(shape))
    return tuple(n for i, n in enumerate(shape) if i not in gone)


def cumsum(x: Any, axis: int | None = None) -> Any:
    """Running sum along an axis (None: of the raveled array)."""
    return _cumsum(reshape(x, -1), axis=0) if axis is None else _cumsum(x, axis=axis)


# Spread


def _deviation(x: Any, axis: Axis) -> Any:
    return x - mean(x, axis, True)


_SPREADS = [
    case(REAL(2, 3), axis=None, ddof=0, keepdims=False),
    case(REAL(2, 3), axis=1, ddof=1, keepdims=False),
    case(REAL(2, 3, 2), axis=(0, 2), ddof=0, keepdims=True),
]

_var = general(
    "var",
    lambda x, axis, ddof, keepdims: np.var(x, axis=axis, ddof=ddof, keepdims=keepdims),
    [
        lambda g, y, x, axis, ddof, keepdims: (
            spread(g * 2 / (count(x, axis) - ddof), x, axis, keepdims) * _deviation(x, axis)
        )
    ],
    [lambda t, y, x, axis, ddof, keepdims: sum(t * _deviation(x, axis), axis, keepdims) * 2 / (count(x, axis) - ddof)],
    domain=_SPREADS,
    doc="Variance along axes, Σ(x - mean)² / (n - ddof).",
)


def _std_array(x: Any, axis: Axis, ddof: int, keepdims: bool) -> Any:
    with np.errstate(over="ignore"):
        y = np.std(x, axis=axis, ddof=ddof, keepdims=keepdims)
    info = np.finfo(y.dtype)
    if np.any((np.square(y) < info.tiny / info.eps) | (y == np.inf)):  # squares may have vanished, or overflowed
        deviation = _deviation(x, axis)
        top = np.max(np.absolute(deviation), axis, keepdims=True, initial=0)
        top = np.where((top > 0) & (top < np.inf), top, 1).astype(y.dtype)
        y = np.std(deviation / top, axis=axis, ddof=ddof, keepdims=keepdims) * (
            top if keepdims else np.squeeze(top, axis)
        )
    return y


def _from_mean(y: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    """How many standard deviations y each x is away from the mean; 0 where y is."""
    y = spread(y, x, axis, keepdims)
    return where(y == 0, 0.0, _deviation(x, axis) / where(y == 0, 1.0, y))


_std = general(
    "std",
    _std_array,
    [
        lambda g, y, x, axis, ddof, keepdims: (
            spread(g / (count(x, axis) - ddof), x, axis, keepdims) * _from_mean(y, x, axis, keepdims)
        )
    ],
    [
        lambda t, y, x, axis, ddof, keepdims: (
            sum(t * _from_mean(y, x, axis, keepdims), axis, keepdims) / (count(x, axis) - ddof)
        )
    ],
    domain=_SPREADS,
    doc="Standard deviation along axes; where it is 0, so is its slope.",
)


def var(x: Any, axis: Axis = None, ddof: int = 0, keepdims: bool = False, *, where: Any = None) -> Any:
    """Variance along an axis, several, or all; ddof=1 for the unbiased estimate; of those where a mask is true."""
    if where is None:
        return _var(x, axis=axis, ddof=ddof, keepdims=keepdims)
    deviation = x - mean(x, axis, True, where=where)
    free = (_number_chosen(x, axis, where) - ddof).astype(x.dtype)
    return sum(deviation * deviation, axis, keepdims, where=where) / (
        free if keepdims else free.reshape(_left(x, axis))
    )


def std(x: Any, axis: Axis = None, ddof: int = 0, keepdims: bool = False, *, where: Any = None) -> Any:
    """Standard deviation along an axis, several, or all; the rest as for `var`. Slope 0 where it is 0."""
    if where is None:
        return _std(x, axis=axis, ddof=ddof, keepdims=keepdims)
    return root(var(x, axis, ddof, keepdims, where=where))


def root(y: Any) -> Any:
    """√y, with slope 0 at 0."""
    return where(y == 0, 0.0, sqrt(where(y == 0, 1.0, y)))


# Extremes: equal winners share the cotangent equally


def _winners(y: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    """What share of the slope each element has: 1 / (number of winners) for a winner, else 0."""
    won = x == spread(y, x, axis, keepdims)
    return won / spread(data_of(add_reduce(won, axis, x.dtype, None, keepdims)), x, axis, keepdims)


def _extreme(name: str, on_array: Any, doc: str) -> Any:
    return general(
        name,
        lambda x, axis, keepdims: on_array(x, axis, None, None, keepdims),
        [lambda g, y, x, axis, keepdims: spread(g, x, axis, keepdims) * _winners(y, x, axis, keepdims)],
        [lambda t, y, x, axis, keepdims: sum(t * _winners(y, x, axis, keepdims), axis, keepdims)],
        domain=[case(DISTINCT(*c.operands[0].shape), **c.params) for c in _AXES],
        doc=doc,
    )


_max = _extreme("max", np.maximum.reduce, "Largest element along axes; equal ones share the slope equally.")
_min = _extreme("min", np.minimum.reduce, "Smallest element along axes; equal ones share the slope equally.")


def max(x: Any, axis: Axis = None, keepdims: bool = False, *, where: Any = None, initial: Any = None) -> Any:
    """Largest element along an axis, several, or all. Equal ones share the gradient equally.

    With `where`, of those where the mask is true; with `initial`, no smaller than that.
    """
    y = _max(_chosen(x, None, where, -np.inf), axis=axis, keepdims=keepdims)
    return y if initial is None else maximum(y, initial)


def min(x: Any, axis: Axis = None, keepdims: bool = False, *, where: Any = None, initial: Any = None) -> Any:
    """Smallest element along an axis, several, or all. Equal ones share the gradient equally.

    With `where`, of those where the mask is true; with `initial`, no larger than that.
    """
    y = _min(_chosen(x, None, where, np.inf), axis=axis, keepdims=keepdims)
    return y if initial is None else minimum(y, initial)


# Products


def _others(x: Any, axis: Axis) -> Any:
    """For each element the product of all the others along the axes: right where elements are zero, too."""
    shape = shape_of(x)
    axes = normalize_axes(axis, len(shape))
    last = [i for i in range(len(shape)) if i not in axes] + list(axes)
    rows = reshape(x.transpose(last), (*(shape[i] for i in last[: len(shape) - len(axes)]), -1))
    n = shape_of(rows)[-1]
    if not n:
        return np.ones(shape, x.dtype)
    # The product of what stands before each element, times the product of what stands behind it.
    if isinstance(rows, np.ndarray):
        ahead, back = np.ones_like(rows), np.ones_like(rows)
        np.cumprod(rows[..., :-1], axis=-1, out=ahead[..., 1:])
        np.cumprod(rows[..., :0:-1], axis=-1, out=back[..., -2::-1])
        products = ahead * back
    else:
        before, behind = [np.ones(shape_of(rows)[:-1], x.dtype)], [np.ones(shape_of(rows)[:-1], x.dtype)]
        for k in range(n - 1):
            before.append(before[-1] * rows[..., k])
            behind.append(behind[-1] * rows[..., n - 1 - k])
        products = stack([a * b for a, b in zip(before, reversed(behind), strict=True)], axis=-1)
    return reshape(products, tuple(shape[i] for i in last)).transpose(tuple(np.argsort(last).tolist()))


_prod = general(
    "prod",
    lambda x, axis, keepdims: np.prod(x, axis=axis, keepdims=keepdims),
    [lambda g, y, x, axis, keepdims: spread(g, x, axis, keepdims) * _others(x, axis)],
    [lambda t, y, x, axis, keepdims: sum(t * _others(x, axis), axis, keepdims)],
    domain=[case(NONZERO(*c.operands[0].shape), **c.params) for c in _AXES],
    doc="Product along axes, with the right slope where elements are zero.",
)


def prod(
    x: Any, axis: Axis = None, keepdims: bool = False, *, dtype: Any = None, where: Any = None, initial: Any = None
) -> Any:
    """Product of the elements along an axis, several, or all. The gradient is right at zeros, too.

    The other arguments are those of `sum`.
    """
    y = _prod(_chosen(x, dtype, where, 1.0), axis=axis, keepdims=keepdims)
    return y if initial is None else y * initial


# Log-sum-exp


def _logsumexp_array(x: Any, axis: Axis, keepdims: bool) -> Any:
    top = maximum_reduce(x, axis, None, None, True, -np.inf)
    top = np.where(np.isfinite(top), top, 0).astype(top.dtype)
    with np.errstate(divide="ignore"):
        y = np.log(add_reduce(np.exp(x - top), axis, None, None, True)) + top
    return y if keepdims else y.reshape(np.add.reduce(np.empty(x.shape, bool), axis).shape)


def _weights(y: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    """softmax: the partial derivative of log-sum-exp; 0 where everything is -inf."""
    y = spread(y, x, axis, keepdims)
    return exp(x - where(y == -np.inf, 0.0, y))


_logsumexp = general(
    "logsumexp",
    _logsumexp_array,
    [lambda g, y, x, axis, keepdims: spread(g, x, axis, keepdims) * _weights(y, x, axis, keepdims)],
    [lambda t, y, x, axis, keepdims: sum(t * _weights(y, x, axis, keepdims), axis, keepdims)],
    domain=_AXES,
    doc="ln Σ eˣ along axes, computed without overflow.",
)


def logsumexp(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """ln Σ eˣ along an axis, several, or all, computed without overflow."""
    return _logsumexp(x, axis=axis, keepdims=keepdims)
