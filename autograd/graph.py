"""The order of a graph: every walk over nodes goes through here. Nothing recurses, so depth does not matter."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from autograd.node import Node


def topological_order(roots: Iterable[Node], *, stop: Collection[Node] = (), constants: bool = False) -> list[Node]:
    """The nodes that `roots` were made from, and the roots themselves, each after all of its parents.

    The walk goes no further than the nodes in `stop`, and leaves constants out unless asked for them. It is a
    depth-first walk with its own stack: a node is put back under a `None` when it is first seen, and emitted when
    that `None` comes up again, after everything it depends on.

    >>> from autograd import Value
    >>> a, b = Value(2.0, label="a"), Value(3.0, label="b")
    >>> c = a * b; c.label = "c"
    >>> [node.label for node in topological_order([c + a])]
    ['a', 'b', 'c', '']
    """
    order: list[Node] = []
    seen: set[Node] = set()
    stack: list[Node | None] = list(roots)
    stop = frozenset(stop)
    while stack:
        node = stack.pop()
        if node is None:
            order.append(stack.pop())  # type: ignore[arg-type]
        elif node not in seen and (constants or node.primitive is not None):
            seen.add(node)
            parents = node.parents
            if parents and node not in stop:
                stack += (node, None)
                stack += parents
            else:
                order.append(node)
    return order


def descendants(order: Iterable[Node], sources: Collection[Node]) -> list[Node]:
    """The nodes of a topological order that depend on `sources`, the sources among them, still in order."""
    reached = set(sources)
    for node in order:
        if not reached.isdisjoint(node.parents):
            reached.add(node)
    return [node for node in order if node in reached]


def leaves(root: Node) -> list[Node]:
    """What the user made and `root` depends on, in topological order; constants are not among them."""
    return [node for node in topological_order([root]) if node.is_leaf]


def edges(order: Iterable[Node]) -> Iterator[tuple[Node, Node, int]]:
    """Every edge into the nodes of an order, as (parent, child, slot): `a * a` gives two, with slots 0 and 1."""
    for child in order:
        for slot, parent in enumerate(child.parents):
            yield parent, child, slot
