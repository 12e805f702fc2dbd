"""Scatter: a contribution to a few elements of an array, and sums of such, not made into whole arrays until needed.

Indexing gives these back. Reading a sequence step by step would otherwise make, for every step, an array of zeros
as large as the whole sequence.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy import ndarray, zeros

Add = Callable[[ndarray, Any, Any], None]


class Scatter:
    """Zeros of a shape and dtype, with pieces to be added at places. Adds to arrays and to others of its kind."""

    __slots__ = ("base", "dtype", "pieces", "shape")
    __array_ufunc__ = None  # so that array + Scatter arrives here

    def __init__(self, shape: tuple[int, ...], dtype: Any, add: Add, where: Any, what: Any) -> None:
        self.shape = shape
        self.dtype = dtype
        self.pieces = [(add, where, what)]
        self.base: Any = None

    def __iadd__(self, other: Any) -> Scatter:
        if type(other) is Scatter:
            self.pieces += other.pieces
            other = other.base
        if other is not None:
            self.base = other if self.base is None else self.base + other
        return self

    __add__ = __radd__ = __iadd__  # each is made for one sweep, which adds it up and throws it away

    def dense(self) -> ndarray:
        """The whole array."""
        out = zeros(self.shape, self.dtype)
        if self.base is not None:
            out += self.base
        for add, where, what in self.pieces:
            add(out, where, what)
        return out
