"""Sketch: a picture as plain data, boxes and edges with their texts. Painters read it and need not know nodes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["leaf", "constant", "result", "module", "fold"]


@dataclass(slots=True)
class Box:
    """One node, or several that are drawn as one.

    `table` holds rows of equal length: the name of the row (`data`, `grad`, or nothing), then its entries.
    """

    kind: Kind
    operation: str = ""
    settings: str = ""
    name: str = ""
    note: str = ""
    table: list[list[str]] = field(default_factory=list)
    count: int = 1
    root: bool = False
    frame: int | None = None  # the innermost one around it
    prefix: str = ""  # of its name, told by the frames around it
    bad: bool = False  # whether there is something wrong with it


@dataclass(slots=True)
class Edge:
    """From the box of an operand to the box of the result that uses it as operand number `slot`."""

    tail: int
    head: int
    slot: int = 0
    place: str = ""  # which operand it is, where that matters and no rule says it
    rule: str = ""
    constant: bool = False


@dataclass(slots=True)
class Frame:
    """A line around boxes and other frames, with a title: an open module."""

    title: str
    count: int = 1
    outer: int | None = None
    depth: int = 0  # frames around it


@dataclass(slots=True)
class Sketch:
    """Boxes, each after all that have an edge to it; edges in the order of the operands; frames, outer ones first."""

    boxes: list[Box]
    edges: list[Edge]
    nodes: int  # of the graph, folded or not
    frames: list[Frame] = field(default_factory=list)

    def text(self) -> str:
        """The sketch as lines of text, for a terminal or a screen reader."""
        names = [box.prefix + box.name if box.name else f"#{i}" for i, box in enumerate(self.boxes)]
        operands: list[list[str]] = [[] for _ in self.boxes]
        for edge in self.edges:
            operands[edge.head].append(names[edge.tail])
        return "\n".join(map(_line, self.boxes, names, operands))


def _line(box: Box, name: str, operands: list[str]) -> str:
    made = f" = {' '.join(filter(None, [box.operation, box.settings]))}({', '.join(operands)})" if operands else ""
    count = f"× {box.count:,}" if box.count > 1 else ""
    table = [" ".join(filter(None, row)) for row in box.table]
    kind = box.kind if box.kind in ("leaf", "constant") else ""
    bad = "(bad)" if box.bad else ""
    return "  ".join(filter(None, [name + made, bad, kind, count, box.note.replace("\n", ", "), *table]))
