"""Finding: what the tutor says about one hand-made gradient. Data only, so that diagnosis and report may share it."""

from __future__ import annotations

from dataclasses import dataclass

from numpy import ndarray

RIGHT, CONVENTION, NEARLY, FOLLOWS, WRONG = "right", "convention", "nearly right", "follows", "wrong"


@dataclass(frozen=True)
class Finding:
    """One gradient, and what is to be said about it.

    | attribute | what it is |
    |---|---|
    | `name`, `gradient` | of the quantity, `W1`, and of its gradient, `dW1` |
    | `status` | `"right"`, `"convention"`, `"nearly right"`, `"follows"` (from a wrong one before it), `"wrong"` |
    | `kind` | of a wrong one: a stable name of the mistake, `"missing factor"`; else the status |
    | `text` | what is the matter, a sentence or two |
    | `remedy` | what to change, of a wrong one |
    | `recipe` | the right formula in NumPy, made of the user's names, where there is a short one |
    | `place` | the gradient that has the mistake: another one than `gradient` where that was not given |
    | `found`, `expected` | the hand-made gradient (None: there is none), and the right one |
    | `from_yours` | what would be right given the user's own gradients further up |
    """

    name: str
    gradient: str
    status: str
    kind: str
    text: str
    found: ndarray | None
    expected: ndarray
    from_yours: ndarray
    remedy: str = ""
    recipe: str | None = None
    place: str = ""

    @property
    def ok(self) -> bool:
        """Whether there is nothing to mend."""
        return self.status in (RIGHT, CONVENTION, NEARLY)


@dataclass(frozen=True)
class Remark:
    """Something that is no wrong gradient and may be worse, such as targets that the output cannot reach."""

    kind: str
    text: str
    remedy: str
