"""Determinants, right at singular matrices, too.

The gradient of det is the matrix of cofactors, which is a polynomial in the elements and exists everywhere. Where x is
invertible it is det(x) x⁻ᵀ, with both from one factorization, whose errors cancel however badly x is conditioned.
Where x is singular it is computed from the singular values: with x = U diag(s) Vᵀ it is ±U diag(Π of the other s) Vᵀ,
and never divides. That takes five to ten times as long.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy import ndarray

from autograd.domain import REAL, REGULAR, case
from autograd.primitive import Primitive, general
from autograd.rules.diagonal import trace
from autograd.rules.inverse import inverse_and_det
from autograd.rules.linalg import inv
from autograd.rules.piecewise import where
from autograd.rules.reduction import sum
from autograd.rules.shaping import data_of, expand_dims, shape_of, stack
from autograd.rules.triangular import in_words, square, transposed

# Each derivative of det is a primitive, whose derivative is the next one


def _factors(x: ndarray) -> tuple[ndarray, ndarray, ndarray, ndarray]:
    """U, s, Vᵀ, and the sign of det U det V."""
    u, s, vh = np.linalg.svd(x)
    return u, s, vh, np.rint(np.linalg.det(u) * np.linalg.det(vh))[..., None, None].astype(x.dtype)


def _ahead(s: ndarray) -> ndarray:
    """For each element the product of those that stand before it."""
    return np.cumprod(np.concatenate([np.ones_like(s[..., :1]), s[..., :-1]], -1), -1)


def _of_singular(x: ndarray) -> ndarray:
    u, s, vh, sign = _factors(x)
    others = _ahead(s) * _ahead(s[..., ::-1])[..., ::-1]
    found: ndarray = sign * (u * others[..., None, :]) @ vh
    return found


def _slope_of_singular(x: ndarray, e: ndarray) -> ndarray:
    u, s, vh, sign = _factors(x)
    n = s.shape[-1]
    upper = np.triu(np.ones((n, n), bool), 1)
    between = np.cumprod(np.where(upper, s[..., None, :], 1), -1)  # s[i + 1] ... s[j]
    between = np.concatenate([np.ones_like(between[..., :1]), between[..., :-1]], -1)  # s[i + 1] ... s[j - 1]
    others = np.where(upper, _ahead(s)[..., :, None] * between * _ahead(s[..., ::-1])[..., None, ::-1], 0)
    others = others + np.swapaxes(others, -1, -2)  # for each pair, the product of all but these two
    inner = np.swapaxes(u, -1, -2) @ e @ np.swapaxes(vh, -1, -2)
    diagonal = (others @ np.diagonal(inner, 0, -2, -1)[..., None])[..., 0]
    turned = -others * np.swapaxes(inner, -1, -2)
    turned[..., range(n), range(n)] = diagonal
    found: ndarray = sign * (u @ turned @ vh)
    return found


def _inverted(x: ndarray) -> tuple[ndarray, ndarray, ndarray]:
    """The inverses of matrices, their determinants, and where these are numbers to go on with."""
    inverses, det = inverse_and_det(x)
    return inverses, det, ~(np.abs(det) < np.finfo(det.dtype).tiny) & ~np.isinf(det)


def _mended(found: ndarray, good: ndarray, others: Callable[..., ndarray], *args: ndarray) -> ndarray:
    """What was found by inverses where that is good, and the rest by singular values."""
    if not np.all(good):
        found[~good] = others(*(x[~good] for x in args))
    return found


def _cofactor_array(x: ndarray) -> ndarray:
    inverses, det, good = _inverted(x)
    with np.errstate(all="ignore"):
        found = det[..., None, None] * np.swapaxes(inverses, -1, -2)
    return _mended(found, good, _of_singular, x)


def _cofactor_slope_array(x: ndarray, e: ndarray) -> ndarray:
    """(tr(x⁻¹e) c - x⁻¹ e c)ᵀ with c = det x⁻¹: two large terms, which cancel where x is badly conditioned."""
    inverses, det, good = _inverted(x)
    with np.errstate(all="ignore"):
        good &= ~(_size(x) * _size(inverses) > np.finfo(det.dtype).eps ** -0.25)
        moved, turned = inverses @ e, det[..., None, None] * inverses
        traces = np.trace(moved, 0, -2, -1)[..., None, None]
        found = np.swapaxes(traces * turned - moved @ turned, -1, -2)
    return _mended(found, good, _slope_of_singular, x, e)


def _size(x: ndarray) -> ndarray:
    found: ndarray = np.max(np.sum(np.abs(x), -1), -1, initial=0)
    return found


def _third(x: Any, e: Any, g: Any) -> Any:
    """The gradient by x of ⟨g, derivative of the cofactors along e⟩, which is symmetric in e and g; x is invertible."""
    n = inv(x)
    a, b = n @ e, n @ g
    ta, tb, tab = (_numbers(trace(z, 0, -2, -1)) for z in (a, b, a @ b))
    inside = (ta * tb - tab) * n - tb * (a @ n) - ta * (b @ n) + a @ b @ n + b @ a @ n
    return _numbers(det(x)) * transposed(inside)


def _numbers(x: Any) -> Any:
    return expand_dims(x, (-2, -1))


det: Primitive = general(
    "det",
    in_words(np.linalg.det, "det"),
    [lambda g, y, x: _numbers(g) * cofactors(x)],
    [lambda t, y, x: sum(t * cofactors(x), (-2, -1))],
    domain=[case(REGULAR(3, 3)), case(REAL(2, 2, 2)), case(REAL(1, 1))],
    doc="The determinant of square matrices. First and second derivatives are right at singular ones, too.",
)
cofactors: Primitive = general(
    "cofactors",
    in_words(_cofactor_array, "cofactors"),
    [lambda g, y, x: _cofactor_slope(x, g)],
    [lambda t, y, x: _cofactor_slope(x, t)],
    domain=[case(REGULAR(3, 3)), case(REAL(2, 2, 2))],
    doc="The matrix of cofactors, det(x) x⁻ᵀ where x is invertible: the gradient of the determinant.",
)
_cofactor_slope: Primitive = general(
    "cofactor_slope",
    _cofactor_slope_array,
    (lambda g, y, x, e: _third(x, e, g), lambda g, y, x, e: _cofactor_slope(x, g)),
    (lambda t, y, x, e: _third(x, e, t), lambda t, y, x, e: _cofactor_slope(x, t)),
    domain=[case(REGULAR(3, 3), REAL(3, 3))],
    doc="The derivative of the cofactors along e. Its own needs an invertible matrix.",
)


def _slogdet_array(x: ndarray) -> ndarray:
    sign, size = np.linalg.slogdet(x)
    found = np.empty((*sign.shape, 2), sign.dtype)
    found[..., 0], found[..., 1] = sign, size
    return found


_slogdet: Primitive = general(
    "slogdet",
    in_words(_slogdet_array, "slogdet"),
    [lambda g, y, x: _numbers(g[..., 1]) * transposed(inv(x))],
    [lambda t, y, x: _beside_zeros(sum(t * transposed(inv(x)), (-2, -1)))],
    domain=[case(REGULAR(3, 3)), case(REGULAR(2, 2, 2))],
    doc="The signs of determinants, whose slope is 0, and ln |det x|, whose gradient is x⁻ᵀ, along a last axis.",
)


def _beside_zeros(t: Any) -> Any:
    return stack([np.zeros(shape_of(t), t.dtype), t], -1)


class SlogdetResult(NamedTuple):
    """The sign of a determinant, which has no derivative and is plain, and the logarithm of its size."""

    sign: Any
    logabsdet: Any


def slogdet(a: Any) -> SlogdetResult:
    """The sign and the logarithm of the absolute value of determinants, without overflow.

    Of a singular matrix they are 0 and -inf; its gradient is an error.
    """
    square(a, "slogdet")
    y = _slogdet(a)
    return SlogdetResult(data_of(y)[..., 0], y[..., 1])


def logdet(a: Any) -> Any:
    """The logarithm of determinants; nan where one is negative."""
    sign, y = slogdet(a)
    return where(sign < 0, np.nan, y) if np.any(sign < 0) else y
