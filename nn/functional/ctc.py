"""The loss of connectionist temporal classification, for labels of which nobody says when they happen."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

import autograd
from autograd import Node, ShapeError
from nn.functional.reduction import Reduction, check_reduction, operand, plain, reduce
from nn.functional.refusal import refuse

__all__ = ["ctc_loss"]


def ctc_loss(
    log_probs: Any,
    targets: Any,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: Reduction = "mean",
    zero_infinity: bool = False,
) -> Any:
    """-ln of the probability that a network's output spells the targets, however they are spread over time.

    Shapes: log_probs (T, N, classes), for T frames of N sequences, from `log_softmax`; targets (N, S), class numbers
    filled up with anything, or all of them in one row; input_lengths and target_lengths (N,), how many frames and
    targets each sequence has. A single sequence goes without the N: (T, classes), (S,), and two numbers.

    `blank` is the class of what belongs to no target. Between equal targets there must be a blank; where a sequence
    has too few frames the loss is inf, or with `zero_infinity` 0, and so is its slope. "mean" divides each loss by its
    number of targets before the mean is taken.

    As in PyTorch the slope is that by the logits of which `log_probs` is the `log_softmax`, which passes it on as it
    is. Where log-probabilities are variables by themselves, and for the formulas, see `autograd.ctc`.

    >>> import autograd, nn
    >>> logits = autograd.Tensor([[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
    >>> loss = nn.functional.ctc_loss(nn.functional.log_softmax(logits), [1], 3, 1)  # 6 of 8 paths: 100 110 111 ...
    >>> round(loss.item(), 4)  # -ln(6 / 8)
    0.2877
    """
    check_reduction(reduction)
    log_probs, labels = operand(log_probs), plain(targets)
    frames, lengths = (np.atleast_1d(plain(x)) for x in (input_lengths, target_lengths))
    single = log_probs.ndim == 2
    x = autograd.expand_dims(log_probs, 1) if single else log_probs
    if labels.ndim == 1:
        labels = _padded(labels, lengths)
    losses = autograd.ctc(x, labels, frames, lengths, blank)
    possible = np.isfinite(plain(losses))
    if isinstance(losses, Node) and losses.requires_grad:
        # The classes' probabilities sum to 1 in every frame. To add this sum and take it off again leaves the loss as
        # it is, and makes its slope what it is for logits: softmax minus the share of each class.
        counted = (np.arange(x.shape[0])[:, None] < frames) & possible
        ones = (autograd.exp(autograd.clip(x, None, 80.0)).sum(2) * counted).sum(0)  # no probability is e⁸⁰
        losses = losses + (ones - ones.data)
    if zero_infinity:
        losses = autograd.where(possible, losses, 0.0)
    if reduction == "mean":
        losses = losses / np.maximum(lengths, 1).astype(losses.dtype)
    losses = reduce(losses, reduction)
    return losses[0] if single and reduction == "none" else losses


def _padded(labels: ndarray, lengths: ndarray) -> ndarray:
    """Labels that follow each other in one row, a row for each sequence."""
    if labels.size != lengths.sum():
        refuse(
            ShapeError,
            f"ctc_loss: {labels.size} targets in one row, and target_lengths that sum up to {lengths.sum()}.",
            "In one row the targets of all sequences follow each other, and nothing is between them.",
        )
    found = np.zeros((len(lengths), max(lengths.max(initial=0), 0)), labels.dtype if labels.size else int)
    found[np.arange(found.shape[1]) < lengths[:, None]] = labels
    return found
