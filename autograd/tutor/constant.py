"""Constant: what a constant factor between two gradients means: a sign, a forgotten mean, the 2 of a square."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Constant:
    """A factor that has a meaning: found = factor * expected."""

    factor: float
    kind: str
    says: str
    remedy: str


def named(factor: float, sizes: Mapping[int, str], rough: float) -> Constant | None:
    """The meaning of a factor, given what the sizes that may come into it are called; None where it has none.

    >>> named(-50.0, {100: "the batch size"}, 1e-9).says
    'is -100 / 2 = -50 times what it should be, and 100 is the batch size'
    >>> named(7.0, {100: "the batch size"}, 1e-9)
    """
    return next((c for c in _constants(sizes) if math.isclose(factor, c.factor, rel_tol=rough)), None)


def _constants(sizes: Mapping[int, str]) -> Iterator[Constant]:
    yield Constant(-1.0, "sign", "has the wrong sign", "Change its sign.")
    for sign, minus, kind in ((1, "", "constant factor"), (-1, "-", "sign and constant factor")):
        yield Constant(sign * 2.0, kind, f"is {minus}2 times what it should be", f"Divide by {minus}2.")
        half = f"Multiply by {minus}2: was the 2 of a square's derivative forgotten?"
        yield Constant(sign * 0.5, kind, f"is {minus}1/2 of what it should be", half)
        for n, name in sizes.items():
            size = f", and {n} is {name}"
            if n <= 2:
                continue
            exactly = f"is off by exactly {minus}{n}: it is {minus}{n} times what it should be{size}"
            yield Constant(sign * n, kind, exactly, f"Divide by {minus}{n}: a mean was forgotten.")
            exactly = f"is off by exactly {minus}1/{n}: it is {minus}1/{n} of what it should be{size}"
            yield Constant(sign / n, kind, exactly, f"Multiply by {minus}{n}: a mean was taken once too often.")
            for two, factor in ((2.0, f"{n} / 2"), (0.5, f"{n} * 2")):
                times = f"is {minus}{factor} = {sign * n / two:g} times what it should be{size}"
                yield Constant(sign * n / two, kind, times, f"Multiply by {minus}{two:g} / {n}.")
                times = f"is {minus}1 / ({factor}) of what it should be{size}"
                yield Constant(sign * two / n, kind, times, f"Multiply by {minus}{factor}.")
