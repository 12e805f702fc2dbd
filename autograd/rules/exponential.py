"""Exponentials, logarithms, roots, and the functions built from them that must not overflow."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.domain import NONZERO, POSITIVE, REAL
from autograd.primitive import elementwise
from autograd.rules.piecewise import where

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
cbrt = elementwise("cbrt", math.cbrt, np.cbrt, lambda y, x: 1 / (3 * y * y), domain=(NONZERO,), doc="y = ∛x")


def _sigmoid_number(x: float) -> float:
    # One exponential, of a number that is never positive, so that nothing overflows.
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-x))
    e = math.exp(x)
    return e / (1.0 + e)


def _sigmoid_array(x: Any) -> Any:
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


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
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


softplus = elementwise(
    "softplus",
    _softplus_number,
    _softplus_array,
    lambda y, x: sigmoid(x),
    domain=(REAL,),
    doc="y = ln(1 + eˣ), a smooth relu, computed without overflow.",
)
log_sigmoid = elementwise(
    "log_sigmoid",
    lambda x: -_softplus_number(-x),
    lambda x: -_softplus_array(-x),
    lambda y, x: sigmoid(-x),
    domain=(REAL,),
    doc="y = ln sigmoid(x), computed without overflow.",
)


def _logaddexp_number(a: float, b: float) -> float:
    return max(a, b) + math.log1p(math.exp(-abs(a - b))) if a != b else a + _LN2


logaddexp = elementwise(
    "logaddexp",
    _logaddexp_number,
    np.logaddexp,
    lambda y, a, b: sigmoid(where(a == b, 0.0, a - b)),
    lambda y, a, b: sigmoid(where(a == b, 0.0, b - a)),
    domain=(REAL, REAL),
    doc="y = ln(eᵃ + eᵇ), computed without overflow; equal infinities have slope 1/2 each.",
)
