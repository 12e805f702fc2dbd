"""Measuring a subject at a point: what its sweeps must find, from its values nearby, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy import ndarray

from autograd.check.difference import TINY, Path, Slope, central, first_step, slope
from autograd.check.subject import Function, Point, Subject
from autograd.check.verdict import Tolerance

VANISHING = 1e-4  # derivatives this small beside those nearby, or beside the results, count as zero
ROUNDED = 1e-5  # a sum that cancels is right to so much of its parts, times the tolerance
UNSURE = 1e-3  # an error of the numerical derivative larger than this, relative to the largest, excuses nothing


@dataclass(frozen=True, slots=True)
class Estimate:
    """A numerical derivative: its value, how far off each element may be, and where there is a kink.

    `scale` is the size of what it was summed up from: where that cancels, what is left is rounding.
    """

    value: ndarray
    error: ndarray
    kink: ndarray
    scale: float

    def disagrees(self, found: ndarray, rtol: float, atol: float | None) -> ndarray:
        """Which elements of what a sweep found are wrong: off by more than the tolerance and ten times the error."""
        if found.shape != self.value.shape:
            return np.ones(self.value.shape, bool)
        finite = np.where(np.isfinite(self.error), self.error, 0.0)
        error = np.minimum(np.maximum(finite, np.median(finite) if finite.size else 0.0), UNSURE * self.scale)
        allowed = Tolerance(rtol, 1e-9 * self.scale if atol is None else atol).allowance(self.value) + 10 * error
        with np.errstate(invalid="ignore"):
            near = np.abs(found - self.value) <= allowed
        return np.asarray(~near)

    def told(self, index: tuple[int, ...]) -> float:
        """One element as it is told: 0 when it is no more than rounding."""
        value, error = float(self.value[index]), float(self.error[index])
        return 0.0 if abs(value) <= error < np.inf else value

    def reshaped(self, shape: tuple[int, ...]) -> Estimate:
        """The same in another shape."""
        return Estimate(self.value.reshape(shape), self.error.reshape(shape), self.kink.reshape(shape), self.scale)

    @property
    def unsure(self) -> ndarray:
        """Elements that differences cannot tell."""
        return np.asarray(self.error > UNSURE * self.scale)


class Measure:
    """Numerical derivatives of one subject at one point.

    `step` is the one to use, or None for an automatic one. With `exact` it is the complex step, where the function
    takes complex numbers and is analytic; with `thorough` no step is trusted that smaller ones contradict.
    """

    def __init__(
        self,
        subject: Subject,
        point: Point,
        step: float | None = None,
        *,
        exact: bool = False,
        thorough: bool = False,
    ) -> None:
        self.subject = subject
        self.point = list(point)
        self.step = step
        self.here = subject.values(self.point)
        self.magnitude = subject.magnitude(self.point)
        self.size, self.cancelled = subject.record(self.point).sizes()
        self.thorough = thorough
        self.exact = exact and step is None and self._takes_complex()

    def along(self, directions: dict[int, ndarray], start: float = first_step(1.0)) -> Slope:
        """The derivative of all results along a direction, given for some of the inputs."""
        path = self._path(directions)
        if self.exact:
            moved = [x + TINY * 1j * directions[k] if k in directions else x for k, x in enumerate(self.point)]
            row = self.subject.complex_values(moved)  # type: ignore[attr-defined]
            if row is not None and row.shape == self.here.shape:
                return Slope.plain(row.imag / TINY)
        if self.step is not None:
            return Slope.plain(central(path, self.step))
        return slope(path, self.here, start, self.size, thorough=self.thorough)

    def along_element(self, k: int, index: tuple[int, ...]) -> Slope:
        """The derivative of all results by one element of input k."""
        direction = np.zeros(self.point[k].shape)
        direction[index] = 1.0
        return self.along({k: direction}, first_step(float(self.point[k][index])))

    def gradients(self, k: int, cotangents: Sequence[ndarray], chosen: Iterable[int] | None = None) -> list[Estimate]:
        """What pulling back each cotangent, a row, must give for input k; zeros in elements that are not chosen.

        Cost: six evaluations for each element.
        """
        shape = self.point[k].shape
        value, error, size, around = (np.zeros((len(cotangents), *shape)) for _ in range(4))
        kink = np.zeros((len(cotangents), *shape), bool)
        for flat in range(self.point[k].size) if chosen is None else chosen:
            index = tuple(map(int, np.unravel_index(flat, shape)))
            column = self.along_element(k, index)
            for i, g in enumerate(cotangents):
                at, used = (i, *index), g != 0  # what a weight of 0 makes of inf and nan is nothing
                value[at] = g[used] @ column.value[used]
                error[at] = np.abs(g[used]) @ column.error[used]
                size[at] = np.abs(g[used]) @ np.abs(column.value[used])
                around[at] = np.abs(g[used]) @ column.size[used]
                kink[at] = column.kink[used].any()
        scales = [self._scale(size[i], around[i], float(np.sum(np.abs(g)))) for i, g in enumerate(cotangents)]
        return [Estimate(*parts) for parts in zip(value, error, kink, scales, strict=True)]

    def tangents(self, k: int, direction: ndarray) -> Estimate:
        """What pushing a tangent of input k forward must give, in a row. Six evaluations."""
        column = self.along({k: direction})
        scale = self._scale(column.value, column.size, 1.0)
        return Estimate(column.value, column.error, column.kink, scale)

    def _scale(self, derivatives: ndarray, around: ndarray, weight: float) -> float:
        """The size of derivatives; where they vanish, a part of what they are in a neighbourhood, or of the results."""
        largest = [float(np.max(np.where(np.isfinite(x), np.abs(x), 0.0), initial=0.0)) for x in (derivatives, around)]
        return max(largest[0], VANISHING * max(largest[1], weight * self.magnitude), ROUNDED * self.cancelled)

    def jacobian(self, k: int) -> ndarray:
        """Derivatives of all results by all elements of input k, shape (results, elements)."""
        shape = self.point[k].shape
        columns = [self.along_element(k, index).value for index in np.ndindex(shape)]
        return np.stack(columns, -1) if columns else np.zeros((self.here.size, 0))

    def _path(self, directions: dict[int, ndarray]) -> Path:
        def path(s: float) -> ndarray:
            moved = [x + s * directions[k] if k in directions else x for k, x in enumerate(self.point)]
            try:
                row = self.subject.values(moved)
            except (ArithmeticError, ValueError):  # outside of where it is defined
                return np.full(self.here.shape, np.nan)
            return row if row.shape == self.here.shape else np.full(self.here.shape, np.nan)

        return path

    def _takes_complex(self) -> bool:
        """Whether the complex step can be had, and agrees with differences along a line."""
        if not isinstance(self.subject, Function):
            return False
        rng = np.random.default_rng(0)
        direction = {k: rng.uniform(-1.5, 1.5, x.shape) for k, x in enumerate(self.point)}
        near = slope(self._path(direction), self.here, first_step(1.0), self.size)
        allowed = 100 * near.error + 1e-9 * np.max(np.abs(near.value), initial=0.0)
        for sign in (1.0, -1.0):
            moved = [x + sign * TINY * 1j * direction[k] for k, x in enumerate(self.point)]
            row = self.subject.complex_values(moved)
            if row is None or row.shape != self.here.shape or row.dtype.kind != "c" or near.kink.any():
                return False
            with np.errstate(invalid="ignore"):
                if not (np.abs(row.imag * sign / TINY - near.value) <= allowed).all():
                    return False
        return True
