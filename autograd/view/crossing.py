"""Crossing: the order of boxes within their ranks that lets few edges cross.

Two ways by turns: everything is put at the barycentre of its neighbours in the rank before, and then those side by
side are swapped where that helps. The best order that was met is kept.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence

SWEEPS = 12
FEW = 1000  # of so many boxes and dummies at most, neighbours are swapped, too: it takes longer than the sweeps

Rows = list[list[int]]


def ordered(rows: Rows, before: Sequence[Sequence[int]], after: Sequence[Sequence[int]]) -> Rows:
    """The rows, rearranged; `before` and `after` are each one's neighbours in the rows beside its own.

    >>> ordered([[0, 1], [2, 3]], [[], [], [1], [0]], [[3], [2], [], []])
    [[1, 0], [2, 3]]
    """
    place = [0.0] * len(before)
    for row in rows:
        _settle(row, place)
    best, fewest = [list(row) for row in rows], crossings(rows, place, after)
    for sweep in range(SWEEPS):
        if not fewest:
            break
        neighbours = after if sweep % 2 == 0 else before
        for row in reversed(rows) if sweep % 2 == 0 else rows:
            row.sort(key=lambda node: _mean(neighbours[node], place, node))
            _settle(row, place)
        if len(before) <= FEW:
            _swap(rows, place, before, after)
        found = crossings(rows, place, after)
        if found < fewest:
            best, fewest = [list(row) for row in rows], found
    return best


def crossings(rows: Sequence[Sequence[int]], place: Sequence[float], after: Sequence[Sequence[int]]) -> int:
    """How many pairs of edges between neighbouring rows cross."""
    found = 0
    for row in rows:
        ends: list[float] = []
        for node in row:
            mine = sorted([place[other] for other in after[node]])
            found += sum(len(ends) - bisect_right(ends, end) for end in mine)
            for end in mine:
                insort(ends, end)
    return found


def _settle(row: Sequence[int], place: list[float]) -> None:
    for i, node in enumerate(row):
        place[node] = i


def _mean(neighbours: Sequence[int], place: Sequence[float], node: int) -> float:
    return sum([place[other] for other in neighbours]) / len(neighbours) if neighbours else place[node]


def _swap(
    rows: Rows, place: list[float], before: Sequence[Sequence[int]], after: Sequence[Sequence[int]], turns: int = 8
) -> None:
    """Exchange neighbours as long as fewer edges cross for it."""
    moved = True
    while moved and turns:
        moved, turns = False, turns - 1
        for row in rows:
            ends = [[sorted([place[other] for other in side[node]]) for side in (before, after)] for node in row]
            for i in range(len(row) - 1):
                if sum(map(_gain, ends[i], ends[i + 1])) > 0:
                    row[i], row[i + 1] = row[i + 1], row[i]
                    ends[i], ends[i + 1] = ends[i + 1], ends[i]
                    moved = True
            _settle(row, place)


def _gain(upper: Sequence[float], lower: Sequence[float]) -> int:
    """How many crossings fewer there are when two neighbours with edges to these places are exchanged."""
    return sum(bisect_left(lower, end) - len(lower) + bisect_right(lower, end) for end in upper)
