"""The table by operator, and what is under it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tests.operators.excuse import exceptions
from tests.operators.harness import PARTS, Outcome

COLUMNS = ("given", "agree", "settled", "except", "differ")
HEAD = f"{'operator':40} parts" + "".join(f"{column:>8}" for column in COLUMNS)
LEGEND = """
parts    v values, g gradients, s second order, f forward mode: those that PyTorch has
settled  of those that agree: PyTorch answers something else, and by itself shows that this is wrong
except   differ on purpose; the reasons are below, and in exceptions.toml"""


class Tally:
    """How many samples went how: of an operator, and, added up, of many."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.parts: set[str] = set()
        self.reasons: Counter[str] = Counter()
        self.excused: Counter[int] = Counter()

    def add(self, outcome: Outcome) -> None:
        """Count one sample."""
        differs = "differ" if outcome.wrong else "except" if outcome.excused else "agree"
        self.counts.update(["given", differs, *(["settled"] if outcome.settled and outcome.agrees else [])])
        self.parts |= outcome.compared
        self.reasons.update(set(outcome.settled.values()) if outcome.agrees else ())
        self.excused.update(set(outcome.excused.values()) if not outcome.wrong else ())

    def __iadd__(self, other: Tally) -> Tally:
        self.counts += other.counts
        self.parts |= other.parts
        self.reasons += other.reasons
        self.excused += other.excused
        return self

    @property
    def share(self) -> float:
        """Of all samples how many agree."""
        return self.counts["agree"] / max(self.counts["given"], 1)

    def row(self, name: str) -> str:
        """A line of the table."""
        letters = "".join(part[0] if part in self.parts else "·" for part in PARTS)
        return f"{name:40} {letters} " + "".join(f"{self.counts[column] or '':8}" for column in COLUMNS)

    def notes(self) -> str:
        """Why PyTorch was found to be wrong, and the exceptions that were needed."""
        lines = ["", "settled:"] + [f"{n:8}  {reason}" for reason, n in self.reasons.most_common()]
        lines += ["", "exceptions:"]
        for number, n in sorted(self.excused.items()):
            entry = exceptions()[number]
            names = entry["operator"] if isinstance(entry["operator"], list) else [entry["operator"]]
            lines.append(f"{n:8}  {', '.join(names)}: {entry['reason']}")
        return "\n".join(lines)


def failures(outcomes: Iterable[Outcome], most: int = 5) -> str:
    """What differs, a line for each sample."""
    lines = [
        f"{o.sample} {o.dtype}: " + "; ".join(f"{part} {what}" for part, what in o.wrong.items()) for o in outcomes
    ]
    more = [f"... and {len(lines) - most} more"] if len(lines) > most else []
    return "\n".join(lines[:most] + more)
