"""Functions between samples, and sums over samples that are near: interpolation, convolution and counting in bins."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.domain import REAL, case
from autograd.errors import ShapeError, describe, place
from autograd.primitive import Primitive, general
from autograd.rules.indexing import index_add, take
from autograd.rules.library import as_array, fixed
from autograd.rules.piecewise import where
from autograd.rules.reduction import sum
from autograd.rules.shaping import concatenate, data_of, flip, ravel, shape_of

__all__ = ["bincount", "convolve", "correlate", "histogram", "interp"]


def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: float | None = None) -> Any:
    """The straight lines through the points (xp, fp), at x, as np.interp; beyond the points, left and right.

    xp is increasing. At a point the slope is that of the line to its right, at the last one of the line to its left.
    It is differentiated by x, xp and fp.

    >>> import autograd
    >>> x = autograd.Tensor(2.5)
    >>> y = autograd.interp(x, [1.0, 2.0, 3.0], [3.0, 2.0, 0.0])
    >>> y.backward(); float(y), float(x.grad)
    (1.0, -2.0)
    """
    xp, fp = as_array(xp), as_array(fp)
    if shape_of(xp) != shape_of(fp) or len(shape_of(xp)) != 1 or not shape_of(xp)[0]:
        raise ShapeError(f"interp needs as many places as values, and got {describe(xp)}, {describe(fp)}.{place()}")
    if period is not None:
        x, xp = x % period, xp % period
        order = np.argsort(data_of(xp), kind="stable")
        xp, fp = take(xp, order), take(fp, order)
        xp = concatenate([xp[-1:] - period, xp, xp[:1] + period])
        fp = concatenate([fp[-1:], fp, fp[:1]])
    first = fp[0] if left is None or period is not None else left
    last = fp[-1] if right is None or period is not None else right
    places, at = data_of(xp), data_of(x)
    n = len(places)
    if n > 1:
        k = np.clip(np.searchsorted(places, at, "right") - 1, 0, n - 2)
        lower = take(xp, k)
        y = take(fp, k) + (x - lower) * ((take(fp, k + 1) - take(fp, k)) / (take(xp, k + 1) - lower))
    else:
        y = fp[0] + 0.0 * x
    return where(at < places[0], first, where(at > places[-1], last, y))


# Convolution of rows

_full: Primitive = general(
    "convolve",
    lambda a, v: np.convolve(a, v),
    [
        lambda g, y, a, v: _full(g, flip(v))[shape_of(v)[0] - 1 : shape_of(y)[0]],
        lambda g, y, a, v: _full(g, flip(a))[shape_of(a)[0] - 1 : shape_of(y)[0]],
    ],
    [lambda t, y, a, v: _full(t, v), lambda t, y, a, v: _full(a, t)],
    domain=[case(REAL(5), REAL(3)), case(REAL(2), REAL(4))],
    doc="(a * v)ₖ = Σ aᵢ vₖ₋ᵢ of two rows, as far as they reach.",
)


def convolve(a: Any, v: Any, mode: str = "full") -> Any:
    """(a * v)ₖ = Σ aᵢ vₖ₋ᵢ of two rows: where they touch ("full"), of the longer one's length, or where they overlap.

    Shapes: (n,) and (m,) give (n + m - 1,), (max(n, m),) or, with "valid", (max(n, m) - min(n, m) + 1,).
    """
    a, v = ravel(as_array(a)), ravel(as_array(v))
    n, m = shape_of(a)[0], shape_of(v)[0]
    if not n or not m:
        raise ShapeError(f"convolve of {describe(a)} and {describe(v)}: neither may be empty.{place()}")
    if mode not in ("full", "same", "valid"):
        raise ShapeError(f'convolve: mode is "full", "same" or "valid", not {mode!r}.{place()}')
    y, short = _full(a, v), min(n, m)
    if mode == "full":
        return y
    start, size = (short - 1, max(n, m) - short + 1) if mode == "valid" else ((short - 1) // 2, max(n, m))
    return y[start : start + size]


def correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    """cₖ = Σ aᵢ₊ₖ vᵢ of two rows; the modes are those of `convolve`."""
    a, v = ravel(as_array(a)), ravel(as_array(v))
    if mode == "same" and shape_of(a)[0] < shape_of(v)[0]:
        return flip(convolve(flip(a), v, mode))
    return convolve(a, flip(v), mode)


# Counting


def bincount(x: Any, weights: Any = None, minlength: int = 0) -> Any:
    """How often each whole number occurs in x, or the sum of its weights, which are differentiated."""
    x = data_of(x)
    if weights is None:
        return np.bincount(x, minlength=minlength)
    if shape_of(weights) != x.shape or x.ndim != 1:
        raise ShapeError(f"bincount of {describe(x)} with weights {describe(weights)}: both are one row.{place()}")
    size = max(minlength, int(x.max()) + 1 if x.size else 0)
    return index_add(np.zeros(size, data_of(weights).dtype), weights, index=x)


def histogram(a: Any, bins: Any = 10, range: Any = None, density: bool | None = None, weights: Any = None) -> Any:
    """How many elements fall into each bin, or the sum of their weights, and the edges of the bins.

    As np.histogram. It is differentiated by the weights; a has no derivative here, because its counts are steps.
    """
    a, bins = np.ravel(data_of(fixed("histogram", "a", a))), data_of(bins) if hasattr(bins, "shape") else bins
    if weights is None:
        return np.histogram(a, bins, range, density)
    edges = np.histogram_bin_edges(a, bins, range)
    found = np.searchsorted(edges, a, "right")
    found[a == edges[-1]] = len(edges) - 1
    inside = (found > 0) & (found < len(edges))
    counts = bincount(found[inside] - 1, ravel(weights)[inside], len(edges) - 1)
    if density:
        counts = counts / np.diff(edges).astype(data_of(counts).dtype) / sum(counts)
    return counts, edges
