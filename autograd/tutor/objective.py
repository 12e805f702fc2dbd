"""Objective: what the loss compares with what, read from the graph; and what the gradient of another loss would be."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.node import Node
from autograd.tutor.outline import Outline
from autograd.tutor.slip import Slip
from autograd.tutor.wording import Wording

RANGES = {
    "sigmoid": (0.0, 1.0),
    "softmax": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "relu": (0.0, np.inf),
    "softplus": (0.0, np.inf),
    "exp": (0.0, np.inf),
}
NEARLY_ALL = 0.9  # of the elements: then it is the same loss, but for an epsilon in its logarithm


@dataclass(frozen=True)
class Objective:
    """The network's output, what it was made from by the last activation (None without one), and the target."""

    output: ndarray
    node: Node | None  # the output in the graph; a softmax fused with its logarithm is not there
    score: Node | None
    activation: str
    target: ndarray
    named: Node | None  # the target in the graph
    spread: bool = False  # whether every output meets every target, by broadcasting (n, 1) against (n,)

    def gradients(self) -> Iterator[tuple[str, Node, ndarray]]:
        """Losses, and what each would send to a node, but for a constant factor."""
        p, t = self.output, self.target
        if self.score is not None and self.activation in ("sigmoid", "softmax"):
            entropy = "cross-entropy" if self.activation == "softmax" else "binary cross-entropy"
            yield entropy, self.score, p - t
        if self.node is not None:
            yield "squared error", self.node, p - t
            yield "cross-entropy", self.node, -t / p
            yield "binary cross-entropy", self.node, (p - t) / (p * (1 - p))
            yield "absolute error", self.node, np.sign(p - t)


def objective(outline: Outline, asked: Collection[Node]) -> Objective | None:
    """The comparison nearest to the loss: of something that depends on the nodes `asked` about with an array of data.

    None where there is none, or none that is understood.
    """
    varied = set(asked)
    for node in outline.order:
        if not varied.isdisjoint(node.parents):
            varied.add(node)
    for node in reversed(outline.order):
        if node in varied and node.primitive is not None:
            found = _read(node, varied)
            if found is not None:
                return found
    return None


def _read(node: Node, varied: set[Node]) -> Objective | None:
    primitive: Any = node.primitive
    if primitive.name == "getitem":
        index = node.params["index"]
        (x,) = node.parents
        if np.ndim(x.data) != 2 or not isinstance(index, tuple) or not all(np.ndim(i) for i in index):
            return None
        hot = np.zeros(np.shape(x.data))
        hot[index] = 1.0
        return _climbed(x, hot, None, varied)
    if not primitive.partials or len(node.parents) != 2:
        return None
    for x, t in (node.parents, node.parents[::-1]):
        if x in varied and t not in varied and np.ndim(t.data) and np.size(t.data) == np.size(node.data) > 1:
            return _climbed(x, np.asarray(t.data, float), t, varied)
        x, t = unspread(x), unspread(t)
        if x in varied and t not in varied and met(x, t, node):
            goal = _climbed(x, np.asarray(t.data, float).reshape(np.shape(x.data)), t, varied)
            return None if goal is None else replace(goal, spread=True)
    return None


def unspread(node: Node) -> Node:
    """What a node was before it was broadcast."""
    return node.parents[0] if node.primitive is not None and node.primitive.name == "broadcast_to" else node


def met(a: Node, b: Node, node: Node) -> bool:
    """Whether every element of a column meets every element of a vector, which is hardly ever meant."""
    ndims = {np.ndim(a.data), np.ndim(b.data)}
    return ndims == {1, 2} and np.size(a.data) == np.size(b.data) > 1 and np.size(node.data) == np.size(a.data) ** 2


