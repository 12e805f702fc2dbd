"""Borders around an array, in every mode of np.pad.

All modes but "maximum" and "minimum" are linear in the array. Where a border only repeats elements, it is read by
their numbers. Otherwise the map along an axis is the matrix that NumPy makes when it pads the identity.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd.domain import REAL, case
from autograd.errors import ShapeError, place
from autograd.primitive import linear
from autograd.rules.contraction import matmul
from autograd.rules.indexing import getitem
from autograd.rules.reduction import max, mean, min
from autograd.rules.shaping import Shape, broadcast, concatenate, moveaxis, shape_of

__all__ = ["pad"]

Widths = tuple[tuple[int, int], ...]

_pad = linear(
    "pad",
    lambda x, widths: np.pad(x, widths),
    lambda g, x, widths: g[tuple(slice(a, a + n) for (a, _), n in zip(widths, shape_of(x), strict=True))],
    domain=[case(REAL(2, 3), widths=((1, 0), (0, 2)))],
    doc="Zeros put around.",
)

_STATISTICS: dict[str, Callable[..., Any]] = {"maximum": max, "mean": mean, "minimum": min}
_SETTINGS = {
    "constant": {"constant_values"},
    "edge": set(),
    "linear_ramp": {"end_values"},
    "maximum": {"stat_length"},
    "mean": {"stat_length"},
    "minimum": {"stat_length"},
    "reflect": {"reflect_type"},
    "symmetric": {"reflect_type"},
    "wrap": set(),
}


def pad(x: Any, pad_width: Any, mode: str = "constant", **settings: Any) -> Any:
    """A border around x, as np.pad: so wide on all sides, (before, after), one pair for each axis, or {axis: pair}.

    `mode` is "constant" (`constant_values`), "edge", "reflect" and "symmetric" (`reflect_type`), "wrap", "linear_ramp"
    (`end_values`), "mean", "maximum" or "minimum" (`stat_length`). The values given are not differentiated.

    Errors: ShapeError for another mode or a setting that it does not have.

    >>> import autograd
    >>> x = autograd.Tensor([1.0, 2.0, 3.0])
    >>> y = autograd.pad(x, (2, 0), mode="reflect")
    >>> y.sum().backward(); y.data, x.grad
    (array([3., 2., 1., 2., 3.]), array([1., 2., 2.]))
    """
    if mode not in _SETTINGS or not settings.keys() <= _SETTINGS[mode]:
        unknown = f"mode {mode!r}" if mode not in _SETTINGS else f"{', '.join(settings)} in mode {mode!r}"
        raise ShapeError(f"pad does not have {unknown}.{place()}\n  It has the modes {', '.join(sorted(_SETTINGS))}.")
    shape = shape_of(x)
    widths = _widths(pad_width, len(shape))
    if mode in ("constant", "linear_ramp"):
        around = np.pad(np.zeros(shape), widths, mode, **settings)  # type: ignore[call-overload]
        padded = _pad(x, widths=widths) if mode == "constant" else _along_axes(_ramp, x, widths)
        return padded + around.astype(padded.dtype) if around.any() else padded
    if mode in _STATISTICS:
        lengths = _pairs(settings.get("stat_length"), len(shape))

        def summarized(x: Any, axis: int, width: tuple[int, int]) -> Any:
            return _summarized(x, axis, width, lengths[axis], _STATISTICS[mode])

        return _along_axes(summarized, x, widths)

    def repeated(x: Any, axis: int, width: tuple[int, int]) -> Any:
        return _repeated(x, axis, width, mode, settings)

    return _along_axes(repeated, x, widths)


def _widths(given: Any, ndim: int) -> Widths:
    if isinstance(given, Mapping):
        found = [(0, 0)] * ndim
        for axis, width in given.items():
            found[axis] = tuple(np.broadcast_to(width, 2).tolist())
        return tuple(found)
    return tuple((a, b) for a, b in np.broadcast_to(given, (ndim, 2)).tolist())


def _pairs(given: Any, ndim: int) -> list[Any]:
    return np.broadcast_to(given, (ndim, 2)).tolist()  # type: ignore[no-any-return]


def _along_axes(padded: Callable[[Any, int, tuple[int, int]], Any], x: Any, widths: Widths) -> Any:
    """One axis after the other, as NumPy does: later borders go round earlier ones."""
    for axis, width in enumerate(widths):
        if width != (0, 0):
            x = padded(x, axis, width)
    return x


def _before(axis: int) -> tuple[slice, ...]:
    return (slice(None),) * axis


def _repeated(x: Any, axis: int, width: tuple[int, int], mode: str, settings: Any) -> Any:
    n = shape_of(x)[axis]
    if settings.get("reflect_type", "even") == "odd":
        return _times(x, axis, np.pad(np.eye(n), (width, (0, 0)), mode, **settings))  # type: ignore[call-overload]
    index = np.pad(np.arange(n), width, mode)  # type: ignore[call-overload]
    return getitem(x, index=(*_before(axis), index))


def _ramp(x: Any, axis: int, width: tuple[int, int]) -> Any:
    return _times(x, axis, np.pad(np.eye(shape_of(x)[axis]), (width, (0, 0)), "linear_ramp"))


def _times(x: Any, axis: int, matrix: Any) -> Any:
    """A matrix times x, along an axis."""
    return moveaxis(matmul(moveaxis(x, axis, -1), matrix.T.astype(x.dtype)), -1, axis)


def _summarized(x: Any, axis: int, width: tuple[int, int], lengths: Any, statistic: Any) -> Any:
    shape = shape_of(x)
    near, far = (n if length is None or length > n else length for length, n in zip(lengths, [shape[axis]] * 2))
    first, last = slice(0, near), slice(shape[axis] - far, None)
    parts = [getitem(x, index=(*_before(axis), part)) for part in (first, last)]
    borders = [broadcast(statistic(p, axis, True), shape=_with(shape, axis, n)) for p, n in zip(parts, width)]
    return concatenate([borders[0], x, borders[1]], axis)


def _with(shape: Shape, axis: int, size: int) -> Shape:
    return (*shape[:axis], size, *shape[axis + 1 :])
