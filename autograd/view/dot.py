"""Dot: a sketch in the language of Graphviz."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

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
)

if TYPE_CHECKING:
    from graphviz import Digraph


MANY = 100  # from so many boxes on Graphviz is told not to look for the last bit of order: ten times faster


def digraph(sketch: Sketch, rankdir: str) -> Digraph:
    """A `graphviz.Digraph`, whose nodes are called n0, n1, ... in the order of the boxes."""
    from graphviz import Digraph

    graph = Digraph(
        graph_attr={
            "rankdir": rankdir,
            "bgcolor": PAPER,
            "pad": "0.25",
            "nodesep": "0.22",
            "ranksep": "0.5",
            "fontname": FONT,
        },
        node_attr={"shape": "box", "fontname": FONT, "fontsize": str(SIZE), "fontcolor": INK, "margin": "0.09,0.06"},
        edge_attr={"color": BADGE, "fontname": FONT, "fontsize": str(SMALL), "arrowsize": "0.7", "penwidth": "1.2"},
    )
    trees = _trees(sketch)
    if len(sketch.boxes) > MANY:
        graph.attr(nslimit="2", nslimit1="2")
    clusters = [Digraph(f"cluster{i}", graph_attr=_cluster(frame)) for i, frame in enumerate(sketch.frames)]
    for i, box in enumerate(sketch.boxes):
        outline = look(box)
        (graph if box.frame is None else clusters[box.frame]).node(
            f"n{i}",
            f"<{_label(box)}>",
            style=",".join(["filled", *["rounded"] * outline.round, *["dashed"] * outline.dashed]),
            color=outline.line,
            fillcolor=outline.fill,
            penwidth=f"{outline.width:g}",
            peripheries="2" if outline.double else "1",
            ordering="in" if trees[i] else "",
        )
    for frame, cluster in reversed(list(zip(sketch.frames, clusters))):  # inner ones first
        (graph if frame.outer is None else clusters[frame.outer]).subgraph(cluster)
    for edge in sketch.edges:
        graph.edge(f"n{edge.tail}", f"n{edge.head}", **_edge(edge))
    return graph


def _cluster(frame: Frame) -> dict[str, str]:
    return {
        "label": f"<{_font(f'<B>{escape(frame_title(frame))}</B>', FAINT, SMALL + 1)}>",
        "labeljust": "l",
        "style": "rounded,filled",
        "color": LINES,
        "fillcolor": SHEETS[frame.depth % 2],
        "margin": "10",
    }


def _trees(sketch: Sketch) -> list[bool]:
    """Of each box, whether its operands are its own. They are drawn in their order; where others need them, too,
    fewer crossings are worth more.
    """
    heads: list[set[int]] = [set() for _ in sketch.boxes]
    for edge in sketch.edges:
        heads[edge.tail].add(edge.head)
    found = [True] * len(sketch.boxes)
    for edge in sketch.edges:
        found[edge.head] &= len(heads[edge.tail]) == 1
    return found


def _edge(edge: Edge) -> dict[str, str]:
    found: dict[str, str] = {}
    if edge.constant:
        found |= {"style": "dashed", "color": GREY, "penwidth": "1"}
    if edge.place:
        found |= {"headlabel": edge.place, "labelfontcolor": FAINT, "labeldistance": "1.6", "labelangle": "-22"}
    if edge.rule:
        lines = escape(edge.rule, quote=False).replace("\\", "\\\\").split("\n")
        found |= {"label": "".join(f"{line}\\l" for line in lines), "fontcolor": ORANGE}  # \l ends a line on the left
    return found


def _label(box: Box) -> str:
    """The inside of a box: the operation in a badge on the left, then the name and a table of numbers."""
    columns = 2 * max([1, *map(len, box.table)])
    rows = [_cell(_font(f"<B>{escape(title(box))}</B>", size=SIZE + 1), span=columns)] if title(box) else []
    rows += [_cell(_font(escape(line), colour, size), span=columns) for line, colour, size in notes(box)]
    rows += ["".join(_row(box, head, numbers)) for head, *numbers in box.table]
    inside = _table("".join(f"<TR>{row}</TR>" for row in rows))
    if not box.operation:
        return inside
    return _table(f'<TR><TD>{_badge(box)}</TD><TD WIDTH="8"></TD><TD>{inside}</TD></TR>')


def _row(box: Box, head: str, numbers: list[str]) -> Iterator[str]:
    """Cells of a row, two for each number: with the sign apart, the points stand under one another."""
    margin, least = (18, NUMBER) if box.kind != "constant" or len(box.table) > 1 else (0, 0)
    if box.kind != "constant":
        yield _cell(_font(head, FAINT, SMALL))
    for text in numbers:
        size, colour = number_size(head, text), ink(box, head)
        sign, digits = sign_and_digits(text)
        yield f'<TD ALIGN="RIGHT" CELLPADDING="0" WIDTH="{margin}">{_font(sign, colour, size)}</TD>'
        yield f'<TD ALIGN="LEFT" CELLPADDING="0" WIDTH="{least}">{_font(escape(digits), colour, size)}</TD>'


def _badge(box: Box) -> str:
    text = _font(f"<B>{escape(box.operation)}</B>", PAPER, badge_size(box))
    if box.settings:
        text += "<BR/>" + _font(escape(box.settings), PAPER, SMALL)
    width, height = badge(box)
    cell = f'<TR><TD FIXEDSIZE="TRUE" WIDTH="{width:.0f}" HEIGHT="{height:.0f}">{text}</TD></TR>'
    return _table(cell, f'STYLE="ROUNDED" BGCOLOR="{BADGE}"')


def _table(rows: str, attributes: str = 'CELLPADDING="1"') -> str:
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" {attributes}>{rows}</TABLE>'


def _cell(text: str, span: int = 1) -> str:
    return f'<TD ALIGN="LEFT" COLSPAN="{span}">{text}</TD>'


def _font(text: str, colour: str = INK, size: float = SIZE) -> str:
    return f'<FONT COLOR="{colour}" POINT-SIZE="{size:g}">{text}</FONT>' if text else ""
