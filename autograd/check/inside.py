"""Looking inside: what a primitive computes on its way, read by running its forward function on Tensors.

A rule written by hand stands for a graph: that of the forward function, made of operations whose rules are right. Its
local derivatives are what may be missing from the rule as factors, and what flows into an operand along each of its
uses is what may be missing as a term. A forward function that cannot be run on Tensors gives no such clues.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.check.call import Call
from autograd.check.verdict import Clue
from autograd.graph import edges, topological_order
from autograd.modes import enable_grad
from autograd.node import Node
from autograd.primitive import LEAF
from autograd.scattered import Scatter
from autograd.sweep import contributions, pull_back
from autograd.symbol import Symbol
from autograd.tensor import Tensor

LONGEST = 40  # formulas longer than this are not written out


class Inside:
    """The graph of the forward function of a node's primitive at given operands, or nothing where it cannot be had."""

    def __init__(self, node: Node, operands: Sequence[Any]) -> None:
        call = Call(node)
        self.leaves = [Tensor(np.array(x, float)) if _is_float(x) else x for x in operands]
        self.output: Tensor | None = None
        self.order: list[Node] = []
        try:
            with enable_grad(), np.errstate(all="ignore"):
                y = call.forward(self.leaves)
        except Exception:  # whatever NumPy, or a function that was not written for them, says to Tensors
            return
        if isinstance(y, Tensor) and y.primitive is not None:
            order = topological_order([y])
            if all(each.primitive is not call.primitive for each in order):
                self.output, self.order = y, order
        self.symbols: dict[Node, Any] = {
            leaf: Symbol(name) for leaf, name in zip(self.leaves, call.names, strict=True) if isinstance(leaf, Node)
        }

    def factors(self) -> list[Clue]:
        """The local derivatives of its operations, by their formulas. Constants are tried in any case."""
        found: dict[str, Clue] = {}
        for node in self.order:
            for parent in dict.fromkeys(node.parents):
                if parent.primitive is None or not any(map(callable, node.primitive.partials)):  # type: ignore[union-attr]
                    continue
                with np.errstate(all="ignore"):
                    value = np.asarray(_slope(node, parent, lambda x: x.data), float)
                symbol = self._formula(node, parent)
                if isinstance(symbol, float | int):
                    continue
                name = "" if symbol is None else str(symbol)
                if not name or len(name) > LONGEST:
                    name = f"the derivative of {node.primitive.name}"  # type: ignore[union-attr]
                found.setdefault(name, Clue(name, value))
                if name.startswith("-"):
                    found.setdefault(name[1:], Clue(name[1:], -value))
        return list(found.values())

    def terms(self, slot: int, g: ndarray) -> dict[str, ndarray]:
        """What flows into operand `slot` along each of its uses, when there are several."""
        leaf = self.leaves[slot]
        if self.output is None or g.shape != self.output.shape:
            return {}
        uses = [(child, at) for parent, child, at in edges(self.order) if parent is leaf]
        if len(uses) < 2:
            return {}
        found: dict[str, ndarray] = {}
        with np.errstate(all="ignore"):
            adjoint = dict(pull_back(list(self.order), {self.output: self.output.seed(g)}))
            for child, at in uses:
                if child in adjoint:
                    sent = contributions(child, adjoint[child], [True] * len(child.parents))[at]
                    if sent is not None:
                        found[self._use(child, at, found)] = np.asarray(sent.dense() if type(sent) is Scatter else sent)
        return found

    def _use(self, child: Node, at: int, taken: Collection[str]) -> str:
        name = f"what comes through {self._text(child) or child.operation}"
        return name if name not in taken else f"{name}, operand {at}"

    def _formula(self, node: Node, parent: Node) -> Any:
        """The formula of a local derivative, written with the names of the operands; None where there is none."""
        try:
            return _slope(node, parent, self._symbol)
        except (TypeError, AttributeError, ValueError):  # a rule that no symbol passes through
            return None

    def _text(self, node: Node) -> str:
        try:
            text = str(self._symbol(node))
        except (TypeError, AttributeError, ValueError):
            return ""
        return text if len(text) <= LONGEST else ""

    def _symbol(self, node: Node) -> Any:
        """The expression that a node stands for."""
        for each in self.order:
            if each not in self.symbols and each.parents:
                primitive: Any = each.primitive
                operands = [self.symbols[p] if p in self.symbols else _constant(p) for p in each.parents]
                self.symbols[each] = primitive(*operands, **each.params)
        return self.symbols[node] if node in self.symbols else _constant(node)


def _slope(node: Node, parent: Node, see: Callable[[Node], Any]) -> Any:
    """The derivative of a node by a parent, which may be an operand of it more than once."""
    y, operands, total = see(node), list(map(see, node.parents)), None
    for partial, operand in zip(node.primitive.partials, node.parents, strict=True):  # type: ignore[union-attr]
        if operand is parent and partial is not None:
            slope = partial(y, *operands, **node.params) if callable(partial) else partial
            total = slope if total is None else total + slope
    return 0.0 if total is None else total


def _constant(node: Node) -> Any:
    if node.primitive is LEAF or np.size(node.data) != 1:
        return Symbol("constant")
    return float(np.asarray(node.data).item())


def _is_float(x: Any) -> bool:
    return np.asarray(x).dtype.kind == "f"
