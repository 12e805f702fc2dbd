"""The losses of `nn.functional` as modules, which keep their reduction."""

from __future__ import annotations

from typing import Any

from nn import functional
from nn.functional.reduction import Reduction
from nn.module import Module

__all__ = ["BCELoss", "BCEWithLogitsLoss", "CrossEntropyLoss", "MSELoss"]


class _Loss(Module):
    def __init__(self, reduction: Reduction = "mean") -> None:
        self.reduction = reduction

    def extra_repr(self) -> str:
        """The reduction."""
        return f"reduction={self.reduction!r}"


class MSELoss(_Loss):
    """Mean squared error: see `nn.functional.mse_loss`.

    >>> import autograd, nn
    >>> nn.MSELoss(reduction="sum")(autograd.Tensor([1.0, 2.0]), [1.0, 4.0]).item()
    4.0
    """

    def forward(self, input: Any, target: Any) -> Any:
        """The loss, of equal shapes."""
        return functional.mse_loss(input, target, reduction=self.reduction)


class BCELoss(_Loss):
    """Binary cross-entropy of probabilities: see `nn.functional.binary_cross_entropy`."""

    def forward(self, input: Any, target: Any) -> Any:
        """The loss, of equal shapes."""
        return functional.binary_cross_entropy(input, target, reduction=self.reduction)


class BCEWithLogitsLoss(_Loss):
    """Binary cross-entropy of logits: see `nn.functional.binary_cross_entropy_with_logits`."""

    def forward(self, input: Any, target: Any) -> Any:
        """The loss, of equal shapes."""
        return functional.binary_cross_entropy_with_logits(input, target, reduction=self.reduction)


class CrossEntropyLoss(_Loss):
    """Cross-entropy of logits with class numbers or probabilities: see `nn.functional.cross_entropy`."""

    def forward(self, input: Any, target: Any) -> Any:
        """The loss: logits (N, classes, ...) and class numbers (N, ...) or probabilities (N, classes, ...)."""
        return functional.cross_entropy(input, target, reduction=self.reduction)
