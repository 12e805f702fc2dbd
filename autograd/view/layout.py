"""Layout: where boxes and edges go when no Graphviz is there. Four steps of a layered drawing.

1. Every box gets a rank, as late as its consumers allow, so that leaves stand beside what uses them.
2. Edges over several ranks are led through a dummy in each rank between; edges from one box share them.
3. Within the ranks everything is brought into an order with few crossings (`crossing`).
4. Within a rank, places are the closest to those of the neighbours that keep the order and the distance.

Coordinates are (along, across): along the ranks, and across, within one. The painter turns them as wanted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

from autograd.view.crossing import ordered

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


def layout(
    sizes: Sequence[Point],
    edges: Sequence[tuple[int, int]],
    gaps: Sequence[float],
    first: Collection[int] = (),
    last: Collection[int] = (),
    docks: Mapping[tuple[int, int], float] = MappingProxyType({}),
) -> Layout:
    """Place boxes of these sizes (along, across); edges lead to later boxes and want `gaps` of free way.

    Boxes in `first` and `last` stand before and after all others. Where an edge meets a box is free, but for what
    `docks` says: how far across from the centre, by the number of the edge and its end, 0 for the tail and 1.

    >>> found = layout([(10, 10), (10, 10), (20, 10)], [(0, 2), (1, 2)], [0, 0])
    >>> found.centres
    [(5.0, 5.0), (5.0, 31.0), (62.0, 18.0)]
    """
    ranks = _ranks(len(sizes), edges, first, last)
    heights = [size[1] for size in sizes]
    rows: list[list[int]] = [[] for _ in range(max(ranks) + 1)]
    for box, rank in enumerate(ranks):
        rows[rank].append(box)
    chains = _chains(edges, docks, ranks, heights, rows)
    before: list[list[int]] = [[] for _ in heights]
    after: list[list[int]] = [[] for _ in heights]
    leans = [0.0] * len(heights), [0.0] * len(heights)  # how far docks pull each one to the side, from before and after
    links: set[tuple[int, int]] = set()
    for number, chain in enumerate(chains):
        for a, b in pairwise(chain):
            if (a, b) not in links:
                links.add((a, b))
                before[b].append(a)
                after[a].append(b)
                lean = docks.get((number, 0), 0.0) * (a == chain[0]) - docks.get((number, 1), 0.0) * (b == chain[-1])
                leans[0][b] += lean
                leans[1][a] -= lean
    rows = ordered(rows, before, after)
    across = _placed(rows, (before, after), leans, heights)

    wide = [max((sizes[node][0] for node in row if node < len(sizes)), default=0.0) for row in rows]
    free = [GAP] * len(rows)
    for (_, head), gap in zip(edges, gaps, strict=True):
        free[ranks[head]] = max(free[ranks[head]], gap + GAP)
    left = [0.0]
    for rank in range(1, len(rows)):
        left.append(left[-1] + wide[rank - 1] + free[rank])
    centres = [(left[rank] + wide[rank] / 2, across[box]) for box, rank in enumerate(ranks)]
    paths = []
    for number, chain in enumerate(chains):
        tail, head = chain[0], chain[-1]
        path = [(centres[tail][0] + sizes[tail][0] / 2, across[tail] + docks.get((number, 0), 0.0))]
        for rank, node in enumerate(chain[1:-1], start=ranks[tail] + 1):
            path += [(left[rank], across[node]), (left[rank] + wide[rank], across[node])]
        paths.append([*path, (centres[head][0] - sizes[head][0] / 2, across[head] + docks.get((number, 1), 0.0))])
    _spread(paths, edges, sizes, docks)
    height = max(across[box] + heights[box] / 2 for box in range(len(heights)))
    return Layout(centres, paths, left[-1] + wide[-1], height)


def _ranks(boxes: int, edges: Sequence[tuple[int, int]], first: Collection[int], last: Collection[int]) -> list[int]:
    operands: list[list[int]] = [[] for _ in range(boxes)]
    for tail, head in edges:
        operands[head].append(tail)
    rank = [0 if box in last or not last else -1 for box in range(boxes)]
    for head in reversed(range(boxes)):
        for tail in operands[head]:
            rank[tail] = min(rank[tail], rank[head] - 1)
    lowest = min(rank) - bool(first)
    for box in first:
        rank[box] = lowest
    return [r - lowest for r in rank]


def _chains(
    edges: Sequence[tuple[int, int]],
    docks: Mapping[tuple[int, int], float],
    ranks: Sequence[int],
    heights: list[float],
    rows: list[list[int]],
) -> list[list[int]]:
    """Each edge as a chain of nodes, one a rank; new dummies are added to `heights` and `rows`.

    Edges from one place share their dummies; but the two edges of a * a go two ways.
    """
    dummies: dict[tuple[int, float | None, int, int], int] = {}
    copies: dict[tuple[int, int], int] = {}
    chains = []
    for number, (tail, head) in enumerate(edges):
        copy = copies[tail, head] = copies.get((tail, head), -1) + 1
        chain = [tail]
        for rank in range(ranks[tail] + 1, ranks[head]):
            dummy = dummies.setdefault((tail, docks.get((number, 0)), rank, copy), len(heights))
            if dummy == len(heights):
                heights.append(2.0)
                rows[rank].append(dummy)
            chain.append(dummy)
        chains.append([*chain, head])
    return chains


def _placed(
    rows: Sequence[Sequence[int]],
    sides: tuple[Sequence[list[int]], Sequence[list[int]]],
    leans: tuple[Sequence[float], Sequence[float]],
    heights: Sequence[float],
) -> list[float]:
    """The centre of every node across, no two of a rank closer than they may be."""
    across = [0.0] * len(heights)
    for row in rows:
        at = 0.0
        for node in row:
            across[node] = at + heights[node] / 2
            at += heights[node] + ROOM

    for sweep in range(SWEEPS):
        side = 1 - sweep % 2
        neighbours, lean = sides[side], leans[side]
        for row in reversed(rows) if side else rows:
            wished = [
                (sum([across[other] for other in neighbours[node]]) + lean[node]) / len(neighbours[node])
                if neighbours[node]
                else across[node]
                for node in row
            ]
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


def _spread(
    paths: list[list[Point]],
    edges: Sequence[tuple[int, int]],
    sizes: Sequence[Point],
    docks: Mapping[tuple[int, int], float],
) -> None:
    """Let the edges of a box begin and end side by side, in the order in which they come from across."""
    for end, inward in ((0, 1), (-1, -2)):
        meeting: dict[int, list[int]] = {}
        for number, edge in enumerate(edges):
            if (number, abs(end)) not in docks:
                meeting.setdefault(edge[end], []).append(number)
        for box, numbers in meeting.items():
            numbers.sort(key=lambda number: paths[number][inward][1])
            step = min(14.0, 0.7 * sizes[box][1] / len(numbers))
            for i, number in enumerate(numbers):
                along, across = paths[number][end]
                paths[number][end] = along, across + (i - (len(numbers) - 1) / 2) * step
