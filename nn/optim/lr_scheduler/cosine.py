"""Schedules along a cosine: slow at the start, slow at the end."""

from __future__ import annotations

import math

from nn.optim.lr_scheduler.scheduler import LRScheduler
from nn.optim.optimizer import Optimizer

__all__ = ["CosineAnnealingLR", "CosineAnnealingWarmRestarts", "WarmupCosineLR"]


class CosineAnnealingLR(LRScheduler):
    """From the learning rate down to `eta_min` in `T_max` epochs, along half a wave; and up again if it goes on.

    lr = eta_min + (lr₀ - eta_min) (1 + cos(π epoch / T_max)) / 2 (Loshchilov and Hutter, 2017, without restarts).
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:  # noqa: N803
        if T_max < 1:
            raise ValueError(f"CosineAnnealingLR: T_max must be at least 1, and is {T_max}.")
        self.T_max = T_max
        self.eta_min = eta_min
        super().__init__(optimizer, last_epoch)

    def height(self, epoch: int) -> float:
        """The height of the wave, from 1 to 0."""
        return (1 + math.cos(math.pi * epoch / self.T_max)) / 2

    def get_lr(self) -> list[float]:
        """The rates in the groups, changed as the wave changes."""
        lrs = self.get_last_lr()
        if self._beginning:
            return lrs
        if (self.last_epoch - 1) % (2 * self.T_max) == self.T_max:  # from the bottom, where there is no ratio
            rise = self.height(self.T_max - 1)
            return [lr + (base - self.eta_min) * rise for lr, base in zip(lrs, self.base_lrs, strict=True)]
        ratio = self.height(self.last_epoch) / self.height(self.last_epoch - 1)
        return [self.eta_min + (lr - self.eta_min) * ratio for lr in lrs]

    def restart(self) -> None:
        """Go to epoch 0, the top of the wave."""
        self.last_epoch = 0
        self.set_lr(self.base_lrs)


class CosineAnnealingWarmRestarts(LRScheduler):
    """Down along half a wave, and up to the top at once, again and again (SGDR, Loshchilov and Hutter, 2017).

    The first wave takes `T_0` epochs, each one `T_mult` times as many as the one before; each ends near `eta_min`.
    `step(epoch)` goes to a place in time, which may be a fraction: `scheduler.step(epoch + batch / batches)`.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        T_0: int,  # noqa: N803
        T_mult: int = 1,  # noqa: N803
        eta_min: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        if not isinstance(T_0, int) or T_0 < 1:
            raise ValueError(f"CosineAnnealingWarmRestarts: T_0 must be a whole number above 0, and is {T_0}.")
        if not isinstance(T_mult, int) or T_mult < 1:
            raise ValueError(f"CosineAnnealingWarmRestarts: T_mult must be a whole number above 0, and is {T_mult}.")
        self.T_0 = self.T_i = T_0
        self.T_mult = T_mult
        self.eta_min = eta_min
        self.T_cur: float = last_epoch
        super().__init__(optimizer, last_epoch)

    def step(self, epoch: float | None = None) -> None:
        """Go on by one epoch, or to this one."""
        if epoch is None and self.last_epoch >= 0:
            epoch = self.last_epoch + 1
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur %= self.T_i
                self.T_i *= self.T_mult
        else:
            epoch = epoch or 0
            if epoch < 0:
                raise ValueError(f"CosineAnnealingWarmRestarts: epoch must not be negative, and is {epoch}.")
            self.T_cur, self.T_i = epoch, self.T_0
            while self.T_cur >= self.T_i:
                self.T_cur -= self.T_i
                self.T_i *= self.T_mult
        self._steps += 1
        self.last_epoch = math.floor(epoch)
        self.set_lr(self.get_lr())

    def get_lr(self) -> list[float]:
        """Whatever rates are in the groups."""
        height = (1 + math.cos(math.pi * self.T_cur / self.T_i)) / 2
        return [self.eta_min + (base - self.eta_min) * height for base in self.base_lrs]

    def restart(self) -> None:
        """Go to epoch 0."""
        self.last_epoch = 0
        self.set_lr(self.get_lr())


class WarmupCosineLR(LRScheduler):
    """Up along a line for `warmup_iters` epochs, and then down to `end_factor` times the rate along half a wave.

    How transformers are trained today; after `total_iters` epochs it stays where it is. PyTorch joins two schedules
    for it (see `LinearLR`).
    """

    def __init__(
        self,
        optimizer: Optimizer,
        warmup_iters: int,
        total_iters: int,
        end_factor: float = 0.0,
        last_epoch: int = -1,
    ) -> None:
        if not 0 <= warmup_iters < total_iters:
            raise ValueError(
                "WarmupCosineLR: warmup_iters must be at least 0 and below total_iters, and they are "
                f"{warmup_iters} and {total_iters}."
            )
        self.warmup_iters = warmup_iters
        self.total_iters = total_iters
        self.end_factor = end_factor
        super().__init__(optimizer, last_epoch)

    def multiplier(self, epoch: int) -> float:
        """The line, or the wave."""
        if epoch < self.warmup_iters:
            return (epoch + 1) / (self.warmup_iters + 1)
        share = min(1.0, (epoch - self.warmup_iters) / (self.total_iters - self.warmup_iters))
        return self.end_factor + (1 - self.end_factor) * (1 + math.cos(math.pi * share)) / 2
