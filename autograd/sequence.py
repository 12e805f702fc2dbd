"""Nested lists and tuples with nodes inside, on their way to become one Tensor."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.errors import OperandError, place
from autograd.node import Node


def holds_nodes(x: Any) -> bool:
    """Whether x is a node, or a sequence that holds one at any depth."""
    if isinstance(x, list | tuple):
        return any(map(holds_nodes, x))
    return isinstance(x, Node)


def flatten(x: Any) -> tuple[list[Any], tuple[int, ...]]:
    """What a nested sequence holds, in order, and the shape of the whole.

    Errors: OperandError when the rows differ in shape.
    """
    if not isinstance(x, list | tuple):
        return [x], np.shape(x.data if isinstance(x, Node) else x)
    rows = [flatten(row) for row in x]
    shapes = {shape for _, shape in rows}
    if len(shapes) > 1:
        raise OperandError(f"the rows of a Tensor must have one shape; these have {sorted(shapes)}.{place()}")
    return [leaf for leaves, _ in rows for leaf in leaves], (len(x), *(shapes.pop() if shapes else ()))
