"""Exponentials, logarithms, roots, and the functions built from them that must not overflow."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd.kernel.logistic as loop
from autograd.domain import NONZERO, POSITIVE, PROBABILITY, REAL, case
from autograd.kernel import each, fits
from autograd.primitive import elementwise
from autograd.rules.piecewise import absolute, clip, where

__all__ = [
    "cbrt",
    "exp",
    "exp2",
    "expm1",
    "frexp",
    "ldexp",
    "log",
    "log1p",
    "log2",
    "log10",
    "log_sigmoid",
    "logaddexp",
    "logaddexp2",
    "logit",
    "rsqrt",
    "sigmoid",
    "softplus",
    "sqrt",
]

_LN2, _LN10 = math.log(2.0), math.log(10.0)

exp = elementwise("exp", math.exp, np.exp, lambda y, x: y, domain=(REAL,), doc="y = eˣ")
exp2 = elementwise("exp2", lambda x: 2.0**x, np.exp2, lambda y, x: _LN2 * y, domain=(REAL,), doc="y = 2ˣ")
expm1 = elementwise(
    "expm1", math.expm1, np.expm1, lambda y, x: y + 1, domain=(REAL,), doc="y = eˣ - 1, exact near x = 0"
)
log = elementwise("log", math.log, np.log, lambda y, x: 1 / x, domain=(POSITIVE,), doc="y = ln x; -inf at 0, nan below")
log2 = elementwise("log2", math.log2, np.log2, lambda y, x: 1 / (_LN2 * x), domain=(POSITIVE,), doc="y = log₂ x")
log10 = elementwise("log10", math.log10, np.log10, lambda y, x: 1 / (_LN10 * x), domain=(POSITIVE,), doc="y = log₁₀ x")
log1p = elementwise(
    "log1p", math.log1p, np.log1p, lambda y, x: 1 / (1 + x), domain=(POSITIVE,), doc="y = ln(1 + x), exact near x = 0"
)
sqrt = elementwise("sqrt", math.sqrt, np.sqrt, lambda y, x: 0.5 / y, domain=(POSITIVE,), doc="y = √x; slope inf at 0")
rsqrt = elementwise(
    "rsqrt",
    lambda x: 1.0 / math.sqrt(x),
    lambda x: 1 / np.sqrt(x),
    lambda y, x: -0.5 * y / x,
    domain=(POSITIVE,),
    doc="y = 1 / √x; inf at 0, with slope -inf",
)
cbrt = elementwise("cbrt", math.cbrt, np.cbrt, lambda y, x: 1 / (3 * y * y), domain=(NONZERO,), doc="y = ∛x")


def _sigmoid_number(x: float) -> float:
    # One exponential, of a number that is never positive, so that nothing overflows.
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-x))
    e = math.exp(x)
    return e / (1.0 + e)


def _sigmoid_array(x: Any) -> Any:
    if fits(x):
        return each(loop.sigmoid, x)
    # A choice between 1 and e^x by the sign of x would take several times as long as a second exponential.
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))


sigmoid = elementwise(
    "sigmoid",
    _sigmoid_number,
    _sigmoid_array,
    lambda y, x: y * (1 - y),
    domain=(REAL,),
    doc="The logistic function, y = 1 / (1 + e⁻ˣ), computed without overflow.",
)


def _softplus_number(x: float) -> float:
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


def _softplus_array(x: Any) -> Any:
    if fits(x):
        return each(loop.softplus, x)
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


softplus_of = elementwise(
    "softplus",
    _softplus_number,
    _softplus_array,
    lambda y, x: sigmoid(x),
    domain=(REAL,),
    doc="y = ln(1 + eˣ), a smooth relu, computed without overflow.",
)


def softplus(x: Any, beta: float = 1.0, threshold: float | None = None) -> Any:
    """ln(1 + e^(beta x)) / beta, a smooth relu, computed without overflow.

    With a threshold it is x itself where beta x is larger. PyTorch needs one (20 by default) against overflow.

    >>> import autograd
    >>> autograd.softplus(1000.0)
    1000.0
    """
    y = softplus_of(x) if beta == 1 else softplus_of(beta * x) / beta
    return y if threshold is None else where(beta * x > threshold, x, y)


log_sigmoid = elementwise(
    "log_sigmoid",
    lambda x: -_softplus_number(-x),
    lambda x: -_softplus_array(-x),
    lambda y, x: sigmoid(-x),
    domain=(REAL,),
    doc="y = ln sigmoid(x), computed without overflow.",
)


def _gap(a: Any, b: Any) -> Any:
    """a - b, where equal infinities have a difference of 0."""
    return where((a == b) * (absolute(a) == math.inf), 0.0, a - b)


def _logaddexp_number(a: float, b: float) -> float:
    return max(a, b) + math.log1p(math.exp(-abs(a - b))) if a != b else a + _LN2


logaddexp = elementwise(
    "logaddexp",
    _logaddexp_number,
    np.logaddexp,
    lambda y, a, b: sigmoid(_gap(a, b)),
    lambda y, a, b: sigmoid(_gap(b, a)),
    domain=(REAL, REAL),
    doc="y = ln(eᵃ + eᵇ), computed without overflow; equal infinities have slope 1/2 each.",
)
logaddexp2 = elementwise(
    "logaddexp2",
    lambda a, b: max(a, b) + math.log1p(2.0 ** -abs(a - b)) / _LN2 if a != b else a + 1.0,
    np.logaddexp2,
    lambda y, a, b: sigmoid(_LN2 * _gap(a, b)),
    lambda y, a, b: sigmoid(_LN2 * _gap(b, a)),
    domain=(REAL, REAL),
    doc="y = log₂(2ᵃ + 2ᵇ), computed without overflow; equal infinities have slope 1/2 each.",
)


def _is_whole(i: Any) -> bool:
    return not isinstance(i, float) and getattr(i, "dtype", np.dtype(int)).kind in "iub"


ldexp = elementwise(
    "ldexp",
    lambda x, i: math.ldexp(x, i) if _is_whole(i) else x * 2.0**i,
    lambda x, i: np.ldexp(x, i) if _is_whole(i) else x * np.exp2(i),
    lambda y, x, i: exp2(i),
    lambda y, x, i: _LN2 * y,
    domain=[case(REAL(2, 3), np.array([[1, -2, 0]])), case(REAL(2, 3), REAL(2, 3))],
    doc="y = x 2ⁱ; exact for whole numbers i, which have no derivative.",
)
_exponent = elementwise(
    "exponent",
    lambda x: math.frexp(x)[1],
    lambda x: np.frexp(x)[1],
    None,
    domain=(REAL,),
    doc="The whole number i for which 1/2 ≤ |x| / 2ⁱ < 1.",
)


def frexp(x: Any) -> tuple[Any, Any]:
    """Mantissa and exponent, x = m 2ⁱ with 1/2 ≤ |m| < 1; of them only the mantissa is differentiated."""
    exponent = _exponent(x)
    return ldexp(x, -exponent), exponent


logit_of = elementwise(
    "logit",
    lambda x: math.log(x / (1.0 - x)) if x < 0.25 or x > 0.75 else math.log1p((2.0 * x - 1.0) / (1.0 - x)),
    lambda x: np.where(np.abs(x - 0.5) > 0.25, np.log(x / (1 - x)), np.log1p((2 * x - 1) / (1 - x))),
    lambda y, x: where((x >= 0) * (x <= 1), 1 / (x * (1 - x)), math.nan),
    domain=(PROBABILITY,),
    doc="The inverse of sigmoid, y = ln(x / (1 - x)); nan outside of [0, 1].",
)


def logit(x: Any, eps: float | None = None) -> Any:
    """ln(x / (1 - x)), the inverse of sigmoid; with eps, x is first kept between eps and 1 - eps.

    >>> import autograd
    >>> autograd.logit(0.5)
    0.0
    """
    return logit_of(x if eps is None else clip(x, eps, 1.0 - eps))
