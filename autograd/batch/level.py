"""Level: one batch axis. Each `vmap` that runs has its own, and the number kinds inside know which they belong to."""

from __future__ import annotations

from contextvars import ContextVar
from itertools import count
from typing import Any

from autograd.modes import Mode, Setting, exceptional

_numbers = count(1)
_levels: ContextVar[Setting] = ContextVar("levels", default=((), None))


class Level:
    """How many examples there are, and how random functions treat them. A level made later lies inside."""

    __slots__ = ("number", "randomness", "size")

    def __init__(self, size: int, randomness: str = "different") -> None:
        self.number = next(_numbers)
        self.size = size
        self.randomness = randomness

    def __repr__(self) -> str:
        return f"Level {self.number} of {self.size} examples"


class within(Mode):
    """Inside, a function is being run for all examples of a level at once.

    It counts as an exceptional mode, so that no operation takes the fast ways, which know nothing of batches.
    """

    _variable = _levels

    def __init__(self, *levels: Level) -> None:
        self.levels = levels

    def _value(self) -> Any:
        return active() + self.levels


class resuming(within):
    """Inside, these levels and no others are being run: what ran in them is run again."""

    def _value(self) -> Any:
        return self.levels


def active() -> tuple[Level, ...]:
    """The levels that a function is being run in here and now, the innermost last."""
    return _levels.get()[0] if exceptional else ()
