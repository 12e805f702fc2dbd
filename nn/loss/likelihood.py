"""Losses of distributions as modules."""

from __future__ import annotations

from typing import Any

import nn.functional as functional
from nn.functional.reduction import Reduction, check_reduction
from nn.loss.base import Loss

__all__ = ["BCELoss", "BCEWithLogitsLoss", "GaussianNLLLoss", "KLDivLoss", "PoissonNLLLoss"]


class BCELoss(Loss):
    """Binary cross-entropy of probabilities: see `nn.functional.binary_cross_entropy`."""

    weight: Any

    def __init__(self, weight: Any = None, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)
        self._keep(weight=weight)

    def forward(self, input: Any, target: Any) -> Any:
        """The loss, of equal shapes."""
        return functional.binary_cross_entropy(input, target, self.weight, self.reduction)


class BCEWithLogitsLoss(Loss):
    """Binary cross-entropy of logits: see `nn.functional.binary_cross_entropy_with_logits`.

    Where the positives are few, `pos_weight` lets them count more:

    >>> import autograd, nn
    >>> loss = nn.BCEWithLogitsLoss(pos_weight=9.0)  # nine negatives for each positive
    >>> loss(autograd.Tensor([0.0, 0.0]), [1, 0]).item() / nn.BCEWithLogitsLoss()(autograd.Tensor([0.0]), [1]).item()
    5.0
    """

    weight: Any
    pos_weight: Any

    def __init__(self, weight: Any = None, reduction: Reduction = "mean", pos_weight: Any = None) -> None:
        super().__init__(reduction)
        self._keep(weight=weight, pos_weight=pos_weight)

    def forward(self, input: Any, target: Any) -> Any:
        """The loss, of equal shapes."""
        return functional.binary_cross_entropy_with_logits(input, target, self.weight, self.reduction, self.pos_weight)


class KLDivLoss(Loss):
    """Kullback and Leibler's divergence of probabilities from log-probabilities: see `nn.functional.kl_div`.

    For a batch of distributions its reduction is "batchmean".
    """

    _shown = ("reduction", "log_target")

    def __init__(self, reduction: Any = "mean", log_target: bool = False) -> None:
        check_reduction(reduction, "batchmean")
        self.reduction = reduction
        self.log_target = log_target

    def forward(self, input: Any, target: Any) -> Any:
        """The loss, of equal shapes."""
        return functional.kl_div(input, target, self.reduction, self.log_target)


class PoissonNLLLoss(Loss):
    """-ln of the probability of counts, given their expectation: see `nn.functional.poisson_nll_loss`."""

    _shown = ("log_input", "full", "eps", "reduction")

    def __init__(
        self, log_input: bool = True, full: bool = False, eps: float = 1e-8, reduction: Reduction = "mean"
    ) -> None:
        super().__init__(reduction)
        self.log_input = log_input
        self.full = full
        self.eps = eps

    def forward(self, input: Any, target: Any) -> Any:
        """The loss, of equal shapes."""
        return functional.poisson_nll_loss(input, target, self.log_input, self.full, self.eps, self.reduction)


class GaussianNLLLoss(Loss):
    """-ln of the density of numbers, given means and variances: see `nn.functional.gaussian_nll_loss`."""

    _shown = ("full", "eps", "reduction")

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)
        self.full = full
        self.eps = eps

    def forward(self, input: Any, target: Any, var: Any) -> Any:
        """The loss of means (...), targets (...), and variances (...), or (..., 1)."""
        return functional.gaussian_nll_loss(input, target, var, self.full, self.eps, self.reduction)
