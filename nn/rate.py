"""The learning-rate range test: how do I choose a learning rate? Train a little with each, and look at the loss."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import OperandError
from nn.module import Module
from nn.optim import Adam, Optimizer
from nn.random import generator

__all__ = ["RangeTest", "range_test"]


def range_test(
    model: Module,
    loss: Callable[[Any, Any], Any],
    data: Iterable[tuple[Any, Any]],
    optimizer: Optimizer | None = None,
    *,
    start_lr: float = 1e-7,
    end_lr: float = 10.0,
    steps: int = 100,
    smoothing: int = 5,
    diverged: float = 4.0,
) -> RangeTest:
    """Train for up to `steps` batches, with a learning rate that grows from step to step by the same factor.

    While the rate is too small the loss stays; then it falls, and where the rate is too large, it explodes (Smith,
    2017). It ends early when the loss is more than `diverged` times the lowest. The losses are smoothed by the median
    of so many neighbours (`smoothing`, an odd number). `data` are pairs of input and target,
    a list or whatever else can be gone through; when they are used up it begins anew, if that is possible. `loss` is
    called with output and target. The optimizer, Adam unless given, is the one that the rate is meant for: each has
    rates of its own.

    Afterwards model, optimizer, gradients and the random generator are as they were.

    >>> import nn, numpy as np
    >>> nn.manual_seed(0)
    >>> x = np.random.default_rng(0).normal(size=(64, 4)).astype(np.float32)
    >>> model = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 1))
    >>> found = nn.range_test(model, nn.MSELoss(), [(x, x[:, :1])])
    >>> 1e-3 < found.suggestion < 1
    True
    """
    if not 0 < start_lr < end_lr < math.inf:
        raise ValueError(
            f"range_test: start_lr must be above 0 and below end_lr, and they are {start_lr} and {end_lr}."
        )
    if smoothing < 1 or smoothing % 2 == 0:
        raise ValueError(f"range_test: smoothing must be an odd number above 0, and is {smoothing}.")
    if steps < 3:
        raise ValueError(f"range_test: steps must be at least 3, and is {steps}.")
    optimizer = Adam(model.parameters()) if optimizer is None else optimizer
    lrs, losses = [], []
    with _put_back(model, optimizer), np.errstate(all="ignore"):
        batches = _again_and_again(data)
        for lr in np.geomspace(start_lr, end_lr, steps).tolist():
            for group in optimizer.param_groups:
                group["lr"] = lr
            optimizer.zero_grad()
            batch = next(batches, None)
            if batch is None:
                break
            if not isinstance(batch, tuple | list) or len(batch) != 2:
                raise OperandError(
                    f"range_test takes pairs of input and target, and got {batch!r:.80}.\n"
                    "  Give a list of batches: [(x, y)], if there is only one."
                )
            value = loss(model(batch[0]), batch[1])
            lrs.append(lr)
            losses.append(float(value))
            if not losses[-1] <= diverged * min(losses):
                break
            value.backward()
            optimizer.step()
    if len(losses) < 3:
        raise ValueError(
            f"range_test: the data ended after {len(losses)} batches.\n"
            "  Give a list, or something else that can be gone through again: a generator is used up."
            if batch is None
            else f"range_test: the loss exploded at once, from {losses[0]} to {losses[-1]}: give a smaller start_lr."
        )
    return RangeTest(np.array(lrs), np.array(losses), smoothing)


class RangeTest:
    """What a range test has found: `lrs` and `losses` of its steps, the `smoothed` losses, and a `suggestion`.

    At the `lowest` point of the smoothed loss the rate is too large already: a little more, and the loss goes up. The
    suggestion is a quarter of that rate; with a schedule that rises and falls, it is a good highest rate.
    """

    def __init__(self, lrs: ndarray, losses: ndarray, smoothing: int) -> None:
        self.lrs = lrs
        self.losses = losses
        half, known = smoothing // 2, np.where(np.isnan(losses), np.inf, losses)
        self.smoothed = np.array([np.median(known[max(0, i - half) : i + half + 1]) for i in range(len(losses))])

    @property
    def lowest(self) -> float:
        """The rate with the lowest smoothed loss."""
        return float(self.lrs[self.smoothed.argmin()])

    @property
    def suggestion(self) -> float:
        """A rate to train with."""
        return self.lowest / 4

    def plot(self, ax: Any = None) -> Any:
        """Draw the loss over the rate with matplotlib, and mark the suggestion; the axes."""
        if ax is None:
            import matplotlib.pyplot as plt

            _, ax = plt.subplots()
        at = self.suggestion
        ax.plot(self.lrs, self.losses, color="0.8", label="loss")
        ax.plot(self.lrs, self.smoothed, label="smoothed")
        ax.axvline(at, color="C1", linestyle="--", label=f"suggestion: {at:.2g}")
        ax.set(xscale="log", xlabel="learning rate", ylabel="loss", title="Learning-rate range test")
        ax.set_ylim(*_without_the_explosion(self.losses))
        ax.legend()
        return ax

    def __repr__(self) -> str:
        return f"RangeTest(suggestion={self.suggestion:.2g}, {len(self.lrs)} rates up to {self.lrs[-1]:.2g})"


def _without_the_explosion(losses: ndarray) -> tuple[float, float]:
    finite = losses[np.isfinite(losses)]
    low, first = float(finite.min()), float(finite[0])
    margin = 0.1 * (first - low) or 0.1
    return low - margin, max(first, float(np.median(finite))) + 3 * margin


def _again_and_again(data: Iterable[Any]) -> Iterator[Any]:
    """Batch after batch, from the beginning when they are used up; ends where there are none any more."""
    found = True
    while found:
        found = False
        for batch in data:
            found = True
            yield batch


@contextmanager
def _put_back(model: Module, optimizer: Optimizer) -> Iterator[None]:
    """Whatever happens inside, afterwards all is as before."""
    random, drawn = generator(), copy.deepcopy(generator().bit_generator.state)
    numbers = model.state_dict()
    settings = [dict(group) for group in optimizer.param_groups]
    memory = optimizer.state_dict()
    grads = [p.grad for p in optimizer.parameters]
    try:
        yield
    finally:
        model.load_state_dict(numbers)
        optimizer.load_state_dict(memory)
        for group, old in zip(optimizer.param_groups, settings, strict=True):
            group.update(old)
        for p, grad in zip(optimizer.parameters, grads, strict=True):
            p.grad = grad
        random.bit_generator.state = drawn
