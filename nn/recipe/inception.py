"""Inception, kernels of several sizes side by side, reads handwritten digits: at least 97 % of others."""

from __future__ import annotations

import nn
from nn.recipe.reading import read_digits
from nn.recipe.run import Run


def train(run: Run) -> None:
    """Three inception blocks; after them the mean over all places."""
    read_digits(run, nn.models.inception_small(), epochs=8)
