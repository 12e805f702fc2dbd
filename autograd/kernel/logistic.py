"""The logistic function, what is made of it, and binary cross-entropy of logits; with their slopes.

All are written with e^-|x|, which does not overflow. The formulas are those of rules/exponential and rules/likelihood.
"""

from __future__ import annotations

from typing import Any

from numpy import float32

from autograd.kernel import kernel
from autograd.kernel.exponential import exp

_ZERO, _ONE, _TWO = float32(0), float32(1), float32(2)
_END = float32(87)
_3, _5, _7, _9, _11, _13, _15 = (float32(1 / n) for n in range(3, 17, 2))


@kernel
def _decay(x: Any) -> Any:
    """e^-|x|, or 0 where that is hardly a number."""
    a = abs(x)
    return _ZERO if a > _END else exp(-a)


@kernel
def _log1p(u: Any) -> Any:
    """ln(1 + u), for u from 0 to 1: it is 2 artanh(s) with s = u / (2 + u) ≤ 1/3, a short series."""
    s = u / (_TWO + u)
    z = s * s
    return _TWO * s * (_ONE + z * (_3 + z * (_5 + z * (_7 + z * (_9 + z * (_11 + z * (_13 + z * _15)))))))


@kernel
def _sigmoid(x: Any) -> Any:
    """1 / (1 + e⁻ˣ), or eˣ / (1 + eˣ) where x is negative."""
    e = _decay(x)
    return (e if x < _ZERO else _ONE) / (_ONE + e)


@kernel
def sigmoid(x: Any, y: Any) -> None:
    """y = 1 / (1 + e⁻ˣ)."""
    for i in range(x.size):
        y[i] = _sigmoid(x[i])


@kernel
def silu(x: Any, y: Any) -> None:
    """y = x sigmoid(x)."""
    for i in range(x.size):
        y[i] = x[i] * _sigmoid(x[i])


@kernel
def silu_slope(y: Any, x: Any, slope: Any) -> None:
    """s + y (1 - s) with s = sigmoid(x), of which 1 - s is sigmoid(-x)."""
    for i in range(x.size):
        slope[i] = _sigmoid(x[i]) + y[i] * _sigmoid(-x[i])


@kernel
def softplus(x: Any, y: Any) -> None:
    """y = ln(1 + eˣ)."""
    for i in range(x.size):
        y[i] = (_ZERO if x[i] < _ZERO else x[i]) + _log1p(_decay(x[i]))


@kernel
def cross_entropy(x: Any, t: Any, y: Any) -> None:
    """y = -t ln sigmoid(x) - (1 - t) ln(1 - sigmoid(x))."""
    for i in range(x.size):
        y[i] = _log1p(_decay(x[i])) + ((_ONE - t[i]) * x[i] + (-x[i] if x[i] < _ZERO else _ZERO))


@kernel
def cross_entropy_slope(x: Any, t: Any, slope: Any) -> None:
    """sigmoid(x) - t, as (1 - t) sigmoid(x) - t sigmoid(-x)."""
    for i in range(x.size):
        slope[i] = (_ONE - t[i]) * _sigmoid(x[i]) - t[i] * _sigmoid(-x[i])
