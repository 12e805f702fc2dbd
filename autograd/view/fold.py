"""Fold: gather nodes so that a large graph is drawn as few boxes, however large it is.

Four steps, the last only when it is needed:

1. Modules that are closed, and sums of products, become one box each (`gather`).
2. What is alike (one operation on operands that are alike) becomes one box "× 16": the neurons of a layer.
3. A pattern that repeats in reading order becomes one box "× 1,000", between its first and its last repetition:
   the layers of a deep network, the steps of a recurrent one. Of modules one after the other all become one.
4. What is still too much between the leaves and the results becomes one box "…".

No circle can arise: alike items lie equally deep, and patterns and the rest are intervals of a topological order, so
that edges between the pieces point forward only.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from autograd.node import Node
from autograd.origin import Scope
from autograd.view.alike import Classes
from autograd.view.choice import AUTO, Choice, Closes
from autograd.view.frame import Frame, Frames, Path, Paths
from autograd.view.gather import Graph, Item, gather
from autograd.view.repeat import LEAST, repeats


@dataclass(slots=True)
class Piece:
    """Items to be drawn as one box.

    A single item is `alike` itself. The items of a `pattern` are `count` repetitions; the `rest` is in no order.
    """

    items: list[Item]
    kind: Literal["alike", "pattern", "rest"] = "alike"
    count: int = 1
    frame: Frame | None = None

    @property
    def members(self) -> list[int]:
        """All nodes, as positions in the reading order."""
        return [i for item in self.items for i in item.members]


def fold(
    order: Sequence[Node],
    roots: Collection[Node],
    scopes: Mapping[Node, Scope] = MappingProxyType({}),
    choice: Choice = AUTO,
) -> list[Piece]:
    """The pieces of a graph in a topological order. A graph of up to `limit` nodes has one piece for each.

    >>> from autograd import Value, tanh
    >>> from autograd.view.trace import reading_order
    >>> y = sum(tanh(Value(i / 10)) for i in range(50))
    >>> order = reading_order([y])
    >>> len(order), [(piece.kind, piece.count) for piece in fold(order, [y], choice=Choice(limit=100))]
    (151, [('alike', 50), ('alike', 50), ('alike', 1), ('alike', 1), ('pattern', 48), ('alike', 1)])
    """
    graph = Graph(order, roots, scopes)
    room = int(max(24, min(choice.limit, 300) // 6))  # so many pieces can be taken in at once
    whole = choice.repeats is False or (choice.repeats is None and not choice.closes and len(order) <= choice.limit)
    if whole or (choice.repeats is None and choice.closes):
        pieces = [Piece([item]) for item in gather(graph, choice.closed(scopes=graph.scopes))]
        if whole or len(pieces) <= room:
            return _framed(pieces, Frames(lambda scope: scope))
    pieces, paths = _readable(graph, choice, room)
    if len(pieces) > choice.limit:
        pieces = _shorten(graph, pieces, room // 2)
    return _framed(pieces, Frames(paths))


def _framed(pieces: list[Piece], frames: Frames) -> list[Piece]:
    for piece in pieces:
        piece.frame = frames.around(_around(item) for item in piece.items)
    return pieces


def _around(item: Item) -> Scope | None:
    """The open module that an item stands in."""
    return item.scope.outer if item.scope and item.kind == "module" else item.scope


def _readable(graph: Graph, choice: Choice, room: int) -> tuple[list[Piece], Paths]:
    """Modules are opened level by level, as long as what there is to see can be taken in.

    Modules that were alike when they were closed are one frame when they are opened; those that follow one another
    again and again stay closed. What the user wants to see open is opened in the end.
    """
    most = choice.limit if choice.closes else room
    paths, shut = Paths(), set[Path]()

    def closes(depth: int) -> Closes:
        return lambda scope: len(scope.path) > depth or any(paths(outer) in shut for outer in scope.chain)

    pieces: list[Piece] = []
    deepest = 0
    for depth in range(1 + max((len(scope.path) for scope in set(graph.scopes) if scope), default=0)):
        deeper = _folded(graph, gather(graph, choice.closed(closes(depth)), folded=True), paths, room)
        if pieces and len(deeper) > most:
            break
        pieces, deepest = deeper, depth
        for piece in pieces:
            modules = [item.scope for item in piece.items if item.kind == "module" and item.scope]
            if piece.kind == "pattern":
                shut.update(map(paths, modules))
            elif len(modules) == piece.count > 1:
                paths.unite(modules)
    if choice.expand:
        items = gather(graph, choice.closed(closes(deepest), graph.scopes), folded=True)
        pieces = _folded(graph, items, paths, room)
    return pieces, paths


def _folded(graph: Graph, items: list[Item], paths: Paths, room: int) -> list[Piece]:
    roots = {i for i, item in enumerate(items) if not graph.roots.isdisjoint(item.members)}
    around = [scope and paths(scope) for scope in map(_around, items)]
    classes = Classes(items, around, roots)
    modules = {c for c, members in enumerate(classes.members) if items[members[0]].kind == "module"}
    pieces = []
    for span in repeats(classes.sorts, classes.operands, room, whole=modules):
        inside = range(span.low, span.high)
        found = [items[i] for c in inside for i in classes.members[c]]
        if span.count == 1 or not any(classes.operands[c] for c in inside):
            pieces.append(Piece(found, "alike", len(found)))
        else:
            pieces.append(Piece(found, "pattern", span.count))
    return _apart(pieces, room)


def _apart(pieces: list[Piece], room: int) -> list[Piece]:
    """Pieces with only a few alike items are taken apart again, as long as there is room."""
    room -= len(pieces)
    found = []
    for piece in pieces:
        if piece.kind == "alike" and 1 < piece.count < LEAST and piece.count <= room:
            found += [Piece([item]) for item in piece.items]
            room -= piece.count - 1
        else:
            found.append(piece)
    return found


def _shorten(graph: Graph, pieces: list[Piece], keep: int) -> list[Piece]:
    """The `keep` pieces farthest from the results, the `keep` nearest to them, and between them one piece, the rest."""
    owner = {i: number for number, piece in enumerate(pieces) for i in piece.members}
    distance = [0] * len(pieces)
    for number in reversed(range(len(pieces))):
        farther = distance[number] + 1
        for i in pieces[number].members:
            for parent in graph.parents[i]:
                own = owner[parent]
                if own != number and distance[own] < farther:
                    distance[own] = farther
    ranked = sorted(range(len(pieces)), key=lambda number: -distance[number])
    rest = [item for number in ranked[keep:-keep] for item in pieces[number].items]
    return [
        *(pieces[number] for number in ranked[:keep]),
        Piece(rest, "rest", sum(len(item.members) for item in rest)),
        *(pieces[number] for number in ranked[-keep:]),
    ]
