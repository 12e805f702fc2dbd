"""Predictions: what a model's scores say, as class numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from autograd import OperandError, ShapeError
from nn.metrics.metric import plain

__all__ = ["classes", "scored"]


def classes(input: Any, target: Any, threshold: float = 0.5, one_hot: bool | None = False) -> tuple[ndarray, ndarray]:
    """What is predicted and what is true, as class numbers of one shape.

    Scores (N, classes, ...), logits or probabilities, with targets (N, ...): the class with the largest score, the
    first one of equals. Scores with the shape of the target (an axis of length 1 counts as none): whether they are
    above `threshold`, 0 or 1. Whole numbers are class numbers already. With `one_hot` the targets are (N, classes,
    ...), too, and mean the class with the largest; None means that they are if they have the shape of such scores.

    Errors: ShapeError, OperandError.
    """
    scores, true = plain(input), plain(target)
    if one_hot is None:
        one_hot = scores.shape == true.shape and scores.ndim > 1 and scores.shape[1] > 1 and scores.dtype.kind == "f"
    if one_hot:
        if scores.shape != true.shape or true.ndim < 2:
            raise ShapeError(
                f"one-hot targets have the shape of the scores {scores.shape}, and these have {true.shape}."
            )
        true = true.argmax(1)
    if scores.ndim == true.ndim + 1 and scores.shape[1] == 1 and scores.dtype.kind == "f":
        scores = scores[:, 0]
    elif true.ndim == scores.ndim + 1 and true.shape[1] == 1:
        true = true[:, 0]
    if true.dtype.kind == "f":
        true = _whole(true)
    elif true.dtype.kind not in "iub":
        raise OperandError(f"targets are class numbers, and not {true.dtype}.")
    if scores.ndim == true.ndim + 1 and scores.shape[:1] + scores.shape[2:] == true.shape:
        return scores.argmax(1), true
    if scores.shape != true.shape:
        raise ShapeError(
            f"scores {scores.shape} do not fit targets {true.shape}: they are (N, classes, ...) and (N, ...), or of "
            "equal shapes.\n  Are the targets one-hot? Say one_hot=True."
        )
    return (scores > threshold).astype(np.int64) if scores.dtype.kind == "f" else scores, true


def scored(input: Any, target: Any) -> tuple[ndarray, ndarray]:
    """Scores and class numbers, with scores of two classes as one column: shapes (N,) or (N, classes), and (N,)."""
    scores, true = plain(input), plain(target)
    if true.ndim == 2 and true.shape[1] == 1:
        true = true[:, 0]
    if scores.ndim == 2 and scores.shape[1] == 1:
        scores = scores[:, 0]
    if true.ndim != 1 or scores.ndim not in (1, 2) or len(scores) != len(true):
        raise ShapeError(f"scores are (N,) or (N, classes) and targets (N,): got {scores.shape} and {true.shape}.")
    return scores, _whole(true) if true.dtype.kind == "f" else true


def _whole(true: ndarray) -> ndarray:
    whole = true.astype(np.int64)
    if not np.array_equal(whole, true):
        raise OperandError(
            "targets of a classification are whole numbers, and these have fractions.\n"
            "  Are input and target in this order? The model's output comes first."
        )
    return whole
