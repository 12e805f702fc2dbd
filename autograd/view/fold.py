"""Fold: gather nodes so that a large graph is drawn as few boxes, however large it is.

Three steps, the last only when it is needed:

1. Nodes that are alike (one operation on operands that are alike) become one box "× 16": the neurons of a layer.
2. A pattern that repeats in reading order becomes one box "× 1,000", between its first and its last repetition:
   the layers of a deep network, the steps of a recurrent one.
3. What is still too much between the leaves and the results becomes one box "…".

No circle can arise: alike nodes lie equally deep, and patterns and the rest are intervals of a topological order, so
that edges between the pieces point forward only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from autograd.node import Node
from autograd.view.repeat import repeats
from autograd.view.text import settings


@dataclass(slots=True)
class Piece:
    """Nodes to be drawn as one box, as positions in the reading order.

    A single node is `alike` itself. The members of a `pattern` are `count` repetitions; the `rest` is in no order.
    """

    members: list[int]
    kind: Literal["alike", "pattern", "rest"] = "alike"
    count: int = 1


def fold(order: Sequence[Node], roots: Sequence[Node], limit: float) -> list[Piece]:
    """The pieces of a graph in a topological order. A graph of up to `limit` nodes has one piece for each.

    >>> from autograd import Value
    >>> from autograd.view.trace import reading_order
    >>> y = sum(Value(i / 10) * Value(2.0) for i in range(50))
    >>> order = reading_order([y])
    >>> len(order), [(piece.kind, piece.count) for piece in fold(order, [y], limit=100)]
    (201, [('alike', 50), ('alike', 50), ('alike', 50), ('alike', 1), ('alike', 1), ('pattern', 48), ('alike', 1)])
    """
    if len(order) <= limit:
        return [Piece([i]) for i in range(len(order))]
    classes = Classes(order, roots)
    budget = int(max(24, min(limit, 300) // 6))
    pieces = []
    for span in repeats(classes.sorts, classes.operands, budget):
        inside = range(span.low, span.high)
        members = [i for c in inside for i in classes.members[c]]
        if span.count == 1 or not any(classes.operands[c] for c in inside):
            pieces.append(Piece(members, "alike", len(members)))
        else:
            pieces.append(Piece(members, "pattern", span.count))
    return pieces if len(pieces) <= limit else _shorten(order, pieces, budget // 2)


class Classes:
    """The classes of alike nodes, in a topological order: for each its sort, its members and its operands."""

    def __init__(self, order: Sequence[Node], roots: Sequence[Node]) -> None:
        class_of = _by_use(order, _by_structure(order, set(roots)))
        operands: dict[int, tuple[int, ...]] = {}
        others: dict[int, dict[tuple[int, ...], None]] = {}  # for a class whose members differ in their leaves
        for node in order:
            mine = tuple([class_of[parent] for parent in node.parents])
            if operands.setdefault(class_of[node], mine) != mine:
                others.setdefault(class_of[node], {})[mine] = None
        place: dict[int, int] = {}
        for number, mine in operands.items():
            if mine:
                for parent in chain(mine, *others.get(number, ())):  # leaves have their place before their first use
                    place.setdefault(parent, len(place))
                place[number] = len(place)
        for number in operands:
            place.setdefault(number, len(place))

        self.members: list[list[int]] = [[] for _ in place]
        for i, node in enumerate(order):
            self.members[place[class_of[node]]].append(i)
        self.operands: list[list[int]] = [[] for _ in place]
        for number, mine in operands.items():
            slots = [
                (slot, place[parent]) for one in (mine, *others.get(number, ())) for slot, parent in enumerate(one)
            ]
            self.operands[place[number]] = [parent for _, parent in dict.fromkeys(slots)]
        sorts: dict[tuple[object, ...], int] = {}
        keys = [(*_sort(order[members[0]]), len(members)) for members in self.members]
        self.sorts = [sorts.setdefault(key, len(sorts)) for key in keys]


def _sort(node: Node) -> tuple[object, ...]:
    """What alike nodes have in common besides their operands."""
    shape = getattr(node.data, "shape", None)
    if not node.params:
        return type(node), node.primitive, shape
    return type(node), node.primitive, shape, settings("", node.params)


def _by_structure(order: Sequence[Node], roots: set[Node]) -> dict[Node, int]:
    """A number for each node, equal for equal operations on operands of equal numbers."""
    found: dict[Node, int] = {}
    known: dict[tuple[object, ...], int] = {}
    for node in order:
        parents = node.parents
        key = (*_sort(node), node in roots, len(set(parents)), *[found[parent] for parent in parents])
        found[node] = known.setdefault(key, len(known))
    return found


def _by_use(order: Sequence[Node], structure: dict[Node, int]) -> dict[Node, int]:
    """The same, with leaves told apart by what they are used for: the weights of one layer from those of another."""
    use = {node: 0 for node in order if not node.parents}
    for node in order:
        for slot, parent in enumerate(node.parents):
            if not parent.parents:
                use[parent] += hash((structure[node], slot))
    known: dict[tuple[int, int], int] = {}
    return {node: known.setdefault((structure[node], use.get(node, 0)), len(known)) for node in order}


def _shorten(order: Sequence[Node], pieces: list[Piece], keep: int) -> list[Piece]:
    """The `keep` pieces farthest from the results, the `keep` nearest to them, and between them one piece, the rest."""
    owner = {order[i]: number for number, piece in enumerate(pieces) for i in piece.members}
    distance = [0] * len(pieces)
    for number in reversed(range(len(pieces))):
        farther = distance[number] + 1
        for i in pieces[number].members:
            for parent in order[i].parents:
                own = owner[parent]
                if own != number and distance[own] < farther:
                    distance[own] = farther
    ranked = sorted(range(len(pieces)), key=lambda number: -distance[number])
    rest = [i for number in ranked[keep:-keep] for i in pieces[number].members]
    return [
        *(pieces[number] for number in ranked[:keep]),
        Piece(rest, "rest", len(rest)),
        *(pieces[number] for number in ranked[-keep:]),
    ]
