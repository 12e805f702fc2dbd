"""One examination: a subject's sweeps against its differences at one point, and what follows when they disagree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.check.call import is_operation
from autograd.check.doubt import kink, overwriting, unstable
from autograd.check.evidence import drawn, swept
from autograd.check.measure import Estimate, Measure
from autograd.check.report import Failure
from autograd.check.rule import Fault, Rule, holds, moved, search
from autograd.check.subject import Gradient, Point, Subject, of_node
from autograd.check.verdict import Verdict
from autograd.errors import AutogradError, GradientError, place
from autograd.node import Node
from autograd.origin import annotate
from autograd.primitive import Primitive

MANY = 512  # elements of all inputs together; of more, random directions are looked at
BESIDE = 2  # points beside a kink that are looked at
DIRECTIONS = 2  # random directions looked at in each input
SAMPLE = 64  # elements looked at one by one where a direction has failed


@dataclass(frozen=True, slots=True)
class Settings:
    """How to check; see `gradcheck`."""

    eps: float | None
    rtol: float
    atol: float | None
    nondet_tol: float
    backward: bool
    forward: bool | None
    fast: bool | None
    seed: int
    exact: bool = True  # whether the complex step may be used


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

    def at(self, index: tuple[int, ...]) -> float:
        """What was found in an element."""
        return 0.0 if self.found is None else float(self.found[index])


class Examination:
    """Whether the derivatives of a subject are right at a point. `failure()` says what is wrong, or None."""

    def __init__(self, subject: Subject, point: Point, settings: Settings, *, beside: bool = False) -> None:
        self.subject = subject
        self.point = list(point)
        self.settings = settings
        self.rng = np.random.default_rng(settings.seed)
        self.beside = beside  # whether this is a second look, at a point beside a kink

    def failure(self) -> Failure | None:
        """The first failure: in the function itself, in reverse mode, in forward mode; None when all is right."""
        require_finite(self.subject, self.point)
        if not self.beside and not isinstance(self.subject, Gradient):
            verdict = overwriting(self.subject, self.point) or unstable(
                self.subject, self.point, self.settings.nondet_tol
            )
            if verdict is not None:
                return Failure(self.subject.name, verdict)
        try:
            mismatch = next(self._mismatches(), None)
        except AutogradError:
            raise
        except Exception:  # in the rule of one operation, because the gradient of another has the wrong shape?
            order = self._annotated()
            fault = search(order, "reverse", self.rng).fault
            if fault is None:
                raise
            return Failure(self.subject.name, fault.verdict or _unexplained(fault.rule.subject.name))
        return self._explained(mismatch) if mismatch else None

    # Finding mismatches

    def _mismatches(self) -> Iterator[Mismatch]:
        measure = Measure(self.subject, self.point, self.settings.eps, exact=self.settings.exact)
        if self.settings.backward:
            yield from self._reverse(measure)
        if self.settings.forward or (self.settings.forward is None and self._can_push()):
            yield from self._forward(measure)

    def _reverse(self, measure: Measure) -> Iterator[Mismatch]:
        rows = [np.ones(measure.here.shape), drawn(self.rng, measure.here.shape)]
        pulled = [self._pulled(row) for row in rows]
        for k, x in enumerate(self.point):
            chosen = None
            if self._fast:
                if all(self._holds(k, "reverse", np.ones(x.shape)) for _ in range(DIRECTIONS)):
                    continue
                chosen = self._narrowed(k)
            for i, expected in enumerate(measure.gradients(k, rows, chosen)):
                found = pulled[i][k]
                wrong = self._wrong(expected, found)
                if chosen is not None and wrong.shape == x.shape:
                    wrong &= np.isin(np.arange(x.size), chosen).reshape(x.shape)
                if wrong.any():
                    yield Mismatch("reverse", k, expected, found, wrong, rows[i], self._derivative(k, i))

    @property
    def _fast(self) -> bool:
        """Whether to look along random lines in place of every element."""
        fast = self.settings.fast
        return sum(x.size for x in self.point) > MANY if fast is None else fast

    def _holds(self, k: int, mode: str, mask: ndarray) -> bool:
        """Whether a sweep is right along a random line in some elements of input k; beside a kink on that line."""
        for point in (self.point, moved(self.point, self.rng), moved(self.point, self.rng)):
            right = holds(self.subject, point, k, mode, self.rng, self.settings.rtol, self.settings.eps, mask)
            if right is not None:
                return right
        return False

    def _narrowed(self, k: int) -> ndarray:
        """Some elements of an input with those among them that are wrong: always the half along which it shows."""
        shape = self.point[k].shape
        among = np.arange(self.point[k].size)
        while among.size > SAMPLE:
            half = among[: among.size // 2]
            mask = np.isin(np.arange(self.point[k].size), half).reshape(shape)
            among = among[among.size // 2 :] if self._holds(k, "reverse", mask) else half
        return among

    def _pulled(self, row: ndarray) -> list[ndarray | None]:
        record = self.subject.record(self.point)
        found = record.pull(record.split(row))
        return [None if g is None else np.asarray(g, float) for g in found]

    def _forward(self, measure: Measure) -> Iterator[Mismatch]:
        for k, x in enumerate(self.point):
            if self._fast and self._holds(k, "forward", np.ones(x.shape)):
                continue
            t = drawn(self.rng, x.shape)
            found = swept(self.subject, self.point, k, "forward", t, t)
            expected = measure.tangents(k, t)
            wrong = self._wrong(expected, found)
            if wrong.any():
                result = f"result{'' if wrong.size == 1 else '{}'} of {self.subject.name}"
                what = f"the derivative of {result} along a random direction in {self.subject.inputs[k].name}"
                yield Mismatch("forward", k, expected, found, wrong, t, what)

    def _wrong(self, expected: Estimate, found: ndarray | None) -> ndarray:
        found = np.zeros(expected.value.shape) if found is None else found
        return expected.disagrees(found, self.settings.rtol, self.settings.atol)

    def _derivative(self, k: int, i: int) -> str:
        """What is compared for input k with cotangent i: all ones, or drawn at random."""
        results = self.subject.values(self.point).size
        name, x = self.subject.name, self.subject.inputs[k].name
        of = name if results == 1 else f"(sum of {name})" if i == 0 else f"(random sum of {name})"
        weighed = ", times a random upstream gradient," if results == 1 and i else ""
        return f"∂{of}/∂{x}{{}}{weighed}"

    def _can_push(self) -> bool:
        return all(_pushes(node.primitive) for node in self.subject.record(self.point).order if node.parents)

    # Explaining one

    def _explained(self, m: Mismatch) -> Failure | None:
        """Why: the step, a kink, one rule, or something outside of the graph."""
        if self.settings.eps is not None:
            automatic = Examination(self.subject, self.point, replace(self.settings, eps=None)).failure()
            return automatic or Failure(self.subject.name, self._of_step(m, self.settings.eps))
        if self.settings.exact:  # the complex step acquits, and does not convict
            return Examination(
                self.subject, self.point, replace(self.settings, exact=False), beside=self.beside
            ).failure()
        at = _worst(m)
        if (m.expected.kink | m.expected.unsure)[at] and not self.beside:
            return self._beside() or self._at_kink(m, at)
        found = search(self._annotated(), m.mode, self.rng)
        if found.fault is not None:
            return self._failed(m, found.fault.verdict, found.fault)
        if found.complete:
            if self.beside or self._beside():
                return self._failed(m, self._outside(m))
            return self._at_kink(m, at)
        return self._failed(m, Rule(self.subject).explain(m.k, m.mode, self.rng))

    def _annotated(self) -> list[Node]:
        """The graph, each node with the line that it was recorded in."""
        with annotate():
            return self.subject.record(self.point).order

    def _of_step(self, m: Mismatch, eps: float) -> Verdict:
        """The derivative is right, and the step that was asked for is not."""
        smaller = [self._off(m, eps * scale) for scale in (1.0, 0.1)]
        large = smaller[1] < smaller[0]
        text = (
            f"the step eps={eps:g} is too {'large' if large else 'small'} here: differences with it are off by "
            f"{smaller[0]:.2g}. With an automatic step they agree with what was found"
        )
        return Verdict(f"step too {'large' if large else 'small'}", f"{text}.", "Leave eps out.")

    def _off(self, m: Mismatch, eps: float) -> float:
        """How far differences with a step are from those with an automatic one."""
        x = self.point[m.k]
        t = np.ones(x.shape)
        with_step, best = (Measure(self.subject, self.point, h).along({m.k: t}).value for h in (eps, None))
        return float(np.max(np.abs(with_step - best)))

    def _beside(self) -> Failure | None:
        """What is wrong at a point beside this one: a kink excuses nothing there."""
        for _ in range(BESIDE):
            aside = Examination(self.subject, moved(self.point, self.rng), self.settings, beside=True)
            try:
                failure = aside.failure()
            except GradientError:  # outside of where the function is finite
                continue
            if failure is not None:
                return replace(failure, remark=f"{failure.remark} (At a point beside this one, where there is a kink.)")
        return None

    def _at_kink(self, m: Mismatch, at: tuple[int, ...]) -> Failure:
        """There is a kink here, and beside it all is right."""
        where = self._element(m, at)
        if np.isnan(m.expected.value[at]):
            text = (
                f"{where} lies at the edge of where {self.subject.name} is finite: there is no derivative on both sides"
            )
            return self._failed(m, Verdict("edge", f"{text}.", "Check at a point further inside."))
        if m.expected.unsure[at] and not m.expected.kink[at]:
            text = (
                f"differences cannot tell the derivative of {self.subject.name} at {where}: it changes too fast there"
            )
            return self._failed(m, Verdict("unreliable", f"{text}, or is noise.", "Check at another point."))
        which = kink(self.subject.record(self.point).order, self.rng)
        text = f"{self.subject.name} has a kink, a tie or a jump at or near {where}" + (f": {which}" if which else "")
        if m.mode == "reverse" and m.expected.kink[at]:
            column = Measure(self.subject, self.point).along_element(m.k, at)
            left, right = (float(m.row @ side) for side in (column.left, column.right))
            text += (
                f". On the left the slope is {left:.4g}, on the right {right:.4g}, and the rule chose {m.at(at):.4g}"
            )
        remedy = "Beside it the rules agree with differences: check at a point clear of the kink."
        return self._failed(m, Verdict("kink", f"{text}.", remedy))

    def _outside(self, m: Mismatch) -> Verdict:
        """Every rule of the graph is right, so something is not in the graph."""
        name = self.subject.inputs[m.k].name
        if isinstance(self.subject, Gradient):
            culprit = self._cut(self.subject)
            text = f"the {'rule of ' + culprit if culprit else 'gradient of ' + self.subject.of.name} is not recorded"
            remedy = (
                "Write the rule with operations that record (autograd's or NumPy's, on what it is given), not .data."
            )
            return Verdict("detached", f"{text}, so the gradient cannot be differentiated again.", remedy)
        nothing = m.found is None or not m.found.any()
        text = (
            f"nothing of {name} reaches the graph of {self.subject.name}"
            if nothing
            else f"a part of what {self.subject.name} computes from {name} is not in its graph, and has no gradient"
        )
        remedy = "Look for detach(), .data, .item(), float(), no_grad() or a bare array on the way."
        return Verdict("detached", f"{text}.", remedy)

    def _cut(self, gradient: Gradient) -> str:
        """The primitive whose rule cannot be differentiated again."""
        record = gradient.of.record(self.point[: len(gradient.of.inputs)])
        for node in [node for node in reversed(record.order) if is_operation(node)][:MANY]:
            alone = of_node(node)
            outputs = alone.record([given.value for given in alone.inputs]).outputs
            twice = Gradient(alone, [drawn(self.rng, np.shape(y.data)) for y in outputs])
            point = [given.value for given in twice.inputs]
            if any(holds(twice, point, k, "reverse", self.rng) is False for k in range(len(point))):
                return node.primitive.name  # type: ignore[union-attr]
        return ""

    def _failed(self, m: Mismatch, verdict: Verdict | None, fault: Fault | None = None) -> Failure:
        at = _worst(m)
        whole = m.found is not None and m.found.shape != m.expected.value.shape
        primitive, remark, origin = "", "", None
        if fault is not None:
            primitive = fault.rule.subject.name
            remark = self._other_mode(fault, m.mode)
            origin = fault.rule.node.origin if fault.rule.node is not None else None
        return Failure(
            self.subject.name,
            verdict or _unexplained(primitive or self.subject.name),
            argument=self.subject.inputs[m.k].name,
            element=self._element(m, at),
            mode=m.mode,
            derivative="" if whole or (verdict and verdict.kind == "kink") else m.derivative.format(_index(at)),
            expected=float(m.expected.value[at]),
            found=None if m.found is None or whole else float(m.found[at]),
            primitive=primitive,
            remark=remark,
            origin=origin and (origin.file, origin.line),
        )

    def _other_mode(self, fault: Fault, mode: str) -> str:
        """What the other mode says of the same rule."""
        other = "forward" if mode == "reverse" else "reverse"
        primitive: Any = fault.rule.node.primitive if fault.rule.node is not None else None
        if primitive is None or (other == "forward" and not _pushes(primitive)):
            return ""
        wrong = fault.rule.wrong(other, self.rng) is not None
        return f"{other.capitalize()} mode is {'wrong, too' if wrong else 'right'}."

    def _element(self, m: Mismatch, at: tuple[int, ...]) -> str:
        name = self.subject.inputs[m.k].name
        return f"{name}{_index(at)}" if m.mode == "reverse" else name


def require_finite(subject: Subject, point: Point) -> None:
    """Errors: GradientError when a result is inf or nan."""
    results = subject.record(point).results
    if not np.isfinite(results).all():
        at = int(np.argmax(~np.isfinite(results)))
        raise GradientError(
            f"gradcheck of {subject.name}, which is {results[at]} here and has no derivative.{place()}\n"
            "  Choose a point where it is finite."
        )


def _worst(m: Mismatch) -> tuple[int, ...]:
    """The element that is furthest off; one with a kink only when there is no other."""
    shape = m.expected.value.shape
    candidates = m.wrong & ~m.expected.kink
    candidates = candidates if candidates.any() else m.wrong
    if m.found is not None and m.found.shape != shape:
        off = np.abs(m.expected.value)
    else:
        off = np.abs(m.expected.value - (0.0 if m.found is None else m.found))
    off = np.where(candidates, np.nan_to_num(off, nan=np.inf), -1.0)
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(off)), shape))


def _pushes(primitive: Any) -> bool:
    """Whether a primitive has a forward rule."""
    return bool(primitive.partials or primitive.jvps or type(primitive).push is not Primitive.push)


def _index(at: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, at))}]" if at else ""


def _unexplained(name: str) -> Verdict:
    return Verdict(
        "unexplained",
        f"the derivative of {name} is wrong, and no hypothesis explains it.",
        "Work it out again on paper, for a single element.",
    )
