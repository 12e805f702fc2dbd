"""TransformerClassifier: an encoder, every step of which looks at all others, and a mean."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import OperandError, ShapeError
from nn.embedding import Embedding
from nn.linear import Linear
from nn.module import Module
from nn.normalization import LayerNorm
from nn.position import LearnedPositionalEncoding
from nn.transformer import TransformerEncoder, TransformerEncoderLayer

__all__ = ["TransformerClassifier"]


class TransformerClassifier(Module):
    """Says of which class a sequence is: (N, L, input_size), or with `vocab_size` tokens (N, L), to (N, num_classes).

    Each step becomes a vector of d numbers, to which those of its place are added. `num_layers` layers of attention and
    a small network of f hidden units follow (Vaswani et al., 2017; normalised first, Xiong et al., 2020), each with
    4d(d + 1) + 2df + f + 5d parameters, and the mean of all steps is classified. What is True in `padding` (N, L) is
    neither seen nor counted.

    >>> import nn, numpy as np
    >>> model = nn.models.TransformerClassifier(10, input_size=8, max_len=8)
    >>> model(np.zeros((4, 8, 8), np.float32)).shape, model.num_parameters
    ((4, 10), 68810)
    """

    def __init__(
        self,
        num_classes: int,
        *,
        input_size: int | None = None,
        vocab_size: int | None = None,
        d_model: int = 64,
        nhead: int = 4,
        num_layers: int = 2,
        dim_feedforward: int = 128,
        dropout: float = 0.1,
        max_len: int = 512,
        dtype: Any = np.float32,
    ) -> None:
        self.embedding: Module
        if input_size is not None and vocab_size is None:
            self.embedding = Linear(input_size, d_model, dtype=dtype)
        elif vocab_size is not None and input_size is None:
            self.embedding = Embedding(vocab_size, d_model, dtype=dtype)
        else:
            raise OperandError(
                "TransformerClassifier: give input_size=..., for sequences of vectors (N, L, input_size), or "
                "vocab_size=..., for sequences of tokens (N, L)."
            )
        self.position = LearnedPositionalEncoding(d_model, dropout, max_len, batch_first=True, dtype=dtype)
        how: Any = {"activation": "gelu", "batch_first": True, "norm_first": True, "dtype": dtype}
        layer = TransformerEncoderLayer(d_model, nhead, dim_feedforward, dropout, **how)
        self.encoder = TransformerEncoder(layer, num_layers, LayerNorm(d_model, dtype=dtype))
        for each in self.encoder.layers:  # which are copies of one
            each.apply(_draw)
        self.head = Linear(d_model, num_classes, dtype=dtype)

    def forward(self, x: Any, padding: Any = None) -> Any:
        """(N, L, input_size), or tokens (N, L), to (N, num_classes)."""
        if padding is None:
            return self.head(self.encoder(self.position(self.embedding(x))).mean(1))
        hidden = np.asarray(padding, bool)
        if hidden.all(1).any():
            raise ShapeError("TransformerClassifier: a sequence that is nothing but padding has nothing to classify.")
        y = self.encoder(self.position(self.embedding(x)), src_key_padding_mask=hidden)
        kept = (~hidden).astype(y.dtype)[..., None]
        return self.head((y * kept).sum(1) / kept.sum(1))


def _draw(module: Module) -> None:
    if hasattr(module, "reset_parameters"):
        module.reset_parameters()
