"""LeNet reads handwritten digits of 28 × 28 pixels, after 4,000 of MNIST: at least 96 % of 1,000 others."""

from __future__ import annotations

from typing import Any

import numpy as np

import nn
from nn.recipe.run import Run


def train(run: Run) -> None:
    """LeNet-5 as published, and Adam; images moved by up to 2 pixels. What it takes for something else is drawn."""
    data = nn.datasets.mnist()
    train, test = run.part(data.train, 500), run.part(data.test, 200)
    model = nn.models.LeNet()
    run.say(f"{len(train):,} images to learn from, {model.num_parameters:,} parameters")

    loader = nn.data.DataLoader(train, batch_size=32, shuffle=True, transform=nn.data.RandomShift(2))
    how: Any = {"lr": 2e-3, "scheduler": "cosine", "metrics": ["accuracy"], "validation": test}
    history = nn.fit(model, nn.CrossEntropyLoss(), loader, epochs=run.epochs(20), **how)

    x, y = test[:]
    found = nn.predict(model, x).argmax(1)
    wrong = np.flatnonzero(found != y)[:40]
    run.figure("accuracy", float(np.mean(found == y)), at_least=0.96)
    run.save(model)
    run.lines("loss.png", {"training": history["loss"], "test": history["val_loss"]}, y="cross-entropy")
    run.images("mistakes.png", x[wrong], [f"{a} for {b}" for a, b in zip(found[wrong], y[wrong])])
    kernels = model.features[0].weight.data
    run.images("kernels.png", kernels, columns=6)
