"""Networks of single numbers, for reading: every weight and every step between is a Value with its gradient.

`nn.scalar.Neuron`, `Layer` and `MLP` are those of `nn`; beside them an LSTM cell and a head of attention, each a page
of arithmetic. Those of `nn` that are made of Tensors compute the same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import autograd
from autograd import OperandError, ShapeError, Value, dot, exp, sigmoid, tanh
from nn.module import Module
from nn.neuron import MLP, Layer, Neuron

__all__ = ["MLP", "AttentionHead", "LSTMCell", "Layer", "Neuron"]


class LSTMCell(Module):
    """One step of a long short-term memory, number by number: see `nn.LSTM` for the formula.

    Each of the four gates is a list of `nhidden` neurons, which read the input and the state h, one behind the other.
    The state is a pair of lists, h and c; without one it starts from zeros.

    >>> import nn
    >>> cell, state = nn.scalar.LSTMCell(1, 2), None
    >>> for x in [0.5, -0.25, 1.0]:
    ...     state = cell([x], state)
    >>> h, c = state
    >>> len(h), type(h[0]).__name__
    (2, 'Value')
    """

    def __init__(self, nin: int, nhidden: int, **kwargs: Any) -> None:
        self.nin = nin
        self.nhidden = nhidden
        self.input, self.forget, self.cell, self.output = (
            [Neuron(nin + nhidden, nonlin=False, **kwargs) for _ in range(nhidden)] for _ in range(4)
        )

    def forward(self, x: Sequence[Any], state: tuple[Sequence[Any], Sequence[Any]] | None = None) -> Any:
        """The next h and c, two lists of `nhidden` Values; x is a list of `nin` numbers or Values."""
        h, c = state or ([Value(0.0, requires_grad=False)] * self.nhidden,) * 2
        if len(x) != self.nin or len(h) != self.nhidden or len(c) != self.nhidden:
            raise ShapeError(
                f"LSTMCell({self.nin}, {self.nhidden}) got {len(x)} inputs and states of {len(h)} and {len(c)}."
            )
        seen = [*x, *h]
        new_c = [
            sigmoid(forget(seen)) * before + sigmoid(input(seen)) * tanh(cell(seen))
            for forget, input, cell, before in zip(self.forget, self.input, self.cell, c, strict=True)
        ]
        new_h = [sigmoid(output(seen)) * tanh(now) for output, now in zip(self.output, new_c, strict=True)]
        return new_h, new_c

    def __repr__(self) -> str:
        return f"LSTMCell({self.nin}, {self.nhidden})"


class AttentionHead(Module):
    """One head of attention over a sequence of lists of `nin` numbers: out come lists of `size` Values.

    Each place makes a query, a key and a value of its numbers, and takes the mean of all values, weighted by the
    softmax of query · key / √size. With `causal` it looks only at itself and at what stands before it.
    `weights` holds those of the last call, a list of Values for each place.

    >>> import nn
    >>> head = nn.scalar.AttentionHead(2, 3, causal=True)
    >>> y = head([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]])
    >>> [len(row) for row in y], [len(row) for row in head.weights]
    ([3, 3, 3], [1, 2, 3])
    """

    def __init__(self, nin: int, size: int, causal: bool = False, **kwargs: Any) -> None:
        if nin < 1 or size < 1:
            raise OperandError(f"AttentionHead({nin}, {size}): sizes are positive numbers.")
        self.nin = nin
        self.size = size
        self.causal = causal
        self.query, self.key, self.value = (
            [Neuron(nin, nonlin=False, **kwargs) for _ in range(size)] for _ in range(3)
        )

    def forward(self, sequence: Sequence[Sequence[Any]]) -> list[list[Value]]:
        """One list of `size` Values for each place."""
        queries, keys, values = (
            [[neuron(x) for neuron in neurons] for x in sequence] for neurons in (self.query, self.key, self.value)
        )
        outputs = []
        self.weights: list[list[Value]] = []
        for place, query in enumerate(queries):
            seen = place + 1 if self.causal else len(keys)
            scores = [dot(query, key) / math.sqrt(self.size) for key in keys[:seen]]
            weights = _softmax(scores)
            outputs.append([dot(weights, [value[i] for value in values[:seen]]) for i in range(self.size)])
            self.weights.append(weights)
        return outputs

    def _contents(self) -> Any:
        return [(name, thing) for name, thing in super()._contents() if name != "weights"]

    def __repr__(self) -> str:
        return f"AttentionHead({self.nin}, {self.size}{', causal=True' if self.causal else ''})"


def _softmax(scores: list[Value]) -> list[Value]:
    """Positive numbers that sum to 1; the largest score is taken off first, so that no exponential overflows."""
    top = max(score.data for score in scores)
    powers = [exp(score - top) for score in scores]
    total = autograd.sum(powers)
    return [power / total for power in powers]
