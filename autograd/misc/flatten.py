"""Flatten: numbers and arrays in nested containers as one vector, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import autograd.tree as tree
from autograd.errors import ShapeError, place
from autograd.operand import plain
from autograd.rules.construction import array
from autograd.rules.shaping import concatenate, ravel, reshape, shape_of

Function = Callable[..., Any]


def flatten(value: Any) -> tuple[Any, Function]:
    """All numbers in nested lists, tuples and dicts as one vector, and the function that puts a vector back in place.

    Dicts are read in the order of their keys. Both ways can be differentiated. Numbers of different precision are
    brought to one.

    >>> vector, unflatten = flatten({"w": [1.0, 2.0], "b": 3.0})
    >>> vector
    array([3., 1., 2.])
    >>> unflatten(vector * 2)
    {'b': 6.0, 'w': [2.0, 4.0]}
    """
    form = _sorted(value)
    leaves = tree.leaves(form)
    shapes = [shape_of(x) for x in leaves]
    single = [not hasattr(plain(x), "shape") for x in leaves]
    form = tree.transform(lambda x: None, form)  # so that no array is kept
    size = sum(int(np.prod(shape)) for shape in shapes)

    def unflatten(vector: Any) -> Any:
        if shape_of(vector) != (size,):
            raise ShapeError(f"unflatten: a vector of {size} numbers is needed, not shape {shape_of(vector)}.{place()}")
        parts, start = [], 0
        for shape, alone in zip(shapes, single, strict=True):
            stop = start + int(np.prod(shape))
            part = vector[start] if alone else reshape(vector[start:stop], shape)
            parts.append(float(part) if isinstance(part, np.floating) else part)
            start = stop
        return tree.fill(form, iter(parts))

    return (concatenate([ravel(array(x)) for x in leaves]) if leaves else np.zeros(0)), unflatten


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, list | tuple):
        parts = map(_sorted, value)
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    return value


def flatten_func(func: Function, example: Any) -> tuple[Function, Function, Any]:
    """A function of containers as one of a vector, with the way back, and the example as a vector."""
    vector, unflatten = flatten(example)
    return lambda x, *args: flatten(func(unflatten(x), *args))[0], unflatten, vector
