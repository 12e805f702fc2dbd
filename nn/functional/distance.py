"""Distances and likenesses of vectors, under PyTorch's names and with its arguments."""

from __future__ import annotations

from typing import Any

import autograd

__all__ = ["cosine_similarity", "pairwise_distance", "pdist"]


def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Any:
    """The cosine of the angle between x1 and x2 along the axis `dim`; lengths below eps count as eps."""
    return autograd.cosine_similarity(x1, x2, dim, eps)


def pairwise_distance(x1: Any, x2: Any, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Any:
    """‖x1 - x2 + eps‖ of order p along the last axis."""
    return autograd.pairwise_distance(x1, x2, p, eps, keepdim)


def pdist(input: Any, p: float = 2.0) -> Any:
    """The distance of order p of each two rows of (N, M): (N (N - 1) / 2), those of the first row first."""
    return autograd.pdist(input, p)
