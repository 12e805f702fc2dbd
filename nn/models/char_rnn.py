"""CharRNN: a recurrent network that writes, letter by letter (Sutskever et al., 2011; Graves, 2013; Karpathy, 2015)."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.dropout import Dropout
from nn.embedding import Embedding
from nn.linear import Linear
from nn.models.language import LanguageModel
from nn.models.recurrent_net import cell_of

__all__ = ["CharRNN"]


class CharRNN(LanguageModel):
    """A vector for each token, a recurrent network that reads them, and scores of the next: (N, L) to (N, L, V).

    The network is an "lstm", a "gru" or an "rnn". With V tokens, width E (H unless given) and H hidden units an LSTM
    of one layer has V·E + 4H(E + H + 2) + V(H + 1) parameters: 1,221,249 with V = 65, H = 512 and E = 64.

    >>> import nn, numpy as np
    >>> nn.manual_seed(0)
    >>> model = nn.models.CharRNN(27, 32, cell="gru")
    >>> model(np.zeros((4, 10), int)).shape
    (4, 10, 27)
    >>> model.generate([0], 5).shape
    (6,)
    """

    def __init__(
        self,
        vocab_size: int,
        hidden_size: int = 128,
        num_layers: int = 1,
        *,
        cell: str = "lstm",
        embedding_dim: int | None = None,
        dropout: float = 0.0,
        dtype: Any = np.float32,
    ) -> None:
        width = embedding_dim or hidden_size
        self.embedding = Embedding(vocab_size, width, dtype=dtype)
        between = dropout if num_layers > 1 else 0.0
        how: Any = {"batch_first": True, "dropout": between, "dtype": dtype}
        self.rnn = cell_of("CharRNN", cell)(width, hidden_size, num_layers, **how)
        self.dropout = Dropout(dropout)
        self.head = Linear(hidden_size, vocab_size, dtype=dtype)

    def advance(self, tokens: Any, past: Any = None) -> tuple[Any, Any]:
        """Logits (N, L, V), and the state after the last token: h, or (h, c), of shape (num_layers, N, H)."""
        hidden, state = self.rnn(self.embedding(tokens), past)
        return self.head(self.dropout(hidden)), state
