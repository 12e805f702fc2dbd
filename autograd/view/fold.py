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

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from autograd.node import Node
from autograd.origin import Scope
from autograd.view.alike import Classes
from autograd.view.choice import AUTO, Choice, Closes
from autograd.view.frame import Frame, Frames, Path, Paths
from autograd.view.gather import Graph, Item, Items, gather
from autograd.view.repeat import LEAST, repeats


@dataclass(slots=True)
class Piece:
    """Items to be drawn as one box, by their numbers.

    A single item is `alike` itself. The items of a `pattern` are `count` repetitions; the `rest` is in no order.
    """

    items: Items
    numbers: Sequence[int]
    kind: Literal["alike", "pattern", "rest"] = "alike"
    count: int = 1
    frame: Frame | None = None

    def __len__(self) -> int:
        return len(self.numbers)

    def __iter__(self) -> Iterator[Item]:
        return map(self.items.__getitem__, self.numbers)

    @property
    def first(self) -> Item:
        """The first item."""
        return self.items[self.numbers[0]]

    @property
    def members(self) -> Iterator[int]:
        """All nodes, as positions in the reading order."""
        return (i for number in self.numbers for i in self.items.members[number])

    @property
    def modules(self) -> list[Scope]:
        """Those items that are closed modules."""
        found = (self.items.scopes[number] for number in self.numbers if self.items.kinds.get(number) == "module")
        return [scope for scope in found if scope is not None]


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
        items = gather(graph, choice.closed(scopes=graph.scopes))
        pieces = [Piece(items, [number]) for number in range(len(items))]
        if whole or len(pieces) <= room:
            return _framed(pieces, Frames(lambda scope: scope))
    pieces, paths = _readable(graph, choice, room)
    if len(pieces) > choice.limit:
        pieces = _shorten(graph, pieces, room // 2)
    return _framed(pieces, Frames(paths))


def _framed(pieces: list[Piece], frames: Frames) -> list[Piece]:
    for piece in pieces:
        piece.frame = frames.around(map(piece.items.around, piece.numbers))
    return pieces


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
            if piece.kind == "pattern":
                shut.update(map(paths, piece.modules))
            elif piece.count > 1 and piece.modules:
                paths.unite(piece.modules)
    if choice.expand:
        items = gather(graph, choice.closed(closes(deepest), graph.scopes), folded=True)
        pieces = _folded(graph, items, paths, room)
    return pieces, paths


def _folded(graph: Graph, items: Items, paths: Paths, room: int) -> list[Piece]:
    classes = Classes(items, _frames(items, paths), _roots(graph, items))
    modules = {c for c, members in enumerate(classes.members) if items.kinds.get(members[0]) == "module"}
    pieces = []
    for span in repeats(classes.sorts, classes.operands, room, whole=modules):
        inside = range(span.low, span.high)
        found = [i for c in inside for i in classes.members[c]]
        if span.count == 1 or not any(classes.operands[c] for c in inside):
            pieces.append(Piece(items, found, "alike", len(found)))
        else:
            pieces.append(Piece(items, found, "pattern", span.count))
    return _apart(pieces, room)


def _frames(items: Items, paths: Paths) -> list[Path | None]:
    return [paths(scope) if scope else None for scope in map(items.around, range(len(items)))]


def _roots(graph: Graph, items: Items) -> set[int]:
    return {number for number, members in enumerate(items.members) if not graph.roots.isdisjoint(members)}


def _apart(pieces: list[Piece], room: int) -> list[Piece]:
    """Pieces with only a few alike items are taken apart again, as long as there is room."""
    room -= len(pieces)
    found = []
    for piece in pieces:
        if piece.kind == "alike" and 1 < piece.count < LEAST and piece.count <= room:
            found += [Piece(piece.items, [number]) for number in piece.numbers]
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
    rest = Piece(pieces[0].items, [i for number in ranked[keep:-keep] for i in pieces[number].numbers], "rest")
    return [*(pieces[number] for number in ranked[:keep]), rest, *(pieces[number] for number in ranked[-keep:])]
