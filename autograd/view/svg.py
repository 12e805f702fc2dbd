"""SVG: a sketch painted without Graphviz, in the same look."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from html import escape
from itertools import pairwise

from autograd.view.layout import Layout, Point
from autograd.view.nest import Nest, Room, nested
from autograd.view.sketch import Box, Edge, Frame, Sketch
from autograd.view.style import (
    BADGE,
    FAINT,
    FONT,
    GREY,
    INK,
    LINES,
    NUMBER,
    ORANGE,
    PAPER,
    SHEETS,
    SIZE,
    SMALL,
    badge,
    badge_size,
    frame_title,
    ink,
    look,
    notes,
    number_size,
    sign_and_digits,
    title,
    width,
)

MARGIN, PAD, FRAME, INNER = 18.0, 9.0, 4.0, 12.0  # around the picture, in a box, between double lines, in a frame
HEAD, SIGN = 24.0, 18.0  # width of the words `data` and `grad`, and of the room for a minus sign
TITLE, LINE, ROW = 19.0, 14.0, 18.0  # heights

# Around the inside of a frame; its title is on top, wherever the edges go.
_ROOMS = {
    "LR": Room(INNER, INNER, TITLE + 6, INNER),
    "RL": Room(INNER, INNER, TITLE + 6, INNER),
    "TB": Room(TITLE + 6, INNER, INNER, INNER),
    "BT": Room(INNER, TITLE + 6, INNER, INNER),
}

MIDDLE, END, BOLD = ' text-anchor="middle"', ' text-anchor="end"', ' font-weight="bold"'
DASHES, HALO = ' stroke-dasharray="5 3"', f' stroke="{PAPER}" stroke-width="3"'

Turn = Callable[[Point], Point]


def paint(sketch: Sketch, rankdir: str, note: str = "") -> str:
    """The text of an SVG file, with a note below the picture."""
    upright = rankdir in ("TB", "BT")
    sizes = [_size(box) for box in sketch.boxes]
    rules = [edge.rule.split("\n") if edge.rule else [] for edge in sketch.edges]
    titles = [1.1 * width(frame_title(frame), SMALL + 1) for frame in sketch.frames]
    plan = nested(
        Nest(
            [(h, w) for w, h in sizes] if upright else sizes,
            [(edge.tail, edge.head) for edge in sketch.edges],
            [
                LINE * len(lines) if upright else max((width(line, SMALL) for line in lines), default=0.0)
                for lines in rules
            ],
            [box.frame for box in sketch.boxes],
            [frame.outer for frame in sketch.frames],
            [(0.0, wide) if upright else (wide, 0.0) for wide in titles],
            _ROOMS[rankdir],
        )
    )
    turn = _turn(plan, rankdir)
    wide, high = (plan.across, plan.along) if upright else (plan.along, plan.across)
    wide, high = wide + 2 * MARGIN, high + 2 * MARGIN + LINE * bool(note)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide:.0f}" height="{high:.0f}" '
        f'viewBox="0 0 {wide:.1f} {high:.1f}" font-family="{FONT}, Arial, sans-serif">',
        f'<rect width="{wide:.1f}" height="{high:.1f}" rx="10" fill="{PAPER}"/>',
    ]
    for frame, spot in zip(sketch.frames, plan.frames, strict=True):
        if spot is not None:
            parts += _frame(frame, turn(spot[0]), (spot[1][1], spot[1][0]) if upright else spot[1])
    for edge, path in zip(sketch.edges, plan.paths, strict=True):
        parts += _edge(edge, [turn(point) for point in path], upright)
    for i, (box, size, centre) in enumerate(zip(sketch.boxes, sizes, plan.centres, strict=True)):
        parts += [f'<g id="n{i}">', *_card(box, size, turn(centre)), "</g>"]
    parts.append(_text(MARGIN, high - 10, note, FAINT, SMALL))
    return "\n".join(filter(None, [*parts, "</svg>\n"]))


def _frame(frame: Frame, centre: Point, size: Point) -> Iterator[str]:
    left, top = centre[0] - size[0] / 2, centre[1] - size[1] / 2
    yield _rect(left, top, *size, 11, f'fill="{SHEETS[frame.depth % 2]}" stroke="{LINES}"')
    yield _text(left + PAD, top + 15, frame_title(frame), FAINT, SMALL + 1, BOLD)


def _turn(plan: Layout, rankdir: str) -> Turn:
    def turn(point: Point) -> Point:
        along, across = point
        if rankdir in ("RL", "BT"):
            along = plan.along - along
        x, y = (along, across) if rankdir in ("LR", "RL") else (across, along)
        return x + MARGIN, y + MARGIN

    return turn


def _size(box: Box) -> Point:
    wide, high = _inside(box)
    if box.operation:
        wide, high = wide + badge(box)[0] + PAD, max(high, badge(box)[1])
    around = PAD + FRAME * look(box).double
    return wide + 2 * around, high + 2 * around


def _inside(box: Box) -> Point:
    wide = [1.1 * width(title(box), SIZE + 1), *(width(line, size) for line, _, size in notes(box))]
    wide.append(_first(box) + sum(column + SIGN for column in _columns(box)) - SIGN if box.table else 0.0)
    return max(wide), TITLE * bool(title(box)) + LINE * len(notes(box)) + ROW * len(box.table)


def _first(box: Box) -> float:
    """Where the first column of numbers begins."""
    return 0.0 if box.kind == "constant" and len(box.table) == 1 else HEAD + SIGN


def _columns(box: Box) -> list[float]:
    least = NUMBER if _first(box) else 0.0
    return [max([least, *(width(text, SIZE) for text in column)]) for column in list(zip(*box.table))[1:]]


def _card(box: Box, size: Point, centre: Point) -> Iterator[str]:
    frame = look(box)
    (wide, high), left, top = size, centre[0] - size[0] / 2, centre[1] - size[1] / 2
    radius = 11.0 if frame.round else 0.0
    drawn = f'fill="{frame.fill}" stroke="{frame.line}" stroke-width="{frame.width:g}"' + DASHES * frame.dashed
    if frame.double:
        yield _rect(left, top, wide, high, radius + FRAME, drawn)
        left, top, wide, high = left + FRAME, top + FRAME, wide - 2 * FRAME, high - 2 * FRAME
    yield _rect(left, top, wide, high, radius, drawn)
    left += PAD
    if box.operation:
        across = badge(box)[0]
        yield _rect(left, top + PAD, across, high - 2 * PAD, 10, f'fill="{BADGE}"')
        yield from _badge(box, left + across / 2, centre[1])
        left += across + PAD
    yield from _lines(box, left, centre[1] - _inside(box)[1] / 2)


def _badge(box: Box, x: float, y: float) -> Iterator[str]:
    size = badge_size(box)
    raised = LINE / 2 if box.settings else 0.0
    yield _text(x, y - raised + 0.36 * size, box.operation, PAPER, size, MIDDLE + BOLD)
    yield _text(x, y + LINE, box.settings, PAPER, SMALL, MIDDLE)


def _lines(box: Box, x: float, y: float) -> Iterator[str]:
    if title(box):
        yield _text(x, y + 14, title(box), INK, SIZE + 1, BOLD)
        y += TITLE
    for text, colour, size in notes(box):
        yield _text(x, y + 10, text, colour, size)
        y += LINE
    for head, *numbers in box.table:
        if box.kind != "constant":
            yield _text(x, y + 13, head, FAINT, SMALL)
        at = x + _first(box)
        for text, column in zip(numbers, _columns(box), strict=True):
            size, colour = number_size(head, text), ink(box, head)
            sign, digits = sign_and_digits(text)
            yield _text(at - 1.5, y + 13, sign, colour, size, END)
            yield _text(at, y + 13, digits, colour, size)
            at += column + SIGN
        y += ROW


def _edge(edge: Edge, path: list[Point], upright: bool) -> Iterator[str]:
    """A smooth line through the points of a path, with an arrow head and its texts."""
    colour, wide = (GREY, 1) if edge.constant else (BADGE, 1.2)
    (x, y), (x0, y0) = path[-1], path[-2]
    curve = [f"M{path[0][0]:.1f} {path[0][1]:.1f}"]
    for (xa, ya), (xb, yb) in pairwise(path):
        bend = f"{xa:.1f} {(ya + yb) / 2:.1f} {xb:.1f} {(ya + yb) / 2:.1f}"
        if not upright:
            bend = f"{(xa + xb) / 2:.1f} {ya:.1f} {(xa + xb) / 2:.1f} {yb:.1f}"
        curve.append(f"C{bend} {xb:.1f} {yb:.1f}")
    yield f'<path d="{" ".join(curve)}" fill="none" stroke="{colour}" stroke-width="{wide}"{DASHES * edge.constant}/>'
    back = math.copysign(8, y0 - y if upright else x0 - x)
    wings = [(-3.0, back), (3.0, back)] if upright else [(back, -3.0), (back, 3.0)]
    corners = " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in [(0.0, 0.0), *wings])
    yield f'<polygon points="{corners}" fill="{colour}"/>'
    if upright:
        yield _text(x + 5, y + 1.4 * back, edge.place, FAINT, SMALL)
    else:
        yield _text(x + 1.4 * back, y - 5, edge.place, FAINT, SMALL, END if back < 0 else "")
    lines = edge.rule.split("\n")
    for i, text in enumerate(lines):
        below = (y + y0) / 2 + (i - len(lines)) * 12 + 8
        for tint, more in ((PAPER, HALO), (ORANGE, "")):
            yield _text((x + x0) / 2, below, text, tint, SMALL, MIDDLE + more)


def _rect(x: float, y: float, wide: float, high: float, radius: float, look: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}" rx="{radius:g}" {look}/>'


def _text(x: float, y: float, text: str, colour: str, size: float, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{colour}"{more}>{escape(text)}</text>' * bool(
        text
    )
