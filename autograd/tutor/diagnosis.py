"""Diagnosis: every hand-made gradient held against the right one, from the loss back.

What the user gave cuts the graph into segments. A gradient is judged by what would be right given the user's own
gradients at the upper end of its segment. So a gradient that is wrong only because one before it is, is told from one
with a mistake of its own, and of two mistakes both are found.

A mistake in a quantity that was not given spoils all that follows from it. Of several explanations, that one is taken
which agrees with most of the user's gradients; from then on it is part of the user's backward pass.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from autograd.node import Node
from autograd.tutor.constant import named
from autograd.tutor.explanation import Case, Mistake, explained
from autograd.tutor.finding import CONVENTION, FOLLOWS, NEARLY, RIGHT, WRONG, Finding
from autograd.tutor.objective import Objective
from autograd.tutor.outline import Outline
from autograd.tutor.quantity import Quantity
from autograd.tutor.recipe import recipe
from autograd.tutor.rehearsal import Adjoints, Rehearsal, Way, gathered
from autograd.tutor.slip import Scene, Slip
from autograd.tutor.wording import Wording
from autograd.tutor.yardstick import Yardstick


class Diagnosis:
    """One look at everything that was given."""

    def __init__(
        self,
        outline: Outline,
        wording: Wording,
        quantities: Sequence[Quantity],
        sizes: Mapping[int, str],
        goal: Objective | None,
    ) -> None:
        self.outline, self.wording, self.sizes, self.goal = outline, wording, sizes, goal
        self.yardstick = Yardstick(outline)
        self.rehearsal = Rehearsal(outline)
        self.quantities = sorted(quantities, key=lambda q: max(outline.depth[node] for node in q.nodes))
        self.correct = {q.name for q in quantities if self.yardstick.fits(q, self.yardstick.expected(q))}
        self.added = {q.name for q in quantities if self._is_added(q)}
        self.steps = {
            q.nodes[0]: q.found
            for q in quantities
            if q.is_leaf and len(q.nodes) == 1 and q.found is not None and q.found.shape == q.shape
        }
        self.done: dict[str, Finding] = {}
        self.accepted: list[Slip] = []  # mistakes in what was not given
        self.scale: dict[Node, float] = {}  # of given gradients that are a multiple on purpose

    def findings(self) -> list[Finding]:
        """One for each quantity, in the order of the backward pass."""
        for q in self.quantities:
            self.done[q.name] = self._finding(q)
            if not q.is_leaf and _usable(q):
                scale = self.scale.get(q.nodes[0], 1.0)
                self.rehearsal.given |= {node: g / scale for node, g in _given(q).items()}
        return list(self.done.values())

    def _finding(self, q: Quantity) -> Finding:
        way = self.rehearsal.way(q.nodes)
        arrived = self.rehearsal.run(self.accepted, way)
        yours = gathered(arrived, q.nodes, q.shape)
        bare = Finding(q.name, q.gradient, RIGHT, RIGHT, "right", q.found, self.yardstick.expected(q), yours)
        if q.name in self.correct:
            return bare
        if not np.isfinite(yours).all():
            return self._infinite(bare)
        if q.name in self.added:
            return replace(bare, status=CONVENTION, kind=CONVENTION, text=_told(-1))
        if self.yardstick.fits(q, yours):
            return self._following(bare, way)
        factor = self._convention(q, yours, way)
        if factor is not None:
            self.scale |= dict.fromkeys(q.nodes, factor)
            return replace(bare, status=CONVENTION, kind=CONVENTION, text=_told(factor))
        mistake = self._mistake(q, yours, way)
        if mistake.harmless:
            return replace(bare, status=CONVENTION, kind=CONVENTION, text=mistake.says)
        if mistake.kind in ("unexplained", "some elements", "other loss") and self.yardstick.nearly_fits(q, yours):
            text = "right to a few digits; the rest may be an epsilon, as in log(p + 1e-8), that one side leaves out"
            return replace(bare, status=NEARLY, kind=NEARLY, text=text)
        return self._wrong(bare, q, mistake, way)

    def _infinite(self, bare: Finding) -> Finding:
        """There is nothing to compare with: the forward pass is at fault."""
        if any(finding.kind == "not finite" for finding in self.done.values()):
            return replace(bare, status=FOLLOWS, kind=FOLLOWS, text="not finite either")
        text = f"{bare.gradient} cannot be judged: the right gradient itself is inf or nan here."
        remedy = "Look for log(0), a division by 0 or an overflow in the forward pass, and mend that first."
        return replace(bare, status=WRONG, kind="not finite", text=text, remedy=remedy, place=bare.gradient)

    def _following(self, bare: Finding, way: Way) -> Finding:
        """Right given what was wrong before it."""
        sources = {node for node in way.nodes if node in self.rehearsal.given}
        above = [self.done[q.name] for q in self.quantities if q.name in self.done and sources.intersection(q.nodes)]
        wrong = [f.gradient for f in above if not f.ok]
        mistakes = [slip for slip in self.accepted if not slip.harmless]
        hidden = [s for s in mistakes if not {*s.changes, *s.instead}.isdisjoint(way.nodes)]
        if not wrong and not hidden:
            return bare
        text = (
            f"right given your {' and '.join(wrong)}, from which it follows"
            if wrong
            else "follows from the same mistake"
        )
        return replace(bare, status=FOLLOWS, kind=FOLLOWS, text=text)

    def _wrong(self, bare: Finding, q: Quantity, mistake: Mistake, way: Way) -> Finding:
        at = self._place(mistake.subject, q, way)
        own = any(at is node for node in q.nodes)
        place = q.gradient if own else self.wording.gradient(at)
        text = f"{place} {mistake.says}."
        if not own:
            text = f"{q.gradient} is wrong because {place}, which you did not give, {mistake.says}."
        remedy = mistake.remedy
        if mistake.kind == "sign" and self._all_negative():
            remedy += " Or, if you add it in the update (w += lr * dw), leave it: then it is right."
        line = None
        if len(q.nodes) == 1 and (own or at in self.wording.named):
            to = way if own else self.rehearsal.way([at])
            own_scale = 1.0 if q.is_leaf else self.scale.get(q.nodes[0], 1.0)
            scale = {node: self.scale.get(node, 1.0) / own_scale for node in self.rehearsal.given}
            line = recipe(self.outline, self.wording, to.nodes, scale, at)
            if line is None:  # in smaller steps, from the nearest names
                alike = [n for n in to.nodes if n in self.wording.named and np.ndim(n.data) >= np.ndim(at.data)]
                line = recipe(self.outline, self.wording, to.nodes, dict.fromkeys(alike, 1.0) | scale, at)
        return replace(
            bare,
            status=WRONG,
            kind=mistake.kind,
            text=text,
            remedy=remedy,
            recipe=None if line is None else f"{place} = {line}",
            place=place,
        )

    def _place(self, subject: Node, q: Quantity, way: Way) -> Node:
        """Whose gradient to name: that of the first node with a name, on the way from the subject to the quantity.

        Where only activations and the like lie between, it is the quantity itself: its formula holds them all.
        """
        own = set(q.nodes)
        place: Node | None = None
        node = subject
        while node not in own:
            if place is None and node in self.wording.named and node not in self.rehearsal.given:
                place = node
            far = node.primitive is not None and node.primitive.name in ("matmul", "broadcast_to")
            if far and (place is not None or node is not subject):
                return subject if place is None else place
            node = next(parent for parent in node.parents if parent in way.inside)
        return node

    # Conventions

    def _is_added(self, q: Quantity) -> bool:
        """Whether a gradient is the negative of the right one and was added to its parameter, which goes downhill."""
        factor = self.yardstick.ratio(q, self.yardstick.expected(q))
        if q.updated is None or factor is None or not math.isclose(factor, -1, rel_tol=self.yardstick.rough(q)):
            return False
        return q.updated.shape == q.shape and float(np.vdot(q.updated - q.value, np.asarray(q.found))) > 0

    def _convention(self, q: Quantity, yours: object, way: Way) -> float | None:
        """A factor that the user divides out further down, such as the n of a mean; known by what is right there."""
        factor = None if q.is_leaf else self.yardstick.ratio(q, np.asarray(yours))
        if factor is None:
            return None
        rough = self.yardstick.rough(q)
        if any(math.isclose(factor, self.scale.get(node, 1.0), rel_tol=rough) for node in way.nodes):
            return factor
        below = set(q.nodes)
        for node in reversed(self.outline.order):
            if node in below:
                below.update(node.parents)
        leaves = [w for w in self.quantities if w.is_leaf and below.issuperset(w.nodes)]
        settled = self.correct | (self.added if math.isclose(factor, -1) else set())
        divided = [w for w in leaves if w.name in settled and self.yardstick.expected(w).any()]  # 0 says nothing
        ratios = [self.yardstick.ratio(w, self.yardstick.expected(w)) for w in leaves if w.name not in settled]
        undivided = [r for r in ratios if r is not None and math.isclose(r, factor, rel_tol=rough)]
        likely = divided and len(undivided) <= len(divided)  # that is fewer mistakes than one here and one in each
        return factor if likely and named(factor, self.sizes, rough) else None

    def _all_negative(self) -> bool:
        """Whether the gradients of all parameters have the wrong sign, as those of a step uphill on purpose have."""
        ratios = [self.yardstick.ratio(q, self.yardstick.expected(q)) for q in self.quantities if q.is_leaf]
        return bool(ratios) and all(r is not None and math.isclose(r, -1, rel_tol=1e-3) for r in ratios)

    # Mistakes

    def _mistake(self, q: Quantity, yours: object, way: Way) -> Mistake:
        yours = np.asarray(yours)
        scale = next((self.scale[node] for node in way.nodes if self.scale.get(node, 1.0) != 1), 1.0)
        rivals: list[Mistake] = []
        if scale != 1 and not q.is_leaf and q.found is not None:
            rivals = explained(self._case(replace(q, found=q.found / scale), yours, way))
            if rivals[0].slips:
                self.scale |= dict.fromkeys(q.nodes, scale)
            else:
                rivals = []
        rivals = rivals or explained(self._case(q, yours, way))
        return self._likeliest(q, rivals)

    def _case(self, q: Quantity, yours: np.ndarray, way: Way) -> Case:
        steps = {node: step for node, step in self.steps.items() if not any(node is own for own in q.nodes)}
        arrives = {**self.yardstick.right, **self.rehearsal.run(self.accepted), **self.rehearsal.given}
        named = {node: g for node, g in arrives.items() if node in self.wording.named}
        scene = Scene(self.rehearsal, self.wording, way, named)
        return Case(q, yours, scene, self.accepted, self.yardstick, self.sizes, self.goal, steps)

    def _likeliest(self, q: Quantity, rivals: Sequence[Mistake]) -> Mistake:
        """The one that agrees with most of what was given; the first of equals."""
        counts = [self._agreeing(q, mistake.slips) for mistake in rivals]
        best = rivals[counts.index(max(counts))]
        if max(counts) > self._agreeing(q, ()):
            self.accepted += best.slips
        return best

    def _agreeing(self, q: Quantity, more: Sequence[Slip]) -> int:
        """How many of the other gradients are what the user's backward pass gives, with more slips in it."""
        trial = Rehearsal(self.outline)
        for other in self.quantities:
            if not other.is_leaf and _usable(other):
                trial.given |= _given(other)
        trial.given |= self.rehearsal.given
        try:
            arrived: Adjoints = trial.run([*self.accepted, *more])
        except (ValueError, TypeError, IndexError):
            return 0
        others = [other for other in self.quantities if other is not q]
        return sum(self.yardstick.fits(other, gathered(arrived, other.nodes, other.shape)) for other in others)


def _usable(q: Quantity) -> bool:
    """Whether the backward pass can go on from a gradient."""
    return q.found is not None and q.found.shape == q.shape and bool(np.isfinite(q.found).all())


def _given(q: Quantity) -> Adjoints:
    found = np.asarray(q.found)
    return {node: found if len(q.nodes) == 1 else found.flat[i] for i, node in enumerate(q.nodes)}


def _told(factor: float) -> str:
    if math.isclose(factor, -1):
        return "right: the negative of the gradient, which you add where others subtract"
    return f"right: {factor:.4g} times the gradient, and you divide by that later"
