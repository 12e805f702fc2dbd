"""Outline: a computation as the tutor reads it, which is how a textbook would draw it.

It is a copy of the user's graph, in which activations that were written out are one node each, fused operations are
opened into their parts, and constants are kept: they are the inputs and the targets. Nothing of the user's is changed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from autograd.graph import topological_order
from autograd.node import Node
from autograd.primitive import REGISTRY, Primitive
from autograd.rules.shaping import Shape
from autograd.tutor.activation import recognised


class Outline:
    """The nodes of a computation, the loss last.

    | attribute | what it is |
    |---|---|
    | `root` | the loss |
    | `order` | all nodes, constants too, each after its parents |
    | `position` | the place of each in that order |
    | `copies` | the user's own nodes, each with the node that stands for it here |
    | `depth` | how many operations each is away from the loss, at most: so late is its gradient complete |
    | `consumers` | of each node: the nodes made from it, with the slots it fills there |
    """

    def __init__(self, loss: Node, kept: Collection[Node] = ()) -> None:
        self.copies: dict[Node, Node] = {}
        self._whole = set(kept)  # nodes that stay, and so what was folded may not reach over them
        for node in topological_order([loss], constants=True):
            self.copies[node] = self._copy(node)
        self.root = self.copies[loss]
        self.order = topological_order([self.root], constants=True)
        self.position = {node: i for i, node in enumerate(self.order)}
        self.consumers: dict[Node, list[tuple[Node, int]]] = {node: [] for node in self.order}
        for node in self.order:
            for slot, parent in enumerate(node.parents):
                self.consumers[parent].append((node, slot))
        self.depth = dict.fromkeys(self.order, 0)
        for node in reversed(self.order):
            for parent in node.parents:
                self.depth[parent] = max(self.depth[parent], self.depth[node] + 1)

    @cached_property
    def arrays(self) -> dict[Shape, list[Node]]:
        """By their shape, the arrays that somebody may have written in a formula.

        Not among them are copies of others, and arrays of one number all over.
        """
        found: dict[Shape, list[Node]] = {}
        for node in self.order:
            copied = node.primitive is not None and node.primitive.name in ("broadcast_to", "astype", "positive")
            if np.ndim(node.data) and not copied and np.ptp(node.data):
                found.setdefault(np.shape(node.data), []).append(node)
        return found

    def sort(self, node: Node) -> Any:
        """What two operands have in common that one line of code fills in: the same parameter, or the same shape."""
        leaf = node
        while leaf.parents and leaf.primitive is not None and leaf.primitive.name in ("transpose", "broadcast_to"):
            leaf = leaf.parents[0]
        single = not np.ndim(leaf.data)  # every Value is a parameter of its own
        return np.shape(node.data) if leaf.parents or leaf.primitive is None or single else self.position[leaf]

    def _copy(self, node: Node) -> Node:
        found = recognised(node, self._whole)
        if found is not None:
            self._whole.add(node)
            z, activation, settings = found
            return made(node, node.data, activation, [self.copies[z]], **settings)
        parents = [self.copies[parent] for parent in node.parents]
        name = "" if node.primitive is None else node.primitive.name
        if name in _OPENED:
            return _OPENED[name](node, parents)
        return made(node, node.data, node.primitive, parents, **node.params)


def made(like: Node, data: Any, primitive: Primitive | None, parents: Sequence[Node], **params: Any) -> Node:
    """A node of the same kind as `like`, with these contents."""
    node: Node = like.wrap(data)
    node.data = data  # as it is: whole numbers stay whole
    node.primitive = primitive
    node.parents = tuple(parents)
    node.label = like.label
    if params:
        node.params = params
    return node


# Operations made for speed, and what they stand for


def _open_affine(node: Node, parents: list[Node]) -> Node:
    x, weight, bias = parents
    turned = made(weight, weight.data.T, _if(weight, "transpose"), [weight], axes=(1, 0))
    product = made(node, np.matmul(x.data, turned.data), REGISTRY["matmul"], [x, turned])
    spread = made(bias, np.broadcast_to(bias.data, node.data.shape), _if(bias, "broadcast_to"), [bias])
    spread.params = {"shape": node.data.shape}
    for between in (turned, product, spread):
        between.label = ""
    return made(node, node.data, REGISTRY["add"], [product, spread])


def _if(node: Node, name: str) -> Primitive | None:
    return None if node.primitive is None else REGISTRY[name]


def _open_cross_entropy(node: Node, parents: list[Node]) -> Node:
    (z,) = parents
    target = node.params["target"]
    logs = REGISTRY["log_softmax"].on_array(z.data, axis=-1)
    lines = made(node, logs, REGISTRY["log_softmax"], [z], axis=-1)
    index = (*np.indices(target.shape, sparse=True), target)
    picked = made(node, logs[index], REGISTRY["getitem"], [lines], index=index)
    lines.label = picked.label = ""
    return made(node, node.data, REGISTRY["negative"], [picked])


def _open_logits(node: Node, parents: list[Node]) -> Node:
    z, t = parents
    if np.max(np.abs(z.data), initial=0.0) > 15:  # the sigmoid would be so near to 0 or 1 that digits were lost
        return made(node, node.data, node.primitive, parents)
    p = made(z, REGISTRY["sigmoid"](z.data), _if(z, "sigmoid"), [z])
    p.label = ""
    return made(node, node.data, REGISTRY["binary_cross_entropy"], [p, t])


def _open_dot(node: Node, parents: list[Node]) -> Node:
    n = len(parents) // 2
    products = [made(node, a.data * b.data, REGISTRY["multiply"], [a, b]) for a, b in zip(parents[:n], parents[n:])]
    for product in products:
        product.label = ""
        if all(p.primitive is None for p in product.parents):
            product.primitive, product.parents = None, ()
    return made(node, node.data, REGISTRY["total"], [*products, *parents[2 * n :]])


def _open_all(node: Node, parents: list[Node]) -> Node:
    primitive: Any = node.primitive
    return made(node, node.data, REGISTRY[primitive.name.removesuffix("_all")], parents, axis=None, keepdims=False)


_OPENED = {
    "affine": _open_affine,
    "softmax_cross_entropy": _open_cross_entropy,
    "binary_cross_entropy_with_logits": _open_logits,
    "dot": _open_dot,
    "sum_all": _open_all,
    "mean_all": _open_all,
}
