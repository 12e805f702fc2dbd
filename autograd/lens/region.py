"""Region: the part of a graph of Tensors that is opened, and which elements of it are needed."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy import ndarray

from autograd.lens.opening import by_number, moves
from autograd.node import Node
from autograd.scattered import Scatter
from autograd.sweep import contributions


@dataclass(frozen=True, slots=True)
class Region:
    """`order` are the nodes that are opened, operands first; `border` the nodes that they begin with."""

    order: Sequence[Node]
    border: Sequence[Node]


def region_of(y: Node, depth: float, inputs: Collection[Node]) -> Region:
    """The operations above y, so many deep, and no further than the inputs. What only moves elements does not count."""
    distance = {y: 0}
    queue = deque([y])
    opened: set[Node] = set()
    while queue:
        node = queue.popleft()
        if node in opened or not node.parents or node in inputs or (distance[node] >= depth and not _moves(node)):
            continue
        opened.add(node)
        step = 0 if _moves(node) else 1
        for parent in node.parents:
            far = distance[node] + step
            if far < distance.get(parent, far + 1):
                distance[parent] = far
                queue.append(parent) if step else queue.appendleft(parent)
    order = _ordered(y, opened)
    return Region(order, list(dict.fromkeys(p for node in order for p in node.parents if p not in opened)))


def _moves(node: Node) -> bool:
    return moves(node.primitive)


def _ordered(y: Node, opened: Collection[Node]) -> list[Node]:
    order: list[Node] = []
    seen: set[Node] = set()
    stack: list[Node | None] = [y]
    while stack:
        node = stack.pop()
        if node is None:
            order.append(stack.pop())  # type: ignore[arg-type]
        elif node in opened and node not in seen:
            seen.add(node)
            stack += (node, None)
            stack += reversed(node.parents)
    return order


def needed(region: Region, places: ndarray) -> dict[Node, ndarray]:
    """Of every opened node the elements, as places in the raveled array, that those of the last one are made of."""
    opened = set(region.order)
    marks = {region.order[-1]: _marked(region.order[-1], places)}
    for node in reversed(region.order):
        mark = marks.get(node)
        if mark is None:
            continue
        for parent, found in zip(node.parents, _reached(node, mark, opened), strict=True):
            if parent in opened and found is not None:
                marks[parent] = marks[parent] | found if parent in marks else found
    return {node: np.flatnonzero(mark) for node, mark in marks.items()}


def _marked(node: Node, places: ndarray) -> ndarray:
    mark = np.zeros(np.size(node.data), bool)
    mark[places] = True
    return mark.reshape(np.shape(node.data))


def _reached(node: Node, mark: ndarray, opened: Collection[Node]) -> list[ndarray | None]:
    """For each operand which of its elements the marked ones are made of: its rule knows, given nan for a cotangent.

    What nan comes back to depends on them; as nan times 0 is nan, no slope that happens to be 0 hides it.
    """
    primitive = node.primitive
    assert primitive is not None
    if by_number(primitive) and all(np.shape(parent.data) == mark.shape for parent in node.parents):
        return [mark] * len(node.parents)
    everything = [np.ones(np.shape(parent.data), bool) for parent in node.parents]
    if not any(parent in opened for parent in node.parents) or all(whole.size == 1 for whole in everything):
        return [*everything]
    g = np.where(mark, np.nan, 0.0).astype(getattr(node.data, "dtype", float))
    try:
        with np.errstate(all="ignore"):
            found = contributions(node, g if g.ndim else g[()], [parent in opened for parent in node.parents])
            return [
                None if c is None else np.isnan(c.dense() if isinstance(c, Scatter) else np.asarray(c, float))
                for c in found
            ]
    except Exception:  # a rule that does not take nan: LAPACK's, or one of the user's
        return [*everything]
