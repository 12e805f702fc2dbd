"""Distances and likenesses of vectors, and the bilinear form, with the names and arguments of torch.nn.functional."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import ShapeError, describe, place
from autograd.rules.arranging import broadcast_arrays
from autograd.rules.contraction import einsum
from autograd.rules.indexing import getitem
from autograd.rules.norm import vector_norm
from autograd.rules.piecewise import maximum
from autograd.rules.reduction import sum
from autograd.rules.shaping import expand_dims, shape_of

__all__ = ["bilinear", "cdist", "cosine_similarity", "pairwise_distance", "pdist"]


def cosine_similarity(x1: Any, x2: Any, axis: int = 1, eps: float = 1e-8) -> Any:
    """x1 · x2 / (max(‖x1‖, eps) max(‖x2‖, eps)) along an axis: the cosine of the angle between them.

    >>> import autograd
    >>> float(autograd.cosine_similarity([1.0, 0.0], [1.0, 1.0], axis=0).round(4))
    0.7071
    """
    x1, x2 = (x if hasattr(x, "shape") else np.asarray(x) for x in (x1, x2))
    x1, x2 = broadcast_arrays(x1, x2)
    a, b = (x / maximum(vector_norm(x, 2, axis, True), eps) for x in (x1, x2))
    return sum(a * b, axis)


def pairwise_distance(x1: Any, x2: Any, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Any:
    """‖x1 - x2 + eps‖ of order p along the last axis."""
    return vector_norm(x1 - x2 + eps, p, -1, keepdim)


def cdist(x1: Any, x2: Any, p: float = 2.0) -> Any:
    """The distance of order p of each row of x1 (..., P, M) from each row of x2 (..., R, M): (..., P, R).

    Where two rows are equal the distance is 0, and so is its slope. Room: P · R · M numbers.
    """
    if len(shape_of(x1)) < 2 or shape_of(x1)[-1:] != shape_of(x2)[-1:]:
        raise ShapeError(f"cdist of {describe(x1)} and {describe(x2)}: rows must be of one length.{place()}")
    return vector_norm(expand_dims(x1, -2) - expand_dims(x2, -3), p, -1)


def pdist(x: Any, p: float = 2.0) -> Any:
    """The distance of order p of each two rows of x (N, M): (N (N - 1) / 2), those of the first row first."""
    if len(shape_of(x)) != 2:
        raise ShapeError(f"pdist of {describe(x)}: a matrix is needed.{place()}")
    first, second = np.triu_indices(shape_of(x)[0], 1)
    return vector_norm(getitem(x, index=first) - getitem(x, index=second), p, -1)


def bilinear(x1: Any, x2: Any, weight: Any, bias: Any = None) -> Any:
    """x1ᵀ W x2 + b, for x1 (..., I), x2 (..., J), weight (O, I, J), bias (O): (..., O)."""
    y = einsum("...i,oij,...j->...o", x1, weight, x2)
    return y if bias is None else y + bias
