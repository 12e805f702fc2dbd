"""Losses as functions, under PyTorch's names. They take Tensors, and lists of Values too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd
from autograd import Node, OperandError, ShapeError, Tensor, Value, softmax_cross_entropy, softplus
from nn.functional.reduction import Reduction, each, holds_values, like, plain, reduce

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "mse_loss",
]

# The smallest normal float32. It keeps the logarithm of a probability of 0 finite, and changes no other.
_TINY = 2.0**-126

# Losses of each element


def mse_loss(input: Any, target: Any, reduction: Reduction = "mean") -> Any:
    """Squared error (x - t)², of equal shapes.

    >>> import autograd, nn
    >>> nn.functional.mse_loss(autograd.Tensor([1.0, 2.0]), [1.0, 4.0]).item()
    2.0
    """
    return each("mse_loss", lambda x, t: autograd.square(x - t), input, target, reduction)


def binary_cross_entropy_with_logits(input: Any, target: Any, reduction: Reduction = "mean") -> Any:
    """-t ln σ(x) - (1 - t) ln(1 - σ(x)), for logits x and targets t between 0 and 1, of equal shapes.

    Exact however large x is, where a sigmoid followed by a logarithm would be 0 or infinite.

    >>> import autograd, nn
    >>> nn.functional.binary_cross_entropy_with_logits(autograd.Tensor([1000.0, -1000.0]), [1, 0]).item()
    0.0
    """
    return each(
        "binary_cross_entropy_with_logits",
        lambda x, t: t * softplus(-x) + (1 - t) * softplus(x),
        input,
        target,
        reduction,
    )


def binary_cross_entropy(input: Any, target: Any, reduction: Reduction = "mean") -> Any:
    """-t ln p - (1 - t) ln(1 - p), for probabilities p and targets t between 0 and 1, of equal shapes.

    A probability of exactly 0 counts as 2⁻¹²⁶, so that no loss is infinite. Where p comes from a sigmoid,
    `binary_cross_entropy_with_logits` is the better choice: its gradient is right for any logit.

    Errors: OperandError when a p is not between 0 and 1.
    """
    p = plain(input)
    if p.size and not (p.min() >= 0 and p.max() <= 1):
        raise OperandError(
            f"binary_cross_entropy needs probabilities between 0 and 1, and got {p.min():g} to {p.max():g}.\n"
            "  For numbers of any size (logits) use binary_cross_entropy_with_logits."
        )
    return each(
        "binary_cross_entropy",
        lambda p, t: -t * autograd.log(p + _TINY) - (1 - t) * autograd.log(1 - p + _TINY),
        input,
        target,
        reduction,
    )


# The loss of each row


def cross_entropy(input: Any, target: Any, reduction: Reduction = "mean") -> Any:
    """-ln softmax(input)[target], for logits of shape (classes,), (N, classes) or (N, classes, ...).

    `target` is either class numbers, integers of the input's shape without its axis of classes; or probabilities,
    floats of the input's shape. Logits may also be a list of Values, or a list of such lists.

    >>> import autograd, nn
    >>> logits = autograd.Tensor([[2.0, 0.0], [0.0, 1000.0]])
    >>> nn.functional.cross_entropy(logits, [1, 0], reduction="none").data.round(4)
    array([   2.1269, 1000.    ])
    """
    if holds_values(input):
        return _scalar_cross_entropy(input, target, reduction)
    if not isinstance(input, Node):
        input = Tensor(input)
    if not isinstance(target, Node):
        target = np.asarray(target)
    shape, kind = input.shape, target.dtype.kind
    axis = 1 if len(shape) > 1 else 0
    rows = shape[:axis] + shape[axis + 1 :]
    if (kind == "i" or kind == "u") and target.shape == rows:
        logits = input if len(shape) <= 2 else autograd.moveaxis(input, 1, -1)
        return reduce(softmax_cross_entropy(logits, plain(target)), reduction)
    if kind == "f" and target.shape == shape:
        return reduce(-(like(target, input) * autograd.log_softmax(input, axis)).sum(axis), reduction)
    raise ShapeError(
        f"cross_entropy of logits {shape} with a target of {target.dtype} and shape {target.shape}.\n"
        f"  Give class numbers: integers of shape {rows}; or probabilities: floats of shape {shape}."
    )


def _scalar_cross_entropy(input: Sequence[Any], target: Any, reduction: Reduction) -> Any:
    """The same for Values: of one row, or of a list of rows."""
    if not isinstance(input[0], Value):
        if len(input) != len(target):
            raise ShapeError(f"cross_entropy of {len(input)} rows of logits with {len(target)} targets.")
        rows = [_scalar_cross_entropy(row, t, "none") for row, t in zip(input, target, strict=True)]
        return reduce(rows, reduction)
    top = max(z.data for z in input)
    shifted = [z - top for z in input]  # the same softmax, and no exponential is above 1
    total = autograd.log(autograd.sum([autograd.exp(z) for z in shifted]))
    if isinstance(target, int | np.integer):
        if not 0 <= target < len(input):
            raise ShapeError(f"cross_entropy of {len(input)} classes: {target} is not in 0..{len(input) - 1}.")
        return total - shifted[int(target)]
    if len(target) != len(input):
        raise ShapeError(f"cross_entropy of {len(input)} classes with {len(target)} probabilities.")
    return autograd.dot(list(target), [total - z for z in shifted])
