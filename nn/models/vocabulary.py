"""Vocabulary: the letters, or words, that a text is made of, and a number for each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import OperandError, ShapeError

__all__ = ["Vocabulary"]


class Vocabulary:
    """Tokens in order, each called by its number: texts become arrays of int64, and arrays become texts.

    A text's tokens are its characters; a list of words is taken as it is, and decoded into one. `special` tokens come
    first, whether they occur or not: "<pad>" and the like, or "\\n" where names end.

    >>> from nn.models import Vocabulary
    >>> letters = Vocabulary("hello")
    >>> letters
    Vocabulary('ehlo')
    >>> letters.encode("hole")
    array([1, 3, 2, 0])
    >>> letters.decode([1, 0, 2, 2, 3])
    'hello'
    """

    def __init__(self, text: Iterable[str], special: Sequence[str] = ()) -> None:
        self.tokens = [*special, *sorted({*text} - {*special})]
        if not self.tokens:
            raise OperandError("a vocabulary needs a text to take its tokens from, and this one is empty.")
        self.numbers = {token: number for number, token in enumerate(self.tokens)}
        if len(self.numbers) < len(self.tokens):
            raise OperandError(f"a special token may be given once, and these are {list(special)}.")
        self._letters = all(len(token) == 1 for token in self.tokens[len(special) :])

    def encode(self, text: Iterable[str]) -> ndarray:
        """The numbers of a text's tokens, int64 (length,). Errors: OperandError for a token that it does not have."""
        try:
            return np.array([self.numbers[token] for token in text], np.int64)
        except KeyError as missing:
            raise OperandError(
                f"this vocabulary has no {missing.args[0]!r}: it was made of a text without it. "
                f"It has {len(self)} tokens: {' '.join(map(repr, self.tokens[:12]))}{' ...' * (len(self) > 12)}"
            ) from None

    def decode(self, numbers: Any) -> Any:
        """The text, or the list of words, that has these numbers (length,). Errors: ShapeError, OperandError."""
        array: ndarray = np.asarray(getattr(numbers, "data", numbers))
        if array.ndim != 1:
            raise ShapeError(f"decode reads the numbers of one text, (length,), and got {array.shape}: take a row.")
        if array.size and not 0 <= array.min() <= array.max() < len(self):
            raise OperandError(f"tokens have numbers from 0 to {len(self) - 1}, and these go to {array.max()}.")
        tokens = [self.tokens[number] for number in array]
        return "".join(tokens) if self._letters else tokens

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, token: object) -> bool:
        return token in self.numbers

    def __repr__(self) -> str:
        shown = "".join(self.tokens) if self._letters else self.tokens
        return f"Vocabulary({shown!r})" if len(self) <= 40 else f"Vocabulary of {len(self)} tokens"
