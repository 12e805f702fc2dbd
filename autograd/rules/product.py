"""Products added to what is there already, with PyTorch's names and arguments: β x + α a b.

With beta = 0 nothing of x comes through, not even its nan. Written as compositions, because a product of matrices
takes so much longer than what is done to its result.
"""

from __future__ import annotations

from typing import Any

from autograd.rules.contraction import matmul, outer
from autograd.rules.reduction import sum
from autograd.rules.shaping import broadcast_to, shape_of

__all__ = ["addbmm", "addmm", "addmv", "addr", "baddbmm"]


def _added(x: Any, product: Any, beta: float, alpha: float) -> Any:
    product = product if alpha == 1 else alpha * product
    if beta == 0:
        return product
    return broadcast_to(x if beta == 1 else beta * x, shape_of(product)) + product


def addmm(x: Any, mat1: Any, mat2: Any, *, beta: float = 1, alpha: float = 1) -> Any:
    """β x + α mat1 mat2, of matrices.

    >>> import autograd, numpy as np
    >>> autograd.addmm(np.ones((2, 2)), 2 * np.eye(2), np.eye(2), beta=10)
    array([[12., 10.],
           [10., 12.]])
    """
    return _added(x, matmul(mat1, mat2), beta, alpha)


def addmv(x: Any, mat: Any, vec: Any, *, beta: float = 1, alpha: float = 1) -> Any:
    """β x + α mat vec, of a matrix and a vector."""
    return _added(x, matmul(mat, vec), beta, alpha)


def addr(x: Any, vec1: Any, vec2: Any, *, beta: float = 1, alpha: float = 1) -> Any:
    """β x + α vec1 vec2ᵀ: the outer product of two vectors."""
    return _added(x, outer(vec1, vec2), beta, alpha)


def baddbmm(x: Any, batch1: Any, batch2: Any, *, beta: float = 1, alpha: float = 1) -> Any:
    """β x + α batch1 batch2, of matrices along a leading axis."""
    return _added(x, matmul(batch1, batch2), beta, alpha)


def addbmm(x: Any, batch1: Any, batch2: Any, *, beta: float = 1, alpha: float = 1) -> Any:
    """β x + α Σ batch1 batch2, summed over the leading axis."""
    return _added(x, sum(matmul(batch1, batch2), 0), beta, alpha)
