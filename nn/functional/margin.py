"""Losses with a margin: 0 as soon as the right answer is ahead of the wrong ones by so much."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd import ShapeError, relu, softplus
from nn.functional.reduction import Reduction, alike, check_reduction, each, like, operand, plain, reduce, weights
from nn.functional.refusal import refuse
from nn.functional.target import check_signs, class_numbers, class_weights

__all__ = [
    "hinge_embedding_loss",
    "margin_ranking_loss",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "soft_margin_loss",
]

# Of targets 1 and -1


def hinge_embedding_loss(input: Any, target: Any, margin: float = 1.0, reduction: Reduction = "mean") -> Any:
    """x where the target is 1, max(0, margin - x) where it is -1: for distances x of what is alike, and of what is not.

    Shapes are equal. A warning says when the targets are 0 and 1.

    >>> import autograd, nn
    >>> nn.functional.hinge_embedding_loss(autograd.Tensor([0.2, 0.2, 3.0]), [1, -1, -1], reduction="none").data
    array([0.2, 0.8, 0. ])
    """
    check_signs("hinge_embedding_loss", target)

    def loss(x: Any, t: Any) -> Any:
        near = autograd.where(t != 1, autograd.clip(margin - x, 0.0), 0.0)
        return near + autograd.where(t != -1, x, 0.0)

    return each("hinge_embedding_loss", loss, reduction, input=input, target=target)


def margin_ranking_loss(
    input1: Any, input2: Any, target: Any, margin: float = 0.0, reduction: Reduction = "mean"
) -> Any:
    """max(0, margin - t (x₁ - x₂)): the first shall rank higher where the target t is 1, the second where it is -1.

    Shapes are equal. A warning says when the targets are 0 and 1.

    >>> import autograd, nn
    >>> nn.functional.margin_ranking_loss(autograd.Tensor([3.0, 3.0]), [1.0, 1.0], [1, -1], reduction="none").data
    array([0., 2.])
    """
    check_signs("margin_ranking_loss", target)
    return each(
        "margin_ranking_loss",
        lambda a, b, t: autograd.clip(margin - t * (a - b), 0.0),
        reduction,
        input1=input1,
        input2=input2,
        target=target,
    )


def soft_margin_loss(input: Any, target: Any, reduction: Reduction = "mean") -> Any:
    """ln(1 + exp(-t x)), for scores x and targets t of 1 and -1, of equal shapes; computed without overflow.

    A warning says when the targets are 0 and 1.

    >>> import autograd, nn
    >>> nn.functional.soft_margin_loss(autograd.Tensor([2.0, 2.0]), [1, -1], reduction="none").data.round(4)
    array([0.1269, 2.1269])
    """
    check_signs("soft_margin_loss", target)
    return each("soft_margin_loss", lambda x, t: softplus(-t * x), reduction, input=input, target=target)


# Of classes


def multi_margin_loss(
    input: Any,
    target: Any,
    p: int = 1,
    margin: float = 1.0,
    weight: Any = None,
    reduction: Reduction = "mean",
) -> Any:
    """Σ max(0, margin - x[t] + x[i])ᵖ / classes, over all classes i but the right one, t: the hinge loss of an SVM.

    Shapes: scores x (N, classes) or (classes,), class numbers t (N,) or (). `weight`, a number for each class, is a
    factor of the losses of its examples; p is 1 or 2.

    >>> import autograd, nn
    >>> nn.functional.multi_margin_loss(autograd.Tensor([[3.0, 1.0], [3.0, 1.0]]), [0, 1], reduction="none").data
    array([0. , 1.5])
    """
    if p not in (1, 2):
        refuse(ValueError, f"multi_margin_loss: p is 1 or 2, not {p!r}.")
    check_reduction(reduction)
    input, shape = operand(input), np.shape(plain(target))
    classes = input.shape[-1] if input.ndim else 1
    x = autograd.reshape(input, (-1, classes))
    if input.ndim > 2 or len(shape) > 1 or len(shape) < input.ndim - 1 or shape not in ((), x.shape[:1]):
        refuse(
            ShapeError,
            f"multi_margin_loss of an input of shape {input.shape} and a target of shape {shape}: scores are "
            "(N, classes) or (classes,), class numbers (N,) or ().",
        )
    number, n = class_numbers("multi_margin_loss", target, classes).ravel(), np.arange(len(x))
    wrong = number[:, None] != np.arange(classes)
    behind = relu(margin - x[n, number][:, None] + x) * wrong
    losses = (behind if p == 1 else autograd.square(behind)).sum(1) / classes
    if weight is not None:
        losses = losses * autograd.take(class_weights("multi_margin_loss", weight, classes, input), number)
    return reduce(autograd.reshape(losses, shape), reduction)


def multilabel_margin_loss(input: Any, target: Any, reduction: Reduction = "mean") -> Any:
    """Σ max(0, 1 - x[t] + x[i]) / classes, over all right classes t and all wrong ones i.

    Shapes: scores x and targets (N, classes) or (classes,). A target has the numbers of the right classes, then a -1,
    behind which nothing counts. Room: N · classes².

    >>> import autograd, nn
    >>> nn.functional.multilabel_margin_loss(autograd.Tensor([0.0, 0.25, 0.5, 1.0]), [3, 0, -1, 1]).item()
    0.875
    """
    check_reduction(reduction)
    input, labels = operand(input), plain(target)
    if input.shape != labels.shape or input.ndim > 2:
        refuse(
            ShapeError,
            f"multilabel_margin_loss of an input of shape {input.shape} and a target of shape {labels.shape}: both "
            "must be (N, classes) or (classes,).",
            "A target is filled up with -1. Where it says 1 or 0 for each class take multilabel_soft_margin_loss.",
        )
    classes = input.shape[-1] if input.ndim else 1
    x, labels = autograd.reshape(input, (-1, classes)), autograd.reshape(labels, (-1, classes))
    counted = autograd.cumprod(labels != -1, 1) != 0
    number = class_numbers("multilabel_margin_loss", labels, classes, ~counted)
    right = (number[:, :, None] == np.arange(classes)) & counted[:, :, None]  # (N, labels, classes)
    wrong = ~right.any(1)
    behind = relu(1 - x[np.arange(len(x))[:, None], number][:, :, None] + x[:, None])
    losses = (behind * (counted[:, :, None] & wrong[:, None])).sum((1, 2)) / classes
    return reduce(autograd.reshape(losses, input.shape[:-1]), reduction)


def multilabel_soft_margin_loss(input: Any, target: Any, weight: Any = None, reduction: Reduction = "mean") -> Any:
    """The mean over the last axis, of classes, of -t ln σ(x) - (1 - t) ln(1 - σ(x)), where t is 1 for each right class.

    Shapes: scores x and targets t (..., classes); with reduction "none" the result is (...). `weight`, which is
    broadcast, is a factor of each class's loss before their mean.

    >>> import autograd, nn
    >>> nn.functional.multilabel_soft_margin_loss(autograd.Tensor([[0.0, 1000.0]]), [[1, 1]]).item()  # ln 2 / 2
    0.34657359027997264
    """
    check_reduction(reduction)
    if not np.ndim(plain(input)):
        refuse(ShapeError, "multilabel_soft_margin_loss needs an axis of classes, and got a single number.")
    name, loss = "multilabel_soft_margin_loss", autograd.binary_cross_entropy_with_logits
    input, target = alike(input, target)
    losses = each(name, loss, "none", input=input, target=target)
    if weight is not None:
        losses = losses * like(weights(name, "weight", weight, input), input)
    return reduce(losses.mean(-1), reduction)
