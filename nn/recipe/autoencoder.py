"""Autoencoders squeeze digits into 8 numbers, better than principal components do, and take noise out of them."""

from __future__ import annotations

from typing import Any

import numpy as np

import nn
from nn.recipe.run import Run


def train(run: Run) -> None:
    """64-128-8-128-64 on images as they are, and a wider one on images with noise and holes, which it is to mend."""
    digits = nn.datasets.digits()
    x, test = (run.part(part.arrays[0].reshape(-1, 64), 200) for part in (digits.train, digits.test))
    how: Any = {"lr": 2e-3, "scheduler": "cosine", "epochs": run.epochs(60)}

    model = nn.models.Autoencoder(64, 128, 8)
    history = nn.fit(model, nn.MSELoss(), (x, x), **how)
    back = nn.predict(model, test)
    mean, axes = x.mean(0), np.linalg.svd(x - x.mean(0), full_matrices=False)[2][:8]
    error, linear = np.mean((back - test) ** 2), np.mean(((test - mean) @ axes.T @ axes + mean - test) ** 2)
    run.figure("error", float(error), below=float(linear), show=lambda e: f"{e:.4f}")

    mender = nn.models.DenoisingAutoencoder(64, 256, 64, noise=0.3, drop=0.2)
    other = nn.fit(mender, nn.MSELoss(), (x, x), **how)
    noisy = mender.corrupt(test)
    mended = nn.predict(mender, noisy)
    noise = float(np.mean((noisy - test) ** 2))
    run.figure("mended", float(np.mean((mended - test) ** 2)), below=noise / 4, show=lambda e: f"{e:.4f}")

    run.save(model)
    run.save(mender, "mender.npz")
    run.lines(
        "loss.png", {"autoencoder": history["loss"], "with noise": other["loss"]}, y="squared error", yscale="log"
    )
    rows = [test[:10], back[:10], np.clip(noisy[:10], 0, 1), mended[:10]]
    run.images("digits.png", np.concatenate(rows).reshape(-1, 8, 8))
