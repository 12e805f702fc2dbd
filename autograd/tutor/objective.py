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
        arrays = any(np.ndim(p.data) for p in x.parents if p not in varied)  # a bias belongs to the output
        if len(before) != 1 or arrays or np.size(before[0].data) != np.size(x.data):
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
    """The gradient of another loss in the place of this one's, which are the adjoints `right`."""
    n, size = max(goal.output.shape[:1] or (1,)), goal.output.size
    scales = dict.fromkeys([1.0, 1 / n, 1 / size, 2.0, 2 / n, 2 / size])
    found = [(name, node, g, _multiple(g, np.asarray(right.get(node, 0.0)))) for name, node, g in goal.gradients()]
    own = next((name for name, _, _, (_, share) in found if share >= NEARLY_ALL), "")
    own_factors = [factor for _, node, _, (factor, share) in found if node is goal.score and share == 1]
    simple = _simple(goal, wording, own_factors[0]) if own_factors else ""
    for name, node, gradient, (factor, share) in found:
        if not np.isfinite(gradient).all() or share == 1:
            continue
        if share >= NEARLY_ALL:
            says = f"right: the gradient of the {name} without the epsilon that keeps its logarithm finite here"
            kept = min(scales, key=lambda scale: abs(scale * factor - 1))
            yield Slip("convention", says, "", node, instead=_put(node, kept * gradient), harmless=True)
            continue
        says = f"is the gradient of the {name}{_and_this(goal, wording, own, node)}"
        remedy = "Take the gradient of the loss that you compute, or compute the loss that you meant."
        if node is goal.node and simple:
            remedy = f"{simple}; or compute the loss that you meant."
        for scale in scales:
            kind = "broadcast" if goal.spread else "other loss"
            yield Slip(kind, says, remedy, node, instead=_put(node, scale * gradient))
    if goal.score is not None and goal.activation in ("sigmoid", "softmax") and own.endswith("cross-entropy"):
        for scale in scales:
            yield _without_target(goal, wording, goal.score, scale)


def _put(node: Node, gradient: ndarray) -> dict[Node, Any]:
    return {node: gradient.reshape(np.shape(node.data))}


def _and_this(goal: Objective, wording: Wording, own: str, node: Node) -> str:
    """What is to be said of the loss that was computed."""
    if goal.spread:
        return " of every output and its own target, and this loss compares every output with every target"
    this = f", and this loss is the {own}" if own else ""
    if node is goal.node and own.endswith("cross-entropy") and goal.score is not None:
        this += f", in whose gradient {wording.derivative(goal.node, 0)[0]} cancels"
    if node is goal.score and own == "squared error" and goal.node is not None:
        called, formula = wording.derivative(goal.node, 0)
        this += f": it lacks {called}" + (f" = {formula}" if formula != called else "")
    return this


def _simple(goal: Objective, wording: Wording, factor: float) -> str:
    """The gradient of a cross-entropy by what went into its activation, which is shorter than people think."""
    if goal.score is None or goal.node is None or goal.named is None or goal.activation not in ("sigmoid", "softmax"):
        return ""
    formula = f"{wording.name(goal.node)} - {wording.name(goal.named)}"
    formula = formula if factor == 1 else f"({formula}) / {factor:.6g}"
    return f"The gradient of {wording.name(goal.score)} is simply {formula}"


def _without_target(goal: Objective, wording: Wording, score: Node, scale: float) -> Slip:
    name, remedy = "the targets", "Subtract 1 at the right class of every row: d[np.arange(n), y] -= 1."
    if goal.named is not None:
        name = wording.name(goal.named)
        remedy = f"Subtract {name}."
    says = f"lacks {name}: it is the output alone, where the output minus {name} belongs"
    return Slip("missing term", says, remedy, score, instead=_put(score, scale * goal.output))


def _multiple(a: ndarray, b: ndarray) -> tuple[float, float]:
    """The number that one array is of another, and the share of the elements in which it is, to three digits.

    1 means that it is in all elements, to all digits.
    """
    if a.shape != b.shape or not np.isfinite(a).all() or not b.any():
        return 1.0, 0.0
    factor = float(np.median((a / b)[b != 0]))
    digits = 1e-5 if b.dtype == np.float32 else 1e-9
    if np.allclose(a, factor * b, rtol=digits, atol=digits * float(np.abs(a).max())):
        return factor, 1.0
    return factor, min(float(np.isclose(a, factor * b, rtol=1e-3, atol=0).mean()), 0.999)
