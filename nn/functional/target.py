"""What the targets and class weights of a loss must be, and what to do when they are something else."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

import autograd
from autograd import OperandError, ShapeError
from nn.functional.reduction import like, plain
from nn.functional.refusal import refuse


def refuse_coding(name: str, target: Any, given: tuple[int, int], wanted: tuple[int, int]) -> None:
    """Some losses write yes and no as 1 and 0, others as 1 and -1, and a mistake would go unnoticed.

    Errors: OperandError when the targets are of the other coding: `given` and nothing else, and both of them.
    """
    t = plain(target)
    if not isinstance(t, ndarray) or t.size < 2 or (t.flat[0] != given[0] and t.flat[0] != given[1]):
        return
    if t.min() == given[0] and t.max() == given[1] and np.isin(t, given).all():
        formula = "2 * target - 1" if wanted == (-1, 1) else "(target + 1) / 2"
        refuse(
            OperandError,
            f"{name} has targets of {wanted[0]} and {wanted[1]}, and got some of {given[0]} and {given[1]}.",
            f"Give it {formula}.",
        )


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
