"""Box: the texts of one box: of a node, of several that are alike, of a closed module, of a pattern."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.node import Node
from autograd.origin import Scope
from autograd.primitive import LEAF
from autograd.view.caption import amount, contents, counted, span
from autograd.view.fold import Piece
from autograd.view.gather import Item
from autograd.view.sketch import Box
from autograd.view.text import NOT_COMPUTED, entries, settings, spread

PRODUCT_SUM = "·"  # as the operation that does the same in one node is written


def alike_box(order: Sequence[Node], piece: Piece, depth: int, names: Mapping[Node, str]) -> Box:
    """A node, or several that are alike, or sums of products by their results; in a frame of so many levels."""
    nodes = [order[item.members[-1]] for item in piece]
    primitive = nodes[0].primitive
    if primitive is None:
        box = Box("constant")
    elif piece.first.kind == "sum":
        box = Box("result", PRODUCT_SUM, note=f"sum of products, {amount(len(list(piece.members)), 'node')}")
    elif nodes[0].parents:
        box = Box("result", nodes[0].operation, _settings(nodes))
    elif primitive is LEAF:
        box = Box("leaf")
    else:
        return Box("fold", note="let go by backward()")
    both = piece.first, piece.items[piece.numbers[-1]]
    (box.prefix, first), (_, last) = (_parted(names.get(order[item.members[-1]], ""), item, depth) for item in both)
    box.name = span(first, last)
    box.note = box.note or _shape(nodes[0])
    box.table = _numbers(nodes)
    return box


def _parted(name: str, item: Item, depth: int) -> tuple[str, str]:
    """The name of a parameter in two parts: what the frames around it say already, and the rest.

    The outermost module may be called otherwise where it is drawn: `net.head.weight` in `model` and `head`.
    """
    root, _, rest = name.partition(".")
    scope = item.scope
    told = "".join(f"{part}." for part in scope.path[1:depth]) if scope else ""
    if not (depth and rest and rest.startswith(told)):
        return "", name
    return f"{root}.{told}", rest.removeprefix(told)


def module_box(order: Sequence[Node], piece: Piece, used: Collection[Node], scopes: Mapping[Node, Scope]) -> Box:
    """Closed modules: what is in one of them, and their results, those of their nodes that are `used` outside."""
    box = Box("module", note=contents(_inside(order, piece.first, scopes)))
    results = [[node for i in item.members if (node := order[i]) in used] for item in piece]
    if all(len(found) == 1 for found in results) and len({_shape(found[0]) for found in results}) == 1:
        box.note += f"\n{_shape(results[0][0])}"
        box.table = _numbers([found[0] for found in results])
    nodes = [order[i] for i in piece.members]
    parameters = sum(np.size(node.data) for node in nodes if node.primitive is LEAF)
    box.note += "\n" + ", ".join(filter(None, [amount(len(nodes), "node"), amount(parameters, "parameter")]))
    return box


def _inside(order: Sequence[Node], item: Item, scopes: Mapping[Node, Scope]) -> Iterator[str]:
    """What a module consists of: modules inside by their names, and operations of its own."""
    depth = len(item.scope.path) if item.scope else 0
    before: Scope | None = None
    for node in (order[i] for i in item.members if order[i].parents):
        chain = scopes[node].chain if node in scopes else ()
        inner = chain[depth] if len(chain) > depth else None
        if inner is None:
            yield node.operation
        elif inner is not before:
            yield inner.name
        before = inner


def folded_box(order: Sequence[Node], piece: Piece) -> Box:
    """Of a pattern what is in one repetition, in order; of the rest how many there are of each operation."""
    if piece.kind == "pattern":
        inside = contents(_parts(order, islice(piece, len(piece) // piece.count)))
    else:
        inside = counted(_parts(order, piece))
    return Box("fold", note=f"{inside}\n{amount(len(list(piece.members)), 'node')}")


def _parts(order: Sequence[Node], items: Iterable[Item]) -> Iterator[str]:
    for item in items:
        node = order[item.members[-1]]
        if item.kind == "module" and item.scope:
            yield item.scope.kind or item.scope.name
        elif node.parents:
            yield PRODUCT_SUM if item.kind == "sum" else node.operation


def _shape(node: Node) -> str:
    shape = getattr(node.data, "shape", None)
    return "" if shape is None else f"{tuple(shape)} {node.data.dtype}"


def _settings(nodes: Sequence[Node]) -> str:
    """The settings that all of these have."""
    primitive = nodes[0].primitive
    if primitive is None:
        return ""
    shown = {settings(primitive.notation, node.params) for node in nodes}
    return shown.pop() if len(shown) == 1 else ""


def _numbers(nodes: Sequence[Node]) -> list[list[str]]:
    """The rows `data` and `grad`, under a head where one of them says how its numbers are spread."""
    rows = {"data": _entries([node.data for node in nodes])}
    if nodes[0].primitive is not None:
        known = [node.grad for node in nodes if node.grad is not node.no_gradient and node.grad is not None]
        rows["grad"] = _entries([grad.data if isinstance(grad, Node) else grad for grad in known])
    width = max(map(len, rows.values()))
    table = [[head, *row, *[""] * (width - len(row))] for head, row in rows.items()]
    return [["", "min", "mean", "max"], *table] if width > 1 else table


def _entries(numbers: Sequence[Any]) -> list[str]:
    if len(numbers) < 2:
        return entries(numbers[0]) if numbers else [NOT_COMPUTED]
    arrays = numbers if isinstance(numbers[0], ndarray) else [np.array(numbers, dtype=float)]
    arrays = [a for a in arrays if a.size]
    return spread(arrays) if arrays else ["[]"]
