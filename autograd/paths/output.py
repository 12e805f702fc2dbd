"""Output: the result that the gradient of a node came from, if one asks for it without naming it.

Nodes know what they were made from, and not what was made from them: that costs nothing where nobody asks, and is
looked for among all objects where somebody does.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable

from autograd.errors import GradientError, describe, place
from autograd.node import Node


def output_of(x: Node) -> Node:
    """The one result that x went into and that nothing else was made from.

    Errors: GradientError when there is none, or several. Cost: a look at every object of the program.
    """
    consumers: dict[Node, list[Node]] = {}
    for thing in gc.get_objects():
        if issubclass(type(thing), Node):  # isinstance would ask strangers for their __class__, which may do anything
            for parent in _parents(thing):
                consumers.setdefault(parent, []).append(thing)
    seen, stack, ends = {x}, [x], []
    while stack:
        node = stack.pop()
        above = consumers.get(node, ())
        if not above and node is not x:
            ends.append(node)
        for consumer in above:
            if consumer not in seen:
                seen.add(consumer)
                stack.append(consumer)
    swept = [y for y in ends if _is_seeded(y)] or ends
    if len(swept) == 1:
        return swept[0]
    if not swept:
        raise GradientError(
            f"nothing that was made from {describe(x)} is there any more.{place()}\n"
            "  Keep the result (loss = ...), call loss.backward(retain_graph=True), and give it: explain(x, loss)."
        )
    raise GradientError(
        f"{describe(x)} went into {len(swept)} results: {', '.join(map(describe, swept[:3]))}"
        f"{', ...' if len(swept) > 3 else ''}.{place()}\n  Say which is meant: explain(x, loss)."
    )


def _parents(node: Node) -> Iterable[Node]:
    try:
        return node.parents
    except AttributeError:  # not yet complete
        return ()


def _is_seeded(y: Node) -> bool:
    """Whether a backward pass has started there."""
    g = getattr(y, "grad", None)
    return g is not None and g is not y.no_gradient
