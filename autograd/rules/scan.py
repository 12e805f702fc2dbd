"""Running products, extremes and sums of exponentials along an axis.

All of them are differentiated by one thing, the linear recurrence yᵢ = aᵢ yᵢ₋₁ + bᵢ, which is a primitive of its own:
its derivatives are such recurrences again. Nothing is divided by, so zeros are no special case, and nothing overflows
that the result itself does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.domain import NONZERO, REAL, case
from autograd.errors import ShapeError, describe, place
from autograd.primitive import Primitive, general
from autograd.rules.exponential import exp
from autograd.rules.indexing import take_along_axis
from autograd.rules.library import as_array
from autograd.rules.ordering import Ordered
from autograd.rules.piecewise import where
from autograd.rules.reduction import cumsum
from autograd.rules.shaping import astype, concatenate, data_of, flip, normalize_axes, reshape, shape_of

__all__ = ["cummax", "cummin", "cumprod", "cumulative_prod", "cumulative_sum", "logcumsumexp", "recurrence"]


def _part(x: Any, axis: int, *bounds: int | None) -> Any:
    """The slice along an axis."""
    return x[(*(slice(None),) * (axis % len(shape_of(x))), slice(*bounds))]


def _before(x: Any, axis: int, first: float) -> Any:
    """What stands before each element; before the first, this number."""
    head = np.full(shape_of(_part(x, axis, 1)), first, x.dtype)
    return concatenate([head, _part(x, axis, -1)], axis)


def _back(a: Any, g: Any, axis: int) -> Any:
    """The recurrence from the end, rᵢ = gᵢ + aᵢ₊₁ rᵢ₊₁: the transpose of the other by b."""
    turned = flip(a, axis)
    factors = concatenate([_part(turned, axis, 1), _part(turned, axis, -1)], axis)  # the first meets nothing
    return flip(_recurrence(factors, flip(g, axis), axis=axis), axis)


def _recurrence_array(a: Any, b: Any, axis: int) -> ndarray:
    a, b = np.broadcast_arrays(a, b)
    y = np.array(np.moveaxis(b, axis, 0), np.result_type(a, b))
    factors = np.moveaxis(a, axis, 0)
    if y.ndim == 1:
        numbers = y.tolist()
        for i, factor in enumerate(factors.tolist()):
            if i:
                numbers[i] += factor * numbers[i - 1]
        return np.array(numbers, y.dtype)
    for i in range(1, len(y)):
        y[i] += factors[i] * y[i - 1]
    return np.moveaxis(y, 0, axis)


def _recurrence_back(g: Any, y: Any, a: Any, b: Any, wanted: Sequence[bool], axis: int) -> list[Any]:
    r = _back(a, g, axis)
    return [r * _before(y, axis, 0.0), r]


def _recurrence_forward(ts: Sequence[Any], y: Any, a: Any, b: Any, axis: int) -> Any:
    of_a, of_b = ts
    if of_a is not None:
        of_a = of_a * _before(y, axis, 0.0)
        of_b = of_a if of_b is None else of_a + of_b
    return None if of_b is None else _recurrence(a, of_b, axis=axis)


_recurrence: Primitive = general(
    "recurrence",
    _recurrence_array,
    _recurrence_back,
    _recurrence_forward,
    domain=[case(REAL(2, 3), REAL(2, 3), axis=1), case(REAL(4), REAL(4), axis=0)],
    broadcasts=True,
    doc="yᵢ = aᵢ yᵢ₋₁ + bᵢ along an axis, starting from 0.",
)
_cumprod = general(
    "cumprod",
    lambda x, axis: np.cumprod(x, axis=axis),
    [lambda g, y, x, axis: _before(y, axis, 1.0) * _back(x, g, axis)],
    [lambda t, y, x, axis: _recurrence(x, t * _before(y, axis, 1.0), axis=axis)],
    domain=[case(NONZERO(2, 3), axis=1), case(NONZERO(2, 3), axis=0)],
    doc="Running product along an axis, with the right slope where elements are zero.",
)


def _shares(y: Any, x: Any, axis: int) -> tuple[Any, Any]:
    """What part of each running sum is its last term, and what part the sum before: both lie between 0 and 1."""
    safe = where(y == -np.inf, 0.0, y)
    return exp(x - safe), exp(_before(y, axis, -np.inf) - safe)


def _logcumsumexp_back(g: Any, y: Any, x: Any, axis: int) -> Any:
    last, earlier = _shares(y, x, axis)
    return last * _back(earlier, g, axis)


def _logcumsumexp_forward(t: Any, y: Any, x: Any, axis: int) -> Any:
    last, earlier = _shares(y, x, axis)
    return _recurrence(earlier, last * t, axis=axis)


_logcumsumexp = general(
    "logcumsumexp",
    lambda x, axis: np.logaddexp.accumulate(x, axis),
    [_logcumsumexp_back],
    [_logcumsumexp_forward],
    domain=[case(REAL(2, 3), axis=1), case(REAL(2, 3), axis=0)],
    doc="ln of the running sum of eˣ along an axis, computed without overflow.",
)


def _along(function: Any, x: Any, axis: int | None) -> Any:
    """A scan along an axis (None: of the raveled array); of a number, the number."""
    if axis is None or not shape_of(x):
        return function(reshape(x, (-1,)), axis=0) if axis is None else reshape(function(reshape(x, (1,)), axis=0), ())
    return function(x, axis=axis)


def recurrence(a: Any, b: Any, axis: int = -1) -> Any:
    """yᵢ = aᵢ yᵢ₋₁ + bᵢ along an axis, starting from 0: a moving average, a filter, a state that decays.

    a and b are broadcast to each other. Cost: one step after the other, in Python.

    >>> import autograd
    >>> autograd.recurrence(0.5, [1.0, 1.0, 1.0])
    array([1.  , 1.5 , 1.75])
    """
    return _recurrence(a, b, axis=axis)


def cumprod(x: Any, axis: int | None = None) -> Any:
    """Running product along an axis (None: of the raveled array). The gradient is right at zeros, too.

    >>> import autograd
    >>> x = autograd.Tensor([2.0, 0.0, 3.0])
    >>> autograd.cumprod(x).backward([1.0, 1.0, 1.0]); x.grad
    array([1., 8., 0.])
    """
    return _along(_cumprod, x, axis)


def cumulative_sum(x: Any, axis: int | None = None, *, dtype: Any = None, include_initial: bool = False) -> Any:
    """Running sum along an axis, which a row need not name; with `include_initial` it starts with 0.

    The array API's name for cumsum, and like it one that ravels nothing.
    """
    return _cumulative("cumulative_sum", cumsum, 0, x, axis, dtype, include_initial)


def cumulative_prod(x: Any, axis: int | None = None, *, dtype: Any = None, include_initial: bool = False) -> Any:
    """Running product along an axis, which a row need not name; with `include_initial` it starts with 1."""
    return _cumulative("cumulative_prod", cumprod, 1, x, axis, dtype, include_initial)


def _cumulative(name: str, scan: Any, first: float, x: Any, axis: int | None, dtype: Any, include_initial: bool) -> Any:
    x = as_array(x) if dtype is None else astype(x, dtype)
    shape = shape_of(x)
    if axis is None and len(shape) != 1:
        raise ShapeError(f"{name} of {describe(x)}: name the axis, because there is not exactly one.{place()}")
    (axis,) = normalize_axes(0 if axis is None else axis, len(shape))
    y = scan(x, axis)
    border = np.full((*shape[:axis], 1, *shape[axis + 1 :]), first, data_of(y).dtype)
    return concatenate([border, y], axis) if include_initial else y


def logcumsumexp(x: Any, axis: int | None = None) -> Any:
    """ln of the running sum of eˣ along an axis (None: of the raveled array), computed without overflow."""
    return _along(_logcumsumexp, x, axis)


def _extremes(x: Any, axis: int, accumulate: Any) -> Ordered:
    data = data_of(x)
    if not data.ndim:
        return Ordered(x, np.zeros((), int))
    best = (data == accumulate(data, axis)) | np.isnan(data)
    shape = [1] * data.ndim
    shape[axis] = -1
    places = np.where(best, np.arange(data.shape[axis]).reshape(shape), 0)
    indices = np.maximum.accumulate(places, axis)
    return Ordered(take_along_axis(x, indices, axis), indices)


def cummax(x: Any, axis: int = -1) -> Ordered:
    """The largest element so far, along an axis, and its number: of equal ones the last, which has the slope.

    >>> import autograd
    >>> autograd.cummax([1.0, 3.0, 2.0]).values
    array([1., 3., 3.])
    """
    return _extremes(x, axis, np.maximum.accumulate)


def cummin(x: Any, axis: int = -1) -> Ordered:
    """The smallest element so far, along an axis, and its number: of equal ones the last, which has the slope."""
    return _extremes(x, axis, np.minimum.accumulate)
