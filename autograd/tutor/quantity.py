"""Quantity: what the user asks about: a node of the graph, its hand-made gradient, and perhaps its updated value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.errors import GradientError, OperandError, describe, place
from autograd.node import Node
from autograd.sequence import flatten, holds_nodes


@dataclass(frozen=True)
class Quantity:
    """One entry: `nodes` are one node, or the Values of a list; `found` is the hand-made gradient (None: not made)."""

    name: str
    gradient: str
    nodes: tuple[Node, ...]
    shape: tuple[int, ...]
    found: ndarray | None
    given: Any  # as the user gave it: an array of whole numbers is worth a word
    updated: ndarray | None = None

    @property
    def value(self) -> ndarray:
        """What it is."""
        if len(self.nodes) == 1:
            return np.asarray(self.nodes[0].data)
        return np.array([node.data for node in self.nodes], float).reshape(self.shape)

    def of(self, copies: Mapping[Node, Node]) -> Quantity:
        """The same, about the copies of its nodes."""
        return replace(self, nodes=tuple(copies[node] for node in self.nodes))

    def names(self) -> Iterator[tuple[Node, str]]:
        """Its nodes and their names, `w[0][1]` in a list of lists."""
        for node, index in zip(self.nodes, np.ndindex(self.shape), strict=len(self.nodes) > 1):
            yield node, self.name + ("".join(f"[{i}]" for i in index) if len(self.nodes) > 1 else "")

    @property
    def is_leaf(self) -> bool:
        """Whether it is a parameter or an input, and not a result."""
        return all(not node.parents for node in self.nodes)


@dataclass(frozen=True)
class Entry:
    """One entry as it was given."""

    name: str
    what: Any
    gradient: Any
    updated: Any = None

    @staticmethod
    def of(name: str, entry: Any) -> Entry:
        """An entry of the dict that `compare` takes."""
        if not isinstance(entry, tuple) or len(entry) not in (2, 3):
            raise OperandError(
                f"compare: the entry {name!r} must be (quantity, gradient) or (quantity, gradient, updated), and is "
                f"{describe(entry)}.{place()}\n  For instance {{'W1': (W1, dW1)}}."
            )
        return Entry(name, *entry)


class Search:
    """Finds what entries are about in a graph: by the node itself, by its name, or by its numbers."""

    def __init__(self, order: Sequence[Node], names: Mapping[Node, str], leaves: Mapping[int, Node]) -> None:
        self.order = order
        self.nodes = set(order)
        self.names = dict(names)
        self.leaves = leaves

    def quantity(self, entry: Entry) -> Quantity:
        """The entry with its nodes. Errors: GradientError when there is no such node, or more than one."""
        shape: tuple[int, ...]
        if isinstance(entry.what, list | tuple) and holds_nodes(entry.what):
            parts, shape = flatten(entry.what)
            nodes = tuple(self._own(entry.name, part) for part in parts)
        else:
            node = self._node(entry)
            nodes, shape = (node,), np.shape(node.data)
        name, gradient = self._called(entry.name, nodes)
        return Quantity(name, gradient, nodes, shape, _plain(entry.gradient), entry.what, _plain(entry.updated))

    def _called(self, key: str, nodes: Sequence[Node]) -> tuple[str, str]:
        """The names of a quantity and of its gradient: the key may be either."""
        own = self.names.get(nodes[0]) if len(nodes) == 1 else None
        if own is not None and key in (f"d{own}", f"d_{own}", f"grad_{own}", f"{own}_grad", f"delta_{own}"):
            return own, key
        return key, f"d{key}"

    def _own(self, name: str, node: Any) -> Node:
        if not isinstance(node, Node):
            raise OperandError(f"compare: {name} holds {describe(node)} among its Values.{place()}")
        if node in self.nodes:
            return self._differentiable(name, node)
        raise GradientError(
            f"compare: {name}, {describe(node)}, is not part of the graph of the loss.{place()}\n"
            "  Build the loss from this very node; was it made anew, or detached, in between?"
        )

    def _node(self, entry: Entry) -> Node:
        if isinstance(entry.what, Node):
            return self._own(entry.name, entry.what)
        if id(entry.what) in self.leaves:
            return self.leaves[id(entry.what)]
        array = np.asarray(entry.what)
        if array.dtype.kind not in "fiub":
            raise OperandError(
                f"compare: {entry.name} must be a Value, a Tensor or an array, and is {describe(entry.what)}.{place()}"
            )
        return self._by_numbers(entry.name, array)

    def _by_numbers(self, name: str, array: ndarray) -> Node:
        same = [node for node in self.order if equal(node.data, array)]
        if not same and array.ndim != 0:
            same = [node for node in self.order if equal(np.squeeze(node.data), np.squeeze(array))]
        bare = name.removeprefix("d").removeprefix("_")
        called = [node for node in self.order if self.names.get(node) in (name, bare)]
        both = [node for node in called if node in set(same)]
        if both:
            return self._differentiable(name, both[0])
        if called:
            raise GradientError(_elsewhere(name, called[0], array))
        differentiable = [node for node in same if node.primitive is not None]
        if not same:
            raise GradientError(
                f"compare: nothing in the graph of the loss has the numbers of {name}, an array of shape "
                f"{array.shape}.{place()}\n"
                "  Was it changed after the forward pass (W -= lr * dW changes W itself: give a copy from before), or "
                "made from other inputs?"
            )
        if not differentiable:
            return self._differentiable(name, same[0])
        apart = _apart(differentiable)
        if len(apart) > 1:
            among = ", ".join(f"{self.names.get(n) or n.operation or 'a leaf'} {np.shape(n.data)}" for n in apart[:4])
            raise GradientError(
                f"compare: {len(apart)} nodes of the graph have the numbers of {name}: {among}.{place()}\n"
                "  Give the Tensor itself, name one of them (t.label = ...), or compare at numbers that are not alike."
            )
        return apart[0]

    def _differentiable(self, name: str, node: Node) -> Node:
        if node.primitive is None:
            raise GradientError(
                f"compare: {name} is a constant in the graph of the loss, so it has no gradient there.{place()}\n"
                "  Make it a Tensor of floats (or a Value) before the loss is computed."
            )
        return node


_SAME = {"broadcast_to", "astype", "positive", "reshape"}  # what leaves the numbers as they are


def _apart(nodes: Sequence[Node]) -> list[Node]:
    """Nodes that are not merely one another's copies: of `b` and `b` broadcast to its own shape one is enough."""
    found: list[Node] = []
    for node in nodes:
        copied = node.primitive is not None and node.primitive.name in _SAME and node.parents
        if not (copied and any(node.parents[0] is other for other in nodes)):
            found.append(node)
    return found


