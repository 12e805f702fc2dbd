"""An LSTM reads digits row by row, eight pixels at each of eight steps: at least 97 % of those it has not seen."""

from __future__ import annotations

from typing import Any

import numpy as np

import nn
from nn.recipe.run import Run


def train(run: Run) -> None:
    """One layer of 64; its answer after the last row. What it thinks after each row is drawn."""
    digits = nn.datasets.digits()
    model = nn.Sequential(nn.Flatten(1, 2), nn.models.RecurrentNet(8, 64, 10, dropout=0.2))
    run.say(f"{len(digits.train):,} images to learn from, {model.num_parameters:,} parameters")

    noise = nn.data.GaussianNoise(sigma=0.2, clip=False)
    loader = nn.data.DataLoader(digits.train, batch_size=32, shuffle=True, transform=noise)
    how: Any = {"lr": 5e-3, "scheduler": "cosine", "clip_norm": 1.0, "metrics": ["accuracy"]}
    nn.fit(model, nn.CrossEntropyLoss(), loader, epochs=run.epochs(40), validation=digits.test, **how)

    x, y = digits.test.arrays
    run.figure("accuracy", float(np.mean(nn.predict(model, x).argmax(1) == y)), at_least=0.97)
    run.save(model)
    one = x[:1]
    chances = [nn.models.probabilities(nn.predict(model, one[:, :, : row + 1]))[0] for row in range(8)]
    run.heat("thoughts.png", chances, [f"row {row + 1}" for row in range(8)], digits.classes)
