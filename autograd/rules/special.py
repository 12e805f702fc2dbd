"""The error function and the smooth activations built on it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.domain import REAL
from autograd.primitive import elementwise
from autograd.rules.exponential import _sigmoid_array, _sigmoid_number, exp, sigmoid
from autograd.rules.piecewise import clip

__all__ = ["erf", "erfc", "gelu", "silu"]

_SQRT_HALF = math.sqrt(0.5)
_TWO_OVER_SQRT_PI = 2.0 / math.sqrt(math.pi)
_NORMAL_PEAK = 1.0 / math.sqrt(2.0 * math.pi)


def _erf_array(x: Any) -> Any:
    from scipy.special import erf  # NumPy has none; imported at the first use, because scipy.special takes a while

    return erf(x)


def _erfc_array(x: Any) -> Any:
    from scipy.special import erfc

    return erfc(x)


erf = elementwise(
    "erf",
    math.erf,
    _erf_array,
    lambda y, x: _TWO_OVER_SQRT_PI * exp(-x * x),
    domain=(REAL,),
    doc="The error function, 2/√π ∫₀ˣ e^(-t²) dt.",
)
erfc = elementwise(
    "erfc",
    math.erfc,
    _erfc_array,
    lambda y, x: -_TWO_OVER_SQRT_PI * exp(-x * x),
    domain=(REAL,),
    doc="1 - erf(x), exact for large x.",
)

gelu_exact = elementwise(
    "gelu",
    lambda x: 0.5 * x * math.erfc(-x * _SQRT_HALF),
    lambda x: 0.5 * x * _erfc_array(-x * _SQRT_HALF),
    lambda y, x: 0.5 * erfc(-x * _SQRT_HALF) + x * _NORMAL_PEAK * exp(-0.5 * x * x),
    domain=(REAL,),
    doc="y = x Φ(x), with Φ the normal distribution function (Hendrycks and Gimpel, 2016).",
)

_C, _D = 2.0 * math.sqrt(2.0 / math.pi), 0.044715


def _gelu_tanh_slope(y: Any, x: Any) -> Any:
    z = clip(x, -40, 40)  # beyond, the sigmoid is 0 or 1, and the cube would overflow
    s = sigmoid(_C * (z + _D * z * z * z))
    return s + z * s * (1 - s) * _C * (1 + 3 * _D * z * z)


def _gelu_tanh_number(x: float) -> float:
    z = min(max(x, -40.0), 40.0)
    return x * _sigmoid_number(_C * (z + _D * z * z * z))


def _gelu_tanh_array(x: Any) -> Any:
    z = np.clip(x, -40, 40)
    return x * _sigmoid_array(_C * (z + _D * z * z * z))


gelu_tanh = elementwise(
    "gelu_tanh",
    _gelu_tanh_number,
    _gelu_tanh_array,
    _gelu_tanh_slope,
    domain=(REAL,),
    doc="x (1 + tanh u) / 2 with u = √(2/π) (x + 0.044715 x³), which is x sigmoid(2 u), without its cancellation.",
)


def gelu(x: Any, approximate: str = "none") -> Any:
    """The Gaussian error linear unit, x Φ(x); `approximate="tanh"` for the cheaper formula of the same paper.

    >>> import autograd
    >>> round(autograd.gelu(1.0), 4)
    0.8413
    """
    if approximate not in ("none", "tanh"):
        raise ValueError(f'gelu: approximate is "none" or "tanh", not {approximate!r}.')
    return gelu_exact(x) if approximate == "none" else gelu_tanh(x)


def _silu_slope(y: Any, s: Any) -> Any:
    return s + y * (1 - s)  # the shorter s * (1 + x - y) loses its digits where x is large


silu = elementwise(
    "silu",
    lambda x: x * _sigmoid_number(x),
    lambda x: x * _sigmoid_array(x),
    lambda y, x: _silu_slope(y, sigmoid(x)),
    domain=(REAL,),
    doc="y = x sigmoid(x), also called swish.",
)
