"""Losses of distributions: how unlikely the targets are under what was predicted, -ln of their probability."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd
from autograd import OperandError, ShapeError, softplus
from nn.functional.reduction import Reduction, alike, check_reduction, each, plain, reduce, weights
from nn.functional.refusal import refuse
from nn.functional.target import check_yes_no

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "gaussian_nll_loss",
    "kl_div",
    "poisson_nll_loss",
]

# Of yes and no


def binary_cross_entropy(input: Any, target: Any, weight: Any = None, reduction: Reduction = "mean") -> Any:
    """-t ln p - (1 - t) ln(1 - p), for probabilities p and targets t between 0 and 1, of equal shapes.

    A logarithm below -100 counts as -100, so that no loss is infinite; the slope stays below 1e12. Where p comes from
    a sigmoid, `binary_cross_entropy_with_logits` is the better choice: it is right for any logit. A weight, which is
    broadcast, is a factor of each element's loss.

    Errors: OperandError when a p is not between 0 and 1, or the targets are -1 and 1.

    >>> import autograd, nn
    >>> nn.functional.binary_cross_entropy(autograd.Tensor([0.5, 1.0]), [1, 0], reduction="none").data.round(4)
    array([  0.6931, 100.    ])
    """
    p = plain(input)
    if p.size and not (p.min() >= 0 and p.max() <= 1):
        refuse(
            OperandError,
            f"binary_cross_entropy needs probabilities between 0 and 1, and got {p.min():g} to {p.max():g}.",
            "Where a nan comes from says autograd.detect_anomaly()."
            if np.isnan(p.min())
            else "For numbers of any size (logits) use binary_cross_entropy_with_logits.",
        )
    name, loss = "binary_cross_entropy", autograd.binary_cross_entropy
    check_yes_no(name, target)
    if weight is None:
        return each(name, loss, reduction, input=input, target=target)
    weight = weights(name, "weight", weight, input)
    return each(name, lambda p, t, w: w * loss(p, t), reduction, input=input, target=target, weight=weight)


def binary_cross_entropy_with_logits(
    input: Any, target: Any, weight: Any = None, reduction: Reduction = "mean", pos_weight: Any = None
) -> Any:
    """-t ln σ(x) - (1 - t) ln(1 - σ(x)), for logits x and targets t between 0 and 1, of equal shapes.

    Exact however large x is, where a sigmoid followed by a logarithm would be 0 or infinite. A weight, which is
    broadcast, is a factor of each element's loss. `pos_weight`, which is broadcast, is a factor of the first term
    alone: above 1 where the positives are few, such as the number of negatives over that of positives.

    Errors: OperandError when the targets are -1 and 1.

    >>> import autograd, nn
    >>> nn.functional.binary_cross_entropy_with_logits(autograd.Tensor([1000.0, -1000.0]), [1, 0]).item()
    0.0
    """
    name = "binary_cross_entropy_with_logits"
    check_yes_no(name, target)
    operands = {"input": input, "target": target}
    if weight is None and pos_weight is None:
        return each(name, autograd.binary_cross_entropy_with_logits, reduction, **operands)
    operands["weight"] = weights(name, "weight", 1.0 if weight is None else weight, input)
    operands["pos_weight"] = weights(name, "pos_weight", 1.0 if pos_weight is None else pos_weight, input)
    return each(name, lambda x, t, w, a: w * (a * t * softplus(-x) + (1 - t) * softplus(x)), reduction, **operands)


# Of one distribution under another


def kl_div(input: Any, target: Any, reduction: Any = "mean", log_target: bool = False) -> Any:
    """Kullback and Leibler's divergence, t (ln t - x), for log-probabilities x and probabilities t, of equal shapes.

    With `log_target` the targets are log-probabilities, too. The divergence of distributions that lie along an axis is
    the sum along it: so of a batch "batchmean" is the mean divergence, the sum over the length of the first axis.
    "mean" divides by the number of all elements, as for any other loss.

    >>> import autograd, nn
    >>> x = autograd.Tensor([[0.0, 0.0]])
    >>> nn.functional.kl_div(nn.functional.log_softmax(x), [[1.0, 0.0]], "batchmean").item()  # ln 2
    0.6931471805599453
    """
    check_reduction(reduction, "batchmean")
    loss = (lambda x, t: autograd.exp(t) * (t - x)) if log_target else (lambda x, t: -autograd.entr(t) - t * x)
    if reduction != "batchmean":
        return each("kl_div", loss, reduction, input=input, target=target)
    shape = np.shape(plain(input))
    return each("kl_div", loss, "sum", input=input, target=target) / (shape[0] if shape else 1)


# Of counts


def poisson_nll_loss(
    input: Any,
    target: Any,
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-8,
    reduction: Reduction = "mean",
) -> Any:
    """eˣ - t x, for the logarithm x of the expected count, and counts t, of equal shapes.

    Without `log_input` x is the expected count itself, and the loss is x - t ln(x + eps). With `full` there is
    Stirling's approximation of ln t! beside it, t ln t - t + ln(2πt) / 2 where t > 1.

    >>> import autograd, nn
    >>> nn.functional.poisson_nll_loss(autograd.Tensor([0.0, 2.0]), [3.0, 3.0], reduction="none").data.round(4)
    array([1.    , 1.3891])
    """

    def loss(x: Any, t: Any) -> Any:
        y = autograd.exp(x) - t * x if log_input else x - t * autograd.log(x + eps)
        return y + _stirling(t) if full else y

    return each("poisson_nll_loss", loss, reduction, input=input, target=target)


def _stirling(t: Any) -> Any:
    large = t > 1
    t = autograd.where(large, t, 1.0)
    return autograd.where(large, (t + 0.5) * autograd.log(t) - t + 0.5 * math.log(2 * math.pi), 0.0)


# Of numbers with a spread


def gaussian_nll_loss(
    input: Any, target: Any, var: Any, full: bool = False, eps: float = 1e-6, reduction: Reduction = "mean"
) -> Any:
    """(ln v + (x - t)² / v) / 2, for means x, targets t and variances v: a network that says how sure it is.

    Shapes: input (...); target the same, or broadcastable to it; var the same, or with 1 in place of one length, or
    without the last axis, or a single number. A variance below eps counts as eps, and its slope is that at eps. With
    `full` there is ln(2π) / 2 beside it.

    Errors: OperandError when a variance is negative; ShapeError.

    >>> import autograd, nn
    >>> mean, var = autograd.Tensor([0.0, 0.0]), autograd.Tensor([1.0, 4.0])
    >>> nn.functional.gaussian_nll_loss(mean, [2.0, 2.0], var, reduction="none").data.round(4)
    array([2.    , 1.1931])
    """
    check_reduction(reduction)
    input, target, var = alike(input, target, var)
    shape, spread = input.shape, var.shape
    try:
        target = autograd.broadcast_to(target, shape)
    except ValueError:
        refuse(
            ShapeError,
            f"gaussian_nll_loss of an input of shape {shape} and a target of shape {target.shape}: the target must "
            "have the shape of the input, or be broadcastable to it.",
        )
    if spread == shape[:-1] and shape:
        var = autograd.expand_dims(var, -1)
    elif spread and not (len(spread) == len(shape) and sum(n for n, m in zip(spread, shape) if n != m) <= 1):
        refuse(
            ShapeError,
            f"gaussian_nll_loss of an input of shape {shape} and a var of shape {spread}: there must be a variance "
            f"for every number, {shape}, or one in place of one axis: {(*shape[:-1], 1)}, or {shape[:-1]}.",
        )
    small = plain(var)
    if small.size and small.min() < 0:
        refuse(
            OperandError,
            f"gaussian_nll_loss: a variance is never negative, and here is one of {small.min():g}.",
            "What a network makes of any size becomes positive by var = autograd.exp(output), or softplus(output).",
        )
    if small.size and small.min() < eps:
        var = autograd.where(small < eps, var - small + eps, var)
    losses = 0.5 * (autograd.log(var) + autograd.square(input - target) / var)
    return reduce(losses + 0.5 * math.log(2 * math.pi) if full else losses, reduction)
