"""Linear layers as functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ShapeError, affine
from nn.functional.reduction import plain

__all__ = ["linear"]


def linear(input: Any, weight: Any, bias: Any = None) -> Any:
    """input @ weight.T + bias: input (..., in), weight (out, in), bias (out,); result (..., out)."""
    try:
        return input @ weight.T if bias is None else affine(input, weight, bias)
    except ShapeError as error:
        outputs, inputs = weight.shape
        raise ShapeError(
            f"a linear layer from {inputs} to {outputs} features got an input of shape {np.shape(plain(input))}: "
            f"its last axis must be {inputs}.\n  {error}"
        ) from None
