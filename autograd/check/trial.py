"""Trial: what a rule gave at one point, what it should have given, and all that may explain the difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
from numpy import ndarray

from autograd.check.hypothesis import explanations, fits
from autograd.check.measure import Estimate
from autograd.check.verdict import Clue, Suspect, Tolerance, Verdict

T = TypeVar("T")


@dataclass(frozen=True)
class Trial:
    """What was expected, what was found, and what may explain the difference."""

    expected: Estimate
    found: ndarray | None
    clues: Sequence[Clue]
    suspects: Sequence[Suspect] = ()
    terms: Mapping[str, ndarray] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)

    @property
    def mismatched(self) -> bool:
        """Whether there is anything to explain."""
        if self.found is None:
            return bool(self.expected.value.any())
        return bool(self.expected.disagrees(self.found, 1e-6, None).any())

    def verdicts(self, name: str) -> Iterator[Verdict]:
        """Every hypothesis that explains it, the simplest first."""
        value, error = self.expected.value, self.expected.error
        noise = float(np.max(error, initial=0.0, where=np.isfinite(error)))
        told: Any = {"clues": self.clues, "sizes": self.sizes, "terms": self.terms, "suspects": self.suspects}
        tolerance = Tolerance(1e-7, 1e-9 * self.expected.scale + 10 * noise)
        return explanations(value, self.found, **told, tolerance=tolerance, name=name)

    def picked(self, chosen: ndarray) -> Trial:
        """The same for some elements only, in a row."""
        shape = self.expected.value.shape

        def pick(x: ndarray) -> ndarray:
            part: ndarray = np.broadcast_to(x, shape).ravel()[chosen]
            return part

        e = self.expected
        return replace(
            self,
            expected=Estimate(pick(e.value), pick(e.error), pick(e.kink), e.scale),
            found=self.found if self.found is None else pick(self.found),
            clues=[replace(clue, value=pick(clue.value)) for clue in self.clues if fits(clue.value, shape)],
            suspects=[replace(s, value=pick(s.value)) for s in self.suspects if fits(s.value, shape)],
            terms={name: pick(term) for name, term in self.terms.items()},
        )


def together(trials: Sequence[Trial]) -> Trial:
    """Trials of single numbers as one trial of as many elements: one number alone says too little."""
    estimates = [trial.expected for trial in trials]
    found = [trial.found for trial in trials if trial.found is not None]
    clues = _common([{clue.name: clue for clue in trial.clues} for trial in trials])
    suspects = _common([{suspect.says: suspect for suspect in trial.suspects} for trial in trials])
    terms = _common([dict(trial.terms) for trial in trials])
    return Trial(
        Estimate(
            _row([e.value for e in estimates]),
            _row([e.error for e in estimates]),
            np.zeros(len(trials), bool),
            max(e.scale for e in estimates),
        ),
        _row(found) if len(found) == len(trials) else None,
        [replace(each[0], value=_row([clue.value for clue in each])) for each in clues.values()],
        [replace(each[0], value=_row([suspect.value for suspect in each])) for each in suspects.values()],
        {name: _row(each) for name, each in terms.items()},
        trials[0].sizes,
    )


def _common(named: Sequence[Mapping[str, T]]) -> dict[str, list[T]]:
    """What all have, by name."""
    return {name: [each[name] for each in named] for name in named[0] if all(name in each for each in named)}


def _row(arrays: Sequence[ndarray]) -> ndarray:
    return np.concatenate([np.asarray(x, float).ravel() for x in arrays])
