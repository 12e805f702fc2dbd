"""Rule: the derivative of a result by one of its operands, in symbols and with the numbers plugged in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd.node import Node
from autograd.symbol import Symbol, formula
from autograd.view.text import number


def rule(node: Node, slot: int, names: Mapping[Node, str]) -> str:
    """Lines that say ∂node/∂operand, or nothing where there is no short way to say it, as for a matrix product.

    Of arrays there is the formula alone, of an operation without a formula the number alone. Constants have no name,
    and are written as numbers.

    >>> from autograd import Value, tanh
    >>> x = Value(0.5)
    >>> y = tanh(x)
    >>> print(rule(y, 0, {x: "x", y: "out"}))
    ∂out/∂x = 1 - out * out
    = 1 - 0.4621 * 0.4621
    = 0.7864
    >>> z = x * 3.0
    >>> print(rule(z, 0, {x: "x", z: "z"}))
    ∂z/∂x = 3.0
    """
    letters = ["y", *(["x"] if len(node.parents) == 1 else "abcdefgh")]
    taking_part = dict(zip(letters, (node, *node.parents)))
    single = all(np.size(x.data) == 1 for x in (node, *node.parents))
    symbolic = _formula(node, slot)
    slope = symbolic if isinstance(symbolic, int | float) else _slope(node, slot) if single else None
    lines: list[str] = []
    if isinstance(symbolic, Symbol):
        plugged: Any = {letter: number(_item(x.data)) if single else "array" for letter, x in taking_part.items()}
        called: Any = {letter: names.get(x, plugged[letter]) for letter, x in taking_part.items()}
        lines.append(symbolic.text(**called))
        if single:
            lines.append(symbolic.text(**plugged))
    if slope is not None:
        method = getattr(node.primitive, "method", "")
        lines.append(f"{number(slope)}, by {method}" if method else number(slope))
    if not lines:
        return ""
    return f"∂{names[node]}/∂{names[node.parents[slot]]} = " + "\n= ".join(dict.fromkeys(lines))


def _formula(node: Node, slot: int) -> Symbol | float | None:
    primitive = node.primitive
    if primitive is None or not primitive.partials:
        return None
    try:
        return formula(primitive, slot, **node.params)
    except (TypeError, AttributeError):  # a user's rule that branches on its operands, or asks for their shape
        return None


def _slope(node: Node, slot: int) -> float | None:
    """The derivative as a number, of nodes of one element."""
    primitive: Any = node.primitive
    operands = [_item(parent.data) for parent in node.parents]
    try:
        found = primitive.pull_ieee(1.0, _item(node.data), operands, [True] * len(operands), node.params)[slot]
    except (TypeError, ValueError, AttributeError, IndexError):  # a rule for arrays alone
        return None
    return None if found is None else float(found)


def _item(x: Any) -> Any:
    return x.item() if hasattr(x, "item") else x
