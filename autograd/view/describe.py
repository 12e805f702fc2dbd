"""Describe: a picture as plain data, boxes, edges and frames with their texts, from nodes gathered in pieces.

Everything is copied into text here, so a picture goes on showing the numbers of the moment it was drawn.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from autograd.node import Node
from autograd.origin import Scope
from autograd.view.box import alike_box, folded_box, module_box
from autograd.view.caption import title
from autograd.view.fold import Piece
from autograd.view.frame import Frame, worth_drawing
from autograd.view.rule import rule
from autograd.view.sketch import Box, Edge, Sketch
from autograd.view.sketch import Frame as Line

# Operations whose operands may change places; of the others the edges say which is which.
SYMMETRIC = {"add", "multiply", "maximum", "minimum", "hypot", "logaddexp", "total", "dot"}


def describe(
    order: Sequence[Node],
    pieces: Sequence[Piece],
    roots: Collection[Node],
    names: Mapping[Node, str],
    rules: bool,
    scopes: Mapping[Node, Scope] = MappingProxyType({}),
) -> Sketch:
    """The sketch of a graph: a box for each piece, an edge for each operand, a frame for each open module."""
    frames = worth_drawing(piece.frame for piece in pieces)
    ends = set(roots)
    used = _used_outside(order, pieces) | ends
    boxes = []
    for piece in pieces:
        frame = _drawn(piece.frame, frames)
        box = _box(order, piece, frame.depth if frame else 0, used, names, scopes)
        box.root = any(order[i] in ends for i in piece.members)
        box.frame = frames[frame] if frame else None
        boxes.append(box)
    return Sketch(boxes, _edges(order, pieces, names, rules), len(order), _lines(frames))


def _drawn(frame: Frame | None, frames: Collection[Frame]) -> Frame | None:
    """The innermost frame that is drawn, from this one outwards."""
    while frame is not None and frame not in frames:
        frame = frame.outer
    return frame


def _lines(frames: Mapping[Frame, int]) -> list[Line]:
    found: list[Line] = []
    for frame in frames:
        outer = _drawn(frame.outer, frames)
        scopes = list(frame.scopes)
        line = Line(title(scopes, outer.depth if outer else 0), len(scopes))
        if outer:
            line.outer, line.depth = frames[outer], found[frames[outer]].depth + 1
        found.append(line)
    return found


def _used_outside(order: Sequence[Node], pieces: Sequence[Piece]) -> set[Node]:
    """The nodes of closed modules that others use."""
    everything = [(number, item) for piece in pieces for number, item in zip(piece.numbers, piece)]
    owner = {order[i]: number for number, item in everything if item.kind == "module" for i in item.members}
    if not owner:
        return set()
    return {
        parent
        for number, item in everything
        for i in item.members
        for parent in order[i].parents
        if parent in owner and owner[parent] != number
    }


def _box(
    order: Sequence[Node],
    piece: Piece,
    depth: int,
    used: Collection[Node],
    names: Mapping[Node, str],
    scopes: Mapping[Node, Scope],
) -> Box:
    """A piece as a box in a frame of so many levels."""
    modules = piece.modules
    if piece.kind == "rest":
        return folded_box(order, piece)
    if len(modules) == len(piece):
        box = module_box(order, piece, used, scopes)
    elif piece.kind == "pattern":
        box = folded_box(order, piece)
    else:
        box = alike_box(order, piece, depth, names)
    if modules and len(modules) in (len(piece), piece.count):  # one in each repetition
        box.name = title(modules, depth)
    box.count = piece.count
    return box


def _edges(order: Sequence[Node], pieces: Sequence[Piece], names: Mapping[Node, str], rules: bool) -> list[Edge]:
    """An edge for each operand of each node; from piece to piece no more than there are from one node to another."""
    owner = {order[i]: number for number, piece in enumerate(pieces) for i in piece.members}
    found: dict[tuple[int, int, int], Edge] = {}
    for head, piece in enumerate(pieces):
        plain = piece.kind == "alike" and piece.first.kind == "node"
        single = rules and len(piece) == 1
        for i in piece.members:
            node = order[i]
            met: dict[Node, int] = {}
            for slot, parent in enumerate(node.parents):
                tail = owner[parent]
                if tail == head:
                    continue
                met[parent] = met.get(parent, -1) + 1
                key = tail, head, met[parent]
                if key in found:
                    continue
                edge = found[key] = Edge(tail, head, slot, constant=parent.primitive is None)
                if single and plain and not edge.constant:
                    edge.rule = rule(node, slot, names)
                if plain and not edge.rule:
                    edge.place = _place(node, slot)
    return list(found.values())


def _place(node: Node, slot: int) -> str:
    if node.primitive is None or node.primitive.name in SYMMETRIC or not 2 <= len(node.parents) <= 3:
        return ""
    return ("1st", "2nd", "3rd")[slot]
