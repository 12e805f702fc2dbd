"""The two sweeps over a recorded graph: cotangents pulled back from the outputs, tangents pushed forward from the
inputs. They know no rule; the rules know no sweep.

Both read the operands of a rule through `see`. Reading `numbers`, the rules compute floats and arrays. Reading the
nodes themselves, the rules record what they compute, and the derivative can be differentiated again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from operator import attrgetter
from typing import Any

from autograd.errors import AutogradError
from autograd.hook import hooked
from autograd.node import Node
from autograd.origin import watch_here
from autograd.scattered import Scatter

See = Callable[[Node], Any]

numbers: See = attrgetter("data")

guarded: dict[str, Any] = {}  # both sweeps as `detect_anomaly` makes them, who puts them here when it is first used
witnesses: list[None] = []  # as long as the number of `detect_anomaly` blocks that are open, and of nodes made in them


def nodes(node: Node) -> Node:
    """Read a node as itself, so that what a rule does with it is recorded."""
    return node


def is_watched(order: Iterable[Node]) -> bool:
    """Whether somebody is to look for anomalies in a sweep over these nodes."""
    return bool(witnesses) and (watch_here() is not None or any(node.witness is not None for node in order))


def pull_back(
    order: list[Node],
    cotangents: Mapping[Node, Any],
    see: See = numbers,
    among: Collection[Node] | None = None,
    ends: Collection[Node] = (),
) -> Iterator[tuple[Node, Any]]:
    """Reverse mode: yield each node that a cotangent reaches, outputs first, with its complete adjoint.

    `order` is topological and is used up, so that what nobody else holds is freed as the sweep passes it. A node's
    adjoint is the sum of the contributions of all its consumers, which is why they must all come before it. With
    `among` only nodes of that set receive contributions. At `ends` the sweep goes no further: there another one is on
    its way, in which this is one contribution of several.
    """
    if is_watched(order):
        return guarded["pull"](order, cotangents, see, among, ends)  # type: ignore[no-any-return]
    return pulled(order, cotangents, see, among, ends)


def pulled(
    order: list[Node],
    cotangents: Mapping[Node, Any],
    see: See,
    among: Collection[Node] | None = None,
    ends: Collection[Node] = (),
) -> Iterator[tuple[Node, Any]]:
    """What `pull_back` does where nobody watches."""
    adjoint = dict(cotangents)
    ours: set[Node] = set()  # nodes whose adjoint is a sum of numbers made here, which may be added to in place
    while order:
        node = order.pop()
        g = adjoint.pop(node, None)
        if g is None:
            continue
        if type(g) is Scatter:
            g = g.dense()
        if hooked and node.hooks is not None and node not in ends:
            g = node.hooks.change(node, g)
        parents = node.parents
        yield node, g
        if not parents or (ends and node in ends):
            continue
        wanted = [p.primitive is not None if among is None else p in among for p in parents]
        for parent, contribution, want in zip(parents, contributions(node, g, wanted, see), wanted, strict=True):
            if contribution is None or not want:
                continue
            if type(contribution) is Scatter and see is nodes:
                contribution = contribution.dense()
            arrived = adjoint.get(parent)
            if arrived is None:
                adjoint[parent] = contribution
            elif parent in ours and type(contribution) is type(arrived):
                arrived += contribution
                adjoint[parent] = arrived
            else:
                adjoint[parent] = arrived + contribution
                if see is numbers:
                    ours.add(parent)


def contributions(node: Node, g: Any, wanted: list[bool], see: See = numbers) -> Any:
    """What one node sends to its parents: its primitive's rule; where Python's floats raise, what IEEE 754 says."""
    args = [see(parent) for parent in node.parents]
    primitive: Any = node.primitive
    try:
        return primitive.pull(g, see(node), args, wanted, node.params)
    except ArithmeticError:  # such as 1 / 0.0
        return primitive.pull_ieee(g, see(node), args, wanted, node.params)
    except AutogradError as error:
        if primitive.domain:  # it is a real operation, not a mark
            error.add_note(f"  in the rule of {primitive.name}")
        raise


def push_forward(order: Iterable[Node], tangents: Mapping[Node, Any], see: See = numbers) -> dict[Node, Any]:
    """Forward mode: the tangent of every node of a topological order that the given tangents reach."""
    order = list(order)
    if is_watched(order):
        return guarded["push"](order, tangents, see)  # type: ignore[no-any-return]
    return pushed(order, tangents, see)


def pushed(order: Iterable[Node], tangents: Mapping[Node, Any], see: See) -> dict[Node, Any]:
    """What `push_forward` does where nobody watches."""
    tangent = dict(tangents)
    for node in order:
        if node in tangent or not node.parents:
            continue
        arriving = [tangent.get(parent) for parent in node.parents]
        if any(t is not None for t in arriving):
            args = [see(p) for p in node.parents]
            primitive: Any = node.primitive
            try:
                t = primitive.push(arriving, see(node), args, node.params)
            except ArithmeticError:
                t = primitive.push_ieee(arriving, see(node), args, node.params)
            if t is not None:
                tangent[node] = t
    return tangent
