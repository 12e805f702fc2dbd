"""Cohort: parameters that have always moved together, cut into blocks that stay in the cache while they are moved."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy import ndarray

from nn.optim.axpy import axpy

if TYPE_CHECKING:
    from nn.optim.flat import Flat


class Block(NamedTuple):
    """A stretch of a Flat that is moved at once: small neighbours, or a part of one large parameter."""

    at: slice
    parameters: list[int]
    inside: slice | None  # which part of the one parameter


class Cohort:
    """Parameters of a Flat that have always moved together, in every step or in none: usually all.

    | attribute | what it is |
    |---|---|
    | `members` | their numbers |
    | `step` | how often they have been moved |
    | `numbers` | what else the optimizer remembers of them all together, by name |
    | `units` | in which unit a state is kept: its true numbers are so many times those in the array |
    """

    def __init__(
        self,
        flat: Flat,
        members: list[int],
        step: int = 0,
        numbers: Mapping[str, float] = MappingProxyType({}),
        units: Mapping[str, float] = MappingProxyType({}),
    ) -> None:
        self._flat = weakref.ref(flat)  # which holds its cohorts: no circle
        self.reach = 2.0**10 if flat.dtype.itemsize > 2 else 1.0  # how far from 1 a unit may be
        self.members = members
        self.step = step
        self.numbers = dict(numbers)
        self.units = dict(units)
        self._views: dict[tuple[str, ...], list[tuple[Block, list[ndarray]]]] = {}

    @property
    def flat(self) -> Flat:
        """The Flat it belongs to."""
        flat = self._flat()
        assert flat is not None
        return flat

    def split(self, resting: set[int]) -> list[Cohort]:
        """This cohort, or two of the same past where only some of the members rest."""
        parts = [[i for i in self.members if (i in resting) == rests] for rests in (True, False)]
        return [Cohort(self.flat, part, *self.past()) for part in parts] if all(parts) else [self]

    def past(self) -> tuple[int, dict[str, float], dict[str, float]]:
        """What has become of its members: step, numbers, units."""
        return self.step, self.numbers, self.units

    def blocks(self, *states: str, weight_decay: float = 0.0, maximize: bool = False) -> Iterator[list[ndarray]]:
        """For each block its parameters, its gradient, two arrays to compute in, and its states: all of one axis.

        The gradient is only to be read. With `maximize` it is the gradient times -1; `weight_decay` times the
        parameters is added to it. The arrays to compute in hold whatever was left in them.
        """
        flat = self.flat
        if states not in self._views:
            cut = _cut(flat, self.members)
            self._views[states] = [(block, self._view(block, self._begun(states))) for block in cut]
        for block, (p, *rest) in self._views[states]:
            g = flat.gradient(block)
            if weight_decay or maximize:
                g = np.multiply(g, -1.0 if maximize else 1.0, out=flat.scratch(0, g.size))
                if weight_decay:
                    axpy(weight_decay, p, g)
            yield [p, g, *rest]

    def _view(self, block: Block, states: tuple[str, ...]) -> list[ndarray]:
        flat, n = self.flat, block.at.stop - block.at.start
        kept = [flat.state(name)[block.at] for name in states]
        return [flat.data[block.at], flat.scratch(1, n), flat.scratch(2, n), *kept]

    def each(self, *states: str, maximize: bool = False) -> Iterator[list[Any]]:
        """For each parameter its data, its gradient, its dict of arrays in other sizes, and its states: in its shape.

        The gradient is only to be read.
        """
        flat = self.flat
        for i in self.members:
            g = flat.gradient(Block(flat.slices[i], [i], slice(None))).reshape(flat.shapes[i], order=flat.orders[i])
            p, *kept = (flat.shaped(x, i) for x in (flat.data, *map(flat.state, self._begun(states))))
            yield [p, -g if maximize else g, flat.arrays[i], *kept]

    def _begun(self, states: tuple[str, ...]) -> tuple[str, ...]:
        for name in states:
            self.units.setdefault(name, 1.0)
        return states

    def fade(self, name: str, beta: float, weight: float) -> tuple[float, float]:
        """Make ready for average ← beta · average + weight · new: the factor of what is new, and the unit.

        That sum takes two passes over memory. `axpy(factor, new, average)` is one: instead of the numbers the unit
        shrinks in which they are kept. Now and then, before the numbers grow too large, the unit becomes 1 again.
        """
        unit = self.units[name] = self.units.get(name, 1.0) * beta
        if not 1 / self.reach <= unit <= self.reach:
            self.settle(name)
            unit = 1.0
        return weight / unit, unit

    def settle(self, name: str) -> None:
        """Make the unit of a state 1."""
        if self.units[name] != 1:
            state = self.flat.state(name)
            for i in self.members:
                state[self.flat.slices[i]] *= self.units[name]
            self.units[name] = 1.0


def _cut(flat: Flat, members: list[int]) -> Iterator[Block]:
    """Blocks of at most `flat.block_size` elements: large parameters in equal parts, small neighbours together."""
    limit = flat.block_size
    small: list[int] = []

    def together() -> Block:
        return Block(slice(flat.slices[small[0]].start, flat.slices[small[-1]].stop), list(small), None)

    for i in members:
        at = flat.slices[i]
        size = at.stop - at.start
        large = size > limit // 4
        if small and (large or small[-1] != i - 1 or at.stop - flat.slices[small[0]].start > limit):
            yield together()
            small.clear()
        if not large:
            small.append(i)
            continue
        parts = -(-size // limit)
        length = -(-size // (16 * parts)) * 16  # whole cache lines
        for start in range(0, size, length):
            end = min(start + length, size)
            yield Block(slice(at.start + start, at.start + end), [i], slice(start, end))
    if small:
        yield together()
