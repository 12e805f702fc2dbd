"""Update: whether a step of gradient descent goes downhill, and was made with the gradient it should be made with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy import ndarray

from autograd.tutor.finding import RIGHT, WRONG, Finding
from autograd.tutor.quantity import Quantity

ROUGH = 1e-6


def updates(quantities: Sequence[Quantity], findings: Sequence[Finding]) -> list[Finding]:
    """A finding for every parameter whose updated value was given."""
    known = {finding.name: finding for finding in findings}
    return [_judged(q, known[q.name], quantities) for q in quantities if q.updated is not None]


def _judged(q: Quantity, finding: Finding, quantities: Sequence[Quantity]) -> Finding:
    assert q.updated is not None
    updated = q.updated
    status, kind, text, remedy = WRONG, "wrong shape", "", f"An updated {q.name} has the shape of {q.name}, {q.shape}."
    if updated.shape != q.shape:
        text = f"the updated {q.name} has shape {updated.shape}, and {q.name} has {q.shape}."
    else:
        status, kind, text, remedy = _told(q, finding, updated - q.value, quantities)
    name = f"update of {q.name}"
    return Finding(
        name, name, status, kind, text, updated, finding.expected, finding.from_yours, remedy, None, f"the {name}"
    )


def _told(q: Quantity, finding: Finding, step: ndarray, quantities: Sequence[Quantity]) -> tuple[str, str, str, str]:
    if not step.any() and finding.expected.any():
        return (
            WRONG,
            "wrong update",
            f"{q.name} has not changed.",
            f"Give {q.name} as a copy from before the step ({q.name}.copy()): an update in place changes both.",
        )
    own = q.found
    rate = _rate(step, own)
    uphill = float(np.vdot(step, finding.expected)) > 0
    if uphill:
        sign = f"{q.name} + {rate:.4g} * {finding.gradient}" if rate is not None and rate > 0 else "a step"
        if rate is not None and rate < 0:
            return (
                WRONG,
                "wrong update",
                f"the step goes uphill because {finding.gradient} does: {q.name} - {-rate:.4g} * {finding.gradient}.",
                f"Mend {finding.gradient} first.",
            )
        return (
            WRONG,
            "wrong update",
            f"the update goes in the wrong direction, uphill: it is {sign}.",
            f"Subtract: {q.name} -= lr * {finding.gradient}.",
        )
    if rate is None:
        for other in quantities:
            if other is not q and other.found is not None and _rate(step, other.found) is not None:
                return (
                    WRONG,
                    "wrong update",
                    f"{q.name} was updated with {other.gradient}.",
                    f"Use {finding.gradient}: {q.name} -= lr * {finding.gradient}.",
                )
        return RIGHT, RIGHT, "downhill, though not a plain step along the gradient you gave", ""
    return RIGHT, RIGHT, f"right: downhill, with a learning rate of {abs(rate):.4g}", ""


def _rate(step: ndarray, gradient: ndarray | None) -> float | None:
    """The number r for which step = r * gradient; None when there is none."""
    if gradient is None or gradient.shape != step.shape or not np.any(gradient):
        return None
    rate = float(np.vdot(gradient, step) / np.vdot(gradient, gradient))
    rough = ROUGH if step.dtype == np.float64 else 1e-2
    return rate if rate and np.allclose(step, rate * gradient, rtol=rough, atol=rough * np.abs(step).max()) else None
