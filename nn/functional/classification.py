"""Losses of classes: how unlikely the right class is. Class numbers are integers; probabilities are floats.

Where some classes are rare, `weight` lets an example of them count more:

>>> import autograd, nn, numpy as np
>>> scores = autograd.Tensor([[2.0, 0.0], [0.0, 1.0], [3.0, 1.0]])
>>> labels = np.array([0, 1, 0])
>>> weight = len(labels) / (2 * np.bincount(labels))  # then both classes count alike
>>> round(nn.functional.cross_entropy(scores, labels, weight).item(), 4)
0.2201
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy import ndarray

import autograd
from autograd import (
    AutogradError,
    ShapeError,
    Tensor,
    binary_cross_entropy_with_logits,
    sigmoid,
    softmax_cross_entropy,
)
from nn.functional.reduction import Reduction, check_reduction, each, flat, holds_values, like, operand, plain, reduce
from nn.functional.refusal import refuse
from nn.functional.target import check_yes_no, class_numbers, class_weights, classes_last

__all__ = ["cross_entropy", "focal_loss", "nll_loss", "sigmoid_focal_loss"]


def cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    ignore_index: int = -100,
    reduction: Reduction = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    """-ln softmax(input)[target], for logits of shape (classes,), (N, classes) or (N, classes, ...).

    `target` is either class numbers, integers of the input's shape without its axis of classes; or probabilities,
    floats of the input's shape. Logits are scores of any size, and no softmax stands before them; they may also be a
    list of Values, or a list of such lists.

    `weight`, a number for each class, says how much an example of it counts: the mean over class numbers is
    Σ w loss / Σ w. Class numbers equal to `ignore_index` do not count at all. With `label_smoothing` ε the target is
    1 - ε of what was given and ε of all classes alike (Szegedy et al., 2016).

    >>> import autograd, nn
    >>> logits = autograd.Tensor([[2.0, 0.0], [0.0, 1000.0]])
    >>> nn.functional.cross_entropy(logits, [1, 0], reduction="none").data.round(4)
    array([   2.1269, 1000.    ])
    """
    if weight is None and label_smoothing == 0 and ignore_index < 0 and _is_usual(input, target, reduction):
        try:  # what nearly every loop trains with, before anything is asked that takes time
            return softmax_cross_entropy(input, target).mean()
        except AutogradError:  # a number is ignored, or is none: what follows knows
            pass
    check_reduction(reduction)
    if not 0 <= label_smoothing <= 1:
        refuse(ValueError, f"cross_entropy: label_smoothing lies between 0 and 1, and is {label_smoothing}.")
    if holds_values(input) and np.ndim(plain(input)) <= 2:
        return _of_values(input, target, weight, ignore_index, reduction, label_smoothing)
    input, target = operand(input), operand(target)
    if target.dtype.kind == "f" and target.shape == input.shape and target.ndim:
        return _of_probabilities(input, target, weight, ignore_index, reduction, label_smoothing)
    logits = classes_last("cross_entropy", input, target, probabilities=True)
    number, classes = plain(target), logits.shape[-1]
    if weight is None and not label_smoothing and not _any(number == ignore_index):
        return reduce(softmax_cross_entropy(logits, number), reduction)
    rows = _rows("cross_entropy", number, classes, weight, ignore_index, logits)
    if not label_smoothing:
        return rows.reduce(softmax_cross_entropy(logits, rows.number) * rows.share, reduction)
    hot = (rows.number[..., None] == np.arange(classes)).astype(logits.dtype)
    return rows.reduce(_expected(logits, -1, _smoothed(hot, label_smoothing, classes), rows.weight), reduction)


def _is_usual(input: Any, target: Any, reduction: Any) -> bool:
    """Whether they are rows of logits, and an array of class numbers."""
    if not (isinstance(input, Tensor) and type(target) is ndarray and type(reduction) is str):
        return False
    return reduction == "mean" and input.data.ndim == 2 and target.ndim == 1


def nll_loss(
    input: Any, target: Any, weight: Any = None, ignore_index: int = -100, reduction: Reduction = "mean"
) -> Any:
    """-input[target], for log-probabilities of shape (classes,), (N, classes) or (N, classes, ...).

    It is what `cross_entropy` is of logits, for those who have taken their `log_softmax`; see there for the others.

    >>> import autograd, nn
    >>> x = nn.functional.log_softmax(autograd.Tensor([[2.0, 0.0], [0.0, 1000.0]]))
    >>> nn.functional.nll_loss(x, [1, 0], reduction="none").data.round(4)
    array([   2.1269, 1000.    ])
    """
    check_reduction(reduction)
    input, target = operand(input), operand(target)
    logs = classes_last("nll_loss", input, target)
    rows = _rows("nll_loss", target, logs.shape[-1], weight, ignore_index, logs)
    places = (*np.indices(target.shape, sparse=True), rows.number)
    return rows.reduce(-logs[places] * rows.share, reduction)


def focal_loss(
    input: Any,
    target: Any,
    gamma: float = 2.0,
    weight: Any = None,
    ignore_index: int = -100,
    reduction: Reduction = "mean",
) -> Any:
    """(1 - p)^gamma · -ln p, where p = softmax(input)[target]: what is learned already hardly counts any more.

    For classes of which some are rare, and most examples of the others easy (Lin et al., 2017). With gamma = 0 it is
    `cross_entropy`, whose other arguments it has; targets are class numbers.

    >>> import autograd, nn
    >>> logits = autograd.Tensor([[0.0, 0.0], [5.0, 0.0]])
    >>> nn.functional.focal_loss(logits, [0, 0], reduction="none").data.round(6)
    array([0.173287, 0.      ])
    """
    check_reduction(reduction)
    input, target = operand(input), operand(target)
    logits = classes_last("focal_loss", input, target)
    rows = _rows("focal_loss", target, logits.shape[-1], weight, ignore_index, logits)
    losses = softmax_cross_entropy(logits, rows.number)
    return rows.reduce(focused(losses, -autograd.expm1(-losses), gamma) * rows.share, reduction)


def sigmoid_focal_loss(
    inputs: Any, targets: Any, alpha: float = 0.25, gamma: float = 2.0, reduction: Reduction = "none"
) -> Any:
    """The focal loss of yes and no: (1 - p)^gamma times the binary cross-entropy, p how probable the target is.

    For logits and targets between 0 and 1, of equal shapes. `alpha` is the weight of the positives, 1 - alpha that of
    the negatives; below 0, there are none. Names and defaults, reduction "none" among them, are torchvision's.

    >>> import autograd, nn
    >>> nn.functional.sigmoid_focal_loss(autograd.Tensor([0.0, 0.0]), [1, 0]).data.round(6)
    array([0.043322, 0.129965])
    """

    def loss(x: Any, t: Any) -> Any:
        doubt = t * sigmoid(-x) + (1 - t) * sigmoid(x)
        y = focused(binary_cross_entropy_with_logits(x, t), doubt, gamma)
        return y if alpha < 0 else (alpha * t + (1 - alpha) * (1 - t)) * y

    check_yes_no("sigmoid_focal_loss", targets)
    return each("sigmoid_focal_loss", loss, reduction, input=inputs, target=targets)


def focused(losses: Any, doubt: Any, gamma: float) -> Any:
    """doubt ** gamma · losses, and 0 with slope 0 where there is no doubt, 1 - p = 0."""
    if gamma < 0:
        refuse(ValueError, f"focal loss: gamma must not be negative, and is {gamma}.")
    if not gamma:
        return losses
    sure = plain(doubt) == 0
    return autograd.where(sure, 0.0, autograd.where(sure, 1.0, doubt) ** gamma * losses)


# Rows with class numbers


def _any(mask: Any) -> bool:
    """Whether it holds anywhere; inside vmap it may, for some example."""
    return not isinstance(mask, ndarray | np.bool_) or bool(np.count_nonzero(mask))


class _Rows(NamedTuple):
    """What is wanted of each row, and how much it counts."""

    number: ndarray  # of the right class; 0 where the row is ignored
    share: Any  # its weight, or 1; 0 where the row is ignored
    ignored: ndarray
    weight: Any  # of each class, or None

    def reduce(self, losses: Any, reduction: Reduction) -> Any:
        """The losses of the rows, already multiplied by their share, reduced: their mean is over the shares."""
        if _any(self.ignored):
            losses = autograd.where(self.ignored, 0.0, losses)
        return reduce(losses, reduction, self.share.sum())


def _rows(name: str, target: Any, classes: int, weight: Any, ignore_index: int, input: Any) -> _Rows:
    ignored = plain(target) == ignore_index
    hint = f"Rows that shall not count have the number {ignore_index}, or another one: ignore_index=..."
    number = class_numbers(name, target, classes, ignored, hint)
    weight = None if weight is None else class_weights(name, weight, classes, input)
    share = np.ones(number.shape, input.dtype) if weight is None else autograd.take(weight, number)
    return _Rows(number, autograd.where(ignored, 0.0, share) if _any(ignored) else share, ignored, weight)


# Rows with probabilities, and rows of Values


def _of_probabilities(
    input: Any, target: Any, weight: Any, ignore_index: int, reduction: Reduction, label_smoothing: float
) -> Any:
    if ignore_index >= 0:
        refuse(
            ValueError,
            f"cross_entropy: ignore_index={ignore_index} is for class numbers, and the targets are probabilities.",
            "Of class numbers make integers: target.astype(int).",
        )
    axis = min(1, input.ndim - 1)
    target = _smoothed(like(target, input), label_smoothing, input.shape[axis])
    if weight is not None:
        weight = class_weights("cross_entropy", weight, input.shape[axis], input)
        weight = weight.reshape(-1, *(1,) * (input.ndim - 1 - axis))
    return reduce(_expected(input, axis, target, weight), reduction)


def _expected(logits: Any, axis: int, p: Any, weight: Any) -> Any:
    """-Σ p w ln softmax(logits) along an axis."""
    return -((p if weight is None else p * weight) * autograd.log_softmax(logits, axis)).sum(axis)


def _smoothed(p: Any, label_smoothing: float, classes: int) -> Any:
    return (1 - label_smoothing) * p + label_smoothing / classes if label_smoothing else p


def _of_values(
    input: Sequence[Any], target: Any, weight: Any, ignore_index: int, reduction: Reduction, label_smoothing: float
) -> Any:
    """The same for a row of Values, or a list of rows."""
    single = not isinstance(input[0], list | tuple)
    rows, targets = ([input], [target]) if single else (input, target)
    if len(rows) != len(targets):
        refuse(ShapeError, f"cross_entropy of {len(rows)} rows of logits with {len(targets)} targets.")
    losses, shares = [], []
    for z, t in zip(rows, targets, strict=True):
        w = None if weight is None else flat(class_weights("cross_entropy", weight, len(z), None))
        by_number = isinstance(t, int | np.integer)
        if by_number and t == ignore_index:
            losses.append(0.0)
            shares.append(0.0)
            continue
        if by_number and not 0 <= t < len(z):
            refuse(ShapeError, f"cross_entropy of {len(z)} classes: {t} is not in 0..{len(z) - 1}.")
        if not by_number and np.shape(plain(t)) != (len(z),):
            refuse(ShapeError, f"cross_entropy of {len(z)} classes with {np.size(plain(t))} probabilities.")
        losses.append(_of_row(z, t, w, by_number, label_smoothing))
        shares.append(w[t] if w and by_number else 1.0)
    plainly = weight is None and all(shares)
    return reduce(losses[0] if single else losses, reduction, None if plainly else autograd.sum(shares))


def _of_row(z: Sequence[Any], t: Any, w: Sequence[Any] | None, by_number: bool, label_smoothing: float) -> Any:
    top = plain(z).max()
    shifted = [x - top for x in z]  # the same softmax, and no exponential is above 1
    total = autograd.log(autograd.sum([autograd.exp(x) for x in shifted]))
    if by_number and not label_smoothing:
        return total - shifted[t] if w is None else (total - shifted[t]) * w[t]
    p = [float(k == t) for k in range(len(z))] if by_number else flat(t)
    p = [_smoothed(q, label_smoothing, len(z)) for q in p]
    return autograd.dot(p if w is None else [a * q for a, q in zip(w, p)], [total - x for x in shifted])
