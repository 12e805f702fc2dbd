"""Layout: where boxes and edges go when no Graphviz is there. Four steps of a layered drawing.

1. Every box gets a rank, as late as its consumers allow, so that leaves stand beside what uses them.
2. Edges over several ranks are led through a dummy in each rank between; edges from one box share them.
3. Sweeps put everything at the barycentre of its neighbours in the rank before; the order with fewest crossings stays.
4. Within a rank, places are the closest to those of the neighbours that keep the order and the distance.

Coordinates are (along, across): along the ranks, and across, within one. The painter turns them as wanted.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

SWEEPS = 12
GAP, ROOM = 42.0, 16.0  # between ranks, and between boxes of a rank

Point = tuple[float, float]


@dataclass(slots=True)
class Layout:
    """The centre of each box, the path of each edge from box to box, and the extent of it all."""

    centres: list[Point]
    paths: list[list[Point]]
    along: float
    across: float


def layout(sizes: Sequence[Point], edges: Sequence[tuple[int, int]], gaps: Sequence[float]) -> Layout:
    """Place boxes of these sizes (along, across); edges lead to later boxes and want `gaps` of free way.

    >>> found = layout([(10, 10), (10, 10), (20, 10)], [(0, 2), (1, 2)], [0, 0])
    >>> found.centres
    [(5.0, 5.0), (5.0, 31.0), (62.0, 18.0)]
    """
    ranks = _ranks(len(sizes), edges)
    heights = [size[1] for size in sizes]
    rows: list[list[int]] = [[] for _ in range(max(ranks) + 1)]
    for box, rank in enumerate(ranks):
        rows[rank].append(box)
    chains = _chains(edges, ranks, heights, rows)
    before: list[list[int]] = [[] for _ in heights]
    after: list[list[int]] = [[] for _ in heights]
    for a, b in dict.fromkeys((a, b) for chain in chains for a, b in pairwise(chain)):
        before[b].append(a)
        after[a].append(b)
    rows = _ordered(rows, before, after)
    across = _placed(rows, before, after, heights)

    wide = [max((sizes[node][0] for node in row if node < len(sizes)), default=0.0) for row in rows]
    free = [GAP] * len(rows)
    for (_, head), gap in zip(edges, gaps, strict=True):
        free[ranks[head]] = max(free[ranks[head]], gap + GAP)
    left = [0.0]
    for rank in range(1, len(rows)):
        left.append(left[-1] + wide[rank - 1] + free[rank])
    centres = [(left[rank] + wide[rank] / 2, across[box]) for box, rank in enumerate(ranks)]
    paths = []
    for chain in chains:
        first, last = chain[0], chain[-1]
        path = [(centres[first][0] + sizes[first][0] / 2, across[first])]
        for rank, node in enumerate(chain[1:-1], start=ranks[first] + 1):
            path += [(left[rank], across[node]), (left[rank] + wide[rank], across[node])]
        paths.append([*path, (centres[last][0] - sizes[last][0] / 2, across[last])])
    _spread(paths, edges, sizes)
    height = max(across[box] + heights[box] / 2 for box in range(len(heights)))
    return Layout(centres, paths, left[-1] + wide[-1], height)


def _ranks(boxes: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    operands: list[list[int]] = [[] for _ in range(boxes)]
    for tail, head in edges:
        operands[head].append(tail)
    rank = [0] * boxes
    for head in reversed(range(boxes)):
        for tail in operands[head]:
            rank[tail] = min(rank[tail], rank[head] - 1)
    first = min(rank)
    return [r - first for r in rank]


def _chains(
    edges: Sequence[tuple[int, int]], ranks: Sequence[int], heights: list[float], rows: list[list[int]]
) -> list[list[int]]:
    """Each edge as a chain of nodes, one a rank; new dummies are added to `heights` and `rows`."""
    dummies: dict[tuple[int, int, int], int] = {}
    copies: dict[tuple[int, int], int] = {}
    chains = []
    for tail, head in edges:
        copy = copies[tail, head] = copies.get((tail, head), -1) + 1  # the two edges of a * a go two ways
        chain = [tail]
        for rank in range(ranks[tail] + 1, ranks[head]):
            dummy = dummies.setdefault((tail, rank, copy), len(heights))
            if dummy == len(heights):
                heights.append(2.0)
                rows[rank].append(dummy)
            chain.append(dummy)
        chains.append([*chain, head])
    return chains


def _ordered(rows: list[list[int]], before: Sequence[list[int]], after: Sequence[list[int]]) -> list[list[int]]:
    place = [0.0] * len(before)

    def settle(row: list[int]) -> None:
        for i, node in enumerate(row):
            place[node] = i

    for row in rows:
        settle(row)
    best, fewest = [list(row) for row in rows], _crossings(rows, place, after)
    for sweep in range(SWEEPS):
        if not fewest:
            break
        neighbours = after if sweep % 2 == 0 else before
        for row in reversed(rows) if sweep % 2 == 0 else rows:
            row.sort(key=lambda node: _mean(neighbours[node], place, node))
            settle(row)
        crossings = _crossings(rows, place, after)
        if crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
    return best


def _mean(neighbours: Sequence[int], place: list[float], node: int) -> float:
    return sum(place[other] for other in neighbours) / len(neighbours) if neighbours else place[node]


def _crossings(rows: Sequence[Sequence[int]], place: Sequence[float], after: Sequence[Sequence[int]]) -> int:
    found = 0
    for row in rows:
        ends: list[float] = []
        for node in row:
            mine = sorted(place[other] for other in after[node])
            found += sum(len(ends) - bisect_right(ends, end) for end in mine)
            for end in mine:
                insort(ends, end)
    return found


def _placed(
    rows: Sequence[Sequence[int]], before: Sequence[list[int]], after: Sequence[list[int]], heights: Sequence[float]
) -> list[float]:
    """The centre of every node across, no two of a rank closer than they may be."""
    across = [0.0] * len(heights)
    for row in rows:
        at = 0.0
        for node in row:
            across[node] = at + heights[node] / 2
            at += heights[node] + ROOM
    for sweep in range(SWEEPS):
        neighbours = after if sweep % 2 == 0 else before
        for row in reversed(rows) if sweep % 2 == 0 else rows:
            wished = [_mean(neighbours[node], across, node) for node in row]
            for node, y in zip(row, _apart(wished, [heights[node] for node in row]), strict=True):
                across[node] = y
    top = min(across[node] - heights[node] / 2 for row in rows for node in row)
    return [y - top for y in across]


def _apart(wished: Sequence[float], heights: Sequence[float]) -> list[float]:
    """The places nearest to those wished (least squares) that keep the order and the distances.

    Less the room that those before need, places may not fall; where wishes do, they are pooled into their mean.
    """
    offsets, at = [], 0.0
    for height in heights:
        offsets.append(at + height / 2)
        at += height + ROOM
    pools: list[tuple[float, int]] = []  # mean, members
    for wish, offset in zip(wished, offsets, strict=True):
        mean, members = wish - offset, 1
        while pools and pools[-1][0] > mean:
            other, others = pools.pop()
            mean = (mean * members + other * others) / (members + others)
            members += others
        pools.append((mean, members))
    flat = [mean for mean, members in pools for _ in range(members)]
    return [y + offset for y, offset in zip(flat, offsets, strict=True)]


def _spread(paths: list[list[Point]], edges: Sequence[tuple[int, int]], sizes: Sequence[Point]) -> None:
    """Let the edges of a box begin and end side by side, in the order in which they come from across."""
    for end, inward in ((0, 1), (-1, -2)):
        meeting: dict[int, list[int]] = {}
        for number, edge in enumerate(edges):
            meeting.setdefault(edge[end], []).append(number)
        for box, numbers in meeting.items():
            numbers.sort(key=lambda number: paths[number][inward][1])
            step = min(14.0, 0.7 * sizes[box][1] / len(numbers))
            for i, number in enumerate(numbers):
                along, across = paths[number][end]
                paths[number][end] = along, across + (i - (len(numbers) - 1) / 2) * step
