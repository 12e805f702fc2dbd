"""Doubts about the point and the function itself, to be settled before a derivative is called wrong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy import ndarray

from autograd.anomaly.detect import detect_anomaly
from autograd.check.call import is_operation
from autograd.check.measure import Measure
from autograd.check.subject import Point, Subject, of_node
from autograd.check.verdict import Verdict
from autograd.errors import MutationError
from autograd.node import Node

ROUNDING = 1e-12  # relative: sums of the same numbers differ by this with their place in memory
MOST = 1000  # nodes looked at for a kink


def unstable(subject: Subject, point: Point, nondet_tol: float) -> Verdict | None:
    """A function that gives other results or gradients when it is run again."""
    once, again = subject.values(point), subject.values(point)
    off = _apart(once, again, nondet_tol)
    if off:
        text = f"{subject.name} is not deterministic: called twice at the same point, its results differ by {off:.3g}."
        return Verdict("non-deterministic", text, "Fix the seed of its random numbers; for a module, call .eval().")
    records = (subject.record(point) for _ in range(2))  # each swept before the next is made
    first, second = (record.pull(record.split(np.ones(once.shape))) for record in records)
    for given, a, b in zip(subject.inputs, first, second, strict=True):
        off = 0.0 if a is None or b is None else _apart(np.asarray(a, float), np.asarray(b, float), nondet_tol)
        if off:
            text = f"the backward pass of {subject.name} is not deterministic: run twice, the gradients by {given.name}"
            remedy = "Look for random numbers, or for state that is kept from one call to the next."
            return Verdict("non-deterministic", f"{text} differ by {off:.3g}.", remedy)
    return None


def _apart(a: ndarray, b: ndarray, tolerance: float) -> float:
    """How far apart two results are, 0 when no more than is allowed."""
    if a.shape != b.shape:
        return float("inf")
    with np.errstate(invalid="ignore"):
        off = float(np.nanmax(np.abs(a - b), initial=0.0))
    return off if off > tolerance + ROUNDING * float(np.nanmax(np.abs(a), initial=0.0)) else 0.0


def overwriting(subject: Subject, point: Point) -> Verdict | None:
    """A function that writes into its arguments, or into arrays that its own graph still needs."""
    record = subject.record(point)
    for given, node, x in zip(subject.inputs, record.inputs, point, strict=True):
        if not np.array_equal(node.data, x):
            text = f"{subject.name} writes into its argument {given.name}: after the call it is another array."
            return Verdict(
                "overwritten operand", text, "Make a new array (x = x + 1) in place of writing into it (x += 1)."
            )
    with detect_anomaly(check_nan=False):
        record = subject.record(point)
        try:
            record.pull(record.split(np.ones(record.results.shape)))
        except MutationError as error:
            text, *rest = str(error).split("\n")
            return Verdict("overwritten operand", f"{subject.name}: {text}", rest[-1].strip())
    return None


def kink(order: Sequence[Node], rng: np.random.Generator) -> str:
    """Which operation of a graph has its kink here, in words; nothing when none is found."""
    for node in [node for node in order if is_operation(node)][:MOST]:
        subject = of_node(node)
        measure = Measure(subject, [given.value for given in subject.inputs])
        for k, x in enumerate(measure.point):
            column = measure.along({k: rng.uniform(0.5, 1.5, x.shape)})
            if column.kink.any():
                return _kink(node, int(np.argmax(column.kink)))
    return ""


def _kink(node: Node, at: int) -> str:
    name = node.primitive.name  # type: ignore[union-attr]
    operands = [np.asarray(parent.data) for parent in node.parents]
    if node.primitive.partials and all(x.shape == operands[0].shape for x in operands):  # type: ignore[union-attr]
        numbers = [float(x.ravel()[at]) for x in operands]
        if len(numbers) == 1:
            return f"{name} has it where its operand is {numbers[0]:.6g}"
        if numbers[0] == numbers[1]:
            return f"{name} has a tie there, both operands are {numbers[0]:.6g}"
    return f"{name} has it there"
