"""Frame: where the new nodes stand in pictures, and which line of the program they go back to."""

from __future__ import annotations

from autograd.errors import user_frame
from autograd.node import Node
from autograd.origin import Origin, Scope


class Operation(Scope):
    """The frame around what an operation on Tensors was opened into."""

    __slots__ = ()


def scope_of(node: Node) -> Scope | None:
    """The frame that a node stands in."""
    return node.origin.scope if isinstance(node.origin, Origin) else None


def placed(node: Node, scope: Scope | None) -> Origin:
    """A place in this frame, and in the line that the node was recorded in, or else the one that asks."""
    if isinstance(node.origin, Origin):
        return Origin(node.origin.file, node.origin.line, node.origin.span, "", scope)
    file, line = user_frame() or ("", 0)
    return Origin(file, line, None, "", scope)
