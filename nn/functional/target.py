"""What the targets and class weights of a loss must be, and what to do when they are something else."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

import autograd
from autograd import OperandError, ShapeError
from nn.functional.reduction import like, plain
from nn.functional.refusal import refuse, wonder


def check_yes_no(name: str, target: Any) -> None:
    """Targets of a loss that writes yes and no as 1 and 0. Errors: OperandError when they are 1 and -1."""
    if _are(target, -1):
        what = f"{name} has targets of 0 and 1, and got some of -1 and 1."
        refuse(OperandError, what, "Give it (target + 1) / 2.")


def check_signs(name: str, target: Any) -> None:
    """Targets of a loss that writes yes and no as 1 and -1. A warning when they are 1 and 0, which might be meant."""
    if _are(target, 0):
        wonder(f"{name} has targets of -1 and 1, and got some of 0 and 1.", "Is 2 * target - 1 meant?")


def _are(target: Any, no: int) -> bool:
    """Whether there are both yes, 1, and `no` among the targets, and nothing else."""
    t = plain(target)
    if not isinstance(t, ndarray) or t.size < 2 or t.flat[0] not in (no, 1):
        return False
    return bool(t.min() == no and t.max() == 1 and np.isin(t, (no, 1)).all())


def class_numbers(name: str, target: Any, classes: int, ignored: Any = False, hint: str = "") -> ndarray:
    """The numbers of classes, 0 for those ignored. Errors: OperandError when they are no integers, ShapeError."""
    number = plain(target)
    if number.dtype.kind not in "iu":
        refuse(
            OperandError,
            f"{name} needs class numbers, which are integers, and got a target of {number.dtype}.",
            "Write target.astype(int).",
        )
    number = np.where(ignored, 0, number)
    if number.size and not 0 <= number.min() <= number.max() < classes:
        refuse(
            ShapeError,
            f"{name}: class numbers must lie in 0..{classes - 1}, and range from {number.min()} to {number.max()}.",
            hint,
        )
    return number


def class_weights(name: str, weight: Any, classes: int, input: Any) -> Any:
    """A weight for each class, in the precision of the input. Errors: ShapeError, OperandError."""
    if isinstance(weight, str):
        refuse(OperandError, f"{name}: the weight is {weight!r}, and must be numbers.", f"Write reduction={weight!r}.")
    weight = like(weight, input)
    if weight.shape != (classes,):
        refuse(
            ShapeError,
            f"{name} of {classes} classes has a weight of shape {weight.shape}: it must be {(classes,)}, a number for "
            "each class.",
        )
    return weight


def classes_last(name: str, input: Any, target: Any, probabilities: bool = False) -> Any:
    """The input, (N, classes, ...), with its classes on the last axis.

    Errors: ShapeError when the target is not of class numbers (N, ...), with what it seems to be.
    """
    shape = input.shape
    if not shape:
        refuse(ShapeError, f"{name} needs an input with an axis of classes, and got a single number.")
    rows = shape[:1] + shape[2:] if len(shape) > 1 else ()
    if target.dtype.kind not in "iu" or target.shape != rows:
        wanted = f"Give class numbers: integers of shape {rows}"
        wanted += f"; or probabilities: floats of shape {shape}." if probabilities else "."
        what = f"{name} of an input of shape {shape} with a target of {target.dtype} and shape {target.shape}."
        refuse(ShapeError, what, wanted + _hint(input, target, rows, probabilities))
    return input if len(shape) <= 2 else autograd.moveaxis(input, 1, -1)


def _hint(input: Any, target: Any, rows: tuple[int, ...], probabilities: bool) -> str:
    """What else a target seems to be."""
    shape, kind = input.shape, target.dtype.kind
    if kind == "f" and input.dtype.kind in "iu":
        return "\n  The input comes first, and then the target: they seem to be exchanged."
    if target.shape == shape and (kind in "iub" or not probabilities):
        hint = f"\n  Of one-hot targets the class numbers are target.argmax({min(1, len(shape) - 1)})"
        return hint + (", and the probabilities target.astype(float)." if probabilities else ".")
    if target.shape == rows:
        return "\n  To make integers of these write target.astype(int)."
    if kind in "iu" and len(shape) > 2 and target.shape == shape[:-1]:
        return "\n  The classes must be on axis 1. Where they are on the last write autograd.moveaxis(input, -1, 1)."
    if kind in "iu" and target.size == np.prod(rows):
        return f"\n  There are as many as wanted: reshape the target to {rows}."
    return ""
