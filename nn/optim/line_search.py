"""Line search: how far to go in a direction, by the strong Wolfe conditions (Nocedal and Wright, 2006, section 3.5)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy import ndarray


class Point(NamedTuple):
    """A point on the line: how far it is, the value there, the gradient, and the slope along the line."""

    t: float
    value: float
    gradient: ndarray
    slope: float


def strong_wolfe(
    at: Callable[[float], Point],
    start: Point,
    t: float,
    longest: float,
    trials: int,
    tolerance: float,
    decrease: float = 1e-4,
    curvature: float = 0.9,
) -> Point:
    """A point that lies lower than `start` by its share of the first slope, and where it is flatter than there.

    `at(t)` evaluates a point, `t` is the first to try, and `longest` the largest element of the direction: an interval
    whose ends are nearer than `tolerance` in every element is not searched. After so many `trials` more it is the
    best point so far. The path is PyTorch's.
    """

    def too_high(point: Point) -> bool:
        return point.value > start.value + decrease * point.t * start.slope

    def flat(point: Point) -> bool:
        return abs(point.slope) <= -curvature * start.slope

    # Go on until the minimum lies between two points.
    before, now = start, at(t)
    trial = 0
    while trial < trials:
        if too_high(now) or (trial > 1 and now.value >= before.value):
            break
        if flat(now):
            return now
        if now.slope >= 0:
            break
        t = cubic_minimum(before, now, now.t + 0.01 * (now.t - before.t), 10 * now.t)
        before, now = now, at(t)
        trial += 1
    else:
        before = start

    # Narrow the interval, whose ends these are.
    ends = [before, now]
    low = _lower(ends)
    near = False  # whether the last point was close to an end
    while trial < trials:
        left, right = sorted(end.t for end in ends)
        if (right - left) * longest < tolerance:
            break
        t = cubic_minimum(ends[0], ends[1], left, right)
        margin = 0.1 * (right - left)
        if min(right - t, t - left) < margin and (near or not left < t < right):
            t = right - margin if abs(t - right) < abs(t - left) else left + margin
            near = False
        else:
            near = min(right - t, t - left) < margin
        now = at(t)
        trial += 1
        if too_high(now) or now.value >= ends[low].value:
            ends[1 - low] = now
            low = _lower(ends)
            continue
        if not flat(now) and now.slope * (ends[1 - low].t - ends[low].t) >= 0:
            ends[1 - low] = ends[low]
        ends[low] = now
        if flat(now):
            break
    return ends[low]


def _lower(ends: list[Point]) -> int:
    return 0 if ends[0].value <= ends[1].value else 1


def cubic_minimum(a: Point, b: Point, least: float, most: float) -> float:
    """Where the cubic with the values and slopes of two points has its minimum, but not outside of [least, most].

    In the middle of them where the cubic has no minimum. (Nocedal and Wright, equation 3.59.)
    """
    if a.t > b.t:
        a, b = b, a
    with np.errstate(all="ignore"):
        width = np.float64(b.t) - a.t
        chord = a.slope + b.slope - 3 * (b.value - a.value) / width
        square = chord * chord - a.slope * b.slope
        if not square >= 0:
            return (least + most) / 2
        root = math.sqrt(square)
        t = float(b.t - width * ((b.slope + root - chord) / (b.slope - a.slope + 2 * root)))
    return min(max(t, least), most)
