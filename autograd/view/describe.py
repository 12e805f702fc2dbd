"""Describe: the boxes and edges of a picture, with their texts, from the nodes and the pieces they are gathered in.

Everything is copied into text here, so a picture goes on showing the numbers of the moment it was drawn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.node import Node
from autograd.primitive import LEAF
from autograd.view.fold import Piece
from autograd.view.rule import rule
from autograd.view.sketch import Box, Edge, Sketch
from autograd.view.text import NOT_COMPUTED, entries, settings, spread

MANY = 5  # operations, at most, are listed in a folded box

# Operations whose operands may change places; of the others the edges say which is which.
SYMMETRIC = {"add", "multiply", "maximum", "minimum", "hypot", "logaddexp", "total", "dot"}


def describe(
    order: Sequence[Node], pieces: Sequence[Piece], roots: Collection[Node], names: Mapping[Node, str], rules: bool
) -> Sketch:
    """The sketch of a graph: a box for each piece, an edge for each operand."""
    ends = set(roots)
    boxes = [_box([order[i] for i in piece.members], piece, ends, names) for piece in pieces]
    return Sketch(boxes, _edges(order, pieces, names, rules), len(order))


def _edges(order: Sequence[Node], pieces: Sequence[Piece], names: Mapping[Node, str], rules: bool) -> list[Edge]:
    """An edge for each operand of each node; from piece to piece no more than there are from one node to another."""
    owner = {order[i]: number for number, piece in enumerate(pieces) for i in piece.members}
    found: dict[tuple[int, int, int], Edge] = {}
    for head, piece in enumerate(pieces):
        for i in piece.members:
            node = order[i]
            met: Counter[Node] = Counter()
            for slot, parent in enumerate(node.parents):
                tail = owner[parent]
                key = tail, head, met[parent]
                met[parent] += 1
                if tail == head or key in found:
                    continue
                edge = found[key] = Edge(tail, head, slot, constant=parent.primitive is None)
                if rules and len(piece.members) == 1 and not edge.constant:
                    edge.rule = rule(node, slot, names)
                if piece.kind == "alike" and not edge.rule:
                    edge.place = _place(node, slot)
    return list(found.values())


def _place(node: Node, slot: int) -> str:
    if node.primitive is None or node.primitive.name in SYMMETRIC or not 2 <= len(node.parents) <= 3:
        return ""
    return ("1st", "2nd", "3rd")[slot]


def _box(nodes: list[Node], piece: Piece, ends: Collection[Node], names: Mapping[Node, str]) -> Box:
    if piece.kind != "alike":
        return _folded(nodes, piece)
    node = nodes[0]
    primitive = node.primitive
    if primitive is None:
        box = Box("constant")
    elif node.parents:
        box = Box("result", node.operation, _settings(node))
    elif primitive is LEAF:
        box = Box("leaf")
    else:
        return Box("fold", note="let go by backward()")
    box.count = len(nodes)
    box.root = any(node in ends for node in nodes)
    box.name = _name(nodes, names)
    shape = getattr(node.data, "shape", None)
    if shape is not None:
        box.note = f"{tuple(shape)} {node.data.dtype}"
    rows = {"data": _entries([x.data for x in nodes])}
    if primitive is not None:
        rows["grad"] = _entries([_plain(x.grad) for x in nodes if x.grad is not x.no_gradient and x.grad is not None])
    box.table = _table(rows)
    return box


def _settings(node: Node) -> str:
    primitive = node.primitive
    if primitive is None or primitive.name == "dot":  # whose only setting is half the number of its operands
        return ""
    return settings(primitive.notation, node.params)


def _name(nodes: list[Node], names: Mapping[Node, str]) -> str:
    first, last = names.get(nodes[0], ""), names.get(nodes[-1], "")
    return first if len(nodes) == 1 else f"{first} … {last}" if first and last else ""


def _plain(gradient: Any) -> Any:
    return gradient.data if isinstance(gradient, Node) else gradient


def _entries(numbers: Sequence[Any]) -> list[str]:
    if len(numbers) < 2:
        return entries(numbers[0]) if numbers else [NOT_COMPUTED]
    arrays = numbers if isinstance(numbers[0], ndarray) else [np.array(numbers, dtype=float)]
    arrays = [a for a in arrays if a.size]
    return spread(arrays) if arrays else ["[]"]


def _table(rows: Mapping[str, list[str]]) -> list[list[str]]:
    """Rows of equal length, under a head where one of them says how its numbers are spread."""
    width = max(map(len, rows.values()))
    table = [[title, *row, *[""] * (width - len(row))] for title, row in rows.items()]
    return [["", "min", "mean", "max"], *table] if width > 1 else table


def _folded(nodes: list[Node], piece: Piece) -> Box:
    """What is inside: of a pattern the operations of one repetition, in order; of the rest how many of each."""
    if piece.kind == "pattern":
        once = [node.operation for node in nodes[: len(nodes) // piece.count] if node.parents]
        groups = [(operation, len(list(group))) for operation, group in groupby(once)]
        inside = _listed(groups, " → ") if len(groups) <= MANY else _counted(once)
        return Box("fold", note=f"{inside}\n{len(nodes):,} nodes", count=piece.count)
    return Box("fold", note=f"{_counted([node.operation for node in nodes if node.parents])}\n{len(nodes):,} nodes")


def _counted(operations: Sequence[str]) -> str:
    common = Counter(operations).most_common()
    return _listed(common[:MANY], ", ") + (", …" if len(common) > MANY else "")


def _listed(groups: Sequence[tuple[str, int]], between: str) -> str:
    return between.join(operation if count == 1 else f"{operation} ×{count:,}" for operation, count in groups)
