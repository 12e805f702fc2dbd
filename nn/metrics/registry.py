"""The metrics by name, as a training is asked for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from nn.metrics.accuracy import Accuracy, TopKAccuracy, accuracy, top_k_accuracy
from nn.metrics.metric import Metric
from nn.metrics.regression import MAE, MSE, R2, RMSE, mae, mse, r2_score, rmse

__all__ = ["BY_NAME"]


class Known(NamedTuple):
    """A metric: the function of arrays, and what makes the one that gathers."""

    function: Callable[..., Any]
    make: Callable[[], Metric]


BY_NAME = {
    "accuracy": Known(accuracy, Accuracy),
    "top_k_accuracy": Known(top_k_accuracy, TopKAccuracy),
    "mse": Known(mse, MSE),
    "mae": Known(mae, MAE),
    "rmse": Known(rmse, RMSE),
    "r2": Known(r2_score, R2),
}
