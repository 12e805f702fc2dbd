"""Schedules that go up and down: once (OneCycleLR), or again and again (CyclicLR). Momentum goes the other way."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from nn.optim.lr_scheduler.scheduler import LRScheduler, listed
from nn.optim.optimizer import Optimizer

__all__ = ["CyclicLR", "OneCycleLR"]


class OneCycleLR(LRScheduler):
    """Up to `max_lr` and down to next to nothing, in `total_steps` steps: one for each batch (Smith and Topin, 2018).

    It begins at max_lr / `div_factor`, is at the top after the share `pct_start` of the steps, and ends at the first
    rate / `final_div_factor`; from one to the other along half a wave, or a line with `anneal_strategy="linear"`.
    Momentum (or the first of betas) goes from `max_momentum` down to `base_momentum` and back, unless
    `cycle_momentum` is False. `three_phase` goes down to the first rate in as many steps as up, and then lower.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: str = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.85,
        max_momentum: float | list[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        if total_steps is None and epochs is not None and steps_per_epoch is not None:
            total_steps = epochs * steps_per_epoch
        if not isinstance(total_steps, int) or total_steps < 1:
            raise ValueError(
                "OneCycleLR: give total_steps, or epochs and steps_per_epoch: whole numbers above 0. "
                f"They are {total_steps}, {epochs} and {steps_per_epoch}."
            )
        if not 0 <= pct_start <= 1:
            raise ValueError(f"OneCycleLR: pct_start must be between 0 and 1, and is {pct_start}.")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f"OneCycleLR: anneal_strategy must be 'cos' or 'linear', and is {anneal_strategy!r}.")
        self.total_steps = total_steps
        self.anneal = _along_cosine if anneal_strategy == "cos" else _along_line
        self.cycle_momentum = cycle_momentum
        up = pct_start * total_steps - 1
        self.phases = [  # the last step of each, and what rates and momenta it goes between
            (up, "initial_lr", "max_lr", "max_momentum", "base_momentum"),
            (total_steps - 1, "max_lr", "min_lr", "base_momentum", "max_momentum"),
        ]
        if three_phase:
            self.phases[1:] = [
                (2 * up, "max_lr", "initial_lr", "base_momentum", "max_momentum"),
                (total_steps - 1, "initial_lr", "min_lr", "max_momentum", "max_momentum"),
            ]
        if last_epoch == -1:
            for group, top in zip(optimizer.param_groups, listed("OneCycleLR", "max_lr", max_lr, optimizer)):
                group["initial_lr"] = top / div_factor
                group["max_lr"] = top
                group["min_lr"] = group["initial_lr"] / final_div_factor
        if cycle_momentum:
            _begin_momentum("OneCycleLR", optimizer, base_momentum, max_momentum, last_epoch)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Whatever rates are in the groups."""
        if self.last_epoch > self.total_steps:
            raise ValueError(f"OneCycleLR: step {self.last_epoch} of {self.total_steps}: the cycle is over.")
        start: float = 0
        for end, *_names in self.phases:
            if self.last_epoch <= end or end == self.total_steps - 1:
                break
            start = end
        first, last, first_momentum, last_momentum = _names
        share = (self.last_epoch - start) / (end - start) if end != start else 1.0
        groups = self.optimizer.param_groups
        if self.cycle_momentum:
            for group in groups:
                _set_momentum(group, self.anneal(group[first_momentum], group[last_momentum], share))
        return [self.anneal(group[first], group[last], share) for group in groups]

    def restart(self) -> None:
        """Go to step 0."""
        self.last_epoch = 0
        self.set_lr(self.get_lr())


class CyclicLR(LRScheduler):
    """Between `base_lr` and `max_lr`, up in `step_size_up` steps and down in `step_size_down` (Smith, 2017).

    `mode`: "triangular" goes to the same top each time, "triangular2" half as high as the time before, "exp_range"
    gamma^step times as high; or `scale_fn`, of the number of the cycle, or of the step with `scale_mode="iterations"`.
    Momentum (or the first of betas) goes the other way, between `max_momentum` and `base_momentum`, unless
    `cycle_momentum` is False. Step it after each batch.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: float | list[float],
        max_lr: float | list[float],
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: str = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: str = "cycle",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.8,
        max_momentum: float | list[float] = 0.9,
        last_epoch: int = -1,
    ) -> None:
        if scale_fn is None and mode not in ("triangular", "triangular2", "exp_range"):
            raise ValueError(
                f"CyclicLR: mode must be 'triangular', 'triangular2' or 'exp_range', and is {mode!r}; or give scale_fn."
            )
        if scale_mode not in ("cycle", "iterations"):
            raise ValueError(f"CyclicLR: scale_mode must be 'cycle' or 'iterations', and is {scale_mode!r}.")
        self.step_size_up = step_size_up
        self.step_size_down = step_size_up if step_size_down is None else step_size_down
        if self.step_size_up < 1 or self.step_size_down < 1:
            raise ValueError("CyclicLR: step_size_up and step_size_down must be at least 1.")
        self.gamma = gamma
        self.scale_fn = scale_fn or {"triangular2": _halved, "exp_range": self._power}.get(mode, _the_same)
        self.of_step = scale_mode == "iterations" if scale_fn else mode == "exp_range"
        bases = listed("CyclicLR", "base_lr", base_lr, optimizer)
        if last_epoch == -1:
            for group, base in zip(optimizer.param_groups, bases):
                group["lr"] = base
        self.max_lrs = listed("CyclicLR", "max_lr", max_lr, optimizer)
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            momenta = _begin_momentum("CyclicLR", optimizer, base_momentum, max_momentum, last_epoch)
            self.base_momentums, self.max_momentums = momenta
        super().__init__(optimizer, last_epoch)
        self.base_lrs = bases

    def _power(self, step: float) -> float:
        return float(self.gamma**step)

    def get_lr(self) -> list[float]:
        """Whatever rates are in the groups."""
        length = self.step_size_up + self.step_size_down
        cycle = math.floor(1 + self.last_epoch / length)
        place = self.last_epoch - (cycle - 1) * length
        up = place <= self.step_size_up
        height = place / self.step_size_up if up else (length - place) / self.step_size_down
        height *= self.scale_fn(self.last_epoch if self.of_step else cycle)
        if self.cycle_momentum:
            groups = self.optimizer.param_groups
            for group, base, top in zip(groups, self.base_momentums, self.max_momentums, strict=True):
                _set_momentum(group, _along_line(top, base, height))
        return [_along_line(base, top, height) for base, top in zip(self.base_lrs, self.max_lrs, strict=True)]

    def restart(self) -> None:
        """Go to step 0."""
        self.last_epoch = 0
        self.set_lr(self.get_lr())


def _along_cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) * (math.cos(math.pi * share) + 1) / 2


def _along_line(start: float, end: float, share: float) -> float:
    return start + (end - start) * share


def _the_same(cycle: float) -> float:
    return 1.0


def _halved(cycle: float) -> float:
    return float(0.5 ** (cycle - 1))


def _begin_momentum(
    owner: str, optimizer: Optimizer, base: Any, top: Any, last_epoch: int
) -> tuple[list[float], list[float]]:
    """Put the lowest and highest momentum into each group, and begin with the highest."""
    if not {"momentum", "betas"} & optimizer.defaults.keys():
        raise ValueError(f"{owner}: {type(optimizer).__name__} has no momentum: give cycle_momentum=False.")
    bases = listed(owner, "base_momentum", base, optimizer)
    tops = listed(owner, "max_momentum", top, optimizer)
    for group, base, top in zip(optimizer.param_groups, bases, tops) if last_epoch == -1 else ():
        group["base_momentum"], group["max_momentum"] = base, top
        _set_momentum(group, top)
    return bases, tops


def _set_momentum(group: dict[str, Any], momentum: float) -> None:
    if "betas" in group:
        group["betas"] = (momentum, *group["betas"][1:])
    else:
        group["momentum"] = momentum
