"""CSVLogger: the figures of every epoch as a file that a spreadsheet opens."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from nn.training.callback import Callback

if TYPE_CHECKING:
    from nn.training.trainer import Trainer

__all__ = ["CSVLogger"]


class CSVLogger(Callback):
    """Write the history to a file with commas after each epoch. A training that is resumed has all of its epochs there.

    The file is written anew each time, beside its place, so that whoever reads it always finds a whole one.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    def on_epoch_end(self, trainer: Trainer) -> None:
        """Write all rows."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_name(f".{self.path.name}.part")
        trainer.history.to_csv(beside)
        os.replace(beside, self.path)
