"""The heads of R-CNN: what is in each proposed box, and where exactly it is (Girshick, 2015)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy import ndarray

import autograd
from nn.activation import ReLU
from nn.functional import (
    batched_nms,
    clip_boxes_to_image,
    cross_entropy,
    decode_boxes,
    encode_boxes,
    remove_small_boxes,
    roi_align,
    smooth_l1_loss,
    softmax,
)
from nn.functional.reduction import plain
from nn.linear import Linear
from nn.models.detection.anchor import step
from nn.models.detection.match import BACKGROUND, balanced, match
from nn.module import Module
from nn.shape import Flatten

__all__ = ["FastRCNNPredictor", "MultiScaleRoIAlign", "RoIHeads", "TwoMLPHead"]

Target = Mapping[str, Any]


class MultiScaleRoIAlign(Module):
    """`roi_align` from the level of features that fits each box (Lin et al., 2016).

    A box with a side of 224 pixels is read from the level at 1/16, or what is nearest to that; boxes of half that side
    one level finer, and so on, as far as there are levels.
    """

    _shown = ("output_size", "sampling_ratio")

    def __init__(self, output_size: int = 7, sampling_ratio: int = 2) -> None:
        self.output_size = output_size
        self.sampling_ratio = sampling_ratio

    def forward(self, features: Sequence[Any], boxes: Sequence[ndarray], size: tuple[int, int]) -> Any:
        """Features of all levels, and boxes (L, 4) of each image of `size`, to (K, C, output_size, output_size)."""
        image = np.repeat(np.arange(len(boxes)), [len(b) for b in boxes])
        rois = np.concatenate([image[:, None], np.concatenate(boxes)], axis=1)
        steps = [step(size[0], x.shape[-2]) for x in features]
        sides = np.sqrt(np.maximum((rois[:, 3] - rois[:, 1]) * (rois[:, 4] - rois[:, 2]), 1e-12))
        first, last = np.log2(steps[0]), np.log2(steps[-1])
        level = np.clip(np.floor(4 + np.log2(sides / 224) + 1e-6), first, last) - first
        parts, order = [], []
        for k, (x, s) in enumerate(zip(features, steps, strict=True)):
            here = np.flatnonzero(level == k)
            if len(here) or (not len(rois) and not k):
                parts.append(roi_align(x, rois[here], self.output_size, 1 / s, self.sampling_ratio))
                order.append(here)
        if len(parts) == 1:
            return parts[0]
        return autograd.concatenate(parts)[np.argsort(np.concatenate(order))]


class TwoMLPHead(Module):
    """Features of a region, in a row, through two linear layers with relu: (K, C, h, w) to (K, representation_size)."""

    def __init__(self, in_channels: int, representation_size: int) -> None:
        self.flatten = Flatten()
        self.fc6 = Linear(in_channels, representation_size)
        self.fc7 = Linear(representation_size, representation_size)
        self.relu = ReLU()

    def forward(self, input: Any) -> Any:
        """(K, C, h, w) to (K, representation_size)."""
        return self.relu(self.fc7(self.relu(self.fc6(self.flatten(input)))))


class FastRCNNPredictor(Module):
    """(K, in_channels) to a logit (K, num_classes) and a box code (K, num_classes · 4) for each class, 0 for none."""

    def __init__(self, in_channels: int, num_classes: int) -> None:
        self.cls_score = Linear(in_channels, num_classes)
        self.bbox_pred = Linear(in_channels, 4 * num_classes)

    def forward(self, input: Any) -> tuple[Any, Any]:
        """Logits and codes."""
        return self.cls_score(input), self.bbox_pred(input)


class RoIHeads(Module):
    """Tells of each proposed box what is in it, and how it must change to fit that.

    While training it learns from `batch_size_per_image` boxes of each image, up to `positive_fraction` of them such
    that overlap a true one by half. After `eval()` it finds boxes with a probability above `score_thresh`, of each
    class those that do not overlap better ones by more than `nms_thresh`, and at most `detections_per_img`.
    """

    weights = (10.0, 10.0, 5.0, 5.0)  # of the codes

    def __init__(
        self,
        box_roi_pool: Module,
        box_head: Module,
        box_predictor: Module,
        *,
        fg_iou_thresh: float = 0.5,
        bg_iou_thresh: float = 0.5,
        batch_size_per_image: int = 512,
        positive_fraction: float = 0.25,
        score_thresh: float = 0.05,
        nms_thresh: float = 0.5,
        detections_per_img: int = 100,
    ) -> None:
        self.box_roi_pool = box_roi_pool
        self.box_head = box_head
        self.box_predictor = box_predictor
        self.fg_iou_thresh = fg_iou_thresh
        self.bg_iou_thresh = bg_iou_thresh
        self.batch_size_per_image = batch_size_per_image
        self.positive_fraction = positive_fraction
        self.score_thresh = score_thresh
        self.nms_thresh = nms_thresh
        self.detections_per_img = detections_per_img

    def forward(
        self,
        features: Sequence[Any],
        proposals: Sequence[ndarray],
        size: tuple[int, int],
        targets: Sequence[Target] | None = None,
    ) -> tuple[list[dict[str, ndarray]], dict[str, Any]]:
        """What is found in each image, {"boxes", "labels", "scores"}; or, when targets are given, losses."""
        if targets is None:
            logits, codes = self.read(features, proposals, size)
            return self._found(plain(logits), plain(codes), proposals, size), {}
        chosen = [self._chosen(boxes, target) for boxes, target in zip(proposals, targets, strict=True)]
        boxes, labels, wanted = ([each[i] for each in chosen] for i in range(3))
        logits, codes = self.read(features, boxes, size)
        label, want = np.concatenate(labels), np.concatenate(wanted)
        there = np.flatnonzero(label > 0)
        codes = codes.reshape(len(label), -1, 4)[there, label[there]]
        off = smooth_l1_loss(codes, want[there], "sum", beta=1 / 9) / len(label)
        return [], {"loss_classifier": cross_entropy(logits, label), "loss_box_reg": off}

    def read(self, features: Sequence[Any], boxes: Sequence[ndarray], size: tuple[int, int]) -> tuple[Any, Any]:
        """Logits (K, classes) and codes (K, classes · 4) of all boxes of all images."""
        return self.box_predictor(self.box_head(self.box_roi_pool(features, boxes, size)))  # type: ignore[no-any-return]

    def _chosen(self, boxes: ndarray, target: Target) -> tuple[ndarray, ndarray, ndarray]:
        """Boxes of one image to learn from, true ones among them; their labels, and the codes they should get."""
        true = np.asarray(target["boxes"], np.float32).reshape(-1, 4)
        boxes = np.concatenate([boxes, true]).astype(np.float32)
        found = match(true, boxes, self.bg_iou_thresh, self.fg_iou_thresh)
        how_many = self.batch_size_per_image, self.positive_fraction
        yes, no = balanced(found >= 0, found == BACKGROUND, *how_many)
        labels = np.zeros(len(yes) + len(no), np.int64)
        labels[: len(yes)] = np.asarray(target["labels"], np.int64)[found[yes]]
        wanted = np.zeros((len(labels), 4), np.float32)
        wanted[: len(yes)] = encode_boxes(true[found[yes]], boxes[yes], self.weights)
        return boxes[np.concatenate([yes, no])], labels, wanted

    def _found(
        self, logits: ndarray, codes: ndarray, proposals: Sequence[ndarray], size: tuple[int, int]
    ) -> list[dict[str, ndarray]]:
        probabilities = np.asarray(softmax(logits, -1))
        ends = np.cumsum([len(p) for p in proposals])[:-1]
        return [
            self._detections(p, decode_boxes(c.reshape(len(c), -1, 4), boxes, self.weights), size)
            for p, c, boxes in zip(np.split(probabilities, ends), np.split(codes, ends), proposals, strict=True)
        ]

    def _detections(self, probabilities: ndarray, boxes: ndarray, size: tuple[int, int]) -> dict[str, ndarray]:
        """Of one image: probabilities (L, classes) and boxes (L, classes, 4) to what is there."""
        likely = probabilities > self.score_thresh
        likely[:, 0] = False
        row, label = np.nonzero(likely)
        score, box = probabilities[row, label], clip_boxes_to_image(boxes[row, label], size)
        large = remove_small_boxes(box, 1e-2)
        box, label, score = box[large], label[large], score[large]
        best = batched_nms(box, score, label, self.nms_thresh)[: self.detections_per_img]
        return {"boxes": box[best], "labels": label[best], "scores": score[best]}
