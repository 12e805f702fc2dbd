"""Differences, slopes and areas of sampled functions, with NumPy's names and arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.errors import ShapeError, describe, place
from autograd.rules.library import as_array
from autograd.rules.reduction import cumsum, sum
from autograd.rules.shaping import astype, broadcast_to, concatenate, data_of, normalize_axes, ravel, reshape, shape_of

__all__ = ["cumulative_trapezoid", "diff", "ediff1d", "gradient", "trapezoid", "unwrap"]


def _part(x: Any, axis: int, *bounds: int | None) -> Any:
    """The slice along an axis, counted from the front."""
    return x[(*(slice(None),) * axis, slice(*bounds))]


def _edge(value: Any, x: Any, axis: int) -> Any:
    """What is put before or behind: a number is repeated along the border."""
    shape = shape_of(x)
    if shape_of(value):
        return value
    value = np.asarray(value, data_of(x).dtype) if isinstance(value, int | float) else value
    return broadcast_to(value, (*shape[:axis], 1, *shape[axis + 1 :]))


def diff(x: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    """Each element minus the one before, n times over; the axis gets n elements shorter.

    >>> import autograd
    >>> autograd.diff([1.0, 4.0, 9.0])
    array([3., 5.])
    """
    x = as_array(x)
    (axis,) = normalize_axes(axis, len(shape_of(x)))
    if n < 0:
        raise ShapeError(f"diff of {describe(x)}: n is how often, and not {n}.{place()}")
    front, rear = ([] if e is None else [_edge(e, x, axis)] for e in (prepend, append))
    if n and (front or rear):
        x = concatenate([*front, x, *rear], axis)
    for _ in range(n):
        x = _part(x, axis, 1, None) - _part(x, axis, None, -1)
    return x


def ediff1d(x: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """The differences of the raveled array, with something put before and behind them."""
    middle = diff(ravel(as_array(x)))
    dtype = data_of(middle).dtype
    front, rear = ([] if e is None else [astype(ravel(as_array(e)), dtype)] for e in (to_begin, to_end))
    return concatenate([*front, middle, *rear]) if front or rear else middle


def gradient(f: Any, *varargs: Any, axis: int | Sequence[int] | None = None, edge_order: int = 1) -> Any:
    """The slope of a sampled function by central differences, and at the ends by one-sided ones, as np.gradient.

    `varargs` are the distances between samples, for all axes or one for each: a number, or an array of coordinates.
    One axis gives an array, several a list of them. It is differentiated by f and by the distances.
    """
    f = as_array(f)
    ndim = len(shape_of(f))
    chosen = range(ndim) if axis is None else axis if isinstance(axis, tuple | list) else [axis]
    axes = [normalize_axes(a, ndim)[0] for a in chosen]
    steps = varargs if len(varargs) == len(axes) else varargs * len(axes) if varargs else (1.0,) * len(axes)
    if len(varargs) not in (0, 1, len(axes)):
        raise ShapeError(f"gradient along {len(axes)} axes was given {len(varargs)} distances.{place()}")
    found = [_slope(f, step, a, edge_order) for a, step in zip(axes, steps, strict=True)]
    return found[0] if len(found) == 1 else tuple(found)


def _slope(f: Any, step: Any, axis: int, edge_order: int) -> Any:
    size = shape_of(f)[axis]
    if size < edge_order + 1 or edge_order not in (1, 2):
        raise ShapeError(
            f"gradient of {describe(f)}: axis {axis} needs {edge_order + 1} elements at least, for edge_order "
            f"{edge_order}, which is 1 or 2.{place()}"
        )
    run = diff(step) if shape_of(step) else step * np.ones(size - 1, data_of(f).dtype)
    if shape_of(run) != (size - 1,):
        raise ShapeError(f"gradient of {describe(f)}: axis {axis} needs {size} coordinates.{place()}")
    run = reshape(run, tuple(-1 if i == axis else 1 for i in range(len(shape_of(f)))))
    run = astype(run, data_of(f).dtype) if data_of(f).dtype.kind == "f" else run
    slopes = diff(f, axis=axis) / run
    left, right = _part(slopes, axis, None, -1), _part(slopes, axis, 1, None)
    before, after = _part(run, axis, None, -1), _part(run, axis, 1, None)
    share = before / (before + after)  # of the slope to the right: the nearer sample counts more
    first, last = _part(slopes, axis, None, 1), _part(slopes, axis, -1, None)
    if edge_order == 2:  # the parabola through three samples
        bend = right - left
        first = first - _part(share * bend, axis, None, 1)
        last = last + _part((1 - share) * bend, axis, -1, None)
    if shape_of(step):
        middle = left + share * (right - left)
    else:  # by the two neighbours alone, whatever stands between them
        middle = (_part(f, axis, 2, None) - _part(f, axis, None, -2)) / (before + after)
    return concatenate([first, middle, last], axis)


def _areas(y: Any, x: Any, dx: Any, axis: int) -> tuple[Any, int]:
    """The areas between samples: their distance times the mean of both."""
    y = as_array(y)
    (axis,) = normalize_axes(axis, len(shape_of(y)))
    width = dx
    if x is not None:
        x = as_array(x)
        width = diff(x, axis=axis if len(shape_of(x)) > 1 else -1)
        if len(shape_of(x)) == 1:
            width = reshape(width, tuple(-1 if i == axis else 1 for i in range(len(shape_of(y)))))
    return width * (_part(y, axis, 1, None) + _part(y, axis, None, -1)) / 2, axis


def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """The area under samples y at x (or at a distance of dx), by the trapezoidal rule.

    >>> import autograd
    >>> float(autograd.trapezoid([1.0, 2.0, 3.0]))
    4.0
    """
    areas, axis = _areas(y, x, dx, axis)
    return sum(areas, axis)


def cumulative_trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1, initial: float | None = None) -> Any:
    """The area up to each sample but the first, or with `initial`, which comes first, up to each."""
    areas, axis = _areas(y, x, dx, axis)
    found = cumsum(areas, axis)
    if initial is None:
        return found
    head = np.full((*shape_of(found)[:axis], 1, *shape_of(found)[axis + 1 :]), initial, data_of(found).dtype)
    return concatenate([head, found], axis)


def unwrap(p: Any, discont: float | None = None, axis: int = -1, *, period: float = 2 * np.pi) -> Any:
    """Angles made continuous along an axis: whole periods are added, so that no step is larger than half of one."""
    p = as_array(p)
    data = data_of(p)
    return p + (np.unwrap(data, discont, axis, period=period) - data)
