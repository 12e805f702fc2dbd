"""Report: all that is known about the first bad number, in words, as a picture and as a program."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cached_property
from html import escape
from itertools import groupby
from types import FrameType
from typing import TYPE_CHECKING, Any

from autograd.anomaly.cause import Cause
from autograd.anomaly.finding import Finding
from autograd.anomaly.number import Statistics, plain, statistics
from autograd.anomaly.verdict import cause_of
from autograd.errors import describe, is_own
from autograd.node import Node
from autograd.origin import Origin
from autograd.view.names import names_of
from autograd.view.text import number
from autograd.view.trace import reading_order

if TYPE_CHECKING:
    from autograd.view.draw import Picture

LAST = (
    "  .picture() draws it, .script() is a program that shows it. (Of an error nobody caught: sys.last_value.picture())"
)
SHOWN = 7  # operations of the way; of longer ones the middle is left out


class Report:
    """Who made the first bad number, why, and what people do about it; printed, all of it.

    | attribute | what it is |
    |---|---|
    | `headline` | what happened, in a line |
    | `operation`, `node`, `origin` | the culprit: its name, its result, and where it was made (or None) |
    | `where`, `nature` | `"forward"`, `"backward"`, `"tangent"` or `"stale"`; `"nan"` or `"inf"` |
    | `cause`, `advice` | the likely cause in a few words, and what to do about it, best first |
    | `operands` | the statistics of each operand |
    | `path` | the operations between the culprit and what was noticed, the culprit first |

    `picture()` draws the way, `script()` is a program that fails in the same way.
    """

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        self.node = finding.node
        self.where = finding.where
        self.nature = finding.nature
        self.path = finding.path
        self.origin: Origin | None = _origin(finding)
        self.names = names_of(reading_order([finding.root, *finding.path]), _variables())
        self._cause: Cause = cause_of(finding, self.names)

    # In words

    @property
    def operation(self) -> str:
        """The name of the operation; of a number that came in with a leaf, `"leaf"`."""
        return self.finding.name or "leaf"

    @property
    def cause(self) -> str:
        """The likely cause, in a few words."""
        return self._cause.title

    @property
    def advice(self) -> list[str]:
        """What people do about it, the best remedy first."""
        return list(self._cause.advice)

    @property
    def operands(self) -> list[Statistics]:
        """Figures of each operand."""
        return [statistics(parent) for parent in self.node.parents]

    @property
    def module(self) -> str:
        """The path of the module in which it happened: `model.layers.1`; nothing outside of modules."""
        scope = self.origin.scope if self.origin else None
        return ".".join(filter(None, scope.path)) if scope else ""

    @cached_property
    def headline(self) -> str:
        """What happened, in a line."""
        return f"{self._happened()}: {self._cause.title}."

    def _happened(self) -> str:
        found = self.finding
        name = found.primitive.word if found.primitive else ""
        if found.where == "stale":
            operand = found.node.parents[found.slot or 0]
            return f"operand {found.slot} of {name}, {self._described(operand)}, was changed after it was used"
        what = number(float(plain(found.bad)[found.index])) if plain(found.bad) is not None else self.nature  # type: ignore[index]
        if found.where == "tangent":
            return f"{name} made a tangent of {what} in forward mode"
        if found.where == "backward":
            if found.slot is None:
                return f"the gradients that arrived at {self._called(found.node)} add up to {what} in the backward pass"
            return f"the gradient through {name} became {what} in the backward pass"
        if not name:
            return f"{self._called(found.node)} holds {what} before anything is computed"
        return f"{name} gave {what} in the forward pass"

    def _called(self, node: Node) -> str:
        return self.names.get(node) or ("a number" if type(node.data) is float else describe(node))

    def _described(self, node: Node) -> str:
        name = self.names.get(node, "")
        text = "Value" if type(node.data) is float else describe(node)
        return text if not name or repr(name) in text else f"{text} {name!r}"

    def __str__(self) -> str:
        return "\n".join([self.headline, *self._place(), *self._told(), *self._details()])

    __repr__ = __str__

    def _place(self) -> Iterator[str]:
        origin = self.origin
        if origin is None and not self.node.parents:
            return
        if origin is None:
            yield "  (It was made outside of detect_anomaly(): put the forward pass inside, too, and the line is told.)"
            return
        head = f"  at {origin.place}: "
        yield head + origin.text
        before, within, behind = origin.parts
        if within and (before or behind):
            yield " " * (len(head) + len(before)) + "^" * len(within)
        where = [f"in {self.module}" if self.module else "", f"for the variable {origin.name}" if origin.name else ""]
        if any(where):
            yield f"  {', '.join(filter(None, where))}"

    def _told(self) -> Iterator[str]:
        if self.node.witness is not None and self.node.witness.derived:
            yield "  It is part of a derivative that is differentiated again: mend the operation on this line."
        if self._cause.because:
            yield f"  {self._cause.because}"
        for i, text in enumerate(self._cause.advice):
            yield f"  {'What to do: ' if i == 0 else 'Or: '}{text}"

    def _details(self) -> Iterator[str]:
        found = self.finding
        yield ""
        if found.where == "stale":
            yield LAST
            return
        if not self.node.parents:
            yield f"  it is         {self._line(found.node)}"
        for slot, parent in enumerate(self.node.parents):
            yield f"  operand {slot}     {self._line(parent)}{self._there(slot)}"
        if found.where == "backward" and found.slot is None:
            for g in found.given:
                yield f"  gradient in   {_figures(g)}"
            yield f"  their sum     {_figures(found.bad)}"
        elif found.where == "backward":
            at = "" if found.cotangent is None else f", there {number(found.cotangent)}"
            yield f"  gradient in   {_figures(found.given)}{at}"
            yield f"  gradient out  {_figures(found.bad)}"
        elif self.node.parents:
            yield f"  result        {_figures(found.node)}"
        if len(self.path) > 1:
            yield f"  its way       {self._way()}"
        yield LAST

    def _line(self, node: Node) -> str:
        return f"{self._described(node)}  {_figures(node, shape=False)}".rstrip()

    def _there(self, slot: int) -> str:
        found = self.finding
        if not found.element or plain(self.node.parents[slot]).size == 1:  # type: ignore[union-attr]
            return ""
        return f"; there {number(found.element[slot])}"

    def _way(self) -> str:
        steps = []
        for _, alike in groupby(self.path, key=_kind):
            first, *more = alike
            steps.append(f"{self._step(first)} × {len(more) + 1:,}" if more else self._step(first))
        if len(steps) > SHOWN:
            steps = [*steps[:3], f"{len(steps) - 6} more", *steps[-3:]]
        return " → ".join(steps)

    def _step(self, node: Node) -> str:
        name = self.names.get(node, "" if node.parents else "leaf" if node.requires_grad else "constant")
        operation = node.primitive.word if node.parents and node.primitive else ""
        line = f"{node.origin.line}" if isinstance(node.origin, Origin) else ""
        return " ".join(filter(None, [operation, name and (f"({name})" if operation else name), line and f"[{line}]"]))

    # As a picture and a program

    def picture(self, **settings: Any) -> Picture:
        """The way of the bad numbers, drawn: they are red. `settings` are those of `autograd.draw`."""
        from autograd.anomaly.picture import picture

        return picture(self.finding, self.names, **settings)

    draw = picture

    def script(self) -> str:
        """A program that fails in the same way, with the operation and those elements that matter."""
        from autograd.anomaly.script import script

        return script(self.finding, self.headline)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>{self.picture().svg()}"


def _origin(finding: Finding) -> Origin | None:
    """Where the culprit was made; of a leaf, where it was used first."""
    for node in [finding.node, *finding.path[1:2]]:
        if isinstance(node.origin, Origin):
            return node.origin
    return None


def _kind(node: Node) -> Any:
    """What is told once of operations that follow one another: the same on the same line."""
    return (node.primitive, node.origin.line) if node.parents and isinstance(node.origin, Origin) else id(node)


def _figures(x: Any, shape: bool = True) -> str:
    found = plain(x)
    if found is None:
        return "something that is no array"
    if found.size == 1:
        return number(found.item())
    figures = statistics(found)
    return f"{figures.shape} {figures.dtype}: {figures}" if shape else str(figures)


def _variables() -> dict[str, Any]:
    """The variables that the user's program holds where the error is raised."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and is_own(frame):
        frame = frame.f_back
    if frame is None:
        return {}
    return {**frame.f_locals, **{k: v for k, v in frame.f_globals.items() if k not in frame.f_locals}}
