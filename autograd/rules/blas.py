"""What BLAS does in one pass over memory and NumPy in two."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy import ndarray


def add_product(left: ndarray, right: ndarray, out: ndarray) -> None:
    """out += left @ right, of matrices of one dtype that have no gaps."""
    gemm = _gemms().get(out.dtype)
    if gemm is None:
        out += left @ right
    else:  # BLAS counts along columns first: to it these are the transposes
        gemm(1.0, right.T, left.T, 1.0, out.T, overwrite_c=True)


@cache
def _gemms() -> dict[Any, Callable[..., Any]]:
    from scipy.linalg.blas import dgemm, sgemm  # NumPy keeps its own to itself

    return {np.dtype(np.float32): sgemm, np.dtype(np.float64): dgemm}
