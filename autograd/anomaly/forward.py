"""Forward: which operation made the first bad number of a result, found by walking back from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from autograd.anomaly.cause import operation
from autograd.anomaly.finding import Finding, explains, is_elementwise, new_places
from autograd.anomaly.number import nature
from autograd.node import Node
from autograd.origin import annotate


class _Natures(dict[Node, str]):
    """Of each node what is bad about it, looked at once."""

    def __missing__(self, node: Node) -> str:
        self[node] = found = nature(node.data)
        return found


def first_bad_result(roots: Iterable[Node]) -> Finding | None:
    """Who made the first bad number that the first bad one of these results is made from; None when all are finite.

    Bad is what is nan, or infinite. A NaN comes from operands that are nan, or else from infinite ones. What has no
    bad operand is a birth. Of several births the earliest counts; one that came in with a leaf is earlier than any.
    An infinity that came in with a constant was put there on purpose: then who made a NaN of it is the culprit.
    """
    natures = _Natures()
    root = next((root for root in roots if natures[root]), None)
    if root is None:
        return None
    towards: dict[Node, Node | None] = {root: None}  # of each bad node the one nearer to the root
    ages: dict[Node, int] = {}
    born: list[Node] = []
    turned: list[Node] = []  # infinite operands made a NaN there
    waiting = [root]
    while waiting:
        following: list[Node] = []
        for node in waiting:
            ages[node] = len(ages)
            causes = list(_causes(node, natures))
            if not causes or (node.parents and new_places(node.parents, node, is_elementwise(node)).any()):
                born.append(node)
            elif natures[node] == "nan" and all(natures[parent] == "inf" for parent in causes):
                turned.append(node)
            for parent in causes:
                if parent not in towards:
                    towards[parent] = node
                    following.append(parent)
        waiting = following

    candidates = [
        [x for x in born if not x.parents and (natures[x] == "nan" or x.primitive is not None)],
        [x for x in born if x.parents],
        turned,
        born,
    ]
    best = next(nodes for nodes in candidates if nodes)
    culprit = min(best, key=lambda node: (_turn(node), -ages[node]))
    path = list(_way(culprit, towards))
    inside = first_bad_result(_opened(culprit))
    if inside is not None:
        return replace(inside, root=root, path=[*inside.path, *path])
    return Finding("forward", natures[culprit], culprit, culprit.data, root, path)


def _opened(node: Node) -> list[Node]:
    """The results inside a checkpoint, whose inside was not kept and is computed again; of anything else nothing."""
    hub = node.parents[0] if operation(node) == "result" else node
    passage = hub.params.get("passage") if operation(hub) == "checkpoint" else None
    if passage is None:
        return []
    with annotate():
        found, _ = passage.again({})
    return [found[node.params["index"]]] if hub is not node else list(found)


def _causes(node: Node, natures: _Natures) -> Iterator[Node]:
    """The operands that a bad result is bad for."""
    bad = [parent for parent in dict.fromkeys(node.parents) if natures[parent]]
    if natures[node] == "nan" and any(natures[parent] == "nan" for parent in bad):
        bad = [parent for parent in bad if natures[parent] == "nan"]
    each = is_elementwise(node)
    return (parent for parent in bad if explains(parent, node, each))


def _turn(node: Node) -> int:
    return node.witness.turn if node.witness is not None else -1


def _way(node: Node, towards: dict[Node, Node | None]) -> Iterator[Node]:
    at: Node | None = node
    while at is not None:
        yield at
        at = towards[at]
