"""Stride: whether a step of gradient descent is too long: it sets out downhill, and ends higher than it began."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy import ndarray

import autograd.tree as tree
from autograd.tutor.finding import Remark
from autograd.tutor.forward import Forward
from autograd.tutor.quantity import Entry, equal
from autograd.tutor.report import Report
from autograd.tutor.update import rate_of

RISE = 1e-6  # of the loss: less is rounding


def stride(
    function: Callable[..., Any], inputs: Sequence[Any], entries: Sequence[Entry], report: Report
) -> list[Remark]:
    """A remark where the step that was given, with all its right gradients, makes the loss larger.

    Along the step the loss is taken for a parabola, which is exact where it is a squared error of a linear model. Its
    slope at the beginning and its height at both ends are known, and so are the place where it is lowest and the one
    where it is as high as at the beginning.
    """
    moved = [entry for entry in entries if entry.updated is not None]
    if not moved or not report.ok:
        return []
    new = [(entry.what, np.asarray(entry.updated)) for entry in moved if isinstance(entry.what, ndarray)]
    before, after = (_loss(function, inputs, pairs) for pairs in ([(x, x) for x, _ in new], new))
    if before is None or after is None or after <= before + RISE * abs(before):
        return []
    findings = [(report[entry.name], np.asarray(entry.updated) - entry.what) for entry in moved]
    slope = sum(float(np.vdot(finding.expected, step)) for finding, step in findings)
    rates = [rate_of(step, finding.found) for finding, step in findings]
    return [*_remark(before, after, slope, rates)]


def _loss(
    function: Callable[..., Any], inputs: Sequence[Any], pairs: Sequence[tuple[ndarray, ndarray]]
) -> float | None:
    """The loss with some arrays in the place of others; None where not all of them are among the inputs."""
    placed: dict[int, ndarray] = {}

    def put(x: Any) -> Any:
        for i, (old, new) in enumerate(pairs):
            if isinstance(x, ndarray) and (x is old or equal(x, old)):
                placed[i] = new.copy()
                return placed[i]
        return x

    there = tree.transform(put, list(inputs))
    if len(placed) < len(pairs):
        return None
    own = {id(x) for x in placed.values()}
    with np.errstate(all="ignore"):  # after a step that is far too long it may well overflow
        return float(np.asarray(Forward(function, there, lambda x: id(x) in own).loss.data).item())


def _remark(before: float, after: float, slope: float, rates: Sequence[float | None]) -> Iterator[Remark]:
    bend = after - before - slope
    told = f"The step leads downhill, and too far: it takes the loss from {before:.4g} to {after:.4g}."
    if not slope < 0 or not math.isfinite(bend):
        yield Remark("step too long", told, "Take a smaller learning rate.")
        return
    lowest = -slope / (2 * bend)  # in steps; before + slope * t + bend * t**2
    known = {round(abs(rate), 12) for rate in rates if rate is not None}
    if len(known) == 1 and None not in rates:
        (rate,) = known
        told += f" Along it the loss is lowest with a learning rate of about {lowest * rate:.2g}, and from about "
        told += f"{2 * lowest * rate:.2g} on it is higher than before; this is {rate:.4g}."
        yield Remark("step too long", told, "Take a smaller learning rate, or scale the inputs.")
    else:
        told += f" Along it the loss is lowest after about {lowest:.2g} of the step."
        yield Remark("step too long", told, "Take a smaller learning rate.")
