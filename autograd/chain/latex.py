"""latex: the chain rule behind one gradient, written out in LaTeX."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd.chain.array import Arrays, adjoints
from autograd.chain.number import Numbers, is_plain
from autograd.chain.outline import outline
from autograd.chain.wording import Section, called, document, moves
from autograd.errors import GradientError, OperandError, describe, place
from autograd.fast_sweep import RELEASED
from autograd.graph import descendants
from autograd.node import Node
from autograd.step.still import stills
from autograd.view.trace import reading_order

NUMBERS, ARRAYS = 30, 20  # operations on single numbers, or on arrays; of more the outline is written


@dataclass(frozen=True)
class ChainRule:
    """A gradient, written out. Its `str` is LaTeX, without the dollar signs; notebooks show it as a formula.

    | attribute | what it is |
    |---|---|
    | `value` | ∂y/∂x: a float or an array |
    | `sections` | what is written: titles, and rows of a left and a right side in LaTeX |
    | `formula` | of single numbers ∂y/∂x as a `Symbol`, in the names of the results; else None |
    """

    y: Node
    x: Node
    value: Any
    sections: list[Section]
    names: Mapping[Node, str]
    _numbers: Numbers | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return document(self.sections)

    def _repr_latex_(self) -> str:
        return f"$$\n{self}\n$$"

    def __repr__(self) -> str:
        lines = sum(len(rows) for _, rows in self.sections)
        what = f"∂{self.names[self.y]}/∂{self.names[self.x]}"
        return f"<{what} in {lines} lines of LaTeX: a notebook shows it, print() gives its text>"

    @property
    def formula(self) -> Any:
        """∂y/∂x of single numbers as a `Symbol` (or a float): its text, and what it is with other numbers."""
        return self._numbers.program[-1][1] if self._numbers else None

    def evaluate(self, **changed: float) -> Any:
        """∂y/∂x computed by the formulas that are written, forwards and backwards, with other numbers for the inputs.

        Where the formula of a branch is written (relu, where, maximum), it is that of the branch taken in the graph.
        Errors: OperandError for graphs of arrays, or written in outline, and for names that are no inputs.

        >>> import autograd
        >>> x = autograd.Value(2.0, label="x")
        >>> rule = autograd.latex(x**3 + x, wrt=x)
        >>> rule.value, rule.evaluate(), rule.evaluate(x=1.0)
        (13.0, 13.0, 4.0)
        """
        if self._numbers is None:
            raise OperandError(
                f"only the chain rule of up to {NUMBERS} single numbers is evaluated by its text.{place()}"
            )
        inputs = [name for node, name in self.names.items() if not node.parents]
        strange = next((name for name in changed if name not in inputs), None)
        if strange is not None:
            raise OperandError(f"{strange!r} is no input of this; there are {', '.join(inputs)}.{place()}")
        return self._numbers.evaluate(changed)


def latex(y: Any, wrt: Any, *, names: Mapping[str, Any] | None = None) -> ChainRule:
    r"""The chain rule behind ∂y/∂x, written out: each result, each local derivative, and how they are multiplied.

    In letters first and with the numbers then. Nodes are called by their labels, or the variables that hold them, else
    v₁, v₂, ... Of single numbers with few paths from y to x it is the sum over the paths; with many, and of arrays, it
    has a line for each node. Of more than 30 operations (20 on arrays) it is an outline: by modules (those of `nn`,
    or blocks of `autograd.scope`), or by the nodes that all paths go through.

    `y` is a single number, Value or Tensor. `names` are the variables to take names from, by default the caller's.

    Errors: GradientError when y is no single number, or nothing leads from x to it. Cost: a sweep, and a few
    milliseconds for each node that is written.

    >>> import autograd
    >>> w, x = autograd.Value(0.5, label="w"), autograd.Value(2.0, label="x")
    >>> y = autograd.tanh(w * x)
    >>> rule = autograd.latex(y, wrt=w)
    >>> rule.formula, rule.formula.latex(), round(rule.value, 4)
    (Symbol('(1 - y ** 2) * x'), '(1 - {y}^{2}) \\cdot x', 0.8399)
    """
    if not isinstance(y, Node) or not isinstance(wrt, Node):
        raise OperandError(
            f"latex takes a result, and the Value or Tensor to differentiate by: latex(loss, wrt=w). "
            f"Got {describe(y)} and {describe(wrt)}.{place()}"
        )
    if np.size(y.data) != 1:
        raise GradientError(
            f"latex writes the derivative of a single number, and this is {describe(y)}.{place()}\n"
            "  Take one element, y[0], or reduce it, y.sum()."
        )
    order = reading_order([y])
    if any(node.primitive is RELEASED for node in order):
        raise GradientError(
            f"an earlier backward() has let the graph go.{place()}\n"
            "  Call latex before it, or call backward(retain_graph=True)."
        )
    among = descendants(order, [wrt])
    if wrt.primitive is None or not among:
        why = "does not require grad" if wrt.primitive is None else "is not what it was made from"
        raise GradientError(f"∂y/∂x: {describe(wrt)} {why}, so nothing leads there from {describe(y)}.{place()}")
    if names is None:
        caller = sys._getframe(1)
        names = {**{k: v for k, v in caller.f_globals.items() if k not in caller.f_locals}, **caller.f_locals}
    found = called(order, names)
    among = [node for node in among if node.primitive is not None]
    gradient = adjoints(among)
    value = gradient[wrt]
    plain = is_plain(order)
    if sum(bool(node.parents) and not moves(node) for node in order) > (NUMBERS if plain else ARRAYS):
        return ChainRule(y, wrt, value, outline(order, among, found, names, gradient), found)
    of = stills(order)
    written = (Numbers if plain else Arrays)(
        [of[n] for n in order], [of[n] for n in among], {of[n]: name for n, name in found.items()}
    )
    return ChainRule(y, wrt, value, written.sections, found, written if isinstance(written, Numbers) else None)
