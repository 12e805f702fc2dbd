"""Repeat: find patterns that follow one another again and again in a sequence of operations.

The items of a sequence are numbered in topological order; each has a sort, and operands, which are earlier items. A
pattern of p items repeats where every item is of the sort of the one p places before, and each of its operands is
either the same item (a shared weight) or also p places later (the step before).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy import ndarray

LEAST = 4  # repetitions from which on a pattern is folded
LONGEST = 1024  # pattern that is looked for, and in long sequences a shorter one, so that
WORK = 50_000_000  # items at most are compared


@dataclass(slots=True, frozen=True)
class Span:
    """Consecutive items, `low` to `high - 1`: `count` repetitions of a pattern, or one item."""

    low: int
    high: int
    count: int = 1


def repeats(
    sorts: Sequence[int], operands: Sequence[Sequence[int]], budget: int, whole: Collection[int] = ()
) -> list[Span]:
    """A sequence as spans, with patterns inside patterns folded first.

    The first and the last repetition of a pattern stay open as long as no more than `budget` spans come out, unless
    one of the items in `whole` is in it.

    >>> chain = [[], [0], [1], [2], [3], [4], [5]]
    >>> repeats([0, 1, 1, 1, 1, 1, 1], chain, budget=2)
    [Span(low=0, high=1, count=1), Span(low=1, high=7, count=6)]
    >>> [span.count for span in repeats([0, 1, 1, 1, 1, 1, 1], chain, budget=4)]
    [1, 1, 4, 1]
    """
    items = _Items(sorts, operands)
    period = 1
    while period <= min(LONGEST, len(items.sorts) // LEAST, max(16, WORK // len(items.sorts))):
        runs = items.with_first(_runs(items.repeating(period), period), period)
        if runs:
            items.collapse(runs, period)
            period = 1
        else:
            period += 1
    return _open(items, budget, whole)


class _Items:
    """A sequence, some of whose items are patterns folded by now."""

    def __init__(self, sorts: Sequence[int], operands: Sequence[Sequence[int]]) -> None:
        self.sorts = np.array(sorts, dtype=np.int64)
        self.arity = np.array([len(own) for own in operands], dtype=np.int64)
        self.operands = np.array([p for own in operands for p in own], dtype=np.int64)
        self.uses = self.arity > 0
        self.low = np.arange(len(sorts) + 1)  # where each item begins in the sequence given, and the end
        self.count = np.ones(len(sorts), dtype=np.int64)
        self.ends: dict[tuple[int, int], tuple[list[Span], list[Span]]] = {}  # first and last repetition of a pattern
        self._known: dict[tuple[bytes, int], int] = {}
        self._fresh = int(self.sorts.max()) + 1

    def span(self, i: int) -> Span:
        return Span(int(self.low[i]), int(self.low[i + 1]), int(self.count[i]))

    def repeating(self, period: int) -> ndarray:
        """For each item that has another `period` places later, whether that one repeats it."""
        same: ndarray = (self.sorts[period:] == self.sorts[:-period]) & (self.arity[period:] == self.arity[:-period])
        if not _runs(same, period):
            return np.zeros(len(same), dtype=bool)
        first = np.cumsum(self.arity) - self.arity
        child = np.repeat(np.arange(len(self.sorts)), self.arity)
        later = np.flatnonzero(child >= period)
        later = later[same[child[later] - period]]
        before = child[later] - period
        moved = self.operands[later] - self.operands[first[before] + later - first[child[later]]]
        same[before[(moved != 0) & (moved != period)]] = False
        return same

    def with_first(self, runs: list[tuple[int, int]], period: int) -> list[tuple[int, int]]:
        """The runs, with what stands before one when it differs only in what it begins with.

        The first step of a recurrence has an initial state for an operand where the next one has the step before.
        """
        found: list[tuple[int, int]] = []
        free = 0
        for start, count in runs:
            low = start - period
            if low >= free and (self.sorts[low:start] == self.sorts[start : start + period]).all():
                mine, its = self._operands(low, start), self._operands(start, start + period)
                if len(mine) == len(its):
                    moved = its - mine
                    begins = (its >= low) & (its < start) & (mine < low)
                    if ((moved == 0) | (moved == period) | begins).all():
                        start, count = low, count + 1
            found.append((start, count))
            free = start + count * period
        return found

    def _operands(self, low: int, high: int) -> ndarray:
        """The operands of some items, one after the other."""
        first = int(self.arity[:low].sum())
        return self.operands[first : first + int(self.arity[low:high].sum())]

    def collapse(self, runs: list[tuple[int, int]], period: int) -> None:
        """Make one item of each run, given as its first item and the number of its repetitions."""
        begins = np.ones(len(self.sorts), dtype=bool)
        for start, count in runs:
            stop = start + count * period
            begins[start + 1 : stop] = False
            first = [self.span(i) for i in range(start, start + period)]
            last = [self.span(i) for i in range(stop - period, stop)]
            self.ends[int(self.low[start]), int(self.low[stop])] = first, last
            key = self.sorts[start : start + period].tobytes(), count
            self.sorts[start] = self._known.setdefault(key, self._fresh + len(self._known))
            self.count[start] = count
        new = np.cumsum(begins) - 1
        child, operand = np.repeat(new, self.arity), new[self.operands]
        size = int(new[-1]) + 1
        pairs = np.unique((child * size + operand)[child != operand])
        self.operands = pairs % size
        self.arity = np.bincount(pairs // size, minlength=size)
        self.sorts, self.count = self.sorts[begins], self.count[begins]
        self.low = np.append(self.low[:-1][begins], self.low[-1])


def _runs(same: ndarray, period: int) -> list[tuple[int, int]]:
    """Where a pattern begins that repeats often enough, and how often; without overlaps."""
    edges = np.flatnonzero(np.diff(same, prepend=False, append=False))
    starts, stops = edges[::2], edges[1::2]
    long = stops - starts >= (LEAST - 1) * period
    found: list[tuple[int, int]] = []
    free = 0
    for start, stop in zip(starts[long].tolist(), stops[long].tolist(), strict=True):
        start = max(start, free)
        count = (stop - start) // period + 1
        if count >= LEAST:
            found.append((start, count))
            free = start + count * period
    return found


def _open(items: _Items, budget: int, whole: Collection[int]) -> list[Span]:
    spans = [items.span(i) for i in range(len(items.sorts))]
    room = budget - len(spans)
    found = {span: [span] for span in spans}
    for span in sorted(spans, key=lambda s: s.low - s.high):
        if span.count == 1 or (span.high - span.low == span.count and not items.uses[span.low]):
            continue  # a single item, or a row of leaves
        if any(item in whole for item in range(span.low, span.high)):
            continue
        first, last = items.ends[span.low, span.high]
        if len(first) + len(last) <= room:
            size = (span.high - span.low) // span.count
            found[span] = [*first, Span(span.low + size, span.high - size, span.count - 2), *last]
            room -= len(first) + len(last)
    return [part for span in spans for part in found[span]]
