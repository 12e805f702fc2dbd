"""TensorBoard: the curves of a training for the program of that name."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING

from nn.training.callback import Callback
from nn.training.event import EventFile

if TYPE_CHECKING:
    from nn.training.trainer import Trainer

__all__ = ["TensorBoard"]


class TensorBoard(Callback):
    """Write event files into `directory`: the figures of each epoch, and every `every_steps` steps the loss.

    Look at them with `tensorboard --logdir directory`; nothing need be installed to write them. Figures of training and
    validation stand as `loss/train` and `loss/validation` in one chart, those of steps as `step/loss` and `step/lr`.
    """

    def __init__(self, directory: str | os.PathLike[str], *, every_steps: int | None = None) -> None:
        if every_steps is not None and every_steps < 1:
            raise ValueError(f"TensorBoard: every_steps must be at least 1, and is {every_steps}.")
        self.directory = directory
        self.every_steps = every_steps

    def on_begin(self, trainer: Trainer) -> None:
        """Open a file."""
        self._events = EventFile(self.directory)

    def on_step_end(self, trainer: Trainer) -> None:
        """Note the loss of a step, now and then."""
        if self.every_steps and trainer.total_steps % self.every_steps == 0:
            figures = {"step/loss": trainer.loss_now, "step/lr": trainer.rates[0]}
            if not math.isnan(trainer.norm_now):
                figures["step/gradient norm"] = trainer.norm_now
            self._events.write(figures, trainer.total_steps)

    def on_epoch_end(self, trainer: Trainer) -> None:
        """Note the figures of the epoch."""
        row = trainer.history[-1]
        figures = {_tag(name): float(x) for name, x in row.items() if name != "epoch"}
        self._events.write(figures, trainer.epoch)

    def on_end(self, trainer: Trainer) -> None:
        """Close the file."""
        self._events.close()


def _tag(name: str) -> str:
    return f"{name.removeprefix('val_')}/validation" if name.startswith("val_") else f"{name}/train"
