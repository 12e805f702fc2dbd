"""Report: what the tutor found, as text for a terminal, as a table for a notebook, and as attributes for programs."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from html import escape

from autograd.tutor.finding import CONVENTION, FOLLOWS, NEARLY, RIGHT, WRONG, Finding, Remark

WIDTH = 100
_MARK = {RIGHT: "✓", CONVENTION: "✓", NEARLY: "✓", FOLLOWS: "·", WRONG: "✗"}


class Report:
    """The findings in the order of the backward pass, from the loss back.

    | attribute | what it is |
    |---|---|
    | `ok` | whether every gradient (and every update that was given) is right |
    | `first` | the first wrong one, the place to mend; None when nothing is wrong |
    | `findings` | all of them; `report["W1"]` and `report["dW1"]` are the one of that name |
    | `remarks` | what else is worth knowing, such as targets that the output cannot reach |
    """

    def __init__(self, findings: Sequence[Finding], remarks: Sequence[Remark]) -> None:
        self.findings = list(findings)
        self.remarks = list(remarks)

    @property
    def ok(self) -> bool:
        """Whether every gradient is right."""
        return all(finding.ok for finding in self.findings)

    @property
    def first(self) -> Finding | None:
        """The first wrong gradient from the loss back: what comes after it may only be its consequence."""
        return next((finding for finding in self.findings if finding.status == WRONG), None)

    @property
    def wrong(self) -> list[Finding]:
        """Those with a mistake of their own."""
        return [finding for finding in self.findings if finding.status == WRONG]

    def __getitem__(self, name: str) -> Finding:
        for finding in self.findings:
            if name in (finding.name, finding.gradient):
                return finding
        known = ", ".join(finding.gradient for finding in self.findings)
        raise KeyError(f"{name!r}: the report is about {known}")

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        rows = [(f.gradient, str(f.expected.shape), f"{_MARK[f.status]} {self._short(f)}") for f in self.findings]
        widths = [max(len(row[i]) for row in rows) for i in range(2)]
        lines = [self.headline, ""]
        for name, shape, verdict in rows:
            head = f"  {name:<{widths[0]}}  {shape:<{widths[1]}}  "
            lines += textwrap.wrap(
                verdict, WIDTH, initial_indent=head, subsequent_indent=" " * (len(head) + 2), break_long_words=False
            )
        for f in self.wrong:
            lines += ["", *_wrapped(f"{f.text} {f.remedy}")]
            if f.recipe:
                lines.append(f"    Right: {f.recipe}")
        for remark in self.remarks:
            lines += ["", *_wrapped(f"Note: {remark.text} {remark.remedy}")]
        return "\n".join(lines)

    @property
    def headline(self) -> str:
        """The report in one sentence."""
        first, count = self.first, len(self.wrong)
        if first is None:
            n = sum(not finding.name.startswith("update of ") for finding in self.findings)
            whole = {1: "The gradient is", 2: "Both gradients are"}.get(n, f"All {n} gradients are") + " right"
            whole += ", and so are the updates" if n < len(self.findings) else ""
            return f"{whole}, but see the note." if self.remarks else f"{whole}."
        more = "" if count == 1 else f" There are {count} mistakes."
        return f"Mend {first.place} first.{more}"

    def _short(self, f: Finding) -> str:
        if f.status != WRONG:
            return f.text
        arrow = "  ← mend this first" if f is self.first else ""
        return f"{f.kind}{arrow}"

    def _repr_html_(self) -> str:
        """A table for notebooks. It takes its colours from the page, so it is as dark or as light as that."""
        cell = "padding:.25em .8em;text-align:left;vertical-align:top;border-top:1px solid #8884"
        short = f"{cell};white-space:nowrap"
        rows = []
        for f in self.findings:
            text = f"<b>{escape(f.text)}</b>" if f.status == WRONG else escape(f.text)
            if f is self.first:
                text += " <b>← mend this first</b>"
            for line in filter(None, (escape(f.remedy), f.recipe and f"Right: <code>{escape(f.recipe)}</code>")):
                text += f"<br>{line}"
            faint = ";opacity:.75" if f.status == FOLLOWS else ""
            rows.append(
                f'<tr><td style="{cell}">{_MARK[f.status]}</td>'
                f'<td style="{short}"><code>{escape(f.gradient)}</code></td><td style="{short}">{f.expected.shape}</td>'
                f'<td style="{cell}{faint}">{text}</td></tr>'
            )
        notes = "".join(f"<p>{escape(r.text)} {escape(r.remedy)}</p>" for r in self.remarks)
        return (
            f'<div style="max-width:60em"><p><b>{escape(self.headline)}</b></p>'
            f'<table style="border-collapse:collapse;background:none">{"".join(rows)}</table>{notes}</div>'
        )


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text.strip(), WIDTH, break_long_words=False)
