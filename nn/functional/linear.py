"""Linear layers as functions."""

from __future__ import annotations

from math import prod
from typing import Any

import autograd
from autograd import ShapeError, affine
from nn.functional.shape import shape_of

__all__ = ["bilinear", "linear"]


def linear(input: Any, weight: Any, bias: Any = None) -> Any:
    """input @ weight.T + bias: input (..., in), weight (out, in), bias (out,); result (..., out)."""
    try:
        return input @ weight.T if bias is None else affine(input, weight, bias)
    except ShapeError as error:
        raise _explained(error, shape_of(input), shape_of(weight)) from None


def _explained(error: ShapeError, shape: tuple[int, ...], size: tuple[int, ...]) -> ShapeError:
    """The error, with what most often is the cause."""
    if len(size) != 2:
        return ShapeError(f"a linear layer has a weight of shape (out, in), and got {size}.\n  {error}")
    outputs, inputs = size
    hint = ""
    if len(shape) > 2 and prod(shape[1:]) == inputs:
        hint = f"\n  Make each example one row first: nn.Flatten(), or x.reshape({shape[0]}, {inputs})."
    elif len(shape) > 1 and prod(shape) == inputs:
        hint = f"\n  Make the example one row first: x.reshape(1, {inputs})."
    elif len(shape) == 2 and shape[0] == inputs:
        hint = "\n  Examples are rows: x.T may be what you mean."
    elif len(shape) == 1 and inputs == 1:
        hint = "\n  Make each number a row: x[:, None], or x.reshape(-1, 1)."
    return ShapeError(
        f"a linear layer from {inputs} to {outputs} features got an input of shape {shape}: its last axis must be "
        f"{inputs}.{hint}\n  {error}"
    )


def bilinear(input1: Any, input2: Any, weight: Any, bias: Any = None) -> Any:
    """input1ᵀ weight[k] input2 + bias[k]: inputs (..., in1) and (..., in2), weight (out, in1, in2), bias (out,)."""
    return autograd.bilinear(input1, input2, weight, bias)
