"""Occlusion: what would the model say if a part were not there? No gradient at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import Node, ShapeError
from nn.interpret.score import Model, asked, chosen, inputs, scores

__all__ = ["occlusion"]


def occlusion(
    model: Model,
    x: Any,
    target: Any = None,
    *,
    window: int | Sequence[int] = 3,
    stride: int | Sequence[int] = 1,
    baseline: float = 0.0,
    batch_size: int = 256,
) -> ndarray:
    """By how much the score falls when a window is covered by `baseline`. An array like x.

    (Zeiler and Fergus, "Visualizing and understanding convolutional networks", 2014.) The window goes over all places
    in steps of `stride`; each number gets the mean over the windows that covered it. `window` and `stride` are sizes
    along the last axes of x, one for all or one for each: images (N, C, H, W) are covered in all channels at once.
    Cost: one forward for each place of the window, `batch_size` at a time.

    >>> import nn, numpy as np
    >>> model = nn.Linear(3, 1, bias=False)
    >>> model.weight.data[...] = [[1, -2, 3]]
    >>> occlusion(model, np.ones((1, 3), np.float32), window=1)
    array([[ 1., -2.,  3.]], dtype=float32)
    """
    x = inputs(x)
    axes = max(1, x.ndim - 2)  # (N, features), or (N, C, ...)
    sizes, steps = _each("window", window, axes), _each("stride", stride, axes)
    whole = x.shape[x.ndim - axes :]
    if any(size > n for size, n in zip(sizes, whole)):
        raise ShapeError(f"occlusion: a window of {sizes} does not fit into {whole}.")
    places = list(_windows(whole, sizes, steps))
    total, count = np.zeros_like(x), np.zeros(whole, x.dtype)
    with asked(model):
        target = chosen(model, x, target)
        before = _scores(model, x, target)
        at_once = max(1, batch_size // len(x))
        for i in range(0, len(places), at_once):
            part = places[i : i + at_once]
            covered = np.repeat(x[None], len(part), 0)
            for each, place in zip(covered, part):
                each[(..., *place)] = baseline
            many = tuple(np.tile(index, len(part)) if np.ndim(index) else index for index in target)
            after = _scores(model, covered.reshape(-1, *x.shape[1:]), many).reshape(len(part), len(x))
            for fall, place in zip(before - after, part):
                total[(..., *place)] += fall.reshape(-1, *(1,) * (x.ndim - 1))
                count[place] += 1
    return np.asarray(total / np.maximum(count, 1))


def _windows(whole: Sequence[int], sizes: Sequence[int], steps: Sequence[int]) -> Iterator[tuple[slice, ...]]:
    """All places of the window; the last ones lie at the edge, so that everything is covered."""
    starts = [
        sorted({*range(0, n - size + 1, step), n - size}) if step <= size else range(0, n - size + 1, step)
        for n, size, step in zip(whole, sizes, steps)
    ]
    for corner in product(*starts):
        yield tuple(slice(start, start + size) for start, size in zip(corner, sizes))


def _scores(model: Model, x: ndarray, target: Any) -> ndarray:
    found = scores(model(x), target)
    return np.asarray(found.data if isinstance(found, Node) else found)


def _each(name: str, given: int | Sequence[int], axes: int) -> tuple[int, ...]:
    found = (given,) * axes if isinstance(given, int | np.integer) else tuple(given)
    if len(found) != axes or min(found) < 1:
        raise ShapeError(f"occlusion: {name}={given!r} must be a positive number, or {axes} of them.")
    return found
