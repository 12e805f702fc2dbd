"""Scatter: a contribution to a few elements of an array, and sums of such, not made into whole arrays until needed.

Indexing gives these back. Reading a sequence step by step would otherwise make, for every step, an array of zeros
as large as the whole sequence.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy import add, array, ndarray, zeros

Add = Callable[[ndarray, Any, Any], None]


class Scatter:
    """Zeros of a shape and dtype, with pieces to be added at places. Adds to arrays and to others of its kind."""

    __slots__ = ("base", "dtype", "pieces", "shape")

    def __init__(self, shape: tuple[int, ...], dtype: Any, add_piece: Add, where: Any, what: Any) -> None:
        self.shape = shape
        self.dtype = dtype
        self.pieces = [(add_piece, where, what)]
        self.base: Any = None

    def __iadd__(self, other: Any) -> Scatter:
        if type(other) is Scatter:
            self.pieces += other.pieces
            other = other.base
        if other is not None:
            self.base = other if self.base is None else self.base + other
        return self

    __add__ = __radd__ = __iadd__  # each is made for one sweep, which adds it up and throws it away

    def __array_ufunc__(self, ufunc: Any, method: str, a: Any, b: Any, out: Any = None) -> Any:
        """`array + Scatter` and `array += Scatter`: the pieces are added where they belong."""
        if ufunc is not add or method != "__call__" or b is not self:
            return NotImplemented
        return self.add_to(array(a) if out is None else a)

    def add_to(self, out: ndarray) -> ndarray:
        """Everything added to an array, in place."""
        if self.base is not None:
            out += self.base
        for add_piece, where, what in self.pieces:
            add_piece(out, where, what)
        return out

    def dense(self) -> ndarray:
        """The whole array."""
        return self.add_to(zeros(self.shape, self.dtype))
