"""Elements: the single numbers of an operand, and the few words that scalar formulas are written in.

Numbers that the formula itself brings along, such as the zeros of a triangle, are plain floats: a term times 0.0 is
left out, and nothing is multiplied by 1.0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from operator import add
from typing import Any

import numpy as np

from autograd.node import Node
from autograd.rules.reduction import total

Index = tuple[int, ...]
Opening = Callable[[Index], Any]  # from the index of an element of the result to the Value that it is


class Elements:
    """An array as single numbers, each of them made when it is first asked for: `x[0, 2]`."""

    __slots__ = ("_made", "_make", "shape")

    def __init__(self, shape: Index, make: Opening) -> None:
        self.shape = shape
        self._make = make
        self._made: dict[Index, Any] = {}

    def __getitem__(self, index: Index) -> Any:
        found = self._made.get(index)
        if found is None:
            found = self._made[index] = self._make(index)
        return found

    def seen_from(self, index: Index) -> Any:
        """The element that stands at this index when the array is broadcast."""
        return self[fitted(index, self.shape)]


def fitted(index: Index, shape: Index) -> Index:
    """Where an element is in an array of this shape that was broadcast to the one that it is asked of."""
    return tuple(0 if n == 1 else i for i, n in zip(index[len(index) - len(shape) :], shape, strict=True))


def number(x: Any) -> Any:
    """The plain number behind a Value, to decide by: where a formula has cases, the numbers say which one it is."""
    return x.data if isinstance(x, Node) else x


def is_zero(x: Any) -> bool:
    """Whether a number is a 0 of the formula's own."""
    return type(x) is float and x == 0.0


def times(a: Any, b: Any) -> Any:
    """a · b"""
    if is_zero(a) or is_zero(b):
        return 0.0
    return b if type(a) is float and a == 1.0 else a if type(b) is float and b == 1.0 else a * b


def over(a: Any, b: Any) -> Any:
    """a / b"""
    return a if is_zero(a) or (type(b) is float and b == 1.0) else a / b


def minus(a: Any, b: Any) -> Any:
    """a - b"""
    return a if is_zero(b) else -b if is_zero(a) else a - b


def add_up(terms: Iterable[Any]) -> Any:
    """The sum of any number of terms, in one node."""
    left = [term for term in terms if not is_zero(term)]
    return total(*left) if len(left) > 2 else reduce(add, left) if left else 0.0


def inner(a: Sequence[Any], b: Sequence[Any]) -> Any:
    """Σ aᵢ bᵢ"""
    return add_up([times(x, y) for x, y in zip(a, b, strict=True)])


def weighted(pairs: Sequence[tuple[float, Any]]) -> Any:
    """Σ c x for pairs of a plain number c and x: with one c for all, c Σ x."""
    factors = [c for c, _ in pairs]
    xs = [x for _, x in pairs]
    if factors in ([1.0, -1.0], [-1.0, 1.0]):
        return minus(*xs) if factors[0] > 0 else minus(*xs[::-1])
    if len(set(factors)) == 1:
        return _scaled(factors[0], add_up(xs))
    return add_up([_scaled(c, x) for c, x in pairs])


def _scaled(c: float, x: Any) -> Any:
    if c == 1.0 or is_zero(x):
        return x
    whole = float(np.rint(1 / c))
    return -x if c == -1.0 else x / whole if whole > 1 and 1 / whole == c else c * x
