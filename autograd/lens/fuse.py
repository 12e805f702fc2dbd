"""fuse: the other way round. A sum of products of Values becomes one node, the inside of a neuron."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from autograd.errors import OperandError, describe, place
from autograd.graph import topological_order
from autograd.lens.agreement import compare, pulled
from autograd.lens.element import add_up
from autograd.lens.frame import Operation, placed, scope_of
from autograd.modes import enable_grad
from autograd.node import Node
from autograd.origin import Scope
from autograd.rules.contraction import dot
from autograd.value import Value
from autograd.view.module import innermost

LEAST = 2  # products that make a sum of products
SUMS = ("add", "total")
BENDS = frozenset("tanh relu sigmoid leaky_relu softplus elu gelu gelu_tanh silu selu celu mish softsign".split())


class Sum(NamedTuple):
    """A sum of products: the nodes that it is made of, its products, and its other terms."""

    inside: set[Node]
    products: list[Node]
    others: list[Node]


def fuse(y: Node) -> Any:
    """The same graph of Values, with one node, w · x + b, for each sum of products: a neuron as it is meant.

    Sums of two products or more are taken together, w₁x₁ + ... + wₙxₙ + b, as far as no part of them is used elsewhere;
    what is no product is the bias. The left factors are the weights. A node and the tanh, relu or so that it goes
    through are a frame in pictures, `neuron`; `draw(fuse(y), fold="neuron*")` makes it one box. `zoom` opens a dot node
    again.

    The leaves are those of y: a backward pass leaves its gradients there. Values and gradients are checked to be those
    of y before it is returned; they may differ in the last digits, as the order of additions does.

    Errors: OperandError for what is no Value. Cost: about that of computing y again, and a backward pass of each.

    >>> import autograd
    >>> w, x = [autograd.Value(0.5), autograd.Value(-1.0)], [autograd.Value(2.0), autograd.Value(3.0)]
    >>> y = autograd.tanh(w[0] * x[0] + w[1] * x[1] + 1.0)
    >>> n = autograd.fuse(y)
    >>> n.operation, n.parents[0].operation, len(autograd.topological_order([y])), len(autograd.topological_order([n]))
    ('tanh', '·', 9, 6)
    """
    if not isinstance(y, Value):
        raise OperandError(
            f"fuse takes a Value, the result of a graph of single numbers, and got {describe(y)}.{place()}\n"
            "  Of a Tensor, zoom(y, index) makes one."
        )
    order = topological_order([y])
    sums = _sums(order, y)
    inside = {part for found in sums.values() for part in found.inside}
    new: dict[Node, Any] = {}
    with enable_grad():
        for node in order:
            if node in inside:
                continue
            if node in sums:
                new[node] = _dot(node, sums[node], new)
            elif any(new.get(parent, parent) is not parent for parent in node.parents):
                new[node] = _again(node, [new.get(parent, parent) for parent in node.parents])
    found = new.get(y, y)
    if sums:
        _frame(order, sums, new)
        _agree(y, found)
    return found


def _sums(order: Sequence[Node], y: Node) -> dict[Node, Sum]:
    """The sums of products in a graph, by the last addition of each."""
    uses = Counter(parent for node in order for parent in node.parents)
    found: dict[Node, Sum] = {}
    taken: set[Node] = set()
    for node in reversed(order):
        if _name(node) not in SUMS or node in taken:
            continue
        parts = Sum(set(), [], [])
        stack = list(reversed(node.parents))
        while stack:
            part = stack.pop()
            ours = uses[part] == 1 and part is not y
            if ours and _name(part) in SUMS:
                stack += reversed(part.parents)
                parts.inside.add(part)
            elif ours and _name(part) == "multiply":
                parts.products.append(part)
                parts.inside.add(part)
            elif part.primitive is not None or part.data != 0.0:  # the 0.0 that sum() begins with is left out
                parts.others.append(part)
        taken |= parts.inside
        if len(parts.products) >= LEAST:
            found[node] = parts
    return found


def _name(node: Node) -> str:
    return node.primitive.name if node.primitive is not None and isinstance(node, Value) else ""


def _dot(node: Node, parts: Sum, new: Mapping[Node, Any]) -> Any:
    weights, xs = zip(*([new.get(p, p) for p in product.parents] for product in parts.products), strict=True)
    others = [new.get(p, p) for p in parts.others]
    return _like(node, dot(list(weights), list(xs), add_up(others) if others else None))


def _again(node: Node, operands: Sequence[Any]) -> Any:
    """The same operation with other operands."""
    primitive: Any = node.primitive
    return _like(node, primitive(*operands, **node.params))


def _like(node: Node, made: Any) -> Any:
    made.label, made.origin = node.label, node.origin
    return made


def _frame(order: Sequence[Node], sums: Mapping[Node, Sum], new: Mapping[Node, Any]) -> None:
    """Put each sum of products, and the one function that it goes through, into a frame of their own."""
    users: dict[Node, list[Node]] = {node: [] for node in sums}
    for node in order:
        for parent in node.parents:
            if parent in users:
                users[parent].append(node)
    for i, node in enumerate((node for node in order if node in users), start=1):
        found = users[node]
        neuron = [node, *found] if len(found) == 1 and _name(found[0]) in BENDS else [node]
        around = innermost(map(scope_of, [*neuron, *sums[node].inside]))
        while isinstance(around, Operation):  # the frame of the neuron takes its place
            around = around.outer
        if around is None or any(scope_of(part) is not around for part in neuron):  # else it has a frame of its own
            scope = Scope(f"neuron {i}" if len(users) > 1 else "neuron", "", 0, around, _inputs(new[node]))
            for part in neuron:
                new[part].origin = placed(part, scope)


def _inputs(node: Node) -> tuple[Node, ...]:
    """The leaves that stand outside: all factors, unless one of the two sides alone is all leaves: the weights."""
    n = len(node.parents) // 2
    sides = node.parents[:n], node.parents[n : 2 * n]
    single = [all(not x.parents for x in side) for side in sides]
    return tuple(x for side, weights in zip(sides, single, strict=True) if all(single) or not weights for x in side)


def _agree(y: Node, found: Node) -> None:
    compare(found.data, y.data, y, "fuse: the value", "the old one")
    old, now = (pulled(topological_order([root]), {root: 1.0}) for root in (y, found))
    for leaf, g in old.items():
        compare(now.get(leaf, 0.0), g, y, "fuse: a gradient", "the old one")
