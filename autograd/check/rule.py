"""Checking the rule of one primitive at the operands it met, and explaining what is wrong with it.

A wrong derivative of a large function is a wrong rule somewhere in its graph. Each rule is held against differences of
its own primitive, so the one at fault is named; and there, close to the mistake, the hypotheses are tested.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy import ndarray

from autograd.check.call import is_operation
from autograd.check.evidence import drawn, gather, swept
from autograd.check.measure import Measure
from autograd.check.subject import Point, Subject, of_node
from autograd.check.trial import together
from autograd.check.verdict import Verdict
from autograd.node import Node
from autograd.primitive import Primitive

REPRESENTATIVES = 3  # nodes of each primitive that are looked at before all others
MOST = 1000  # nodes looked at
CLOSE = 512  # elements of an operand that may be looked at one by one
TRIALS = 3  # points and cotangents at which an explanation must hold
SCALARS = 6  # the same for single numbers, which say less


class Rule:
    """What the sweeps do with one subject: the primitive of a node, or, without a node, a function as a whole."""

    def __init__(self, subject: Subject, node: Node | None = None) -> None:
        self.subject = subject
        self.node = node
        self.point = [given.value for given in self.subject.inputs]

    def wrong(self, mode: str, rng: np.random.Generator, *, closely: bool = False) -> int | None:
        """The first input for which the rule disagrees with differences, or None when all are right.

        They are taken along a random line, or, when it is looked at closely, by each element. Where there is a kink,
        the operands are moved off it. Cost: six evaluations for each input, or element.
        """
        compare = agrees if closely else holds
        for k in range(len(self.point)):
            for point in (self.point, moved(self.point, rng), moved(self.point, rng)):
                right = compare(self.subject, point, k, mode, rng)
                if right is False:
                    return k
                if right:
                    break
        return None

    def explain(self, k: int, mode: str, rng: np.random.Generator) -> Verdict | None:
        """The first hypothesis that holds at several points, with several cotangents."""
        single = all(x.size == 1 for x in self.point) and self.subject.values(self.point).size == 1
        points = [self.point, *(moved(self.point, rng) for _ in range((SCALARS if single else TRIALS) - 1))]
        gathered = [gather(self.subject, self.node, point, k, mode, rng) for point in points]
        trials = [trial for trial in gathered if trial is not None and trial.mismatched]
        what = "gradient" if mode == "reverse" else "tangent"
        name = f"the {what} of {self.subject.name} by {self.subject.inputs[k].name}"
        if not trials:
            return None
        if single:
            fitting = together(trials).verdicts(name)
            return next((replace(verdict, rivals=()) for verdict in fitting), None)
        first, *others = [list(trial.verdicts(name)) for trial in trials]
        known = [{(v.kind, v.remedy) for v in verdicts} for verdicts in others]
        agreed = [v for v in first if all((v.kind, v.remedy) in verdicts for verdicts in known)]
        # What fits at all of them is the same thing said in another way, so rivals need not be named.
        return next((replace(verdict, rivals=()) for verdict in agreed or first), None)


def holds(
    subject: Subject,
    point: Point,
    k: int,
    mode: str,
    rng: np.random.Generator,
    rtol: float = 1e-6,
    step: float | None = None,
    mask: ndarray | float = 1.0,
) -> bool | None:
    """Whether a sweep agrees with differences along a random line in input k; None when they cannot tell.

    With a mask, the line runs through some elements only. Cost: six evaluations.
    """
    measure = Measure(subject, point, step)
    g, t = drawn(rng, measure.here.shape), drawn(rng, point[k].shape) * mask
    expected = measure.tangents(k, t)
    if (expected.kink | expected.unsure).any() or not np.isfinite(measure.here).all():
        return None
    found = swept(subject, point, k, mode, g, t)
    if found is None:
        return not expected.value.any()
    if found.shape != (t.shape if mode == "reverse" else g.shape):
        return False
    if mode == "forward":
        return not expected.disagrees(found, rtol, None).any()
    size = np.abs(g) @ np.abs(expected.value) + np.sum(np.abs(found * t))  # one number, g · J t, from both sides
    off = np.abs(np.sum(found * t) - g @ expected.value)
    return bool(off <= rtol * size + 10 * np.abs(g) @ expected.error)


def agrees(subject: Subject, point: Point, k: int, mode: str, rng: np.random.Generator) -> bool | None:
    """Whether reverse mode agrees with differences in each element of input k; None when they cannot tell.

    Cost: six evaluations for each element.
    """
    if mode == "forward" or point[k].size > CLOSE:
        return True  # along a line, each result has been looked at already
    measure = Measure(subject, point)
    g = drawn(rng, measure.here.shape)
    (expected,) = measure.gradients(k, [g])
    found = swept(subject, point, k, mode, g, point[k])
    if (expected.kink | expected.unsure).any():
        return None
    return not expected.disagrees(np.zeros(expected.value.shape) if found is None else found, 1e-6, None).any()


def moved(point: Point, rng: np.random.Generator) -> list[ndarray]:
    """A point a little aside in every element: off a kink."""
    return [x + (0.01 + 0.05 * np.abs(x)) * rng.uniform(-1.0, 1.0, x.shape) for x in point]


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that is wrong for one of its operands, and why, if that is known."""

    rule: Rule
    k: int
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Search:
    """What came of looking at the rules of a graph: the one at fault, if any, and whether all could be looked at."""

    fault: Fault | None
    complete: bool


def search(order: Sequence[Node], mode: str, rng: np.random.Generator) -> Search:
    """Find the wrong rule nearest to the result; but the first few nodes of each primitive are looked at before others.

    Cost: six evaluations of each primitive for each of its operands, and many more for the one at fault.
    """
    nodes = [node for node in reversed(order) if is_operation(node)]
    count: Counter[Primitive | None] = Counter()
    turn: dict[Node, bool] = {}
    for node in nodes:
        count[node.primitive] += 1
        turn[node] = count[node.primitive] > REPRESENTATIVES
    complete = len(nodes) <= MOST
    for closely in (False, True):
        for node in sorted(nodes, key=turn.__getitem__)[:MOST]:
            try:
                rule = Rule(of_node(node), node)
                k = rule.wrong(mode, rng, closely=closely)
            except Exception:  # an operation of the user's that cannot be run by itself
                complete = False
                continue
            if k is not None:
                return Search(Fault(rule, k, rule.explain(k, mode, rng)), True)
    return Search(None, complete)
