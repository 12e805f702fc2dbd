"""Polynomials as rows of coefficients, the highest power first, with NumPy's names and arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.errors import OperandError, ShapeError, describe, place
from autograd.rules.arranging import atleast_1d
from autograd.rules.construction import array
from autograd.rules.interpolation import convolve
from autograd.rules.library import as_array
from autograd.rules.linalg import lstsq
from autograd.rules.norm import norm
from autograd.rules.shaping import concatenate, data_of, ravel, reshape, shape_of

__all__ = ["poly", "polyadd", "polyder", "polydiv", "polyfit", "polyint", "polymul", "polysub", "polyval"]


def _coefficients(p: Any, length: int = 0) -> Any:
    """A polynomial as a row of at least so many coefficients."""
    p = atleast_1d(as_array(p))
    missing = length - shape_of(p)[0]
    return concatenate([np.zeros(missing, data_of(p).dtype), p]) if missing > 0 else p


def polyval(p: Any, x: Any) -> Any:
    """The polynomial p at x, by Horner's scheme: shape of x.

    >>> import autograd
    >>> autograd.grad(autograd.polyval, 1)([1.0, 0.0, -1.0], 3.0)  # x² - 1
    6.0
    """
    x = as_array(x)
    y = x * 0
    for c in _coefficients(p):
        y = y * x + c
    return y


def polyadd(a1: Any, a2: Any) -> Any:
    """The sum of two polynomials."""
    length = max(len(_coefficients(a1)), len(_coefficients(a2)))
    return _coefficients(a1, length) + _coefficients(a2, length)


def polysub(a1: Any, a2: Any) -> Any:
    """The difference of two polynomials."""
    length = max(len(_coefficients(a1)), len(_coefficients(a2)))
    return _coefficients(a1, length) - _coefficients(a2, length)


def polymul(a1: Any, a2: Any) -> Any:
    """The product of two polynomials."""
    return convolve(_coefficients(a1), _coefficients(a2))


def polydiv(u: Any, v: Any) -> tuple[Any, Any]:
    """Quotient and remainder of u by v; leading zeros of the remainder are cut off."""
    rest, v = _coefficients(u) * 1.0, _coefficients(v)
    degree = shape_of(v)[0] - 1
    parts = []
    for i in range(shape_of(rest)[0] - degree):
        parts.append(rest[i] / v[0])
        change = concatenate([np.zeros(i), parts[-1] * v, np.zeros(shape_of(rest)[0] - degree - 1 - i)])
        rest = rest - change
    last = rest[min(len(parts), shape_of(rest)[0] - 1) :]
    while shape_of(last)[0] > 1 and np.allclose(data_of(last)[0], 0, rtol=1e-14):
        last = last[1:]
    return (array(parts) if parts else np.zeros(1)), last


def polyder(p: Any, m: int = 1) -> Any:
    """The m-th derivative of a polynomial."""
    p = _coefficients(p)
    for _ in range(m):
        n = shape_of(p)[0] - 1
        p = p[:-1] * np.arange(n, 0, -1)
    return p


def polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    """The m-th integral of a polynomial, with the constants k, by default 0."""
    p = _coefficients(p)
    constants = np.zeros(m) if k is None else atleast_1d(as_array(k))
    if shape_of(constants) not in ((1,), (m,)):
        raise ShapeError(f"polyint: {m} constants are needed, and k is {describe(constants)}.{place()}")
    for i in range(m):
        c = constants[i if shape_of(constants)[0] > 1 else 0]
        p = concatenate([p / np.arange(shape_of(p)[0], 0, -1), reshape(c, (1,))])
    return p


def poly(seq_of_zeros: Any) -> Any:
    """The polynomial with these zeros, its highest coefficient 1.

    Errors: OperandError for a matrix, whose characteristic polynomial has no derivative here.
    """
    zeros = atleast_1d(as_array(seq_of_zeros))
    if len(shape_of(zeros)) != 1:
        raise OperandError(f"poly of {describe(zeros)}: there is a derivative for a row of zeros only.{place()}")
    p: Any = np.ones(1)
    for z in zeros:
        p = convolve(p, concatenate([np.ones(1), reshape(-z, (1,))]))
    return p


def polyfit(x: Any, y: Any, deg: int, *, w: Any = None) -> Any:
    """The polynomial of degree `deg` nearest to the points (x, y) in the least squares sense, weighed by w.

    Shapes: x (m,), y (m,) or (m, k); the result is (deg + 1,) or (deg + 1, k).
    """
    x, y = ravel(as_array(x)), as_array(y)
    powers = reshape(x, (-1, 1)) ** np.arange(deg, -1, -1)
    if w is not None:
        weights = reshape(as_array(w), (-1, 1))
        powers = powers * weights
        y = y * (weights if len(shape_of(y)) > 1 else weights[:, 0])
    scale = norm(powers, axis=0)  # columns of one length make the equations better conditioned
    found = lstsq(powers / scale, y)[0]
    return found / (reshape(scale, (-1, 1)) if len(shape_of(y)) > 1 else scale)


def trim_zeros(filt: Any, trim: str = "fb", axis: int | Sequence[int] | None = None) -> Any:
    """x without the zeros in front (f) and behind (b), along all axes or some."""
    x = as_array(filt)
    nonzero, ndim = np.argwhere(data_of(x)), len(shape_of(x))
    axes = range(ndim) if axis is None else [a % ndim for a in ([axis] if isinstance(axis, int) else axis)]
    window = [slice(None)] * ndim
    for i in axes:
        if not len(nonzero):
            window[i] = slice(0, 0)
            continue
        first = nonzero[:, i].min() if "f" in trim.lower() else 0
        last = nonzero[:, i].max() + 1 if "b" in trim.lower() else shape_of(x)[i]
        window[i] = slice(int(first), int(last))
    return x[tuple(window)]
