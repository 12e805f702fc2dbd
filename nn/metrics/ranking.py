"""Figures of an order: how well scores put what is of a class before what is not, whatever the threshold."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy import ndarray

from autograd import OperandError
from nn.metrics.metric import Metric
from nn.metrics.prediction import scored

__all__ = ["ROCAUC", "AveragePrecision", "average_precision", "roc_auc", "roc_curve"]


class _Ranking(Metric):
    """One that needs all scores at once: it keeps them, 8 bytes each or as they come."""

    states: ClassVar[tuple[str, ...]] = ("scores", "targets")

    def __init__(self, average: str | None = "macro") -> None:
        if average not in ("macro", "weighted", None):
            raise ValueError(f'average is "macro", "weighted" or None, and not {average!r}.')
        self.average = average
        super().__init__()

    def reset(self) -> None:
        """Forget what has been gathered."""
        self.scores: list[ndarray] = []
        self.targets: list[ndarray] = []

    def update(self, input: Any, target: Any) -> None:
        """One batch more."""
        scores, true = scored(input, target)
        self.scores.append(np.array(scores))
        self.targets.append(np.array(true))

    def of(self, scores: ndarray, true: ndarray) -> float:
        """The figure of scores and of what is (True) and is not; NaN where one of them is missing."""
        raise NotImplementedError

    def compute(self) -> Any:
        """The figure of yes and no, or that of each class against the others, averaged."""
        if not self.scores:
            return float("nan")
        scores, true = np.concatenate(self.scores), np.concatenate(self.targets)
        if np.isnan(scores).any():
            raise OperandError("some of the scores are NaN, which has no place in an order.")
        if scores.ndim == 1:
            if true.size and not np.isin(true, (0, 1)).all():
                raise OperandError(f"scores of yes and no go with targets 0 and 1, and there is {true.max()}.")
            return self.of(scores, true == 1)
        figures = np.array([self.of(column, true == i) for i, column in enumerate(scores.T)])
        if self.average is None:
            return figures
        weights = np.array([np.count_nonzero(true == i) for i in range(len(figures))], float)
        known = ~np.isnan(figures)
        if not known.any() or not weights[known].sum():
            return float("nan")
        return float(np.average(figures[known], weights=weights[known] if self.average == "weighted" else None))


class ROCAUC(_Ranking):
    """The area under the ROC curve: see `roc_auc`."""

    name = "roc_auc"

    def of(self, scores: ndarray, true: ndarray) -> float:
        """The share of pairs in the right order; ties count half (Mann and Whitney, 1947)."""
        yes = int(true.sum())
        no = len(true) - yes
        if not yes or not no:
            return float("nan")
        order = scores.argsort(kind="stable")
        ranked = scores[order]
        first = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])  # of each group of equals
        ends = np.r_[first[1:], len(ranked)]
        ranks = np.empty(len(ranked))
        ranks[order] = np.repeat((first + ends + 1) / 2, ends - first)
        return float((ranks[true].sum() - yes * (yes + 1) / 2) / (yes * no))


class AveragePrecision(_Ranking):
    """The mean precision over the recalls: see `average_precision`."""

    name = "average_precision"

    def of(self, scores: ndarray, true: ndarray) -> float:
        """Σ (recall - the one before) · precision, from the highest score down, equals together."""
        yes = int(true.sum())
        if not yes:
            return float("nan")
        order = (-scores).argsort(kind="stable")
        last = np.flatnonzero(np.r_[scores[order][1:] != scores[order][:-1], True])
        right = true[order].cumsum()[last]
        return float((np.diff(right, prepend=0) / yes * right / (last + 1)).sum())


def roc_auc(input: Any, target: Any, average: str | None = "macro") -> Any:
    """The area under the ROC curve: how probably a positive example has a higher score than a negative one.

    Scores (N,) of yes and no (logits or probabilities, only the order counts) with targets 0 and 1; or (N, classes)
    with class numbers, each class against all others, and the mean over classes ("macro"), that by their numbers of
    examples ("weighted"), or all of them (None). A class that is absent, or alone, has none: NaN, left out of means.

    >>> import nn
    >>> nn.metrics.roc_auc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
    0.75
    """
    return ROCAUC(average)(input, target)


def average_precision(input: Any, target: Any, average: str | None = "macro") -> Any:
    """The area under the curve of precision over recall, as a sum without interpolation. Arguments as for `roc_auc`.

    >>> import nn
    >>> round(nn.metrics.average_precision([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]), 4)
    0.8333
    """
    return AveragePrecision(average)(input, target)


def roc_curve(input: Any, target: Any) -> tuple[ndarray, ndarray, ndarray]:
    """False positive rates, true positive rates and the thresholds that have them, from the strictest on.

    For scores (N,) of yes and no. What has a score of at least the threshold is called positive.

    >>> import nn
    >>> false, true, thresholds = nn.metrics.roc_curve([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
    >>> false, true
    (array([0. , 0. , 0.5, 0.5, 1. ]), array([0. , 0.5, 0.5, 1. , 1. ]))
    """
    scores, target = scored(input, target)
    if scores.ndim != 1:
        raise OperandError(f"a ROC curve is of yes and no: scores (N,), and not {scores.shape}.")
    true = target == 1
    order = (-scores).argsort(kind="stable")
    last = np.flatnonzero(np.r_[scores[order][1:] != scores[order][:-1], True])
    right = true[order].cumsum()[last]
    wrong = last + 1 - right
    with np.errstate(invalid="ignore"):
        rates = [np.r_[0, x] / np.float64(x[-1]) for x in (wrong, right)]
    return rates[0], rates[1], np.r_[np.inf, scores[order][last]]
