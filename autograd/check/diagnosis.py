"""Diagnosis: why a sweep and the differences disagree, once they do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.check.call import is_operation
from autograd.check.doubt import kink
from autograd.check.evidence import drawn
from autograd.check.measure import Estimate, Measure
from autograd.check.report import Failure
from autograd.check.rule import Fault, Rule, holds, search
from autograd.check.subject import Gradient, Point, Subject, of_node
from autograd.check.verdict import Verdict
from autograd.errors import ConversionError
from autograd.modes import keep_gradients
from autograd.node import Node
from autograd.origin import annotate
from autograd.primitive import Primitive

MOST = 512  # nodes looked at
OF_POINT = ("kink", "edge", "unreliable")  # verdicts for which no number is known to be right


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Elements where a sweep and the differences disagree."""

    mode: str
    k: int
    expected: Estimate
    found: ndarray | None
    wrong: ndarray
    row: ndarray  # the cotangent of the results
    derivative: str  # what the elements are, with {} for the index

    @property
    def worst(self) -> tuple[int, ...]:
        """The element that is furthest off; one with a kink only when there is no other."""
        shape = self.expected.value.shape
        candidates = self.wrong & ~self.expected.kink
        candidates = candidates if candidates.any() else self.wrong
        found = self.found if self.found is not None and self.found.shape == shape else 0.0
        off = np.nan_to_num(np.abs(self.expected.value - found), nan=np.inf)
        return tuple(map(int, np.unravel_index(int(np.argmax(np.where(candidates, off, -1.0))), shape)))

    def at(self, index: tuple[int, ...]) -> float | None:
        """What was found in an element: nothing, or nothing that belongs to it."""
        if self.found is None or self.found.shape != self.expected.value.shape:
            return None
        return float(self.found[index])


