"""Alike: items that do the same with operands that are alike, gathered in classes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import chain

from autograd.view.gather import Item


class Classes:
    """The classes of alike items, in a topological order: for each its sort, its members and its operands.

    `frames` says in which frame of the picture each item stands: only items of one frame are alike.
    """

    def __init__(self, items: Sequence[Item], frames: Sequence[object], roots: Collection[int]) -> None:
        class_of = _by_use(items, _by_structure(items, frames, roots))
        operands: dict[int, tuple[int, ...]] = {}
        others: dict[int, dict[tuple[int, ...], None]] = {}  # for a class whose members differ in their leaves
        for number, item in zip(class_of, items):
            mine = tuple([class_of[operand] for operand in item.operands])
            if operands.setdefault(number, mine) != mine:
                others.setdefault(number, {})[mine] = None
        place: dict[int, int] = {}
        for number, mine in operands.items():
            if mine:
                for operand in chain(mine, *others.get(number, ())):  # leaves have their place before their first use
                    place.setdefault(operand, len(place))
                place[number] = len(place)
        for number in operands:
            place.setdefault(number, len(place))

        self.members: list[list[int]] = [[] for _ in place]
        for i, number in enumerate(class_of):
            self.members[place[number]].append(i)
        self.operands: list[list[int]] = [[] for _ in place]
        for number, mine in operands.items():
            slots = [
                (slot, place[operand]) for one in (mine, *others.get(number, ())) for slot, operand in enumerate(one)
            ]
            self.operands[place[number]] = [operand for _, operand in dict.fromkeys(slots)]
        known: dict[object, int] = {}
        keys = [(items[i].sort, frames[i], len(members)) for members in self.members for i in members[:1]]
        self.sorts = [known.setdefault(key, len(known)) for key in keys]


def _by_structure(items: Sequence[Item], frames: Sequence[object], roots: Collection[int]) -> list[int]:
    """A number for each item, equal for equal sorts with operands of equal numbers."""
    found: list[int] = []
    known: dict[object, int] = {}
    for i, item in enumerate(items):
        mine = item.operands
        key = (item.sort, frames[i], i in roots, len(set(mine)), *[found[operand] for operand in mine])
        found.append(known.setdefault(key, len(known)))
    return found


def _by_use(items: Sequence[Item], structure: Sequence[int]) -> list[int]:
    """The same, with leaves told apart by what they are used for: the weights of one layer from those of another."""
    use = [0] * len(items)
    for i, item in enumerate(items):
        for role, operand in zip(item.roles, item.operands):
            if not items[operand].operands:
                use[operand] += hash((structure[i], role))
    known: dict[tuple[int, int], int] = {}
    return [known.setdefault((number, used), len(known)) for number, used in zip(structure, use)]
