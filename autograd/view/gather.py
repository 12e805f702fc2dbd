"""Gather: the items that a picture is made of before it is folded: single nodes, whole modules, sums of products.

No circle can arise among them. One call of a module cannot depend on itself. But a module that was inferred may, as its
calls are one, and so may modules that call one another by turns. Such modules are cut into parts: a node is in a later
part where a path to it has changed the module more often.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Literal, NamedTuple

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
        self.parents = [tuple([place[parent] for parent in node.parents]) for node in order]
        self.roots = {place[root] for root in roots}
        self.scopes = [scopes.get(node) for node in order] if scopes else [None] * len(order)

    def by_call(self) -> list[Scope | None]:
        """The scopes, where a leaf is only in those calls of a module that contain all of its uses."""
        found = list(self.scopes)
        for i, parents in enumerate(self.parents):
            for parent in parents:
                scope, user = found[parent], self.scopes[i]
                if scope is not None and not self.parents[parent] and scope is not user:
                    around = user.chain if user else ()
                    while scope is not None and scope not in around:
                        scope = scope.outer
                    found[parent] = scope
        return found

    @cached_property
    def sorts(self) -> list[int]:
        """What each node is, as a number: its operation, its settings and the shape of its result."""
        known: dict[object, int] = {}
        found = []
        for node in self.nodes:
            key: object = node.primitive
            if type(node.data) is not float or node.params:
                # where an element is taken from makes no difference
                told = settings("", {name: x for name, x in node.params.items() if name != "index"})
                key = type(node), node.primitive, getattr(node.data, "shape", None), told
            found.append(known.setdefault(key, len(known)))
        return found

    @cached_property
    def sums(self) -> list[int]:
        """For each node the last one of the sum of products that it is part of, or itself.

        In w₁x₁ + ... + wₙxₙ of Values no part may be used elsewhere; the 0.0 that many sums begin with is one.
        """
        names = [node.primitive.name if node.primitive and type(node.data) is float else "" for node in self.nodes]
        uses = [0] * len(names)
        for parents in self.parents:
            for parent in parents:
                uses[parent] += 1
        found = list(range(len(names)))
        seen: set[int] = set()
        for root in reversed(range(len(names))):
            if names[root] not in ("add", "total") or root in seen:
                continue
            members, products, stack = [root], 0, [root]
            while stack:
                for parent in self.parents[stack.pop()]:
                    if uses[parent] > 1 or self.scopes[parent] is not self.scopes[root]:
                        continue
                    if names[parent] in ("add", "total"):
                        stack.append(parent)
                        seen.add(parent)
                    elif names[parent] == "multiply":
                        products += 1
                    elif self.nodes[parent].primitive is not None or self.nodes[parent].data != 0.0:
                        continue  # an operand
                    members.append(parent)
            if products >= PRODUCTS and self.roots.isdisjoint(members[1:]):
                for i in members:
                    found[i] = root
        return found


class Item(NamedTuple):
    """Nodes that are drawn as one thing, as positions in the reading order; `scope` is the module that it is, or that
    it stands in.
    """

    members: Sequence[int]
    kind: Literal["node", "module", "sum"]
    scope: Scope | None


class Items:
    """The things to be drawn, in a topological order.

    `operands` are for each the others that it uses, in the order of the operands, `roles` what for, and what is alike
    is of one of the `sorts`.
    """

    def __init__(self) -> None:
        self.members: list[tuple[int, ...]] = []
        self.operands: list[tuple[int, ...]] = []
        self.roles: dict[int, list[int]] = {}  # of those that are not single nodes, which have slots
        self.sorts: list[int] = []
        self.scopes: list[Scope | None] = []
        self.kinds: dict[int, Literal["module", "sum"]] = {}

    def __len__(self) -> int:
        return len(self.members)

    def __getitem__(self, i: int) -> Item:
        return Item(self.members[i], self.kinds.get(i, "node"), self.scopes[i])

    def around(self, i: int) -> Scope | None:
        """The open module that an item stands in."""
        scope = self.scopes[i]
        return scope.outer if scope and self.kinds.get(i) == "module" else scope


def gather(graph: Graph, closed: Closes | None = None, folded: bool = False) -> Items:
    """The items of a graph: the modules for which `closed` holds, what stands outside of them, and when it will be
    `folded` each sum of products. Constants that are one array are one item.
    """
    owners: list[object] = [*graph.sums] if folded else [*range(len(graph.nodes))]
    scopes = graph.scopes if folded else graph.by_call()
    if closed is not None:
        scopes = _close(graph, scopes, closed, owners)
    _join_arrays(graph, owners)
    turn = _in_order(graph, _numbered(owners))
    members: list[list[int]] = [[] for _ in range(max(turn) + 1)]
    for i, number in enumerate(turn):
        members[number].append(i)
    items = Items()
    items.members = list(map(tuple, members))
    items.operands = [tuple([turn[p] for p in graph.parents[inside[-1]]]) for inside in members]
    items.scopes = [scopes[inside[-1]] for inside in members]
    keys: list[object] = [graph.sorts[inside[-1]] for inside in members]
    for number, inside in enumerate(members):
        owner, inner = owners[inside[-1]], len(inside) > 1 or bool(graph.parents[inside[-1]])
        if isinstance(owner, Scope):
            items.scopes[number] = owner if inner else owner.outer  # a leaf of a module that was cut into parts
        if isinstance(owner, Scope) and inner:
            items.kinds[number] = "module"
            keys[number], items.operands[number], items.roles[number] = _together(graph, inside, turn, owner.kind)
        elif len(inside) > 1 and graph.parents[inside[-1]]:
            items.kinds[number] = "sum"
            keys[number], items.operands[number], items.roles[number] = _together(graph, inside, turn)
    items.sorts = _numbered(keys)
    return items


def _together(
    graph: Graph, members: Sequence[int], turn: Sequence[int], kind: str = ""
) -> tuple[tuple[object, ...], tuple[int, ...], list[int]]:
    """What several nodes do together, the items that they use, and what for."""
    at = {i: number for number, i in enumerate(members)}
    operands: dict[int, int] = {}
    roles: list[int] = []
    key: list[object] = [kind]
    for i in members:
        sort = graph.sorts[i]
        key.append(sort)
        for slot, parent in enumerate(graph.parents[i]):
            if parent in at:
                key.append(at[parent])
                continue
            if turn[parent] not in operands:
                operands[turn[parent]] = len(operands)
                roles.append(hash((sort, slot)))
            key.append(-1 - operands[turn[parent]])
    return tuple(key), tuple(operands), roles


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
        if node.primitive is None and type(node.data) is ndarray and type(owners[i]) is int:
            owners[i] = known.setdefault(id(node.data), i)


def _numbered(owners: Sequence[object]) -> list[int]:
    known: dict[object, int] = {}
    return [known.setdefault(owner, len(known)) for owner in owners]


def _in_order(graph: Graph, groups: list[int]) -> list[int]:
    """For each node the place of its group in a topological order of groups: there where its last member stands."""
    last = _last(graph, groups)
    for i, parents in enumerate(graph.parents):
        if any(last[groups[p]] > last[groups[i]] for p in parents):
            break
    else:
        return _ranked(groups, sorted(last, key=last.__getitem__))
    circles = circling(_links(graph, groups))
    if circles:
        groups = _cut(graph, groups, circles)
    return _ranked(groups, in_order(_links(graph, groups), _last(graph, groups).__getitem__))


def _last(graph: Graph, groups: Sequence[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for i, group in enumerate(groups):
        if graph.parents[i] or group not in found:  # but what has no parents stands before its first use
            found[group] = i
    return found


def _ranked(groups: Sequence[int], order: Sequence[int]) -> list[int]:
    rank = {group: i for i, group in enumerate(order)}
    return [rank[group] for group in groups]


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
