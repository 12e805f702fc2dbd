"""When two answers agree: one shape, one dtype, and numbers that differ by rounding only."""

from __future__ import annotations

from typing import Any

import numpy as np

# A relative error, and what is lost to cancellation, relative to the largest number of the array.
TOLERANCE = {8: (1e-7, 1e-11), 4: (1e-4, 2e-5), 2: (1e-2, 1e-2)}


def difference(ours: Any, theirs: Any, *, scale: float = 0.0, unknown: bool = False, slack: float = 1.0) -> str:
    """What differs, in words; empty where they agree.

    `scale`: how large numbers were that have cancelled; `unknown`: where theirs is nan, anything goes; `slack`: how
    much larger errors may be.
    """
    if not isinstance(theirs, np.ndarray):
        same = ours == theirs if isinstance(theirs, bool | int) else np.isclose(ours, theirs, 1e-12)
        return "" if same else f"{ours} is not {theirs}"
    a, b = np.asarray(ours), theirs
    if a.shape != b.shape:
        return f"shape {a.shape} is not {b.shape}"
    if a.dtype.kind != b.dtype.kind or (b.dtype.kind == "f" and a.dtype != b.dtype):
        return f"dtype {a.dtype} is not {b.dtype}"
    if b.dtype.kind != "f":
        wrong = a != b
    else:
        relative, lost = (slack * error for error in TOLERANCE[b.dtype.itemsize])
        size = np.abs(b, dtype=float)
        top = max(scale, np.max(size, where=np.isfinite(size), initial=0.0))
        with np.errstate(all="ignore"):
            near = np.abs(np.subtract(a, b, dtype=float)) <= relative * size + lost * top
        infinite = ~np.isfinite(a) | ~np.isfinite(b)
        wrong = np.where(infinite, (a != b) & ~(np.isnan(a) & np.isnan(b)), ~near)
        if unknown:
            wrong &= ~np.isnan(b)
    if not wrong.any():
        return ""
    at = tuple(np.argwhere(wrong)[0].tolist())
    return f"{wrong.sum()} of {wrong.size} differ, at {at}: {a[at]!s} is not {b[at]!s}"


def nearer(ours: Any, theirs: Any, truth: Any) -> bool:
    """Whether ours is no further from the truth than theirs, or hardly so. Where the truth is nan it is not known."""
    if not isinstance(truth, np.ndarray) or truth.dtype.kind != "f":
        return not difference(ours, truth)
    a, b = np.asarray(ours), theirs
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    exact = truth.astype(b.dtype)
    finite = np.isfinite(exact)
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    if not np.isfinite(a[finite]).all() or not ((a == exact) | same | np.isnan(b))[~finite].all():
        return False
    if not difference(a[finite], exact[finite]):
        return True
    far, near = (np.abs(np.subtract(x[finite], truth[finite], dtype=float)) for x in (b, a))
    return bool(np.max(near, initial=0.0) <= 4 * np.max(far, initial=0.0, where=np.isfinite(far)))


def largest(a: Any, b: Any) -> float:
    """The largest difference of two arrays; inf where they are not finite in the same places, or not of one kind."""
    a = np.asarray(a)
    if not isinstance(b, np.ndarray) or a.shape != b.shape or a.dtype != b.dtype or b.dtype.kind != "f":
        return 0.0 if a.dtype == np.asarray(b).dtype and np.array_equal(a, b) else np.inf
    finite = np.isfinite(b)
    if not np.array_equal(finite, np.isfinite(a)) or not np.array_equal(a[~finite], b[~finite], equal_nan=True):
        return np.inf
    return float(np.max(np.abs(np.subtract(a[finite], b[finite], dtype=float)), initial=0.0))
