"""backward(): run the reverse sweep from one node and leave the gradients where people look for them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from autograd.errors import GradientError, ShapeError, describe, place
from autograd.fast_sweep import KEPT_BYTES, release, sweep_arrays
from autograd.graph import topological_order
from autograd.hook import hooked
from autograd.node import Node
from autograd.sweep import is_watched, nodes, numbers, pull_back, witnesses


def backward(root: Node, gradient: Any, retain_graph: bool | None, create_graph: bool) -> None:
    """What `Value.backward` and `Tensor.backward` do; see there for the meaning of the arguments."""
    seed = seed_of(root, gradient, create_graph)
    if create_graph or ((hooked or witnesses) and _is_special(topological_order([root]))):
        _sweep(root, seed, create_graph, create_graph or retain_graph)
    else:
        sweep_arrays(root, seed, retain_graph)


def _is_special(order: list[Node]) -> bool:
    return any(node.hooks is not None for node in order) or is_watched(order)


def _sweep(root: Node, seed: Any, create_graph: bool, keep: bool | None) -> None:
    """The plain way, of which `fast_sweep.sweep_arrays` is the fast one: it calls hooks, can be watched, and can
    record itself."""
    if create_graph and isinstance(seed, ndarray):
        seed = root.wrap(seed)  # NumPy's own results may be scalars, no arrays
    limit = KEPT_BYTES if keep is None else 1 << 62 if keep else -1  # of gradients, from which on nodes are let go
    arrived: list[tuple[Node, Any]] = []
    passed: list[Node] = []
    size = 0
    for node, g in pull_back(topological_order([root]), {root: seed}, nodes if create_graph else numbers):
        if size > limit:
            for above in passed:
                _let_go(above)
            passed.clear()
        size += getattr(g, "nbytes", 0)
        if node.is_leaf:
            arrived.append((node, g))
        else:
            node.grad = _own(g.data if isinstance(g, Node) else g)  # a node would hold on to its own descendants
            passed.append(node)
    for above in passed if size > limit else ():
        _let_go(above)
    for leaf, g in arrived:
        if create_graph:
            leaf.receive(g if isinstance(g, Node) else leaf.wrap(g))  # a constant gradient is a node, too
        else:
            leaf.receive(_own(g))
        for hook in list(leaf.hooks.after.values()) if leaf.hooks is not None else ():
            hook(leaf)


def _own(g: Any) -> Any:
    """A gradient that nobody else holds."""
    return g.copy() if isinstance(g, ndarray) else g


def _let_go(node: Node) -> None:
    kept = node.grad if node.hooks is not None and node.hooks.retain else node.no_gradient
    release(node)
    node.grad = kept


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
    if not create_graph and type(given) is np.ndarray and given.shape == shape and given.dtype == root.data.dtype:
        given = given.view()  # not copied: the sweep writes into no cotangent, and what reaches leaves is their own
        given.flags.writeable = False
        return given
    return root.seed(gradient if create_graph else given)
