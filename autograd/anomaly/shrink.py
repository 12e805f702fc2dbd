"""Shrink: the smallest operands that still show what is wrong, found by trying."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from time import monotonic

from numpy import ndarray

TRIALS = 400
SECONDS = 2.0  # for all trials; what is too large by then stays so
TOGETHER = 3  # axes that are cut at once, at most

Arrays = list[ndarray]
Axis = tuple[int, int]  # of array number so and so


def shrunk(arrays: Sequence[ndarray], shows: Callable[[Arrays], bool]) -> Arrays:
    """The arrays cut down along their axes, as far as `shows` stays true of them.

    Axes of one length may belong together, such as the inner ones of a product of matrices: they are also cut in twos
    and threes. Each cut halves; what `shows` raises an error for does not fit together and is left.
    """
    found = list(arrays)
    left, end = TRIALS, monotonic() + SECONDS
    progress = True
    while progress and left > 0 and monotonic() < end:
        progress = False
        for axes in _groups(found):
            length = found[axes[0][0]].shape[axes[0][1]]
            for part in (slice(0, (length + 1) // 2), slice((length + 1) // 2, length)):
                left -= 1
                trial = _cut(found, axes, part)
                if left > 0 and monotonic() < end and _holds(trial, shows):
                    found, progress = trial, True
                    break
            if progress:
                break
    return found


def _groups(arrays: Arrays) -> Iterator[tuple[Axis, ...]]:
    """Axes that may be cut at once: all of one length, then fewer of them."""
    lengths: dict[int, list[Axis]] = {}
    for i, array in enumerate(arrays):
        for axis, length in enumerate(array.shape):
            if length > 1:
                lengths.setdefault(length, []).append((i, axis))
    for length in sorted(lengths, reverse=True):
        axes = lengths[length]
        yield tuple(axes)
        for count in range(min(TOGETHER, len(axes) - 1), 0, -1):
            yield from combinations(axes, count)


def _cut(arrays: Arrays, axes: Sequence[Axis], part: slice) -> Arrays:
    trial = list(arrays)
    for i, axis in axes:
        trial[i] = trial[i][(slice(None),) * axis + (part,)]
    return trial


def _holds(arrays: Arrays, shows: Callable[[Arrays], bool]) -> bool:
    try:
        return shows(arrays)
    except Exception:  # whatever an operation says to shapes that do not fit
        return False
