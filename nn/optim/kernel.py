"""Adam's step over a block in one pass, for numba: see autograd.kernel."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd

__all__ = ["adam"]


@autograd.kernel.kernel
def adam(p: Any, g: Any, m: Any, v: Any, new_m: Any, new_v: Any, size: Any, floor: Any, shrink: Any) -> None:
    """m += new_m g, v += new_v g², and p = shrink p - size m / (√v + floor)."""
    for i in range(p.size):
        m[i] += new_m * g[i]
        v[i] += new_v * (g[i] * g[i])
        p[i] = p[i] * shrink - size * (m[i] / (np.sqrt(v[i]) + floor))
