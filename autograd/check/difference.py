"""Derivatives by evaluating the function nearby: what the rules are held against.

Central differences at three steps, extrapolated to a step of zero (Romberg). The three also tell how far off the
result may be, so that the step is made smaller until it is good: past a kink that is near, a pole, or a wiggle. A kink
at the point itself shows as slopes to the left and to the right that do not approach each other.

For functions that take complex numbers the complex step, Im f(x + ih) / h, is exact: nothing is subtracted, so h can be
1e-20 (Squire and Trapp, 1998).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.errors import OperandError, describe, place

FIRST = 2.0**-7  # the first step, relative to max(1, |x|); powers of two, so that x + h - x is h
LEVELS = 14  # how many steps are tried, each an eighth of the one before: the last is 64 ulps of x
ONE_SIDED = 6  # the last of them in which the slope of one side still has some digits
GOOD = 1e-10  # the relative error at which to stop
VISIBLE = 100.0  # a gap between the slopes of the two sides is seen where it is so many times the rounding
UNCLEAR = 1e-3  # the relative error beside a kink above which it counts as one at the point itself
EPS = 2.0**-52
TINY = 1e-20  # the complex step
UNSEEN = 2.0**-46  # a change this small may be lost in the digits of what is calculated on the way

Path = Callable[[float], ndarray]  # the function along a line: flat results at a distance from the point


@dataclass(frozen=True, slots=True)
class Slope:
    """The derivative of every result along a line, how far off it may be, and whether there is a kink.

    `left` and `right` are the slopes on the two sides, `size` the larger of them with the first step: how much there
    is in which something may cancel.
    """

    value: ndarray
    error: ndarray
    kink: ndarray
    left: ndarray
    right: ndarray
    size: ndarray

    @classmethod
    def plain(cls, value: ndarray) -> Slope:
        """One that is known without more."""
        nothing = np.zeros(value.shape)
        return cls(value, nothing, nothing > 0, value, value, np.abs(value))


def slope(path: Path, here: ndarray, step: float, size: ndarray | None = None, *, thorough: bool = False) -> Slope:
    """The derivative of a path at 0, where it is `here`. Cost: six evaluations, up to 84 where it is difficult.

    With a kink at 0, it is the mean of the slopes on both sides; beside a place where the path is not finite, nan.

    The three differences of one level may agree by chance where the path bends on a scale smaller than its step. So a
    value that is not good as it stands counts as exact only as far as the level before or after it confirms it.

    `size` is how large the numbers are that the results are summed up from, if they cancel. With `thorough` smaller
    steps are looked at even where the first is good, and what they contradict is not sure: |x² - x/1000| is a smooth
    parabola to steps that leap over its kinks.
    """
    size = np.abs(here) if size is None else size
    value, error = np.full(here.shape, np.nan), np.full(here.shape, np.inf)
    jump = np.zeros(here.shape)  # how far apart the slopes of the two sides were where there seemed to be a kink
    left = right = first = value
    levels: list[Slope] = []
    best = np.zeros(here.shape, int)  # the one that `value` is from
    for level in range(LEVELS):
        h = step / 8.0**level
        rounding = 8 * EPS * size / h
        found = _romberg(path, here, h, rounding)
        better = (found.error < error) & ~((jump > 0) & (jump <= VISIBLE * rounding))
        better &= ~(_still(found) & (np.abs(value) > 10 * error) & (np.abs(value) * h < UNSEEN))
        value, error = np.where(better, found.value, value), np.where(better, found.error, error)
        levels.append(found)
        best = np.where(better, level, best)
        jump = np.where(found.kink, found.size, jump)
        if level <= ONE_SIDED:
            left, right = found.left, found.right
            first = first if level else np.fmax(np.abs(left), np.abs(right))
        if (good := error <= GOOD * np.max(np.abs(found.value), initial=0.0) + rounding).all() and not thorough:
            break
    error = np.where(good, error, np.fmax(error, _doubt(levels, best)))
    if thorough:
        error = np.fmax(error, _contradiction(levels, best, value, error))
    value = np.where(np.isinf(error), (left + right) / 2, value)
    with np.errstate(invalid="ignore"):  # a kink that the smallest steps have not come clear of
        kink = (jump > 0) & ~(error <= UNCLEAR * np.fmax(first, np.fmax(np.abs(left), np.abs(right))))
    return Slope(value, np.where(kink, np.inf, error), kink, left, right, first)


def _romberg(path: Path, here: ndarray, h: float, rounding: ndarray) -> Slope:
    """Steps of h, h/2 and h/4, given what rounding does to a difference with h."""
    ahead = [path(d) for d in (h, h / 2, h / 4)]
    behind = [path(-d) for d in (h, h / 2, h / 4)]
    with np.errstate(all="ignore"):
        wide, middle, near = ((a - b) / (2 * d) for a, b, d in zip(ahead, behind, (h, h / 2, h / 4), strict=True))
        coarse, fine = (4 * middle - wide) / 3, (4 * near - middle) / 3
        value = (16 * fine - coarse) / 15
        error = np.abs(fine - coarse) / 10 + rounding
        right, left = (ahead[2] - here) * (4 / h), (here - behind[2]) * (4 / h)
        gap, wide_gap = np.abs(right - left), np.abs(ahead[0] - 2 * here + behind[0]) / h
        # Where the function is smooth, the gap between the slopes of the two sides shrinks with the step.
        kink = (gap > 0.5 * wide_gap) & (gap > VISIBLE * rounding) & (gap > 1e-6 * np.abs(value))
        kink |= ~np.isfinite(value)
        gap = np.where(np.isfinite(gap), gap, np.inf)
    value = np.where(np.isfinite(value), value, np.nan)
    return Slope(value, np.where(kink, np.inf, error), kink, left, right, gap)


def _still(found: Slope) -> ndarray:
    """Where nothing moves at all: the function is constant, or the steps are too small for its digits."""
    return np.asarray((found.left == 0) & (found.right == 0) & (found.value == 0))


def _doubt(levels: list[Slope], best: ndarray) -> ndarray:
    """How far the value of the best level is from the nearer one of its neighbours."""
    nothing = np.full(best.shape, np.nan)
    padded = np.stack([nothing, *(found.value for found in levels), nothing])
    before, value, after = (np.take_along_axis(padded, best[None] + k, 0)[0] for k in range(3))
    distance: ndarray = np.fmin(np.abs(value - before), np.abs(value - after))
    return distance


def _contradiction(levels: list[Slope], best: ndarray, value: ndarray, error: ndarray) -> ndarray:
    """How far off the smaller steps say that the value is: a slope that is another, or a kink."""
    most = np.zeros(best.shape)
    for level, found in enumerate(levels):
        distance = np.where(found.kink, found.size, np.abs(found.value - value))
        allowed = np.where(found.kink, error, 10 * (error + found.error))
        most = np.where((level > best) & (distance > allowed), np.fmax(most, distance), most)
    return most


def first_step(x: float) -> float:
    """The step to start with at x."""
    return FIRST * 2.0 ** math.ceil(math.log2(max(1.0, abs(x))))


def central(path: Path, step: float) -> ndarray:
    """The plain central difference with one step. Cost: two evaluations."""
    difference: ndarray = (path(step) - path(-step)) / (2 * step)
    return difference


def numerical_jacobian(
    function: Callable[[Any], Any], x: Any, *, step: float | None = None, method: str = "central"
) -> Any:
    """The Jacobian of a function of floats or arrays, found by evaluating it; shape (*result, *x).

    `method` is "central", with an automatic step or the one given, or "complex", exact for functions that take complex
    numbers and are analytic. For what calculates in float64; nothing is recorded.

    Errors: OperandError when x is not real floats. Cost: six evaluations for each element of x; two with a step, one
    complex.

    >>> round(numerical_jacobian(lambda x: x ** 3, 2.0), 9)
    np.float64(12.0)
    >>> numerical_jacobian(lambda x: np.exp(x).sum(), np.array([0.0, 1.0]), method="complex")
    array([1.        , 2.71828183])
    """
    point = np.asarray(x)
    if point.dtype.kind not in "fiu" or method not in ("central", "complex"):
        raise OperandError(
            f'numerical_jacobian needs real numbers and a method, "central" or "complex": got {describe(x)} and '
            f"{method!r}.{place()}"
        )
    point = point.astype(float)
    result = np.asarray(function(point if point.ndim else float(point)))
    here, columns = result.ravel().astype(float), []
    for index in np.ndindex(point.shape):

        def path(s: Any, index: tuple[int, ...] = index) -> ndarray:
            moved = point.astype(type(s))
            moved[index] += s
            y = function(moved if moved.ndim else moved.item())
            return np.asarray(y).ravel()

        if method == "complex":
            columns.append(path(TINY * 1j).imag / TINY)
        elif step is not None:
            columns.append(central(path, step))
        else:
            with np.errstate(all="ignore"):
                columns.append(slope(path, here, first_step(float(point[index]))).value)
    jacobian = np.stack(columns, -1) if columns else np.zeros((result.size, 0))
    return jacobian.reshape(result.shape + point.shape)[()]
