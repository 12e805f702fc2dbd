"""ReduceLROnPlateau: a smaller learning rate when nothing gets better any more."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy import ndarray

from nn.optim.lr_scheduler.scheduler import LRScheduler, draw, listed
from nn.optim.optimizer import Optimizer

__all__ = ["ReduceLROnPlateau"]


class ReduceLROnPlateau(LRScheduler):
    """Times `factor` when a number, such as the validation loss, has not got better for more than `patience` epochs.

    `step(metric)` takes the number. Better is smaller with `mode="min"`, larger with "max", by more than `threshold`:
    a share of the best so far, or that much itself with `threshold_mode="abs"`. For `cooldown` epochs after a change
    nothing is counted. No rate goes below `min_lr`, nor is it changed by less than `eps`.

    >>> import autograd, nn
    >>> optimizer = nn.optim.SGD([autograd.Tensor([1.0])], lr=0.1)
    >>> scheduler = nn.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=1, factor=0.5)
    >>> scheduler.preview([1.0, 0.8, 0.9, 0.9, 0.9, 0.9])
    array([0.1  , 0.1  , 0.1  , 0.05 , 0.05 , 0.025])
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float | list[float] = 0.0,
        eps: float = 1e-8,
    ) -> None:
        if factor >= 1:
            raise ValueError(f"ReduceLROnPlateau: factor must be below 1, and is {factor}.")
        if mode not in ("min", "max"):
            raise ValueError(f"ReduceLROnPlateau: mode must be 'min' or 'max', and is {mode!r}.")
        if threshold_mode not in ("rel", "abs"):
            raise ValueError(f"ReduceLROnPlateau: threshold_mode must be 'rel' or 'abs', and is {threshold_mode!r}.")
        self.factor = factor
        self.patience = patience
        self.threshold = threshold
        self.relative = threshold_mode == "rel"
        self.sign = 1 if mode == "min" else -1
        self.cooldown = cooldown
        self.eps = eps
        self.best = self.sign * math.inf
        self.num_bad_epochs = 0
        self.cooldown_counter = 0
        super().__init__(optimizer)
        self.min_lrs = listed("ReduceLROnPlateau", "min_lr", min_lr, optimizer)

    def begin(self) -> None:
        """Nothing changes before the first number."""
        self.last_epoch = self._steps = 0

    def step(self, metrics: Any) -> None:  # type: ignore[override]
        """Go on by one epoch, which had this number."""
        current = float(metrics)
        self.last_epoch += 1
        if self._is_better(current):
            self.best, self.num_bad_epochs = current, 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
            for group, old, least in zip(self.optimizer.param_groups, self.get_last_lr(), self.min_lrs, strict=True):
                new = max(old * self.factor, least)
                if old - new > self.eps:
                    group["lr"] = new

    def _is_better(self, current: float) -> bool:
        margin = self.best * self.threshold if self.relative else self.threshold
        wanted = self.best - self.sign * margin if math.isfinite(self.best) else self.best
        return self.sign * current < self.sign * wanted

    def preview(self, metrics: Iterable[float]) -> ndarray:  # type: ignore[override]
        """The learning rates after each of these numbers; optimizer and schedule stay as they are."""
        ahead, rates = self.copy(), []
        for metric in metrics:
            ahead.step(metric)
            rates.append(ahead.get_last_lr())
        array = np.array(rates)
        return array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array

    def plot(self, metrics: Iterable[float], ax: Any = None) -> Any:  # type: ignore[override]
        """Draw the learning rates after each of these numbers with matplotlib; the axes."""
        return draw(self.preview(metrics), type(self).__name__, self.last_epoch + 1, ax)
