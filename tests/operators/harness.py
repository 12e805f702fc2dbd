"""One sample on both sides: what agrees, what does not."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.operators.adapter import Pair, adapters, names
from tests.operators.closeness import difference
from tests.operators.excuse import excuse
from tests.operators.ours import answer
from tests.operators.peer import Answer, Sample, ask, database, samples
from tests.operators.settlement import PARTS, settle


@dataclass
class Outcome:
    """How one sample went: of each part that differs, what; or which exception excuses it; or why PyTorch is wrong."""

    sample: Sample
    dtype: str
    wrong: dict[str, str] = field(default_factory=dict)
    excused: dict[str, int] = field(default_factory=dict)
    settled: dict[str, str] = field(default_factory=dict)
    compared: set[str] = field(default_factory=set)

    @property
    def agrees(self) -> bool:
        """Whether nothing differs, but where PyTorch is shown to be wrong by itself."""
        return not self.wrong and not self.excused


# Equal numbers make matrices singular, and coordinates and bounds of bins useless: these operators are spared them.
EQUAL = {"holes", "far"}
DISTINCT = {name for name, family in names("extended").items() if family == "linalg"} | set(
    "searchsorted bucketize gradient linalg.matrix_norm".split()
)


def compare(name: str, dtype: Any, move: str = "as given", seed: int = 0, most: int | None = None) -> Iterator[Outcome]:
    """The outcomes of an operator's samples; of `most` of each variant, spread evenly."""
    adapter = adapters()[name]
    if move in EQUAL and name in DISTINCT:
        return
    for info in database()[name]:
        with _quietly():
            found = list(samples(info, dtype, move, seed))
        step = 1 if most is None else -(-len(found) // most) or 1
        for sample in found[::step]:
            outcome = _compare(sample, adapter, dtype)
            if outcome is not None:
                yield outcome


def _compare(sample: Sample, adapter: Any, dtype: Any) -> Outcome | None:
    """None where PyTorch itself raises an error."""
    ours, theirs = (adapter.ours, adapter.theirs) if isinstance(adapter, Pair) else (adapter, sample.info)
    outcome = Outcome(sample, np.dtype(dtype).name)
    with _quietly():
        try:
            expected = ask(sample, theirs, dtype)
        except Exception:
            return None
        try:
            found = answer(sample, ours, expected, dtype)
        except Exception as error:
            outcome.wrong["error"] = f"{type(error).__name__}: {(str(error) or ' ').splitlines()[0]}"
        else:
            for part in PARTS:
                wanted = getattr(expected, part)
                if wanted is not None:
                    outcome.compared.add(part)
                    what = _differing(part, getattr(found, part), wanted, _cancelling(part, sample, expected))
                    if what:
                        outcome.wrong[part] = what
            outcome.settled = settle(outcome.wrong, sample, theirs, found, expected, dtype)
    for part in list(outcome.wrong):
        number = excuse(sample, part, outcome.dtype)
        if number is not None:
            outcome.excused[part] = number
            del outcome.wrong[part]
    return outcome


def _cancelling(part: str, sample: Sample, expected: Answer) -> float:
    """How large numbers may be that cancel: the sample's own, and in the second order slopes divided by those."""
    if part != "second":
        return sample.size
    tops = [np.max(np.abs(g), where=np.isfinite(g), initial=0.0) for g in expected.gradients or []]
    return max(sample.size, max(tops) / sample.size)


def _differing(part: str, found: list[Any], wanted: list[Any], scale: float) -> str:
    if len(found) != len(wanted):
        return f"{len(found)} results are not {len(wanted)}"
    for i, (a, b) in enumerate(zip(found, wanted, strict=True)):
        slack = 5.0 if part == "second" else 1.0
        what = difference(a, b, scale=scale, unknown=part != "values", slack=slack)
        if what:
            return f"{i}: {what}" if len(found) > 1 else what
    return ""


@contextmanager
def _quietly() -> Iterator[None]:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield
