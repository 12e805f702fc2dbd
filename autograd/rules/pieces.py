"""Formulas of many passes over large arrays, a piece at a time: so the numbers stay in the cache between two passes."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np
from numpy import ndarray

SIZE = 1 << 15  # elements of a piece

Formula = Callable[..., Any]


def piecewise(rooms: int) -> Callable[[Formula], Formula]:
    """Make of `formula(out, *pieces, *rooms)`, which writes into `out`, a function of whole arrays that returns one.

    The arrays have one shape and dtype and no gaps, as `whole` says; the pieces have one axis. There are `rooms` to
    compute in, full of whatever was left in them. Signs of overflow are ignored: formulas see to what comes of it.
    """

    def made(formula: Formula) -> Formula:
        def apply(*arrays: ndarray) -> ndarray:
            (x, *_) = arrays
            result = np.empty(x.shape, x.dtype)
            flat = [a.reshape(-1) for a in (result, *arrays)]
            room = aligned((rooms, min(SIZE, x.size)), x.dtype)
            with np.errstate(all="ignore"):
                for at in range(0, x.size, SIZE):
                    pieces = [a[at : at + SIZE] for a in flat]
                    formula(*pieces, *room[:, : len(pieces[0])])
            return result

        apply.__doc__ = formula.__doc__
        return apply

    return made


def aligned(shape: tuple[int, ...], dtype: np.dtype[Any]) -> ndarray:
    """An array full of whatever is there, from a cache line on: NumPy writes into it in up to half the time."""
    room = np.empty(prod(shape) * dtype.itemsize + 64, np.uint8)
    return ndarray(shape, dtype, room, -room.ctypes.data % 64)


def whole(*arrays: Any) -> bool:
    """Whether these are arrays of floats without gaps, of one shape and precision: float32 or float64."""
    (x, *rest) = arrays
    return (
        type(x) is ndarray
        and x.dtype.kind == "f"
        and 4 <= x.itemsize <= 8
        and x.flags.c_contiguous
        and all(type(a) is ndarray and a.dtype == x.dtype and a.flags.c_contiguous for a in rest)
    )
