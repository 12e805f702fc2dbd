"""A small CNN tells ten kinds of clothes apart, after 60,000 of Fashion-MNIST: at least 90 % of 10,000 others."""

from __future__ import annotations

from typing import Any

import numpy as np

import nn
from nn.recipe.run import Run


def train(run: Run) -> None:
    """Two convolutions, each with batch normalisation and the largest of 2 × 2; what is taken for what is drawn."""
    data = nn.datasets.fashion_mnist()
    train, test = run.part(data.train, 1000), run.part(data.test, 200)
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1, bias=False),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1, bias=False),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * 7 * 7, 128),
        nn.ReLU(),
        nn.Dropout(0.3),
        nn.Linear(128, 10),
    )
    run.say(f"{len(train):,} images to learn from, {model.num_parameters:,} parameters")

    how: Any = {"lr": 2e-3, "scheduler": "cosine", "metrics": ["accuracy"], "batch_size": 64}
    history = nn.fit(model, nn.CrossEntropyLoss(), train, epochs=run.epochs(5), validation=test, **how)

    x, y = test[:]
    found = nn.predict(model, x).argmax(1)
    run.figure("accuracy", float(np.mean(found == y)), at_least=0.90)
    run.save(model)
    run.lines("loss.png", {"training": history["loss"], "test": history["val_loss"]}, y="cross-entropy")
    confused = np.zeros((10, 10))
    np.add.at(confused, (y, found), 1)
    run.heat("confusion.png", confused / np.maximum(confused.sum(1, keepdims=True), 1), data.classes, range(10))
