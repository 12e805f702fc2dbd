"""Alike: items that do the same with operands that are alike, gathered in classes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import chain

from autograd.view.gather import Items


class Classes:
    """The classes of alike items, in a topological order: for each its sort, its members and its operands.

    `frames` says in which frame of the picture each item stands: only items of one frame are alike.
    """

    def __init__(self, items: Items, frames: Sequence[object], roots: Collection[int]) -> None:
        sorts = _numbered(list(zip(items.sorts, frames))) if any(frames) else items.sorts
        class_of = _by_use(items, _by_structure(items.operands, sorts, roots))
        operands: dict[int, tuple[int, ...]] = {}
        others: dict[int, dict[tuple[int, ...], None]] = {}  # for a class whose members differ in their leaves
        for number, own in zip(class_of, items.operands):
            mine = tuple([class_of[operand] for operand in own])
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
        self.operands: list[tuple[int, ...]] = [()] * len(place)
        for number, mine in operands.items():
            slots = [
                (slot, place[operand]) for one in (mine, *others.get(number, ())) for slot, operand in enumerate(one)
            ]
            self.operands[place[number]] = tuple([operand for _, operand in dict.fromkeys(slots)])
        self.sorts = _numbered([(sorts[members[0]], len(members)) for members in self.members])


def _numbered(keys: Sequence[object]) -> list[int]:
    known: dict[object, int] = {}
    return [known.setdefault(key, len(known)) for key in keys]


def _by_structure(operands: Sequence[tuple[int, ...]], sorts: Sequence[int], roots: Collection[int]) -> list[int]:
    """A number for each item, equal for equal sorts with operands of equal numbers."""
    found: list[int] = []
    known: dict[object, int] = {}
    for i, own in enumerate(operands):
        different = len(own) if len(own) < 2 else len(set(own))
        key = sorts[i], different, *[found[operand] for operand in own]
        if i in roots:
            key = -1, *key
        found.append(known.setdefault(key, len(known)))
    return found


def _by_use(items: Items, structure: Sequence[int]) -> list[int]:
    """The same, with leaves told apart by what they are used for: the weights of one layer from those of another."""
    use = [0] * len(structure)
    for i, own in enumerate(items.operands):
        for slot, operand in enumerate(own):
            if not items.operands[operand]:
                use[operand] += hash((structure[i], items.roles[i][slot] if i in items.roles else slot))
    return _numbered(list(zip(structure, use)))
