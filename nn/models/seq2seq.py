"""Seq2Seq: one recurrent network reads, another one writes, and attention says which part of the text it looks at.

"Sequence to sequence learning with neural networks" (Sutskever et al., 2014), with the attention of "Neural machine
translation by jointly learning to align and translate" (Bahdanau et al., 2015) or of "Effective approaches to
attention-based neural machine translation" (Luong et al., 2015):

| | score of place s for the decoder's state q | when it looks |
|---|---|---|
| `"bahdanau"` | v · tanh(W q + U m_s) | before each step, and the step reads what it found |
| `"luong"` | q · U m_s | after each step, all steps at once |
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy import ndarray

import autograd
from autograd import OperandError, ShapeError, no_grad
from nn.embedding import Embedding
from nn.linear import Linear
from nn.module import Module
from nn.recurrent import GRU, GRUCell

__all__ = ["Seq2Seq"]


class Memory(NamedTuple):
    """What was read, for S places: the encoder's states (N, S, 2H), their keys (N, S, H), and which are padding."""

    states: Any
    keys: Any
    hidden: ndarray | None


class AdditiveAttention(Module):
    """Bahdanau's: a small network judges each pair of a query and a key."""

    def __init__(self, size: int, dtype: Any) -> None:
        self.query = Linear(size, size, bias=False, dtype=dtype)
        self.judge = Linear(size, 1, bias=False, dtype=dtype)

    def forward(self, query: Any, memory: Memory) -> tuple[Any, Any]:
        """Queries (N, T, H) to what they found (N, T, 2H), and the weights (N, T, S)."""
        pairs = autograd.expand_dims(self.query(query), 2) + autograd.expand_dims(memory.keys, 1)
        return _look(self.judge(autograd.tanh(pairs))[..., 0], memory)


class MultiplicativeAttention(Module):
    """Luong's, called general: the scores are products."""

    def forward(self, query: Any, memory: Memory) -> tuple[Any, Any]:
        """Queries (N, T, H) to what they found (N, T, 2H), and the weights (N, T, S)."""
        return _look(query @ autograd.swapaxes(memory.keys, 1, 2), memory)


def _look(scores: Any, memory: Memory) -> tuple[Any, Any]:
    if memory.hidden is not None:
        scores = scores + np.where(memory.hidden, -np.inf, 0.0).astype(scores.dtype)[:, None]
    weights = autograd.softmax(scores, -1)
    return weights @ memory.states, weights


class BahdanauDecoder(Module):
    """Looks, steps, looks, steps: what is found is part of the next step's input."""

    def __init__(self, width: int, size: int, dtype: Any) -> None:
        self.attention = AdditiveAttention(size, dtype)
        self.cell = GRUCell(width + 2 * size, size, dtype=dtype)
        self.combine = Linear(width + 3 * size, size, dtype=dtype)

    def forward(self, x: Any, state: Any, memory: Memory) -> tuple[Any, Any, Any]:
        """Inputs (N, T, width) to outputs (N, T, H), the last state (N, H), and the weights (N, T, S)."""
        outputs, weights = [], []
        for t in range(x.shape[1]):
            found, seen = self.attention(autograd.expand_dims(state, 1), memory)
            step = autograd.concatenate([x[:, t], found[:, 0]], -1)
            state = self.cell(step, state)
            outputs.append(autograd.concatenate([step, state], -1))
            weights.append(seen[:, 0])
        return autograd.tanh(self.combine(autograd.stack(outputs, 1))), state, autograd.stack(weights, 1)


class LuongDecoder(Module):
    """Steps through everything, then looks for every step at once."""

    def __init__(self, width: int, size: int, dtype: Any) -> None:
        self.attention = MultiplicativeAttention()
        self.rnn = GRU(width, size, batch_first=True, dtype=dtype)
        self.combine = Linear(3 * size, size, bias=False, dtype=dtype)

    def forward(self, x: Any, state: Any, memory: Memory) -> tuple[Any, Any, Any]:
        """Inputs (N, T, width) to outputs (N, T, H), the last state (N, H), and the weights (N, T, S)."""
        steps, last = self.rnn(x, autograd.expand_dims(state, 0))
        found, weights = self.attention(steps, memory)
        return autograd.tanh(self.combine(autograd.concatenate([found, steps], -1))), last[0], weights


