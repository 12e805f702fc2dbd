"""Negative log-likelihoods of one number, where a formula written out would meet the logarithm of 0."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.domain import PROBABILITY, REAL
from autograd.primitive import elementwise
from autograd.rules.exponential import logit
from autograd.rules.piecewise import maximum

__all__ = ["binary_cross_entropy"]


def _array(p: Any, t: Any) -> Any:
    with np.errstate(divide="ignore"):
        return -t * np.maximum(np.log(p), -100) - (1 - t) * np.maximum(np.log1p(-p), -100)


binary_cross_entropy = elementwise(
    "binary_cross_entropy",
    lambda p, t: -t * max(math.log(p), -100.0) - (1.0 - t) * max(math.log1p(-p), -100.0),
    _array,
    lambda y, p, t: (p - t) / maximum(p * (1 - p), 1e-12),
    lambda y, p, t: -logit(p),
    domain=(PROBABILITY, REAL),
    doc=(
        "y = -t ln p - (1 - t) ln(1 - p), for probabilities p. No logarithm is taken to be below -100, and "
        "p (1 - p) not below 1e-12 in the slope, (p - t) / (p (1 - p)): so both stay finite, as in PyTorch."
    ),
)
