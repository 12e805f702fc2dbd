"""backward(): run the reverse sweep from one node and leave the gradients where people look for them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from autograd.errors import GradientError, ShapeError, describe, place
from autograd.graph import topological_order
from autograd.node import Node
from autograd.primitive import Primitive
from autograd.sweep import nodes, numbers, pull_back

KEPT_BYTES = 1 << 20  # graphs up to this size stay after backward(), to be looked at

RELEASED = Primitive("released", None, np.asarray, domain=(), doc="Marks a result whose graph backward() has let go.")


def backward(root: Node, gradient: Any, retain_graph: bool | None, create_graph: bool) -> None:
    """What `Value.backward` and `Tensor.backward` do; see there for the meaning of the arguments."""
    seed = _seed(root, gradient, create_graph)
    order = topological_order([root])
    for node in order:
        if node.primitive is RELEASED:
            raise GradientError(
                f"the graph behind {describe(node)} was let go by an earlier backward().{place()}\n"
                "  Call backward(retain_graph=True) the first time if you need it again."
            )
    keep = create_graph or retain_graph or (retain_graph is None and _bytes(order) <= KEPT_BYTES)
    arrived: list[tuple[Node, Any]] = []
    seen: set[int] = set()  # ids of the adjoints met so far: an array that two nodes share must be copied for a leaf
    passed: Node | None = None
    for node, g in pull_back(order, {root: seed}, nodes if create_graph else numbers):
        if node.is_leaf:
            shared = type(g) is ndarray and (id(g) in seen or g.base is not None or g is seed)
            arrived.append((node, g.copy() if shared else g))
        elif keep:
            node.grad = g
        seen.add(id(g))
        if not keep:
            if passed is not None and not passed.is_leaf:
                passed.primitive, passed.parents = RELEASED, ()
            passed = node
    if passed is not None and not passed.is_leaf:
        passed.primitive, passed.parents = RELEASED, ()
    for leaf, g in arrived:  # only now, so that an error half way leaves every gradient as it was
        leaf.receive(g)


def _seed(root: Node, gradient: Any, create_graph: bool) -> Any:
    if root.primitive is None:
        raise GradientError(
            f"backward from {describe(root)}: nothing it was made from requires grad.{place()}\n"
            "  Make the inputs with Value(2.0) or Tensor([1.0, 2.0]) (floats, not integers), and not inside no_grad()."
        )
    shape = np.shape(root.data)
    if gradient is None:
        if np.size(root.data) != 1:
            raise GradientError(
                f"backward from {describe(root)}, which is not a single number.{place()}\n"
                "  Reduce it first (y.sum().backward()), or give a cotangent of its shape: y.backward(gradient)."
            )
        gradient = 1.0
    given = gradient.data if isinstance(gradient, Node) else gradient
    if np.shape(given) != shape and np.size(given) != 1:
        raise ShapeError(
            f"backward from {describe(root)} with a cotangent of shape {np.shape(given)}: it must be {shape}.{place()}"
        )
    return root.seed(gradient if create_graph else given)


def _bytes(order: list[Node]) -> int:
    return sum(node.data.nbytes for node in order if node.parents and type(node.data) is ndarray)
