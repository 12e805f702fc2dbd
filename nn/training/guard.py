"""Guard: sees numbers that are none before they spoil the model, and says where they came from.

It keeps what a step began with, so that the step can be taken back and done again, slowly and under observation.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import AutogradError, GradientError, Node, detect_anomaly, no_grad
from nn.optim import Optimizer
from nn.random import generator
from nn.training.objective import Objective

__all__ = ["TrainingError"]


class TrainingError(GradientError, ArithmeticError):
    """A training that cannot go on, because the loss or the parameters are no numbers any more."""


class Guard:
    """Around each step: `keep()` before it, `sound()` after it, and `blame()` when something is wrong.

    Costs one copy of the parameters and one product over them.
    """

    def __init__(self, optimizer: Optimizer) -> None:
        flats = [flat for _, flat in optimizer.flats]
        self._arrays = [flat.data for flat in flats if isinstance(flat.parameters[0].data, ndarray)]
        self._numbers = [p for flat in flats for p in flat.parameters if not isinstance(p.data, ndarray)]
        self._before = [np.empty_like(x) for x in self._arrays]
        self._random: Any = None

    def keep(self) -> None:
        """Remember the parameters and the random generator."""
        for x, before in zip(self._arrays, self._before):
            before[...] = x
        self._random = generator().bit_generator.state

    def sound(self) -> bool:
        """Whether all parameters are numbers."""
        for x in self._arrays:
            if not math.isfinite(np.dot(x, x)) and not np.isfinite(x).all():
                return False
        return all(math.isfinite(p.data) for p in self._numbers)

    def take_back(self) -> None:
        """The parameters as they were before the step."""
        for x, before in zip(self._arrays, self._before):
            x[...] = before

    def blame(self, goal: Objective, batch: Any, what: str, where: str) -> TrainingError:
        """The error that says what went wrong in a batch: the step is done again under `detect_anomaly`."""
        self.take_back()
        generator().bit_generator.state = self._random
        found = _in_data(batch) or _in_model(goal) or self._watched(goal, batch)
        return TrainingError(f"{what} in {where}, and the training stops there; the model is as before.\n  {found}")

    def _watched(self, goal: Objective, batch: Any) -> str:
        goal.model.zero_grad()
        with np.errstate(all="ignore"):
            try:
                with detect_anomaly():
                    value = goal(batch)
                    number = goal.number(value)
                    goal.root(value).backward()
            except (AutogradError, ArithmeticError) as error:
                return "\n  ".join(str(error).splitlines())
        if not math.isfinite(number):
            return f"Nothing but the last operation, {value.operation}, made it {number}. {ADVICE}"
        for name, p in goal.model.named_parameters():
            if p.grad is not None and not np.isfinite(_plain(p.grad)).all():
                return f"The loss is {number:.4g}, and the gradient of {name} is not finite. {ADVICE}"
        return f"The loss is {number:.4g} and its gradients are finite: the step was too long for them. {ADVICE}"


ADVICE = "Try a smaller lr, or clip_norm=1.0; scale the inputs."


def _in_data(batch: Any) -> str:
    parts = batch if isinstance(batch, tuple | list) else [batch]
    for i, part in enumerate(parts):
        array = np.asarray(_plain(part)) if isinstance(part, ndarray | Node) else np.zeros(0)
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            wrong = np.argwhere(~np.isfinite(array))
            who = "The target" if len(parts) > 1 and i == len(parts) - 1 else "The input"
            at = ", ".join(map(str, wrong[0]))
            return (
                f"{who} has {len(wrong)} elements that are no finite numbers, the first at [{at}] of this batch: "
                f"{array[tuple(wrong[0])]}. Clean the data: np.isfinite(x).all() tells."
            )
    return ""


def _in_model(goal: Objective) -> str:
    with no_grad():
        for name, thing in [*goal.model.named_parameters(), *goal.model.named_buffers()]:
            if not np.isfinite(_plain(thing)).all():
                return f"{name} was not finite before this step. Was it so from the beginning?"
    return ""


def _plain(x: Any) -> Any:
    return x.data if isinstance(x, Node) else x
