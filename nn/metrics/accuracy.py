"""Accuracy: the share that is right, at first guess or among the first k."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from autograd import ShapeError
from nn.metrics.metric import Metric, plain
from nn.metrics.prediction import classes

__all__ = ["Accuracy", "TopKAccuracy", "accuracy", "top_k_accuracy"]


class _Share(Metric):
    """How many are right, of how many."""

    states: ClassVar[tuple[str, ...]] = ("right", "count")

    def reset(self) -> None:
        """Forget what has been gathered."""
        self.right = self.count = 0

    def compute(self) -> float:
        """The share that is right; NaN of nothing."""
        return self.right / self.count if self.count else float("nan")


class Accuracy(_Share):
    """The share of examples (or pixels) whose class is predicted: see `accuracy`."""

    def __init__(self, threshold: float = 0.5, one_hot: bool = False) -> None:
        super().__init__()
        self.threshold = threshold
        self.one_hot = one_hot

    def update(self, input: Any, target: Any) -> None:
        """One batch more."""
        guessed, true = classes(input, target, self.threshold, self.one_hot)
        self.right += int(np.count_nonzero(guessed == true))
        self.count += true.size


class TopKAccuracy(_Share):
    """The share of examples whose class is among the `k` with the largest scores: see `top_k_accuracy`."""

    def __init__(self, k: int = 5) -> None:
        super().__init__()
        if k < 1:
            raise ValueError(f"top-k accuracy: k must be at least 1, and is {k}.")
        self.k = k
        self.name = f"top_{k}_accuracy"

    def update(self, input: Any, target: Any) -> None:
        """One batch more."""
        scores, true = plain(input), plain(target)
        if scores.ndim != 2 or true.shape != scores.shape[:1]:
            raise ShapeError(
                f"top-k accuracy takes scores (N, classes) and targets (N,): got {scores.shape}, {true.shape}."
            )
        own = scores[np.arange(len(true)), true][:, None]
        ahead = (scores > own).sum(1) + ((scores == own) & (np.arange(scores.shape[1]) > true[:, None])).sum(1)
        self.right += int((ahead < self.k).sum())
        self.count += len(true)


def accuracy(input: Any, target: Any, threshold: float = 0.5, one_hot: bool = False) -> float:
    """The share of examples whose class is predicted.

    `input` are scores (N, classes, ...), the largest of which counts, or scores of yes and no with the shape of the
    target, which say yes above `threshold` (0.5 for probabilities, 0 for logits), or class numbers. With `one_hot` the
    targets are one-hot as well.

    >>> import nn
    >>> nn.metrics.accuracy([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7]], [1, 0, 0])
    0.6666666666666666
    >>> nn.metrics.accuracy([-1.3, 0.2], [0, 1], threshold=0)
    1.0
    """
    return Accuracy(threshold, one_hot)(input, target)  # type: ignore[no-any-return]


def top_k_accuracy(input: Any, target: Any, k: int = 5) -> float:
    """The share of examples whose class is among the `k` with the largest scores. Shapes (N, classes) and (N,).

    Of equal scores those of higher classes come first, as in scikit-learn.

    >>> import nn
    >>> nn.metrics.top_k_accuracy([[0.5, 0.3, 0.2], [0.5, 0.3, 0.2]], [1, 2], k=2)
    0.5
    """
    return TopKAccuracy(k)(input, target)  # type: ignore[no-any-return]
