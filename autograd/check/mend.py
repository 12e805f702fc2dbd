"""Mends: each undoes one kind of mistake. If a wrong gradient, mended, is right, then that was the mistake.

A mend turns what was found into what would have been right under its hypothesis. So two of them compose, and a mistake
of two parts is found as easily as one of one part.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations, permutations

import numpy as np
from numpy import ndarray

from autograd.check.verdict import Clue

CONSTANTS = {  # with how they and their reciprocals are written
    2.0: ("2", "1/2"),
    3.0: ("3", "1/3"),
    4.0: ("4", "1/4"),
    math.log(2.0): ("ln 2", "1/ln 2"),
    math.log(10.0): ("ln 10", "1/ln 10"),
    math.pi: ("π", "1/π"),
    math.pi / 180.0: ("π/180", "180/π"),
    math.sqrt(2.0): ("√2", "1/√2"),
    math.sqrt(math.pi): ("√π", "1/√π"),
}
MOST_AXES = 4  # arrays of more axes are not tried in every order


@dataclass(frozen=True, slots=True)
class Mend:
    """One hypothesis: the kind of mistake, how it is said ("it ..."), what to change, and how to undo it."""

    kind: str
    says: str
    remedy: str
    apply: Callable[[ndarray], ndarray]
    factor: float | None = None

    def __call__(self, x: ndarray) -> ndarray:
        """What would have been right; nan, which agrees with nothing, where the shapes do not fit."""
        try:
            with np.errstate(invalid="ignore"):
                return self.apply(x)
        except ValueError:
            return np.array(np.nan)


def mends(
    expected: ndarray,
    found: ndarray,
    clues: Sequence[Clue],
    sizes: Mapping[str, int],
    terms: Mapping[str, ndarray],
) -> Iterator[Mend]:
    """All that are worth trying, the simplest first."""
    yield Mend("sign", "has the wrong sign", "Change its sign.", np.negative, -1.0)
    yield from _constants(sizes)
    if expected.shape != found.shape:
        yield from _shapes(expected.shape, found.shape)
    yield from _terms(terms, expected)
    yield from _factors(clues)
    yield from _orders(expected.shape, found.shape)


def _constants(sizes: Mapping[str, int]) -> Iterator[Mend]:
    large = {float(n): name for name, n in sizes.items() if n not in (0, 1) and n not in CONSTANTS}
    small = {float(n): name for name, n in sizes.items() if n in CONSTANTS}
    for n, name in large.items():
        yield from _constant(
            n, (f"{n:g}", f"1/{n:g}"), f", and {n:g} is {name}", " (a mean forgotten, or taken twice?)"
        )
    for c, written in CONSTANTS.items():
        yield from _constant(c, written, f" ({c:g} is also {small[c]})" if c in small else "", "")


def _constant(c: float, written: tuple[str, str], why: str, guess: str) -> Iterator[Mend]:
    times, part = written
    for sign, minus in ((1.0, ""), (-1.0, "-")):
        for ratio, text, undone in ((sign * c, times, part), (sign / c, part, times)):
            says = f"is {minus}{text} {'of' if '/' in text else 'times'} what it should be{why}"
            yield Mend(
                "constant factor", says, f"Multiply by {minus}{undone}{guess}.", partial(np.multiply, 1 / ratio), ratio
            )


def _shapes(wanted: tuple[int, ...], shape: tuple[int, ...]) -> Iterator[Mend]:
    """The shape is wrong: what would the right one hold?"""
    plain = f"has shape {shape}, and must have {wanted}"
    if math.prod(wanted) == math.prod(shape):
        if len(shape) <= MOST_AXES:
            for axes in permutations(range(len(shape))):
                if axes != tuple(range(len(shape))) and tuple(shape[i] for i in axes) == wanted:
                    yield _transposed(axes, f": it {plain}")
        yield Mend("wrong shape", plain, f"Reshape it to {wanted}.", partial(np.reshape, shape=wanted))
    for axes in _subsets(len(shape)):
        kept = tuple(1 if i in axes else n for i, n in enumerate(shape))
        if wanted in (tuple(n for i, n in enumerate(shape) if i not in axes), kept):
            over = f"axis {axes[0]}" if len(axes) == 1 else f"axes {axes}"
            keep = ", keepdims=True" if wanted == kept and wanted != () else ""
            yield Mend(
                "unsummed broadcast",
                f"is not summed over {over}, along which its operand was broadcast: it {plain}",
                f"Sum it: .sum(axis={axes[0] if len(axes) == 1 else axes}{keep}).",
                partial(_summed, axes=axes, shape=wanted),
            )
            yield Mend(
                "wrong shape",
                f"holds the right numbers, repeated along {over}: it {plain}",
                f"Take them once, in shape {wanted}.",
                partial(_averaged, axes=axes, shape=wanted),
            )


def _transposed(axes: tuple[int, ...], why: str = "") -> Mend:
    two = len(axes) == 2
    says = ("is transposed" if two else f"has its axes in another order; {axes} undoes it") + why
    return Mend(
        "transposed", says, "Transpose it: .T." if two else f".transpose{axes}.", partial(np.transpose, axes=axes)
    )


def _terms(terms: Mapping[str, ndarray], expected: ndarray) -> Iterator[Mend]:
    whole = len(terms) > 1 and np.allclose(sum(np.broadcast_to(t, expected.shape) for t in terms.values()), expected)
    for name, term in terms.items() if whole else ():
        others = " and ".join(other for other in terms if other != name)
        yield Mend(
            "overwritten",
            f"holds {name} alone, and lacks {others}, as if overwritten and not accumulated",
            "Add every contribution (grad += ..., not grad = ...); in a formula, each use of a variable is a term.",
            partial(np.add, expected - term),
        )
    for name, term in terms.items():
        yield Mend("missing term", f"lacks {name}", f"Add {name}.", partial(np.add, term))
        remedy = f"Leave out {name} where it does not belong."
        yield Mend("surplus term", f"holds {name} once too often", remedy, partial(np.add, -term))


def _factors(clues: Sequence[Clue]) -> Iterator[Mend]:
    for clue in clues:
        says, remedy = f"lacks {clue.name} as a factor", f"Multiply by {clue.name}."
        yield Mend(clue.kind, says, remedy, partial(np.multiply, clue.value))
    for clue in clues:
        says, remedy = f"has {clue.name} as a factor once too often", f"Leave the factor {clue.name} out once."
        yield Mend("surplus factor", says, remedy, partial(_divided, factor=clue.value))
    for right, wrong in permutations(clues, 2):
        says = f"has the factor {wrong.name} where {right.name} belongs"
        remedy = f"Write {right.name} in place of {wrong.name}."
        yield Mend("wrong factor", says, remedy, partial(_exchanged, right=right.value, wrong=wrong.value))


def _orders(wanted: tuple[int, ...], shape: tuple[int, ...]) -> Iterator[Mend]:
    """The numbers are right and stand in the wrong places."""
    if wanted != shape or math.prod(shape) < 2:
        return
    n = len(shape)
    if 2 <= n <= MOST_AXES:
        for axes in list(permutations(range(n)))[1:]:
            before = tuple(shape[axes.index(i)] for i in range(n))
            if before == shape:
                yield _transposed(axes)
            else:
                yield Mend(
                    "transposed",
                    "was reshaped where it must be transposed",
                    f"Write .transpose{axes} in place of .reshape{shape}.",
                    partial(_transposed_from, shape=before, axes=axes),
                )
    for axis in range(n):
        says, remedy = f"is reversed along axis {axis}", f"Reverse it back: np.flip(g, {axis})."
        yield Mend("permuted", says, remedy, partial(np.flip, axis=axis))
        for step in (1, -1):
            says, remedy = f"is shifted by one along axis {axis}", f"Shift it back: np.roll(g, {step}, {axis})."
            yield Mend("permuted", says, remedy, partial(np.roll, shift=step, axis=axis))
        yield Mend(
            "unsummed broadcast",
            f"is not summed over axis {axis}",
            f"Sum it over axis {axis}: every element of that axis receives the whole sum.",
            partial(_spread, axis=axis),
        )


def _subsets(n: int) -> Iterator[tuple[int, ...]]:
    for k in range(1, n + 1):
        yield from combinations(range(n), k)


def _divided(x: ndarray, factor: ndarray) -> ndarray:
    """x / factor. Where both are 0 nothing can be told, and inf says so (see `Mismatch.evidence`)."""
    zero = factor == 0
    quotient = x * np.divide(1.0, factor, where=~zero, out=np.full(factor.shape, np.nan))
    return np.where((x == 0) & zero, np.inf, quotient)


def _exchanged(x: ndarray, right: ndarray, wrong: ndarray) -> ndarray:
    return _divided(x * right, wrong)


def _summed(x: ndarray, axes: tuple[int, ...], shape: tuple[int, ...]) -> ndarray:
    total: ndarray = x.sum(axis=axes).reshape(shape)
    return total


def _averaged(x: ndarray, axes: tuple[int, ...], shape: tuple[int, ...]) -> ndarray:
    mean: ndarray = x.mean(axis=axes).reshape(shape)
    return mean


def _transposed_from(x: ndarray, shape: tuple[int, ...], axes: tuple[int, ...]) -> ndarray:
    return x.reshape(shape).transpose(axes)


def _spread(x: ndarray, axis: int) -> ndarray:
    return np.broadcast_to(x.sum(axis=axis, keepdims=True), x.shape)
