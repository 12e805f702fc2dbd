"""Reading digits with a network for images: what the recipes of VGG, Inception, ResNet and DenseNet have in common."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
import nn
from nn.recipe.run import Run

__all__ = ["read_digits"]


def read_digits(run: Run, model: nn.Module, epochs: int) -> None:
    """Train it with AdamW and a rate that rises and falls (one cycle), on images moved by up to a pixel; then test."""
    digits = nn.datasets.digits()
    train = run.part(digits.train, 160)
    run.say(f"{len(train):,} images to learn from, {model.num_parameters:,} parameters")

    loader = nn.data.DataLoader(train, batch_size=32, shuffle=True, transform=nn.data.RandomShift(1))
    how: Any = {"optimizer": nn.optim.AdamW, "lr": 3e-3, "scheduler": "onecycle", "metrics": ["accuracy"]}
    history = nn.fit(model, nn.CrossEntropyLoss(), loader, epochs=run.epochs(epochs), validation=digits.test, **how)

    x, y = digits.test.arrays
    found = nn.predict(model, x).argmax(1)
    wrong = np.flatnonzero(found != y)[:40]
    run.figure("accuracy", float(np.mean(found == y)), at_least=0.97)
    run.save(model)
    run.lines("loss.png", {"training, moved": history["loss"], "test": history["val_loss"]}, y="cross-entropy")
    run.images("mistakes.png", x[wrong], [f"{a} for {b}" for a, b in zip(found[wrong], y[wrong])])
    with autograd.annotate():
        scores = model.eval()(x[:1])
    autograd.draw(scores, depth=1, rankdir="TB", names=False).save(run.path("network.svg"))
