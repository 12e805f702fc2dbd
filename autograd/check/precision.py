"""float32 is checked in float64; what is left to ask is whether its gradients stay float32, and keep their digits."""

from __future__ import annotations

import numpy as np

from autograd.check.evidence import drawn
from autograd.check.report import Failure
from autograd.check.subject import Function
from autograd.check.verdict import Verdict

KEPT = 1e-2  # the relative error of a float32 gradient above which it is worth telling
TINY = 1e-5  # what is this small beside the results is no gradient, but rounding


def narrow(subject: Function) -> Failure | None:
    """What is wrong with the gradients in the precision that the arguments were given in."""
    if all(given.dtype == np.float64 for given in subject.inputs):
        return None
    point = [given.value for given in subject.inputs]
    record = subject.record(point)
    row = drawn(np.random.default_rng(0), record.results.shape)
    size = float(np.abs(row) @ np.abs(record.results))
    exact = record.pull(record.split(row))
    record = subject.record([given.value.astype(given.dtype) for given in subject.inputs])
    found = record.pull(record.split(row))
    for given, g, right in zip(subject.inputs, found, exact, strict=True):
        if g is None or right is None:
            continue
        dtype = np.asarray(g).dtype
        if dtype != given.dtype:
            text = f"the gradient of {subject.name} by {given.name} is of {dtype}, and {given.name} of {given.dtype}."
            remedy = "Look for a float64 array in a rule: np.ones(...) without a dtype, an array of numbers typed in."
            return Failure(subject.name, Verdict("dtype", text, remedy), given.name)
        scale = float(np.max(np.abs(right), initial=0.0))
        off = float(np.max(np.abs(np.asarray(g, float) - right), initial=0.0))
        if not off <= max(KEPT * scale, TINY * size):
            text = (
                f"in {given.dtype} the gradient of {subject.name} by {given.name} is off by {off / scale:.2g} of its "
                "size, though in float64 it is right: rounding eats it."
            )
            remedy = "Look for a difference of nearly equal numbers, or for exp or a power of something large."
            return Failure(subject.name, Verdict("precision", text, remedy), given.name)
    return None
