"""LRScheduler: the parent of all schedules. It sets the `lr` of an optimizer's groups, one step after the other."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import OperandError
from nn.module import StateError
from nn.optim.optimizer import Optimizer
from nn.optim.setting import Group


class LRScheduler:
    """The parent of all schedules. PyTorch's interface: `step()` comes after the optimizer's `step()`.

    A subclass says by what to multiply the learning rate that the optimizer began with, `multiplier(epoch)`, or
    computes the rates in `get_lr()`. Schedules change the rate that is there, each by its own ratio, so that several
    of them can change one optimizer together.

    A schedule counts its own steps and calls them epochs: step it after each epoch, or after each batch.

    >>> import autograd, nn
    >>> optimizer = nn.optim.SGD([autograd.Tensor([1.0])], lr=0.1)
    >>> class Halved(nn.optim.lr_scheduler.LRScheduler):
    ...     def multiplier(self, epoch):
    ...         return 0.5 ** epoch
    >>> scheduler = Halved(optimizer)
    >>> scheduler.preview(4)
    array([0.1   , 0.05  , 0.025 , 0.0125])
    """

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        self.optimizer = _optimizer(self, optimizer)
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise ValueError(
                    f"{type(self).__name__}: to go on after epoch {last_epoch}, param_groups[{i}] must have an "
                    "'initial_lr'. Load the optimizer's state first."
                )
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self.begin()

    def begin(self) -> None:
        """The first step, which belongs to making the schedule."""
        self._steps = 0
        self._beginning = True
        self.step()
        self._beginning = False

    def step(self) -> None:
        """Go on by one epoch: set the learning rates."""
        if self._steps == 1 and not self.optimizer.stepped:
            warnings.warn(
                f"{type(self).__name__}.step() before the optimizer's step(): its first learning rate is never used. "
                "Call optimizer.step() first.",
                stacklevel=2,
            )
        self._steps += 1
        self.last_epoch += 1
        self.set_lr(self.get_lr())

    def restart(self) -> None:
        """Go to epoch 0, from whatever learning rates there are."""
        self.last_epoch = 0
        self.set_lr([base * self.multiplier(0) for base in self.base_lrs])

    def set_lr(self, lrs: list[float]) -> None:
        """Set the learning rates of the groups."""
        if len(lrs) != len(self.optimizer.param_groups):
            raise ValueError(
                f"{type(self).__name__}: the optimizer has {len(self.optimizer.param_groups)} groups, and had "
                f"{len(lrs)} when the schedule was made."
            )
        for group, lr in zip(self.optimizer.param_groups, lrs):
            group["lr"] = lr

    def get_lr(self) -> list[float]:
        """The learning rates of epoch `last_epoch`, when those of the epoch before are in the groups."""
        now = self.multiplier(self.last_epoch)
        before = 1.0 if self.last_epoch == 0 else now if self._beginning else self.multiplier(self.last_epoch - 1)
        ratio = now / before if before else 1.0  # from 0 nothing leads away
        return [lr * ratio for lr in self.get_last_lr()]

    def multiplier(self, epoch: int) -> float:
        """By what the first learning rate is multiplied in this epoch."""
        raise NotImplementedError(f"{type(self).__name__} does not say how the rate changes: define multiplier().")

    def get_last_lr(self) -> list[float]:
        """The learning rates that are in the groups."""
        return [float(group["lr"]) for group in self.optimizer.param_groups]

    # To see it

    def preview(self, steps: int) -> ndarray:
        """The learning rates of this and the coming epochs, `steps` in all; optimizer and schedule stay as they are.

        Shape (steps,), or (steps, groups) where the groups differ in number from one.
        """
        ahead = self.copy()
        rates = [ahead.get_last_lr()]
        while len(rates) < steps:
            ahead.step()
            rates.append(ahead.get_last_lr())
        return _rows(rates)

    def copy(self) -> Any:
        """The same schedule on a stand-in for the optimizer, which has its groups' settings and no parameters."""
        stand_in = copy.copy(self.optimizer)
        groups = self.optimizer.param_groups
        stand_in.param_groups = [Group(g.owner, {k: x for k, x in g.items() if k != "params"}) for g in groups]
        stand_in.stepped = True
        return copy.deepcopy(self, {id(self.optimizer): stand_in})

    def plot(self, steps: int, ax: Any = None) -> Any:
        """Draw the learning rates of `steps` epochs with matplotlib; the axes, on which more can be drawn."""
        return draw(self.preview(steps), type(self).__name__, self.last_epoch, ax)

    # State

    def state_dict(self) -> dict[str, ndarray]:
        """Its numbers as arrays by name, settings included: what `numpy.savez` takes. Functions are left out.

        Save the optimizer's state, too: the learning rates are there.
        """
        return {name: np.array(x) for name, x in vars(self).items() if name[0] != "_" and _is_numbers(x)}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on where another schedule of the same kind stopped. All or nothing.

        Make schedule and optimizer first and load both states then, because making a schedule sets the rates.

        Errors: StateError, listing what is missing, what there is no place for, and shapes that differ.
        """
        own = LRScheduler.state_dict(self)
        given = {str(name): np.asarray(x) for name, x in state_dict.items()}
        problems = [f"{name} is missing" for name in own if name not in given]
        problems += [f"there is no place for {name}" for name in given if name not in own]
        problems += [
            f"{name} has shape {x.shape} and dtype {x.dtype}; here it must have {own[name].shape}"
            for name, x in given.items()
            if name in own and (x.shape != own[name].shape or x.dtype.kind not in "fiub")
        ]
        if problems:
            listed = "\n  ".join(problems)
            raise StateError(f"the state does not fit this {type(self).__name__}, left as it was:\n  {listed}")
        for name, x in given.items():
            setattr(self, name, x.tolist())


def draw(rates: ndarray, title: str, first: int, ax: Any) -> Any:
    """Learning rates over epochs."""
    if ax is None:
        import matplotlib.pyplot as plt

        _, ax = plt.subplots()
    ax.plot(np.arange(first, first + len(rates)), rates)
    ax.set(xlabel="epoch", ylabel="learning rate", title=title)
    ax.set_ylim(bottom=0)
    return ax


def listed(owner: str, name: str, x: Any, optimizer: Optimizer) -> list[Any]:
    """A setting for each group: a list of as many, or one for all."""
    groups = len(optimizer.param_groups)
    if not isinstance(x, list | tuple):
        return [x] * groups
    if len(x) != groups:
        raise ValueError(f"{owner}: {name} has {len(x)} entries, and the optimizer has {groups} groups.")
    return list(x)


def _optimizer(scheduler: Any, optimizer: Any) -> Optimizer:
    if not isinstance(optimizer, Optimizer):
        raise OperandError(f"{type(scheduler).__name__} takes an optimizer of nn.optim, and got {optimizer!r:.80}.")
    return optimizer


def _rows(rates: list[list[float]]) -> ndarray:
    array = np.array(rates)
    return array[:, 0] if array.shape[1] == 1 else array


def _is_numbers(x: Any) -> bool:
    return all(isinstance(part, float | int) for part in (x if isinstance(x, list) else [x]))
