"""A model's figures on data it is not trained with, and its answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd import Node, OperandError, enable_grad, no_grad
from nn.module import Module
from nn.training.batch import batches, dataset, dtype_of, size_of
from nn.training.objective import Objective, objective

__all__ = ["evaluate", "predict"]


def evaluate(model: Module, loss: Any, data: Any, *, metrics: Any = (), batch_size: int = 256) -> dict[str, float]:
    """The loss and the metrics of a model on data, as a dict: `{"loss": 0.31, "accuracy": 0.94}`.

    Arguments as in `fit`. The model is in eval mode meanwhile, and nothing is recorded. The loss is the mean over
    the examples, where the loss of a batch is a mean.

    >>> import nn
    >>> model = nn.Linear(1, 1, bias=False)
    >>> model.weight.data[...] = 2
    >>> nn.evaluate(model, nn.MSELoss(), ([[1.0], [2.0]], [[2.0], [3.0]]), metrics=["mae"])
    {'loss': 0.5, 'mae': 0.5}
    """
    return measured(objective(model, loss, metrics), batches(dataset(data, dtype_of(model)), batch_size, False))


def measured(goal: Objective, loader: Iterable[Any]) -> dict[str, float]:
    """The loss and the metrics over all batches."""
    total = count = 0.0
    goal.reset()
    with in_eval_mode(goal.model), enable_grad() if goal.needs_graph else no_grad():
        for batch in loader:
            size = size_of(batch)
            total += goal.number(goal(batch)) * size
            count += size
            goal.measure()
    if not count:
        raise OperandError("there is no data to evaluate: the loader gave no batch.")
    return {"loss": total / count, **goal.figures()}


def predict(model: Module, data: Any, *, batch_size: int = 256) -> Any:
    """What the model gives for all of the data, in eval mode: an array, or a tuple of them if it gives several.

    `data` is an array, a tuple of a model's several inputs, or a DataLoader of batches of inputs; a Dataset or
    loader of inputs and targets will do as well when its batches are tuples of two: the targets are left out.

    >>> import nn, numpy as np
    >>> nn.predict(nn.Linear(3, 2), np.zeros((1000, 3))).shape
    (1000, 2)
    """
    whole = isinstance(data, tuple | list) and not hasattr(data, "arrays")
    found = dataset(data if isinstance(data, tuple) else np.asarray(data) if whole else data, dtype_of(model))
    parts: list[Any] = []
    with in_eval_mode(model), no_grad():
        for batch in batches(found, batch_size, False):
            inputs = batch if isinstance(batch, tuple) else (batch,)
            if not whole and len(inputs) == 2 and found is data:
                inputs = inputs[:1]
            parts.append(model(*inputs))
    if not parts:
        raise OperandError("there is no data to predict from: it has no examples.")
    return _joined(parts)


def _joined(parts: Sequence[Any]) -> Any:
    if isinstance(parts[0], tuple):
        return tuple(_joined(each) for each in zip(*parts, strict=True))
    return np.concatenate([np.asarray(part.data if isinstance(part, Node) else part) for part in parts])


@contextmanager
def in_eval_mode(model: Module) -> Iterator[None]:
    """Inside, the model is in eval mode; afterwards each of its modules in the mode that it had."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode
