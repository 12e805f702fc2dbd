"""Gaussian error linear units and their slopes. The formulas are those of rules/special."""

from __future__ import annotations

from typing import Any

from numpy import float32, pi, sqrt

from autograd.kernel import kernel
from autograd.kernel.exponential import exp

_HALF, _ONE, _ZERO, _TINY = float32(0.5), float32(1), float32(0), float32(1e-19)
_FAR = float32(40)  # from there on the tails are 0
_PEAK = float32(1 / sqrt(2 * pi))
_TWICE, _CUBE = float32(2 * sqrt(2 / pi)), float32(0.044715)

# The tail of the normal distribution without its e^(-a²/2): a polynomial of t = 1 / (1 + 0.3 a) without its constant
# term, from the linear one on. The relative error is 2e-7, that of float32, as far as the tail is a number there.
TAIL = (
    0.1196320074,
    0.1207121337,
    0.1001759656,
    0.1276917052,
    -0.05203387538,
    0.2045566146,
    -0.15615834,
    0.0354237073,
)
_T1, _T2, _T3, _T4, _T5, _T6, _T7, _T8 = map(float32, TAIL)


@kernel
def _mills(a: Any) -> Any:
    """That polynomial, for a ≥ 0."""
    t = _ONE / (_ONE + float32(0.3) * a)
    low = ((_T4 * t + _T3) * t + _T2) * t + _T1
    high = ((_T8 * t + _T7) * t + _T6) * t + _T5
    return (high * (t * t) * (t * t) + low) * t


@kernel
def gelu(x: Any, y: Any) -> None:
    """y = x Φ(x), which is max(x, 0) - a Φ(-a) with a = |x|."""
    for i in range(x.size):
        a = abs(x[i])
        a = a if a < _FAR else _FAR
        y[i] = (_ZERO if x[i] < _ZERO else x[i]) - a * _mills(a) * exp(-_HALF * a * a)


@kernel
def gelu_slope(x: Any, y: Any, slope: Any) -> None:
    """Φ(x) + x φ(x), where Φ(x) is paid for already: it is y / x, but where these have lost their digits."""
    for i in range(x.size):
        z = -_FAR if x[i] < -_FAR else x[i]
        z = _FAR if z > _FAR else z
        quotient = y[i] / x[i] if z < _FAR else _ONE
        share = _HALF if z * z < _TINY else quotient
        slope[i] = share + z * _PEAK * exp(-_HALF * z * z)


@kernel
def gelu_tanh(x: Any, y: Any) -> None:
    """x / (1 + e⁻²ᵘ) with u = √(2/π) (x + 0.044715 x³)."""
    for i in range(x.size):
        over = -_FAR if x[i] < -_FAR else x[i]
        z = _FAR if over > _FAR else over
        y[i] = over / (_ONE + exp(-_TWICE * z * (_ONE + _CUBE * z * z)))


@kernel
def gelu_tanh_slope(x: Any, slope: Any) -> None:
    """s + x s (1 - s) 2u', where with e = e⁻²ᵘ s is 1 / (1 + e) and 1 - s is e s."""
    for i in range(x.size):
        z = -_FAR if x[i] < -_FAR else x[i]
        z = _FAR if z > _FAR else z
        e = exp(-_TWICE * z * (_ONE + _CUBE * z * z))
        s = _ONE / (_ONE + e)
        slope[i] = s * (_ONE + (e * s) * z * _TWICE * (_ONE + float32(3) * _CUBE * z * z))
