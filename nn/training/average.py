"""ModelEMA: the running mean of a model's weights, which is what is validated and kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nn.ema import ExponentialMovingAverage
from nn.training.callback import Callback

if TYPE_CHECKING:
    from nn.training.trainer import Trainer

__all__ = ["ModelEMA"]


class ModelEMA(Callback):
    """Average the weights over the steps of a training, and give the model the average at the end.

    See `nn.ExponentialMovingAverage` for `decay`, `warm_up` and `use_buffers`. The average itself is in `average`, and
    its loss and metrics on the validation data in the history, as `ema_val_loss` and so on.

    >>> import nn, numpy as np
    >>> nn.manual_seed(0)
    >>> x = np.linspace(0, 1, 64, dtype=np.float32).reshape(-1, 1)
    >>> ema = nn.ModelEMA(decay=0.9)
    >>> history = nn.fit(nn.Linear(1, 1), nn.MSELoss(), (x, x), epochs=3, validation=0.25, callbacks=[ema],
    ...                  progress=False)
    >>> history.names
    ['epoch', 'loss', 'val_loss', 'ema_val_loss']
    """

    def __init__(self, decay: float = 0.999, *, warm_up: bool = True, use_buffers: bool = False) -> None:
        self.settings = decay, warm_up, use_buffers
        self.average: ExponentialMovingAverage

    def on_begin(self, trainer: Trainer) -> None:
        """The average begins as a copy of the model."""
        self.average = ExponentialMovingAverage(trainer.model, *self.settings)

    def on_step_end(self, trainer: Trainer) -> None:
        """Take the model's weights in."""
        self.average.update_parameters(trainer.model)

    def on_epoch_end(self, trainer: Trainer) -> None:
        """Measure the average as well."""
        if trainer.validation is not None:
            figures = trainer.validate(self.average.module)
            trainer.history[-1].update({f"ema_val_{name}": x for name, x in figures.items()})

    def on_end(self, trainer: Trainer) -> None:
        """Give the model the average, unless it has the weights of an epoch that was chosen."""
        if trainer.finished and not trainer.history.stopped and int(self.average.n_averaged):
            trainer.model.load_state_dict(self.average.module.state_dict())

    def state_dict(self) -> dict[str, Any]:
        """The average."""
        return dict(self.average.state_dict())

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """The average of before."""
        self.average.load_state_dict(state_dict)
