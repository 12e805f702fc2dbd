"""Hypotheses: what must have gone wrong for a gradient to come out like this? They are tested in turn, simplest first,
and the first that explains the whole mismatch is the verdict.

An explanation must not fit by chance. An element that agrees to a relative tolerance of 1e-6 says twenty bits, once:
elements that repeat each other say nothing new, and those that were right already say nothing at all. A hypothesis
costs the bits it takes to choose it among all that are tried, and one element more for a number that is fitted. What
is left must be `ENOUGH`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.check.mend import Mend, mends
from autograd.check.verdict import Clue, Suspect, Tolerance, Verdict

__all__ = ["Clue", "Suspect", "Tolerance", "Verdict", "explain", "explanations"]

ENOUGH = 12.0  # bits: one false explanation in four thousand mismatches
LARGE = 10_000  # elements; of larger arrays, mistakes of two parts are not looked for
MOST_NAMED = 4  # elements named one by one


def explain(
    expected: Any,
    found: Any,
    *,
    clues: Sequence[Clue] = (),
    sizes: Mapping[str, int] | None = None,
    terms: Mapping[str, Any] | None = None,
    suspects: Sequence[Suspect] = (),
    tolerance: Tolerance | None = None,
    name: str = "the gradient",
) -> Verdict | None:
    """The simplest hypothesis that turns what was found into what was expected, or None when there is none.

    `clues` are named arrays that may have been left out or put in as factors; `sizes` numbers that may have, such as
    `{"the batch size": 100}`; `terms` contributions, named by noun phrases ("what comes through h"), that may be
    missing, counted twice, or left alone where their sum is expected; `suspects` whole gradients that known mistakes
    would make. `found` may be None. `name` is what the text calls it. None also comes back when nothing is wrong.

    Cost: a few hundred passes over the arrays; some ten thousand when the mistake has two parts or none is found,
    and the arrays are small.

    >>> import numpy as np
    >>> right = np.array([0.1, -0.7, 0.4])
    >>> print(explain(right, right / 50, sizes={"the batch size": 50}, name="dW").text)
    dW is 1/50 of what it should be, and 50 is the batch size.
    >>> y = np.array([0.2, 0.9, 0.5])
    >>> print(explain(right * y * (1 - y), right, clues=[Clue("σ'(z)", y * (1 - y))], name="dz").text)
    dz lacks σ'(z) as a factor.
    """
    told: Any = {"clues": clues, "sizes": sizes, "terms": terms, "suspects": suspects}
    return next(explanations(expected, found, **told, tolerance=tolerance, name=name), None)


def explanations(
    expected: Any,
    found: Any,
    *,
    clues: Sequence[Clue] = (),
    sizes: Mapping[str, int] | None = None,
    terms: Mapping[str, Any] | None = None,
    suspects: Sequence[Suspect] = (),
    tolerance: Tolerance | None = None,
    name: str = "the gradient",
) -> Iterator[Verdict]:
    """Every hypothesis that explains the whole mismatch, simplest first; see `explain`.

    To tell rivals apart, ask at another point and see which of them explains that, too.
    """
    wanted = np.asarray(expected, float)
    if found is None:
        yield Verdict("no gradient", f"{name} is missing: None was found.", "Compute it and return it.")
        return
    given = np.asarray(found, float)
    tolerance = tolerance or Tolerance()
    if given.shape == wanted.shape and tolerance.agree(given, wanted):
        return
    mismatch = Mismatch(wanted, given, tolerance, name)
    known = {key: np.asarray(term, float) for key, term in (terms or {}).items() if fits(term, wanted.shape)}
    clues = [Clue(clue.name, np.asarray(clue.value, float), clue.kind) for clue in clues]
    singles = list(mends(wanted, given, clues, sizes or {}, known))
    yield from _plain(mismatch)
    yield from _mended(mismatch, singles)
    yield from _made(mismatch, [*suspects, *_lossy(wanted)])
    yield from _partly(mismatch, singles, clues)
    yield from _scaled(mismatch, [None])
    if given.size <= LARGE:
        yield from _twice(mismatch, singles)
    yield from _scaled(mismatch, singles)
    if given.shape != wanted.shape:
        yield Verdict(
            "wrong shape",
            f"{name} has shape {given.shape}, and must have {wanted.shape}.",
            "A gradient has the shape of what it is the gradient of.",
        )


@dataclass(frozen=True, slots=True)
class Mismatch:
    """What was expected and what was found."""

    expected: ndarray
    found: ndarray
    tolerance: Tolerance
    name: str

    @property
    def wrong(self) -> ndarray:
        """Where found differs from expected; everywhere when the shapes do."""
        if self.found.shape != self.expected.shape:
            return np.ones(self.expected.shape, bool)
        return ~self.tolerance.close(self.found, self.expected)

    def evidence(self, mended: ndarray, fitted: int = 0) -> float:
        """Bits that say `mended` is right, less an element for each number fitted; -inf when it is wrong anywhere.

        An element of inf is one of which the mend can say nothing.
        """
        if mended.shape != self.expected.shape:
            return -math.inf
        told = ~np.isposinf(mended)
        if not (self.tolerance.close(mended, self.expected) | ~told).all():
            return -math.inf
        return self.bits(self.expected, told & self.wrong, fitted)

    def bits(self, expected: ndarray, which: ndarray, fitted: int = 0) -> float:
        """What the chosen elements say when they agree: log2 of 1 / relative tolerance for each distinct one."""
        size = np.abs(expected[which])
        if not size.size:
            return 0.0
        said = np.maximum(np.log2(np.maximum(size, 1e-300) / self.tolerance.allowance(size)), 0.0)
        pairs = [size, self.found[which] if self.found.shape == self.expected.shape else size]
        _, first = np.unique([_rounded(x) for x in pairs], axis=1, return_index=True)
        distinct = np.sort(said[first])[::-1]
        return float(distinct[fitted:].sum())


def _rounded(x: ndarray) -> ndarray:
    """To four significant digits."""
    with np.errstate(divide="ignore", invalid="ignore"):
        unit = 10.0 ** (np.floor(np.log10(np.abs(x))) - 3)
        near: ndarray = np.where((x != 0) & np.isfinite(x), np.round(x / unit) * unit, 0.0)
    return near


def _plain(m: Mismatch) -> Iterator[Verdict]:
    """What needs no mend to be seen: not finite, or zero."""
    bad = ~np.isfinite(m.found)
    if bad.any() and np.isfinite(m.expected).all():
        yield Verdict(
            "not finite",
            f"{m.name} is {m.found[bad][0]} {_where(bad)}, and should be finite.",
            "Look for 0/0, inf - inf, log of 0 or a power of 0 in its formula.",
        )
    elif not m.found.any():
        yield Verdict(
            "zero gradient",
            f"{m.name} is zero everywhere: nothing flows back.",
            "Look for a quantity that was cut off from the graph, or a product with 0.",
        )


def _mended(m: Mismatch, singles: Sequence[Mend]) -> Iterator[Verdict]:
    """Mistakes of one part."""
    cost = math.log2(len(singles) + 1)
    fitting = [mend for mend in singles if m.evidence(mend(m.found)) - cost >= ENOUGH]
    for i, mend in enumerate(fitting):
        rivals = tuple(dict.fromkeys(f"it {other.says}" for other in fitting[i + 1 :] if other.says != mend.says))
        yield _verdict(m, (mend,), mend.factor, rivals)


def _scaled(m: Mismatch, singles: Sequence[Mend | None]) -> Iterator[Verdict]:
    """A constant factor that nothing is known about, alone (None) or beside another mistake."""
    cost = math.log2(len(singles) + 1)
    for mend in singles:
        candidate = mend(m.found) if mend else m.found
        ratio = _ratio(candidate, m.expected)
        if ratio is None or m.evidence(np.where(np.isposinf(candidate), np.inf, candidate / ratio), 1) - cost < ENOUGH:
            continue
        says = f"is {ratio:.4g} times what it should be, in every element"
        constant = Mend("constant factor", says, f"Multiply by {1 / ratio:.4g}.", np.positive, ratio)
        yield _verdict(m, (mend, constant) if mend else (constant,), None if mend else ratio)


def _ratio(candidate: ndarray, expected: ndarray) -> float | None:
    """candidate / expected where expected is largest; None when there is no such number."""
    if candidate.shape != expected.shape or not expected.any():
        return None
    at = np.unravel_index(np.argmax(np.abs(expected)), expected.shape)
    ratio = float(candidate[at] / expected[at])
    return ratio if math.isfinite(ratio) and ratio != 0 else None


def _twice(m: Mismatch, singles: Sequence[Mend]) -> Iterator[Verdict]:
    """Mistakes of two parts."""
    cost = 2 * math.log2(len(singles) + 1)
    plain = {"sign", "constant factor"}
    tried = [single for single in singles if single.kind != "wrong factor"]
    for first in tried:
        once = first(m.found)
        for second in tried:
            if first is second or {first.kind, second.kind} <= plain:
                continue
            if m.evidence(second(once)) - cost >= ENOUGH:
                yield _verdict(m, (first, second))


def _verdict(
    m: Mismatch, parts: tuple[Mend, ...], factor: float | None = None, rivals: tuple[str, ...] = ()
) -> Verdict:
    kind = " and ".join(dict.fromkeys(part.kind for part in parts))
    says = ", and it ".join(part.says for part in parts)
    return Verdict(kind, f"{m.name} {says}.", " ".join(part.remedy for part in parts), factor, rivals)


def _made(m: Mismatch, suspects: Sequence[Suspect]) -> Iterator[Verdict]:
    """Mistakes that are not undone but made, to see whether the same comes out."""
    for suspect in suspects:
        wrong = np.asarray(suspect.value, float)
        if m.found.ndim and wrong.shape != m.found.shape and _spreads(wrong.shape, m.found.shape):
            wrong = np.broadcast_to(wrong, m.found.shape)
        if wrong.shape != m.found.shape or not m.tolerance.agree(m.found, wrong):
            continue
        which = m.wrong if wrong.shape == m.expected.shape else np.ones(wrong.shape, bool)
        made = Mismatch(wrong, m.found, m.tolerance, m.name)
        if made.bits(wrong, which) - math.log2(len(suspects)) >= ENOUGH:
            yield Verdict(suspect.kind, f"{m.name} {suspect.says}.", suspect.remedy)


def _lossy(e: ndarray) -> Iterator[Suspect]:
    """What an expected gradient becomes by mistakes that lose something."""
    yield Suspect("absolute value", "has lost its minus signs", "Look for abs, a square root or a square.", np.abs(e))
    yield Suspect("squared", "is the square of what it should be", "Apply the factor once.", e * e)
    integer = "Look for an integer dtype: write 0.0, or dtype=float."
    yield Suspect("whole numbers", "is cut to whole numbers", integer, np.trunc(e))
    if e.ndim > 1:
        says = f"is summed over everything, and must have shape {e.shape}"
        yield Suspect("summed too much", says, "Leave out the sum.", e.sum())
    for axis in range(e.ndim):
        for keep in (False, True):
            for how, reduced in (("summed", e.sum(axis, keepdims=keep)), ("averaged", e.mean(axis, keepdims=keep))):
                says = f"is {how} over axis {axis}, and must not be: it should have shape {e.shape}"
                yield Suspect("summed too much", says, f"Leave out the sum or mean over axis {axis}.", reduced)


def fits(x: Any, shape: tuple[int, ...]) -> bool:
    """Whether an array broadcasts to a shape."""
    try:
        return np.broadcast_shapes(np.shape(x), shape) == shape
    except ValueError:
        return False


def _spreads(small: tuple[int, ...], large: tuple[int, ...]) -> bool:
    return bool(small) and len(small) == len(large) and all(a in (1, b) for a, b in zip(small, large, strict=True))


def _partly(m: Mismatch, singles: Sequence[Mend], clues: Sequence[Clue]) -> Iterator[Verdict]:
    """Some elements are right and the others are not: which, and what is wrong with them?"""
    if m.found.shape != m.expected.shape:
        return
    wrong = m.wrong
    if wrong.all() or m.bits(m.expected, ~wrong) < ENOUGH:
        return
    count, total = int(wrong.sum()), wrong.size
    where = _pattern(wrong, clues) or _where(wrong)
    verb = "is" if count == 1 else "are"
    part = f"{m.name} is right in {total - count} of {total} elements; wrong {verb} {where}"
    inside = Mismatch(m.expected[wrong], m.found[wrong], m.tolerance, "there it")
    cost = math.log2(len(singles) + 1)
    kind, text, remedy = "some elements", f"{part}.", "Look at what is special about these elements."
    if not inside.found.any():
        text, remedy = f"{part}, which got zero.", "Look for a condition or an index that leaves them out."
    elif not inside.expected.any():
        text, remedy = f"{part}, which should be zero.", "Look for a condition or an index that must leave them out."
    else:
        for mend in singles:
            if mend.kind in ("sign", "constant factor", "missing factor", "surplus factor", "missing term"):
                whole = mend(np.where(wrong, m.found, 0.0))
                if whole.shape == wrong.shape and inside.evidence(whole[wrong]) - cost >= ENOUGH:
                    text, remedy = f"{part}. There it {mend.says}.", mend.remedy
                    break
    yield Verdict(kind, text, remedy)


def _pattern(wrong: ndarray, clues: Sequence[Clue]) -> str:
    """The wrong elements, when they are a row, a column, a diagonal, or all where an operand is negative."""
    if wrong.sum() < 2 or (~wrong).sum() < 2:
        return ""
    for clue in clues:
        x = clue.value
        for sign, mask in (("negative", x < 0), ("positive", x > 0), ("zero", x == 0)):
            if fits(x, wrong.shape) and np.array_equal(wrong, np.broadcast_to(mask, wrong.shape)):
                return f"those where {clue.name} is {sign}"
    for axis in range(wrong.ndim):
        others = tuple(i for i in range(wrong.ndim) if i != axis)
        lines = wrong.all(axis=others)
        if wrong.ndim > 1 and lines.sum() == 1 and wrong.sum() == wrong[(slice(None),) * axis + (lines,)].size:
            at = int(np.argmax(lines))
            return "those with index [" + ", ".join([":"] * axis + [str(at)] + [":"] * (wrong.ndim - axis - 1)) + "]"
    if wrong.ndim == 2 and wrong.shape[0] == wrong.shape[1]:
        eye = np.eye(len(wrong), dtype=bool)
        if np.array_equal(wrong, eye):
            return "those on the diagonal"
        if np.array_equal(wrong, ~eye):
            return "those off the diagonal"
    return ""


def _where(mask: ndarray) -> str:
    """The chosen elements by their indices."""
    places = [f"[{', '.join(map(str, place))}]" for place in np.argwhere(mask)[:MOST_NAMED].tolist()]
    more = int(mask.sum()) - len(places)
    return "at " + ", ".join(places) + (f" and {more} others" if more else "") if mask.ndim else ""
