"""Gather: the items that a picture is made of before it is folded: single nodes, whole modules, sums of products.

No circle can arise among them. One call of a module cannot depend on itself. But a module that was inferred may, as its
calls are one, and so may modules that call one another by turns. Such modules are cut into parts: a node is in a later
part where a path to it has changed the module more often.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from numpy import ndarray

from autograd.node import Node
from autograd.origin import Scope
from autograd.view.choice import Closes
from autograd.view.circle import circling, in_order
from autograd.view.text import settings

PRODUCTS = 2  # from so many on, a sum of products is one item


class Graph:
    """Nodes in reading order, with parents and roots as positions in it, and the scopes of those that are in one."""

    def __init__(self, order: Sequence[Node], roots: Collection[Node], scopes: Mapping[Node, Scope]) -> None:
        place = {node: i for i, node in enumerate(order)}
        self.nodes = order
        self.parents = [[place[parent] for parent in node.parents] for node in order]
        self.roots = {place[root] for root in roots}
        self.scopes = [scopes.get(node) for node in order] if scopes else [None] * len(order)

    def by_call(self) -> list[Scope | None]:
        """The scopes, where a leaf is only in those calls of a module that contain all of its uses."""
        found = list(self.scopes)
        for i, parents in enumerate(self.parents):
            chain: Sequence[Scope] | None = None
            for parent in parents:
                scope = found[parent]
                if scope is None or self.parents[parent]:
                    continue
                if chain is None:
                    user = self.scopes[i]
                    chain = user.chain if user else ()
                while scope is not None and scope not in chain:
                    scope = scope.outer
                found[parent] = scope
        return found


@dataclass(slots=True)
class Item:
    """Nodes that are drawn as one thing, as positions in the reading order.

    `operands` are other items, and `roles` say what each is used for; what is alike is of one `sort`; `scope` is the
    module that it is, or that it stands in.
    """

    members: list[int]
    operands: Sequence[int]
    roles: Sequence[int]
    sort: int
    kind: Literal["node", "module", "sum"] = "node"
    scope: Scope | None = None


def gather(graph: Graph, closed: Closes | None = None, folded: bool = False) -> list[Item]:
    """The items of a graph in a topological order: the modules for which `closed` holds, what stands outside of them,
    and when it will be `folded` each w₁x₁ + ... + wₙxₙ of Values that has no part which is used elsewhere.
    Constants that are one array are one item.
    """
    owners: list[object] = list(range(len(graph.nodes)))  # of each node: its module, or the last node of its sum, or it
    scopes = graph.scopes if folded else graph.by_call()
    if closed is not None:
        scopes = _close(graph, scopes, closed, owners)
    _join_arrays(graph, owners)
    if folded:
        _sum_up(graph, scopes, owners)
    groups, order = _in_order(graph, _numbered(owners))
    members: list[list[int]] = [[] for _ in order]
    for i, group in enumerate(groups):
        members[order[group]].append(i)
    turn = [order[group] for group in groups]
    sorts = _Sorts(graph)
    items = []
    for inside in members:
        last = inside[-1]
        owner, scope, parents = owners[last], scopes[last], graph.parents[last]
        if isinstance(owner, Scope) and not parents and len(inside) == 1:
            scope, owner = owner.outer, last  # a leaf of a module that was cut into parts
        if isinstance(owner, Scope):
            items.append(Item(inside, *sorts.of_several(inside, turn, owner.kind), "module", owner))
        elif parents and len(inside) > 1:
            items.append(Item(inside, *sorts.of_several(inside, turn), "sum", scope))
        else:
            items.append(
                Item(inside, [turn[p] for p in parents], range(len(parents)), sorts.of_node(last), scope=scope)
            )
    return items


class _Sorts:
    """What alike nodes, and alike modules, have in common besides their operands, as numbers."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._known: dict[object, int] = {}

    def of_node(self, i: int) -> int:
        """A number for the operation of a node and the shape of its result."""
        node = self._graph.nodes[i]
        key: tuple[object, ...] = type(node), node.primitive, getattr(node.data, "shape", None)
        if node.params:  # but for where an element is taken from
            key = *key, settings("", {name: x for name, x in node.params.items() if name != "index"})
        return self._number(key)

    def of_several(self, members: list[int], turn: Sequence[int], kind: str = "") -> tuple[list[int], list[int], int]:
        """The items that these nodes use, and what for; and a number for what all of them do together."""
        at = {i: number for number, i in enumerate(members)}
        operands: dict[int, int] = {}
        roles: list[int] = []
        key: list[object] = [kind]
        for i in members:
            sort = self.of_node(i)
            key.append(sort)
            for slot, parent in enumerate(self._graph.parents[i]):
                if parent in at:
                    key.append(at[parent])
                    continue
                if turn[parent] not in operands:
                    operands[turn[parent]] = len(operands)
                    roles.append(self._number((sort, slot)))
                key.append(-1 - operands[turn[parent]])
        return list(operands), roles, self._number(tuple(key))

    def _number(self, key: object) -> int:
        return self._known.setdefault(key, len(self._known))


