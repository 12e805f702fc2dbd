"""Block: the parts of a large graph: its modules, and what lies between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograd.node import Node
from autograd.origin import Scope
from autograd.view.module import scopes_of

MOST = 12  # parts


@dataclass
class Block:
    """A part of a graph: its results in order, what it is called, its kind, and the parts that it is made from.

    `takes` has the places of the parts that it is made from, −1 for x itself; `gives` the results that others use.
    """

    nodes: list[Node]
    name: str
    kind: str
    takes: list[int]
    gives: list[Node]


def blocks_of(
    order: Sequence[Node], among: Sequence[Node], names: Mapping[Node, str], variables: Mapping[str, Any]
) -> list[Block] | None:
    """The results from x to y in parts, operands first; None where no modules are known.

    The parts are modules, the large ones opened as long as there are not too many. Results outside of any, one after
    the other, are a part, too. None as well where a part would be made from what is made from it.
    """
    x, y, results = among[0], among[-1], among[1:]
    scopes = scopes_of(order, variables)
    chains = {node: scopes[node].chain for node in results if node in scopes}
    users: dict[Node, set[Node]] = {}
    for node in results:
        for parent in node.parents:
            users.setdefault(parent, set()).add(node)
    part = _parts(results, chains, users)
    keys = part and _in_order(part)
    if not part or not keys or len(keys) < 2:
        return None
    place = {key: i for i, key in enumerate(keys)}
    owner = {x: -1} | {node: place[key] for node, key in part.items()}
    found = [Block([], "", "", [], []) for _ in keys]
    for node in results:
        i = owner[node]
        found[i].nodes.append(node)
        found[i].takes += dict.fromkeys(
            owner[p] for p in node.parents if owner.get(p, i) != i and owner[p] not in found[i].takes
        )
        if node is y or any(owner[user] != i for user in users[node]):
            found[i].gives.append(node)
    for key, block in zip(keys, found, strict=True):
        if type(key) is int:
            words = list(dict.fromkeys(node.primitive.word for node in block.nodes))  # type: ignore[union-attr]
            block.name, block.kind = names[block.gives[-1]], " ".join([*words[:3], *["…"][: len(words) > 3]])
        else:
            scope = chains[block.nodes[0]][len(key) - 1]
            block.name, block.kind = scope.name or scope.kind, scope.kind or "block"
    _number(found)
    return found


def _parts(
    results: Sequence[Node], chains: Mapping[Node, tuple[Scope, ...]], users: Mapping[Node, set[Node]]
) -> dict[Node, Any] | None:
    """A key for the part that each result is in: a call of a module, or a number."""
    if not chains:
        return None
    found: dict[Node, Any] | None = None
    opened: set[Any] = set()
    shut: set[Any] = set()  # those that stay closed
    last: Any = None
    while True:
        part = _keys(results, chains, users, opened)
        if len(set(part.values())) <= MOST and _in_order(part) is not None:
            found = part
        else:
            shut.add(last)
            opened.discard(last)
        now = part if found is None else found
        sizes = Counter(key for key in now.values() if type(key) is tuple and key not in shut)
        deeper = [key for key in sizes if any(now[n] == key and len(chains[n]) > len(key) for n in results)]
        if not deeper:
            return found
        last = max(deeper, key=sizes.__getitem__)
        opened.add(last)


def _keys(
    results: Sequence[Node],
    chains: Mapping[Node, tuple[Scope, ...]],
    users: Mapping[Node, set[Node]],
    opened: Collection[Any],
) -> dict[Node, Any]:
    part: dict[Node, Any] = {}
    for node in results:
        calls = tuple((scope.name, scope.call) for scope in chains.get(node, ()))
        closed = next((calls[:n] for n in range(1, len(calls) + 1) if calls[:n] not in opened), None)
        before = {parent for parent in node.parents if parent in part}
        only = before.pop() if len(before) == 1 else None
        if closed is not None:
            part[node] = closed
        elif only is not None and type(part[only]) is int and len(users[only]) == 1:
            part[node] = part[only]
        else:
            part[node] = len(part)
    return part


def _in_order(part: Mapping[Node, Any]) -> list[Any] | None:
    """The parts, each after those it is made from; None where they go round in a circle."""
    below: dict[Any, set[Any]] = {key: set() for key in part.values()}
    for node, key in part.items():
        below[key] |= {part[parent] for parent in node.parents if parent in part} - {key}
    found: list[Any] = []
    while below:
        ready = [key for key, needed in below.items() if not needed]
        if not ready:
            return None
        found += ready
        below = {key: needed - set(ready) for key, needed in below.items() if key not in ready}
    return found


def _number(blocks: Sequence[Block]) -> None:
    """Give parts of one name numbers."""
    names = [block.name for block in blocks]
    for i, block in enumerate(blocks):
        if names.count(block.name) > 1:
            block.name = f"{block.name} ({names[: i + 1].count(names[i])})"
