"""A multilayer perceptron reads handwritten digits of 8 × 8 pixels: at least 97.5 % of those it has not seen."""

from __future__ import annotations

from typing import Any

import numpy as np

import nn
from nn.recipe.run import Run


def train(run: Run) -> None:
    """MLP 64-256-128-10 and Adam. Noise keeps it from learning images by heart; what it mistakes is drawn."""
    digits = nn.datasets.digits()
    model = nn.Sequential(nn.Flatten(), nn.models.MLP(64, 256, 128, 10))
    run.say(f"{len(digits.train):,} images to learn from, {model.num_parameters:,} parameters")

    noise = nn.data.GaussianNoise(sigma=0.3, clip=False)
    loader = nn.data.DataLoader(digits.train, batch_size=64, shuffle=True, transform=noise)
    how: Any = {"lr": 3e-3, "scheduler": "cosine", "validation": digits.test, "metrics": ["accuracy"]}
    history = nn.fit(model, nn.CrossEntropyLoss(), loader, epochs=run.epochs(100), **how)

    x, y = digits.test.arrays
    found = nn.predict(model, x).argmax(1)
    wrong = np.flatnonzero(found != y)
    run.figure("accuracy", float(np.mean(found == y)), at_least=0.975)
    run.save(model)
    run.lines("loss.png", {"training, with noise": history["loss"], "test": history["val_loss"]}, y="cross-entropy")
    run.images("mistakes.png", x[wrong], [f"{a} for {b}" for a, b in zip(found[wrong], y[wrong])])
