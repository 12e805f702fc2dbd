"""axpy: out += factor · x, in one pass over memory where NumPy alone needs two. The name is that of the BLAS."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy import ndarray

THREADS = os.environ.get("OPENBLAS_NUM_THREADS") or os.environ.get("OMP_NUM_THREADS")
PIECE = sys.maxsize if THREADS == "1" else 9_984
"""How many elements at once: up to 10,000 OpenBLAS keeps to one thread, and more threads of SciPy's BLAS would get in
the way of those of NumPy's."""


def axpy(factor: float, x: ndarray, out: ndarray) -> None:
    """Add `factor` times `x` to `out`: arrays of one dtype without gaps, as many elements in each."""
    routine = _routines().get(out.dtype)
    n = out.size
    if routine is None:
        out += np.multiply(x, factor, dtype=out.dtype)
    elif 0 < n <= PIECE:
        routine(x, out, n, factor)
    else:
        for at in range(0, n, PIECE):
            routine(x, out, min(PIECE, n - at), factor, at, 1, at, 1)


@cache
def _routines() -> dict[Any, Callable[..., Any]]:
    from scipy.linalg.blas import daxpy, saxpy  # NumPy keeps its own to itself

    return {np.dtype(np.float32): saxpy, np.dtype(np.float64): daxpy}
