"""The report of a failed check: a verdict in words, and where."""

from __future__ import annotations

from dataclasses import dataclass

from autograd.check.verdict import Verdict
from autograd.errors import AutogradError, place


@dataclass(frozen=True, slots=True)
class Failure:
    """What is wrong: why (`verdict`), and where.

    `argument` is the input as the user calls it and `element` the worst of its elements, `mode` "reverse" or
    "forward", `primitive` the operation whose rule is at fault, where one is; `derivative` says which derivative it is
    that was `expected` by differences and `found` by the sweep (None: it found nothing). `origin` is the file and line
    where the operation was recorded.
    """

    function: str
    verdict: Verdict
    argument: str = ""
    element: str = ""
    mode: str = ""
    derivative: str = ""
    expected: float | None = None
    found: float | None = None
    primitive: str = ""
    remark: str = ""
    origin: tuple[str, int] | None = None

    @property
    def text(self) -> str:
        """The whole report."""
        lines = [self.verdict.text]
        if self.function not in self.verdict.text:
            lines[0] = f"{self.function}: {lines[0]}"
        if self.derivative:
            found = "nothing" if self.found is None else f"{self.found:.7g}"
            said = f"{self.derivative} should be {self.expected:.7g}; {self.mode} mode found {found}."
            lines.append(f"{said} {self.remark}".rstrip())
        lines.append(self.verdict.remedy)
        return "\n  ".join(lines)


class GradcheckError(AutogradError, AssertionError):
    """A derivative is wrong: `failure` says which and why, `verdict` is the reason alone."""

    def __init__(self, failure: Failure) -> None:
        at = place()
        made = place(failure.origin) if failure.origin else ""
        super().__init__(failure.text + (made if made != at else "") + at)
        self.failure = failure
        self.verdict = failure.verdict
