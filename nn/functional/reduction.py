"""What the losses share: their reduction, and operands of one kind, one precision and one shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

import numpy as np
from numpy import ndarray

import autograd
from autograd import Node, OperandError, ShapeError, Tensor, Value, is_batched
from nn.functional.refusal import refuse

Reduction = Literal["mean", "sum", "none"]


def each(name: str, loss: Callable[..., Any], reduction: Reduction, **operands: Any) -> Any:
    """The loss of every element of the operands, reduced.

    Of a list that holds Values it is made of Values: with reduction "none" a list of the same form. Of an array or a
    Tensor it is made at once, in its precision.

    Errors: ShapeError when the operands are not of one shape.
    """
    shapes = {key: np.shape(plain(x)) for key, x in operands.items()}
    if len(set(shapes.values())) > 1:
        refuse(ShapeError, f"{name} of {_listed(shapes)}: they must have one shape.", _remedy(shapes))
    first, *_ = operands.values()
    if holds_values(first):
        rows = zip(*map(flat, operands.values()), strict=True)
        return reduce(_nested(first, (loss(*row) for row in rows)), reduction)
    return reduce(loss(*alike(*operands.values())), reduction)


def _listed(shapes: dict[str, Any]) -> str:
    parts = [f"{'an' if key[0] in 'ai' else 'a'} {key} of shape {shape}" for key, shape in shapes.items()]
    return ", ".join(parts[:-1]) + " and " + parts[-1]


def _remedy(shapes: dict[str, Any]) -> str:
    (_, wanted), *others = shapes.items()
    for key, shape in others:
        if shape != wanted and np.prod(shape) == np.prod(wanted):
            return f"They hold equally many numbers: reshape the {key} to {wanted}."
    return "Broadcasting them would compare numbers that do not belong together."


def reduce(losses: Any, reduction: Reduction, count: Any = None) -> Any:
    """The losses as they are, their sum, or their mean: their sum over their number, or over `count` if it is given."""
    check_reduction(reduction)
    if reduction == "none":
        return losses
    if isinstance(losses, list):
        losses = flat(losses)
        total, count = autograd.sum(losses), len(losses) if count is None else count
    elif isinstance(losses, Value):
        total = losses
    elif reduction == "mean" and count is None:
        return losses.mean()
    else:
        total = losses.sum()
    return total if reduction == "sum" or count is None else total / count


def check_reduction(reduction: Any, *more: str) -> None:
    """Errors: ValueError when there is no such reduction; `more`: those that there are beside the usual ones."""
    known = (*more, "mean", "sum", "none")
    if not isinstance(reduction, str) or reduction not in known:
        names = ", ".join(f'"{name}"' for name in known[:-1])
        given = repr(reduction) if isinstance(reduction, str | bool | None) else autograd.errors.describe(reduction)
        refuse(ValueError, f'reduction is {names} or "none", not {given}.')


# Operands


def operand(x: Any) -> Any:
    """What a loss calculates with: a list as an array, or as a Tensor where it holds Values or Tensors."""
    if isinstance(x, list | tuple) and any(isinstance(leaf, Node) for leaf in flat(x)):
        return Tensor(x)
    return x if isinstance(x, Node) or is_batched(x) else plain(x)


def alike(*xs: Any) -> list[Any]:
    """Operands in one precision: that of the first under differentiation, or else that of the first."""
    found = list(map(operand, xs))
    leader = next((x for x in found if isinstance(x, Node) and x.requires_grad), found[0])
    return [x if x is leader else like(x, leader) for x in found]


def like(x: Any, input: Any) -> Any:
    """A target or a weight beside an input: a constant is read in its precision, so that float32 stays float32."""
    x = operand(x)
    if isinstance(x, Node) and x.requires_grad:
        return x
    dtype = getattr(input, "dtype", None)
    found = plain(x)
    return found.astype(dtype) if dtype is not None and dtype.kind == "f" and found.dtype != dtype else found


def weights(name: str, called: str, weight: Any, input: Any) -> Any:
    """A weight as an operand, broadcast to the shape of an input. Errors: ShapeError, OperandError."""
    if isinstance(weight, str):
        refuse(
            OperandError, f"{name}: the {called} is {weight!r}, and must be numbers.", f"Write reduction={weight!r}."
        )
    weight, shape = operand(weight), np.shape(plain(input))
    try:
        return autograd.broadcast_to(weight, shape)
    except ValueError:
        refuse(
            ShapeError,
            f"{name} of an input of shape {shape}: a {called} of shape {weight.shape} does not fit it.",
            f"It must be broadcastable to {shape}: axes are counted from the last one.",
        )


def plain(x: Any) -> Any:
    """The plain numbers of a Tensor, a Value, an array or a list of any of these."""
    if isinstance(x, list | tuple):
        found = np.array([plain(part) for part in x])
    else:
        found = x.data if isinstance(x, Node) or is_batched(x) else x
        found = found if is_batched(found) else np.asarray(found)
    if found.dtype.kind not in "fiub":
        names = found.dtype.kind in "UST"
        remedy = "Of names make numbers: names, numbers = np.unique(names, return_inverse=True)." if names else ""
        refuse(OperandError, f"a loss is of numbers, and got {autograd.errors.describe(x)}.", remedy)
    return found


def holds_values(x: Any) -> bool:
    """Whether x is a Value, or a list that holds one at any depth."""
    return any(isinstance(leaf, Value) for leaf in flat(x)) if isinstance(x, list | tuple) else isinstance(x, Value)


def flat(x: Any) -> list[Any]:
    """The single numbers of a list, an array or a Tensor: those of a Tensor under differentiation as Values."""
    if isinstance(x, list | tuple):
        return [leaf for part in x for leaf in flat(part)]
    if isinstance(x, Tensor):
        return flat(x.to_values()) if x.requires_grad else x.data.ravel().tolist()
    return x.ravel().tolist() if isinstance(x, ndarray) else [x]


def _nested(form: Any, leaves: Iterator[Any]) -> Any:
    """A list of the same form as another, of other leaves."""
    return [_nested(part, leaves) for part in form] if isinstance(form, list | tuple) else next(leaves)
