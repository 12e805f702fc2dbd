"""The table by operator."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.operators.harness import PARTS, Outcome


@dataclass
class Row:
    """How one operator went."""

    name: str
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def agreeing(self) -> int:
        """Samples in which nothing differs."""
        return sum(outcome.agrees for outcome in self.outcomes)

    @property
    def settled(self) -> int:
        """Samples in which PyTorch is shown to be wrong by itself."""
        return sum(bool(outcome.settled) and outcome.agrees for outcome in self.outcomes)

    @property
    def excused(self) -> int:
        """Samples that differ only where `exceptions.toml` says why."""
        return sum(bool(outcome.excused) and not outcome.wrong for outcome in self.outcomes)

    @property
    def wrong(self) -> list[Outcome]:
        """Samples that differ and must not."""
        return [outcome for outcome in self.outcomes if outcome.wrong]

    def __str__(self) -> str:
        parts = "".join("·" if not any(p in o.compared for o in self.outcomes) else p[0] for p in PARTS)
        text = f"{self.name:40} {parts} {len(self.outcomes):6} {self.agreeing:6}"
        return f"{text} {self.settled or '':7} {self.excused or '':6} {len(self.wrong) or '':6}".rstrip()


HEAD = f"{'operator':40} vgsf {'given':>6} {'agree':>6} {'settled':>7} {'except':>6} {'differ':>6}"


def failures(outcomes: Iterable[Outcome], most: int = 5) -> str:
    """What differs, a line for each sample."""
    lines = [
        f"{o.sample} {o.dtype}: " + "; ".join(f"{part} {what}" for part, what in o.wrong.items()) for o in outcomes
    ]
    more = [f"... and {len(lines) - most} more"] if len(lines) > most else []
    return "\n".join(lines[:most] + more)
