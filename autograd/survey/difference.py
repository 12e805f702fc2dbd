"""Difference: what has changed from one graph to another, as text, as a picture, and as data."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.node import Node
from autograd.survey.graph import Graph, graph_of
from autograd.survey.question import gradient, kind
from autograd.view.text import number

if TYPE_CHECKING:
    from graphviz import Digraph

SHOWN = 12  # lines of each sort
ORDER = ("operands", "settings", "shape", "value", "gradient")
MATCHED = 4000  # nodes that are put side by side one by one; beyond that only equal names are


@dataclass(frozen=True)
class Change:
    """One node that both graphs have: its names, what is different, and by how much."""

    before: Node
    after: Node
    name: str
    what: str  # "value", "gradient", "shape", "settings" or "operands"
    size: float  # |after - before| / |before|, of arrays by their lengths; inf where it cannot be said
    text: str


@dataclass
class Difference:
    """What is different. It is true if anything is.

    | attribute | what it is |
    |---|---|
    | `changed` | nodes that both have, the most changed first |
    | `added`, `removed` | nodes that only the second, or only the first has |
    | `causes` | of the changes those that follow from no other: what was edited, or stepped |
    | `pairs` | which node of the second graph is which of the first |
    """

    before: Graph
    after: Graph
    pairs: dict[Node, Node]
    added: list[Node]
    removed: list[Node]
    changed: list[Change] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)

    @property
    def causes(self) -> list[Change]:
        """The changes that follow from no other: leaves, settings, operands, and what a random operation gave anew."""
        moved = {c.after for c in self.changed if c.what in ("value", "shape")} | set(self.added)
        return [
            c
            for c in self.changed
            if c.what in ("settings", "operands")
            or (c.what in ("value", "shape") and moved.isdisjoint(c.after.parents))
        ]

    def __str__(self) -> str:
        if not self:
            return f"no difference in {len(self.after):,} nodes."
        lines = [f"{len(self.after):,} nodes: {', '.join(self._counts())}."]
        for sign, nodes, names in (("+", self.added, self.after.names), ("-", self.removed, self.before.names)):
            told = [f"{sign} {made(node, names)}" for node in nodes if node.parents or node in names]
            lines += _cut(told, sign)
        causes = self.causes
        own = {c.after for c in causes}
        first, follow = self.lines(own), self.lines({c.after for c in self.changed} - own)
        if first and (follow or self.added or self.removed):
            lines.append("Changed by itself:" if len(first) == 1 else "Changed by themselves:")
        lines += _cut([f"~ {text}" for text in first], "~")
        if first and follow:
            lines.append("What follows from that:")
        lines += _cut([f"~ {text}" for text in follow], "~")
        return "\n".join(lines)

    __repr__ = __str__

    def lines(self, nodes: Collection[Node]) -> list[str]:
        """What has changed in each of these nodes of the second graph, in a line, the most changed first."""
        told: dict[Node, list[Change]] = {}
        for change in self.changed:
            if change.after in nodes:
                told.setdefault(change.after, []).append(change)
        return [f"{found[0].name}: {', '.join(c.text for c in sorted(found, key=_rank))}" for found in told.values()]

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"

    def _counts(self) -> list[str]:
        told = [f"{len(self.added):,} new", f"{len(self.removed):,} gone"]
        told = [text for text, nodes in zip(told, (self.added, self.removed), strict=True) if nodes]
        kinds = Counter(change.what for change in self.changed)
        for what in filter(kinds.__contains__, ORDER):
            n = kinds[what]
            if what in ("operands", "settings"):
                told.append(f"{what} of {n:,} node{'s' if n > 1 else ''} changed")
            else:
                told.append(f"{n:,} {what}{'s' if n > 1 else ''} changed")
        return told

    # As a picture

    @property
    def digraph(self) -> Digraph:
        """The second graph: what is new in green, what is gone in red, what has changed in orange, causes filled."""
        from autograd.survey.picture import digraph

        return digraph(self)

    def svg(self) -> str:
        """The picture as the text of an SVG file. Errors: AutogradError when no program can draw it."""
        from autograd.errors import AutogradError, place
        from autograd.view.render import on_paper, render

        drawn = render(self.digraph.source, "svg", 20.0)
        if drawn is None:
            raise AutogradError(f"no program could draw this.{place()}\n  Install one: pip install graphviz-pure.")
        return on_paper(drawn.decode())


def diff(before: Any, after: Any, rtol: float = 1e-9) -> Difference:
    """What has changed from one graph to another: nodes, numbers, gradients, settings. Graphs, or results.

    Nodes are put side by side by their names, and the others in the order of their operations. Numbers count as changed
    when they differ by more than `rtol`. Of a graph whose leaves an optimizer has changed since, compare a
    `Graph.copy()` made before.

    `graph.diff(other)` does the same.

    >>> import autograd
    >>> x = autograd.Value(2.0, label="x")
    >>> first = autograd.Graph(x * x + 1.0).copy()
    >>> x.data = 3.0
    >>> print(diff(first, x * x + 1.0))
    4 nodes: 3 values changed.
    Changed by itself:
    ~ x: value 2.0 → 3.0
    What follows from that:
    ~ v1: value 4.0 → 9.0
    ~ v2: value 5.0 → 10.0
    """
    caller = sys._getframe(1)
    names: Mapping[str, Any] = {**caller.f_globals, **caller.f_locals}
    a, b = graph_of(before, names), graph_of(after, names)
    pairs = _matched(a, b)
    there = set(pairs.values())
    found = Difference(a, b, pairs, [n for n in b.nodes if n not in pairs], [n for n in a.nodes if n not in there])
    for new, old in pairs.items():
        found.changed += _changes(old, new, b.names.get(new, a.names.get(old, "?")), pairs, rtol)
    found.changed.sort(key=lambda change: -change.size)
    return found


def _matched(a: Graph, b: Graph) -> dict[Node, Node]:
    """Which node of b is which of a."""
    keys = [[_signature(node) for node in graph.nodes] for graph in (a, b)]
    if keys[0] == keys[1]:
        return dict(zip(b.nodes, a.nodes, strict=True))
    if max(len(a), len(b)) > MATCHED:
        return {n: a._named[name] for n, name in b.names.items() if name in a._named and n in b}
    named = [
        [(key, g.names.get(n)) for key, n in zip(k, g.nodes, strict=True)] for k, g in zip(keys, (a, b), strict=True)
    ]
    matcher = SequenceMatcher(None, named[0], named[1], autojunk=False)
    pairs = {b.nodes[j + i]: a.nodes[k + i] for k, j, n in matcher.get_matching_blocks() for i in range(n)}
    # What is left over is put side by side in the order of its operations.
    taken = set(pairs.values())
    rest_a, rest_b = [n for n in a.nodes if n not in taken], [n for n in b.nodes if n not in pairs]
    sorts = [[_signature(n)[0] for n in rest] for rest in (rest_a, rest_b)]
    loose = SequenceMatcher(None, sorts[0], sorts[1], autojunk=False)
    pairs |= {rest_b[j + i]: rest_a[k + i] for k, j, n in loose.get_matching_blocks() for i in range(n)}
    return {n: pairs[n] for n in b.nodes if n in pairs}


def _signature(node: Node) -> tuple[str, Any]:
    return (node.operation if node.parents else kind(node), np.shape(node.data))


def _changes(old: Node, new: Node, name: str, pairs: Mapping[Node, Node], rtol: float) -> list[Change]:
    found = []
    if np.shape(old.data) != np.shape(new.data):
        text = f"shape {np.shape(old.data)} → {np.shape(new.data)}"
        found.append(Change(old, new, name, "shape", np.inf, text))
    else:
        size = _apart(old.data, new.data, rtol)
        if size:
            found.append(Change(old, new, name, "value", size, f"value {_told(old.data, new.data, size)}"))
    g, h = gradient(old), gradient(new)
    if (g is None) != (h is None):
        text = "gradient · → computed" if g is None else "gradient computed → ·"
        found.append(Change(old, new, name, "gradient", np.inf, text))
    elif g is not None and g.shape == h.shape:
        size = _apart(g, h, rtol)
        if size:
            found.append(Change(old, new, name, "gradient", size, f"gradient {_told(g, h, size)}"))
    if _plain(old) != _plain(new):
        found.append(Change(old, new, name, "settings", np.inf, f"settings {_plain(old)} → {_plain(new)}"))
    if old.parents and [id(pairs.get(p)) for p in new.parents] != list(map(id, old.parents)):
        found.append(Change(old, new, name, "operands", np.inf, "other operands"))
    return found


def _apart(x: Any, y: Any, rtol: float) -> float:
    """How far apart two arrays are, beside their length; 0 where that is no more than rtol."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    same = (x == y) | (np.isnan(x) & np.isnan(y))
    if same.all():
        return 0.0
    with np.errstate(all="ignore"):
        off = float(np.linalg.norm(np.where(same, 0.0, y - x)))
        size = off / float(np.linalg.norm(np.where(same & ~np.isfinite(x), 0.0, x)))
    if not np.isfinite(size):
        return np.inf
    return size if size > rtol else 0.0


