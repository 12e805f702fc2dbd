"""Compiled: the methods compile, fit, evaluate, predict and summary, as Keras has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy import ndarray

from autograd import Node, OperandError, no_grad
from nn.compiled.loss import loss as named_loss
from nn.compiled.metric import metric as named_metric
from nn.compiled.optimizer import optimizer as named_optimizer
from nn.data import ArrayDataset, Subset
from nn.embedding import Embedding
from nn.overview import summary
from nn.training.evaluate import evaluate, in_eval_mode, predict
from nn.training.fit import fit, optimizer_of
from nn.training.history import History

__all__ = ["Compiled"]


class Compiled:
    """What `nn.Sequential` and `nn.keras.Model` can do besides: train by Keras's program.

    `nn.fit` is the same for models of any kind, and takes more.
    """

    _program: tuple[Any, Any, list[Any]] | None = None  # optimizer or what makes it, loss, metrics

    def compile(self, optimizer: Any = "rmsprop", loss: Any = None, metrics: Any = None) -> None:
        """Say how to train: with which optimizer, loss and metrics, each by Keras's name or in itself.

        Names mean Keras's defaults: "adam" has a learning rate of 1e-3 and an epsilon of 1e-7. Losses such as
        "sparse_categorical_crossentropy" take probabilities; after a softmax or sigmoid they are computed from what
        went into it, and so are exact however small the probabilities (see `nn.compiled.loss`).
        """
        goal = named_loss(loss)
        if metrics is not None and not isinstance(metrics, list | tuple):
            metrics = [metrics]
        self._program = named_optimizer(optimizer), goal, [named_metric(each, goal) for each in metrics or []]

    def fit(
        self,
        x: Any,
        y: Any = None,
        batch_size: int = 32,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Sequence[Any] | None = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
    ) -> History:
        """Train on inputs and targets, or on a Dataset or DataLoader of both; a History, with Keras's `.history`.

        `validation_split` is the share that is held out, the last examples, as in Keras: data that is sorted by class
        must be shuffled before. A second call goes on with the optimizer as it is. `verbose=0` shows nothing.

        >>> import nn, numpy as np
        >>> nn.manual_seed(0)
        >>> x = np.random.default_rng(0).normal(size=(400, 2))
        >>> y = (x[:, 0] > x[:, 1]).astype(int)
        >>> model = nn.Sequential([nn.Dense(16, activation="relu"), nn.Dense(2, activation="softmax")])
        >>> model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
        >>> history = model.fit(x, y, epochs=20, validation_split=0.2, verbose=0)
        >>> history.history["val_accuracy"][-1] > 0.9
        True
        """
        optimizer, loss, metrics = self._compiled()
        data: Any = self._data(x, y)
        held_out = None if validation_data is None else self._data(*_pair(validation_data))
        if validation_split and held_out is None:
            if not isinstance(data, ArrayDataset) or not 0 < validation_split < 1:
                raise OperandError(f"validation_split={validation_split} is a share, between 0 and 1, of arrays.")
            kept = int(len(data) * (1 - validation_split))
            data, held_out = Subset(data, range(kept)), Subset(data, range(kept, len(data)))
        self.build(x)
        optimizer = optimizer_of(optimizer, self, None)  # type: ignore[arg-type]
        self._program = optimizer, loss, metrics
        return fit(
            self,  # type: ignore[arg-type]
            loss,
            data,
            epochs=epochs,
            optimizer=optimizer,
            batch_size=32 if batch_size is None else batch_size,
            shuffle=shuffle,
            validation=held_out,
            metrics=metrics,
            callbacks=callbacks or (),
            progress=bool(verbose),
        )

    def evaluate(
        self, x: Any, y: Any = None, batch_size: int = 32, verbose: Any = "auto", return_dict: bool = False
    ) -> Any:
        """The loss, and behind it the metrics, in a list; the loss alone where there are no metrics."""
        _, loss, metrics = self._compiled()
        found = evaluate(self, loss, self._data(x, y), metrics=metrics, batch_size=batch_size or 32)  # type: ignore[arg-type]
        if return_dict:
            return found
        return list(found.values()) if len(found) > 1 else found["loss"]

    def predict(self, x: Any, batch_size: int = 32, verbose: Any = "auto") -> Any:
        """What the model gives for each example, as an array, in eval mode."""
        data = self._data(x, None)
        return predict(self, data, batch_size=batch_size or 32)  # type: ignore[arg-type]

    def build(self, x: Any = None) -> Self:
        """Have the layers learn their sizes, from an input or from the `input_shape` that the first layer has."""
        first = next(iter(self.children()), None)  # type: ignore[attr-defined]
        shape = getattr(first, "input_shape", None)
        if shape:
            kind = np.int64 if self._takes_numbers() else np.float32
            self._show(np.zeros((1, *shape), kind))
        elif isinstance(x, ndarray | Node | list) and np.size(_plain(x)):
            self._show(_floats(_plain(x)[:1], self._takes_numbers()))
        return self

    def _show(self, example: ndarray) -> None:
        with in_eval_mode(self), no_grad():  # type: ignore[arg-type]
            self(example)  # type: ignore[operator]

    def summary(self) -> None:
        """Print the table of the layers, with shapes where the `input_shape` is known; see `nn.summary`."""
        self.build()
        first = next(iter(self.children()), None)  # type: ignore[attr-defined]
        shape = getattr(first, "input_shape", None)
        print(summary(self, input_size=(1, *shape) if shape else None))  # type: ignore[arg-type]
        if any(getattr(module, "in_features", 1) == 0 for module in self.modules()):  # type: ignore[attr-defined]
            print(
                "Layers without parameters learn their sizes from the first input: give input_shape to the first one."
            )

    def _compiled(self) -> tuple[Any, Any, list[Any]]:
        if self._program is None:
            raise OperandError('the model must be compiled first: model.compile(optimizer="adam", loss="mse").')
        if self._program[1] is None:
            raise OperandError('compile was not given a loss: model.compile(optimizer="adam", loss="mse").')
        return self._program

    def _takes_numbers(self) -> bool:
        """Whether its input are class numbers, which an embedding looks up."""
        modules = [module for module in self.modules() if not [*module.children()]]  # type: ignore[attr-defined]
        return bool(modules) and isinstance(modules[0], Embedding)

    def _data(self, x: Any, y: Any) -> Any:
        """Arrays as a dataset; inputs of whole numbers become floats as Keras makes them, unless they are looked up."""
        if y is None and not isinstance(x, ndarray | Node | list | tuple):
            return x
        inputs = [_floats(_plain(part), self._takes_numbers()) for part in (x if isinstance(x, tuple) else (x,))]
        targets = [] if y is None else [_floats(_plain(y), True)]
        lengths = {len(part) for part in (*inputs, *targets)}
        if len(lengths) > 1:
            shapes = ", ".join(str(part.shape) for part in (*inputs, *targets))
            raise OperandError(f"x and y must have equally many examples, and have the shapes {shapes}.")
        return ArrayDataset(*inputs, *targets)


def _pair(data: Any) -> tuple[Any, Any]:
    return (data[0], data[1]) if isinstance(data, tuple | list) and len(data) == 2 else (data, None)


def _plain(x: Any) -> ndarray:
    return np.asarray(x.data if isinstance(x, Node) else x)


def _floats(x: ndarray, numbers: bool) -> ndarray:
    return x if numbers and x.dtype.kind in "iub" else x.astype(np.float32, copy=False)
