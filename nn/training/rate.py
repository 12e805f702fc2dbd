"""LearningRateMonitor: the learning rate as a column of the history."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from nn.training.callback import Callback

if TYPE_CHECKING:
    from nn.training.trainer import Trainer

__all__ = ["LearningRateMonitor"]


class LearningRateMonitor(Callback):
    """Note the learning rate of each epoch, as it was at the end, in the history: `lr`, or `lr_0`, `lr_1` of groups.

    `steps` has that of every step, in its first group.

    >>> import nn, numpy as np
    >>> x = np.ones((4, 1), np.float32)
    >>> halved = lambda optimizer: nn.optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.5)
    >>> history = nn.fit(nn.Linear(1, 1), nn.MSELoss(), (x, x), epochs=3, lr=0.4, scheduler=halved,
    ...                  callbacks=[nn.LearningRateMonitor()], progress=False)
    >>> history["lr"]
    [0.4, 0.2, 0.1]
    """

    states: ClassVar[tuple[str, ...]] = ("steps",)

    def on_begin(self, trainer: Trainer) -> None:
        """No steps yet."""
        self.steps: list[float] = []

    def on_step_end(self, trainer: Trainer) -> None:
        """Note the rate that the step was made with."""
        self.steps.append(float(trainer.rates[0]))

    def on_epoch_end(self, trainer: Trainer) -> None:
        """Write them down."""
        names = ["lr"] if len(trainer.rates) == 1 else [f"lr_{i}" for i in range(len(trainer.rates))]
        trainer.history[-1].update(zip(names, trainer.rates, strict=True))
