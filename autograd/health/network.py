"""Network: a recorded graph as people think of it: layers with parameters, one after the other, and activations.

A layer is what its parameters are called: `fc1.weight` and `fc1.bias` are of `fc1`. Its operations are those that a
parameter meets data in; what only turns, scales or combines parameters belongs to none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.graph import topological_order
from autograd.node import Node
from autograd.origin import Origin
from autograd.sweep import pull_back

_CONTRACTIONS = {"matmul", "affine", "dot", "einsum", "tensordot", "convolution"}
_GIVEN = ("x", "input", "data", "image", "batch")  # how what is no parameter is called


@dataclass
class Layer:
    """The parameters of one name, and the operations in which they meet data, in the order of the forward pass."""

    name: str
    parameters: dict[str, Node]
    operations: list[Node] = field(default_factory=list)


class Network:
    """A graph with the gradients of its loss by every node; no `grad` is touched.

    | attribute | what it is |
    |---|---|
    | `order` | all nodes that require grad, operands first |
    | `gradient` | of the loss, by each node that one arrives at |
    | `layers` | those in the graph, in the order of the forward pass |
    | `unused` | parameters that the loss was not made from, by name |
    | `nearest` | the last layer before each node |
    | `goes_on` | the nodes behind which there is another layer |
    """

    def __init__(self, loss: Node, parameters: Mapping[str, Node]) -> None:
        self.loss = loss
        self.order = topological_order([loss])
        one: Any = np.ones_like(loss.data) if isinstance(loss.data, ndarray) else 1.0
        with np.errstate(all="ignore"):
            self.gradient = dict(pull_back(list(self.order), {loss: one}))
        inside = set(self.order)
        wanted = {name: p for name, p in parameters.items() if p.primitive is not None}
        self.unused = {name: p for name, p in wanted.items() if p not in inside}
        self.parameters = {name: p for name, p in wanted.items() if p in inside}
        self._carried: dict[Node, set[Node]] = {}  # nodes made of parameters alone, and of which
        self.layers, self._of = self._read()
        self.nearest = self._nearest()
        self.goes_on = self._goes_on()

    def _read(self) -> tuple[list[Layer], dict[Node, Layer]]:
        names = {node: name for name, node in self.parameters.items()}
        carried = self._carried
        carried |= {p: {p} for p in names}
        layers: dict[str, Layer] = {}
        of: dict[Node, Layer] = {}
        for node in self.order:
            mine = [p for p in node.parents if p in carried]
            if not mine:
                continue
            others = [p for p in node.parents if p not in carried]
            scales = isinstance(node.data, ndarray) and all(
                p.primitive is None and np.size(p.data) == 1 for p in others
            )
            if scales if others else not _looks_up(node):
                carried[node] = set().union(*(carried[p] for p in mine))
                continue
            used = [q for p in mine for q in carried[p] if np.size(p.data) > 1 or np.size(q.data) == 1]
            if not used:  # a penalty, say
                continue
            main = max(used, key=lambda q: np.ndim(q.data))
            title = title_of(names[main], main)
            before = next((of[p] for p in others if p in of), None)
            if before is not None and node.primitive.name == "add" and "." not in names[main]:  # type: ignore[union-attr]
                layer = before  # a bias with a name of its own
                layer.name += "" if title in layer.name.split(", ") else f", {title}"
            else:
                layer = layers.setdefault(title, Layer(title, {}))
            layer.parameters.update({names[q]: q for q in used})
            layer.operations.append(node)
            of[node] = layer
        return list(layers.values()), of

    @cached_property
    def place(self) -> dict[Node, int]:
        """Where each node stands in the order."""
        return {node: i for i, node in enumerate(self.order)}

    def _nearest(self) -> dict[Node, Node]:
        """The last operation of a layer before each node, or at it."""
        found: dict[Node, Node] = {}
        for node in self.order:
            if node in self._of:
                found[node] = node
            elif before := [found[p] for p in node.parents if p in found]:
                found[node] = max(before, key=self.place.__getitem__)
        return found

    def _goes_on(self) -> set[Node]:
        found: set[Node] = set()
        for node in reversed(self.order):
            if node in found or node in self._of:
                found.update(node.parents)
        return found

    def layer(self, node: Node) -> Layer | None:
        """The layer that a node is of, or comes after."""
        return self._of.get(self.nearest[node]) if node in self.nearest else None

    def inputs(self, layer: Layer) -> list[Any]:
        """What a layer is given: the operands of its operations that are neither its parameters nor its own results."""
        own = {*layer.parameters.values(), *layer.operations}
        return [p.data for node in layer.operations for p in node.parents if p not in own and p not in self._carried]

    def is_idle(self, layer: Layer) -> bool:
        """Whether all that a layer is given is 0, as behind dead units."""
        inputs = self.inputs(layer)
        return bool(inputs) and not any(np.any(x) for x in inputs)

    def is_convolution(self, node: Node) -> bool:
        """Whether the channels of a node are its second axis."""
        return node in self.nearest and "conv" in self.nearest[node].primitive.name  # type: ignore[union-attr]


def _looks_up(node: Node) -> bool:
    """Whether an operation takes rows of a table: there the data are its index."""
    index = node.params.get("index")
    parts = index if isinstance(index, tuple) else (index,)
    return "embedding" in node.primitive.name or any(isinstance(part, ndarray) for part in parts)  # type: ignore[union-attr]


def title_of(name: str, parameter: Node) -> str:
    """The layer of a parameter: `fc1` of `fc1.weight`; `layers.0` of a number in one of its neurons.

    >>> from autograd import Tensor, Value
    >>> title_of("fc1.weight", Tensor([1.0, 2.0])), title_of("layers.0.neurons.3.w.1", Value(1.0))
    ('fc1', 'layers.0')
    """
    owner = unit_of(name)
    if np.size(parameter.data) == 1 and type(parameter.data) is float:
        owner = unit_of(owner) or owner
    return owner or name


def unit_of(name: str) -> str:
    """What has this parameter: `layers.0.neurons.3` of `layers.0.neurons.3.w.1`."""
    parts = name.split(".")
    while len(parts) > 1 and parts[-1].isdigit():
        parts.pop()
    return ".".join(parts[:-1])


def guessed(loss: Node, names: Mapping[Node, str]) -> dict[str, Node]:
    """The leaves that are parameters, as far as one can tell: not what is called x, nor what weights meet first."""
    order = topological_order([loss])
    leaves = [node for node in order if not node.parents]
    given = {leaf for leaf in leaves if names.get(leaf, "").lower().startswith(_GIVEN)}
    for node in order:
        if node.parents and node.primitive.name in _CONTRACTIONS and len(node.parents) > 1:  # type: ignore[union-attr]
            first, second = node.parents[:2]
            if not first.parents and not second.parents and second not in given and second.primitive is not None:
                given.add(first)
    return {names.get(leaf, f"leaf {i}"): leaf for i, leaf in enumerate(leaves) if leaf not in given}


def rms(x: Any) -> float:
    """The root of the mean of the squares; 0 of nothing."""
    x = np.asarray(x)
    if not x.size:
        return 0.0
    with np.errstate(all="ignore"):
        return float(np.sqrt(np.mean(np.square(x, dtype=float))))


def said(layer: str) -> str:
    """A layer in a sentence: `fc1`, and `layer 2`."""
    return f"layer {layer}" if layer.replace(".", "").isdigit() else layer


def line(node: Node) -> str:
    """The user's line that made a node, where it was noted."""
    origin = node.origin
    return f"{origin.place}: {origin.text}" if isinstance(origin, Origin) else ""
