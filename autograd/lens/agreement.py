"""Agreement: two graphs that must be the same are held to it, their results and their gradients."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.errors import GradientError, place
from autograd.graph import topological_order
from autograd.lens.element import Index
from autograd.lens.region import Region
from autograd.node import Node
from autograd.scattered import Scatter
from autograd.sweep import contributions


def agree(
    region: Region, places: ndarray, values: Sequence[Any], leaves: Mapping[Node, Mapping[Index, Node]], name: str
) -> None:
    """Check that `values` are these elements of the last node of a region, and have the gradients of its rules.

    Each is weighed by a number of its own: so one sweep of the Values, and one of the Tensors, stand for all.
    Errors: GradientError where the two differ.
    """
    y = region.order[-1]
    what = f"zoom of {name}"
    compare(np.array([v.data for v in values]), np.ravel(y.data)[places], y, f"{what}: a value", "the Tensor's")
    weights = np.random.default_rng(0).uniform(0.5, 1.5, len(values)) if len(values) != 1 else np.ones(1)
    seeds: dict[Node, Any] = {}
    for value, weight in zip(values, weights.tolist(), strict=True):
        seeds[value] = seeds.get(value, 0.0) + weight
    g = np.zeros(np.size(y.data))
    g[places] = weights
    scalar = pulled(topological_order(seeds), seeds)
    g = g.reshape(np.shape(y.data)).astype(getattr(y.data, "dtype", float))
    arrays = pulled(region.order, {y: g if isinstance(y.data, ndarray) else float(g)})
    for node in region.border:
        if node.primitive is not None:
            found = np.zeros(np.shape(node.data))
            for index, leaf in leaves.get(node, {}).items():
                found[index] = scalar.get(leaf, 0.0)
            compare(found, arrays.get(node, np.zeros(found.shape)), y, f"{what}: a gradient", "the Tensor's")


def pulled(order: Iterable[Node], seeds: Mapping[Node, Any]) -> dict[Node, Any]:
    """What comes back to the nodes that these begin with. It calls no hooks, and touches no `grad`."""
    arrived = dict(seeds)
    with np.errstate(all="ignore"):
        for node in reversed(list(order)):
            if not node.parents or node not in arrived:
                continue
            g = _whole(arrived.pop(node))
            wanted = [parent.primitive is not None for parent in node.parents]
            for parent, c, want in zip(node.parents, contributions(node, g, wanted), wanted, strict=True):
                if want and c is not None:
                    arrived[parent] = arrived[parent] + _whole(c) if parent in arrived else _whole(c)
    return arrived


def _whole(g: Any) -> Any:
    return g.dense() if isinstance(g, Scatter) else g


def compare(found: Any, expected: Any, y: Node, what: str, whose: str) -> None:
    """Errors: GradientError where numbers differ by more than rounding in the precision of y can explain."""
    found, expected = np.asarray(found, float), np.asarray(expected, float)
    finite = np.abs(expected[np.isfinite(expected)])
    eps = float(np.finfo(getattr(y.data, "dtype", float)).eps)
    if np.allclose(found, expected, rtol=0.0, atol=eps**0.6 * max(1.0, float(finite.max(initial=0.0))), equal_nan=True):
        return
    with np.errstate(all="ignore"):
        at = int(np.argmax(np.nan_to_num(np.abs(np.ravel(found - expected)), nan=np.inf)))
    primitive: Any = y.primitive
    raise GradientError(
        f"{what} of the new graph is {np.ravel(found)[at]:.12g}, where {whose}, by {primitive.name}, is "
        f"{np.ravel(expected)[at]:.12g}: they must be the same.{place()}\n"
        "  An array may have been written into after it had been used (detect_anomaly() finds that), or the numbers "
        "are at the end of their precision: a matrix that is nearly singular, for instance."
    )
