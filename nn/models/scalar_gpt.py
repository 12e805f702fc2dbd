"""ScalarGPT: the whole of GPT in numbers, one Value each, for reading, stepping and drawing.

Nothing here is an array: a vector is a list of Values, a matrix a list of rows. It computes what `nn.models.GPT`
computes, to the last digits, a hundred times slower; what is a line there is a loop here, that can be looked into.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd
from autograd import OperandError, ShapeError, Value, dot, exp, log, no_grad, tanh
from nn.models.gpt import GPT
from nn.models.language import choose
from nn.module import Module
from nn.random import generator

__all__ = ["ScalarGPT"]

Vector = list[Any]  # of Values
Matrix = list[Vector]  # a row for each output


class ScalarGPT(Module):
    """Scores of the next token, for a list of tokens: see `nn.models.GPT` for the formula and the names.

    >>> import nn
    >>> nn.manual_seed(0)
    >>> model = nn.models.ScalarGPT(vocab_size=5, block_size=8, n_layer=1, n_head=2, n_embd=4)
    >>> len(model.parameters())
    304
    >>> logits = model([1, 2, 3])
    >>> len(logits), len(logits[0]), type(logits[0][0]).__name__
    (3, 5, 'Value')
    >>> loss = model.loss([1, 2, 3, 4])
    >>> loss.backward()
    >>> bool(model.wte[1][0].grad)
    True
    """

    def __init__(
        self, vocab_size: int, block_size: int, n_layer: int = 1, n_head: int = 4, n_embd: int = 16, std: float = 0.08
    ) -> None:
        if n_embd % n_head:
            raise ShapeError(f"ScalarGPT: {n_head} heads share a width of n_embd={n_embd}, which they do not divide.")
        self.block_size = block_size
        self.wte = _matrix(vocab_size, n_embd, std)  # a vector for each token
        self.wpe = _matrix(block_size, n_embd, std)  # and for each place
        self.h = [Block(n_embd, n_head, std) for _ in range(n_layer)]
        self.ln_f = Norm(n_embd)

    def forward(self, tokens: Sequence[int]) -> list[Vector]:
        """A list of scores, one for each token of the vocabulary, for each of the places."""
        past: list[Past] = [([], []) for _ in self.h]
        return [self.advance(token, past) for token in tokens]

    def advance(self, token: int, past: list[Past]) -> Vector:
        """The scores of what comes after this token. `past` is, for each block, lists of keys and values: they grow."""
        place = len(past[0][0])
        if place >= self.block_size:
            raise ShapeError(f"ScalarGPT looks at {self.block_size} tokens at most, and this would be one more.")
        if not isinstance(token, int | np.integer) or not 0 <= token < len(self.wte):
            raise OperandError(f"a token is a whole number from 0 to {len(self.wte) - 1}, and not {token!r:.60}.")
        x = [a + b for a, b in zip(self.wte[token], self.wpe[place], strict=True)]
        for block, (keys, values) in zip(self.h, past, strict=True):
            x = block(x, keys, values)
        x = self.ln_f(x)
        return [dot(row, x) for row in self.wte]

    def loss(self, tokens: Sequence[int]) -> Value:
        """Mean of -log p of every token but the first, given those before it."""
        if len(tokens) < 2:
            raise OperandError(f"a loss needs a token, and one that follows it; got {list(tokens)}.")
        losses = []
        for logits, target in zip(self(tokens[:-1]), tokens[1:], strict=True):
            losses.append(-log(softmax(logits)[target]))
        mean: Value = autograd.sum(losses) / len(losses)
        return mean

    def generate(self, tokens: Sequence[int], max_new_tokens: int, stop: int | None = None, **how: Any) -> list[int]:
        """The tokens, and behind them up to so many more, as far as it can look; `how` as `nn.models.choose` has it."""
        text = list(tokens)
        past: list[Past] = [([], []) for _ in self.h]
        with no_grad():
            for token in text[:-1]:
                self.advance(token, past)
            for _ in range(min(max_new_tokens, self.block_size + 1 - len(text))):
                logits = self.advance(text[-1], past)
                text.append(int(choose([float(score) for score in logits], **how)))
                if text[-1] == stop:
                    break
        return text

    @classmethod
    def of(cls, model: GPT) -> ScalarGPT:
        """The same GPT in Values, with the same weights."""
        state = model.state_dict()
        heads = model.h[0].attn.heads
        (vocab_size, n_embd), block_size = state["wte.weight"].shape, len(state["wpe.weight"])
        scalar = cls(vocab_size, block_size, len(model.h), heads, n_embd)
        scalar.wte, scalar.wpe = _values(state["wte.weight"]), _values(state["wpe.weight"])
        for name, module in scalar.named_modules():
            if isinstance(module, Linear | Norm):
                module.weight = _values(state[f"{name}.weight"].T)
                if f"{name}.bias" in state:
                    module.bias = _values(state[f"{name}.bias"])
        return scalar


Past = tuple[list[Vector], list[Vector]]


class Block(Module):
    """x + attention(norm(x)), and then x + network(norm(x)), for the list x of one place."""

    def __init__(self, width: int, heads: int, std: float) -> None:
        self.ln_1 = Norm(width)
        self.attn = Attention(width, heads, std)
        self.ln_2 = Norm(width)
        self.mlp = FeedForward(width, std)

    def forward(self, x: Vector, keys: list[Vector], values: list[Vector]) -> Vector:
        """A list as long as x; this place's key and value join the lists of keys and values."""
        x = [a + b for a, b in zip(x, self.attn(self.ln_1(x), keys, values), strict=True)]
        return [a + b for a, b in zip(x, self.mlp(self.ln_2(x)), strict=True)]


