"""Animation: a backward pass that moves, as an SVG without any script. README files on GitHub show it, too.

Everything that is ever seen stands in the picture from the start; key frames of a style sheet let each part be seen in
its time, again and again. Where nothing may move (a reader's wish, or a program without style sheets) the last moment
is shown, with all gradients.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise
from typing import Any

from autograd.errors import AutogradError, place
from autograd.step.record import Recording
from autograd.step.still import Still
from autograd.view.layout import Point, layout
from autograd.view.style import FONT, width
from autograd.view.text import NOT_COMPUTED, entries

MOST = 60  # nodes; of more the texts could not be read
START, FORWARD, BACKWARD, HOLD, FADE = 0.8, 0.6, 1.9, 4.0, 0.15  # seconds
NAME, TEXT, CAPTION = 15, 14, 21  # font sizes
HIGH, PAD, LABEL, MARGIN, FOOT = 66.0, 10.0, 38.0, 22.0, 74.0

# The classes: card, badge, name, small, orange text, bold; edges by kind; rings; what flows; what is seen for a time.
STYLE = f"""
svg{{--p:#fff;--i:#1d2733;--f:#5f6b79;--l:#8b95a1;--b:#2f6db3;--bf:#eaf2fb;--o:#b8480e;--of:#fff5ec;--g:#3d4a59;
--t:#d9dee4;font-family:{FONT},Arial,sans-serif;font-size:{TEXT}px}}
@media(prefers-color-scheme:dark){{svg{{--p:#12161c;--i:#e9eef4;--f:#9aa7b5;--l:#6d7a88;--b:#7db3ef;--bf:#14263a;
--o:#ff9d5c;--of:#33200f;--g:#46566a;--t:#37424f}}}}
text{{fill:var(--i)}}.p{{fill:var(--p)}}.g{{fill:var(--g)}}.s{{fill:var(--f);font-size:10px}}.f{{fill:var(--f)}}
.n{{font-weight:700;font-size:{NAME}px}}.w{{fill:#fff;font-weight:700}}.o{{fill:var(--o)}}.t{{font-weight:700}}
.m{{text-anchor:middle}}.c{{font-size:{CAPTION}px;text-anchor:middle}}
.result{{fill:var(--p);stroke:var(--l)}}.leaf{{fill:var(--bf);stroke:var(--b);stroke-width:1.6}}
.constant,.d{{fill:none;stroke:var(--l);stroke-dasharray:4 3}}.root{{fill:var(--of);stroke:var(--o);stroke-width:1.8}}
.e{{fill:none;stroke:var(--l);stroke-width:1.2;marker-end:url(#m)}}.q{{fill:none;stroke:var(--o);stroke-width:1.8}}
.h{{fill:none;stroke:var(--o);stroke-width:3.5}}.y{{fill:none;stroke:var(--b);stroke-width:3.5}}
.z{{fill:none;stroke:var(--o);stroke-width:6;stroke-linecap:round;stroke-dasharray:14 200;opacity:0}}
.u{{opacity:0}}.l{{transform-origin:left;transform-box:fill-box}}
""".replace("\n", "")
STILL = "@media(prefers-reduced-motion:reduce){*{animation:none!important}}"
HEAD = '<marker id="m" refX="7" refY="3" markerWidth="7" markerHeight="6"><path class="f" d="M0 0 7 3 0 6z"/></marker>'


def animate(recording: Recording) -> str:
    """The text of an SVG file, about 1.5 KB a node. Errors: AutogradError for a graph of more than 60 nodes."""
    if len(recording.nodes) > MOST:
        raise AutogradError(
            f"a graph of {len(recording.nodes):,} nodes is too large for an animation, which shows up to {MOST}."
            f"{place()}\n  Save the steps as a page: save('steps.html')."
        )
    return _Film(recording).text()


class _Film:
    """The parts of the picture, and the times at which each is seen."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        found = map(recording.event, range(len(recording)))
        self.events = [event for event in found if event.phase != "forward" or event.still.parents]
        self.begins = [START]  # of each event, and the end
        for event in self.events:
            self.begins.append(self.begins[-1] + (FORWARD if event.phase == "forward" else BACKWARD))
        self.seconds = self.begins[-1] + HOLD
        self.frames: dict[str, str] = {}  # key frames by name
        self.sizes = [_size(node, recording) for node in recording.nodes]
        edges = [(parent.number, node.number) for node in recording.nodes for parent in node.parents]
        plan = self.plan = layout(self.sizes, edges, [0.0] * len(edges))
        slots = [(node.number, slot) for node in recording.nodes for slot in range(len(node.parents))]
        self.paths = dict(zip(slots, plan.paths, strict=True))

    def text(self) -> str:
        wide = max(self.plan.along, *(0.9 * width(event.text, CAPTION) for event in self.events)) + 2 * MARGIN
        high = self.plan.across + 2 * MARGIN + FOOT
        body = "\n".join([*self._edges(), *self._cards(), *self._steps(), *self._foot(wide, high)])
        frames = [
            f"@keyframes {name}{{{steps}}}.{name}{{animation-name:{name}}}" for name, steps in self.frames.items()
        ]
        style = f"{STYLE}.a{{animation:{self.seconds:.1f}s linear infinite}}{''.join(frames)}{STILL}"
        shift = (wide - self.plan.along) / 2
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide:.0f}" height="{high:.0f}" '
            f'viewBox="0 0 {wide:.0f} {high:.0f}" role="img">\n'
            f"<title>The backward pass of {escape(self.recording.root_name)}, step by step</title>\n"
            f"<style>{style}</style>\n{_rect('p', 0, 0, wide, high, 12)}\n"
            f'<g transform="translate({shift:.0f} {MARGIN:.0f})">\n{body}\n</g>\n</svg>\n'
        )

    # Times

    def _at(self, seconds: float) -> str:
        return f"{100 * seconds / self.seconds:.1f}%".replace(".0%", "%")

    def _seen(self, begin: int, end: int | None = None) -> str:
        """The classes of what is seen from the beginning of one event to that of another, or for good."""
        name = f"s{begin}" if end is None else f"s{begin}_{end}"
        if name not in self.frames:
            first = self.begins[begin]
            self.frames[name] = f"0%,{self._at(first)}{{opacity:0}}{self._at(first + FADE)}"
            if end is not None:
                last = self.begins[end]
                self.frames[name] += f",{self._at(last)}{{opacity:1}}{self._at(last + FADE)},to{{opacity:0}}"
            else:
                self.frames[name] += "{opacity:1}"
        return f"a {name}" if end is None else f"a u {name}"

    def _flowing(self, number: int) -> str:
        """The classes of a dash that runs along an edge, from the consumer to the operand."""
        first, last = self.begins[number] + FADE, self.begins[number] + 0.6 * BACKWARD
        start = "stroke-dashoffset:-100}"
        self.frames[f"f{number}"] = (
            f"0%,{self._at(first)}{{opacity:0;{start}{self._at(first + 0.05)}{{opacity:1;{start}"
            f"{self._at(last)}{{opacity:1;stroke-dashoffset:14}}{self._at(last + 0.05)},to{{opacity:0}}"
        )
        return f"a f{number}"

    # Parts

    def _edges(self) -> Iterator[str]:
        """Every edge pointing to its consumer, and, once its contribution has come along it, back to the operand."""
        numbers = {(e.by.number, e.slot): i for i, e in enumerate(self.events) if e.by is not None}
        paths = [
            f'<path id="{_id(head, slot)}" d="{_curve(path)}" pathLength="100"/>'
            for (head, slot), path in self.paths.items()
        ]
        yield f"<defs>{HEAD}{''.join(paths)}</defs>"
        for (head, slot), path in self.paths.items():
            constant = self.recording.nodes[head].parents[slot].primitive is None
            if (head, slot) not in numbers:
                yield _use("d" if constant else "e", head, slot)
                continue
            passed = numbers[head, slot] + 1
            arrow = f'<path class="o" d="M{path[0][0]:.0f} {path[0][1]:.0f}l9-4v8z"/>'
            yield f'<g class="{self._seen(0, passed)}">{_use("e", head, slot)}</g>'
            yield f'<g class="{self._seen(passed)}">{_use("q", head, slot)}{arrow}</g>'

    def _cards(self) -> Iterator[str]:
        for node, size, (x, y) in zip(self.recording.nodes, self.sizes, self.plan.centres, strict=True):
            card = "".join(self._card(node, *size))
            yield f'<g transform="translate({x - size[0] / 2:.0f} {y - size[1] / 2:.0f})">{card}</g>'

    def _card(self, node: Still, wide: float, high: float) -> Iterator[str]:
        if node.primitive is None:
            yield _rect("constant", 0, 0, wide, high) + _text("m f", wide / 2, high / 2 + 5, _short(node.data))
            return
        kind = "root" if node is self.recording.root else "result" if node.parents else "leaf"
        yield _rect(kind, 0, 0, wide, high, 11 if node.parents else 1)
        at = PAD
        if node.parents:
            badge, size = _badge(node)
            yield _rect("g", PAD, PAD, badge, high - 2 * PAD, 9)
            yield _text("w m", PAD + badge / 2, high / 2 + 0.36 * size, node.operation, size)
            at += badge + PAD
        yield _text("n", at, 20, self.recording.names[node])
        yield _text("s", at, 38, "value") + _text("s", at, 56, "grad")
        yield from self._numbers(node, at + LABEL)

    def _numbers(self, node: Still, x: float) -> Iterator[str]:
        """The value, and the gradient as it is between one event that writes it and the next."""
        mine = [i for i, event in enumerate(self.events) if event.still is node]
        computed = [i for i in mine if self.events[i].phase == "forward"]
        yield _text(self._seen(computed[0]) if computed else "", x, 38, _short(node.data))
        writes = [i for i in mine if self.events[i].phase != "forward"]
        texts = [NOT_COMPUTED, *(_short(self.events[i].after) for i in writes)]
        for text, (begin, end) in zip(texts, pairwise([0, *(i + 1 for i in writes), None]), strict=True):
            bold = "t " if end is None else ""
            yield _text(f"o {bold}{self._seen(begin or 0, end)}", x, 56, text, 22 if text == NOT_COMPUTED else 0)

    def _steps(self) -> Iterator[str]:
        """Of each event what is marked: the node that receives, and what flows to it."""
        for number, event in enumerate(self.events):
            (wide, high), (x, y) = self.sizes[event.still.number], self.plan.centres[event.still.number]
            kind = "y" if event.phase == "forward" else "h"
            ring = _rect(kind, x - wide / 2 - 5, y - high / 2 - 5, wide + 10, high + 10, 14)
            along = _use("h", event.by.number, event.slot) if event.by is not None else ""
            yield f'<g class="{self._seen(number, number + 1)}">{ring}{along}</g>'
            if event.by is not None:
                yield _use(f"z {self._flowing(number)}", event.by.number, event.slot)

    def _foot(self, wide: float, high: float) -> Iterator[str]:
        """The event as mathematics, and a line that says how far it has come."""
        middle, base = self.plan.along / 2, high - MARGIN - FOOT + 30
        for number, event in enumerate(self.events):
            yield _text(f"c {self._seen(number, number + 1)}", middle, base, event.text)
        turn = self.begins[next(i for i, event in enumerate(self.events) if event.phase == "seed")]
        scale = (wide - 2 * MARGIN) / (self.begins[-1] - START)
        for name, colour, begin, end in (("forward", "b", START, turn), ("backward", "o", turn, self.begins[-1])):
            x, long = middle - wide / 2 + MARGIN + scale * (begin - START), scale * (end - begin)
            self.frames[name] = f"0%,{self._at(begin)}{{transform:scaleX(0)}}{self._at(end)},to{{transform:scaleX(1)}}"
            yield _rect("", x, base + 22, long, 4, more=' fill="var(--t)"')
            yield _rect(f"a l {name}", x, base + 22, long, 4, more=f' fill="var(--{colour})"')
            yield _text("s", x, base + 38, f"{name} pass")


def _size(node: Still, recording: Recording) -> Point:
    if node.primitive is None:
        return width(_short(node.data), TEXT) + 2 * PAD, 30.0
    texts = [_short(node.data), *(_short(recording.event(k).after) for k in recording.arrivals(node))]
    inside = max(LABEL + 62.0, width(recording.names[node], NAME), *(LABEL + width(text, TEXT) for text in texts))
    return inside + 2 * PAD + (_badge(node)[0] + PAD if node.parents else 0.0), HIGH


def _badge(node: Still) -> tuple[float, int]:
    """Its width, and the font size of the operation in it."""
    size = 26 if node.operation == "·" else 19 if len(node.operation) == 1 else TEXT
    return max(26.0, width(node.operation, size) + 12), size


def _short(x: Any) -> str:
    """A number, a small array, or the mean of a larger one."""
    if x is None:
        return NOT_COMPUTED
    found = entries(x)
    return (found[0] if len(found) == 1 else f"mean {found[1]}").replace("-", "−")


def _curve(path: Sequence[Point]) -> str:
    parts = [f"M{path[0][0]:.0f} {path[0][1]:.0f}"]
    for (xa, ya), (xb, yb) in pairwise(path):
        parts.append(f"C{(xa + xb) / 2:.0f} {ya:.0f} {(xa + xb) / 2:.0f} {yb:.0f} {xb:.0f} {yb:.0f}")
    return "".join(parts)


def _id(head: int, slot: int) -> str:
    return f"e{head}-{slot}"


def _use(kind: str, head: int, slot: int) -> str:
    return f'<use href="#{_id(head, slot)}" class="{kind}"/>'


def _rect(kind: str, x: float, y: float, wide: float, high: float, radius: float = 0, more: str = "") -> str:
    around = f' rx="{radius:g}"' if radius else ""
    return f'<rect class="{kind}" x="{x:.0f}" y="{y:.0f}" width="{wide:.0f}" height="{high:.0f}"{around}{more}/>'


def _text(kind: str, x: float, y: float, text: str, size: float = 0) -> str:
    large = f' font-size="{size:g}"' if size else ""
    return f'<text class="{kind}" x="{x:.0f}" y="{y:.0f}"{large}>{escape(text)}</text>'
