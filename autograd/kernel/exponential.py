"""The exponential function of one number of float32, of operations that numba makes vectors of."""

from __future__ import annotations

from typing import Any

# numba keeps translated kernels until their own file changes: who changes this one should empty __pycache__.
from numpy import float32, floor, int32

from autograd.kernel import kernel

_LOWEST, _HIGHEST = float32(-87.3), float32(88)
_LOG2_E = float32(1.4426950408889634)
_LN2, _LN2_REST = float32(0.693359375), float32(-2.12194440e-4)  # in two parts, so that k ln 2 is exact
_C2, _C3, _C4 = float32(5.0000001201e-1), float32(1.6666665459e-1), float32(4.1665795894e-2)
_C5, _C6, _C7 = float32(8.3334519073e-3), float32(1.3981999507e-3), float32(1.9875691500e-4)


@kernel
def exp(x: Any) -> Any:
    """eˣ = 2ᵏ eʳ with x = k ln 2 + r: a polynomial for eʳ (Moshier, Cephes), and k put in the place of the exponent.

    The relative error is 1e-7. What lies beyond -87.3 and 88 is taken for these: 1e-38 and 2e38. Of nan it is nan.
    """
    x = _LOWEST if x < _LOWEST else x
    x = _HIGHEST if x > _HIGHEST else x
    k = floor(x * _LOG2_E + float32(0.5))
    r = x - k * _LN2 - k * _LN2_REST
    tail = ((((_C7 * r + _C6) * r + _C5) * r + _C4) * r + _C3) * r + _C2
    return (tail * r * r + r + float32(1)) * int32((int32(k) + int32(127)) << int32(23)).view(float32)
