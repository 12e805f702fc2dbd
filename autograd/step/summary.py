"""Summary: an array as a small picture and a few numbers, as plain data for painters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy import ndarray

SIDE = 24  # rows and columns, at most, of the picture
BINS = 16


@dataclass(frozen=True, slots=True)
class Summary:
    """What there is to see of an array of any size.

    | attribute | what it is |
    |---|---|
    | `shape`, `dtype` | of the array |
    | `rows` | the picture: rows of numbers, each the mean of a block of the array; nan where not all are finite |
    | `low`, `mean`, `high` | of the finite elements; nan when there are none |
    | `histogram` | how many finite elements lie in each of 16 equal steps from `low` to `high` |
    | `nan`, `inf` | how many elements are not a number, how many infinite |
    """

    shape: tuple[int, ...]
    dtype: str
    rows: ndarray
    low: float
    mean: float
    high: float
    histogram: list[int]
    nan: int
    inf: int


def summarize(x: ndarray) -> Summary:
    """The summary of an array. Cost: a few passes over it.

    Leading axes are laid out below one another, and a vector is one row.

    >>> found = summarize(np.arange(100.0).reshape(50, 2))
    >>> found.rows.shape, found.low, found.mean, found.high, sum(found.histogram)
    ((24, 2), 0.0, 49.5, 99.0, 100)
    """
    wide = np.asarray(x, float)
    finite = np.isfinite(wide)
    there = wide if finite.all() else wide[finite]
    nan = int(np.isnan(wide).sum())
    low, mean, high = (float(f(there)) if there.size else np.nan for f in (np.min, np.mean, np.max))
    histogram = [0] * BINS
    if there.size:
        with np.errstate(all="ignore"):
            counted = high - low < np.inf
            histogram = np.histogram(there, BINS, (low, high) if counted else (-1.0, 1.0))[0].tolist()
    rows = _blocks(wide.reshape(-1, wide.shape[-1]) if wide.ndim > 1 else wide.reshape(1, -1))
    return Summary(x.shape, str(x.dtype), rows, low, mean, high, histogram, nan, wide.size - there.size - nan)


def _blocks(x: ndarray) -> ndarray:
    """The means of the blocks of a matrix, 24 by 24 of them at most."""
    if not x.size:
        return np.zeros((0, 0))
    with np.errstate(all="ignore"):
        for axis in (0, 1):
            n = x.shape[axis]
            if n > SIDE:
                starts = np.arange(SIDE) * n // SIDE
                sizes = np.diff([*starts, n]).reshape((-1, 1) if axis == 0 else (1, -1))
                x = np.add.reduceat(x, starts, axis) / sizes
    return np.where(np.isfinite(x), x, np.nan)
