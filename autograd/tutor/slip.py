"""Slip: a careless change of the backward pass, and how it is said.

Which slips there are is said by `family.py`, for one node and one operand at a time. Here they are collected: at every
place by itself, and at all alike places at once, because in a loop over time or over neurons one line of code makes
the mistake at every step. Where several parts are to be added up, one of them may be forgotten, or kept alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest
from typing import Any, NamedTuple

import numpy as np

from autograd.node import Node
from autograd.tutor.rehearsal import Adjoints, Change, Parts, Rehearsal, Way
from autograd.tutor.wording import Wording

MOST_OPERANDS = 12  # arrays that are tried in the place of another
FAR = 20  # operations on, where something with a name is looked for
MOST_SINGLES = 400  # places that are looked at one by one, and not only together with those alike


@dataclass(frozen=True, slots=True)
class Slip:
    """`subject` is the node whose gradient it spoils first, and `says` goes on from there: "lacks σ'(z2)".

    `changes` are made to what nodes send to their operands; `instead` are adjoints in the place of those that arrive.
    """

    kind: str
    says: str
    remedy: str
    subject: Node
    changes: Mapping[Node, Change] = field(default_factory=dict)
    instead: Mapping[Node, Any] = field(default_factory=dict)
    fitted: int = 0  # numbers in it that were read off the user's own
    harmless: bool = False  # another convention, not a mistake


class Move(NamedTuple):
    """A slip at one place: what a node sends to an operand, given its adjoint and what it should send."""

    kind: str
    says: str
    remedy: str
    part: Callable[[Node, Any, Any], Any]
    role: Any = None  # what makes it the same slip at another place, where its number in the family does not
    harmless: bool = False


@dataclass(frozen=True)
class Scene:
    """What the families look at: the nodes from the nearest given gradients to the one that is wrong."""

    rehearsal: Rehearsal
    wording: Wording
    way: Way
    adjoints: Adjoints  # of nodes with a name: what arrives there

    def others(self, x: Node) -> list[Node]:
        """Arrays of the shape of x, the nearest first: what may have been written in its place."""
        outline = self.rehearsal.outline
        others = [node for node in outline.arrays.get(np.shape(x.data), ()) if node.data is not x.data]
        return nsmallest(MOST_OPERANDS, others, key=lambda node: abs(outline.position[node] - outline.position[x]))

    def ways(self) -> dict[Node, list[tuple[Node, int]]]:
        """Of each node the consumers, with their slots, that are on the way; the one nearest to the loss first."""
        found: dict[Node, list[tuple[Node, int]]] = {}
        for node in self.way.nodes:
            for slot, parent in enumerate(node.parents):
                if parent in self.way.inside:
                    found.setdefault(parent, []).append((node, slot))
        return found

    def path(self, x: Node, node: Node) -> str:
        """What a consumer of x makes of it, in words: an expression, or the next thing further on that has a name."""
        first, own, root = self.wording.name(node), self.wording.name(x), self.rehearsal.outline.root
        for _ in range(FAR):
            name = self.wording.name(node)
            if node is root:
                break
            if "..." not in name and name not in (own, f"{own}.T"):
                return name
            node = self.rehearsal.outline.consumers[node][0][0]
        return first


Family = Callable[[Scene, Node, int], Iterator[Move]]


def slips(scene: Scene, families: Sequence[Family]) -> Iterator[Slip]:
    """Every slip of these families, in their order."""
    outline = scene.rehearsal.outline
    way = scene.way
    places = [(node, slot) for node in way.nodes for slot, parent in enumerate(node.parents) if parent in way.inside]
    for family in families:
        groups: dict[Any, list[tuple[Node, int, Move]]] = {}
        for node, slot in places:
            for i, move in enumerate(family(scene, node, slot)):
                if len(places) <= MOST_SINGLES:
                    yield _slip([(node, slot, move)])
                alike = (move.role or i, move.kind, node.primitive, slot, *map(outline.sort, node.parents))
                groups.setdefault(alike, []).append((node, slot, move))
                groups.setdefault((*alike, outline.depth[node]), []).append((node, slot, move))
        seen = set()
        for group in groups.values():
            key = frozenset((outline.position[node], slot) for node, slot, _ in group)
            if len(group) > 1 and key not in seen:
                seen.add(key)
                yield _slip(group)


def _slip(group: Sequence[tuple[Node, int, Move]]) -> Slip:
    node, slot, move = group[0]
    changes: dict[Node, Change] = {}
    for place, k, at in group:
        changes[place] = both(changes.get(place), at_slot(k, at.part))
    again = f", and so at {len(group) - 1} more places" if len(group) > 1 else ""
    return Slip(move.kind, move.says + again, move.remedy, node.parents[slot], changes, harmless=move.harmless)


def overwritten(scene: Scene) -> Iterator[Slip]:
    """Of the parts that a node receives from many consumers, the first or the last one alone."""
    for parent, consumers in scene.ways().items():
        for kept in (0, len(consumers) - 1) if len(consumers) > 2 else ():
            changes: dict[Node, Change] = {}
            for i, (node, slot) in enumerate(consumers):
                if i != kept:
                    changes[node] = both(changes.get(node), at_slot(slot, nothing))
            through, rest = scene.path(parent, consumers[kept][0]), len(consumers) - 1
            yield Slip(
                "overwritten",
                f"holds only the part that comes back through {through}: the other {rest} were overwritten",
                "Add them up: += in the loop, not =.",
                parent,
                changes,
            )


# What changes are made of


def nothing(node: Node, g: Any, part: Any) -> Any:
    """Nothing is sent."""
    return None


def at_slot(slot: int, part: Callable[[Node, Any, Any], Any]) -> Change:
    """The change of what a node sends to one operand."""

    def change(node: Node, g: Any, parts: Parts) -> Parts:
        return [part(node, g, right) if k == slot else right for k, right in enumerate(parts)]

    return change


def both(first: Change | None, second: Change) -> Change:
    """One change after the other."""
    return second if first is None else lambda node, g, parts: second(node, g, first(node, g, parts))


def scaled(factor: float) -> Change:
    """Everything that a node sends, times a number: as if its own gradient had been."""
    return lambda node, g, parts: [None if part is None else part * factor for part in parts]


def sent_with(node: Node, g: Any, slot: int, y: Any, args: Sequence[Any]) -> Any:
    """What a node would send to one operand if its result and its operands had these values."""
    primitive: Any = node.primitive
    return primitive.pull(g, y, args, [k == slot for k in range(len(args))], node.params)[slot]


def replaced(node: Node, slot: int, value: Any) -> list[Any]:
    """The operands of a node, another value in the place of one."""
    return [value if k == slot else parent.data for k, parent in enumerate(node.parents)]
