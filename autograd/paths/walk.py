"""Walk: the largest of all paths from an output to an input, without looking at each.

There may be more paths than atoms in the world; what one of them contributes is the gradient of the output times one
local derivative after the other. So of all paths that lead to a node, only the `most` largest can be parts of the
largest beyond it, and one pass over the graph, outputs first, finds them (Lawler, 1972, for graphs without circles).

For single numbers that is exact. For arrays a path that is small half way may be large in the end: there it is exact
as long as nothing has been left behind on the way, and `exact` says whether it is.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from autograd.node import Node
from autograd.scattered import Scatter
from autograd.sweep import contributions

KEPT = 256  # paths to each node of a graph of arrays


class Stretch(NamedTuple):
    """The beginning of a path: what has arrived at a node along it, and the edge that it came by."""

    size: float
    gradient: Any
    consumer: Node | None
    slot: int
    before: Stretch | None


@dataclass(frozen=True)
class Step:
    """One edge of a path: from a result to its operand number `slot`."""

    result: Node
    slot: int

    @property
    def operand(self) -> Node:
        """The node that it leads to."""
        return self.result.parents[self.slot]


@dataclass(frozen=True)
class Walk:
    """All that was found: the largest paths as edges from the output on, with what each contributes."""

    paths: list[tuple[list[Step], Any]]
    count: int  # of all paths
    total: Any  # what all together contribute
    exact: bool  # whether these are surely the largest


def walk(order: Sequence[Node], y: Node, x: Node, seed: Any, most: int) -> Walk:
    """The `most` largest paths from y to x; `order` is topological and holds the nodes between them, and these two.

    Cost: a sweep, and for each kept path one more.
    """
    among = set(order)
    arrived: dict[Node, list[Stretch]] = {y: [Stretch(_size(seed), seed, None, 0, None)]}
    count, total = {y: 1}, {y: seed}
    exact, scalar = True, all(type(node.data) is float for node in order)
    kept = most if scalar else max(most, KEPT)
    for node in reversed(order):
        if node is x or node not in arrived:
            continue
        stretches, many, whole = arrived.pop(node), count.pop(node), total.pop(node)
        wanted = [p in among for p in node.parents]
        sent = _sent(node, whole, wanted)
        local = _sent(node, 1.0, wanted) if type(node.data) is float and type(whole) is float else None
        per_stretch = None if local is not None else [_sent(node, s.gradient, wanted) for s in stretches]
        for slot, parent in enumerate(node.parents):
            if sent[slot] is None:
                continue
            count[parent] = count.get(parent, 0) + many
            total[parent] = total[parent] + sent[slot] if parent in total else sent[slot]
            new = arrived.setdefault(parent, [])
            for i, stretch in enumerate(stretches):
                g = stretch.gradient * local[slot] if local is not None else per_stretch[i][slot]  # type: ignore[index]
                new.append(Stretch(_size(g), g, node, slot, stretch))
            if len(new) > kept:
                exact = exact and scalar
                arrived[parent] = heapq.nlargest(kept, new, key=_key)
    found = heapq.nlargest(most, arrived.get(x, []), key=_key)
    nothing = x.data * 0.0
    return Walk([(_steps(s), s.gradient) for s in found], count.get(x, 0), total.get(x, nothing), exact)


def _sent(node: Node, g: Any, wanted: list[bool]) -> list[Any]:
    """What a node sends to its operands, given its gradient."""
    with np.errstate(all="ignore"):
        found = contributions(node, g, wanted)
    return [
        None if not want or c is None else c.dense() if type(c) is Scatter else c
        for c, want in zip(found, wanted, strict=True)
    ]


def _steps(stretch: Stretch) -> list[Step]:
    steps: list[Step] = []
    at: Stretch | None = stretch
    while at is not None and at.consumer is not None:
        steps.append(Step(at.consumer, at.slot))
        at = at.before
    return steps[::-1]


def _size(g: Any) -> float:
    """How large a contribution is; what is no number is looked at first."""
    size = abs(g) if type(g) is float else float(np.sqrt(np.sum(np.square(g, dtype=float))))
    return size if size == size else np.inf


def _key(stretch: Stretch) -> float:
    return stretch.size
