"""VGG, convolutions of 3 × 3, reads handwritten digits: at least 97 % of those it has not seen."""

from __future__ import annotations

import nn
from nn.recipe.reading import read_digits
from nn.recipe.run import Run


def train(run: Run) -> None:
    """Four convolutions with batch normalisation, in two groups, and three linear layers."""
    read_digits(run, nn.models.vgg_small(), epochs=10)
