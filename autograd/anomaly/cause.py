"""Cause: why a number went bad, and what people do about it; and what a search for it needs to see of the graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from autograd.anomaly.finding import Finding
from autograd.anomaly.number import plain
from autograd.anomaly.spelling import operands
from autograd.node import Node
from autograd.origin import Origin

PASSING = {"broadcast_to", "reshape", "astype", "positive", "transpose", "getitem", "stack", "concatenate"}
SUMS = {"sum", "sum_all", "total", "mean", "mean_all", "add", "dot", "einsum", "matmul"}
FAR = 2000  # nodes that are looked at for a reason


@dataclass(frozen=True)
class Cause:
    """The likely cause in a few words, a sentence on why it is so, and remedies, the best one first."""

    title: str
    because: str = ""
    advice: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scene:
    """A finding with what is asked about it again and again."""

    finding: Finding
    names: Mapping[Node, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The operation."""
        return self.finding.name

    @property
    def is_backward(self) -> bool:
        """Whether it is about a slope, not about a result."""
        return self.finding.where in ("backward", "tangent")

    @cached_property
    def element(self) -> list[float]:
        """The operands there, where they are single numbers; nothing elsewhere."""
        return self.finding.element

    @cached_property
    def result(self) -> float:
        """The result there."""
        y = plain(self.finding.node)
        if y is None or not self.finding.is_elementwise:
            return float("nan")
        return float(y[self.finding.index] if y.ndim else y)

    @cached_property
    def spelt(self) -> Sequence[str]:
        """The operands as they stand on the line; nothing where that is not sure."""
        return operands(self.finding.node)

    def called(self, slot: int = 0, otherwise: str = "x") -> str:
        """What an operand is called in the user's program."""
        spelt = self.spelt
        if slot < len(spelt) and spelt[slot]:
            return spelt[slot]
        node = self.finding.node.parents[slot]
        while node not in self.names and node.parents and operation(node) in PASSING:
            node = node.parents[0]
        return self.names.get(node, "") or otherwise

    def call(self, operand: str) -> str:
        """The operation as one would write it, with this in the place of the operand that is at fault."""
        name = self.name
        beside = f"({operand})" if " " in operand and not operand.endswith(")") else operand
        if name == "divide":
            return f"{self.called(0, 'a')} / {beside}"
        if name == "power":
            return f"{beside} ** {self.called(1, 'p')}"
        if name == "power_of" and self.finding.node.params["n"] != 0.5:
            return f"{beside} ** {self.finding.node.params['n']:g}"
        return f"autograd.{'sqrt' if name == 'power_of' else name}({operand})"

    @cached_property
    def tiny(self) -> str:
        """A number that is small, and not 0 in the precision of the operands."""
        return "1e-4" if any(x is not None and x.dtype == "float16" for x in self.finding.operands) else "1e-12"

    @property
    def onward(self) -> list[Node]:
        """What was computed from the result, one after the other, up to the root."""
        return (self.finding.above if self.finding.where == "backward" else self.finding.path)[1:]

    def maker(self, slot: int = 0) -> Node | None:
        """What made an operand, looked at through what only moves numbers about."""
        parents = self.finding.node.parents
        return source(parents[slot]) if slot < len(parents) else None

    def made_by(self, slot: int = 0) -> str:
        """The name of that operation; nothing for a leaf."""
        node = self.maker(slot)
        return node.primitive.name if node is not None and node.parents and node.primitive else ""


def source(node: Node) -> Node:
    """The node that a number comes from, through what only moves numbers about."""
    while node.parents and node.primitive is not None and node.primitive.name in PASSING:
        node = node.parents[0]
    return node


def operation(node: Node) -> str:
    """The name of what made a node; nothing for a leaf."""
    return node.primitive.name if node.parents and node.primitive else ""


def behind(node: Node) -> Iterator[Node]:
    """A node and some of what it was made from, nearest first."""
    seen: dict[Node, None] = {node: None}
    waiting = [node]
    while waiting and len(seen) < FAR:
        following = []
        for one in waiting:
            yield one
            for parent in one.parents:
                if parent not in seen:
                    seen[parent] = None
                    following.append(parent)
        waiting = following


def is_softmax(quotient: Node, exponential: Node) -> bool:
    """Whether a quotient is of what an exponential gave, by a sum of the same."""
    above, below = quotient.parents
    total = source(below)
    return operation(total) in SUMS and _holds(above, exponential) and _holds(total, exponential)


def _holds(node: Node, wanted: Node) -> bool:
    """Whether something was made of what this one gave, or another of the same operand, or of the same expression."""
    mine = wanted.origin
    return any(
        one is wanted
        or (
            operation(one) == operation(wanted)
            and (one.parents[0] is wanted.parents[0] or (mine is not None and one.origin is mine))
        )
        for one in behind(node)
    )


def line(node: Node) -> str:
    """Where a node was made, in brackets, if that is known."""
    return f" ({node.origin.place})" if isinstance(node.origin, Origin) else ""


def peak(x: object) -> float:
    """The largest size of the finite numbers in it."""
    array = plain(x)
    if array is None or not array.size:
        return 0.0
    with np.errstate(all="ignore"):
        size = np.abs(array.astype(float))
    return float(np.max(size, initial=0.0, where=np.isfinite(size)))
