"""Schedules made of schedules: one after the other, or several at once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from numpy import ndarray

from nn.module import StateError
from nn.optim.lr_scheduler.plateau import ReduceLROnPlateau
from nn.optim.lr_scheduler.scheduler import LRScheduler
from nn.optim.optimizer import Optimizer

__all__ = ["ChainedScheduler", "SequentialLR"]


class Combination(LRScheduler):
    """What the two have in common: the schedules inside, and a state that is made of theirs."""

    def __init__(self, optimizer: Optimizer, schedulers: Sequence[LRScheduler]) -> None:
        self.optimizer = optimizer
        self.schedulers = list(schedulers)
        kind = type(self).__name__
        for scheduler in self.schedulers:
            if not isinstance(scheduler, LRScheduler):
                raise TypeError(f"{kind} takes schedules, and got {scheduler!r:.80}.")
            if isinstance(scheduler, ReduceLROnPlateau):
                raise ValueError(f"{kind} cannot take ReduceLROnPlateau, whose step wants a number.")
            if scheduler.optimizer is not optimizer:
                raise ValueError(f"{kind}: all schedules must be of its own optimizer.")

    def unmake(self) -> None:
        """Take back the first steps of the schedules inside."""
        for scheduler in self.schedulers:
            if isinstance(scheduler, Combination):
                scheduler.unmake()
            else:
                scheduler.last_epoch -= 1

    def state_dict(self) -> dict[str, ndarray]:
        """Its numbers, and those of the schedules inside as `0.last_epoch`, `1.last_epoch`."""
        inside = {f"{i}.{k}": x for i, s in enumerate(self.schedulers) for k, x in s.state_dict().items()}
        return super().state_dict() | inside

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on where another schedule of the same kind stopped. All or nothing. Errors: StateError."""
        parts: list[dict[str, Any]] = [{} for _ in self.schedulers]
        own: dict[str, Any] = {}
        for name, x in state_dict.items():
            number, _, rest = name.partition(".")
            inside = number.isdecimal() and int(number) < len(parts)
            (parts[int(number)] if inside else own)[rest if inside else name] = x
        before = self.state_dict()
        try:
            super().load_state_dict(own)
            for scheduler, part in zip(self.schedulers, parts, strict=True):
                scheduler.load_state_dict(part)
        except StateError:
            self.load_state_dict(before)
            raise


class SequentialLR(Combination):
    """One schedule after the other: number i + 1 begins, from the first learning rate, in epoch `milestones[i]`."""

    def __init__(
        self, optimizer: Optimizer, schedulers: Sequence[LRScheduler], milestones: Sequence[int], last_epoch: int = -1
    ) -> None:
        if not schedulers or len(milestones) != len(schedulers) - 1:
            raise ValueError(
                "SequentialLR takes schedules, and the epochs in which the second and all others begin: got "
                f"{len(schedulers)} schedules and {len(milestones)} milestones."
            )
        super().__init__(optimizer, schedulers)
        if any(isinstance(scheduler, Combination) for scheduler in schedulers[1:]):
            raise ValueError("SequentialLR: a combination of schedules can only be the first.")
        self.milestones = list(milestones)
        self.last_epoch = last_epoch + 1
        self.set_lr([group["initial_lr"] for group in optimizer.param_groups])
        self.unmake()
        self.begin()

    def begin(self) -> None:
        """Begin the first of them."""
        self.schedulers[bisect_right(self.milestones, 0)].begin()

    def step(self) -> None:
        """Go on by one epoch: whose turn it is goes on, or begins."""
        self.last_epoch += 1
        turn = bisect_right(self.milestones, self.last_epoch)
        if turn > 0 and self.milestones[turn - 1] == self.last_epoch:
            self.schedulers[turn].restart()
        else:
            self.schedulers[turn].step()


class ChainedScheduler(Combination):
    """Several schedules at once: their factors are multiplied."""

    def __init__(self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None) -> None:
        if not schedulers:
            raise ValueError("ChainedScheduler takes at least one schedule, and got none.")
        super().__init__(optimizer or schedulers[0].optimizer, schedulers)
        self.last_epoch = 0

    def begin(self) -> None:
        """Begin each."""
        for scheduler in self.schedulers:
            scheduler.begin()

    def step(self) -> None:
        """Go on by one epoch with each."""
        self.last_epoch += 1
        for scheduler in self.schedulers:
            scheduler.step()
