"""Losses of numbers as modules."""

from __future__ import annotations

from typing import Any

import nn.functional as functional
from nn.functional.reduction import Reduction
from nn.loss.base import Loss

__all__ = ["HuberLoss", "L1Loss", "MSELoss", "SmoothL1Loss"]


class MSELoss(Loss):
    """Mean squared error: see `nn.functional.mse_loss`.

    >>> import autograd, nn
    >>> nn.MSELoss(reduction="sum")(autograd.Tensor([1.0, 2.0]), [1.0, 4.0]).item()
    4.0
    """

    def forward(self, input: Any, target: Any) -> Any:
        """The loss, of equal shapes."""
        return functional.mse_loss(input, target, self.reduction)


class L1Loss(Loss):
    """Mean absolute error: see `nn.functional.l1_loss`."""

    def forward(self, input: Any, target: Any) -> Any:
        """The loss, of equal shapes."""
        return functional.l1_loss(input, target, self.reduction)


class SmoothL1Loss(Loss):
    """Squared error near the target, absolute error beyond beta: see `nn.functional.smooth_l1_loss`."""

    _shown = ("reduction", "beta")

    def __init__(self, reduction: Reduction = "mean", beta: float = 1.0) -> None:
        super().__init__(reduction)
        self.beta = beta

    def forward(self, input: Any, target: Any) -> Any:
        """The loss, of equal shapes."""
        return functional.smooth_l1_loss(input, target, self.reduction, self.beta)


class HuberLoss(Loss):
    """Squared error near the target, delta times the absolute error beyond delta: see `nn.functional.huber_loss`."""

    _shown = ("reduction", "delta")

    def __init__(self, reduction: Reduction = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction)
        self.delta = delta

    def forward(self, input: Any, target: Any) -> Any:
        """The loss, of equal shapes."""
        return functional.huber_loss(input, target, self.reduction, self.delta)
