"""Update: whether a step of gradient descent goes downhill, and was made with the gradient it should be made with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy import ndarray

from autograd.tutor.finding import RIGHT, WRONG, Finding
from autograd.tutor.quantity import Quantity


def updates(quantities: Sequence[Quantity], findings: Sequence[Finding]) -> list[Finding]:
    """A finding for every parameter whose updated value was given."""
    known = {finding.name: finding for finding in findings}
    return [_judged(q, q.updated, known[q.name], quantities) for q in quantities if q.updated is not None]


def _judged(q: Quantity, updated: ndarray, of: Finding, quantities: Sequence[Quantity]) -> Finding:
    name, dw = f"update of {q.name}", q.gradient
    right = replace(
        of,
        name=name,
        gradient=name,
        found=updated,
        status=RIGHT,
        kind=RIGHT,
        remedy="",
        recipe=None,
        place=f"the {name}",
    )

    def wrong(text: str, remedy: str, kind: str = "wrong update") -> Finding:
        return replace(right, status=WRONG, kind=kind, text=text, remedy=remedy)

    if updated.shape != q.shape:
        text = f"the updated {q.name} has shape {updated.shape}, and {q.name} has {q.shape}."
        return wrong(text, "They must be alike; look at the shape of the gradient.", "wrong shape")
    step = updated - q.value
    if not step.any() and of.expected.any():
        before = f"Give {q.name} as a copy from before the step, {q.name}.copy(): an update in place changes both."
        return wrong(f"{q.name} has not changed.", before)
    rate = rate_of(step, q.found)
    if np.vdot(step, of.expected) > 0:
        if rate is not None and rate < 0:
            return wrong(f"the step goes uphill, because {dw} does.", f"Mend {dw} first.")
        told = "" if rate is None else f": it is {q.name} + {rate:.4g} * {dw}"
        text = f"the update of {q.name} goes in the wrong direction, uphill{told}."
        return wrong(text, f"Subtract: {q.name} -= lr * {dw}.")
    if rate is not None:
        return replace(right, text=f"right: downhill, with a learning rate of {abs(rate):.4g}")
    for other in quantities:
        if other is not q and rate_of(step, other.found) is not None:
            return wrong(f"{q.name} was updated with {other.gradient}.", f"Use {dw}: {q.name} -= lr * {dw}.")
    return replace(right, text=f"downhill, though not a plain step along {dw}")


def rate_of(step: ndarray, gradient: ndarray | None) -> float | None:
    """The number r for which step = r * gradient; None when there is none."""
    if gradient is None or gradient.shape != step.shape or not np.any(gradient):
        return None
    rate = float(np.vdot(gradient, step) / np.vdot(gradient, gradient))
    rough = 1e-6 if step.dtype == np.float64 else 1e-2
    return rate if rate and np.allclose(step, rate * gradient, rtol=rough, atol=rough * np.abs(step).max()) else None
