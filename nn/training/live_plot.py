"""LivePlot: the curves of a training, drawn while it goes on."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nn.training.callback import Callback

if TYPE_CHECKING:
    from nn.training.trainer import Trainer

__all__ = ["LivePlot"]


class LivePlot(Callback):
    """Show `History.plot` below the cell of a notebook and renew it as the training goes on, at most once a second.

    Elsewhere the picture is written to `path`, if one is given: an image viewer that looks again shows it growing.
    Needs matplotlib.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None, *, seconds: float = 1.0) -> None:
        self.path = None if path is None else Path(path)
        self.seconds = seconds

    def on_begin(self, trainer: Trainer) -> None:
        """Nothing is shown yet."""
        import matplotlib.pyplot  # noqa: F401  # so that one who lacks it is told now, and not after an epoch

        self._handle: Any = None
        self._next = 0.0

    def on_epoch_end(self, trainer: Trainer) -> None:
        """Draw, if the last picture is old enough."""
        if time.perf_counter() >= self._next:
            self._show(trainer)
            self._next = time.perf_counter() + self.seconds

    def on_end(self, trainer: Trainer) -> None:
        """Draw all."""
        if len(trainer.history):
            self._show(trainer)

    def _show(self, trainer: Trainer) -> None:
        shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
        if shell is None and self.path is None:
            return
        import matplotlib.pyplot as plt

        axes = trainer.history.plot()
        figure = getattr(axes, "figure", None) or axes[0].figure
        figure.tight_layout()
        plt.close(figure)  # it is shown here, and not once more at the end of the cell
        if self.path is not None:
            figure.savefig(self.path)
        if shell is not None:
            from IPython.display import display

            if self._handle is None:
                self._handle = display(figure, display_id=True)  # type: ignore[no-untyped-call]
            else:
                self._handle.update(figure)
