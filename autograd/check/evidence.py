"""Gathering evidence about one rule: what differences say it must give, and the usual suspects.

The clues are the upstream gradient, the local derivatives of what the primitive computes inside, its operands and its
result; the suspects, gradients that well-known mistakes make.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.check.call import Call
from autograd.check.inside import Inside
from autograd.check.measure import Measure
from autograd.check.subject import Point, Subject, joined
from autograd.check.trial import Trial
from autograd.check.verdict import Clue, Suspect
from autograd.node import Node

LARGE = 2048  # elements of an operand; of larger ones a sample is looked at
SAMPLE = 256
SMALL = 4096  # elements of a Jacobian that is looked at as a whole


def gather(
    subject: Subject, node: Node | None, point: Point, k: int, mode: str, rng: np.random.Generator
) -> Trial | None:
    """One trial of the rule for input k of a subject, which is that of a node, or any; None where it is not finite.

    Cost: some twelve evaluations for each element of the input, in forward mode some twelve in all.
    """
    measure = Measure(subject, point)
    if not np.isfinite(measure.here).all():
        return None
    look = _Look(subject, node, measure, k, rng)
    return look.forward() if mode == "forward" else look.reverse()


class _Look:
    """A close look at one rule: at one point, with one cotangent and one tangent."""

    def __init__(self, subject: Subject, node: Node | None, measure: Measure, k: int, rng: np.random.Generator) -> None:
        self.subject, self.measure, self.k, self.rng = subject, measure, k, rng
        shapes = [np.shape(y.data) for y in subject.record(measure.point).outputs]
        self.result = measure.here.reshape(shapes[0] if len(shapes) == 1 else -1)
        self.x = measure.point[k]
        self.g, self.t = drawn(rng, self.result.shape), drawn(rng, self.x.shape)
        self.inside: Inside | None = None
        operands: list[Any] = list(measure.point)
        names, self.slot = [given.name for given in subject.inputs], k
        if node is not None:
            slots = [i for i, parent in enumerate(node.parents) if parent.primitive is not None]
            operands = [parent.data for parent in node.parents]
            for i, x in zip(slots, measure.point, strict=True):
                operands[i] = x
            names, self.slot = Call(node).names, slots[k]
            self.inside = Inside(node, operands)
        named = {name: np.asarray(x) for name, x in zip(names, operands, strict=True)}
        self.clues = [*(self.inside.factors() if self.inside else ()), *_operands(named, self.result)]
        self.sizes = _sizes({**named, "the result": self.result})

    def found(self, mode: str) -> ndarray | None:
        """What the rule gives."""
        return swept(self.subject, self.measure.point, self.k, mode, self.g, self.t)

    def forward(self) -> Trial:
        """The tangent of the result that t causes."""
        expected, ones = (
            self.measure.tangents(self.k, t).reshaped(self.result.shape) for t in (self.t, self.x * 0 + 1)
        )
        found = self.found("forward")
        found = found.reshape(self.result.shape) if found is not None and found.size == self.result.size else found
        clues = _distinct([Clue("the tangent that arrives", self.t, "missing tangent"), *self.clues])
        return Trial(expected, found, clues, [_without_tangent(ones.value)], {}, self.sizes)

    def reverse(self) -> Trial:
        """The cotangent of input k, given g."""
        subject, measure, k, g = self.subject, self.measure, self.k, self.g
        chosen = None if self.x.size <= LARGE else self.rng.choice(self.x.size, SAMPLE, replace=False)
        expected, plain = measure.gradients(k, [g.ravel(), np.ones(g.size)], chosen)
        clues = [Clue("the upstream gradient", g, "missing upstream"), *self.clues]
        if g.size == 1 or g.shape == self.x.shape:
            clues.append(Clue(f"the derivative of {subject.name} itself", plain.value))
        suspects = [_without_upstream(plain.value)]
        if chosen is None:
            suspects += [*_other_inputs(subject, measure, k, g), *_at_the_result(subject, k, g, self.result)]
            suspects += _of_jacobian(measure, k, g)
        terms = self.inside.terms(self.slot, g) if self.inside else {}
        found = self.found("reverse")
        trial = Trial(expected, found, _distinct(clues), suspects, terms, self.sizes)
        if chosen is None or (found is not None and found.shape != self.x.shape):
            return trial
        return trial.picked(chosen)


def swept(subject: Subject, point: Point, k: int, mode: str, g: ndarray, t: ndarray) -> ndarray | None:
    """What the rules give for input k: its cotangent, given g, or the tangents that t alone causes, in a row."""
    record = subject.record(point)
    if mode == "reverse":
        found = record.pull(record.split(g.ravel()))[k]
        return None if found is None else np.asarray(found, float)
    pushed = record.push([t if i == k else np.zeros(x.shape) for i, x in enumerate(point)])
    if all(y is None for y in pushed):
        return None
    return joined(
        [
            np.zeros(np.shape(y.data)) if p is None else np.asarray(p, float)
            for p, y in zip(pushed, record.outputs, strict=True)
        ]
    )


def drawn(rng: np.random.Generator, shape: tuple[int, ...]) -> ndarray:
    """Random numbers of either sign, none small."""
    return np.asarray(rng.uniform(0.5, 1.5, shape) * np.where(rng.random(shape) < 0.5, -1.0, 1.0))


# Clues


def _operands(named: dict[str, ndarray], y: ndarray) -> Iterator[Clue]:
    """The operands, the result, and what is often made of it."""
    for name, x in named.items():
        if x.dtype.kind == "f":
            yield Clue(name, x)
    yield Clue("its result y", y)
    yield Clue("1 - y (y is its result)", 1 - y)
    yield Clue("y * (1 - y) (y is its result)", y * (1 - y))
    yield Clue("1 - y * y (y is its result)", 1 - y * y)


def _distinct(clues: Iterable[Clue]) -> list[Clue]:
    """Each name once."""
    found: dict[str, Clue] = {}
    for clue in clues:
        found.setdefault(clue.name, clue)
    return list(found.values())


def _sizes(named: dict[str, ndarray]) -> dict[str, int]:
    """What a mean may have divided by: each number once, with what it is."""
    found: dict[int, str] = {}
    for name, x in named.items():
        for axis, n in enumerate(x.shape):
            found.setdefault(n, f"the length of {name}" + (f" along axis {axis}" if x.ndim > 1 else ""))
        if x.ndim > 1:
            found.setdefault(x.size, f"the number of elements of {name}")
    return {name: n for n, name in found.items()}


# Suspects


def _without_upstream(value: ndarray) -> Suspect:
    return Suspect(
        "missing upstream",
        "ignores the upstream gradient: it is what an upstream gradient of ones would give",
        "Multiply by the upstream gradient.",
        value,
    )


def _without_tangent(value: ndarray) -> Suspect:
    return Suspect(
        "missing tangent",
        "ignores the tangent that arrives: it is what a tangent of ones would give",
        "Multiply by the tangent.",
        value,
    )


def _other_inputs(subject: Subject, measure: Measure, k: int, g: ndarray) -> Iterator[Suspect]:
    """The gradients of the other operands."""
    for j, x in enumerate(measure.point):
        if j != k and x.shape == measure.point[k].shape:
            name = subject.inputs[j].name
            (other,) = measure.gradients(j, [g.ravel()])
            remedy = "Return the gradients in the order of the operands."
            yield Suspect("swapped", f"is the gradient of {name}", remedy, other.value)


def _at_the_result(subject: Subject, k: int, g: ndarray, y: ndarray) -> Iterator[Suspect]:
    """The derivative at the result in place of the operand."""
    if len(subject.inputs) == 1 and y.shape == subject.inputs[k].value.shape:
        there = Measure(subject, [y])
        if np.isfinite(there.here).all():
            says = f"is the derivative at the result y in place of the operand {subject.inputs[k].name}"
            remedy = f"Evaluate the formula at {subject.inputs[k].name}, or write it in terms of y."
            yield Suspect("wrong point", says, remedy, there.gradients(0, [g.ravel()])[0].value)


def _of_jacobian(measure: Measure, k: int, g: ndarray) -> Iterator[Suspect]:
    """What is made of a square Jacobian by mistake."""
    x = measure.point[k]
    if g.size != x.size or g.size < 2 or g.size * x.size > SMALL:
        return
    jacobian = measure.jacobian(k)
    yield Suspect(
        "diagonal only",
        "has the diagonal of the Jacobian alone: every result was taken to depend on its own element only",
        "Add what the other results contribute: sum over them.",
        (np.diagonal(jacobian) * g.ravel()).reshape(x.shape),
    )
    yield Suspect(
        "transposed",
        "multiplies the upstream gradient by a matrix where its transpose belongs",
        "Transpose that matrix: .T.",
        (jacobian @ g.ravel()).reshape(x.shape),
    )
