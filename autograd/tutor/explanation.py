"""Explanation: why one gradient is wrong. Hypotheses are tried level by level, the simplest first.

1. one slip, or a constant factor that has a meaning;
2. what the array alone shows: transposed, not summed, whole numbers;
3. a slip and a constant factor, or a slip and a transposition;
4. two slips;
5. only some elements wrong, and whatever else numbers alone can tell.

At the first level where something fits, all that fits comes back: which of it is the truth, the other gradients tell.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from numpy import ndarray

from autograd.check.hypothesis import Clue, explain, explanations
from autograd.node import Node
from autograd.tutor.constant import Constant, named
from autograd.tutor.family import COMMON, RARER, SUMS
from autograd.tutor.fit import decay, stale
from autograd.tutor.objective import Objective, other_losses
from autograd.tutor.quantity import Quantity
from autograd.tutor.rehearsal import gathered
from autograd.tutor.slip import Scene, Slip, overwritten, scaled, slips
from autograd.tutor.yardstick import Yardstick

ENOUGH = 10.0  # bits that the agreeing elements must say beyond those it takes to pick a slip out of the catalogue
MOST_WORK = 300_000  # what the search may cost at each level, counted as in `Way.work`
UNNAMED, MOST_PLACES = 12, 40  # nodes before a gradient that a constant factor may come from
VAGUE = ("some elements", " and ")  # kinds of verdict on the array alone that a slip is preferred to


@dataclass(frozen=True)
class Mistake:
    """Something that explains a gradient: as slips, where it is a change of the backward pass."""

    kind: str
    says: str
    remedy: str
    subject: Node
    slips: tuple[Slip, ...] = ()
    harmless: bool = False


@dataclass(frozen=True)
class Case:
    """One wrong gradient, and what it takes to say why. `yours` is what it should be given the user's others."""

    q: Quantity
    yours: ndarray
    scene: Scene
    accepted: Sequence[Slip]
    yardstick: Yardstick
    sizes: Mapping[int, str]
    goal: Objective | None
    steps: Mapping[Node, ndarray]

    def hidden(self) -> list[Node]:
        """Nodes on the way whose gradients were not given, the nearest first: those with a name, and some without."""
        found = [node for node in reversed(self.scene.way.nodes) if node not in self.scene.rehearsal.given]
        return [node for i, node in enumerate(found) if i < UNNAMED or node in self.scene.wording.named][:MOST_PLACES]

    def with_slips(self, *more: Slip) -> ndarray | None:
        """What the gradient would be with these slips; None where shapes do not fit."""
        try:
            arrived = self.scene.rehearsal.run([*self.accepted, *more], self.scene.way)
            return gathered(arrived, self.q.nodes, self.q.shape)
        except (ValueError, TypeError, IndexError):
            return None

    def fits(self, result: ndarray | None, tried: int, fitted: int = 0) -> bool:
        """Whether a result explains the user's numbers, after so many others were tried."""
        if result is None:
            return False
        return self.yardstick.evidence(self.q, result, self.yours, fitted) - math.log2(tried + 1) >= ENOUGH

    def constant(self, result: ndarray, fitted: int = 0) -> Constant | None:
        """The meaning of the factor between the user's numbers and a result, where there is one."""
        factor = self.yardstick.ratio(self.q, result)
        found = None if factor is None else named(factor, self.sizes, self.yardstick.rough(self.q))
        return found if found is not None and self.fits(result * found.factor, 8, fitted) else None


def explained(case: Case) -> list[Mistake]:
    """All that explains a gradient at the simplest level at which something does; at the last level, one."""
    q = case.q
    if q.found is None or not np.isfinite(q.found).all():
        return _by_numbers(case)
    shown = _whole(case) or _samples(case)
    if shown:
        return shown
    most = int(MOST_WORK / case.scene.way.work)
    tried = [(slip, case.with_slips(slip)) for slip in islice(_catalogue(case), most)]
    found = [_mistake(slip) for i, (slip, r) in enumerate(tried) if case.fits(r, i, slip.fitted)]
    found += _constant(case)
    for level in (_array, _composed, _two):
        found = found or level(case, tried)
    return found or _by_numbers(case)


Tried = list[tuple[Slip, ndarray | None]]


def _catalogue(case: Case) -> Iterator[Slip]:
    scene = case.scene
    yield from slips(scene, COMMON)
    if case.goal is not None:
        others = other_losses(case.goal, scene.wording, case.yardstick.right)
        yield from (slip for slip in others if slip.subject in scene.way.inside)
    yield from slips(scene, RARER)
    found = case.q.found
    if found is not None and found.shape == case.yours.shape:
        yield from stale(scene, found - case.yours, case.with_slips, case.steps)
        yield from decay(scene, case.q.nodes, found - case.yours)
    yield from overwritten(scene)
    yield from slips(scene, SUMS)


def _mistake(slip: Slip) -> Mistake:
    return Mistake(slip.kind, slip.says, slip.remedy, slip.subject, (slip,), slip.harmless)


