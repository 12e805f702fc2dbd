"""Distances and likenesses of vectors as modules, which keep their settings."""

from __future__ import annotations

from typing import Any

import nn.functional as functional
from nn.module import Module

__all__ = ["CosineSimilarity", "PairwiseDistance"]


class CosineSimilarity(Module):
    """The cosine of the angle between x1 and x2 along the axis `dim`.

    >>> import nn, numpy as np
    >>> nn.CosineSimilarity(dim=-1)(np.array([1.0, 0.0]), np.array([3.0, 4.0])).round(3).item()
    0.6
    """

    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        self.dim = dim
        self.eps = eps

    def forward(self, x1: Any, x2: Any) -> Any:
        """Without the axis `dim`."""
        return functional.cosine_similarity(x1, x2, self.dim, self.eps)


class PairwiseDistance(Module):
    """‖x1 - x2 + eps‖ of order p along the last axis, which `keepdim` keeps."""

    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> None:
        self.norm = p
        self.eps = eps
        self.keepdim = keepdim

    def forward(self, x1: Any, x2: Any) -> Any:
        """Without the last axis, or with a last axis of 1."""
        return functional.pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)
