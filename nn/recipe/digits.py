"""A multilayer perceptron reads handwritten digits of 8 × 8 pixels: at least 97.5 % of those it has not seen."""

from __future__ import annotations

import numpy as np

import nn
from nn.recipe.run import Run


def train(run: Run) -> None:
    """MLP 64-128-64-10 and Adam; what it takes for something else is drawn."""
    digits = nn.datasets.digits()
    model = nn.Sequential(nn.Flatten(), nn.models.MLP(64, 128, 64, 10))
    run.say(f"{len(digits.train):,} images to learn from, {model.num_parameters:,} parameters")

    loss = nn.CrossEntropyLoss()
    history = nn.fit(model, loss, digits.train, epochs=run.epochs(60), validation=digits.test, metrics=["accuracy"])

    x, y = digits.test.arrays
    found = nn.predict(model, x).argmax(1)
    wrong = np.flatnonzero(found != y)
    run.figure("accuracy", float(np.mean(found == y)), at_least=0.975)
    run.save(model)
    run.lines("loss.png", {"training": history["loss"], "test": history["val_loss"]}, y="cross-entropy")
    run.images("mistakes.png", x[wrong], [f"{a} for {b}" for a, b in zip(found[wrong], y[wrong])])
