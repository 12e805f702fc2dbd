"""Negative log-likelihoods of one number, where a formula written out would meet the logarithm of 0, or lose digits."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd.kernel.logistic as loop
from autograd.domain import PROBABILITY, REAL
from autograd.kernel import each, fits
from autograd.primitive import elementwise
from autograd.rules.exponential import logit, sigmoid
from autograd.rules.piecewise import maximum

__all__ = ["binary_cross_entropy", "binary_cross_entropy_with_logits"]


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


def _logits_array(x: Any, t: Any) -> Any:
    if fits(x, t) and x.shape == t.shape:
        return each(loop.cross_entropy, x, t)
    return np.log1p(np.exp(-np.abs(x))) + ((1 - t) * x + np.maximum(-x, 0))


def _logits_slope(y: Any, x: Any, t: Any) -> Any:
    """sigmoid(x) - t, without the digits that this loses where t is 1."""
    if type(x) is not np.ndarray:
        return (1 - t) * sigmoid(x) - t * sigmoid(-x)
    if fits(x, t) and x.shape == t.shape:
        return each(loop.cross_entropy_slope, x, t)
    a, b = np.exp(np.minimum(x, 0)), np.exp(-np.maximum(x, 0))  # sigmoid(x) is a / (a + b)
    return ((1 - t) * a - t * b) / (a + b)


binary_cross_entropy_with_logits = elementwise(
    "binary_cross_entropy_with_logits",
    lambda x, t: math.log1p(math.exp(-abs(x))) + ((1.0 - t) * x + max(-x, 0.0)),
    _logits_array,
    _logits_slope,
    lambda y, x, t: -x,
    domain=(REAL, REAL),
    doc="y = -t ln sigmoid(x) - (1 - t) ln(1 - sigmoid(x)), for logits x; exact however large they are.",
)
