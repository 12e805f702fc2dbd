"""Reverse: which operation made the first bad gradient, or tangent. The sweep is made once more, with notes taken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from autograd.anomaly.finding import Finding, explains, is_elementwise, new_places
from autograd.anomaly.number import is_finite, nature
from autograd.errors import GradientError, describe, place
from autograd.node import Node
from autograd.scattered import Scatter
from autograd.sweep import contributions

Sent = tuple[Node, int, Any]  # by a node, to its operand number so and so, this


def first_bad_gradient(
    order: Sequence[Node],
    cotangents: Mapping[Node, Any],
    among: Collection[Node] | None,
    is_end: Callable[[Node], bool],
) -> Finding | None:
    """Who made the first bad gradient on the way to the first end, such as a leaf, at which a bad one arrives."""
    adjoints: dict[Node, Any] = {node: _numbers(g) for node, g in cotangents.items()}
    arrived: dict[Node, list[Sent]] = defaultdict(list)
    ranks: dict[Node, int] = {}
    with np.errstate(all="ignore"):
        for node in reversed(order):
            if node not in adjoints:
                continue
            ranks[node] = len(ranks)
            if type(adjoints[node]) is Scatter:
                adjoints[node] = adjoints[node].dense()
            if not node.parents or is_end(node):
                continue
            wanted = [p.primitive is not None if among is None else p in among for p in node.parents]
            found = contributions(node, adjoints[node], wanted)
            for slot, (parent, c, want) in enumerate(zip(node.parents, found, wanted, strict=True)):
                if c is None or not want:
                    continue
                c = c.dense() if type(c) is Scatter else c
                arrived[parent].append((node, slot, c))
                adjoints[parent] = adjoints[parent] + c if parent in adjoints else c
    bad = [node for node in ranks if is_end(node) and not is_finite(adjoints[node])]
    return _traced(bad[0], adjoints, arrived, ranks) if bad else None


def _numbers(g: Any) -> Any:
    return g.data if isinstance(g, Node) else g


def _traced(end: Node, adjoints: dict[Node, Any], arrived: dict[Node, list[Sent]], ranks: dict[Node, int]) -> Finding:
    """From an end up to the births of what is bad there, and the one that the sweep met first."""
    towards: dict[Node, Node | None] = {end: None}  # of each node with a bad gradient the one nearer to the end
    births: list[tuple[int, Node, int | None, Any]] = []
    waiting = [end]
    while waiting:
        node = waiting.pop()
        guilty = list(_guilty(node, adjoints[node], arrived[node]))
        if not guilty:
            births.append((ranks[node], node, None, adjoints[node]))
        for maker, slot, c in guilty:
            each = is_elementwise(maker)
            follow = not is_finite(adjoints[maker]) and explains(adjoints[maker], c, each)
            if maker not in towards:
                towards[maker] = node
                if follow:
                    waiting.append(maker)
            if not follow or new_places([adjoints[maker]], c, each).any():
                births.append((ranks[maker], maker, slot, c))
    _, culprit, operand, sent = min(births, key=lambda birth: birth[0])
    path = list(_way(culprit, towards))
    above = list(_above(culprit, arrived))
    given = adjoints[culprit] if operand is not None else [c for _, _, c in arrived[culprit]]
    return Finding("backward", nature(sent), culprit, sent, above[-1], path, operand, given, above, adjoints)


def _guilty(node: Node, adjoint: Any, arrived: Iterable[Sent]) -> Iterator[Sent]:
    bad = [sent for sent in arrived if not is_finite(sent[2])]
    if nature(adjoint) == "nan" and any(nature(c) == "nan" for _, _, c in bad):
        bad = [sent for sent in bad if nature(sent[2]) == "nan"]
    return (sent for sent in bad if explains(sent[2], adjoint, True))


def _way(node: Node, towards: Mapping[Node, Node | None]) -> Iterator[Node]:
    at: Node | None = node
    while at is not None:
        yield at
        at = towards[at]


def _above(node: Node, arrived: Mapping[Node, list[Sent]]) -> Iterator[Node]:
    """The way the gradient had come, each time from where most of it came."""
    while True:
        yield node
        if not arrived[node]:
            return
        node = max(arrived[node], key=lambda sent: _size(sent[2]))[0]


def _size(c: Any) -> float:
    with np.errstate(all="ignore"):
        found = float(np.max(np.abs(np.asarray(c, float)), initial=0.0)) if isinstance(c, float | np.ndarray) else 0.0
    return found if np.isfinite(found) else 0.0


def first_bad_tangent(order: Iterable[Node], tangents: Mapping[Node, Any], found: Mapping[Node, Any]) -> Finding | None:
    """The same in forward mode, where each operation comes after its operands: the first whose tangent is bad."""
    for node in order:
        if node in tangents or node not in found:
            continue
        given = [found.get(parent) for parent in node.parents]
        if not is_finite(found[node]) and all(is_finite(t) for t in given if t is not None):
            return Finding("tangent", nature(found[node]), node, found[node], node, [node], given=given)
    return None


def refuse_bad_seed(cotangents: Mapping[Node, Any]) -> None:
    """Errors: GradientError for a cotangent that is bad from the start: no operation is to blame."""
    for node, g in cotangents.items():
        if not is_finite(g):
            raise GradientError(
                f"the gradient that {describe(node)} was given to start with is {nature(g)} already.{place()}\n"
                "  Look where it was computed; a loss that starts from 1 needs none."
            )
