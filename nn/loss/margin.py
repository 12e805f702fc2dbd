"""Losses with a margin as modules."""

from __future__ import annotations

from typing import Any

import nn.functional as functional
from nn.functional.reduction import Reduction
from nn.loss.base import Loss

__all__ = [
    "HingeEmbeddingLoss",
    "MarginRankingLoss",
    "MultiLabelMarginLoss",
    "MultiLabelSoftMarginLoss",
    "MultiMarginLoss",
    "SoftMarginLoss",
]


class HingeEmbeddingLoss(Loss):
    """Distances of what is alike, 1, and of what is not, -1: see `nn.functional.hinge_embedding_loss`."""

    _shown = ("margin", "reduction")

    def __init__(self, margin: float = 1.0, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)
        self.margin = margin

    def forward(self, input: Any, target: Any) -> Any:
        """The loss, of equal shapes."""
        return functional.hinge_embedding_loss(input, target, self.margin, self.reduction)


class MarginRankingLoss(Loss):
    """Which of two shall rank higher, the first, 1, or the second, -1: see `nn.functional.margin_ranking_loss`."""

    _shown = ("margin", "reduction")

    def __init__(self, margin: float = 0.0, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)
        self.margin = margin

    def forward(self, input1: Any, input2: Any, target: Any) -> Any:
        """The loss, of equal shapes."""
        return functional.margin_ranking_loss(input1, input2, target, self.margin, self.reduction)


class SoftMarginLoss(Loss):
    """The logistic loss of targets 1 and -1: see `nn.functional.soft_margin_loss`."""

    def forward(self, input: Any, target: Any) -> Any:
        """The loss, of equal shapes."""
        return functional.soft_margin_loss(input, target, self.reduction)


class MultiMarginLoss(Loss):
    """The hinge loss of classes: see `nn.functional.multi_margin_loss`."""

    _shown = ("p", "margin", "reduction")

    weight: Any

    def __init__(self, p: int = 1, margin: float = 1.0, weight: Any = None, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)
        self._keep(weight=weight)
        self.p = p
        self.margin = margin

    def forward(self, input: Any, target: Any) -> Any:
        """The loss: scores (N, classes) and class numbers (N,)."""
        return functional.multi_margin_loss(input, target, self.p, self.margin, self.weight, self.reduction)


class MultiLabelMarginLoss(Loss):
    """The hinge loss of several right classes, by their numbers: see `nn.functional.multilabel_margin_loss`."""

    def forward(self, input: Any, target: Any) -> Any:
        """The loss: scores and targets, both (N, classes)."""
        return functional.multilabel_margin_loss(input, target, self.reduction)


class MultiLabelSoftMarginLoss(Loss):
    """The logistic loss of several right classes, 1 or 0 each: see `nn.functional.multilabel_soft_margin_loss`."""

    weight: Any

    def __init__(self, weight: Any = None, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)
        self._keep(weight=weight)

    def forward(self, input: Any, target: Any) -> Any:
        """The loss: scores and targets, both (N, classes)."""
        return functional.multilabel_soft_margin_loss(input, target, self.weight, self.reduction)
