"""Functions of functions over arrays, with NumPy's names and arguments: what is mapped is differentiated through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.errors import ShapeError, place
from autograd.rules.indexing import index_set
from autograd.rules.library import as_array
from autograd.rules.shaping import data_of, expand_dims, moveaxis, reshape, shape_of, stack

__all__ = ["apply_along_axis", "apply_over_axes", "piecewise"]

Function = Callable[..., Any]


def apply_along_axis(func1d: Function, axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    """A function of rows, for every row along an axis: its result's axes stand in the place of that axis.

    Cost: one call for each row, in Python.

    >>> import autograd
    >>> autograd.apply_along_axis(lambda row: row[0] * row[1], 1, [[2.0, 3.0], [4.0, 5.0]])
    array([ 6., 20.])
    """
    x = moveaxis(as_array(arr), axis, -1)
    shape = shape_of(x)[:-1]
    found = [func1d(row, *args, **kwargs) for row in reshape(x, (-1, shape_of(x)[-1]))]
    if not found:
        raise ShapeError(f"apply_along_axis needs at least one row, and got an array of shape {shape}.{place()}")
    whole = stack([as_array(y) for y in found])
    whole = reshape(whole, shape + shape_of(whole)[1:])
    inside = len(shape_of(whole)) - len(shape)
    to = axis % (len(shape) + 1)
    return moveaxis(whole, range(len(shape), len(shape) + inside), range(to, to + inside))


def apply_over_axes(func: Function, a: Any, axes: int | Sequence[int]) -> Any:
    """func(a, axis) for one axis after the other; axes that it removes are put back with size 1."""
    ndim = len(shape_of(a))
    for axis in [axes] if isinstance(axes, int) else axes:
        y = func(a, axis % ndim)
        a = y if len(shape_of(y)) == ndim else expand_dims(y, axis % ndim)
    return a


def piecewise(x: Any, condlist: Any, funclist: Sequence[Any], *args: Any, **kw: Any) -> Any:
    """A function given in pieces: where the i-th condition holds, the i-th function, or number.

    Where several hold the last counts; where none holds, one function more than conditions, or 0.
    """
    x = as_array(x)
    conditions: Any = data_of(condlist).astype(bool)
    if conditions.ndim == len(shape_of(x)):
        conditions = conditions[None]
    if len(funclist) == len(conditions) + 1:
        conditions = np.concatenate([conditions, ~conditions.any(0)[None]])
    if len(funclist) != len(conditions):
        raise ShapeError(
            f"piecewise needs as many functions as conditions, {len(conditions)}, or one more, and got "
            f"{len(funclist)}.{place()}"
        )
    y: Any = np.zeros(shape_of(x), data_of(x).dtype)
    for condition, function in zip(conditions, funclist):
        if callable(function):
            if condition.any():
                y = index_set(y, function(x[condition], *args, **kw), index=condition)
        else:
            y = index_set(y, function, index=condition)
    return y
