"""DenseNet, layers that read all before them, reads handwritten digits: at least 97 % of others."""

from __future__ import annotations

import nn
from nn.recipe.reading import read_digits
from nn.recipe.run import Run


def train(run: Run) -> None:
    """Two dense blocks of four layers each, with a transition between."""
    read_digits(run, nn.models.densenet_small(), epochs=10)
