"""Losses of classes as modules."""

from __future__ import annotations

from typing import Any

import numpy as np

import nn.functional as functional
from nn.functional.reduction import Reduction
from nn.loss.base import Loss

__all__ = ["CrossEntropyLoss", "FocalLoss", "NLLLoss", "NLLLoss2d", "SigmoidFocalLoss"]


class _ByNumber(Loss):
    """A loss of class numbers, one of which may be ignored."""

    def _number(self, ignore_index: Any) -> int:
        if not isinstance(ignore_index, int | np.integer):
            self._refuse_call("ignore_index", ignore_index)
        return int(ignore_index)


class CrossEntropyLoss(_ByNumber):
    """Cross-entropy of logits with class numbers or probabilities: see `nn.functional.cross_entropy`.

    >>> import autograd, nn
    >>> loss = nn.CrossEntropyLoss(ignore_index=0, label_smoothing=0.1)
    >>> round(loss(autograd.Tensor([[0.0, 1.0, 2.0], [5.0, 0.0, 0.0]]), [2, 0]).item(), 4)
    0.5076
    """

    _shown = ("ignore_index", "reduction", "label_smoothing")

    weight: Any

    def __init__(
        self,
        weight: Any = None,
        ignore_index: int = -100,
        reduction: Reduction = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(reduction)
        self._keep(weight=weight)
        self.ignore_index = self._number(ignore_index)
        self.label_smoothing = label_smoothing

    def forward(self, input: Any, target: Any) -> Any:
        """The loss: logits (N, classes, ...) and class numbers (N, ...) or probabilities (N, classes, ...)."""
        return functional.cross_entropy(
            input, target, self.weight, self.ignore_index, self.reduction, self.label_smoothing
        )


class NLLLoss(_ByNumber):
    """Cross-entropy of log-probabilities, such as a `LogSoftmax` makes: see `nn.functional.nll_loss`."""

    _shown = ("ignore_index", "reduction")

    weight: Any

    def __init__(self, weight: Any = None, ignore_index: int = -100, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)
        self._keep(weight=weight)
        self.ignore_index = self._number(ignore_index)

    def forward(self, input: Any, target: Any) -> Any:
        """The loss: log-probabilities (N, classes, ...) and class numbers (N, ...)."""
        return functional.nll_loss(input, target, self.weight, self.ignore_index, self.reduction)


class NLLLoss2d(NLLLoss):
    """What `NLLLoss` was once called for images."""


class FocalLoss(_ByNumber):
    """Cross-entropy in which what is learned already hardly counts any more: see `nn.functional.focal_loss`.

    >>> import autograd, nn
    >>> loss = nn.FocalLoss(gamma=2.0, reduction="none")
    >>> easy, hard = loss(autograd.Tensor([[3.0, 0.0], [0.0, 3.0]]), [0, 0])
    >>> round(hard.item() / easy.item())  # of the cross-entropies it is 63
    25313
    """

    _shown = ("gamma", "ignore_index", "reduction")

    weight: Any

    def __init__(
        self, gamma: float = 2.0, weight: Any = None, ignore_index: int = -100, reduction: Reduction = "mean"
    ) -> None:
        super().__init__(reduction)
        self._keep(weight=weight)
        self.gamma = gamma
        self.ignore_index = self._number(ignore_index)

    def forward(self, input: Any, target: Any) -> Any:
        """The loss: logits (N, classes, ...) and class numbers (N, ...)."""
        return functional.focal_loss(input, target, self.gamma, self.weight, self.ignore_index, self.reduction)


class SigmoidFocalLoss(Loss):
    """The focal loss of yes and no, for detectors: see `nn.functional.sigmoid_focal_loss`."""

    _shown = ("alpha", "gamma", "reduction")

    def __init__(self, alpha: float = 0.25, gamma: float = 2.0, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)
        self.alpha = alpha
        self.gamma = gamma

    def forward(self, input: Any, target: Any) -> Any:
        """The loss: logits and targets between 0 and 1, of equal shapes."""
        return functional.sigmoid_focal_loss(input, target, self.alpha, self.gamma, self.reduction)
