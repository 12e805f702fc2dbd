"""RecurrentNet: reads a sequence step by step and answers once: of which class it is, or what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd
from autograd import OperandError
from nn.dropout import Dropout
from nn.linear import Linear
from nn.module import Module
from nn.recurrent import GRU, LSTM, RNN, RNNBase

__all__ = ["RecurrentNet"]

CELLS: dict[str, type[RNNBase]] = {"rnn": RNN, "lstm": LSTM, "gru": GRU}


class RecurrentNet(Module):
    """A recurrent layer over a sequence (N, L, input_size), and a linear one of its last state: (N, output_size).

    Of kind "lstm" (Hochreiter and Schmidhuber, 1997), "gru" (Cho et al., 2014) or "rnn" (Elman, 1990). An LSTM of one
    layer has 4H(I + H + 2) + O(H + 1) parameters. `lengths` says where the sequences of a padded batch end.

    >>> import nn, numpy as np
    >>> model = nn.models.RecurrentNet(8, 32, 10)
    >>> model(np.zeros((4, 8, 8), np.float32)).shape, model.num_parameters
    ((4, 10), 5706)
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        output_size: int,
        *,
        cell: str = "lstm",
        num_layers: int = 1,
        bidirectional: bool = False,
        dropout: float = 0.0,
        dtype: Any = np.float32,
    ) -> None:
        between = dropout if num_layers > 1 else 0.0
        how: Any = {"batch_first": True, "dropout": between, "bidirectional": bidirectional, "dtype": dtype}
        self.rnn = cell_of("RecurrentNet", cell)(input_size, hidden_size, num_layers, **how)
        self.dropout = Dropout(dropout)
        self.head = Linear(hidden_size * (1 + bidirectional), output_size, dtype=dtype)

    def forward(self, x: Any, lengths: Sequence[int] | None = None) -> Any:
        """(N, L, input_size) to (N, output_size)."""
        _, state = self.rnn(x, lengths=lengths)
        h = state[0] if self.rnn.pair else state
        last = autograd.concatenate([h[-2], h[-1]], -1) if self.rnn.bidirectional else h[-1]
        return self.head(self.dropout(last))


def cell_of(model: str, cell: str) -> type[RNNBase]:
    """The layer of this name. Errors: OperandError."""
    if cell not in CELLS:
        raise OperandError(f"{model}: cell is one of {', '.join(map(repr, CELLS))}, and not {cell!r}.")
    return CELLS[cell]
