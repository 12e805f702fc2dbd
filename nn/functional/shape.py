"""The shape of an operand, whatever it is."""

from __future__ import annotations

from typing import Any

import numpy as np


def shape_of(x: Any) -> tuple[int, ...]:
    """Of a Tensor, an array, a number or a nested list. np.shape(tensor) is the same by a detour of microseconds."""
    try:
        return x.shape  # type: ignore[no-any-return]
    except AttributeError:
        return np.shape(x)
