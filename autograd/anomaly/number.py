"""Number: what is bad about a number or an array, and its statistics in words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.node import Node
from autograd.scattered import Scatter
from autograd.view.text import number

Index = tuple[int, ...]


def plain(x: Any) -> ndarray | None:
    """The array behind a node, a batch or a contribution; None where there is none."""
    while isinstance(x, Node) or hasattr(x, "whole"):
        x = x.data if isinstance(x, Node) else x.whole
    if type(x) is Scatter:
        x = Scatter.dense(x)
    found = np.asarray(x) if isinstance(x, int | float | ndarray | np.generic) else None
    return found if found is not None and found.dtype.kind in "fiub" else None


def is_finite(x: Any) -> bool:
    """Whether all numbers are finite; what is no number, is."""
    if type(x) is float:
        return math.isfinite(x)
    found = x if type(x) is ndarray and x.dtype.kind == "f" else plain(x)
    return found is None or found.dtype.kind != "f" or bool(np.isfinite(found).all())


def nature(x: Any) -> str:
    """The worst in it: `"nan"`, `"inf"`, or nothing."""
    if is_finite(x):
        return ""
    return "nan" if np.isnan(_certain(x)).any() else "inf"


def bad_places(x: Any) -> ndarray:
    """Where the worst of its kind are."""
    array = _certain(x)
    nan = np.isnan(array)
    found: ndarray = nan if nan.any() else np.isinf(array)
    return found


def _certain(x: Any) -> ndarray:
    found = plain(x)
    assert found is not None
    return found


def first(places: ndarray) -> Index:
    """The index of the first True."""
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(places)), places.shape))


@dataclass(frozen=True)
class Statistics:
    """Figures of an array. `min`, `mean` and `max` are of its finite numbers, and nan where there are none."""

    shape: tuple[int, ...]
    dtype: str
    min: float
    mean: float
    max: float
    nan: int
    inf: int
    zero: int
    size: int
    bad: Index | None  # where the first number that is not finite stands

    def __str__(self) -> str:
        if self.size == 1:
            return ""
        bounds = f"min {number(self.min)}, mean {number(self.mean)}, max {number(self.max)}"
        figures = [] if math.isnan(self.min) else [bounds]
        figures += [f"{n:,} {word}" for n, word in ((self.nan, "nan"), (self.inf, "inf"), (self.zero, "zero")) if n]
        at = f", the first bad one at {list(self.bad)}" if self.bad is not None else ""
        return ", ".join(figures) + at


def statistics(x: Any) -> Statistics:
    """The figures of a number or an array."""
    array = plain(x)
    if array is None:
        array = np.zeros(0)
    numbers = array.astype(float)
    finite = np.isfinite(numbers)
    good = numbers[finite]
    with np.errstate(all="ignore"):
        low, mean, high = (good.min(), good.mean(), good.max()) if good.size else (math.nan,) * 3
    return Statistics(
        array.shape,
        str(array.dtype),
        float(low),
        float(mean),
        float(high),
        int(np.isnan(numbers).sum()),
        int(np.isinf(numbers).sum()),
        int((numbers == 0).sum()),
        array.size,
        None if finite.all() else first(~finite),
    )
