"""The region proposal network: where something may be, whatever it is (Ren, He, Girshick and Sun, 2015)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy import ndarray

import autograd
import nn.init as init
from nn.activation import ReLU
from nn.container import Sequential
from nn.convolution import Conv2d
from nn.functional import (
    batched_nms,
    binary_cross_entropy_with_logits,
    clip_boxes_to_image,
    decode_boxes,
    encode_boxes,
    remove_small_boxes,
    smooth_l1_loss,
)
from nn.functional.reduction import plain
from nn.models.detection.anchor import AnchorGenerator
from nn.models.detection.match import BACKGROUND, balanced, match
from nn.module import Module

__all__ = ["RPNHead", "RegionProposalNetwork"]

Target = Mapping[str, Any]


class RPNHead(Module):
    """Features (N, in_channels, H, W) to a logit (N, A, H, W) and a box code (N, 4 A, H, W) for each of A anchors."""

    def __init__(self, in_channels: int, num_anchors: int) -> None:
        self.conv = Sequential(Sequential(Conv2d(in_channels, in_channels, 3, padding=1), ReLU()))
        self.cls_logits = Conv2d(in_channels, num_anchors, 1)
        self.bbox_pred = Conv2d(in_channels, 4 * num_anchors, 1)
        for layer in (self.conv[0][0], self.cls_logits, self.bbox_pred):
            init.normal_(layer.weight, std=0.01)
            init.zeros_(layer.bias)

    def forward(self, input: Any) -> tuple[Any, Any]:
        """Logits and codes."""
        x = self.conv(input)
        return self.cls_logits(x), self.bbox_pred(x)


class RegionProposalNetwork(Module):
    """Tells for each anchor whether something is there, and how the anchor must change to fit it.

    While training it learns from `batch_size_per_image` anchors of each image, those that overlap a box by at least
    `fg_iou_thresh` (or more than any other) and those that overlap none by `bg_iou_thresh`. What it proposes are the
    `pre_nms_top_n` best of each level, less those that overlap better ones by more than `nms_thresh`, and of these the
    `post_nms_top_n` best; both numbers are pairs, for training and after `eval()`.
    """

    def __init__(
        self,
        anchor_generator: AnchorGenerator,
        head: RPNHead,
        *,
        fg_iou_thresh: float = 0.7,
        bg_iou_thresh: float = 0.3,
        batch_size_per_image: int = 256,
        positive_fraction: float = 0.5,
        pre_nms_top_n: tuple[int, int] = (2000, 1000),
        post_nms_top_n: tuple[int, int] = (2000, 1000),
        nms_thresh: float = 0.7,
    ) -> None:
        self.anchor_generator = anchor_generator
        self.head = head
        self.fg_iou_thresh = fg_iou_thresh
        self.bg_iou_thresh = bg_iou_thresh
        self.batch_size_per_image = batch_size_per_image
        self.positive_fraction = positive_fraction
        self.pre_nms_top_n = pre_nms_top_n
        self.post_nms_top_n = post_nms_top_n
        self.nms_thresh = nms_thresh

    def forward(
        self, features: Sequence[Any], size: tuple[int, int], targets: Sequence[Target] | None = None
    ) -> tuple[list[ndarray], dict[str, Any]]:
        """Features of all levels, of images of `size` (H, W), to proposals (L, 4) for each image, and losses.

        The losses, of the logits and of the codes, are there when targets are.
        """
        outputs = [self.head(x) for x in features]
        anchors = self.anchor_generator(size, [x.shape[-2:] for x in features])
        logits = autograd.concatenate([_rows(y, 1)[..., 0] for y, _ in outputs], axis=1)
        codes = autograd.concatenate([_rows(code, 4) for _, code in outputs], axis=1)
        level = np.repeat(np.arange(len(anchors)), [len(a) for a in anchors])
        every = np.concatenate(anchors)
        proposals = [
            self._best(score, decode_boxes(code, every), level, size)
            for score, code in zip(plain(logits), plain(codes), strict=True)
        ]
        return proposals, {} if targets is None else self._losses(logits, codes, every, targets)

    def _best(self, logits: ndarray, boxes: ndarray, level: ndarray, size: tuple[int, int]) -> ndarray:
        """The proposals of one image."""
        before, after = (n[0 if self.training else 1] for n in (self.pre_nms_top_n, self.post_nms_top_n))
        order = np.argsort(-logits, kind="stable")
        best = np.concatenate([order[level[order] == k][:before] for k in range(level[-1] + 1)])
        boxes = clip_boxes_to_image(boxes[best], size)
        large = remove_small_boxes(boxes, 1e-3)
        best, boxes = best[large], boxes[large]
        kept: ndarray = boxes[batched_nms(boxes, logits[best], level[best], self.nms_thresh)[:after]]
        return kept

    def _losses(self, logits: Any, codes: Any, anchors: ndarray, targets: Sequence[Target]) -> dict[str, Any]:
        yes, no, wanted = [], [], []
        for i, target in enumerate(targets):
            boxes = np.asarray(target["boxes"], np.float32).reshape(-1, 4)
            found = match(boxes, anchors, self.bg_iou_thresh, self.fg_iou_thresh, keep_best=True)
            how_many = self.batch_size_per_image, self.positive_fraction
            positive, negative = balanced(found >= 0, found == BACKGROUND, *how_many)
            yes.append(positive + i * len(anchors))
            no.append(negative + i * len(anchors))
            wanted.append(encode_boxes(boxes[found[positive]], anchors[positive]))
        positive, negative = np.concatenate(yes), np.concatenate(no)
        n = len(positive) + len(negative)
        answers = np.repeat(np.array([1, 0], np.float32), [len(positive), len(negative)])
        asked = logits.reshape(-1)[np.concatenate([positive, negative])]
        off = smooth_l1_loss(codes.reshape(-1, 4)[positive], np.concatenate(wanted), "sum", beta=1 / 9)
        return {"loss_objectness": binary_cross_entropy_with_logits(asked, answers), "loss_rpn_box_reg": off / n}


def _rows(x: Any, each: int) -> Any:
    """(N, A · each, H, W) to (N, H · W · A, each): anchors in the order that the generator has."""
    n, channels, height, width = x.shape
    x = x.reshape(n, channels // each, each, height, width)
    return autograd.transpose(x, (0, 3, 4, 1, 2)).reshape(n, -1, each)
