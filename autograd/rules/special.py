"""The error function and the smooth activations built on it."""

from __future__ import annotations

import math
from typing import Any

from autograd.domain import REAL
from autograd.primitive import elementwise
from autograd.rules.exponential import _sigmoid_array, _sigmoid_number, exp, sigmoid
from autograd.rules.trigonometric import tanh

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

_C, _D = math.sqrt(2.0 / math.pi), 0.044715


def gelu(x: Any, approximate: str = "none") -> Any:
    """The Gaussian error linear unit, x Φ(x); `approximate="tanh"` for the cheaper formula of the same paper.

    >>> import autograd
    >>> round(autograd.gelu(1.0), 4)
    0.8413
    """
    if approximate == "none":
        return gelu_exact(x)
    if approximate != "tanh":
        raise ValueError(f'gelu: approximate is "none" or "tanh", not {approximate!r}.')
    return 0.5 * x * (1.0 + tanh(_C * (x + _D * x * x * x)))


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
