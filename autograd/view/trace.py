"""Trace: the nodes behind some results, in the order in which one would read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy import ndarray

from autograd.errors import OperandError, describe, place
from autograd.node import Node


def roots_of(y: Any) -> list[Node]:
    """What is to be drawn: one node, or the nodes of a list or of an array of objects, each once."""
    roots = [y] if isinstance(y, Node) else list(y) if isinstance(y, list | tuple) else []
    if isinstance(y, ndarray) and y.dtype == object:  # as `zoom` returns
        roots = y.ravel().tolist()
    if not roots:
        raise OperandError(
            f"draw needs a Value, a Tensor or a list of them, and got {describe(y)}.{place()}\n"
            "  Give it a result, such as the loss: everything it was made from is drawn with it."
        )
    for root in roots:
        if not isinstance(root, Node):
            raise OperandError(f"draw needs Values and Tensors, and the list holds {describe(root)}.{place()}")
    return list(dict.fromkeys(roots))


def reading_order(roots: Sequence[Node]) -> list[Node]:
    """Every node once, after all of its parents: first operands first, and what has no parents just before its use.

    It is the walk of `graph.topological_order`, with constants and taken from the left.

    >>> from autograd import Value
    >>> a, b = Value(2.0, label="a"), Value(3.0, label="b")
    >>> c = a * b; c.label = "c"
    >>> [node.label for node in reading_order([a + c])]
    ['a', 'b', 'c', '']
    """
    order: list[Node] = []
    seen: set[Node] = set()
    stack: list[Node | None] = list(reversed(roots))
    while stack:
        node = stack.pop()
        if node is None:
            node = stack.pop()
            assert node is not None
            for parent in node.parents:
                if not parent.parents and parent not in seen:
                    seen.add(parent)
                    order.append(parent)
            order.append(node)
        elif node not in seen:
            seen.add(node)
            if node.parents:
                stack += (node, None)
                stack.extend(parent for parent in reversed(node.parents) if parent.parents)
            else:
                order.append(node)
    return order
