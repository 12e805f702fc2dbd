"""What the losses share: the mean or sum of what each element loses, and plain numbers out of whatever was given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy import ndarray

import autograd
from autograd import Node, ShapeError, Value

Reduction = Literal["mean", "sum", "none"]


def each(name: str, loss: Callable[[Any, Any], Any], input: Any, target: Any, reduction: Reduction) -> Any:
    given, wanted = plain(input).shape, plain(target).shape
    if given != wanted:
        raise ShapeError(
            f"{name} of an input of shape {given} and a target of shape {wanted}: they must be equal.\n"
            "  Broadcasting them would compare every element with every other one; reshape one of them."
        )
    if holds_values(input):
        return reduce([loss(x, t) for x, t in zip(flat(input), flat(target), strict=True)], reduction)
    return reduce(loss(input, like(target, input)), reduction)


def reduce(losses: Any, reduction: Reduction) -> Any:
    """The mean or the sum of a Tensor or of a list of Values; a single Value is both."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f'reduction is "mean", "sum" or "none", not {reduction!r}.')
    if reduction == "none" or isinstance(losses, Value):
        return losses
    if isinstance(losses, list):
        total = autograd.sum(losses)
        return total / len(losses) if reduction == "mean" else total
    return losses.mean() if reduction == "mean" else losses.sum()


def plain(x: Any) -> ndarray:
    """The plain numbers of a Tensor, a Value, an array or a list of any of these."""
    if isinstance(x, list | tuple):
        return np.array([plain(part) for part in x])
    return np.asarray(x.data if isinstance(x, Node) else x)


def like(target: Any, input: Any) -> Any:
    """A target that is not differentiated, in the precision of the input: float32 shall stay float32."""
    if isinstance(input, Value) or (isinstance(target, Node) and target.requires_grad):
        return target
    dtype = getattr(input, "dtype", None)
    return np.asarray(plain(target), dtype if dtype is not None and dtype.kind == "f" else None)


def holds_values(x: Any) -> bool:
    while type(x) is list or type(x) is tuple:
        x = x[0] if x else None
    return type(x) is Value


def flat(x: Any) -> list[Any]:
    return [leaf for part in x for leaf in flat(part)] if isinstance(x, list | tuple | ndarray) else [x]
