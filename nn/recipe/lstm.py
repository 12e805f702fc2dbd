"""An LSTM invents first names, letter by letter: validation loss below that of pairs of letters."""

from __future__ import annotations

import nn
from nn.recipe.names import invent
from nn.recipe.run import Run


def train(run: Run) -> None:
    """One layer of 128 units: what a tiny GPT does in `names`, without attention."""
    invent(run, lambda size, length: nn.models.CharRNN(size, 128, cell="lstm", embedding_dim=32, dropout=0.1))
