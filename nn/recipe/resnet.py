"""ResNet, blocks that learn what to add, reads handwritten digits: at least 97 % of those it has not seen."""

from __future__ import annotations

import nn
from nn.recipe.reading import read_digits
from nn.recipe.run import Run


def train(run: Run) -> None:
    """Three stages of one block each: 8 layers with weights."""
    read_digits(run, nn.models.resnet_small(), epochs=8)
