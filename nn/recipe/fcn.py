"""FCN says of every pixel which digit it belongs to: intersection over union at least 0.7, mean over the digits."""

from __future__ import annotations

from typing import Any

import numpy as np

import nn
from nn.recipe.run import Run


def train(run: Run) -> None:
    """A fully convolutional network on pictures of several digits; in the test there are others. Masks are drawn."""
    n = 40 if run.quick else 1500
    data = nn.datasets.pasted_digits(n, size=48, source="digits", task="segmentation", generator=run.seed)
    model = nn.models.fcn_small(num_classes=len(data.classes))
    run.say(f"{len(data.train):,} pictures to learn from, {model.num_parameters:,} parameters")

    how: Any = {"optimizer": nn.optim.AdamW, "lr": 5e-3, "scheduler": "onecycle", "batch_size": 16}
    history = nn.fit(model, nn.CrossEntropyLoss(), data.train, epochs=run.epochs(8), **how)

    x, y = data.test.arrays
    found = nn.predict(model, x).argmax(1)
    each = nn.metrics.iou(found, y, average=None, num_classes=len(data.classes))
    run.figure("digits IoU", float(np.mean(each[1:])), at_least=0.7, show=lambda v: f"{v:.3f}")
    run.figure("ink IoU", nn.metrics.iou(found > 0, y > 0, average="binary"), show=lambda v: f"{v:.3f}")
    run.save(model)
    run.lines("loss.png", {"training": history["loss"]}, y="cross-entropy")
    pictures = np.repeat(1 - x[:8], 3, axis=1)
    run.images("masks.png", np.concatenate([pictures, coloured(y[:8]), coloured(found[:8])]), columns=8)


def coloured(masks: Any) -> Any:
    """Class numbers (N, H, W) as colours (N, 3, H, W): the background white, each digit a hue of its own."""
    turn = np.arange(10) / 10 * 2 * np.pi
    hues = 0.5 + 0.4 * np.cos(turn[:, None] + np.array([0, 2, 4]) * np.pi / 3)
    return np.moveaxis(np.concatenate([np.ones((1, 3)), hues])[masks], -1, 1)
