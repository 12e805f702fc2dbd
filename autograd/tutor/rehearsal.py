"""Rehearsal: the backward pass over an outline, gone through again with what the user gave and with slips.

A mistake is a careless change of the backward pass. So the tutor makes it, too, and looks whether the user's numbers
come out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import ndarray

from autograd.node import Node
from autograd.scattered import Scatter
from autograd.sweep import contributions
from autograd.tutor.outline import Outline

if TYPE_CHECKING:
    from autograd.tutor.slip import Slip

Parts = list[Any]  # what a node sends to each of its operands; None: nothing
Change = Callable[[Node, Any, Parts], Parts]  # of a node, given its adjoint and what it should send
Adjoints = dict[Node, Any]

ELEMENTS = 300  # elements of an array that take about as long as an operation by itself


@dataclass(frozen=True)
class Way:
    """The nodes to go through on the way to some others, consumers first; `inside` are all of them together."""

    nodes: Sequence[Node]
    inside: Collection[Node]

    @property
    def work(self) -> float:
        """About how long it takes to go along, counted in operations on single numbers."""
        return len(self.nodes) + sum(np.size(node.data) for node in self.nodes) / ELEMENTS


class Rehearsal:
    """A backward pass to go through again. `given` are gradients that go on in the place of those that arrive."""

    def __init__(self, outline: Outline, given: Mapping[Node, Any] | None = None) -> None:
        self.outline = outline
        self.given = dict(given or {})
        self.backwards = [node for node in reversed(outline.order) if node.primitive is not None]

    def run(self, slips: Sequence[Slip] = (), way: Way | None = None, noise: float = 0.0) -> Adjoints:
        """What arrives at every node, or on the way to some of them alone.

        `noise` shakes every adjoint by so much, to see how far rounding reaches. Cost: one backward pass.
        """
        root = self.outline.root
        arrived: Adjoints = {root: root.seed(1.0)}
        rng = np.random.default_rng(0) if noise else None
        for node in self.backwards if way is None else way.nodes:
            g = self.given.get(node, arrived.get(node))
            for slip in slips:
                g = slip.instead.get(node, g)
            if g is None or not node.parents:
                continue
            if rng is not None:
                g = g * (1 + noise * rng.choice((-1.0, 1.0), np.shape(g)))
            parts = sent(node, g, None if way is None else way.inside)
            for slip in slips:
                if node in slip.changes:
                    parts = slip.changes[node](node, g, parts)
            for parent, part in zip(node.parents, parts, strict=True):
                if part is not None and parent.primitive is not None:
                    arrived[parent] = arrived[parent] + part if parent in arrived else part
        for slip in slips:
            arrived.update(slip.instead)
        return arrived

    def way(self, targets: Sequence[Node]) -> Way:
        """The way to some targets from the loss or the nearest given gradients."""
        found: set[Node] = set()
        queue = list(targets)
        while queue:
            for child, _ in self.outline.consumers[queue.pop()]:
                if child not in found:
                    found.add(child)
                    if child not in self.given:
                        queue.append(child)
        nodes = sorted(found, key=self.outline.position.__getitem__, reverse=True)
        return Way(nodes, frozenset(nodes).union(targets))


def sent(node: Node, g: Any, among: Collection[Node] | None = None) -> Parts:
    """What a node sends to each operand (of a set), all of it as plain numbers and arrays."""
    wanted = [parent.primitive is not None and (among is None or parent in among) for parent in node.parents]
    found = contributions(node, g, wanted)
    return [part.dense() if type(part) is Scatter else part if want else None for part, want in zip(found, wanted)]


def gathered(adjoints: Adjoints, nodes: Sequence[Node], shape: tuple[int, ...]) -> ndarray:
    """The adjoints of a quantity as one array: of a Tensor its own, of a list of Values one element for each."""
    if len(nodes) == 1:
        found = adjoints.get(nodes[0])
        return np.zeros(shape) if found is None else np.asarray(found)
    return np.array([adjoints.get(node, 0.0) for node in nodes], float).reshape(shape)
