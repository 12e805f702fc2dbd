"""Products with logarithms that are 0 where their first factor is, entropies, and Huber's loss of one number.

They have scipy.special's names, arguments and values.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.domain import DISTINCT, POSITIVE, REAL, case
from autograd.primitive import elementwise
from autograd.rules.exponential import log, log1p
from autograd.rules.library import special
from autograd.rules.piecewise import absolute, sign, where
from autograd.rules.trigonometric import hypot

__all__ = ["entr", "huber", "kl_div", "pseudo_huber", "rel_entr", "xlog1py", "xlogy"]


def _logarithm(a: float, b: float, log: Any) -> float:
    return 0.0 if a == 0 and b == b else a * log(b)


xlogy = elementwise(
    "xlogy",
    lambda a, b: _logarithm(a, b, math.log),
    special("xlogy")[1],
    lambda y, a, b: log(where((a == 0) * (b <= 0), 1.0, b)),
    lambda y, a, b: a / b,
    domain=(REAL, POSITIVE),
    doc="y = a ln b, and 0 where a is 0; there, with b at or below 0, the slope in a is 0.",
)
xlog1py = elementwise(
    "xlog1py",
    lambda a, b: _logarithm(a, b, math.log1p),
    special("xlog1py")[1],
    lambda y, a, b: log1p(where((a == 0) * (b <= -1), 0.0, b)),
    lambda y, a, b: a / (1 + b),
    domain=(REAL, POSITIVE),
    doc="y = a ln(1 + b), and 0 where a is 0; there, with b at or below -1, the slope in a is 0.",
)
entr = elementwise(
    "entr",
    *special("entr"),
    lambda y, x: -1 - log(x),
    domain=(POSITIVE,),
    doc="A term of an entropy, y = -x ln x: 0 at 0, with slope inf, and -inf below.",
)
rel_entr = elementwise(
    "rel_entr",
    *special("rel_entr"),
    lambda y, a, b: 1 + log(a / b),
    lambda y, a, b: -a / b,
    domain=(POSITIVE, POSITIVE),
    doc="A term of a relative entropy, y = a ln(a / b): 0 where a is 0 and b ≥ 0, inf outside of a, b > 0.",
)
kl_div = elementwise(
    "kl_div",
    *special("kl_div"),
    lambda y, a, b: log(a / b),
    lambda y, a, b: 1 - a / b,
    domain=(POSITIVE, POSITIVE),
    doc="y = a ln(a / b) - a + b, the relative entropy's term that is never negative.",
)


def _huber_number(delta: float, r: float) -> float:
    if not 0 <= delta < math.inf:
        return float(_huber_array(delta, r))
    near = min(abs(r), delta)
    return near * (abs(r) - 0.5 * near)


def _huber_array(delta: Any, r: Any) -> Any:
    if not (np.greater_equal(delta, 0) & np.isfinite(delta)).all():
        return special("huber")[1](delta, r)
    size = np.absolute(r)
    near = np.minimum(size, delta)  # faster than a choice between two formulas
    return near * (size - 0.5 * near)


def _huber_slope(y: Any, delta: Any, r: Any) -> Any:
    """r kept between -delta and delta; where it is at these, with the curvature of the straight part, 0."""
    return np.clip(r, -delta, delta) if type(r) is np.ndarray else where(absolute(r) < delta, r, delta * sign(r))


huber = elementwise(
    "huber",
    _huber_number,
    _huber_array,
    lambda y, delta, r: where(absolute(r) > delta, absolute(r) - delta, 0.0),
    _huber_slope,
    domain=[case(1.05, REAL(2, 3)), case(POSITIVE(2, 3), DISTINCT(2, 3))],
    doc="y = r² / 2 up to |r| = delta, and delta (|r| - delta / 2) beyond (Huber, 1964).",
)


pseudo_huber = elementwise(
    "pseudo_huber",
    lambda delta, r: r * (r / delta / (1.0 + math.hypot(1.0, r / delta))) * delta,
    lambda delta, r: r * (r / delta / (1 + np.hypot(1, r / delta))) * delta,
    lambda y, delta, r: 2 * y / delta - r * (r / delta / hypot(1.0, r / delta)),
    lambda y, delta, r: r / hypot(1.0, r / delta),
    domain=(POSITIVE, REAL),
    doc="y = delta² (√(1 + (r / delta)²) - 1), a smooth `huber`.",
)