def _climbed(x: Node, target: ndarray, named: Node | None, varied: set[Node]) -> Objective | None:
    """From what meets the target up to the network's output: through logarithms, 1 - p, clipping and the like."""
    while True:
        primitive: Any = x.primitive
        if not x.parents or primitive is None:
            break
        if primitive.name in RANGES or primitive.name == "log_softmax":
            z = x.parents[0]
            p = np.exp(x.data) if primitive.name == "log_softmax" else x.data
            activation = "softmax" if primitive.name == "log_softmax" else primitive.name
            return _made(p, None if primitive.name == "log_softmax" else x, z, activation, target, named)
        before = [p for p in x.parents if p in varied]
        if len(before) != 1 or primitive.name == "matmul" or np.size(before[0].data) != np.size(x.data):
            break
        if primitive.name == "subtract" and x.parents[1] is before[0]:  # 1 - p meets 1 - t
            if named is None or not np.all(np.equal(x.parents[0].data, 1)):
                break
            target, named = 1 - target, None
        x = before[0]
    return _made(x.data, x, None, "", target, named)


def _made(
    p: Any, node: Node | None, z: Node | None, activation: str, target: ndarray, named: Node | None
) -> Objective | None:
    p = np.asarray(p)
    if p.size != target.size:
        return None
    return Objective(p, node, z, activation, target.reshape(p.shape), named)


def other_losses(goal: Objective, wording: Wording, right: Mapping[Node, Any]) -> Iterator[Slip]:
    """The gradient of another loss in the place of this one's; and that of this one without the target."""
    p, n = goal.output, max(goal.output.shape[:1] or (1,))
    own, others = "", []
    for name, node, gradient in goal.gradients():
        share = _multiple(gradient, np.asarray(right.get(node, 0.0)))
        if share >= NEARLY_ALL:
            own = own or name
        if share < 1 and np.isfinite(gradient).all():
            others.append((name, node, gradient, share >= NEARLY_ALL))
    lacking = ""
    if own == "squared error" and goal.node is not None and goal.activation in ("sigmoid", "softmax"):
        called, formula = wording.derivative(goal.node, 0)
        lacking = f", which lacks {called}" + (f" = {formula}" if formula != called else "")
    for name, node, gradient, same in others:
        to_score = node is goal.score and own == "squared error"
        whose = f", and this loss is the {own}" if own else ""
        if goal.spread:
            whose = " of every output and its own target, and this loss compares every output with every target"
        for factor in dict.fromkeys([1.0, 1 / n, 1 / p.size, 2.0, 2 / n, 2 / p.size]):
            instead = {node: np.asarray(factor * gradient).reshape(np.shape(node.data))}
            if same:
                says = f"right: the gradient of the {name} without the epsilon that keeps its logarithm finite here"
                yield Slip("convention", says, "", node, instead=instead, harmless=True)
                continue
            yield Slip(
                "broadcast" if goal.spread else "other loss",
                f"is the gradient of the {name}{whose}{lacking if to_score else ''}",
                "Take the gradient of the loss that you compute, or compute the loss that you meant.",
                node,
                instead=instead,
            )
    if goal.score is not None and goal.activation in ("sigmoid", "softmax") and own.endswith("cross-entropy"):
        named = goal.named is not None
        name = wording.name(goal.named) if goal.named is not None else "the targets"
        remedy = (
            f"Subtract {name}." if named else "Subtract 1 at the right class of every row: d[np.arange(n), y] -= 1."
        )
        for factor in dict.fromkeys([1.0, 1 / n, 1 / p.size]):
            says = f"lacks {name}: it is the output alone, where the output minus {name} belongs"
            value = np.asarray(factor * p).reshape(np.shape(goal.score.data))
            yield Slip("missing term", says, remedy, goal.score, instead={goal.score: value})


def _multiple(a: ndarray, b: ndarray) -> float:
    """The share of elements in which one array is the same multiple of the other, to three digits."""
    if a.shape != b.shape or not np.isfinite(a).all() or not b.any():
        return 0.0
    factor = float(np.median((a / b)[b != 0]))
    if np.allclose(a, factor * b, rtol=1e-9, atol=1e-9 * float(np.abs(a).max())):
        return 1.0
    return min(float(np.isclose(a, factor * b, rtol=1e-3, atol=0).mean()), 0.999)
