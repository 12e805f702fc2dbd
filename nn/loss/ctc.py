"""The loss of connectionist temporal classification as a module."""

from __future__ import annotations

from typing import Any

import nn.functional as functional
from nn.functional.reduction import Reduction
from nn.loss.base import Loss

__all__ = ["CTCLoss"]


class CTCLoss(Loss):
    """Of labels of which nobody says when they happen: see `nn.functional.ctc_loss`."""

    _shown = ("blank", "reduction", "zero_infinity")

    def __init__(self, blank: int = 0, reduction: Reduction = "mean", zero_infinity: bool = False) -> None:
        super().__init__(reduction)
        self.blank = blank
        self.zero_infinity = zero_infinity

    def forward(self, log_probs: Any, targets: Any, input_lengths: Any, target_lengths: Any) -> Any:
        """The loss: log-probabilities (T, N, classes), targets (N, S), and how many frames and targets there are."""
        return functional.ctc_loss(
            log_probs, targets, input_lengths, target_lengths, self.blank, self.reduction, self.zero_infinity
        )
