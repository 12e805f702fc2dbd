"""The error function and the smooth activations built on it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy import ndarray

import autograd.kernel.gelu as loop
import autograd.kernel.logistic as logistic
from autograd.domain import REAL
from autograd.kernel import each, fits
from autograd.primitive import elementwise
from autograd.rules.exponential import _sigmoid_array, _sigmoid_number, exp, sigmoid
from autograd.rules.pieces import piecewise, whole
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


def _gelu_array(x: Any) -> Any:
    if fits(x):
        return each(loop.gelu, x)
    return _gelu_pieces(x) if whole(x) and x.itemsize == 4 else 0.5 * x * _erfc_array(-x * _SQRT_HALF)


@piecewise(rooms=3)
def _gelu_pieces(out: ndarray, x: ndarray, a: ndarray, t: ndarray, tail: ndarray) -> None:
    """x Φ(x) is max(x, 0) - a Φ(-a), with a = |x|."""
    np.minimum(np.absolute(x, a), 40, out=a)  # from there on the tail is 0
    np.multiply(a, 0.3, t)
    t += 1
    np.divide(1, t, t)
    np.multiply(t, loop.TAIL[-1], tail)
    for coefficient in loop.TAIL[-2::-1]:
        tail += coefficient
        tail *= t
    np.multiply(a, a, t)
    t *= -0.5
    tail *= np.exp(t, t)
    tail *= a
    np.maximum(x, 0, out=out)
    out -= tail


def _gelu_slope(y: Any, x: Any) -> Any:
    """Φ(x) + x φ(x)."""
    if fits(x, y):
        return each(loop.gelu_slope, x, y)
    return (
        _gelu_slope_pieces(x, y) if whole(x, y) else 0.5 * erfc(-x * _SQRT_HALF) + x * _NORMAL_PEAK * exp(-0.5 * x * x)
    )


@piecewise(rooms=1)
def _gelu_slope_pieces(out: ndarray, x: ndarray, y: ndarray, t: ndarray) -> None:
    """Φ(x) is paid for already: it is y / x."""
    np.divide(y, x, out)
    np.multiply(x, x, t)
    out[t < np.finfo(x.dtype).tiny ** 0.5] = 0.5  # Φ(0), and no quotient of numbers that have lost their digits
    t *= -0.5
    np.exp(t, t)
    t *= x
    t *= _NORMAL_PEAK
    out += t


gelu_exact = elementwise(
    "gelu",
    lambda x: 0.5 * x * math.erfc(-x * _SQRT_HALF),
    _gelu_array,
    _gelu_slope,
    domain=(REAL,),
    doc="y = x Φ(x), with Φ the normal distribution function (Hendrycks and Gimpel, 2016).",
)

_C, _D = 2.0 * math.sqrt(2.0 / math.pi), 0.044715


def _gelu_tanh_slope(y: Any, x: Any) -> Any:
    if fits(x):
        return each(loop.gelu_tanh_slope, x)
    if whole(x, y):
        return _gelu_tanh_slope_pieces(x)
    z = clip(x, -40, 40)  # beyond, the sigmoid is 0 or 1, and the cube would overflow
    s = sigmoid(_C * (z + _D * z * z * z))
    return s + z * s * (1 - s) * _C * (1 + 3 * _D * z * z)


@piecewise(rooms=3)
def _gelu_tanh_slope_pieces(out: ndarray, x: ndarray, z: ndarray, u: ndarray, e: ndarray) -> None:
    """With e = e⁻²ᵘ and s = 1 / (1 + e), s (1 - s) is e s²."""
    np.clip(x, -40, 40, z)
    np.multiply(z, z, u)
    np.multiply(u, -_C * _D, e)
    e -= _C
    e *= z
    np.exp(e, e)
    np.add(e, 1, out)
    np.divide(1, out, out)
    np.minimum(e, 1e34, out=e)  # no infinity times 0
    u *= 3 * _C * _D
    u += _C
    u *= z
    u *= e
    u *= out
    u += 1
    out *= u


def _gelu_tanh_number(x: float) -> float:
    z = min(max(x, -40.0), 40.0)
    return x * _sigmoid_number(_C * (z + _D * z * z * z))


def _gelu_tanh_array(x: Any) -> Any:
    if fits(x):
        return each(loop.gelu_tanh, x)
    if whole(x):
        return _gelu_tanh_pieces(x)
    z = np.clip(x, -40, 40)
    return x * _sigmoid_array(_C * (z + _D * z * z * z))


@piecewise(rooms=1)
def _gelu_tanh_pieces(out: ndarray, x: ndarray, e: ndarray) -> None:
    """x / (1 + e⁻²ᵘ)"""
    np.clip(x, -40, 40, out)
    np.multiply(out, out, e)
    e *= -_C * _D
    e -= _C
    e *= out
    np.exp(e, e)
    e += 1
    np.divide(x, e, out)


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


def _silu_array(x: Any) -> Any:
    return each(logistic.silu, x) if fits(x) else x * _sigmoid_array(x)


def _silu_slope(y: Any, x: Any) -> Any:
    if fits(x, y):
        return each(logistic.silu_slope, y, x)
    s = sigmoid(x)
    return s + y * (1 - s)  # the shorter s * (1 + x - y) loses its digits where x is large


silu = elementwise(
    "silu",
    lambda x: x * _sigmoid_number(x),
    _silu_array,
    _silu_slope,
    domain=(REAL,),
    doc="y = x sigmoid(x), also called swish.",
)