class Diagnosis:
    """One mismatch of a subject at a point, and what may be said about it."""

    def __init__(self, subject: Subject, point: Point, mismatch: Mismatch, rng: np.random.Generator) -> None:
        self.subject = subject
        self.point = point
        self.mismatch = mismatch
        self.rng = rng
        self.input = subject.inputs[mismatch.k].name
        self.worst = mismatch.worst

    @property
    def doubtful(self) -> bool:
        """Whether the differences cannot be relied on: there is a kink, or they do not settle."""
        expected = self.mismatch.expected
        return bool((expected.kink | expected.unsure)[self.worst])

    def rule(self) -> Failure | None:
        """A rule of the graph that is wrong; None when all are right."""
        found = search(annotated(self.subject, self.point), self.mismatch.mode, self.rng)
        if found.fault is not None:
            return self._failure(found.fault.verdict, found.fault)
        if found.complete:
            return None
        return self._failure(Rule(self.subject).explain(self.mismatch.k, self.mismatch.mode, self.rng))

    def of_point(self) -> Failure:
        """The rules are right beside this point: what is special about it?"""
        m, name, where = self.mismatch, self.subject.name, self._element
        if np.isnan(m.expected.value[self.worst]):
            text = f"{where} lies at the edge of where {name} is finite: there is no derivative on both sides."
            return self._failure(Verdict("edge", text, "Check at a point further inside."))
        if m.expected.unsure[self.worst] and not m.expected.kink[self.worst]:
            text = (
                f"differences cannot tell the derivative of {name} at {where}: it changes too fast there, or is noise."
            )
            return self._failure(Verdict("unreliable", text, "Check at another point."))
        which = kink(self.subject.record(self.point).order, self.rng)
        text = f"{name} has a kink, a tie or a jump at or near {where}" + (f": {which}." if which else ".")
        if m.mode == "reverse" and m.expected.kink[self.worst]:
            column = Measure(self.subject, self.point).along_element(m.k, self.worst)
            left, right = (float(m.row @ side) for side in (column.left, column.right))
            chosen = m.at(self.worst) or 0.0
            text += f" On the left the slope is {left:.4g}, on the right {right:.4g}, and the rule chose {chosen:.4g}."
        remedy = "Beside it the rules agree with differences: check at a point clear of the kink."
        return self._failure(Verdict("kink", text, remedy))

    def outside(self) -> Failure:
        """Every rule of the graph is right, so something is not in the graph."""
        name, found = self.subject.name, self.mismatch.found
        if isinstance(self.subject, Gradient):
            culprit = self._cut(self.subject)
            text = f"the {'rule of ' + culprit if culprit else 'gradient of ' + self.subject.of.name} is not recorded"
            remedy = (
                "Write the rule with operations that record (autograd's or NumPy's, on what it is given), not .data."
            )
            return self._failure(
                Verdict("detached", f"{text}, so the gradient cannot be differentiated again.", remedy)
            )
        text = f"a part of what {name} computes from {self.input} is not in its graph, and has no gradient"
        if found is None or not found.any():
            text = f"nothing of {self.input} reaches the graph of {name}"
        remedy = "Look for detach(), .data, .item(), float(), no_grad() or a bare array on the way."
        return self._failure(Verdict("detached", f"{text}{self._leak()}.", remedy))

    def _leak(self) -> str:
        """Where something under differentiation becomes a plain number, if it is seen to."""
        try:
            with keep_gradients():
                self.subject.record(self.point)
        except ConversionError as error:
            places = [line.strip() for line in str(error).split("\n") if line.startswith("  at ")]
            return "".join(f"; it leaves it {place}" for place in places)
        return ""

    def _cut(self, gradient: Gradient) -> str:
        """The primitive whose rule cannot be differentiated again."""
        record = gradient.of.record(self.point[: len(gradient.of.inputs)])
        for node in [node for node in reversed(record.order) if is_operation(node)][:MOST]:
            alone = of_node(node)
            outputs = alone.record([given.value for given in alone.inputs]).outputs
            twice = Gradient(alone, [drawn(self.rng, np.shape(y.data)) for y in outputs])
            point = [given.value for given in twice.inputs]
            if any(holds(twice, point, k, "reverse", self.rng) is False for k in range(len(point))):
                return node.primitive.name  # type: ignore[union-attr]
        return ""

    def _failure(self, verdict: Verdict | None, fault: Fault | None = None) -> Failure:
        m = self.mismatch
        node = fault.rule.node if fault is not None else None
        primitive = fault.rule.subject.name if fault is not None else ""
        verdict = verdict or unexplained(primitive or self.subject.name)
        shaped = m.found is None or m.found.shape == m.expected.value.shape
        return Failure(
            self.subject.name,
            verdict,
            argument=self.input,
            element=self._element,
            mode=m.mode,
            derivative=m.derivative.format(_index(self.worst)) if shaped and verdict.kind not in OF_POINT else "",
            expected=m.expected.told(self.worst),
            found=m.at(self.worst),
            primitive=primitive,
            remark=self._other_mode(fault) if fault is not None else "",
            origin=(node.origin.file, node.origin.line) if node is not None and node.origin is not None else None,
        )

    def _other_mode(self, fault: Fault) -> str:
        """What the other mode says of the same rule."""
        other = "forward" if self.mismatch.mode == "reverse" else "reverse"
        node = fault.rule.node
        if node is None or (other == "forward" and not pushes(node.primitive)):
            return ""
        wrong = fault.rule.wrong(other, self.rng) is not None
        return f"{other.capitalize()} mode is {'wrong, too' if wrong else 'right'}."

    @property
    def _element(self) -> str:
        """The worst element of the input; of forward mode, whose elements are results, the input."""
        return f"{self.input}{_index(self.worst)}" if self.mismatch.mode == "reverse" else self.input


def of_step(subject: Subject, point: Point, mismatch: Mismatch, eps: float) -> Verdict:
    """The derivative is right, and the step that was asked for is not."""
    direction = {mismatch.k: np.ones(point[mismatch.k].shape)}
    best, asked, smaller = (Measure(subject, point, h).along(direction).value for h in (None, eps, eps / 10))
    off, less = (float(np.max(np.abs(x - best))) for x in (asked, smaller))
    much = "large" if less < off else "small"
    text = (
        f"the step eps={eps:g} is too {much} here: differences with it are off by {off:.2g}. "
        "With an automatic step they agree with what was found."
    )
    return Verdict(f"step too {much}", text, "Leave eps out.")


def unexplained(name: str) -> Verdict:
    """A derivative is wrong, and that is all that is known."""
    text = f"the derivative of {name} is wrong, and no hypothesis explains it."
    return Verdict("unexplained", text, "Work it out again on paper, for a single element.")


def annotated(subject: Subject, point: Point) -> list[Node]:
    """The graph, each node with the line that it was recorded in."""
    with annotate():
        return subject.record(point).order


def pushes(primitive: Any) -> bool:
    """Whether a primitive has a forward rule."""
    return bool(primitive.partials or primitive.jvps or type(primitive).push is not Primitive.push)


def _index(at: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, at))}]" if at else ""
