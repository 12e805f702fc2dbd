"""Anchors: boxes of several sizes and shapes at every place of a grid, from which found boxes are told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import ShapeError
from nn.module import Module

__all__ = ["AnchorGenerator"]


class AnchorGenerator(Module):
    """For each level of features, boxes with the side √area of `sizes` and height / width of `aspect_ratios`.

    Both are a tuple for each level. Places of the grid come row by row, at each place shapes, and of each shape sizes.

    >>> import nn
    >>> anchors = nn.models.AnchorGenerator(sizes=[(8, 16)], aspect_ratios=[(1.0,)])
    >>> anchors((4, 8), [(1, 2)])[0]
    array([[-4., -4.,  4.,  4.],
           [-8., -8.,  8.,  8.],
           [ 0., -4.,  8.,  4.],
           [-4., -8., 12.,  8.]], dtype=float32)
    """

    _shown = ("sizes", "aspect_ratios")

    def __init__(self, sizes: Sequence[Sequence[float]], aspect_ratios: Sequence[Sequence[float]]) -> None:
        self.sizes = tuple(map(tuple, sizes))
        self.aspect_ratios = tuple(map(tuple, aspect_ratios))
        if len(self.sizes) != len(self.aspect_ratios):
            raise ShapeError(
                f"AnchorGenerator: {len(self.sizes)} levels of sizes and {len(self.aspect_ratios)} of aspect_ratios."
            )
        self.number = tuple(len(s) * len(r) for s, r in zip(self.sizes, self.aspect_ratios, strict=True))

    def forward(self, image: Sequence[int], grids: Sequence[Sequence[int]]) -> list[ndarray]:
        """For each grid (rows, columns) over an image (H, W) its anchors, (rows · columns · shapes · sizes, 4)."""
        if len(grids) != len(self.sizes):
            raise ShapeError(f"AnchorGenerator has sizes for {len(self.sizes)} levels, and got {len(grids)}.")
        return [
            self._level(image, grid, s, r) for grid, s, r in zip(grids, self.sizes, self.aspect_ratios, strict=True)
        ]

    def _level(self, image: Any, grid: Any, sizes: Any, ratios: Any) -> ndarray:
        high = np.sqrt(np.array(ratios, np.float32))
        half = np.stack([np.outer(1 / high, sizes).ravel(), np.outer(high, sizes).ravel()], axis=1) / 2
        shapes = np.round(np.concatenate([-half, half], axis=1))
        rows, columns = (np.arange(n) * step(size, n) for size, n in zip(image, grid, strict=True))
        y, x = (axis.ravel() for axis in np.meshgrid(rows, columns, indexing="ij"))
        places = np.stack([x, y, x, y], axis=1)[:, None]
        return (places + shapes).reshape(-1, 4).astype(np.float32)


def step(size: int, n: int) -> float:
    """How many pixels it is from one of n features to the next: a power of two."""
    return float(2.0 ** np.round(np.log2(size / n)))
