"""Checkup: what was found, as text for a terminal, as a table for a notebook, as a plot, and as data for programs."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from autograd.health.finding import NOTE, ORDER, SEVERE, WARNING, Finding
from autograd.view.text import number

WIDTH = 100
SHOWN = 40  # layers of a table; of more the middle is left out
_SIGN = {SEVERE: "✗", WARNING: "!", NOTE: "·"}
_COLOUR = {SEVERE: "#cf222e", WARNING: "#b8480e", NOTE: "#57606a", "": "#2f6db3"}


@dataclass(frozen=True)
class Row:
    """One layer in figures; sizes are root mean squares, None where there is nothing to measure.

    | attribute | what it is |
    |---|---|
    | `layer`, `kind` | its name, and the operation that it does |
    | `size` | how many numbers its parameters have |
    | `output` | the size of what it gives |
    | `gradient` | the size of the gradient that arrives at that |
    | `weight`, `weight_gradient` | the sizes of its weights, and of their gradient |
    | `activation`, `dead`, `saturated` | the activation behind it, and the shares of its units that are |
    """

    layer: str
    kind: str
    size: int
    output: float | None
    gradient: float | None
    weight: float
    weight_gradient: float | None
    activation: str = ""
    dead: float | None = None
    saturated: float | None = None


class Checkup:
    """How a network is: the layers in the order of the forward pass, and what is wrong with them.

    It is true when nothing is: `if not autograd.diagnose(loss): ...`

    | attribute | what it is |
    |---|---|
    | `findings` | the most severe first; `checkup["fc1"]` are those of a layer |
    | `layers` | a `Row` of figures for each layer |
    | `loss` | its value |
    """

    def __init__(self, loss: float, layers: Sequence[Row], findings: Sequence[Finding], annotated: bool) -> None:
        self.loss = loss
        self.layers = list(layers)
        self.findings = sorted(findings, key=lambda finding: ORDER.index(finding.severity))
        self._annotated = annotated

    @property
    def ok(self) -> bool:
        """Whether there is nothing to mend; notes are no faults."""
        return all(finding.severity == NOTE for finding in self.findings)

    def __bool__(self) -> bool:
        return self.ok

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    def __getitem__(self, layer: str) -> list[Finding]:
        return [f for f in self.findings if layer in f.layer.split(", ")]

    @property
    def headline(self) -> str:
        """The checkup in one sentence."""
        count = f"{len(self.layers)} layer{'s' if len(self.layers) != 1 else ''}"
        if not self.layers and not self.findings:
            return (
                f"no layer was found, loss {number(self.loss)}: there was nothing to look at. Give the model, model=."
            )
        if not self.findings:
            return f"{count}, loss {number(self.loss)}: healthy."
        kinds = [f"{f.kind} in {f.layer}" for f in self.findings]
        more = f" and {len(kinds) - 3} more" if len(kinds) > 3 else ""
        return f"{count}, loss {number(self.loss)}: {'; '.join(kinds[:3])}{more}."

    def __str__(self) -> str:
        lines = [self.headline, "", *self._table()]
        for f in self.findings:
            lines += ["", f"{_SIGN[f.severity]} {f.kind} in {f.layer} ({f.severity})"]
            lines += [f"    {f.place}"] if f.place else []
            for word, text in (("Measured", f.measured), ("Why", f.why), ("What to do", f.advice)):
                lines += textwrap.wrap(f"{word}: {text}", WIDTH, initial_indent="    ", subsequent_indent="      ")
        if any(not f.place for f in self.findings) and not self._annotated:
            lines += ["", "Recorded inside `with autograd.annotate():`, the lines of your program are shown, too."]
        return "\n".join(lines)

    __repr__ = __str__

    # As a table

    def _rows(self) -> list[list[str]]:
        head = ["layer", "", "numbers", "output", "∂loss/∂output", "weights", "∂loss/∂weights", "activation", ""]
        rows = [head]
        marks: dict[str, str] = {}
        for f in reversed(self.findings):
            marks.update(dict.fromkeys(f.layer.split(", "), f.severity))
        for row in self.layers:
            shares = [(row.dead, "dead"), (row.saturated, "saturated")]
            told = ", ".join(f"{100 * share:.0f} % {word}" for share, word in shares if share is not None)
            sign = _SIGN[marks[row.layer]] if row.layer in marks else ""
            figures = [row.output, row.gradient, row.weight, row.weight_gradient]
            texts = ["·" if x is None else number(x) for x in figures]
            rows.append([row.layer, row.kind, f"{row.size:,}", *texts, f"{row.activation} {told}".strip(), sign])
        if len(rows) > SHOWN + 1:
            half = SHOWN // 2
            rows = [*rows[: half + 1], [f"({len(rows) - 1 - SHOWN} more)", *[""] * 8], *rows[-half:]]
        return rows

    def _table(self) -> list[str]:
        rows = self._rows()
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        return [
            "  ".join(
                text.rjust(width) if 2 <= i <= 6 else text.ljust(width)
                for i, (text, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in rows
        ]

    def _repr_html_(self) -> str:
        head, *rows = self._rows()
        cell = "padding:2px 10px;text-align:{}"
        sides = ["left", "left", *["right"] * 5, "left", "left"]

        def line(row: Sequence[str], tag: str) -> str:
            cells = zip(row, sides, strict=True)
            return (
                "<tr>"
                + "".join(f'<{tag} style="{cell.format(side)}">{escape(x)}</{tag}>' for x, side in cells)
                + "</tr>"
            )

        table = f"<table>{line(head, 'th')}{''.join(line(row, 'td') for row in rows)}</table>"
        told = []
        for f in self.findings:
            place = f"<br><code>{escape(f.place)}</code>" if f.place else ""
            told.append(
                f'<p style="border-left:4px solid {_COLOUR[f.severity]};padding-left:10px;max-width:60em">'
                f"<b>{escape(f.kind)} in {escape(f.layer)}</b> ({f.severity}){place}<br>{escape(f.measured)}.<br>"
                f"<b>Why:</b> {escape(f.why)}<br><b>What to do:</b> {escape(f.advice)}</p>"
            )
        return f"<div><p><b>{escape(self.headline)}</b></p>{table}{''.join(told)}</div>"

    # As a plot

    def plot(self, axes: Any = None) -> Any:
        """The gradients by layer on a scale of powers of ten, and the shares of dead and saturated units. Returns axes.

        Needs matplotlib. `axes` are two of matplotlib's, one beside the other, to draw on.
        """
        from autograd.health.plot import plot

        return plot(self, axes)
