"""Arrays made of numbers, Values and Tensors: what NumPy makes arrays with, with its names and arguments.

NumPy's own makers of arrays ask nobody, and would cut every gradient off. These put Values, Tensors and nested
sequences of them together by operations that have a derivative.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from autograd.errors import OperandError, describe, place
from autograd.rules.arithmetic import lerp, power
from autograd.rules.bessel import i0
from autograd.rules.exponential import sqrt
from autograd.rules.library import as_array
from autograd.rules.shaping import Shape, astype, broadcast_to, data_of, expand_dims, moveaxis, reshape, shape_of

__all__ = ["array", "full", "full_like", "geomspace", "kaiser", "linspace", "logspace"]


def array(x: Any, dtype: Any = None, *, ndmin: int = 0) -> Any:
    """Numbers, Values, Tensors, or nested sequences of them as one array; a Tensor when there are nodes among them.

    >>> import autograd
    >>> a, b = autograd.Value(2.0), autograd.Value(3.0)
    >>> y = autograd.array([a, a * b])
    >>> y.sum().backward(); a.grad
    4.0
    """
    x = as_array(x)
    if not shape_of(x):
        x = reshape(x, ()) if hasattr(x, "requires_grad") else np.asarray(x)
    x = x if dtype is None else astype(x, dtype)
    missing = ndmin - len(shape_of(x))
    return reshape(x, (1,) * missing + shape_of(x)) if missing > 0 else x


def finite_array(x: Any, dtype: Any = None) -> Any:
    """As `array`. Errors: ValueError where an element is nan or infinite."""
    np.asarray_chkfinite(data_of(array(x)))
    return array(x, dtype)


def row_or_more(x: Any, dtype: Any = None) -> Any:
    """As `array`, and a number as a row of one."""
    return array(x, dtype, ndmin=1)


def full(shape: int | Shape, fill_value: Any, dtype: Any = None) -> Any:
    """An array of this shape with `fill_value`, which is broadcast to it, everywhere."""
    return broadcast_to(array(fill_value, dtype), shape if isinstance(shape, tuple) else _shape(shape))


def full_like(a: Any, fill_value: Any, dtype: Any = None, *, shape: int | Shape | None = None) -> Any:
    """As `full`, with the shape and the dtype of `a` unless they are given."""
    return full(shape_of(a) if shape is None else _shape(shape), fill_value, dtype or data_of(a).dtype)


def _shape(shape: Any) -> Shape:
    return tuple(shape) if hasattr(shape, "__iter__") else (operator.index(shape),)


# Numbers at equal distances


def _shares(num: int, endpoint: bool) -> tuple[Any, int]:
    """How far along each of `num` points is, from 0 to 1, and the number of steps."""
    steps = operator.index(num) - 1 if endpoint else operator.index(num)
    return np.arange(num) / max(steps, 1), steps


def linspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, retstep: bool = False, dtype: Any = None, axis: int = 0
) -> Any:
    """`num` numbers at equal distances, from `start` to `stop` along a new axis; with `retstep` the distance, too.

    >>> import autograd
    >>> autograd.jacobian(lambda stop: autograd.linspace(0.0, stop, 3))(1.0)
    array([0. , 0.5, 1. ])
    """
    start, stop = array(start), array(stop)
    shares, steps = _shares(num, endpoint)
    ndim = max(len(shape_of(start)), len(shape_of(stop)))
    points = lerp(start, stop, shares.reshape(-1, *(1,) * ndim))
    points = points if dtype is None else astype(points, dtype)
    points = moveaxis(points, 0, axis)
    return (points, (stop - start) / steps if steps > 0 else np.nan) if retstep else points


def logspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10.0, dtype: Any = None, axis: int = 0
) -> Any:
    """`base` to the power of `num` numbers at equal distances."""
    exponents = linspace(start, stop, num, endpoint, axis=axis)
    points = power(expand_dims(base, axis) if shape_of(base) else base, exponents)
    return points if dtype is None else astype(points, dtype)


def geomspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0) -> Any:
    """`num` numbers each of which is the one before times a constant, from `start` to `stop`."""
    start, stop = array(start), array(stop)
    if np.any(data_of(start) * data_of(stop) <= 0):
        raise OperandError(
            f"geomspace from {describe(start)} to {describe(stop)}: neither may be 0, and both must have one sign."
            f"{place()}"
        )
    shares, _ = _shares(num, endpoint)
    ndim = max(len(shape_of(start)), len(shape_of(stop)))
    points = start * power(stop / start, shares.reshape(-1, *(1,) * ndim))
    points = moveaxis(points, 0, axis)
    return points if dtype is None else astype(points, dtype)


def kaiser(M: int, beta: Any) -> Any:  # noqa: N803  # NumPy's name
    """Kaiser's window of M points, differentiated by its shape `beta`."""
    if M == 1:
        return np.ones(1)
    middle = (M - 1) / 2
    return i0(beta * sqrt(1 - ((np.arange(M) - middle) / middle) ** 2)) / i0(array(beta))
