"""Examination: a subject's sweeps are held against its differences at one point."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.check.diagnosis import Diagnosis, Mismatch, annotated, of_step, pushes, unexplained
from autograd.check.doubt import overwriting, unstable
from autograd.check.evidence import drawn, swept
from autograd.check.measure import Estimate, Measure
from autograd.check.report import Failure
from autograd.check.rule import holds, moved, search
from autograd.check.subject import Gradient, Point, Subject
from autograd.errors import AutogradError, GradientError, place

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
    quick: bool = True  # whether to measure only as closely as is needed to acquit


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
            fault = search(annotated(self.subject, self.point), "reverse", self.rng).fault
            if fault is None:
                raise
            return Failure(self.subject.name, fault.verdict or unexplained(fault.rule.subject.name))
        return self._explained(mismatch) if mismatch else None

    # Finding mismatches

    def _mismatches(self) -> Iterator[Mismatch]:
        quick = self.settings.quick
        measure = Measure(self.subject, self.point, self.settings.eps, exact=quick, thorough=not quick)
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
        return all(pushes(node.primitive) for node in self.subject.record(self.point).order if node.parents)

    # Explaining one

    def _explained(self, m: Mismatch) -> Failure | None:
        """Why: the step, a kink, one rule, or something outside of the graph."""
        if self.settings.eps is not None:
            return self._again(eps=None) or Failure(
                self.subject.name, of_step(self.subject, self.point, m, self.settings.eps)
            )
        if self.settings.quick:
            return self._again(quick=False)
        diagnosis = Diagnosis(self.subject, self.point, m, self.rng)
        if diagnosis.doubtful and not self.beside:
            return self._beside() or diagnosis.of_point()
        found = diagnosis.rule()
        if found is None and not self.beside and not self._beside():
            return diagnosis.of_point()
        return found or diagnosis.outside()

    def _again(self, **changes: Any) -> Failure | None:
        """The same with other settings."""
        return Examination(self.subject, self.point, replace(self.settings, **changes), beside=self.beside).failure()

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


def require_finite(subject: Subject, point: Point) -> None:
    """Errors: GradientError when a result is inf or nan."""
    results = subject.record(point).results
    if not np.isfinite(results).all():
        at = int(np.argmax(~np.isfinite(results)))
        raise GradientError(
            f"gradcheck of {subject.name}, which is {results[at]} here and has no derivative.{place()}\n"
            "  Choose a point where it is finite."
        )
