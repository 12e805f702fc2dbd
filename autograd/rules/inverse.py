"""Inverses by LAPACK's own two steps, a factorization and what is made of it: the determinant comes with them.

NumPy solves a system with the identity instead, which takes twice as long, but goes through a stack of small matrices
without Python between them.
"""

from __future__ import annotations

import numpy as np
from numpy import ndarray


def inverse(x: ndarray) -> ndarray:
    """The inverses of square matrices. Errors: LinAlgError where one is singular."""
    if _is_small(x):
        return np.linalg.inv(x)
    found, det = inverse_and_det(x)
    if np.any(np.isnan(found[..., 0, 0]) & (det == 0)):
        raise np.linalg.LinAlgError("Singular matrix")
    return found


def inverse_and_det(x: ndarray) -> tuple[ndarray, ndarray]:
    """The inverses of square matrices, and their determinants: nan and 0 of a singular one."""
    if _is_small(x):
        return _inverses(x), np.linalg.det(x)
    found = np.empty_like(x, order="C")
    dets = np.empty(x.shape[:-2], x.dtype)
    with np.errstate(all="ignore"):  # large determinants are inf
        for i in np.ndindex(x.shape[:-2]):
            found[i], dets[i] = _inverse(x[i])
    return found, dets[()]


def _is_small(x: ndarray) -> bool:
    """Whether what stands around LAPACK would take longer than it does; or x is nothing for it."""
    few = 16
    return min(x.shape[-2:]) < few or x.shape[-1] != x.shape[-2] or x.dtype not in (np.float64, np.float32)


def _inverses(x: ndarray) -> ndarray:
    try:
        return np.linalg.inv(x)
    except np.linalg.LinAlgError:
        singular = (np.linalg.slogdet(x).sign == 0)[..., None, None]
        found: ndarray = np.where(singular, np.nan, np.linalg.inv(np.where(singular, np.eye(x.shape[-1]), x)))
        return found.astype(x.dtype) if x.dtype.kind == "f" else found


def _inverse(x: ndarray) -> tuple[ndarray | float, float]:
    from scipy.linalg import lapack

    single = x.dtype == np.float32
    n = len(x)
    factors, swaps, zero = (lapack.sgetrf if single else lapack.dgetrf)(x.T)  # of xᵀ, which lies in Fortran's order
    if zero:
        return np.nan, 0.0
    diagonal = factors.diagonal().astype(float)
    swapped = np.count_nonzero(swaps != np.arange(n))
    size = np.exp(np.sum(np.log(np.abs(diagonal))))
    negative = (swapped + np.count_nonzero(diagonal < 0)) % 2
    found, _ = (lapack.sgetri if single else lapack.dgetri)(factors, swaps, 64 * n, True)
    return found.T, -size if negative else size
