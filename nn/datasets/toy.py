"""Points in a plane with a label each: problems that no straight line solves, to be seen and learned at once."""

from __future__ import annotations

import numpy as np
from numpy import ndarray

from nn.data.dataset import ArrayDataset, rng
from nn.data.split import train_test_split
from nn.datasets.data import Data

__all__ = ["circles", "spirals", "two_moons", "xor"]

Generator = np.random.Generator


def xor(n: int = 500, noise: float = 0.15, generator: Generator | int | None = 0) -> Data:
    """Clouds at the corners of a square, "same" where both coordinates have the same sign, "different" elsewhere.

    x float32 (N, 2), y int64 (N,); a fifth is for the test. `noise` is the standard deviation of a cloud around
    (±1, ±1), whose points are never beyond its own quarter.
    """
    random = rng(generator)
    signs = 2 * (np.arange(n)[:, None] // [1, 2] % 2) - 1
    x = signs * np.abs(1 + noise * random.normal(size=(n, 2)))
    y = (signs[:, 0] != signs[:, 1]).astype(int)
    return _divided("xor", x, y, ("same", "different"), "exclusive or of two signs", random)


def two_moons(n: int = 500, noise: float = 0.1, generator: Generator | int | None = 0) -> Data:
    """Two half circles that reach into each other; x float32 (N, 2), y int64 (N,), a fifth is for the test."""
    random = rng(generator)
    y = np.arange(n) % 2
    angle = np.pi * random.random(n)
    x = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    x = np.where(y[:, None] == 0, x, np.array([1, 0.5]) - x) + noise * random.normal(size=(n, 2))
    return _divided("two_moons", x, y, ("upper", "lower"), "two half circles that reach into each other", random)


def circles(n: int = 500, noise: float = 0.1, factor: float = 0.5, generator: Generator | int | None = 0) -> Data:
    """A circle inside another, `factor` times as large; x float32 (N, 2), y int64 (N,), a fifth is for the test."""
    random = rng(generator)
    y = np.arange(n) % 2
    angle = 2 * np.pi * random.random(n)
    x = np.stack([np.cos(angle), np.sin(angle)], axis=1) * np.where(y == 0, 1, factor)[:, None]
    x = x + noise * random.normal(size=(n, 2))
    return _divided("circles", x, y, ("outer", "inner"), "a circle inside another", random)


def spirals(
    n: int = 600, noise: float = 0.1, arms: int = 3, turns: float = 0.75, generator: Generator | int | None = 0
) -> Data:
    """Arms that wind around the origin; x float32 (N, 2) within ±1.3, y int64 (N,), a fifth is for the test.

    `noise` is the standard deviation of a point's angle, in parts of the angle between neighbouring arms.
    """
    random = rng(generator)
    y = np.arange(n) % arms
    radius = 0.05 + 0.95 * random.random(n) ** 0.75  # more points outside, where an arm has more room
    angle = 2 * np.pi * (turns * radius + (y + noise * random.normal(size=n)) / arms)
    x = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    names = tuple(f"arm {i}" for i in range(arms))
    return _divided("spirals", x, y, names, f"{arms} arms that wind around the origin", random)


def _divided(name: str, x: ndarray, y: ndarray, classes: tuple[str, ...], description: str, random: Generator) -> Data:
    """In an order of chance, a fifth for the test."""
    parts = train_test_split(x.astype(np.float32), y.astype(np.int64), test_size=0.2, random_state=random, stratify=y)
    train, test = ArrayDataset(*parts[::2]), ArrayDataset(*parts[1::2])
    return Data(name, train, test, classes, ("x", "y"), description=description)
