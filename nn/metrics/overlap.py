"""Intersection over union, of masks and of boxes: how well what is marked covers what is there."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from autograd import ShapeError
from nn.metrics.confusion import _Counted, _share
from nn.metrics.metric import plain

__all__ = ["IoU", "box_iou", "iou"]


class IoU(_Counted):
    """Intersection over union of masks: see `iou`."""

    def of(self, right: ndarray, called: ndarray, real: ndarray) -> ndarray:
        """right / (called + real - right)."""
        return _share(right, called + real - right)


def iou(
    input: Any,
    target: Any,
    average: str | None = "macro",
    num_classes: int | None = None,
    threshold: float = 0.5,
    one_hot: bool = False,
) -> Any:
    """Intersection over union of masks, the Jaccard index: pixels that are and are called so, of those that are either.

    `input` are scores (N, classes, H, W) with targets (N, H, W) of class numbers, or scores of yes and no in the
    target's shape, or class numbers; as for `accuracy`. `average` as for `precision`: "binary" for class 1 alone,
    "macro" for the mean over the classes that occur (mIoU).

    >>> import nn
    >>> nn.metrics.iou([[0, 1], [1, 1]], [[0, 0], [1, 1]], average="binary")
    0.6666666666666666
    """
    return IoU(average, num_classes, threshold, one_hot)(input, target)


def box_iou(boxes1: Any, boxes2: Any) -> ndarray:
    """Intersection over union of each box with each: shapes (N, 4) and (M, 4) to (N, M). torchvision's.

    Boxes are (x1, y1, x2, y2) with x1 ≤ x2 and y1 ≤ y2. Of two empty boxes it is 0.

    >>> import nn
    >>> nn.metrics.box_iou([[0, 0, 2, 2]], [[1, 0, 3, 2], [0, 0, 2, 2]])
    array([[0.33333333, 1.        ]])
    """
    one, two = _boxes(boxes1), _boxes(boxes2)
    low = np.maximum(one[:, None, :2], two[None, :, :2])
    high = np.minimum(one[:, None, 2:], two[None, :, 2:])
    both = np.maximum(high - low, 0).prod(-1)
    either = (one[:, 2:] - one[:, :2]).prod(-1)[:, None] + (two[:, 2:] - two[:, :2]).prod(-1)[None] - both
    found: ndarray = np.where(either > 0, both / np.where(either > 0, either, 1), 0.0)
    return found


def _boxes(x: Any) -> ndarray:
    boxes = plain(x).astype(np.float64)
    boxes = boxes.reshape(0, 4) if not boxes.size else boxes
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise ShapeError(f"boxes have the shape (N, 4), with x1, y1, x2, y2 in a row, and not {boxes.shape}.")
    if (boxes[:, 2:] < boxes[:, :2]).any():
        raise ShapeError("boxes are x1, y1, x2, y2 with x1 ≤ x2 and y1 ≤ y2. Are these x, y, width, height?")
    return boxes
