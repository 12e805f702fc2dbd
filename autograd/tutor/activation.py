"""Activation: sigmoid, softmax and their kin, recognised where they were written out in NumPy's operations.

`1 / (1 + np.exp(-z))` is four nodes, and a student calls it sigmoid. Whether a few operations are one of the known
functions is tried, not read: they are computed again at other points, and must agree there, too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.graph import topological_order
from autograd.node import Node
from autograd.primitive import REGISTRY, Primitive

LARGEST = 12  # operations that an activation may be written in
LAST = {"divide", "reciprocal", "power_of", "maximum", "where", "multiply", "log", "subtract"}  # and end with
SMOOTH = ("sigmoid", "tanh", "softplus")
ALONG = ("softmax", "log_softmax")

Found = tuple[Node, Primitive, dict[str, Any]]


def recognised(node: Node, kept: Collection[Node] = ()) -> Found | None:
    """The operand, the primitive and its parameters, when a node is an activation written out; else None.

    No operation in between may be one of the set `kept`: those are looked at one by one. Of several operands the
    furthest is taken: softmax(z), not softmax(z - max(z)).
    """
    found = None
    if node.primitive is not None and node.primitive.name in LAST:
        near = _near(node)
        if not (_bends(node) or any(x.primitive is REGISTRY["exp"] for x in near)):
            return None
        for z, inside in _regions(node, near):
            if any(x in kept for x in inside if x is not node):
                continue
            for primitive, params in _candidates(node, z, near):
                if found is not None and (primitive is not found[1] or _close(z.data, found[0].data)):
                    continue
                same = _close(_computed(primitive, z.data, params), node.data)
                if same and _agrees(node, z, inside, primitive, params):
                    found = z, primitive, params
    return found


def _near(node: Node) -> list[Node]:
    """What a node is made of, the nearest first, the node among them."""
    found, queue = {node}, [node]
    for x in queue:
        new = [p for p in dict.fromkeys(x.parents) if p.primitive is not None and p not in found]
        found |= set(new)
        queue += new
        if len(queue) > LARGEST:
            break
    return queue


def _regions(node: Node, near: Sequence[Node]) -> Iterator[tuple[Node, list[Node]]]:
    """Operands of the node's shape that all of it is made from, each with the operations from there to the node."""
    for z in near[1:]:
        if np.shape(z.data) == np.shape(node.data):
            inside = topological_order([node], stop=[z])
            if len(inside) <= LARGEST + 1 and all(x is z or x.parents for x in inside):
                yield z, [x for x in inside if x is not z]


def _candidates(node: Node, z: Node, near: Sequence[Node]) -> Iterator[tuple[Primitive, dict[str, Any]]]:
    if any(x.primitive is REGISTRY["exp"] for x in near):
        for name in SMOOTH:
            yield REGISTRY[name], {}
        for axis in range(np.ndim(z.data)):
            for name in ALONG:
                yield REGISTRY[name], {"axis": axis}
    if _bends(node):
        yield REGISTRY["relu"], {}
        below = np.less(z.data, 0)
        if np.any(below):
            slope = float(np.max(np.divide(np.asarray(node.data)[below], np.asarray(z.data)[below])))
            if 0 < slope < 1:
                yield REGISTRY["leaky_relu"], {"negative_slope": float(f"{slope:.6g}")}


def _bends(node: Node) -> bool:
    """Whether a node may be the last operation of a function with a kink."""
    name = node.primitive.name if node.primitive is not None else ""
    return name in ("maximum", "where") or (name == "multiply" and any(_is_mask(p.data) for p in node.parents))


def _is_mask(x: Any) -> bool:
    return bool(np.all((np.asarray(x) == 0) | (np.asarray(x) == 1)))


def _agrees(node: Node, z: Node, inside: Sequence[Node], primitive: Primitive, params: Mapping[str, Any]) -> bool:
    """Whether it is the same function at other points as well.

    Masks such as z > 0 are constants of the graph and do not move with z: functions with a kink are tried at points of
    the same sign.
    """
    rng = np.random.default_rng(0)
    shape = np.shape(z.data)
    moved: Any = np.asarray(z.data) * rng.uniform(0.5, 2.0, shape)
    if primitive.name in SMOOTH + ALONG:
        moved = rng.uniform(-2.0, 2.0, shape)
    at: dict[Node, Any] = {z: moved}
    for x in inside:
        step: Any = x.primitive
        at[x] = step.on_array(*(at.get(p, p.data) for p in x.parents), **x.params)
    return _close(_computed(primitive, moved, params), at[node])


def _computed(primitive: Primitive, x: Any, params: Mapping[str, Any]) -> ndarray:
    return np.asarray(primitive.on_array(np.asarray(x), **params))


def _close(a: Any, b: Any) -> bool:
    a, b = np.asarray(a), np.asarray(b)
    rough = 1e-4 if np.float32 in (a.dtype, b.dtype) else 1e-9
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=rough, atol=rough * 1e-3, equal_nan=False))
