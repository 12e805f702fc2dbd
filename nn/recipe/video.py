"""A 3D CNN tells in which of eight directions a digit moves: at least 95 %, where one frame alone tells nothing."""

from __future__ import annotations

from typing import Any

import numpy as np

import nn
from nn.random import generator
from nn.recipe.run import Run

WAYS = np.array([(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)])


def train(run: Run) -> None:
    """C3D in small on clips of eight frames, new ones in each epoch; beside it a ResNet that sees the fifth frame."""
    digits = nn.datasets.digits()
    train = run.part(digits.train, 64)
    x, y = clips(*digits.test.arrays)
    found = {}
    models: list[tuple[str, nn.Module, Any]] = [
        ("one frame", nn.models.resnet_small(len(WAYS), width=4), 4),
        ("video", nn.models.c3d_small(len(WAYS)), slice(None)),
    ]
    for name, model, frames in models:
        loader = nn.data.DataLoader(train, batch_size=32, shuffle=True, transform=Shown(frames))
        how: Any = {"optimizer": nn.optim.AdamW, "lr": 5e-3, "scheduler": "onecycle", "metrics": ["accuracy"]}
        run.say(f"{name}: {model.num_parameters:,} parameters")
        history = nn.fit(model, nn.CrossEntropyLoss(), loader, epochs=run.epochs(5), **how)
        found[name] = float(np.mean(nn.predict(model, x[:, :, frames]).argmax(1) == y)), history["loss"]
    run.figure("one frame", found["one frame"][0])
    run.figure("video", found["video"][0], at_least=0.95)
    run.save(model)
    run.lines("loss.png", {name: loss for name, (_, loss) in found.items()}, y="cross-entropy")
    run.images("clips.png", x[:5, 0].reshape(-1, *x.shape[-2:]), columns=x.shape[2])


class Shown:
    """Digits made into clips, and of them the frames that a model is to see."""

    def __init__(self, frames: Any) -> None:
        self.frames = frames

    def __call__(self, x: Any, y: Any) -> tuple[Any, Any]:
        x, y = clips(x, y)
        return x[:, :, self.frames], y


def clips(images: Any, labels: Any, frames: int = 8, size: int = 16) -> tuple[Any, Any]:
    """Images (N, 1, h, w) that move by a pixel a frame, as (N, 1, frames, size, size), and which way each goes.

    What leaves at one side comes in at the other, and all begin anywhere: no single frame tells the way.
    """
    n, _, height, width = images.shape
    random = generator()
    canvas = np.zeros((n, size, size), images.dtype)
    canvas[:, :height, :width] = images[:, 0]
    ways = random.integers(len(WAYS), size=n)
    at = random.integers(size, size=(n, 1, 2)) + np.arange(frames)[:, None] * WAYS[ways][:, None]
    row, column = ((np.arange(size) - at[:, :, axis, None]) % size for axis in (0, 1))
    seen = canvas[np.arange(n)[:, None, None, None], row[:, :, :, None], column[:, :, None, :]]
    return seen[:, None], ways
