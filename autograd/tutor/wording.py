"""Wording: what nodes, gradients and local derivatives are called when the tutor speaks of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from autograd.node import Node
from autograd.symbol import Symbol
from autograd.tutor.outline import Outline

LONGEST, SHORT = 32, 12  # letters of an expression that stands for a node without a name
_SILENT = {"broadcast_to", "astype", "positive"}  # operations that a formula on paper does not show
_LETTER = {"sigmoid": "σ"}


class Wording:
    """Names for the nodes of an outline: the user's own, else an expression made of them, `a2 - y`."""

    def __init__(self, outline: Outline, names: Mapping[Node, str], gradients: Mapping[Node, str]) -> None:
        self.named = {node: name for node, name in names.items() if node in outline.position}
        self._gradients = dict(gradients)
        self._order = outline.order

    @cached_property
    def symbols(self) -> dict[Node, Any]:
        """What every node is written as. Made when it is first needed, which is when something is wrong."""
        made: dict[Node, Any] = {}
        for node in self._order:
            made[node] = Symbol(self.named[node]) if node in self.named else _expression(node, made)
        return made

    def name(self, node: Node) -> str:
        """A node in a sentence."""
        return _text(self.symbols[node])

    def gradient(self, node: Node) -> str:
        """The gradient of a node in a sentence: `dz2`, or `the gradient of a2 - y`."""
        if node in self._gradients:
            return self._gradients[node]
        plain = node in self.named and "." not in self.named[node]
        return f"d{self.named[node]}" if plain else f"the gradient of {self.name(node)}"

    def transposed(self, node: Node) -> str:
        """The transpose of a matrix in a formula."""
        name = self.name(node)
        return name[:-2] if name.endswith(".T") else f"{_held(self.symbols[node])}.T"

    def derivative(self, node: Node, slot: int) -> tuple[str, str]:
        """The local derivative of a node for an operand: its name and its formula, both alike where it has no name.

        Of an elementwise operation `("σ'(z2)", "a2 * (1 - a2)")`; of the others a name alone.
        """
        primitive: Any = node.primitive
        y, operands = self.letters(node)
        called = f"{_LETTER.get(primitive.name, primitive.name)}'({_text(operands[slot])})"
        if not primitive.partials:
            return called, called
        slope = primitive.partials[slot]
        if not callable(slope):
            return str(slope), str(slope)
        try:
            formula = _text(slope(y, *operands, **node.params))
        except (TypeError, AttributeError):  # a user's rule that branches on its operands
            return called, called
        formula = formula.replace(" ** 1", "")
        return (called if len(node.parents) == 1 and not primitive.notation else formula), formula

    def letters(self, node: Node) -> tuple[Any, list[Any]]:
        """What a node and its operands are called in a formula: x and y where an expression would be too long."""
        y, operands = self.symbols[node], [self.symbols[parent] for parent in node.parents]
        if len(operands) == 1 and "..." in _text(operands[0]):
            return y if node in self.named else Symbol("y"), [Symbol("x")]
        return y, operands


def _expression(node: Node, symbols: Mapping[Node, Any]) -> Any:
    """An expression for a node without a name, made of those of its operands."""
    if not node.parents:
        return _constant(node.data)
    primitive: Any = node.primitive
    operands = [symbols[parent] for parent in node.parents]
    if primitive.name in _SILENT:
        return operands[0]
    if primitive.name == "transpose":
        return Symbol(f"{_held(operands[0])}.T")
    if (primitive.partials and primitive.name != "where") or primitive.name == "matmul":
        for xs in (operands, [x if len(_text(x)) <= SHORT else Symbol("...") for x in operands]):
            if any(isinstance(x, Symbol) for x in xs):
                made = primitive(*xs, **node.params)
                if len(_text(made)) <= LONGEST:
                    return made
    inside = ", ".join(map(_text, operands))
    return Symbol(f"{primitive.name}({inside if len(inside) <= LONGEST else '...'})")


def _constant(data: Any) -> Any:
    if np.size(data) == 1:
        x = np.asarray(data).item()
        return Symbol(f"{x:.6g}" if float(f"{x:.6g}") == x else repr(x))
    return Symbol(f"an array of shape {np.shape(data)}")


def _text(x: Any) -> str:
    return x.text() if isinstance(x, Symbol) else f"{x:.4g}" if isinstance(x, float) else str(x)


def _held(x: Any) -> str:
    text = _text(x)
    return text if re.fullmatch(r"[\w.\[\]]+", text) else f"({text})"
