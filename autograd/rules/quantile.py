"""Medians, quantiles and percentiles, as NumPy defines them: by every method, and without the nans where asked.

Each is a point on the line through the sorted elements, between two neighbours, which share the slope.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.errors import ShapeError, describe, place
from autograd.rules.arithmetic import lerp
from autograd.rules.indexing import take_along_axis
from autograd.rules.library import as_array
from autograd.rules.ordering import sort
from autograd.rules.piecewise import where
from autograd.rules.shaping import (
    Shape,
    anywhere,
    astype,
    data_of,
    moveaxis,
    normalize_axes,
    on_plain,
    reshape,
    shape_of,
    transpose,
)

__all__ = ["median", "nanmedian", "nanpercentile", "nanquantile", "percentile", "quantile"]

Axis = int | Shape | None


def _rows(x: Any, axis: Axis) -> Any:
    """The axes in question made into one, the last."""
    shape = shape_of(x)
    axes = normalize_axes(axis, len(shape))
    kept = [i for i in range(len(shape)) if i not in axes]
    size = math.prod(shape[i] for i in axes)
    return reshape(transpose(x, [*kept, *axes]), (*(shape[i] for i in kept), size))


@on_plain
def _places(counts: ndarray, q: ndarray, method: str) -> ndarray:
    """Where a quantile of so many sorted elements lies among them, 1.5 for half way between the second and third.

    Every method of NumPy's is linear in the elements, so it says where by its answer for 0, 1, 2...
    """
    found = np.zeros((*counts.shape, q.size))
    for n in np.unique(counts):
        if n:
            found[counts == n] = np.quantile(np.arange(float(n)), q.reshape(-1), method=method)  # type: ignore[call-overload]
    return found


# By how much such a place moves on with q, beyond the number of elements; by other methods it leaps, and has no slope
_RATES = {
    "linear": -1.0,
    "hazen": 0.0,
    "interpolated_inverted_cdf": 0.0,
    "normal_unbiased": 1 / 4,
    "median_unbiased": 1 / 3,
    "weibull": 1.0,
}


def _moved(share: ndarray, counts: ndarray, q: Any, method: str) -> Any:
    """The share of the right one of two neighbours, which grows with q."""
    rate = (counts[..., None] + _RATES[method]).astype(share.dtype)
    q = reshape(astype(q, share.dtype), (-1,))
    return share + rate * (q - data_of(q))


def _quantile(x: Any, by: Any, axis: Axis, method: str, keepdims: bool, name: str, skip: bool) -> Any:
    q = data_of(by).astype(float)
    if anywhere(~((q >= 0) & (q <= 1))):
        raise ShapeError(f"{name}: what share is below must be in the range 0 to 1 (or 0 to 100 percent).{place()}")
    x = as_array(x)
    rows = sort(_rows(x, axis))  # nan comes last
    size = shape_of(rows)[-1]
    if not size:
        raise ShapeError(f"{name} of {describe(x)} along axis {axis}: there are no elements.{place()}")
    unknown = np.isnan(data_of(rows))
    counts = (~unknown).sum(-1) if skip else np.full(unknown.shape[:-1], size)
    at = _places(counts, q, method=method)
    if not skip:
        at = np.where(unknown[..., -1:], size - 1.0, at)  # one nan makes the result nan, and has the slope
    low = np.floor(at).astype(int)
    a = take_along_axis(rows, low, -1)
    b = take_along_axis(rows, np.minimum(low + 1, size - 1), -1)
    share = (at - low).astype(data_of(a).dtype if data_of(a).dtype.kind == "f" else float)
    alone = (share == 0) | ((data_of(a) == data_of(b)) & np.isinf(data_of(a)))  # inf - inf would be nan
    if hasattr(by, "requires_grad") and method in _RATES:
        share = _moved(share, counts, by, method)
    y = where(alone, a, lerp(where(alone, 0.0, a), where(alone, 0.0, b), share))
    shape, ndim = shape_of(x), len(shape_of(x))
    axes = normalize_axes(axis, ndim)
    kept = tuple(1 if i in axes else n for i, n in enumerate(shape) if keepdims or i not in axes)
    y = reshape(moveaxis(y, -1, 0), (*q.shape, *kept))
    return y if shape_of(y) or ndim or hasattr(y, "requires_grad") else y[()]


def quantile(x: Any, q: Any, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> Any:
    """The q-quantile along an axis, several, or all: as many below it as q says, from 0 to 1.

    Shapes: that of q, then that of x without the axes. `method` is one of np.quantile's. Of equal elements those have
    the slope that a stable sort puts next to the place. The slope by q is that of the line between the two neighbours,
    and 0 at an element. A nan makes the result nan.

    >>> import autograd
    >>> x = autograd.Tensor([4.0, 1.0, 2.0, 3.0])
    >>> autograd.quantile(x, 0.75).backward(); x.grad
    array([0.25, 0.  , 0.  , 0.75])
    """
    return _quantile(x, q, axis, method, keepdims, "quantile", skip=False)


def percentile(x: Any, q: Any, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> Any:
    """The quantile of q / 100."""
    return _quantile(x, _hundredth(q), axis, method, keepdims, "percentile", skip=False)


def _hundredth(q: Any) -> Any:
    return q / 100.0 if hasattr(q, "requires_grad") else np.true_divide(q, 100)


def median(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The element in the middle along an axis, several, or all; the mean of the two there are of an even number."""
    return _quantile(x, 0.5, axis, "linear", keepdims, "median", skip=False)


def nanquantile(x: Any, q: Any, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> Any:
    """The quantile of what is not nan; nan where nothing is."""
    return _quantile(x, q, axis, method, keepdims, "nanquantile", skip=True)


def nanpercentile(x: Any, q: Any, axis: Axis = None, method: str = "linear", keepdims: bool = False) -> Any:
    """The percentile of what is not nan; nan where nothing is."""
    return _quantile(x, _hundredth(q), axis, method, keepdims, "nanpercentile", skip=True)


def nanmedian(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """The median of what is not nan; nan where nothing is."""
    return _quantile(x, 0.5, axis, "linear", keepdims, "nanmedian", skip=True)
