"""Keras's helpers for data."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from autograd import OperandError

__all__ = ["to_categorical"]


def to_categorical(x: Any, num_classes: int | None = None) -> ndarray:
    """Class numbers as rows of 0 with a single 1, float32: shape (...) to (..., classes).

    >>> from nn.keras.utils import to_categorical
    >>> to_categorical([0, 2])
    array([[1., 0., 0.],
           [0., 0., 1.]], dtype=float32)
    """
    numbers = np.asarray(x)
    if numbers.ndim > 1 and numbers.shape[-1] == 1:
        numbers = numbers[..., 0]
    numbers = numbers.astype(np.int64)
    count = int(numbers.max(initial=-1)) + 1 if num_classes is None else num_classes
    if numbers.size and not 0 <= numbers.min() <= numbers.max() < count:
        raise OperandError(
            f"class numbers lie between 0 and {count - 1}, and these from {numbers.min()} to {numbers.max()}."
        )
    rows: ndarray = np.eye(count, dtype=np.float32)[numbers]
    return rows
