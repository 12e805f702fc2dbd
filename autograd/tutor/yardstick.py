"""Yardstick: when two gradients are the same, and how much it says that they are."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy import ndarray

from autograd.check.hypothesis import Tolerance
from autograd.tutor.outline import Outline
from autograd.tutor.quantity import Quantity
from autograd.tutor.rehearsal import Adjoints, Rehearsal, gathered

# How far two results of the same formulas may lie apart, relative to the largest element
EXACT = {"float64": 1e-9, "float32": 1e-5, "float16": 5e-3}
# How far, where one side has left out something small on purpose, such as the epsilon in log(p + 1e-8)
NEAR = {"float64": 1e-4, "float32": 1e-3, "float16": 5e-2}
SHAKE = 2.0**-20  # how far adjoints are shaken to see how they amplify rounding
ROUNDINGS = 100  # how many roundings, of the size that shows when shaken, may add up


class Yardstick:
    """Compares gradients of one computation. `right` are the adjoints of all nodes, computed here."""

    def __init__(self, outline: Outline) -> None:
        self.right: Adjoints = Rehearsal(outline).run()
        self._shaken = Rehearsal(outline).run(noise=SHAKE)
        self._root = outline.root

    def expected(self, q: Quantity) -> ndarray:
        """The right gradient of a quantity."""
        return gathered(self.right, q.nodes, q.shape)

    def precision(self, q: Quantity) -> str:
        """The coarsest kind of float that took part."""
        kinds = [np.asarray(x).dtype for x in (q.found, q.nodes[0].data, self._root.data)]
        floats = [kind for kind in kinds if kind.kind == "f" and str(kind) in EXACT]
        return str(min(floats, key=lambda kind: kind.itemsize)) if floats else "float64"

    def tolerance(self, q: Quantity, expected: ndarray, table: Mapping[str, float] = EXACT) -> Tolerance:
        """How near a gradient must come to what is expected."""
        precision = self.precision(q)
        shaken = np.abs(gathered(self._shaken, q.nodes, q.shape) - self.expected(q)).max(initial=0.0) / SHAKE
        rounding = ROUNDINGS * float(np.finfo(precision).eps) * float(shaken)
        size = float(np.abs(expected[np.isfinite(expected)]).max(initial=0.0))
        return Tolerance(table[precision], table[precision] * size + rounding + 1e-300)

    def fits(self, q: Quantity, expected: ndarray, table: Mapping[str, float] = EXACT) -> bool:
        """Whether the user's gradient of a quantity is this."""
        same_shape = q.found is not None and q.found.shape == expected.shape
        return same_shape and self.tolerance(q, expected, table).agree(q.found, expected)  # type: ignore[arg-type]

    def nearly_fits(self, q: Quantity, expected: ndarray) -> bool:
        """Whether it is this to three or four digits."""
        return self.fits(q, expected, NEAR)

    def evidence(self, q: Quantity, result: ndarray, otherwise: ndarray, fitted: int = 0) -> float:
        """Bits that say that the user's numbers are `result`, for all that would have been `otherwise` without it.

        -inf when one of them is not. An element that agrees to a relative tolerance of 1e-9 says thirty bits, once:
        those that would have been right anyhow, and those that repeat another, say nothing. A number that was fitted
        costs an element.
        """
        if q.found is None or not self.fits(q, result):
            return -math.inf
        tolerance = self.tolerance(q, result)
        if otherwise.shape != result.shape:
            otherwise = np.zeros(result.shape)
        changed = ~tolerance.close(result, otherwise)
        result, otherwise = result[changed], otherwise[changed]
        size = np.maximum(np.abs(result), np.abs(otherwise))
        if not np.isfinite(size).all():
            return -math.inf
        bits = np.log2(np.maximum(size / tolerance.allowance(result), 1.0))
        _, first = np.unique(np.round([result / size, otherwise / size, bits], 4), axis=1, return_index=True)
        return float(np.sort(bits[first])[::-1][fitted:].sum())

    def ratio(self, q: Quantity, expected: ndarray) -> float | None:
        """The number that the user's gradient is of what is expected, in every element; None where there is none."""
        if q.found is None or q.found.shape != expected.shape or not expected.size:
            return None
        at = np.unravel_index(np.argmax(np.abs(expected)), expected.shape)
        if not expected[at] or not np.isfinite(q.found[at]) or not q.found[at]:
            return None
        factor = float(q.found[at] / expected[at])
        if not math.isfinite(factor):
            return None
        return factor if self.fits(q, factor * expected) else None

    def rough(self, q: Quantity) -> float:
        """How far a ratio of two elements may be off, relatively."""
        return 20 * EXACT[self.precision(q)]
