"""Mathematics: what happens in a step, as a line of text or of LaTeX, with the numbers plugged in.

Both come from the same expression (`formula.py`); a `Language` says how its parts are written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.node import Node
from autograd.scattered import Scatter
from autograd.step.formula import UPSTREAM, contribution, expression, partials, settle, standing_for, tidy
from autograd.step.still import Still
from autograd.sweep import contributions
from autograd.symbol import Symbol, latex_name
from autograd.view.text import FEW, NOT_COMPUTED, entries
from autograd.view.text import number as short

Names = Mapping[Node, str]
MANY = 8  # operands, at most, are written out
ROUNDING = 1e-7  # of the largest element: a mean below that is called 0


@dataclass(frozen=True, slots=True)
class Language:
    """How mathematics is written: in text or in LaTeX."""

    write: Callable[[Any, Mapping[str, Any]], str]  # an expression, with these texts in place of its letters
    name: Callable[[str], str]
    say: Callable[[str], str]  # words among the symbols
    derivative: str
    gets: str

    def gradient(self, root: str, x: str) -> str:
        """∂root/∂x."""
        return self.derivative.format(self.name(root), self.name(x))


def _symbol(x: Any) -> Symbol:
    return x if isinstance(x, Symbol) else Symbol(short(x))


TEXT = Language(lambda x, named: _symbol(x).pretty(**named), str, str, "∂{}/∂{}", "+=")
LATEX = Language(
    lambda x, named: _symbol(x).latex(**named).replace(r"\cdot", r"\times"),
    latex_name,
    lambda words: rf"\text{{{words.replace('_', chr(92) + '_')}}}",
    r"\frac{{\partial {}}}{{\partial {}}}",
    r"\mathrel{+}=",
)


def forward(node: Still, names: Names, how: Language) -> str:
    """How a node came to its value: `c = a × b = 2.0 × (−3.0) = −6.0`."""
    value = figure(node.data, how)
    if not node.parents:
        name = names.get(node)
        kind = how.say("a leaf" if node.primitive is not None else "a constant")
        return f"{how.name(name)} = {value}, {kind}" if name else f"{value}, {kind}"
    parts = [how.name(names[node])]
    if len(node.parents) <= MANY:
        made = expression(node)
        parts.append(how.write(made, _named(made, node, names, how)))
        if is_single(node):
            parts.append(how.write(made, _plugged(made, node)))
    else:
        parts.append(how.say(f"{node.operation} of {len(node.parents)} operands"))
    return " = ".join(dict.fromkeys([*parts, value]))


def seed(root: Still, gradient: Any, names: Names, how: Language) -> str:
    """Where the backward pass starts: `∂L/∂L = 1.0`."""
    return f"{how.gradient(names[root], names[root])} = {figure(gradient, how)}"


def backward(node: Still, slot: int, upstream: Any, sent: Any, root: str, names: Names, how: Language) -> str:
    """What a node sends to one of its operands: `∂L/∂a += 1.085 × (1 − 0.81²) = 0.373`."""
    left = f"{how.gradient(root, names[node.parents[slot]])} {how.gets}"
    if upstream is None:
        return f"{left} {NOT_COMPUTED}  {how.say(f'nothing has arrived at {names[node]}')}"
    if sent is None:
        return f"{left} {NOT_COMPUTED}  {how.say(f'{node.operation} passes nothing on to operand {slot + 1}')}"
    product = _product(node, slot, upstream, root, names, how)
    return f"{left} {product} = {figure(sent, how)}"


def _product(node: Still, slot: int, upstream: Any, root: str, names: Names, how: Language) -> str:
    """Upstream gradient × local derivative: of single numbers with the numbers, of arrays with the names."""
    rule = local(node, slot)
    if is_single(node):
        return how.write(UPSTREAM * rule, {**_plugged(rule, node), UPSTREAM.name: short(_item(upstream))})
    gradient = how.gradient(root, names[node])
    if rule is None:
        whole = contribution(node, slot)
    else:
        whole = UPSTREAM * rule if isinstance(rule, Symbol) else tidy(UPSTREAM * rule)  # × 1 is not said
    if whole is None:
        return f"{how.say(f'the rule of {node.operation}, given')} {gradient}"
    return how.write(whole, {**_named(whole, node, names, how), UPSTREAM.name: gradient})


def total(node: Still, before: Any, sent: Any, after: Any, root: str, names: Names, count: str, how: Language) -> str:
    """The running sum over the consumers: `∂L/∂a = 0.373 + 0.2 = 0.573 (2 of 3 consumers)`."""
    parts = [how.gradient(root, names[node])]
    if before is not None and sent is not None:
        if np.size(after) == 1:
            numbers = {"before": short(_item(before)), "sent": short(_item(sent))}
            parts.append(how.write(Symbol("before") + Symbol("sent"), numbers))
        else:
            parts.append(how.say("what had arrived + this"))
    parts.append(NOT_COMPUTED if after is None else figure(after, how))
    return " = ".join(parts) + (f" {how.say(f'({count})')}" if count else "")


def local(node: Still, slot: int) -> Any:
    """The local derivative ∂node/∂operand as an expression, of operations on single numbers and elementwise ones.

    Of a single number without a formula it is the number. None of other operations, and where it cannot be read.
    """
    primitive: Any = node.primitive
    single = is_single(node)
    if not (single or primitive.partials):
        return None
    slopes = partials(primitive, len(node.parents), node.params)
    found = None if slopes is None else slopes[slot]
    if not single:
        return found
    if found is None:
        return Symbol(short(_item(local_values(node)[slot])))
    return settle(found, {letter: _item(x.data) for letter, x in standing_for(found, node).items()})


def local_values(node: Still) -> Sequence[Any]:
    """The local derivatives: numbers, or arrays of slopes of an elementwise operation; None where there is none."""
    primitive: Any = node.primitive
    if not (is_single(node) or primitive.partials):
        return [None] * len(node.parents)
    one: Any = np.ones_like(node.data) if node.is_array else 1.0
    with np.errstate(all="ignore"):
        found = contributions(node, one, [parent.primitive is not None for parent in node.parents])
    return [c.dense() if isinstance(c, Scatter) else c for c in found]


def local_texts(node: Still, slot: int, how: Language) -> tuple[str, str]:
    """The local derivative in letters, and with the numbers: `1 − y²` and `1 − 0.81²`. Of arrays the first alone."""
    rule = local(node, slot)
    if rule is None:
        whole = None if is_single(node) else contribution(node, slot)
        return ("" if whole is None else how.write(whole, {UPSTREAM.name: "g"})), ""
    return how.write(rule, {}), how.write(rule, _plugged(rule, node)) if is_single(node) else ""


def is_single(node: Still) -> bool:
    """Whether an operation is one on single numbers, so that they can be written out."""
    return all(not x.is_array or x.data.size == 1 for x in (node, *node.parents))


def figure(x: Any, how: Language) -> str:
    """A number; of an array its elements when they are few, else its shape and how the finite ones are spread."""
    if not isinstance(x, ndarray):
        return how.write(x, {})
    if x.size <= FEW:
        return entries(x)[0].replace("-", "−")
    finite, told = x, []
    if not np.isfinite(x).all():
        finite = x[np.isfinite(x)]
        odd = {"nan": int(np.isnan(x).sum()), "inf": int(np.isinf(x).sum())}
        told = [f"{count:,} {word}" for word, count in odd.items() if count]
    if finite.size:
        low, mean, high = (short(f(finite).item()).replace("-", "−") for f in (np.min, np.mean, np.max))
        if abs(finite.mean(dtype=float)) < ROUNDING * np.abs(finite).max():
            mean = "≈ 0"
        told = [f"{low} … {high}", f"mean {mean}", *told] if told or low != high else [f"all {low}"]
    return how.say(", ".join([*told, f"shape {x.shape}"]))


def _named(x: Any, node: Still, names: Names, how: Language) -> dict[str, str]:
    """What is written for each letter of a formula of an operation: a name, or a constant number."""
    found = {}
    for letter, operand in standing_for(x, node).items():
        number = short(_item(operand.data)) if np.size(operand.data) == 1 else "array"
        found[letter] = how.name(names[operand]) if operand in names else number
    return found


def _plugged(x: Any, node: Still) -> dict[str, str]:
    return {letter: short(_item(operand.data)) for letter, operand in standing_for(x, node).items()}


def _item(x: Any) -> Any:
    return x.item() if hasattr(x, "item") else x
