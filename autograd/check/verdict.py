"""What a check says, and what it is told: verdicts, clues and tolerances. Data only, so that everything may use it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy import ndarray


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong with a gradient, in words.

    `kind` is a stable name: "sign", "constant factor", "missing factor", "transposed"... A mistake of two parts has
    both names, "sign and missing factor". `text` says what is wrong and `remedy` what to change, a sentence each.
    `factor` is found / expected, where that is one number. `rivals` are other hypotheses that fit as well.
    """

    kind: str
    text: str
    remedy: str
    factor: float | None = None
    rivals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Clue:
    """A named array that a mistake may have left out, or put in: a local derivative, the upstream gradient, an operand.

    `value` broadcasts to the shape of the gradient; `kind` is the kind of the verdict when it turns out to be missing.
    """

    name: str
    value: ndarray
    kind: str = "missing factor"


@dataclass(frozen=True, slots=True)
class Suspect:
    """A known mistake and the gradient that it makes: its kind, how it is said ("it ..."), and what to change."""

    kind: str
    says: str
    remedy: str
    value: ndarray


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far two numbers may lie apart: absolute + relative * |expected|.

    >>> Tolerance(relative=1e-3, absolute=0.0).agree(1.0005, 1.0)
    True
    """

    relative: float = 1e-6
    absolute: float = 1e-9

    def allowance(self, expected: ndarray) -> ndarray:
        """How far each element may be off."""
        allowed: ndarray = self.absolute + self.relative * np.abs(expected)
        return allowed

    def close(self, found: ndarray, expected: ndarray) -> ndarray:
        """Whether each element is near enough; nan never is."""
        with np.errstate(invalid="ignore"):
            near: ndarray = np.asarray(np.abs(found - expected) <= self.allowance(expected))
        return near

    def agree(self, found: ndarray | float, expected: ndarray | float) -> bool:
        """Whether all elements are near enough."""
        return bool(self.close(np.asarray(found), np.asarray(expected)).all())
