"""Progress: a bar while a model is trained, in a terminal or notebook; in a file, a line after each epoch."""

from __future__ import annotations

import sys
import time
from importlib.util import find_spec
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

from nn.training.callback import Callback
from nn.training.history import short

if TYPE_CHECKING:
    from nn.training.trainer import Trainer

__all__ = ["Progress"]

EVERY = 0.1  # seconds between two looks


class Progress(Callback):
    """How far a training is: tqdm's bar if it is installed, else a line that is written anew."""

    def on_begin(self, trainer: Trainer) -> None:
        """Show an empty bar."""
        self._live = _in_notebook() or sys.stderr.isatty()
        self._bar = _tqdm(trainer) if self._live else None
        self._next = time.perf_counter() + EVERY
        self._width = 0

    def on_step_end(self, trainer: Trainer) -> None:
        """Show how far it is, now and then."""
        if self._live and time.perf_counter() >= self._next:
            self._show(trainer)
            self._next = time.perf_counter() + EVERY

    def on_epoch_end(self, trainer: Trainer) -> None:
        """Show the figures of the epoch."""
        if self._live:
            self._show(trainer)
        else:
            print(f"epoch {trainer.epoch}/{trainer.epochs}  {_figures(trainer)}", file=sys.stderr)

    def on_end(self, trainer: Trainer) -> None:
        """Leave the last state behind, and say why it ended early."""
        if self._live:
            self._show(trainer)
        if self._bar is not None:
            self._bar.close()
        elif self._live:
            print(file=sys.stderr)
        history = trainer.history
        if history.interrupted:
            kept = f"the weights are those of epoch {history.best['epoch']}" if len(history) else "no epoch had ended"
            print(f"Interrupted: {kept}.", file=sys.stderr)
        elif history.stopped:
            print(f"Stopped early: {history.stopped}.", file=sys.stderr)

    def _show(self, trainer: Trainer) -> None:
        epoch = min(trainer.epoch + (trainer.step > 0), trainer.epochs)
        head = f"epoch {epoch}/{trainer.epochs}"
        if self._bar is not None:
            self._bar.set_description(head, refresh=False)
            self._bar.set_postfix_str(_figures(trainer), refresh=False)
            self._bar.update(_done(trainer) - self._bar.n)
            self._bar.refresh()
            return
        share = _done(trainer) / (_all(trainer) or 1)
        bar = f"{'━' * round(20 * share):·<20}" if _all(trainer) else f"step {trainer.step}"
        line = f"{head} {bar} {_figures(trainer)}"[: get_terminal_size().columns - 1]
        sys.stderr.write(f"\r{line.ljust(self._width)}")
        sys.stderr.flush()
        self._width = len(line)


def _done(trainer: Trainer) -> int:
    return trainer.epoch * trainer.steps + trainer.step if trainer.steps else trainer.total_steps


def _all(trainer: Trainer) -> int | None:
    return trainer.epochs * trainer.steps if trainer.steps else None


def _figures(trainer: Trainer) -> str:
    """Those of the last epoch; within an epoch its loss so far, and the last validation."""
    row = trainer.history[-1] if len(trainer.history) else {}
    figures = {name: x for name, x in row.items() if name != "epoch"}
    if trainer.step and trainer.count:
        figures = {"loss": trainer.total / trainer.count, **{n: x for n, x in figures.items() if "val_" in n}}
    return "  ".join(f"{name} {short(x)}" for name, x in figures.items())


def _tqdm(trainer: Trainer) -> Any:
    if find_spec("tqdm") is None:
        return None
    if _in_notebook() and find_spec("ipywidgets"):
        from tqdm.notebook import tqdm
    else:
        from tqdm import tqdm
    return tqdm(total=_all(trainer), unit="step", dynamic_ncols=True)


def _in_notebook() -> bool:
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return type(shell).__name__ == "ZMQInteractiveShell"
