"""GradientHealth: looks a model over while it is trained, and says what ails its gradients and what helps."""

from __future__ import annotations

import warnings
from collections import deque
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy import ndarray

from autograd import annotate, diagnose
from nn.random import drawing_from
from nn.training.batch import size_of
from nn.training.callback import Callback

if TYPE_CHECKING:
    from nn.training.trainer import Trainer

__all__ = ["GradientHealth", "GradientWarning"]

ROWS = 512  # examples that are looked at: those that came last


class GradientWarning(UserWarning):
    """Gradients with which a model hardly learns."""


class GradientHealth(Callback):
    """Warn of vanishing and exploding gradients, of dead and saturated units, each once, and say what helps.

    After every `every`-th epoch `autograd.diagnose` looks at one forward and backward pass over the last examples, up
    to 512. `checkup` is what it has found, a table of the layers; `findings` are those that were warned of. The
    training itself is not changed by it, dropout and running means included.

    >>> import nn, numpy as np, warnings
    >>> nn.manual_seed(0)
    >>> model = nn.models.MLP(4, *[8] * 12, 2, activation=nn.Sigmoid)
    >>> x = np.random.default_rng(0).normal(size=(64, 4)).astype(np.float32)
    >>> health = nn.GradientHealth()
    >>> with warnings.catch_warnings(action="ignore"):
    ...     history = nn.fit(model, nn.CrossEntropyLoss(), (x, (x[:, 0] > 0) * 1), callbacks=[health], progress=False)
    >>> health.findings[0].splitlines()[0]
    'vanishing gradient in 0 … 14 after epoch 1: the gradient of layer 0 is 10^10 times smaller than ...'
    """

    states: ClassVar[tuple[str, ...]] = ("findings", "told")

    def __init__(self, *, every: int = 1) -> None:
        if every < 1:
            raise ValueError(f"GradientHealth: every must be at least 1, and is {every}.")
        self.every = every

    def on_begin(self, trainer: Trainer) -> None:
        """Nothing has been found yet."""
        self.checkup: Any = None
        self.findings: list[str] = []
        self.told: list[str] = []
        self._batches: deque[Any] = deque()

    def on_step_end(self, trainer: Trainer) -> None:
        """Remember the last batches."""
        self._batches.extend(trainer.batches)
        while sum(map(size_of, self._batches)) - size_of(self._batches[0]) >= ROWS:
            self._batches.popleft()

    def on_epoch_end(self, trainer: Trainer) -> None:
        """Look the model over, and warn of what is new."""
        if trainer.epoch % self.every or not self._batches:
            return
        self.checkup = self._looked_over(trainer)
        for finding in self.checkup:
            name = f"{finding.kind} in {finding.layer}"
            if finding.severity != "note" and name not in self.told:
                self.told.append(name)
                text = f"{name} after epoch {trainer.epoch}: {finding.measured}"
                self.findings.append(f"{text}\n  Why: {finding.why}\n  What to do: {finding.advice}")
                warnings.warn(self.findings[-1], GradientWarning, stacklevel=2)

    def _looked_over(self, trainer: Trainer) -> Any:
        model = trainer.model
        buffers = [(buffer, buffer.copy()) for buffer in model.buffers()]
        model.train()
        try:
            with drawing_from(np.random.default_rng(0)), annotate():
                loss = trainer.goal(_joined([*self._batches]))
            return diagnose(loss, model=model)
        finally:
            for buffer, before in buffers:
                buffer[...] = before


def _joined(batches: list[Any]) -> Any:
    """Batches as one, where they are tuples of arrays; otherwise the last one."""
    if not all(isinstance(batch, tuple) and all(isinstance(part, ndarray) for part in batch) for batch in batches):
        return batches[-1]
    if len({tuple(part.shape[1:] for part in batch) for batch in batches}) > 1:
        return batches[-1]
    return tuple(np.concatenate(parts) for parts in zip(*batches, strict=True))
