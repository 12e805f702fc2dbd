"""Matching: which of the boxes in an image each candidate is to become, and which candidates to learn from."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from nn.functional import box_iou
from nn.random import generator

BACKGROUND, NEITHER = -1, -2


def match(boxes: Any, candidates: ndarray, low: float, high: float, keep_best: bool = False) -> ndarray:
    """For each candidate (N, 4) the number of the box (M, 4) that it overlaps most, if by `high` or more.

    Else BACKGROUND, where the overlap is below `low`, or NEITHER, which nothing is learned from. With `keep_best` the
    candidates that overlap a box more than any others keep theirs, however little that is, so that no box goes without.
    """
    if not len(boxes):
        return np.full(len(candidates), BACKGROUND)
    overlap = box_iou(boxes, candidates)
    nearest = overlap.argmax(0)
    most = overlap.max(0)
    found = np.where(most >= high, nearest, np.where(most < low, BACKGROUND, NEITHER))
    if keep_best:
        best = np.any(overlap == overlap.max(1, keepdims=True), axis=0)
        found[best] = nearest[best]
    return found


def balanced(positive: ndarray, negative: ndarray, n: int, share: float) -> tuple[ndarray, ndarray]:
    """Numbers of up to n candidates drawn by chance: of the positive ones up to `share`, the rest negative."""
    yes, no = np.flatnonzero(positive), np.flatnonzero(negative)
    many = min(len(yes), int(n * share))
    draw = generator().permutation
    return draw(yes)[:many], draw(no)[: n - many]
