"""Callback: what is called at the turning points of a training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from autograd import OperandError

if TYPE_CHECKING:
    from nn.training.trainer import Trainer

__all__ = ["Callback"]


class Callback:
    """The parent of all callbacks: a subclass defines what it wants to be told of.

    Each method gets the trainer, and may read and change what it knows: `model`, `optimizer`, `scheduler`, `history`
    (whose last row is that of the epoch which has just ended), `epoch` (how many have ended), `steps` (how many in
    all), `loss_now` (of the last step). `trainer.stop("why")` ends the training after this epoch.

    A plain function is a callback as well: it is called with the trainer after each epoch.

    >>> import nn, numpy as np
    >>> class Patience(nn.Callback):
    ...     def on_epoch_end(self, trainer):
    ...         if trainer.history[-1]["loss"] < 0.5:
    ...             trainer.stop("it is good enough")
    >>> nn.manual_seed(0)
    >>> x = np.ones((8, 1), np.float32)
    >>> history = nn.fit(nn.Linear(1, 1), nn.MSELoss(), (x, 3 * x), epochs=99, lr=0.1, callbacks=[Patience()],
    ...                  progress=False)
    >>> len(history) < 99, history.stopped
    (True, 'it is good enough')
    """

    states: ClassVar[tuple[str, ...]] = ()  # attributes that a checkpoint keeps: numbers, words, arrays, lists, dicts
    last: ClassVar[bool] = False  # whether it is called when all others have been, as those that save must be

    def on_begin(self, trainer: Trainer) -> None:
        """Before the first epoch."""

    def on_epoch_begin(self, trainer: Trainer) -> None:
        """Before each epoch."""

    def on_step_end(self, trainer: Trainer) -> None:
        """After each step of the optimizer."""

    def on_epoch_end(self, trainer: Trainer) -> None:
        """After each epoch, with its row in the history."""

    def on_end(self, trainer: Trainer) -> None:
        """After the last epoch, and also when the training breaks off."""

    def state_dict(self) -> dict[str, Any]:
        """What it must know to go on, by name."""
        return {name: getattr(self, name) for name in self.states}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on where another one stopped."""
        for name in self.states:
            setattr(self, name, state_dict[name])


class _Function(Callback):
    """A function, called after each epoch."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self.function = function

    def on_epoch_end(self, trainer: Trainer) -> None:
        """Call it."""
        self.function(trainer)


def callback(thing: Any) -> Callback:
    """A callback as it is given to fit. Errors: OperandError."""
    if isinstance(thing, type) and issubclass(thing, Callback):
        raise OperandError(f"callbacks are made with parentheses: {thing.__name__}().")
    if isinstance(thing, Callback):
        return thing
    if callable(thing):
        return _Function(thing)
    raise OperandError(f"a callback is a nn.Callback or a function of the trainer, and not {thing!r:.80}.")
