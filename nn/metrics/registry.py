"""The metrics by name, as a training is asked for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from nn.metrics.accuracy import Accuracy, TopKAccuracy, accuracy, top_k_accuracy
from nn.metrics.confusion import F1, Precision, Recall, f1_score, precision, recall
from nn.metrics.detection import MeanAveragePrecision, mean_average_precision
from nn.metrics.language import Perplexity, perplexity
from nn.metrics.metric import Metric
from nn.metrics.overlap import IoU, iou
from nn.metrics.ranking import ROCAUC, AveragePrecision, average_precision, roc_auc
from nn.metrics.regression import MAE, MSE, R2, RMSE, mae, mse, r2_score, rmse

__all__ = ["BY_NAME"]


class Known(NamedTuple):
    """A metric: the function of arrays, and what makes the one that gathers."""

    function: Callable[..., Any]
    make: Callable[[], Metric]


BY_NAME = {
    "accuracy": Known(accuracy, Accuracy),
    "auc": Known(roc_auc, ROCAUC),
    "average_precision": Known(average_precision, AveragePrecision),
    "f1": Known(f1_score, F1),
    "f1_macro": Known(f1_score, lambda: F1("macro")),
    "iou": Known(iou, lambda: IoU("macro")),
    "mae": Known(mae, MAE),
    "map": Known(mean_average_precision, MeanAveragePrecision),
    "mse": Known(mse, MSE),
    "perplexity": Known(perplexity, Perplexity),
    "precision": Known(precision, Precision),
    "precision_macro": Known(precision, lambda: Precision("macro")),
    "r2": Known(r2_score, R2),
    "recall": Known(recall, Recall),
    "recall_macro": Known(recall, lambda: Recall("macro")),
    "rmse": Known(rmse, RMSE),
    "roc_auc": Known(roc_auc, ROCAUC),
    "top_k_accuracy": Known(top_k_accuracy, TopKAccuracy),
}
