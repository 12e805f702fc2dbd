"""Boxes around things in images: areas, overlaps, which of many to keep, and boxes as shifts of others.

A box is (x1, y1, x2, y2) in pixels, its left, upper, right and lower edge. Names are torchvision's. Areas and overlaps
are differentiable; which boxes to keep is a decision, made on plain numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import ndarray

import autograd
from autograd import Node, ShapeError
from nn.functional.shape import shape_of

__all__ = [
    "batched_nms",
    "box_area",
    "box_convert",
    "box_iou",
    "clip_boxes_to_image",
    "decode_boxes",
    "encode_boxes",
    "generalized_box_iou",
    "nms",
    "remove_small_boxes",
]

Weights = tuple[float, float, float, float]


def box_area(boxes: Any) -> Any:
    """Areas (N,) of boxes (N, 4)."""
    boxes = _boxes("box_area", boxes)
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


def box_iou(boxes1: Any, boxes2: Any) -> Any:
    """Intersection over union of every two of boxes (N, 4) and (M, 4): (N, M), 0 where they are apart, 1 where equal.

    >>> import nn
    >>> nn.functional.box_iou([[0, 0, 2, 2]], [[0, 0, 2, 2], [1, 0, 3, 2], [5, 5, 6, 6]])
    array([[1.        , 0.33333333, 0.        ]])
    """
    common, union = _common_and_union(_boxes("box_iou", boxes1), _boxes("box_iou", boxes2))
    return common / union


def generalized_box_iou(boxes1: Any, boxes2: Any) -> Any:
    """`box_iou` less the share of the smallest box around both that neither covers (Rezatofighi et al., 2019).

    From -1 to 1; of boxes that are apart it says by how much, and so has a slope there.
    """
    a, b = _boxes("generalized_box_iou", boxes1), _boxes("generalized_box_iou", boxes2)
    common, union = _common_and_union(a, b)
    low, high = autograd.minimum(a[:, None, :2], b[:, :2]), autograd.maximum(a[:, None, 2:], b[:, 2:])
    around = (high[..., 0] - low[..., 0]) * (high[..., 1] - low[..., 1])
    return common / union - (around - union) / around


def _common_and_union(a: Any, b: Any) -> tuple[Any, Any]:
    low, high = autograd.maximum(a[:, None, :2], b[:, :2]), autograd.minimum(a[:, None, 2:], b[:, 2:])
    sides = autograd.maximum(high - low, 0.0)
    common = sides[..., 0] * sides[..., 1]
    return common, box_area(a)[:, None] + box_area(b) - common


_FORMS = ("xyxy", "xywh", "cxcywh")


def box_convert(boxes: Any, in_fmt: str, out_fmt: str) -> Any:
    """Boxes (N, 4) in another form: "xyxy", "xywh" (corner, width, height) or "cxcywh" (centre, width, height).

    >>> import nn
    >>> nn.functional.box_convert([[1.0, 1.0, 3.0, 5.0]], "xyxy", "cxcywh")
    array([[2., 3., 2., 4.]])
    """
    if in_fmt not in _FORMS or out_fmt not in _FORMS:
        raise ShapeError(f"box_convert knows the forms {', '.join(_FORMS)}, and was asked for {in_fmt!r}, {out_fmt!r}.")
    boxes = _boxes("box_convert", boxes)
    first, second = boxes[:, :2], boxes[:, 2:]
    if in_fmt == "xyxy":
        low, size = first, second - first
    else:
        low, size = (first if in_fmt == "xywh" else first - second / 2), second
    if out_fmt == "xyxy":
        return autograd.concatenate([low, low + size], axis=1)
    return autograd.concatenate([low if out_fmt == "xywh" else low + size / 2, size], axis=1)


# Which to keep


def clip_boxes_to_image(boxes: Any, size: Sequence[int]) -> Any:
    """Boxes (..., 4) without what is outside of an image of `size` (height, width)."""
    height, width = size
    return np.clip(_plain(boxes), 0, np.array([width, height, width, height], np.float32))


def remove_small_boxes(boxes: Any, min_size: float) -> ndarray:
    """The numbers of the boxes (N, 4) of which no side is shorter than `min_size`."""
    boxes = _plain(boxes)
    return np.flatnonzero((boxes[:, 2] - boxes[:, 0] >= min_size) & (boxes[:, 3] - boxes[:, 1] >= min_size))


def nms(boxes: Any, scores: Any, iou_threshold: float) -> ndarray:
    """Non-maximum suppression: the numbers of the boxes to keep, by falling score.

    The best is kept, and all that overlap it by more than `iou_threshold` go; of the others the best is kept, and so
    on. Equal scores keep their order. Cost: the overlaps of every two, a thousand boxes at a time.

    >>> import nn
    >>> nn.functional.nms([[0, 0, 10, 10], [1, 0, 11, 10], [20, 0, 30, 10]], [0.8, 0.9, 0.5], 0.5)
    array([1, 2])
    """
    boxes, scores = _boxes("nms", _plain(boxes)), _plain(scores)
    if len(boxes) != len(scores):
        raise ShapeError(f"nms needs a score for each box, and got {len(boxes)} boxes and {len(scores)} scores.")
    order: ndarray = np.argsort(-scores, kind="stable")
    boxes = boxes[order]
    kept = np.ones(len(boxes), bool)
    for start in range(0, len(boxes), 1000):
        with np.errstate(invalid="ignore"):  # of two boxes without area
            apart = ~(box_iou(boxes[start : start + 1000], boxes[start:]) > iou_threshold)
        for i, others in enumerate(apart):
            if kept[start + i]:
                kept[start + i + 1 :] &= others[i + 1 :]
    return order[kept]


def batched_nms(boxes: Any, scores: Any, idxs: Any, iou_threshold: float) -> ndarray:
    """`nms` of each group of boxes apart, such as those of one class; `idxs` says which group each belongs to."""
    boxes, scores, idxs = _plain(boxes), _plain(scores), np.asarray(idxs)
    groups = [np.flatnonzero(idxs == one) for one in np.unique(idxs)]
    kept = [np.zeros(0, int), *(group[nms(boxes[group], scores[group], iou_threshold)] for group in groups)]
    found = np.sort(np.concatenate(kept))
    best: ndarray = found[np.argsort(-scores[found], kind="stable")]
    return best


# As shifts of others

_LARGEST = math.log(1000 / 16)  # by how much a box may grow: beyond, exp would overflow in the first steps of training


def encode_boxes(reference: Any, proposals: Any, weights: Weights = (1.0, 1.0, 1.0, 1.0)) -> ndarray:
    """What to add to proposals (N, 4) to get reference boxes (N, 4), as a network is to predict it (Girshick, 2013).

    (dx, dy, dw, dh): how far the centre is to move, in widths and heights, and the logarithm of how much width and
    height are to grow; times `weights`, which bring them to a like spread.
    """
    centre, size = np.split(box_convert(_plain(reference), "xyxy", "cxcywh"), 2, axis=1)
    at, old = np.split(box_convert(_plain(proposals), "xyxy", "cxcywh"), 2, axis=1)
    codes = np.concatenate([(centre - at) / old, np.log(size / old)], axis=1)
    found: ndarray = codes * np.array(weights, codes.dtype)
    return found


def decode_boxes(codes: Any, proposals: Any, weights: Weights = (1.0, 1.0, 1.0, 1.0)) -> Any:
    """The boxes that codes (N, ..., 4) make of proposals (N, 4): the inverse of `encode_boxes`.

    >>> import nn
    >>> code = nn.functional.encode_boxes([[0.0, 0.0, 4.0, 8.0]], [[1.0, 2.0, 5.0, 6.0]])
    >>> nn.functional.decode_boxes(code, [[1.0, 2.0, 5.0, 6.0]])
    array([[0., 0., 4., 8.]])
    """
    form = box_convert(_plain(proposals), "xyxy", "cxcywh")
    form = form.reshape(len(form), *(1,) * (len(shape_of(codes)) - 2), 4)
    codes = codes / np.array(weights, form.dtype)
    centre = form[..., :2] + codes[..., :2] * form[..., 2:]
    half = autograd.exp(autograd.minimum(codes[..., 2:], _LARGEST)) * (form[..., 2:] / 2)
    return autograd.concatenate([centre - half, centre + half], axis=-1)


def _plain(x: Any) -> ndarray:
    array = np.asarray(x.data if isinstance(x, Node) else x)
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def _boxes(name: str, boxes: Any) -> Any:
    if not isinstance(boxes, Node):
        boxes = _plain(boxes)
    if len(boxes.shape) != 2 or boxes.shape[1] != 4:
        raise ShapeError(f"{name} takes boxes (N, 4), each x1, y1, x2, y2, and got shape {boxes.shape}.")
    return boxes
