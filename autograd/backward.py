"""backward(): run the reverse sweep from one node and leave the gradients where people look for them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from autograd.errors import GradientError, ShapeError, describe, place
from autograd.fast_sweep import sweep_arrays
from autograd.graph import topological_order
from autograd.node import Node
from autograd.sweep import nodes, pull_back


def backward(root: Node, gradient: Any, retain_graph: bool | None, create_graph: bool) -> None:
    """What `Value.backward` and `Tensor.backward` do; see there for the meaning of the arguments."""
    seed = seed_of(root, gradient, create_graph)
    if not create_graph:
        sweep_arrays(root, seed, retain_graph)
        return
    start = root.wrap(seed) if isinstance(seed, ndarray) else seed  # NumPy's own results may be scalars, no arrays
    swept = list(pull_back(topological_order([root]), {root: start}, nodes))
    for node, g in swept:
        if node.is_leaf:
            node.receive(g if isinstance(g, Node) else node.wrap(g))  # a constant gradient is a node, too
        else:
            node.grad = g.data if isinstance(g, Node) else g  # a node here would hold on to its own descendants


def seed_of(root: Node, gradient: Any, create_graph: bool) -> Any:
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