def _whole(case: Case) -> list[Mistake]:
    """An array of whole numbers that should not be one."""
    found = np.asarray(case.q.found)
    if (
        found.dtype.kind not in "iub"
        or found.shape != case.yours.shape
        or np.array_equal(case.yours, np.rint(case.yours))
    ):
        return []
    says = f"is an array of {found.dtype}: what stands behind the point was cut off"
    remedy = "Make the array of floats: np.zeros(shape), or .astype(float), before gradients are written into it."
    return [Mistake("whole numbers", says, remedy, case.q.nodes[0])]


def _samples(case: Case) -> list[Mistake]:
    """A gradient for every sample, never added up."""
    q, found = case.q, np.asarray(case.q.found)
    if found.ndim != len(q.shape) + 1 or len(q.shape) < 2 or found.shape[1:] != q.shape:
        return []
    for how, one in (
        ("Add them up: .sum(axis=0)", found.sum(axis=0)),
        ("Average them: .mean(axis=0)", found.mean(axis=0)),
    ):
        if case.yardstick.fits(replace(q, found=one), case.yours):
            says = f"holds one gradient for each of {len(found)} samples, in shape {found.shape}"
            return [Mistake("unsummed samples", says, f"{how}.", q.nodes[0])]
    return []


def _constant(case: Case) -> list[Mistake]:
    """A constant factor: at the quantity itself, or at a node before it that was not given."""
    constant = case.constant(case.yours)
    if constant is None:
        return []
    return [_scaled_at(node, constant) for node in (case.q.nodes[0], *case.hidden())]


def _scaled_at(node: Node, constant: Constant) -> Mistake:
    slip = Slip(constant.kind, constant.says, constant.remedy, node, {node: scaled(constant.factor)})
    return _mistake(slip)


def _array(case: Case, tried: Tried) -> list[Mistake]:
    """What the array alone shows."""
    q = case.q
    tolerance = case.yardstick.tolerance(q, case.yours)
    for verdict in explanations(case.yours, q.found, tolerance=tolerance, name="it"):
        if not any(vague in verdict.kind for vague in VAGUE):
            return [Mistake(verdict.kind, verdict.text.removeprefix("it ").rstrip("."), verdict.remedy, q.nodes[0])]
    return []


def _composed(case: Case, tried: Tried) -> list[Mistake]:
    """A slip and a constant factor, which may be that of the same node or of one before it; or a transposition."""
    for slip, r in tried:
        if r is None:
            continue
        constant = case.constant(r, fitted=1)  # of one number there are always several explanations
        if constant is not None:
            kind = f"{slip.kind} and {constant.kind}"
            says, remedy = f"{slip.says}; and it {constant.says}", f"{slip.remedy} {constant.remedy}"
            places = (slip.subject, *case.hidden())
            return [
                Mistake(kind, says, remedy, slip.subject, (slip, *_scaled_at(node, constant).slips)) for node in places
            ]
        if r.ndim == 2 and case.fits(r.T, len(tried)):
            says = f"{slip.says}; and it is transposed"
            return [Mistake(f"{slip.kind} and transposed", says, f"{slip.remedy} Transpose it.", slip.subject, (slip,))]
    return []


def _two(case: Case, tried: Tried) -> list[Mistake]:
    """Two slips at different places."""
    most = math.isqrt(int(MOST_WORK / 5 / case.scene.way.work))
    useful = [slip for slip, r in tried if r is not None][:most]
    count = 0
    for i, first in enumerate(useful):
        for second in useful[i + 1 :]:
            if first.changes.keys() & second.changes.keys():
                continue
            count += 1
            if case.fits(case.with_slips(first, second), count, fitted=1):
                says = f"{first.says}; and {case.scene.wording.gradient(second.subject)} {second.says}"
                kind, remedy = f"{first.kind} and {second.kind}", f"{first.remedy} {second.remedy}"
                return [Mistake(kind, says, remedy, first.subject, (first, second))]
    return []


def _by_numbers(case: Case) -> list[Mistake]:
    """What can be said of the numbers alone."""
    q, wording = case.q, case.scene.wording
    clues = [
        Clue(wording.name(node), np.asarray(node.data))
        for node in wording.named
        if node.data is not None and np.ndim(node.data) and np.shape(node.data) == q.shape
    ][:3]
    sizes = {name: n for n, name in case.sizes.items()}
    tolerance = case.yardstick.tolerance(q, case.yours)
    verdict = explain(case.yours, q.found, clues=clues, sizes=sizes, tolerance=tolerance, name="it")
    if verdict is not None:
        return [Mistake(verdict.kind, verdict.text.removeprefix("it ").rstrip("."), verdict.remedy, q.nodes[0])]
    off = np.max(np.abs(np.asarray(q.found) - case.yours))
    says = f"is off by up to {off:.3g}, where the largest element should be {np.abs(case.yours).max():.3g}"
    return [Mistake("unexplained", f"{says}; no mistake that is known here gives these numbers", "", q.nodes[0])]