class Attention(Module):
    """What a place finds at the places up to its own, in several heads side by side."""

    def __init__(self, width: int, heads: int, std: float) -> None:
        self.c_attn = Linear(width, 3 * width, std)  # query, key and value of all heads
        self.c_proj = Linear(width, width, std)
        self.heads = heads

    def forward(self, x: Vector, keys: list[Vector], values: list[Vector]) -> Vector:
        """A list as long as x."""
        width, size = len(x), len(x) // self.heads
        all_three = self.c_attn(x)
        query, key, value = (all_three[i * width : (i + 1) * width] for i in range(3))
        keys.append(key)
        values.append(value)
        found: Vector = []
        for start in range(0, width, size):
            part = slice(start, start + size)
            weights = softmax([dot(query[part], key[part]) / math.sqrt(size) for key in keys])
            found += [dot(weights, [value[i] for value in values]) for i in range(width)[part]]
        return self.c_proj(found)  # type: ignore[no-any-return]


class FeedForward(Module):
    """Four times as many numbers, bent, and back."""

    def __init__(self, width: int, std: float) -> None:
        self.c_fc = Linear(width, 4 * width, std)
        self.c_proj = Linear(4 * width, width, std)

    def forward(self, x: Vector) -> Vector:
        """A list as long as x."""
        return self.c_proj([gelu(unit) for unit in self.c_fc(x)])  # type: ignore[no-any-return]


class Linear(Module):
    """w · x + b for each row w of a matrix."""

    def __init__(self, n_in: int, n_out: int, std: float) -> None:
        self.weight = _matrix(n_out, n_in, std)
        self.bias = [Value(0.0) for _ in range(n_out)]

    def forward(self, x: Vector) -> Vector:
        """A list with a Value for each row."""
        return [dot(row, x, bias=b) for row, b in zip(self.weight, self.bias, strict=True)]


class Norm(Module):
    """Layer normalisation (Ba et al., 2016): mean 0 and variance 1, then stretched and shifted number by number."""

    def __init__(self, width: int) -> None:
        self.weight = [Value(1.0) for _ in range(width)]
        self.bias = [Value(0.0) for _ in range(width)]

    def forward(self, x: Vector) -> Vector:
        """A list as long as x."""
        mean = autograd.sum(x) / len(x)
        centred = [number - mean for number in x]
        scale = (dot(centred, centred) / len(x) + 1e-5) ** -0.5
        return [c * scale * w + b for c, w, b in zip(centred, self.weight, self.bias, strict=True)]


def gelu(x: Any) -> Any:
    """x, where it is positive, and about 0, where it is not; smooth in between (Hendrycks and Gimpel, 2016)."""
    return 0.5 * x * (1 + tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def softmax(scores: Vector) -> Vector:
    """Positive numbers that sum to 1; the largest score is taken off first, so that no exponential overflows."""
    top = max(float(score) for score in scores)
    powers = [exp(score - top) for score in scores]
    total = autograd.sum(powers)
    return [power / total for power in powers]


def _matrix(rows: int, columns: int, std: float) -> Matrix:
    return _values(generator().normal(0.0, std, (rows, columns)))  # type: ignore[no-any-return]


def _values(array: Any) -> Any:
    """Lists of Values, one for each number of an array."""
    return [_values(row) for row in array] if np.ndim(array) else Value(float(array))
