"""Array: the chain rule of arrays: forward formulas, then what each operation makes of the gradient of its result.

A line for each node, outputs first. ⊙ multiplies element by element, ⊤ transposes; where a rule cannot be read as a
formula, its Jacobian stands there, transposed, as (∂v/∂x)^⊤.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import add
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.chain.number import OPERANDS, renamed, sign_first
from autograd.chain.wording import Section, array, equal, formula, moves, partial, tex
from autograd.node import Node
from autograd.primitive import READINGS, SYMBOL
from autograd.rules import contraction, reduction
from autograd.step.formula import UPSTREAM, contribution, expression, standing_for, tidy
from autograd.step.mathematics import local
from autograd.step.still import Still
from autograd.sweep import pull_back
from autograd.symbol import Symbol
from autograd.view.text import number

WORDS = {"one_hot": r"\mathrm{onehot}", "array": r"\mathrm{constant}"}


class Arrays:
    """What is written about ∂y/∂x in a graph with arrays; `order` has all nodes, `among` those from x to y."""

    def __init__(self, order: Sequence[Still], among: Sequence[Still], names: Mapping[Still, str]) -> None:
        self.among, self.names = among, dict(names)
        self.x, self.y = among[0], among[-1]
        self.hidden = {node for node in order if moves(node)}  # are written as their operand
        for node in order:
            if node in self.hidden:
                self.names[node] = self.names.get(node.parents[0], "")
            elif node not in self.names and np.size(node.data) > 1:
                self.names[node] = f"C_{sum(name.startswith('C_') for name in self.names.values()) + 1}"
        self.texts = {name: tex(name) for node, name in self.names.items()} | WORDS
        self.scalars = {tex(name) for node, name in self.names.items() if np.ndim(node.data) == 0}
        self.adjoint = adjoints(among)
        self.sections = [Section("Forward", self._forward(order)), Section("Chain rule", self._sweep())]

    def _forward(self, order: Sequence[Still]) -> list[tuple[str, str]]:
        rows = []
        for node in order:
            left = self.texts.get(self.names.get(node, ""), "")
            if node in self.hidden or not left:
                continue
            if not node.parents:
                rows.append(equal(left, array(node.data)))
            elif len(node.parents) > OPERANDS:
                rows.append(
                    equal(left, rf"\text{{{node.operation} of {len(node.parents)} operands}}", array(node.data))
                )
            else:
                made = self._in_names(expression(node), node)
                rows.append(equal(left, formula(made, self.texts, self.scalars), array(node.data)))
        return rows

    def _sweep(self) -> list[tuple[str, str]]:
        found: dict[Still, Any] = {self.y: 1.0}  # what has arrived, as an expression
        uses: dict[Still, list[tuple[Still, int]]] = {node: [] for node in self.among}
        for node in self.among:
            for slot, parent in enumerate(node.parents):
                if parent in uses:
                    uses[parent].append((node, slot))
        rows = []
        for node in reversed(self.among[:-1]):
            made = reduce(add, [self._sent(*edge, found[edge[0]]) for edge in reversed(uses[node])])
            if node in self.hidden:
                found[node] = made
                continue
            name = f"∂{self.names[self.y]}/∂{self.names[node]}"
            left = self.texts[name] = partial(self.texts[self.names[self.y]], self.texts[self.names[node]])
            if np.ndim(node.data) == 0:
                self.scalars.add(left)
            found[node] = Symbol(name)
            rows.append(equal(left, formula(made, self.texts, self.scalars), array(self.adjoint[node])))
        return rows or [equal(partial(*[self.texts[self.names[self.y]]] * 2), "1")]

    def _sent(self, node: Still, slot: int, g: Any) -> Any:
        """What a node sends to one of its operands, given what has arrived at it, as an expression."""
        parent = node.parents[slot]
        if node in self.hidden:
            return g if np.shape(parent.data) == np.shape(node.data) else _summed(g, node, parent)
        rule = local(node, slot)
        whole = contribution(node, slot) if rule is None else UPSTREAM * sign_first(rule)
        if whole is None:
            inner = partial(self.texts[self.names[node]], self.texts[self.names[parent]])
            jacobian = Symbol(rf"\left({inner}\right)^{{\top}}")
            return READINGS[SYMBOL](contraction.matmul, [jacobian, g], {})
        return tidy(self._in_names(renamed(whole, {UPSTREAM.name: g}), node))

    def _in_names(self, x: Any, node: Still) -> Any:
        """A formula of an operation in the names of what its letters stand for; constants of one element as numbers."""
        standing = standing_for(x, node)
        return renamed(x, {letter: self._symbol(operand) for letter, operand in standing.items()})

    def _symbol(self, node: Still) -> Any:
        if self.names.get(node):
            return Symbol(self.names[node])
        while node.parents:
            node = node.parents[0]
        return Symbol(number(np.asarray(node.data).reshape(-1)[0].item()))


def adjoints(among: Sequence[Node]) -> dict[Node, Any]:
    """The gradient of the last of these with respect to each of them; 0 where none arrives."""
    y = among[-1]
    one: Any = np.ones_like(y.data) if isinstance(y.data, ndarray) else 1.0
    arrived = dict(pull_back(list(among), {y: one}, among=set(among)))
    return {node: arrived[node] if node in arrived else node.data * 0.0 for node in among}


def _summed(g: Any, node: Still, parent: Still) -> Any:
    """What arrives at all copies of an element, together: a sum over the axes along which it was repeated."""
    long, short = np.shape(node.data), np.shape(parent.data)
    ahead = len(long) - len(short)
    axes = [*range(ahead), *(ahead + i for i, n in enumerate(short) if n != long[ahead + i])]
    if len(axes) == len(long):
        return READINGS[SYMBOL](reduction.sum_all, [g], {})
    text = str(axes[0]) if len(axes) == 1 else f"({', '.join(map(str, axes))})"
    return READINGS[SYMBOL](reduction.sum_along, [g], {"axis": Symbol(text)})
