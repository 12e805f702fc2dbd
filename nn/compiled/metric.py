"""Keras's metrics by name. What "accuracy" means there depends on the loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nn.compiled.loss import BinaryCrossentropy, CategoricalCrossentropy
from nn.metrics import MAE, MSE, RMSE, Accuracy, Metric, TopKAccuracy

__all__ = ["metric"]

NAMES: dict[str, Callable[[], Metric]] = {
    "mean_absolute_error": MAE,
    "mean_squared_error": MSE,
    "root_mean_squared_error": RMSE,
    "sparse_categorical_accuracy": Accuracy,
    "binary_accuracy": Accuracy,
    "categorical_accuracy": lambda: Accuracy(one_hot=True),
    "sparse_top_k_categorical_accuracy": TopKAccuracy,
}


def metric(thing: Any, loss: Any) -> Any:
    """A metric by Keras's name, for a model with this loss; another one as it is."""
    if not isinstance(thing, str):
        return thing
    name = thing.lower()
    if name in ("accuracy", "acc"):
        logits = isinstance(loss, BinaryCrossentropy) and loss.from_logits
        found: Metric = Accuracy(0.0 if logits else 0.5, one_hot=isinstance(loss, CategoricalCrossentropy))
    elif name in NAMES:
        found = NAMES[name]()
    else:
        return thing
    found.name = thing
    return found
