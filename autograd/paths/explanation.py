"""Explanation: the paths that a gradient is the sum of, to print, to show in a notebook, and to compute with."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.backward import seed_of
from autograd.errors import GradientError, OperandError, describe, place
from autograd.graph import descendants, topological_order
from autograd.node import Node
from autograd.paths.output import output_of
from autograd.paths.walk import Step, walk
from autograd.sweep import contributions
from autograd.view.names import all_names, names_of
from autograd.view.text import entries, number

SHOWN = 7  # steps of a path; of longer ones the middle is left out


@dataclass(frozen=True)
class Path:
    """One way from the output to the input.

    | attribute | what it is |
    |---|---|
    | `steps` | the edges, from the output on: `step.result`, `step.operand`, `step.slot` |
    | `contribution` | what the path adds to the gradient |
    | `locals` | ∂result/∂operand of each step, where both are single numbers; else None |
    """

    steps: list[Step]
    contribution: Any

    @property
    def locals(self) -> list[float | None]:
        """The local derivatives, whose product is the contribution."""
        return [_local(step) for step in self.steps]

    @property
    def nodes(self) -> list[Node]:
        """The nodes from the output to the input."""
        return [step.result for step in self.steps] + [self.steps[-1].operand] if self.steps else []

    def __len__(self) -> int:
        return len(self.steps)


@dataclass(frozen=True)
class Explanation:
    """A gradient as a sum over paths.

    | attribute | what it is |
    |---|---|
    | `total` | ∂y/∂x, which is the sum of all paths |
    | `paths` | the largest, largest first |
    | `rest` | what the paths that are not among them add up to |
    | `count` | how many paths there are |
    | `exact` | whether `paths` are surely the largest: in a graph of arrays with very many they may not be |
    """

    x: Node
    y: Node
    total: Any
    paths: list[Path]
    rest: Any
    count: int
    exact: bool
    names: Mapping[Node, str]

    def __str__(self) -> str:
        return "\n".join(self._lines())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"

    def _lines(self) -> list[str]:
        what = f"∂{self.names[self.y]}/∂{self.names[self.x]}"
        if not self.count:
            return [f"{what} = 0: no path leads from {self.names[self.y]} to {self.names[self.x]}."]
        many = f"{self.count:,} paths" if self.count < 10**15 else f"{self.count:.3g} paths".replace("e+", "e")
        lines = [
            f"{what} = {_figure(self.total)}, " + ("along one path:" if self.count == 1 else f"the sum of {many}:")
        ]
        figures = [_figure(path.contribution) for path in self.paths]
        width = max(map(len, figures), default=0)
        lines += [f"  {f:>{width}}  {self._told(path)}" for f, path in zip(figures, self.paths, strict=True)]
        hidden = self.count - len(self.paths)
        if hidden:
            others = f"{hidden:,} others" if hidden < 10**15 else "all others"
            lines.append(f"  {_figure(self.rest):>{width}}  {'the other one' if hidden == 1 else others} together")
        if not self.exact:
            lines.append("  (Of so many paths through arrays, larger ones may have been missed.)")
        lines += self._about_grad()
        return lines

    def _told(self, path: Path) -> str:
        """A path in words: the product of its local derivatives, or the operations it goes through."""
        if not path.steps:
            return "they are one and the same"
        partials = path.locals
        parts = [
            f"∂{self.names[step.result]}/∂{self.names[step.operand]}"
            + (f" ({number(local)})" if local is not None else f" ({step.result.operation})")
            for step, local in zip(path.steps, partials, strict=True)
        ]
        if len(parts) > SHOWN:
            parts = [*parts[:3], f"… {len(parts) - 6} more …", *parts[-3:]]
        return " · ".join(parts)

    def _about_grad(self) -> list[str]:
        grad = getattr(self.x, "grad", None)
        if grad is None or grad is self.x.no_gradient:
            return []
        grad = getattr(grad, "data", grad)
        if np.shape(grad) == np.shape(self.total) and np.allclose(grad, self.total, rtol=1e-5, equal_nan=True):
            return []
        name = self.names[self.x]
        return [f"{name}.grad is {_figure(grad)}: other results, or earlier calls of backward(), have added to it."]


def explain(x: Node, y: Node | None = None, *, top: int = 5, seed: Any = None, names: Any = None) -> Explanation:
    """Where the gradient of x came from: the paths from y to x, the `top` largest of them one by one.

    By the chain rule ∂y/∂x is a sum over all paths, and each path is the product of the local derivatives along it;
    an operand that is used twice, as in a * a, makes two. Without y it is the result that was made from x. Of a y that
    is not a single number, `seed` is the gradient to start with. `names` are the variables to take names from, by
    default those of the caller.

    Errors: GradientError when no y is found, or several, or when x does not require grad. Cost: about a sweep for each
    path that is kept, of which graphs of arrays keep 256; a graph of 100,000 Values takes a second or two.

    >>> import autograd
    >>> a = autograd.Value(3.0)
    >>> b = a * 2.0
    >>> c = a * b + a
    >>> c.backward()
    >>> print(explain(a))
    ∂c/∂a = 13.0, the sum of 3 paths:
      6.0  ∂c/∂v1 (1.0) · ∂v1/∂a (6.0)
      6.0  ∂c/∂v1 (1.0) · ∂v1/∂b (3.0) · ∂b/∂a (2.0)
      1.0  ∂c/∂a (1.0)
    """
    if not isinstance(x, Node) or (y is not None and not isinstance(y, Node)):
        raise OperandError(
            f"explain takes a Value or Tensor, and the result it went into: got {describe(x)}"
            f"{'' if y is None else f' and {describe(y)}'}.{place()}"
        )
    if x.primitive is None:
        raise GradientError(f"{describe(x)} does not require grad: no gradient comes to it.{place()}")
    if top < 0:
        raise OperandError(f"explain: top is how many paths to show, and {top} is no such number.{place()}")
    if y is None:
        y = output_of(x)
    if names is None:
        caller = sys._getframe(1)
        names = {**{k: v for k, v in caller.f_globals.items() if k not in caller.f_locals}, **caller.f_locals}
    order = descendants(topological_order([y], stop=[x]), [x])
    found = walk(order, y, x, seed_of(y, seed, False), top)
    paths = [Path(steps, g) for steps, g in found.paths]
    rest = found.total - sum((path.contribution for path in paths), found.total * 0.0)
    if found.count == len(paths):
        rest = found.total * 0.0
    whole = list(dict.fromkeys([*order, x, y]))
    called = all_names(whole, names_of(whole, names))
    return Explanation(x, y, found.total, paths, rest, found.count, found.exact, called)


def _local(step: Step) -> float | None:
    node = step.result
    if type(node.data) is not float or type(step.operand.data) is not float:
        return None
    wanted = [slot == step.slot for slot in range(len(node.parents))]
    with np.errstate(all="ignore"):
        found = contributions(node, 1.0, wanted)[step.slot]
    return None if found is None else float(found)


def _figure(g: Any) -> str:
    """A number, the elements of a small array, or the size and length of a larger one."""
    if isinstance(g, ndarray) and g.ndim and g.size > 6:
        return f"{g.shape}, |·| = {number(float(np.linalg.norm(g)))}"
    return entries(g.item() if isinstance(g, ndarray) and not g.ndim else g)[0]
