"""A variational autoencoder learns digits and draws new ones: less than 25 nats for one that it has not seen."""

from __future__ import annotations

from typing import Any

import numpy as np

import nn
from nn.random import generator
from nn.recipe.run import Run


def train(run: Run) -> None:
    """64-128-8-128-64. New digits, and the ways from one digit to another through the space of codes, are drawn."""
    digits = nn.datasets.digits()
    x, test = (run.part(part.arrays[0].reshape(-1, 64), 200) for part in (digits.train, digits.test))
    model = nn.models.VAE(64, 128, 8)
    how: Any = {"lr": 2e-3, "scheduler": "cosine", "validation": (test, test)}
    history = nn.fit(model, nn.models.elbo_loss, (x, x), epochs=run.epochs(80), **how)

    draws = [float(nn.models.elbo_loss(model(test), test).data) for _ in range(20)]
    run.figure("-ELBO", float(np.mean(draws)), below=25, show=lambda e: f"{e:.2f} nats")
    run.save(model)
    run.lines("loss.png", {"training": history["loss"], "test, codes at their means": history["val_loss"]}, y="nats")
    run.images("new.png", model.sample(50).reshape(-1, 8, 8))

    ends = model.encode(test[generator().integers(0, len(test), 10)])[0].data
    steps = np.linspace(0, 1, 10, dtype=np.float32)[:, None]
    ways = np.concatenate([a + steps * (b - a) for a, b in zip(ends[::2], ends[1::2])])
    run.images("between.png", model.decode(ways).data.reshape(-1, 8, 8))
