"""Products of matrices, to which something is added in the same pass over memory: NumPy needs two."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy import ndarray

import autograd.kernel.product as loop
from autograd.kernel import usable

_LARGE = 1 << 21  # multiplications from which on it is worth while to look for something faster than NumPy
_MANY = 1 << 16  # elements of a result from which on another pass over them takes longer than the call that spares it
_FLOAT32 = np.dtype(np.float32)


def product(left: ndarray, right: ndarray, bias: ndarray | None = None, out: ndarray | None = None) -> ndarray:
    """left @ right + bias, of matrices, and of one dtype if there is a bias; put into `out`, if given, without gaps."""
    add = None if left.size * right.shape[1] < _LARGE else _adder(left, right, bias)
    if add is None:
        out = np.matmul(left, right, out)
        if bias is not None:
            out += bias
        return out
    if out is None:
        out = np.empty((len(left), right.shape[1]), left.dtype)
    out[...] = 0 if bias is None else bias
    add(left, np.ascontiguousarray(right), out)
    return out


def add_product(left: ndarray, right: ndarray, out: ndarray) -> None:
    """out += left @ right, of matrices of one dtype that have no gaps."""
    gemm = _gemms().get(out.dtype)
    if gemm is None:
        out += left @ right
    else:  # BLAS counts along columns first: to it these are the transposes
        gemm(1.0, right.T, left.T, 1.0, out.T, overwrite_c=True)


def _adder(left: ndarray, right: ndarray, bias: ndarray | None) -> Callable[..., None] | None:
    """What adds this product to a large matrix faster than NumPy, which makes the product first."""
    if left.dtype == right.dtype == _FLOAT32 and usable() and loop.pays(left, right):
        return loop.add_product
    if bias is not None and len(left) * right.shape[1] >= _MANY and left.flags.carray and right.flags.carray:
        return add_product
    return None


@cache
def _gemms() -> dict[Any, Callable[..., Any]]:
    from scipy.linalg.blas import dgemm, sgemm  # NumPy keeps its own to itself

    return {np.dtype(np.float32): sgemm, np.dtype(np.float64): dgemm}
