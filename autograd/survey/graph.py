"""Graph: all nodes behind a result, as an object of its own."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import ndarray

from autograd.cost import flops
from autograd.errors import OperandError, describe, place
from autograd.graph import edges
from autograd.node import Node
from autograd.survey.question import gradient, kind, question
from autograd.view.names import all_names, names_of
from autograd.view.text import entries, number
from autograd.view.trace import reading_order, roots_of

if TYPE_CHECKING:
    from autograd.survey.difference import Difference
    from autograd.view.draw import Picture

SHOWN = 20  # nodes of a table


@dataclass(frozen=True)
class Statistics:
    """Figures of a graph. `bytes` are those of all arrays, each once; `depth` is the longest chain of operations."""

    nodes: int
    edges: int
    results: int
    leaves: int
    constants: int
    depth: int
    elements: int  # of the leaves
    bytes: int
    gradient_bytes: int
    flops: int
    operations: Counter[str]

    def __str__(self) -> str:
        common = ", ".join(f"{name} × {n:,}" for name, n in self.operations.most_common(8))
        more = len(self.operations) - 8
        return "\n".join(
            [
                f"{self.nodes:,} nodes: {self.results:,} results, {self.leaves:,} leaves of {self.elements:,} numbers, "
                f"{self.constants:,} constants",
                f"{self.edges:,} edges, the longest chain {self.depth:,} operations",
                f"{_bytes(self.bytes)} of numbers, {_bytes(self.gradient_bytes)} of gradients, "
                f"{self.flops:,} floating-point operations",
                common + (f" and {more} more" if more > 0 else ""),
            ]
        )


class Graph:
    """Everything that a result, or several, were made from: nodes in reading order, operands first.

    Names are taken from the variables of the caller, from labels, and from `annotate()`; nodes without one are called
    v1, v2, ... A part of a graph (`where`, `between`) is a Graph again, with the same names.

    The nodes are the living ones: what an optimizer changes in them is changed here, too. To compare two steps of
    training, take a `copy()` of the first.

    Cost: a look at each node, and at the caller's variables.

    >>> import autograd
    >>> x, w = autograd.Value(2.0), autograd.Value(-3.0)
    >>> y = autograd.exp(x * w) + w
    >>> y.backward()
    >>> graph = Graph(y)
    >>> len(graph), graph["w"].grad == w.grad, [node.operation for node in graph.where(kind="result")]
    (5, True, ['*', 'exp', '+'])
    >>> print(graph.where(grad_abs_gt=0.5))
    node          value     gradient
    w     leaf    -3.0      1.005
    v2    exp     0.002479  1.0
    y     +       -2.998    1.0
    """

    def __init__(self, y: Any, *, names: Mapping[str, Any] | None = None) -> None:
        if names is None:
            caller = sys._getframe(1)
            names = {**{k: v for k, v in caller.f_globals.items() if k not in caller.f_locals}, **caller.f_locals}
        roots = roots_of(y)
        self._set(reading_order(roots), roots)
        self.names = all_names(self.nodes, names_of(self.nodes, names))

    def _set(self, nodes: Sequence[Node], roots: Sequence[Node]) -> None:
        self.nodes = list(nodes)
        self.roots = list(roots)
        self._members = set(self.nodes)

    def _part(self, nodes: Iterable[Node]) -> Graph:
        part = object.__new__(Graph)
        chosen = list(nodes)
        used = {parent for node in chosen for parent in node.parents}
        part._set(chosen, [node for node in chosen if node not in used])
        part.names = self.names
        return part

    # As a collection

    def __len__(self) -> int:
        return len(self.nodes)

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    def __contains__(self, node: object) -> bool:
        return node in self._members

    def __getitem__(self, key: Any) -> Any:
        """A node by its name or its place; several places, or conditions, make a part."""
        if isinstance(key, slice):
            return self._part(self.nodes[key])
        if isinstance(key, int):
            return self.nodes[key]
        found = self._named.get(key) if isinstance(key, str) else key if key in self else None
        if found is None:
            some = ", ".join([self.names[node] for node in self.nodes if node in self.names][:8])
            raise KeyError(f"no node of this graph is called {key!r}; there are {some}, ...")
        return found

    @cached_property
    def _named(self) -> dict[str, Node]:
        return {self.names[node]: node for node in reversed(self.nodes) if node in self.names}

    @property
    def edges(self) -> list[tuple[Node, Node, int]]:
        """Every edge inside, as (operand, result, slot)."""
        return [(p, node, slot) for p, node, slot in edges(self.nodes) if p in self._members]

    @property
    def leaves(self) -> list[Node]:
        """What the user made and wants gradients of."""
        return [node for node in self.nodes if kind(node) == "leaf"]

    # Searching

    def where(self, test: Callable[[Node], bool] | None = None, /, **conditions: Any) -> Graph:
        """The nodes for which all conditions hold.

        | condition | holds for nodes |
        |---|---|
        | `op="exp"`, `kind="leaf"`, `name="w"`, `shape=(3, 2)`, `dtype="float32"` | that have it |
        | `grad_abs_gt=10`, `data_lt=0`, `size_ge=100` | of which some element is larger, smaller, ... |
        | `op_in=["exp", "log"]` | that have one of these |
        | `nan=True`, `inf=True`, `finite=False`, `requires_grad=True` | with such numbers, or that |
        | a function of a node | for which it is true |

        Fields: op, name, kind, shape, ndim, size, dtype, data, data_abs, grad, grad_abs, line, file; comparisons gt,
        ge, lt, le, ne, in.

        Errors: OperandError for a condition that is none of these.
        """
        asked = question(conditions, self.names)
        return self._part(node for node in self.nodes if asked(node) and (test is None or test(node)))

    def between(self, a: Any, b: Any) -> Graph:
        """The nodes on all ways from a to b, these two included; empty when none leads there. Nodes or names."""
        start, end = self[a], self[b]
        reached = {start}
        for node in self.nodes:
            if not reached.isdisjoint(node.parents):
                reached.add(node)
        wanted = {end}
        for node in reversed(self.nodes):
            if node in wanted:
                wanted.update(node.parents)
        return self._part(node for node in self.nodes if node in reached and node in wanted)

    # Measuring

    @property
    def statistics(self) -> Statistics:
        """Figures of the whole."""
        depth: dict[Node, int] = {}
        for node in self.nodes:
            depth[node] = 1 + max((depth.get(p, 0) for p in node.parents), default=0) if node.parents else 0
        kinds = Counter(map(kind, self.nodes))
        gradients = [g for g in map(gradient, self.nodes) if g is not None]
        stop = [node for node in self.nodes if not all(p in self._members for p in node.parents)]
        return Statistics(
            len(self.nodes),
            len(self.edges),
            kinds["result"],
            kinds["leaf"],
            kinds["constant"],
            max(depth.values(), default=0),
            sum(np.size(leaf.data) for leaf in self.leaves),
            _distinct(node.data for node in self.nodes),
            _distinct(gradients),
            flops([node for node in self.roots if node not in stop], stop=stop),
            Counter(node.operation for node in self.nodes if node.parents),
        )

    @property
    def memory(self) -> int:
        """Bytes of all numbers and gradients, each array once."""
        return self.statistics.bytes + self.statistics.gradient_bytes

    # Comparing and writing down

    def copy(self) -> Graph:
        """A graph of its own, with copies of all numbers and gradients, which nothing changes any more."""
        from autograd.survey.exchange import copied

        return copied(self)

    def diff(self, other: Graph, rtol: float = 1e-9) -> Difference:
        """What is different in another graph: nodes, numbers, gradients, settings; as text and as a picture."""
        from autograd.survey.difference import diff

        return diff(self, other, rtol)

    def to_json(self) -> str:
        """The graph as text, with all numbers exactly. Errors: OperandError when a parameter cannot be written."""
        from autograd.survey.exchange import to_json

        return to_json(self)

    @staticmethod
    def from_json(text: str | bytes) -> Graph:
        """The graph that `to_json` has written. Nothing in the text is run, and what does not fit is refused.

        Every result is computed again from its operands and must come out the same.

        Errors: OperandError that says what is wrong.
        """
        from autograd.survey.exchange import from_json

        return from_json(text)

    def to_networkx(self) -> Any:
        """The graph as a `networkx.MultiDiGraph`: nodes by name, edges from operand to result with their `slot`."""
        import networkx  # type: ignore[import-untyped]

        found = networkx.MultiDiGraph()
        for node in self.nodes:
            told = {"op": node.operation if node.parents else None, "kind": kind(node), "data": node.data}
            found.add_node(self.names[node], **told, grad=gradient(node), shape=np.shape(node.data))
        for parent, node, slot in self.edges:
            found.add_edge(self.names[parent], self.names[node], slot=slot)
        return found

    def draw(self, **how: Any) -> Picture:
        """A picture of what the roots were made from: see `autograd.draw`."""
        from autograd.view.draw import draw

        return draw(self.roots, **how)

    def __eq__(self, other: object) -> bool:
        """Whether both have the same nodes: operations, settings, operands, names, numbers and gradients."""
        return isinstance(other, Graph) and len(self) == len(other) and not self.diff(other, 0.0)

    __hash__ = None  # type: ignore[assignment]

    # Shown

    def __repr__(self) -> str:
        return f"<Graph of {len(self):,} nodes>"

    def __str__(self) -> str:
        return (
            "\n".join(
                " ".join(part.ljust(w) for part, w in zip(line, _widths(self._rows()), strict=True)).rstrip()
                for line in self._rows()
            )
            + self._more()
        )

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"

    def _rows(self) -> list[list[str]]:
        rows = [["node", "", "", "value", "gradient"]]
        for node in self.nodes[:SHOWN]:
            what = node.operation if node.parents else kind(node)
            shape = str(np.shape(node.data)) if type(node.data) is ndarray else ""
            rows.append([self.names.get(node, ""), what, shape, _short(node.data), _short(gradient(node))])
        return rows

    def _more(self) -> str:
        return f"\nand {len(self) - SHOWN:,} more" if len(self) > SHOWN else ""


def graph_of(thing: Any, names: Mapping[str, Any]) -> Graph:
    """A graph, or that of a result. Errors: OperandError for anything else."""
    if isinstance(thing, Graph):
        return thing
    if not isinstance(thing, Node):
        raise OperandError(f"a Graph, a Value or a Tensor is needed, and not {describe(thing)}.{place()}")
    return Graph(thing, names=names)


def _widths(rows: Sequence[Sequence[str]]) -> list[int]:
    return [max(len(row[i]) for row in rows) + 1 for i in range(len(rows[0]))]


def _short(x: Any) -> str:
    if x is None:
        return "·"
    if isinstance(x, ndarray) and not x.ndim:
        x = x.item()
    parts = entries(x)
    return parts[0] if len(parts) == 1 else " … ".join(parts)


def _distinct(arrays: Iterable[Any]) -> int:
    """Bytes of arrays, of views those of what they look at, each once; a float has eight."""
    seen: dict[int, int] = {}
    floats = 0
    for x in arrays:
        if isinstance(x, ndarray):
            while isinstance(x.base, ndarray):
                x = x.base
            seen[id(x)] = x.nbytes
        else:
            floats += 8
    return sum(seen.values()) + floats


def _bytes(n: int) -> str:
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if n < 1024 or unit == "GiB":
            return f"{number(float(n)) if unit != 'bytes' else n} {unit}"
        n /= 1024  # type: ignore[assignment]
    raise AssertionError
