"""Mean average precision: how well a detector finds, names and rates the things in pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy import ndarray

from autograd import OperandError
from nn.metrics.metric import Metric, plain
from nn.metrics.overlap import box_iou

__all__ = ["MeanAveragePrecision", "mean_average_precision"]

COCO = tuple(np.linspace(0.5, 0.95, 10).round(2).tolist())


class MeanAveragePrecision(Metric):
    """Mean average precision over classes and thresholds: see `mean_average_precision`."""

    states: ClassVar[tuple[str, ...]] = ("found", "real")
    name = "map"

    def __init__(self, iou_thresholds: Sequence[float] | float = 0.5, points: int | None = None) -> None:
        given = (iou_thresholds,) if isinstance(iou_thresholds, int | float) else tuple(iou_thresholds)
        if not given or not all(0 < t <= 1 for t in given):
            raise ValueError(f"an overlap is between 0 and 1, and iou_thresholds is {iou_thresholds!r}.")
        self.iou_thresholds = given
        self.points = points
        super().__init__()

    def reset(self) -> None:
        """Forget what has been gathered."""
        self.found: list[ndarray] = []  # of each detection: its class, its score, and for each threshold if it is right
        self.real: list[ndarray] = []  # the classes of what is there

    def update(self, input: Any, target: Any) -> None:
        """The pictures of one batch: a list of dicts of `boxes`, `scores`, `labels`; and one of `boxes`, `labels`."""
        if isinstance(input, Mapping) or isinstance(target, Mapping) or len(input) != len(target):
            raise OperandError("detections and targets are lists of equal length, with a dict for each picture.")
        for detected, there in zip(input, target, strict=True):
            boxes, scores, labels = _of(detected, "boxes", "scores", "labels")
            true_boxes, true_labels = _of(there, "boxes", "labels")
            order = (-scores).argsort(kind="stable")
            overlaps = box_iou(boxes, true_boxes)[order]
            overlaps[labels[order][:, None] != true_labels[None]] = 0
            right = [_matched(overlaps, threshold) for threshold in self.iou_thresholds]
            self.found.append(np.column_stack([labels[order], scores[order], *right]).astype(np.float64))
            self.real.append(true_labels.astype(np.int64))

    def per_class(self) -> dict[int, ndarray]:
        """The average precision of each class that is there, one for each threshold."""
        found = np.concatenate(self.found) if self.found else np.zeros((0, 2 + len(self.iou_thresholds)))
        real = np.concatenate(self.real) if self.real else np.zeros(0, np.int64)
        figures = {}
        for label in np.unique(real).tolist():
            own = found[found[:, 0] == label]
            own = own[(-own[:, 1]).argsort(kind="stable")]
            yes = int((real == label).sum())
            figures[label] = np.array(
                [_average(own[:, 2 + i], yes, self.points) for i in range(len(self.iou_thresholds))]
            )
        return figures

    def compute(self) -> float:
        """The mean over classes and thresholds; NaN where there is nothing to be found."""
        figures = self.per_class()
        return float(np.mean([*figures.values()])) if figures else float("nan")


def mean_average_precision(
    input: Any, target: Any, iou_thresholds: Sequence[float] | float = 0.5, points: int | None = None
) -> float:
    """How well a detector does: the mean over classes of the area under its curve of precision over recall.

    `input` has a dict for each picture, `boxes` (N, 4) as x1, y1, x2, y2, `scores` (N,) and `labels` (N,); `target` has
    `boxes` and `labels`. From the highest score down, a detection is right if it overlaps with a thing of its class
    that has not been found yet by at least `iou_thresholds`: the thing that it overlaps with most. Precisions count as
    the highest at any greater recall (Everingham et al., 2010, from VOC 2010 on); with `points=101` they are read at so
    many recalls, and with the thresholds 0.5, 0.55, ..., 0.95 it is COCO's figure.

    >>> import nn
    >>> found = [{"boxes": [[0, 0, 10, 10], [20, 20, 30, 30]], "scores": [0.9, 0.6], "labels": [1, 1]}]
    >>> there = [{"boxes": [[0, 0, 10, 9]], "labels": [1]}]
    >>> nn.metrics.mean_average_precision(found, there)
    1.0
    """
    return MeanAveragePrecision(iou_thresholds, points)(input, target)  # type: ignore[no-any-return]


def _of(picture: Any, *names: str) -> list[ndarray]:
    if not isinstance(picture, Mapping) or any(name not in picture for name in names):
        raise OperandError(f"a picture is a dict of {', '.join(names)}, and not {picture!r:.80}.")
    arrays = [plain(picture[name]) for name in names]
    if len({len(x) for x in arrays}) > 1:
        listed = ", ".join(f"{name} {x.shape}" for name, x in zip(names, arrays, strict=True))
        raise OperandError(f"a picture has as many boxes as scores and labels: got {listed}.")
    return arrays


def _matched(overlaps: ndarray, threshold: float) -> ndarray:
    """Whether each detection, the best first, finds something that none before it has found."""
    right = np.zeros(len(overlaps), bool)
    free = np.ones(overlaps.shape[1], bool)
    for i, row in enumerate(overlaps):
        left = np.where(free, row, 0)
        best = int(left.argmax()) if len(left) else 0
        if len(left) and left[best] >= threshold:
            right[i], free[best] = True, False
    return right


def _average(right: ndarray, yes: int, points: int | None) -> float:
    """The area under precision over recall, where precision never rises."""
    hits = right.cumsum()
    recall = hits / yes
    precision = np.maximum.accumulate((hits / np.arange(1, len(hits) + 1))[::-1])[::-1]
    if points is None:
        return float((np.diff(recall, prepend=0) * precision).sum())
    at = recall.searchsorted(np.linspace(0, 1, points), side="left")
    return float(np.append(precision, 0.0)[np.minimum(at, len(precision))].mean())
