"""What a check says, and what it is told: verdicts, clues and tolerances. Data only, so that everything may use it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy import ndarray


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong with a gradient, in words.

    `text` says what is wrong and `remedy` what to change, a sentence each. `factor` is found / expected, where that is
    one number. `rivals` are other hypotheses that fit as well. `kind` is a stable name; a mistake of two parts has
    both names, "sign and missing factor":

    | of the gradient | |
    |---|---|
    | "no gradient", "zero gradient", "not finite" | nothing, zeros, or nan and inf |
    | "sign", "constant factor" | times a number, such as -1, 2, 1/n, ln 2, 180/π |
    | "missing factor", "surplus factor", "wrong factor" | a local derivative or an operand left out, put in, mixed up |
    | "missing upstream", "missing tangent" | what arrives is ignored |
    | "overwritten", "missing term", "surplus term" | contributions that are not, or wrongly, added up |
    | "transposed", "permuted", "swapped" | right numbers in wrong places, or at the wrong operand |
    | "unsummed broadcast", "summed too much", "wrong shape" | a shape that is not that of the operand |
    | "diagonal only", "wrong point" | results taken to be independent; the derivative at y in place of x |
    | "absolute value", "squared", "whole numbers" | something was lost |
    | "some elements" | the others are right |

    | of the check | |
    |---|---|
    | "detached", "overwritten operand" | computed outside the graph; arrays written into |
    | "non-deterministic" | another result at every call |
    | "kink", "edge", "unreliable" | the point: nothing is wrong with the rules |
    | "step too large", "step too small" | the step that was asked for |
    | "dtype", "precision" | right in float64, and not in the precision given |
    | "unexplained" | wrong, and no hypothesis fits |
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