DECODERS: dict[str, type[Module]] = {"bahdanau": BahdanauDecoder, "luong": LuongDecoder}


class Seq2Seq(Module):
    """Source (N, S) and the target so far (N, T) to scores of the target's next tokens (N, T, target_size).

    The encoder is a GRU in both directions; the decoder starts from its last states. To train, `target` is the right
    answer, moved by one place and led by a token that says "start" (teacher forcing). `write` answers by itself.
    `lengths` says where each source of a padded batch ends.

    >>> import nn, numpy as np
    >>> model = nn.models.Seq2Seq(12, 12, 16, attention="luong")
    >>> source, target = np.ones((4, 7), int), np.ones((4, 5), int)
    >>> model(source, target).shape
    (4, 5, 12)
    >>> answer, weights = model.write(source, start=0, max_length=6)
    >>> answer.shape, weights.shape
    ((4, 6), (4, 6, 7))
    """

    def __init__(
        self,
        source_size: int,
        target_size: int,
        hidden_size: int = 64,
        embedding_dim: int | None = None,
        *,
        attention: str = "bahdanau",
        dtype: Any = np.float32,
    ) -> None:
        if attention not in DECODERS:
            raise OperandError(f"Seq2Seq: attention is {' or '.join(map(repr, DECODERS))}, and not {attention!r}.")
        width = embedding_dim or hidden_size
        self.source_embedding = Embedding(source_size, width, dtype=dtype)
        self.encoder = GRU(width, hidden_size, batch_first=True, bidirectional=True, dtype=dtype)
        self.key = Linear(2 * hidden_size, hidden_size, bias=False, dtype=dtype)
        self.bridge = Linear(2 * hidden_size, hidden_size, dtype=dtype)
        self.target_embedding = Embedding(target_size, width, dtype=dtype)
        self.decoder = DECODERS[attention](width, hidden_size, dtype)  # type: ignore[call-arg]
        self.head = Linear(hidden_size, target_size, dtype=dtype)

    def read(self, source: Any, lengths: Sequence[int] | None = None) -> tuple[Any, Memory]:
        """The first state of the decoder (N, H), and what it can look at."""
        if np.ndim(source) != 2:
            raise ShapeError(f"Seq2Seq reads sources (N, S), and got {np.shape(source)}: one alone is source[None].")
        states, last = self.encoder(self.source_embedding(source), lengths=lengths)
        hidden = None if lengths is None else np.arange(states.shape[1]) >= np.asarray(lengths)[:, None]
        first = autograd.tanh(self.bridge(autograd.concatenate([last[0], last[1]], -1)))
        return first, Memory(states, self.key(states), hidden)

    def forward(self, source: Any, target: Any, lengths: Sequence[int] | None = None) -> Any:
        """Logits (N, T, target_size)."""
        if np.ndim(target) != 2 or len(target) != len(source):
            raise ShapeError(
                f"Seq2Seq takes targets (N, T), one for each source (N, S), and got {np.shape(target)} for "
                f"{np.shape(source)}."
            )
        state, memory = self.read(source, lengths)
        outputs, _, _ = self.decoder(self.target_embedding(target), state, memory)
        return self.head(outputs)

    def write(
        self, source: Any, start: int, stop: int | None = None, max_length: int = 50, *, lengths: Any = None
    ) -> tuple[ndarray, ndarray]:
        """The likeliest token at each step: answers (N, T), and where it looked meanwhile, (N, T, S).

        T is `max_length`, or smaller when every answer has reached the token `stop`, with which the others are filled.
        """
        with no_grad():
            state, memory = self.read(source, lengths)
            token = np.full((len(state), 1), start)
            ended = np.zeros((len(state), 1), bool)
            answers, looks = [], []
            for _ in range(max_length):
                outputs, state, weights = self.decoder(self.target_embedding(token), state, memory)
                token = np.asarray(self.head(outputs).argmax(-1))
                if stop is not None:
                    token = np.where(ended, stop, token)
                    ended |= token == stop
                answers.append(token)
                looks.append(np.asarray(weights.data))
                if ended.all():
                    break
        return np.concatenate(answers, 1), np.concatenate(looks, 1)
