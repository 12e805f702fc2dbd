"""Checkpoint: a file from which a training goes on, to the same weights, bit for bit."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from nn.storage import load, save
from nn.training.callback import Callback
from nn.training.state import pack, unpack

if TYPE_CHECKING:
    from nn.training.trainer import Trainer

__all__ = ["Checkpoint"]


class Checkpoint(Callback):
    """Save all that a training consists of, after every `every`-th epoch, and every `every_steps`-th step if given.

    That is: model, optimizer, scheduler, random generators, the place in the data, history, metrics, callbacks. The
    ending of `path` says how it is written, `.npz` or `.safetensors`; never pickle. A new file takes the place of the
    old one when it is complete, so whatever happens, a power cut included, there is a good one.

    With `resume=True` and a file that is there, the training goes on from it: begun with the same arguments, it comes
    to the same weights as if it had never been interrupted. What you draw yourself, by generators of your own,
    is not known here: draw from `nn`'s. `epochs` may be raised, to train on.

    `best` is the path of a second file, of the weights of the best epoch alone: `nn.load(best, model)`.

    >>> import nn, numpy as np, pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "run.npz"
    >>> x = np.linspace(0, 1, 32, dtype=np.float32).reshape(-1, 1)
    >>> def train(epochs):
    ...     nn.manual_seed(0)
    ...     model = nn.Sequential(nn.Linear(1, 8), nn.Tanh(), nn.Dropout(0.1), nn.Linear(8, 1))
    ...     nn.fit(model, nn.MSELoss(), (x, x ** 2), epochs=epochs, callbacks=[nn.Checkpoint(path, resume=True)],
    ...            progress=False)
    ...     return model[0].weight.data
    >>> _ = train(3)
    >>> in_two_parts = train(6)
    >>> path.unlink()
    >>> bool((in_two_parts == train(6)).all())
    True

    Errors: StateError when the file does not fit the training, OSError.
    """

    last = True

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        every: int = 1,
        every_steps: int | None = None,
        resume: bool = False,
        best: str | os.PathLike[str] | None = None,
    ) -> None:
        if every < 1 or (every_steps is not None and every_steps < 1):
            raise ValueError(f"Checkpoint: every={every} and every_steps={every_steps} must be at least 1.")
        self.path = Path(path)
        self.every = every
        self.every_steps = every_steps
        self.resume = resume
        self.best = None if best is None else Path(best)

    def on_begin(self, trainer: Trainer) -> None:
        """Go on from the file, if it is there and asked for."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        for beside in self.path.parent.glob(f".{self.path.name}.*"):
            if re.fullmatch(r"[0-9a-f]{8}", beside.name.rpartition(".")[2]):  # what one that was killed left behind
                beside.unlink(missing_ok=True)
        if self.resume and self.path.exists():
            trainer.load_state_dict(unpack(load(self.path)))

    def on_step_end(self, trainer: Trainer) -> None:
        """Save, if it is time."""
        if self.every_steps and trainer.total_steps % self.every_steps == 0:
            self.save(trainer)

    def on_epoch_end(self, trainer: Trainer) -> None:
        """Save, if it is time or the end."""
        done = trainer.epoch == trainer.epochs or trainer.history.stopped
        if trainer.epoch % self.every == 0 or done:
            self.save(trainer)
        if self.best is not None and trainer.improved:
            save(trainer.model, self.best)

    def save(self, trainer: Trainer) -> None:
        """Write the file."""
        save(pack(trainer.state_dict()), self.path)
