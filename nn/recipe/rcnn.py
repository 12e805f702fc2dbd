"""Faster R-CNN finds digits in a picture, and says which: mean average precision at least 0.7 (overlaps of half)."""

from __future__ import annotations

from typing import Any

import numpy as np

import nn
from nn.recipe.run import Run


def train(run: Run) -> None:
    """A small Faster R-CNN on pictures of several digits each. What it finds in eight of the test is drawn."""
    n = 40 if run.quick else 1250
    data = nn.datasets.pasted_digits(n, size=48, source="digits", task="detection", generator=run.seed)
    model = nn.models.rcnn_small(len(data.classes), sizes=(10, 14, 18), aspect_ratios=(1.0, 1.8))
    run.say(f"{len(data.train):,} pictures to learn from, {model.num_parameters:,} parameters")

    how: Any = {"optimizer": nn.optim.AdamW, "lr": 3e-3, "scheduler": "onecycle", "batch_size": 16, "clip_norm": 5.0}
    history = nn.fit(Learner(model), None, data.train, epochs=run.epochs(8), **how)

    x, boxes, classes = data.test.arrays
    there = targets(boxes, classes)
    found = [one for start in range(0, len(x), 50) for one in model.predict(x[start : start + 50])]
    best = [overlap(one, two) for one, two in zip(found, there)]
    run.figure("mAP", nn.metrics.mean_average_precision(found, there), at_least=0.7, show=lambda v: f"{v:.3f}")
    run.figure("box IoU", float(np.mean(np.concatenate(best))), at_least=0.7, show=lambda v: f"{v:.3f}")
    run.save(model)
    run.lines("loss.png", {"training": history["loss"]}, y="sum of four losses")
    run.images("found.png", [framed(*pair) for pair in zip(x[:8, 0], found)], [names(one) for one in found[:8]], 4)


class Learner(nn.Module):
    """What `nn.fit` trains: a detector that is given pictures, boxes and classes, and returns its loss."""

    def __init__(self, detector: nn.models.FasterRCNN) -> None:
        self.detector = detector

    def forward(self, x: Any, boxes: Any, classes: Any) -> Any:
        return self.detector.loss(x, targets(boxes, classes))


def targets(boxes: Any, classes: Any) -> list[dict[str, Any]]:
    """For each picture its boxes and labels, without what fills them up."""
    return [{"boxes": b[k > 0], "labels": k[k > 0]} for b, k in zip(boxes, classes)]


def overlap(found: Any, there: Any) -> Any:
    """For each thing that is there, how well the best box of its class that was found fits it."""
    sure = found["scores"] > 0.5
    fits = nn.functional.box_iou(there["boxes"], found["boxes"][sure])
    return np.where(there["labels"][:, None] == found["labels"][sure], fits, 0).max(1, initial=0)


def framed(image: Any, found: Any) -> Any:
    """A picture with a frame around what was found."""
    image = image.copy()
    for x1, y1, x2, y2 in found["boxes"][found["scores"] > 0.5].round().astype(int):
        image[y1, x1:x2] = image[y2 - 1, x1:x2] = image[y1:y2, x1] = image[y1:y2, x2 - 1] = 0.6
    return image


def names(found: Any) -> str:
    """The digits that were found, from left to right."""
    sure = found["scores"] > 0.5
    order = np.argsort(found["boxes"][sure][:, 0])
    return "  ".join(str(label - 1) for label in found["labels"][sure][order])
