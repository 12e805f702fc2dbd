"""EarlyStopping: an end to a training that does not get better any more."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

from autograd import OperandError
from nn.training.callback import Callback

if TYPE_CHECKING:
    from nn.training.trainer import Trainer

__all__ = ["EarlyStopping"]


class EarlyStopping(Callback):
    """Stop when a figure has not got better for `patience` epochs, by more than `min_delta`.

    `monitor` is a column of the history; otherwise the validation's loss is watched, or the loss. `mode` says whether
    smaller ("min") or larger ("max") is better; it need be said only of figures that the training does not know.
    Then, with `restore_best_weights`, the model gets the weights back that it had after its best epoch (Prechelt, 1998,
    on when to stop).

    >>> import nn, numpy as np
    >>> nn.manual_seed(0)
    >>> x = np.linspace(0, 1, 32, dtype=np.float32).reshape(-1, 1)
    >>> stop = nn.EarlyStopping(patience=3, min_delta=1e-3)
    >>> history = nn.fit(nn.Linear(1, 1), nn.MSELoss(), (x, x), epochs=1000, lr=0.05, callbacks=[stop], progress=False)
    >>> len(history) < 200
    True
    """

    states: ClassVar[tuple[str, ...]] = ("best", "waited", "best_epoch", "weights")

    def __init__(
        self,
        monitor: str | None = None,
        *,
        patience: int = 5,
        min_delta: float = 0.0,
        mode: str | None = None,
        restore_best_weights: bool = True,
    ) -> None:
        if mode not in (None, "min", "max"):
            raise ValueError(f'EarlyStopping: mode is "min" or "max", and not {mode!r}.')
        if patience < 0 or min_delta < 0:
            raise ValueError(f"EarlyStopping: patience={patience} and min_delta={min_delta} cannot be negative.")
        self.monitor = monitor
        self.patience = patience
        self.min_delta = min_delta
        self.mode = mode
        self.restore_best_weights = restore_best_weights

    def on_begin(self, trainer: Trainer) -> None:
        """Nothing has been seen yet."""
        self.best: float | None = None
        self.best_epoch = self.waited = 0
        self.weights: dict[str, Any] | None = None

    def on_epoch_end(self, trainer: Trainer) -> None:
        """Look whether it has got better."""
        monitor = self.monitor or trainer.history.monitor
        row = trainer.history[-1]
        if monitor not in row:
            raise OperandError(f"EarlyStopping watches {monitor!r}, and an epoch has {', '.join(row)}.")
        sign = -1.0 if self._wants_more(trainer, monitor) else 1.0
        now = sign * row[monitor]
        if self.best is None or math.isnan(self.best) or now < self.best - self.min_delta:
            self.best, self.best_epoch, self.waited = now, trainer.epoch, 0
            if self.restore_best_weights:
                self.weights = trainer.model.state_dict()
            return
        self.waited += 1
        if self.waited >= max(self.patience, 1):
            what = f"{monitor} has not got better than {sign * self.best:.4g} for {self.waited} epochs"
            trainer.stop(f"{what}; the best one was {self.best_epoch}")
            if self.weights is not None:
                trainer.model.load_state_dict(self.weights)

    def _wants_more(self, trainer: Trainer, monitor: str) -> bool:
        if self.mode is not None:
            return self.mode == "max"
        metric = trainer.goal.metrics.get(monitor.removeprefix("val_"))
        return metric is not None and metric.higher_is_better
