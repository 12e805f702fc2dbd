"""A Transformer encoder reads digits as eight rows that look at each other: at least 97 % of those it has not seen."""

from __future__ import annotations

from typing import Any

import numpy as np

import nn
from nn.recipe.run import Run


def train(run: Run) -> None:
    """Two layers of four heads, 64 wide."""
    digits = nn.datasets.digits()
    model = nn.Sequential(nn.Flatten(1, 2), nn.models.TransformerClassifier(10, input_size=8, max_len=8))
    run.say(f"{len(digits.train):,} images to learn from, {model.num_parameters:,} parameters")

    how: Any = {"optimizer": "adamw", "lr": 2e-3, "scheduler": "cosine", "metrics": ["accuracy"], "clip_norm": 1.0}
    nn.fit(model, nn.CrossEntropyLoss(), digits.train, epochs=run.epochs(30), validation=digits.test, **how)

    x, y = digits.test.arrays
    run.figure("accuracy", float(np.mean(nn.predict(model, x).argmax(1) == y)), at_least=0.97)
    run.save(model)
