"""Videos, of which no single picture tells the class: what moves must be seen in time."""

from __future__ import annotations

import numpy as np
from numpy import ndarray

from autograd import OperandError
from nn.data.dataset import ArrayDataset, rng
from nn.datasets.data import Data
from nn.datasets.image import digits
from nn.functional.refusal import refuse

__all__ = ["moving_digits"]


def moving_digits(
    n: int = 2000,
    frames: int = 8,
    size: int = 16,
    noise: float = 0.05,
    generator: np.random.Generator | int | None = 0,
) -> Data:
    """A handwritten digit that moves: x float32 (N, 1, frames, size, size) from 0 to 1, y int64 (N,), which way.

    A pixel in each frame, to the left, to the right, up or down; what leaves comes back in at the other side, so that
    neither place nor digit tells anything. A fifth is for the test, with other digits.

    Errors: DataNotFoundError where scikit-learn is not installed.
    """
    if frames < 2 or size < 8:
        refuse(OperandError, f"frames={frames} and size={size}: from 2 and from 8 on.")
    random, of = rng(generator), digits()
    cut = n - n // 5
    train, test = (
        _videos(part.arrays[0], count, frames, size, noise, random)
        for part, count in zip((of.train, of.test), (cut, n - cut), strict=True)
    )
    return Data(
        "moving_digits",
        train,
        test,
        classes=("left", "right", "up", "down"),
        source=of.source,
        licence=of.licence,
        description="which way a handwritten digit moves",
    )


def _videos(
    images: ndarray, count: int, frames: int, size: int, noise: float, random: np.random.Generator
) -> ArrayDataset:
    canvas = np.zeros((count, size, size), np.float32)
    canvas[:, :8, :8] = images[random.integers(len(images), size=count), 0]
    y = np.arange(count) % 4
    step = np.array([[0, -1], [0, 1], [-1, 0], [1, 0]])[y]  # down and across
    place = random.integers(size, size=(count, 2))[:, None] + step[:, None] * np.arange(frames)[:, None]
    down, across = ((np.arange(size) - place[..., k : k + 1]) % size for k in (0, 1))  # where a pixel comes from
    x = canvas[np.arange(count)[:, None, None, None], down[..., :, None], across[..., None, :]]
    x += noise * random.standard_normal(x.shape, np.float32)
    return ArrayDataset(np.clip(x, 0, 1, out=x)[:, None], y.astype(np.int64))