def equal(x: Any, array: ndarray) -> bool:
    """Whether some data are the numbers of an array, but for rounding."""
    x = np.asarray(x)
    if x.shape != array.shape or x.dtype.kind not in "fiub":
        return False
    rough = 1e-4 if np.float32 in (x.dtype, array.dtype) else 1e-9
    size = float(np.abs(x[np.isfinite(x)]).max(initial=0.0))
    return bool(np.allclose(x, array, rtol=rough, atol=rough * size, equal_nan=True))


def _elsewhere(name: str, node: Node, array: ndarray) -> str:
    shape = np.shape(node.data)
    if shape != array.shape:
        return f"compare: {name} has shape {array.shape}, and in the graph of the loss its shape is {shape}.{place()}"
    off = float(np.max(np.abs(np.asarray(node.data) - array)))
    return (
        f"compare: {name} has other numbers in the graph of the loss, by up to {off:.3g}.{place()}\n"
        "  Was it computed from other inputs, or before the last update?"
    )


def _plain(x: Any) -> ndarray | None:
    """A gradient as an array, whatever it came as."""
    if x is None:
        return None
    if isinstance(x, list | tuple) and holds_nodes(x):
        parts, shape = flatten(x)
        return np.array([part.data if isinstance(part, Node) else part for part in parts], float).reshape(shape)
    try:
        found = np.asarray(x.data if isinstance(x, Node) else x)
    except ValueError:  # a list of rows of different lengths
        found = np.asarray(None)
    if found.dtype.kind not in "fiub":
        raise OperandError(f"compare: a gradient must be an array of numbers, and is {describe(x)}.{place()}")
    return found
