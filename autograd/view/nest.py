"""Nest: a layout with frames. The inside of each frame is laid out first; then the frame is a box among others.

An edge that crosses a frame has a port in it: inside, a point in the first or the last rank; outside, where on the
border the edge must end. So an edge is led from border to border, and never through what lies between.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from autograd.view.circle import circling, in_order
from autograd.view.layout import Layout, Point, layout

PORT = (0.0, 2.0)  # its size

Unit = tuple[str, int]  # a "box", a "frame", or a port "in" or "out" for what comes from a box
Link = tuple[Unit, Unit, int]  # from a unit to a unit, for what comes from a box


@dataclass(slots=True)
class Room:
    """What a frame needs around its inside: before and after it along, and before and after it across."""

    before: float
    after: float
    above: float
    below: float


@dataclass(slots=True)
class Nested(Layout):
    """A layout with the centre and the size of each frame; None of one that had to be left out."""

    frames: list[tuple[Point, Point] | None]


@dataclass(slots=True)
class Nest:
    """What is to be drawn: boxes with their sizes, edges with the free way that they want, frames around boxes.

    `homes` says for each box in which frame it is, and `outer` for each frame in which earlier one that is. A frame is
    no smaller inside than `least`.
    """

    sizes: Sequence[Point]
    edges: Sequence[tuple[int, int]]
    gaps: Sequence[float]
    homes: Sequence[int | None]
    outer: Sequence[int | None]
    least: Sequence[Point]
    room: Room


def nested(nest: Nest) -> Nested:
    """Place boxes as `layout` does, with frames around them.

    Frames that depend on each other in a circle cannot stand one before the other, and are left out; so are empty ones.

    >>> found = nested(Nest([(10, 10), (10, 10)], [(0, 1)], [0], [0, None], [None], [(0, 0)], Room(5, 5, 15, 5)))
    >>> found.frames
    [((31.0, 15.0), (62.0, 30.0))]
    """
    left_out: set[int] = set()
    plan = _Plan(nest, left_out)
    while circles := plan.circles():
        left_out |= circles
        plan = _Plan(nest, left_out)
    return plan.drawn()


class _Level:
    """The inside of a frame, or of the whole picture."""

    def __init__(self) -> None:
        self.units: dict[Unit, None] = {}
        self.links: list[Link] = []
        self.gaps: list[float] = []
        self.places: dict[Unit, Point] = {}  # the centres of the units
        self.paths: list[list[Point]] = []
        self.size: Point = (0.0, 0.0)
        self.origin: Point = (0.0, 0.0)  # in the whole picture
        self._known: dict[Link, int] = {}

    def link(self, tail: Unit, head: Unit, box: int, gap: float) -> int:
        """The number of a link; those for one box to a frame, or to a port, are one."""
        if head[0] != "box" and (tail, head, box) in self._known:
            return self._known[tail, head, box]
        self._known[tail, head, box] = len(self.links)
        self.links.append((tail, head, box))
        self.gaps.append(gap)
        return len(self.links) - 1

    def users(self) -> dict[Unit, list[Unit]]:
        """For each unit those that it leads to."""
        found: dict[Unit, list[Unit]] = {unit: [] for unit in self.units}
        for tail, head, _ in self.links:
            if tail in found and head in found:
                found[tail].append(head)
        return found


class _Plan:
    """The levels of a nest, without some of its frames, and for each edge the links that it is led along."""

    def __init__(self, nest: Nest, left_out: Collection[int]) -> None:
        self._nest = nest
        used = set(nest.homes)
        for frame in reversed(range(len(nest.outer))):
            if frame in used:
                used.add(nest.outer[frame])
        kept = [frame for frame in range(len(nest.outer)) if frame in used and frame not in left_out]
        self._levels: dict[int | None, _Level] = {frame: _Level() for frame in [None, *kept]}
        ladders = [self._ladder(box) for box in range(len(nest.sizes))]
        for ladder in ladders:
            for level, unit in ladder.items():
                self._levels[level].units[unit] = None
        self._routes = [
            self._route(tail, ladders[tail], ladders[head], gap)
            for (tail, head), gap in zip(nest.edges, nest.gaps, strict=True)
        ]

    def _ladder(self, box: int) -> dict[int | None, Unit]:
        """What a box is, or is in, on every level from the innermost outwards."""
        found: dict[int | None, Unit] = {}
        unit: Unit = "box", box
        frame = self._nest.homes[box]
        while frame is not None:
            if frame in self._levels:
                found[frame] = unit
                unit = "frame", frame
            frame = self._nest.outer[frame]
        found[None] = unit
        return found

    def _route(
        self, box: int, tail: Mapping[int | None, Unit], head: Mapping[int | None, Unit], gap: float
    ) -> list[tuple[_Level, int]]:
        """The links of an edge: out of the frames of its tail, and into those of its head."""
        out = list(takewhile(lambda level: level not in head, tail))
        into = list(takewhile(lambda level: level not in tail, head))
        common = next(level for level in tail if level in head)
        links = [(level, tail[level], ("out", box)) for level in out]
        links += [(common, tail[common], head[common])]
        links += [(level, ("in", box), head[level]) for level in reversed(into)]
        levels = [(self._levels[level], a, b) for level, a, b in links]
        return [(level, level.link(a, b, box, gap * (b == links[-1][2]))) for level, a, b in levels]

    def circles(self) -> set[int]:
        """Frames of a level that depend on each other in a circle."""
        for level in self._levels.values():
            found = circling(level.users())
            if found:
                return {number for kind, number in found if kind == "frame"}
        return set()

    def drawn(self) -> Nested:
        """The layout of the whole."""
        for frame in reversed(self._levels):  # inner ones first
            self._lay_out(frame)
        nest, whole, room = self._nest, self._levels[None], self._nest.room
        frames: list[tuple[Point, Point] | None] = [None] * len(nest.outer)
        centres: list[Point] = [(0.0, 0.0)] * len(nest.sizes)
        for level in self._levels.values():  # outer ones first
            for (kind, number), (x, y) in level.places.items():
                centre = x + level.origin[0], y + level.origin[1]
                if kind == "frame":
                    inner = self._levels[number]
                    frames[number] = centre, inner.size
                    inner.origin = (
                        centre[0] - inner.size[0] / 2 + room.before,
                        centre[1] - inner.size[1] / 2 + room.above,
                    )
                elif kind == "box":
                    centres[number] = centre
        paths = [
            [(x + level.origin[0], y + level.origin[1]) for level, link in route for x, y in level.paths[link]]
            for route in self._routes
        ]
        return Nested(centres, paths, *whole.size, frames)

    def _lay_out(self, frame: int | None) -> None:
        nest, level = self._nest, self._levels[frame]
        into = dict.fromkeys(tail for tail, _, _ in level.links if tail[0] == "in")
        out = dict.fromkeys(head for _, head, _ in level.links if head[0] == "out")
        turn = {unit: i for i, unit in enumerate(level.units)}
        units = [*into, *in_order(level.users(), turn.__getitem__), *out]
        number = {unit: i for i, unit in enumerate(units)}
        docks: dict[tuple[int, int], float] = {}
        for i, (tail, head, box) in enumerate(level.links):
            if tail[0] == "frame":
                docks[i, 0] = self._port(tail[1], ("out", box))
            if head[0] == "frame":
                docks[i, 1] = self._port(head[1], ("in", box))
        sizes = {"box": nest.sizes.__getitem__, "frame": lambda inner: self._levels[inner].size}
        plan = layout(
            [sizes[kind](i) if kind in sizes else PORT for kind, i in units],
            [(number[tail], number[head]) for tail, head, _ in level.links],
            level.gaps,
            first=range(len(into)),
            last=range(len(units) - len(out), len(units)),
            docks=docks,
        )
        level.places = dict(zip(units, plan.centres))
        level.paths = plan.paths
        if frame is None:
            level.size = plan.along, plan.across
        else:
            room, least = nest.room, nest.least[frame]
            along, across = max(plan.along, least[0]), max(plan.across, least[1])
            level.size = along + room.before + room.after, across + room.above + room.below

    def _port(self, frame: int, port: Unit) -> float:
        """How far across from the centre of a frame a port is."""
        level = self._levels[frame]
        return level.places[port][1] + self._nest.room.above - level.size[1] / 2
