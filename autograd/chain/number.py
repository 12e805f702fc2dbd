"""Number: the chain rule of single numbers: forward formulas, local derivatives, and their products along all paths.

With few paths the derivative is written as the sum over them. With many it is written as one sweep backwards computes
it: a line for each node, the sum over its consumers, which grows with the graph and not with the number of paths.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import add, mul
from typing import Any

import numpy as np

from autograd.chain.wording import Section, equal, formula, lines, partial, scalar, tex, total
from autograd.node import Node
from autograd.primitive import READINGS, SYMBOL
from autograd.step.formula import expression, partials, settle, standing_for, tidy
from autograd.step.mathematics import local_values
from autograd.step.still import Still
from autograd.symbol import Symbol
from autograd.view.text import number

PATHS = 6  # are written as a sum; of more there is a line for each node
LONG = 8  # factors of a path
OPERANDS = 8  # of more, a sum or dot product is not written with numbers
LETTERS = 400  # of LaTeX: a longer formula is not written

Edge = tuple[Still, int]  # a result, and which of its operands


def is_plain(nodes: Sequence[Node]) -> bool:
    """Whether all these are single numbers, and their operations have formulas."""
    return all(
        np.ndim(node.data) == 0
        and (not node.parents or partials(node.primitive, len(node.parents), node.params) is not None)  # type: ignore[arg-type]
        for node in nodes
    )


class Numbers:
    """What is written about ∂y/∂x in a graph of single numbers; `order` has all nodes, `among` those from x to y.

    | attribute | what it is |
    |---|---|
    | `sections` | what is written |
    | `program` | the formulas for every result and for the derivative, in order: `("w * x", Symbol)` |
    """

    def __init__(self, order: Sequence[Still], among: Sequence[Still], names: Mapping[Still, str]) -> None:
        self.order, self.among, self.names = order, among, names
        self.x, self.y = among[0], among[-1]
        self.known = {names[node]: np.asarray(node.data).item() for node in order if node in names}
        self.texts = {name: tex(name) for name in self.known}
        self.program: list[tuple[str, Any]] = []
        self.uses: dict[Still, list[Edge]] = {node: [] for node in among}
        for node in among:
            for slot, parent in enumerate(node.parents):
                if parent in self.uses:
                    self.uses[parent].append((node, slot))
        self.locals = {edge: self._local(*edge) for edges in self.uses.values() for edge in edges}
        forward = Section("Forward", self._forward())
        if self._count() <= PATHS and self._longest() <= LONG:
            slopes = Section("Local derivatives", self._slopes())
            self.sections = [forward, slopes, Section("Chain rule", self._sum())]
        else:
            self.sections = [forward, Section("Chain rule", self._sweep())]

    def evaluate(self, changed: Mapping[str, float]) -> Any:
        """∂y/∂x by the formulas, with other numbers for some of the leaves and constants."""
        found = {**self.known, **changed}
        for name, made in self.program:
            found[name] = made.evaluate(**found) if is_symbol(made) else made
        return found[self.program[-1][0]]

    # What each node and each edge is

    def _forward(self) -> list[tuple[str, str]]:
        rows = []
        for node in self.order:
            if not node.parents:
                continue
            made = self._in_names(expression(node), node)
            primitive: Any = node.primitive
            exact = READINGS[SYMBOL](primitive, list(map(self._symbol, node.parents)), dict(node.params))
            self.program.append((self.names[node], exact))  # what is written leaves settings out that say little
            cells = self._written(made) if len(node.parents) <= OPERANDS else [formula(made, self.texts)]
            cells = [cell for cell in cells if len(cell) < LETTERS]
            rows.append(equal(self.texts[self.names[node]], *cells, scalar(node.data)))
        return rows

    def _slopes(self) -> list[tuple[str, str]]:
        rows = {}
        for node in self.among:
            for slot, parent in enumerate(node.parents):
                if parent in self.uses:
                    local = self.locals[node, slot]
                    head = self._partial((node, slot))
                    rows[head] = equal(
                        head, *self._written(local), *([scalar(self._of(local))] if is_symbol(local) else [])
                    )
        return list(rows.values())

    def _local(self, node: Still, slot: int) -> Any:
        """∂node/∂operand as an expression in names; a number where it has no formula."""
        slopes = partials(node.primitive, len(node.parents), node.params)  # type: ignore[arg-type]
        slope = None if slopes is None else slopes[slot]
        if slope is None:
            found = local_values(node)[slot]
            return 0 if found is None else _whole(np.asarray(found).item())
        numbers = {letter: np.asarray(x.data).item() for letter, x in standing_for(slope, node).items()}
        return _whole(sign_first(tidy(self._in_names(settle(slope, numbers), node))))

    def _in_names(self, x: Any, node: Still) -> Any:
        """A formula of an operation in the names of what its letters stand for; constants without one are numbers."""
        return renamed(
            x,
            {letter: self._symbol(operand) for letter, operand in standing_for(x, node).items()},
        )

    def _symbol(self, node: Still) -> Any:
        """A node by its name; a constant without one is its number."""
        return Symbol(self.names[node]) if node in self.names else np.asarray(node.data).item()

    def _written(self, x: Any) -> list[str]:
        """In letters, and with the numbers."""
        return [formula(x, self.texts), formula(x, {name: number(value) for name, value in self.known.items()})]

    def _of(self, x: Any) -> Any:
        return x.evaluate(**self.known) if is_symbol(x) else x

    def _tex(self, node: Still) -> str:
        return self.texts[self.names[node]]

    def _partial(self, edge: Edge) -> str:
        """∂node/∂operand; of an operand that is used twice, which use."""
        node, slot = edge
        parent = node.parents[slot]
        found = partial(self._tex(node), self._tex(parent))
        return found if node.parents.count(parent) == 1 else rf"\left.{found}\right|_{{{slot + 1}}}"

    # The chain rule

    def _sum(self) -> list[tuple[str, str]]:
        """The sum over all paths: as ∂s, in letters, with numbers, path by path, and what comes out."""
        paths = self._paths()
        made = [tidy(reduce(mul, [self.locals[edge] for edge in path], 1.0)) for path in paths]
        whole = reduce(add, made) if made else 0.0
        self.program.append((f"∂{self.names[self.y]}/∂{self.names[self.x]}", whole))
        sums = [
            [r"\;".join(map(self._partial, path)) or "1" for path in paths],
            [self._term(x) for x in made],
            [r" \cdot ".join(map(self._factor, path)) or "1" for path in paths],
            [scalar(self._of(x)) for x in made],
            [scalar(self._of(whole))],
        ]
        rows = [row for terms in dict.fromkeys(map(tuple, sums)) for row in lines(terms)]
        return [(partial(self._tex(self.y), self._tex(self.x)), rows[0]), *(("", row) for row in rows[1:])]

    def _term(self, x: Any) -> str:
        """A product with its sign in front, and no brackets."""
        if is_symbol(x) and x.primitive is not None and x.primitive.name == "negative":
            inside = x.operands[0]
            if is_symbol(inside) and inside.primitive is not None and inside.primitive.name == "multiply":
                return "-" + formula(inside, self.texts)
        return formula(x, self.texts)

    def _factor(self, edge: Edge) -> str:
        local = self.locals[edge]
        text = self._written(local)[1]
        adds = is_symbol(local) and local.primitive is not None and local.primitive.notation in ("+", "-")
        return rf"\left({text}\right)" if adds or text.startswith("-") else text

    def _sweep(self) -> list[tuple[str, str]]:
        """A line for each node, outputs first."""
        rows = []
        for node in reversed(self.among[:-1]):
            name = f"∂{self.names[self.y]}/∂{self.names[node]}"
            made = reduce(add, [tidy(self._arriving(edge)) for edge in reversed(self.uses[node])])
            self.program.append((name, made))
            left = self.texts[name] = partial(self._tex(self.y), self._tex(node))
            plugged = self._written(made)
            self.known[name] = float(self._of(made))
            said = total([self._said(edge) for edge in reversed(self.uses[node])])
            cells = [*(cell for cell in dict.fromkeys([said, *plugged]) if cell != left), scalar(self.known[name])]
            if sum(map(len, cells)) <= LETTERS:
                rows.append(equal(left, *cells))
            else:
                rows += [("" if i else left, f"= {cell}") for i, cell in enumerate(cells)]
        return rows

    def _arriving(self, edge: Edge) -> Any:
        """What comes along an edge: ∂y/∂result · ∂result/∂operand."""
        above, local = edge[0], self.locals[edge]
        return local if above is self.y else Symbol(f"∂{self.names[self.y]}/∂{self.names[above]}") * local

    def _said(self, edge: Edge) -> str:
        above = edge[0]
        first = "" if above is self.y else partial(self._tex(self.y), self._tex(above)) + r"\;"
        return first + self._partial(edge)

    # Paths

    def _count(self) -> int:
        count = {self.y: 1}
        for node in reversed(self.among[:-1]):
            count[node] = sum(count[above] for above, _ in self.uses[node])
        return count.get(self.x, 0)

    def _longest(self) -> int:
        left = {self.y: 0}
        for node in reversed(self.among[:-1]):
            left[node] = 1 + max(left[above] for above, _ in self.uses[node])
        return left.get(self.x, 0)

    def _paths(self) -> list[list[Edge]]:
        """Every path, as edges from y to x."""
        found: list[list[Edge]] = []
        waiting: list[tuple[Still, list[Edge]]] = [(self.x, [])]
        while waiting:
            node, path = waiting.pop()
            if node is self.y:
                found.append(path)
            waiting += [(above, [(above, slot), *path]) for above, slot in reversed(self.uses[node])]
        return found


def is_symbol(x: Any) -> bool:
    """Whether an expression is more than a number."""
    return isinstance(x, Symbol)


def sign_first(x: Any) -> Any:
    """A quotient with its sign in front, −(a / b) for (−a) / b: in a product the signs are gathered."""
    if not is_symbol(x) or x.primitive is None or x.primitive.name != "divide":
        return x
    above, below = x.operands
    if not is_symbol(above) or above.primitive is None or above.primitive.name != "negative":
        return x
    return -(above.operands[0] / below)


def _whole(x: Any) -> Any:
    """A whole number without a point."""
    return int(x) if isinstance(x, float) and x.is_integer() else x


def renamed(x: Any, names: Mapping[str, Any]) -> Any:
    """An expression with other letters, or with numbers in their places."""
    if not isinstance(x, Symbol):
        return x
    if x.primitive is None:
        return names.get(x.name, x)
    operands = [renamed(operand, names) for operand in x.operands]
    if not any(isinstance(part, Symbol) for part in (*operands, *x.params.values())):
        return x.primitive(*operands, **x.params)
    return READINGS[SYMBOL](x.primitive, operands, dict(x.params))