def _told(x: Any, y: Any, size: float) -> str:
    if np.ndim(x) == 0:
        return f"{number(float(x))} → {number(float(y))}"
    return "changed" if size == np.inf else f"changed by {number(100 * size)} %"


def _plain(node: Node) -> str:
    return ", ".join(f"{k}={v}" for k, v in node.params.items() if isinstance(v, bool | int | float | str | tuple))


def _rank(change: Change) -> int:
    return ORDER.index(change.what)


def _cut(lines: list[str], sign: str) -> list[str]:
    return lines if len(lines) <= SHOWN else [*lines[:SHOWN], f"{sign} and {len(lines) - SHOWN:,} more"]


def made(node: Node, names: Mapping[Node, str]) -> str:
    """A node and how it is made, `v3 = v2 * 2.0`; of a constant its number."""
    name = names.get(node, "")
    if not node.parents:
        told = number(float(node.data)) if np.ndim(node.data) == 0 else f"shape {np.shape(node.data)}"
        return f"{name} = {told}" if name else told
    operands = [names.get(p) or (number(float(p.data)) if np.size(p.data) == 1 else "array") for p in node.parents]
    if len(operands) > 6:
        operands = [*operands[:5], f"{len(operands) - 5} more"]
    sign = node.operation
    if not any(letter.isalnum() for letter in sign) and len(operands) > 1:
        told = f" {sign} ".join(operands)
    elif sign.startswith("**") and len(operands) == 1:
        told = operands[0] + sign
    else:
        told = f"{sign}({', '.join(operands)})"
    return f"{name} = {told}" if name else told