def _close(graph: Graph, scopes: Sequence[Scope | None], closed: Closes, owners: list[object]) -> list[Scope | None]:
    """Give every node of a closed module that module, the outermost one if there are several around it.

    The scopes of what is left come back: a leaf that several calls of a closed module use stands outside of it.
    """
    box: dict[Scope, Scope | None] = {
        scope: next((outer for outer in scope.chain if closed(outer)), None) for scope in set(scopes) if scope
    }
    mine = [box[scope] if scope else None for scope in scopes]
    shared = {
        p for i, parents in enumerate(graph.parents) for p in parents if not graph.parents[p] and mine[p] is not mine[i]
    }
    left = list(scopes)
    for i, scope in enumerate(mine):
        if scope is not None and i in shared:
            left[i] = scope.outer
        elif scope is not None:
            owners[i] = scope
    return left


def _join_arrays(graph: Graph, owners: list[object]) -> None:
    """Make one of all constants that are one array: the same input of several operations."""
    known: dict[int, int] = {}
    for i, node in enumerate(graph.nodes):
        if node.primitive is None and type(node.data) is ndarray and owners[i] == i:
            owners[i] = known.setdefault(id(node.data), i)


def _sum_up(graph: Graph, scopes: Sequence[Scope | None], owners: list[object]) -> None:
    names = [node.primitive.name if node.primitive and type(node.data) is float else "" for node in graph.nodes]
    uses = [0] * len(names)
    for parents in graph.parents:
        for parent in parents:
            uses[parent] += 1
    for root in reversed(range(len(names))):
        if names[root] not in ("add", "total") or owners[root] != root:
            continue
        members, products, stack = [root], 0, [root]
        while stack:
            for parent in graph.parents[stack.pop()]:
                if uses[parent] > 1 or owners[parent] != parent or scopes[parent] is not scopes[root]:
                    continue
                if names[parent] in ("add", "total"):
                    stack.append(parent)
                elif names[parent] == "multiply":
                    products += 1
                elif graph.nodes[parent].primitive is not None or graph.nodes[parent].data != 0.0:
                    continue  # an operand; but the 0.0 that many sums begin with is a part
                members.append(parent)
        if products >= PRODUCTS and graph.roots.isdisjoint(members[1:]):
            for i in members:
                owners[i] = root


def _numbered(owners: Sequence[object]) -> list[int]:
    known: dict[object, int] = {}
    return [known.setdefault(owner, len(known)) for owner in owners]


def _in_order(graph: Graph, groups: list[int]) -> tuple[list[int], dict[int, int]]:
    """Groups without circles, and the place of each in a topological order: there where its last member stands."""
    if len(set(groups)) == len(groups):
        return groups, {group: i for i, group in enumerate(groups)}
    circles = circling(_links(graph, groups))
    if circles:
        groups = _cut(graph, groups, circles)
    last: dict[int, int] = {}
    for i, group in enumerate(groups):
        if graph.parents[i] or group not in last:  # but what has no parents stands before its first use
            last[group] = i
    order = in_order(_links(graph, groups), last.__getitem__)
    return groups, {group: i for i, group in enumerate(order)}


def _links(graph: Graph, groups: Sequence[int]) -> dict[int, set[int]]:
    """For each group those that use it."""
    users: dict[int, set[int]] = {group: set() for group in groups}
    for i, group in enumerate(groups):
        for parent in graph.parents[i]:
            if groups[parent] != group:
                users[groups[parent]].add(group)
    return users


def _cut(graph: Graph, groups: list[int], circling: Collection[int]) -> list[int]:
    """Groups in a circle, cut into parts: every link between parts leads from an earlier one to a later one. Leaves
    are apart: what several parts use is in none of them.
    """
    parts: dict[tuple[int, int], int] = {}
    level = [0] * len(groups)
    found = list(groups)
    for i, group in enumerate(groups):
        if group in circling:
            before = [level[p] + (groups[p] != group) for p in graph.parents[i] if groups[p] in circling]
            level[i] = max(before, default=0)
            part = (group, level[i]) if graph.parents[i] else (-1, i)
            found[i] = parts.setdefault(part, len(groups) + len(parts))
    return found
