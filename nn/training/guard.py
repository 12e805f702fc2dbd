"""Guard: sees numbers that are none before they spoil the model, and says where they came from.

It keeps what a step began with, so that the step can be taken back and done again, slowly and under observation.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import AutogradError, GradientError, Node, detect_anomaly
from nn.random import generator
from nn.training.objective import Objective
from nn.training.snapshot import Snapshot

__all__ = ["TrainingError"]

_Step = tuple[list[Any], Any, int]  # its batches, where the random generator was, and its number


class TrainingError(GradientError, ArithmeticError):
    """A training that cannot go on, because the loss or the parameters are no numbers any more.

    `report` is the error of `autograd.detect_anomaly`, if that has found where it began; it can draw the place.
    """

    report: Exception | None = None

    def picture(self) -> Any:
        """The part of the graph where it began, drawn. Errors: GradientError when that is not known."""
        return self._reported("picture")

    def script(self) -> Any:
        """A short program that shows the same. Errors: GradientError when that is not known."""
        return self._reported("script")

    def _reported(self, name: str) -> Any:
        if not hasattr(self.report, name):
            raise GradientError("this error is not about an operation, so there is nothing to draw: read what it says.")
        return getattr(self.report, name)()


class Guard:
    """Around each step: `begin(batches)`, then, if the loss is finite, `keep()`, and the step of the optimizer.

    When a loss is not finite, `blame()` finds out whether it is this step's, or whether the one before has spoilt the
    parameters. Costs one copy of the parameters a step.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._arrays, self._numbers = snapshot.arrays, snapshot.values
        self._kept = [x.copy() for x in self._arrays]
        self._now: _Step = ([], {}, 0)
        self._before = self._now
        self._moved = False
        self._draws = True  # whether the model draws random numbers
        self._report: Exception | None = None

    def begin(self, batches: list[Any], step: int) -> None:
        """Step number `step` of an epoch begins with these batches, and with the random generator as it is.

        Where a first step has drawn nothing, the generator is not asked again until the next epoch.
        """
        if step == 1:
            self._draws = True
        self._before = self._now
        self._now = batches, generator().bit_generator.state if self._draws else None, step
        self._moved = False

    def keep(self) -> None:
        """The parameters are about to be moved: remember them."""
        for x, kept in zip(self._arrays, self._kept):
            kept[...] = x
        self._moved = True
        if self._draws and self._now[2] == 1:
            self._draws = str(generator().bit_generator.state) != str(self._now[1])

    def sound(self) -> bool:
        """Whether all parameters are numbers."""
        finite = all(np.isfinite(x).all() for x in self._arrays)
        return finite and all(math.isfinite(p.data) for p in self._numbers)

    def blame(self, goal: Objective, loss: float, epoch: int) -> TrainingError:
        """The error that says what went wrong: the step is taken back, and done again under `detect_anomaly`.

        If the parameters are spoilt, the last step that moved them did it, and the loss is only where it shows.
        """
        spoilt = not self.sound()
        batches, random, step = self._before if spoilt and not self._moved else self._now
        if spoilt:
            for x, kept in zip(self._arrays, self._kept):
                x[...] = kept
        found = next(filter(None, map(_in_data, batches)), "") or _in_model(goal)
        if not found:
            if random is not None:
                generator().bit_generator.state = random
            found = next(filter(None, (self._watched(goal, batch) for batch in batches)), TOO_LONG)
        found = f"{_grown(goal)}{found}"
        what = "A parameter became infinite or NaN" if spoilt else f"The loss became {loss}"
        where = f"in step {step} of epoch {epoch}"
        buffers = [name for name, buffer in goal.model.named_buffers() if not np.isfinite(buffer).all()]
        if buffers:
            found += f"\n  But {', '.join(buffers[:5])} took it in: make the model anew, or load its state."
        error = TrainingError(f"{what} {where}, and the training stops; the parameters are as before.\n  {found}")
        error.report = self._report
        return error

    def _watched(self, goal: Objective, batch: Any) -> str:
        """What `detect_anomaly` says of the step, or what is to be seen without it; nothing when all is finite."""
        goal.model.zero_grad()
        with np.errstate(all="ignore"):
            try:
                with detect_anomaly():
                    value = goal(batch)
                    goal.root(value).backward()
            except (AutogradError, ArithmeticError) as error:
                self._report = error
                return "\n  ".join(line.rstrip() for line in str(error).splitlines()) + f"\n  In a training: {ADVICE}"
        if not math.isfinite(goal.number(value)):
            return f"Its last operation is {value.operation}. {ADVICE}"
        for name, p in goal.model.named_parameters():
            if p.grad is not None and not np.isfinite(_plain(p.grad)).all():
                return f"The loss is {goal.number(value):.4g}, and the gradient of {name} is not finite. {ADVICE}"
        return ""


ADVICE = "Try a smaller lr, or clip_norm=1.0; scale the inputs."
HUGE = 1e8  # parameters beyond this have been thrown there
TOO_LONG = f"The loss and its gradients were finite: the step was too long. {ADVICE}"


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
    for name, p in goal.model.named_parameters():
        if not np.isfinite(_plain(p)).all():
            return f"{name} was not finite before this step. Was it so from the beginning?"
    return ""


def _grown(goal: Objective) -> str:
    """What is to be said before all else, where the parameters are far from anything that a model needs."""
    sizes = {name: float(np.max(np.abs(_plain(p)), initial=0)) for name, p in goal.model.named_parameters()}
    name = max(sizes, key=sizes.__getitem__, default="")
    if not name or not HUGE < sizes[name] < math.inf:
        return ""
    return f"{name} has grown to {sizes[name]:.1e}: the steps are too long. {ADVICE}\n  "


def _plain(x: Any) -> Any:
    return x.data if isinstance(x, Node) else x
