"""Still: a node as it was when it was recorded. What happens to the original afterwards (an optimizer's step, a
`backward()` that lets the graph go) does not reach it, and nothing that is done to a still reaches the original.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.errors import GradientError, place
from autograd.fast_sweep import RELEASED
from autograd.node import Node


class Still(Node):
    """A copy of a node: its value, primitive, parents (stills, too), params and origin.

    | attribute | what it is |
    |---|---|
    | `number` | its place in the reading order |
    | `original` | the node it was copied from |
    """

    __slots__ = ("number", "original", "parents")

    number: int
    original: Node
    parents: tuple[Still, ...]

    @property
    def is_array(self) -> bool:
        """Whether its value is an array, not a single Python number."""
        return type(self.data) is ndarray


def stills(order: Iterable[Node]) -> dict[Node, Still]:
    """A still of each node of an order in which parents come first.

    Arrays of leaves, and views, are copied; the arrays of results belong to their graph alone, and are shared.
    Errors: GradientError when an earlier `backward()` has let the graph go.
    """
    found: dict[Node, Still] = {}
    new = partial(object.__new__, Still)
    for number, node in enumerate(order):
        if node.primitive is RELEASED:
            raise GradientError(
                f"there is nothing left to step through: an earlier backward() has let the graph go.{place()}\n"
                "  Make the Stepper before calling backward(), or call backward(retain_graph=True)."
            )
        still = found[node] = new()
        still.number, still.original, still.primitive = number, node, node.primitive
        still.data = node.data if type(node.data) is float else _kept(node)
        still.parents = tuple([found[parent] for parent in node.parents])
        if node.params:
            still.params = node.params
        if node.origin:
            still.origin = node.origin
    return found


def _kept(node: Node) -> Any:
    x = node.data
    if type(x) is not ndarray or (node.parents and x.base is None):
        return x
    once = x[tuple([slice(None) if stride else slice(0, 1) for stride in x.strides])]  # what is repeated, once
    return np.broadcast_to(once.copy(), x.shape)
