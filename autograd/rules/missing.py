"""Reductions and scans that leave out what is nan, with NumPy's names.

Each is the ordinary one of x with something harmless in place of the nans, which receive a gradient of 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.rules.arithmetic import square
from autograd.rules.library import as_array
from autograd.rules.piecewise import where
from autograd.rules.reduction import Axis, cumsum, max, min, prod, root, sum
from autograd.rules.scan import cumprod
from autograd.rules.shaping import data_of

__all__ = ["nancumprod", "nancumsum", "nanmax", "nanmean", "nanmin", "nanprod", "nanstd", "nansum", "nanvar"]


def _filled(x: Any, value: float) -> Any:
    x = as_array(x)
    return where(x == x, x, value)


def _count(x: Any, axis: Axis, keepdims: bool) -> Any:
    """How many are not nan, in the precision of x."""
    data = data_of(as_array(x))
    dtype = data.dtype if data.dtype.kind == "f" else float
    return np.sum(data == data, axis=axis, keepdims=keepdims, dtype=dtype)


def nansum(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Sum of what is not nan.

    >>> import autograd
    >>> float(autograd.nansum([1.0, float("nan"), 2.0]))
    3.0
    """
    return sum(_filled(x, 0.0), axis, keepdims)


def nanprod(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Product of what is not nan."""
    return prod(_filled(x, 1.0), axis, keepdims)


def nancumsum(x: Any, axis: int | None = None) -> Any:
    """Running sum of what is not nan."""
    return cumsum(_filled(x, 0.0), axis)


def nancumprod(x: Any, axis: int | None = None) -> Any:
    """Running product of what is not nan."""
    return cumprod(_filled(x, 1.0), axis)


def _of_something(y: Any, x: Any, axis: Axis, keepdims: bool) -> Any:
    """y, and nan where everything was."""
    return where(_count(x, axis, keepdims) == 0, np.nan, y)


def nanmax(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Largest of what is not nan, nan where nothing is; equal ones share the gradient equally."""
    return _of_something(max(_filled(x, -np.inf), axis, keepdims), x, axis, keepdims)


def nanmin(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Smallest of what is not nan, nan where nothing is; equal ones share the gradient equally."""
    return _of_something(min(_filled(x, np.inf), axis, keepdims), x, axis, keepdims)


def nanmean(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Mean of what is not nan; nan where nothing is."""
    n = _count(x, axis, keepdims)
    return _of_something(nansum(x, axis, keepdims) / np.maximum(n, 1), x, axis, keepdims)


def nanvar(x: Any, axis: Axis = None, ddof: int = 0, keepdims: bool = False) -> Any:
    """Variance of what is not nan; nan where there are no more than ddof."""
    free = _count(x, axis, keepdims) - ddof
    deviation = _filled(as_array(x) - nanmean(x, axis, True), 0.0)
    return where(free <= 0, np.nan, sum(square(deviation), axis, keepdims) / np.where(free <= 0, 1, free))


def nanstd(x: Any, axis: Axis = None, ddof: int = 0, keepdims: bool = False) -> Any:
    """Standard deviation of what is not nan; where it is 0, so is its slope."""
    return root(nanvar(x, axis, ddof, keepdims))
