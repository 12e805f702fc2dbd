"""Determinants, right at singular matrices, too.

The gradient of det is the matrix of cofactors, which is a polynomial in the elements and exists everywhere. It is
computed from the singular values: with x = U diag(s) Vᵀ it is ±U diag(Π of the other s) Vᵀ, and never divides.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy import ndarray

from autograd.domain import REAL, REGULAR, case
from autograd.primitive import Primitive, general
from autograd.rules.diagonal import trace
from autograd.rules.linalg import inv
from autograd.rules.piecewise import where
from autograd.rules.reduction import sum
from autograd.rules.shaping import data_of, expand_dims
from autograd.rules.triangular import in_words, square, transposed

# Each derivative of det is a primitive, whose derivative is the next one


def _factors(x: ndarray) -> tuple[ndarray, ndarray, ndarray, ndarray]:
    """U, s, Vᵀ, and the sign of det U det V."""
    u, s, vh = np.linalg.svd(x)
    return u, s, vh, np.rint(np.linalg.det(u) * np.linalg.det(vh))[..., None, None].astype(x.dtype)


def _ahead(s: ndarray) -> ndarray:
    """For each element the product of those that stand before it."""
    return np.cumprod(np.concatenate([np.ones_like(s[..., :1]), s[..., :-1]], -1), -1)


def _cofactor_array(x: ndarray) -> ndarray:
    u, s, vh, sign = _factors(x)
    others = _ahead(s) * _ahead(s[..., ::-1])[..., ::-1]
    found: ndarray = sign * (u * others[..., None, :]) @ vh
    return found


def _cofactor_slope_array(x: ndarray, e: ndarray) -> ndarray:
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
logabsdet: Primitive = general(
    "logabsdet",
    in_words(lambda x: np.linalg.slogdet(x)[1], "slogdet"),
    [lambda g, y, x: _numbers(g) * transposed(inv(x))],
    [lambda t, y, x: sum(t * transposed(inv(x)), (-2, -1))],
    domain=[case(REGULAR(3, 3)), case(REGULAR(2, 2, 2))],
    doc="ln |det x| of square matrices, -inf where it is 0. Its gradient is x⁻ᵀ.",
)


class SlogdetResult(NamedTuple):
    """The sign of a determinant, which has no derivative and is plain, and the logarithm of its size."""

    sign: Any
    logabsdet: Any


def slogdet(a: Any) -> SlogdetResult:
    """The sign and the logarithm of the absolute value of determinants, without overflow.

    Of a singular matrix they are 0 and -inf; its gradient is an error.
    """
    square(a, "slogdet")
    return SlogdetResult(np.linalg.slogdet(data_of(a)).sign, logabsdet(a))


def logdet(a: Any) -> Any:
    """The logarithm of determinants; nan where one is negative."""
    sign, y = slogdet(a)
    return where(sign < 0, np.nan, y)
