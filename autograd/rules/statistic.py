"""Averages, spreads and correlations made of sums and means."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd.errors import ShapeError, describe, place
from autograd.rules.contraction import matmul
from autograd.rules.exponential import sqrt
from autograd.rules.joining import vstack
from autograd.rules.library import as_array
from autograd.rules.norm import vector_norm
from autograd.rules.piecewise import maximum
from autograd.rules.reduction import Axis, count, max, mean, min, std, sum, var
from autograd.rules.shaping import (
    astype,
    broadcast_to,
    data_of,
    expand_dims,
    normalize_axes,
    reshape,
    shape_of,
    squeeze,
    transpose,
)

__all__ = ["aminmax", "average", "corrcoef", "cov", "dist", "ptp", "std_mean", "var_mean"]


class Extremes(NamedTuple):
    """The smallest and the largest."""

    min: Any
    max: Any


def ptp(x: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """From the smallest to the largest ("peak to peak"). Equal ones share the gradient equally."""
    return max(x, axis, keepdims) - min(x, axis, keepdims)


def aminmax(x: Any, axis: Axis = None, keepdims: bool = False) -> Extremes:
    """The smallest and the largest. Equal ones share the gradient equally."""
    return Extremes(min(x, axis, keepdims), max(x, axis, keepdims))


def var_mean(x: Any, axis: Axis = None, ddof: int = 0, keepdims: bool = False) -> tuple[Any, Any]:
    """Variance and mean."""
    return var(x, axis, ddof, keepdims), mean(x, axis, keepdims)


def std_mean(x: Any, axis: Axis = None, ddof: int = 0, keepdims: bool = False) -> tuple[Any, Any]:
    """Standard deviation and mean."""
    return std(x, axis, ddof, keepdims), mean(x, axis, keepdims)


def average(x: Any, axis: Axis = None, weights: Any = None, returned: bool = False, *, keepdims: bool = False) -> Any:
    """Mean with weights, Σ w x / Σ w: of the shape of x, or one for each element along the one axis.

    With `returned`, the sum of the weights, too. Errors: ShapeError when the weights do not fit.
    """
    if weights is None:
        found = mean(x, axis, keepdims)
        total = np.full(shape_of(found), float(count(x, axis)))
    else:
        shape = shape_of(x)
        if shape_of(weights) != shape:
            axes = normalize_axes(axis, len(shape))
            if shape_of(weights) != tuple(shape[i] for i in axes):
                raise ShapeError(
                    f"average of {describe(x)} along axis {axis}: weights of shape {shape_of(weights)} do not fit; "
                    f"they are of the shape of x, or {tuple(shape[i] for i in axes)}.{place()}"
                )
            weights = reshape(weights, tuple(n if i in axes else 1 for i, n in enumerate(shape)))
        total = sum(broadcast_to(weights, shape), axis, keepdims)
        found = sum(x * weights, axis, keepdims) / total
    return (found, total) if returned else found


def cov(
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
    fweights: Any = None,
    aweights: Any = None,
) -> Any:
    """Covariance matrix of variables, each a row of m (or a column, without rowvar), as np.cov.

    Shapes: m (variables, observations), result (variables, variables), a single number for one variable.
    """
    rows = _variables(m, rowvar)
    if y is not None:
        rows = vstack([rows, _variables(y, rowvar)])
    weights = _weights(fweights, aweights, rows)
    total = sum(weights)
    free = (0 if bias else 1) if ddof is None else ddof
    if not free:
        scale = total
    elif aweights is None:
        scale = total - free
    else:
        scale = total - free * sum(weights * astype(as_array(aweights), weights.dtype)) / total
    deviation = rows - expand_dims(sum(rows * weights, 1) / total, 1)
    return squeeze(matmul(deviation * weights, transpose(deviation)) / maximum(scale, 0.0))


def _variables(m: Any, rowvar: bool) -> Any:
    shape = shape_of(m)
    if len(shape) > 2:
        raise ShapeError(f"a covariance is of one or two dimensions, and got {describe(m)}.{place()}")
    if len(shape) < 2:
        return reshape(m, (1, -1))
    return m if rowvar or shape[0] == 1 else transpose(m)


def _weights(fweights: Any, aweights: Any, rows: Any) -> Any:
    """How much each observation counts, in the precision of the rows."""
    dtype = data_of(rows).dtype
    weights: Any = np.ones(shape_of(rows)[1], dtype if dtype.kind == "f" else float)
    for given in (fweights, aweights):
        if given is not None:
            weights = weights * astype(as_array(given), weights.dtype)
    return weights


def corrcoef(x: Any, y: Any = None, rowvar: bool = True) -> Any:
    """Correlation matrix of variables, each a row of x (or a column, without rowvar), as np.corrcoef."""
    c = cov(x, y, rowvar)
    if not shape_of(c):
        return c / c
    size = np.arange(shape_of(c)[0])
    spread = sqrt(c[size, size])
    return c / expand_dims(spread, 1) / spread


def dist(x: Any, y: Any, p: float = 2.0) -> Any:
    """The p-norm of x - y, of any shapes that broadcast; slope 0 where they are equal.

    >>> import autograd
    >>> float(autograd.dist([0.0, 3.0], [4.0, 0.0]))
    5.0
    """
    return vector_norm(as_array(x) - as_array(y), p)
