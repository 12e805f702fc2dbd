"""Borders around images, under PyTorch's name `pad` and with its order of widths, from the last axis backwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import autograd
from autograd import ShapeError
from nn.functional.shape import shape_of

__all__ = ["pad"]

MODES = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def pad(input: Any, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Any:
    """A border around: widths (left, right) of the last axis, then (top, bottom) of the one before, and so on.

    `mode` says what the border is made of: "constant" (of `value`, by default 0), "reflect" (the image in a mirror at
    its last elements), "replicate" (its last elements) or "circular" (what is at the other end). A width below 0 cuts
    off.

    >>> import nn, numpy as np
    >>> nn.functional.pad(np.arange(4.0), (2, -1), mode="reflect")
    array([2., 1., 0., 1., 2.])
    """
    shape = shape_of(input)
    widths = list(zip(pad[::2], pad[1::2], strict=False))[::-1]
    first = len(shape) - len(widths)
    if len(pad) % 2 or first < 0 or mode not in MODES:
        raise ShapeError(
            f"pad of shape {shape} with widths {tuple(pad)} in mode {mode!r}: give two widths for each axis, the last "
            f"axis first, and one of the modes {', '.join(MODES)}."
        )
    if value is not None and mode != "constant":
        raise ShapeError(f"pad: only the mode 'constant' has a value, and {mode!r} got {value}.")
    for axis, (before, after) in enumerate(widths, first):
        n = shape[axis]
        most = {"constant": None, "reflect": n - 1, "replicate": None if n else 0, "circular": n}[mode]
        if (most is not None and max(before, after) > most) or n + before + after < 0:
            raise ShapeError(
                f"pad of shape {shape} with widths {(before, after)} of axis {axis} in mode {mode!r}: "
                f"an axis of {n} takes " + (f"at most {most} on a side" if most is not None else "no such cut") + "."
            )
    settings = {} if not value else {"constant_values": value}
    cut = any(width < 0 for pair in widths for width in pair)
    cuts = (..., *(slice(max(-before, 0), min(after, 0) or None) for before, after in widths))
    if cut and mode == "circular":  # what comes in at one end is what is left at the other
        input = input[cuts]
    if any(width > 0 for pair in widths for width in pair):
        grown = [(0, 0)] * first + [(max(before, 0), max(after, 0)) for before, after in widths]
        input = autograd.pad(input, grown, MODES[mode], **settings)
    return input[cuts] if cut and mode != "circular" else input
