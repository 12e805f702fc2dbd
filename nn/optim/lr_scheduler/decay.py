"""Schedules that multiply the learning rate: by steps, along a line, by powers, or by a function of yours."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from typing import Any

from nn.optim.lr_scheduler.scheduler import LRScheduler, listed
from nn.optim.optimizer import Optimizer

__all__ = [
    "ConstantLR",
    "ExponentialLR",
    "InverseSqrtLR",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "MultiplicativeLR",
    "PolynomialLR",
    "StepLR",
]


class StepLR(LRScheduler):
    """Times `gamma` every `step_size` epochs.

    >>> import autograd, nn
    >>> optimizer = nn.optim.SGD([autograd.Tensor([1.0])], lr=0.4)
    >>> nn.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5).preview(5)
    array([0.4, 0.4, 0.2, 0.2, 0.1])
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1) -> None:
        if step_size < 1:
            raise ValueError(f"StepLR: step_size must be at least 1, and is {step_size}.")
        self.step_size = step_size
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def multiplier(self, epoch: int) -> float:
        """gamma^(epoch // step_size)."""
        return float(self.gamma ** (epoch // self.step_size))


class MultiStepLR(LRScheduler):
    """Times `gamma` in each of the epochs `milestones`."""

    def __init__(
        self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.milestones = sorted(milestones)
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def multiplier(self, epoch: int) -> float:
        """gamma to the power of how many milestones have been passed."""
        return float(self.gamma ** (bisect_right(self.milestones, epoch) - bisect_right(self.milestones, 0)))


class ConstantLR(LRScheduler):
    """Times `factor` during the first `total_iters` epochs, and then as it was."""

    def __init__(self, optimizer: Optimizer, factor: float = 1 / 3, total_iters: int = 5, last_epoch: int = -1) -> None:
        if not 0 <= factor <= 1:
            raise ValueError(f"ConstantLR: factor must be between 0 and 1, and is {factor}.")
        self.factor = factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def multiplier(self, epoch: int) -> float:
        """Which of the two it is."""
        return self.factor if epoch < self.total_iters else 1.0


class LinearLR(LRScheduler):
    """From `start_factor` times the learning rate to `end_factor` times, along a line of `total_iters` epochs.

    As it stands it is a warm-up: small steps while the first gradients are large and the means of Adam are young. What
    follows it is joined to it by `SequentialLR`.

    >>> import autograd, nn
    >>> from nn.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR
    >>> optimizer = nn.optim.SGD([autograd.Tensor([1.0])], lr=1.0)
    >>> warm_up = LinearLR(optimizer, 0.25, total_iters=3)
    >>> rest = CosineAnnealingLR(optimizer, T_max=4)
    >>> SequentialLR(optimizer, [warm_up, rest], [3]).preview(8).round(3)
    array([0.25 , 0.5  , 0.75 , 1.   , 0.854, 0.5  , 0.146, 0.   ])
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if not 0 < start_factor <= 1:
            raise ValueError(f"LinearLR: start_factor must be above 0 and at most 1, and is {start_factor}.")
        if not 0 <= end_factor <= 1:
            raise ValueError(f"LinearLR: end_factor must be between 0 and 1, and is {end_factor}.")
        self.start_factor = start_factor
        self.end_factor = end_factor
        self.total_iters = total_iters
        super().__init__(optimizer, last_epoch)

    def multiplier(self, epoch: int) -> float:
        """A point of the line."""
        share = min(1.0, epoch / self.total_iters) if self.total_iters else 1.0
        return self.start_factor + (self.end_factor - self.start_factor) * share


class ExponentialLR(LRScheduler):
    """Times `gamma` every epoch."""

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def multiplier(self, epoch: int) -> float:
        """gamma^epoch."""
        return float(self.gamma**epoch)


class PolynomialLR(LRScheduler):
    """Down to 0 in `total_iters` epochs as (1 - epoch / total_iters)^power: a line, with the power 1."""

    def __init__(self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1) -> None:
        self.total_iters = total_iters
        self.power = power
        super().__init__(optimizer, last_epoch)

    def multiplier(self, epoch: int) -> float:
        """What is left, to the power."""
        return float((1 - min(epoch / self.total_iters, 1.0)) ** self.power) if self.total_iters else 0.0


class InverseSqrtLR(LRScheduler):
    """Up along a line for `warmup_iters` epochs, and then down as 1/√epoch: the schedule of the first transformers.

    (Vaswani et al., 2017, section 5.3, where the highest rate is 1/√(width · warmup_iters).) PyTorch has none.
    """

    def __init__(self, optimizer: Optimizer, warmup_iters: int = 4000, last_epoch: int = -1) -> None:
        if warmup_iters < 1:
            raise ValueError(f"InverseSqrtLR: warmup_iters must be at least 1, and is {warmup_iters}.")
        self.warmup_iters = warmup_iters
        super().__init__(optimizer, last_epoch)

    def multiplier(self, epoch: int) -> float:
        """The line until it meets the curve."""
        t, top = epoch + 1, self.warmup_iters
        return float(min(t / top, (top / t) ** 0.5))


Function = Callable[[int], float]


class LambdaLR(LRScheduler):
    """`lr_lambda(epoch)` times the learning rate that the optimizer began with; or a list with one for each group."""

    def __init__(self, optimizer: Optimizer, lr_lambda: Function | list[Function], last_epoch: int = -1) -> None:
        self.lr_lambdas = _functions(self, lr_lambda, optimizer)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """Whatever rates are in the groups."""
        return [base * f(self.last_epoch) for f, base in zip(self.lr_lambdas, self.base_lrs, strict=True)]

    def restart(self) -> None:
        """Go to epoch 0."""
        self.last_epoch = 0
        self.set_lr(self.get_lr())


class MultiplicativeLR(LRScheduler):
    """Times `lr_lambda(epoch)` in every epoch but the first; or a list with one for each group."""

    def __init__(self, optimizer: Optimizer, lr_lambda: Function | list[Function], last_epoch: int = -1) -> None:
        self.lr_lambdas = _functions(self, lr_lambda, optimizer)
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """The rates in the groups times the function."""
        if self._beginning:
            return self.get_last_lr()
        return [lr * f(self.last_epoch) for f, lr in zip(self.lr_lambdas, self.get_last_lr(), strict=True)]

    def restart(self) -> None:
        """Go to epoch 0."""
        self.last_epoch = 0
        self.set_lr(self.get_lr())


def _functions(scheduler: LRScheduler, given: Any, optimizer: Optimizer) -> list[Function]:
    functions = listed(type(scheduler).__name__, "lr_lambda", given, optimizer)
    for f in functions:
        if not callable(f):
            raise TypeError(f"{type(scheduler).__name__}: lr_lambda must be a function of the epoch, and is {f!r}.")
    return functions
