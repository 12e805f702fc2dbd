"""Picture: the way of the bad numbers, from the culprit on, drawn by the painters of `autograd.draw`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from autograd.anomaly.finding import Finding
from autograd.anomaly.number import is_finite, plain
from autograd.fast_record import new
from autograd.node import Node
from autograd.primitive import LEAF, Primitive

if TYPE_CHECKING:
    from autograd.view.draw import Picture

LIMIT = 24  # boxes from which on a way is folded


def picture(
    finding: Finding, names: Mapping[Node, str], rankdir: Any = "LR", limit: float = LIMIT, seconds: float = 5.0
) -> Picture:
    """The culprit, its operands, and the way to where it was noticed. Bad nodes are red; what is beside is left out.

    A way of more than `limit` nodes is folded.
    """
    from autograd.view.choice import choice
    from autograd.view.describe import describe
    from autograd.view.draw import Picture
    from autograd.view.fold import fold
    from autograd.view.module import recorded
    from autograd.view.trace import reading_order

    chosen = _chosen(finding)
    root = finding.root if finding.root in set(chosen) else chosen[-1]
    copies = _copies(finding, chosen)
    shown = reading_order([copies[root]])
    order = list(shown)
    scopes = recorded(order)
    called = {copies[node]: name for node, name in names.items() if node in copies}
    pieces = fold(order, [copies[root]], scopes, choice("auto", None, (), limit))
    sketch = describe(order, pieces, [copies[root]], called, False, scopes)
    bad = {copies[node] for node in _bad(finding, copies)}
    culprit = copies[finding.node]
    cut = {copies[node] for node in copies if node.parents and not copies[node].parents}
    for box, piece in zip(sketch.boxes, pieces, strict=True):
        inside = {order[i] for i in piece.members}
        box.bad = not bad.isdisjoint(inside)
        if culprit in inside:
            box.note = "\n".join(filter(None, ["here it began", box.note]))
        elif inside <= cut:
            box.kind = "fold"
            box.note = "\n".join(filter(None, [box.note, "what it was made from is left out"]))
    return Picture(sketch, rankdir, seconds)


def _chosen(finding: Finding) -> list[Node]:
    """The nodes of the way: of a gradient down from the result to the culprit, and on to where it arrived."""
    if finding.where == "backward":
        return list(dict.fromkeys([*reversed(finding.path), *finding.above]))
    return list(finding.path)


def _copies(finding: Finding, chosen: Iterable[Node]) -> dict[Node, Node]:
    """The nodes of the way and their operands, apart from the graph: what is beside the way has no operands there."""
    found: dict[Node, Node] = {}
    on_way = [node for node in chosen if node is not finding.node]
    inner = dict.fromkeys([finding.node, *on_way])
    for node in list(inner):
        for parent in node.parents:
            if parent not in inner:
                found[parent] = _copy(finding, parent)
    for node in inner:
        found[node] = _copy(finding, node)
    for node in inner:
        if node.parents:
            found[node].parents = tuple(found[parent] for parent in node.parents)
            found[node].primitive, found[node].params = node.primitive, node.params
    if finding.primitive is not None:
        found[finding.node].primitive = _apart(finding.primitive)
    for below, above in pairwise(finding.path if finding.where == "forward" else []):
        if not any(parent is below for parent in above.parents):  # the checkpoint that it was found inside of
            found[above].parents = (found[below],)
    return found


def _apart(primitive: Primitive) -> Primitive:
    """The same, and yet another: so that the culprit is not folded away with others like it."""
    found: Primitive = object.__new__(type(primitive))
    found.__dict__.update(primitive.__dict__)
    return found


def _copy(finding: Finding, node: Node) -> Node:
    copy = new(type(node))
    array = plain(node)
    copy.data = node.data if array is None or type(node.data) is float else array
    copy.primitive = LEAF if node.primitive is not None else None
    copy.parents = ()
    copy.grad = node.no_gradient
    if node in finding.adjoints:
        g = plain(finding.adjoints[node])
        copy.grad = g.item() if g is not None and type(node.data) is float else g
    copy.origin = node.origin
    copy.label = node.label
    return copy


def _bad(finding: Finding, nodes: Iterable[Node]) -> set[Node]:
    """The nodes that are bad in the pass that it is about."""
    if finding.where == "backward":
        return {node for node in nodes if node is finding.node or not is_finite(finding.adjoints.get(node, 0.0))}
    if finding.where == "forward":
        return {node for node in nodes if not is_finite(node.data)}
    return {finding.node, *([finding.node.parents[finding.slot]] if finding.slot is not None else [])}
