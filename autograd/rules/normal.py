"""The normal distribution and the inverse, scaled and repeated relatives of the error function.

The formulas are those of the NIST Digital Library of Mathematical Functions, chapter 7 (dlmf.nist.gov/7).
"""

from __future__ import annotations

import math
from typing import Any

from autograd.domain import POSITIVE, PROBABILITY, REAL, UNIT, between
from autograd.primitive import Primitive, elementwise
from autograd.rules.exponential import exp
from autograd.rules.library import special
from autograd.rules.piecewise import absolute, where

__all__ = ["dawsn", "erfcinv", "erfcx", "erfinv", "exp1", "expi", "log_ndtr", "ndtr", "ndtri"]

_HALF_SQRT_PI = 0.5 * math.sqrt(math.pi)
_TWO_OVER_SQRT_PI = 2.0 / math.sqrt(math.pi)
_SQRT_HALF = math.sqrt(0.5)
_SQRT_TWO_PI = math.sqrt(2.0 * math.pi)
_SQRT_TWO_OVER_PI = math.sqrt(2.0 / math.pi)

erfinv = elementwise(
    "erfinv",
    *special("erfinv"),
    lambda y, x: _HALF_SQRT_PI * exp(y * y),
    domain=(UNIT,),
    doc="The inverse of erf; ±inf at ±1, with slope inf, and nan beyond.",
)
erfcinv = elementwise(
    "erfcinv",
    *special("erfcinv"),
    lambda y, x: -_HALF_SQRT_PI * exp(y * y),
    domain=(between(0.1, 1.9, "(0, 2)"),),
    doc="The inverse of erfc, exact near 0, where that of erf is not; inf at 0, with slope -inf.",
)


def _tail(u: Any) -> Any:
    """1 + 3 u + 3·5 u² + ..., the slope of an asymptotic series in u = ±1 / (2 x²), to 13 digits from x = 25 on."""
    return 1 + 3 * u * (1 + 5 * u * (1 + 7 * u * (1 + 9 * u * (1 + 11 * u))))


def _erfcx_slope(y: Any, x: Any) -> Any:
    # Far out 2 x y and 2 / √π would cancel. Each branch of where is kept finite where the other is taken.
    far, near = where(x > 25, x, 25.0), where(x > 25, 0.0, x)
    u = 0.5 / far / far
    return where(x > 25, -_TWO_OVER_SQRT_PI * u * _tail(-u), 2 * near * y - _TWO_OVER_SQRT_PI)


def _dawsn_slope(y: Any, x: Any) -> Any:
    far, near = where(absolute(x) > 25, x, 25.0), where(absolute(x) > 25, 0.0, x)
    u = 0.5 / far / far
    return where(absolute(x) > 25, -u * _tail(u), 1 - 2 * near * y)


def _log_ndtr_slope(y: Any, x: Any) -> Any:
    # φ(x) / Φ(x): above 0 by the logarithms, below 0 by the scaled function, in which e^(-x²/2) cancels.
    above, below = where(x > 0, x, 0.0), where(x > 0, 0.0, x)
    over = exp(-0.5 * above * above - where(x > 0, y, 0.0)) / _SQRT_TWO_PI
    return where(x > 0, over, _SQRT_TWO_OVER_PI / erfcx(-_SQRT_HALF * below))


erfcx: Primitive = elementwise(
    "erfcx",
    *special("erfcx"),
    _erfcx_slope,
    domain=(REAL,),
    doc="Scaled complementary error function, y = e^(x²) erfc(x): neither 0 nor lost for large x.",
)
ndtr = elementwise(
    "ndtr",
    *special("ndtr"),
    lambda y, x: exp(-0.5 * x * x) / _SQRT_TWO_PI,
    domain=(REAL,),
    doc="Normal distribution function, Φ(x) = erfc(-x / √2) / 2: the probability of a value below x.",
)
log_ndtr = elementwise(
    "log_ndtr",
    *special("log_ndtr"),
    _log_ndtr_slope,
    domain=(REAL,),
    doc="y = ln Φ(x), without the underflow of Φ; its slope φ(x) / Φ(x) tends to -x far below 0.",
)
ndtri = elementwise(
    "ndtri",
    *special("ndtri"),
    lambda y, x: _SQRT_TWO_PI * exp(0.5 * y * y),
    domain=(PROBABILITY,),
    doc="The inverse of Φ, the quantile of the normal distribution; ±inf at 1 and 0, with slope inf.",
)
dawsn: Primitive = elementwise(
    "dawsn",
    *special("dawsn"),
    _dawsn_slope,
    domain=(REAL,),
    doc="Dawson's integral, y = e^(-x²) ∫₀ˣ e^(t²) dt.",
)
exp1 = elementwise(
    "exp1",
    *special("exp1"),
    lambda y, x: -exp(-x) / x,
    domain=(POSITIVE,),
    doc="Exponential integral, E₁(x) = ∫ e⁻ᵗ / t dt from x to infinity, x > 0.",
)
expi = elementwise(
    "expi",
    *special("expi"),
    lambda y, x: exp(x) / x,
    domain=(POSITIVE,),
    doc="Exponential integral, Ei(x) = ∫ eᵗ / t dt from -infinity to x, as a principal value.",
)
