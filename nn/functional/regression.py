"""Losses of numbers: how far off they are, by the square, by the distance, or by something in between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd
from nn.functional.reduction import Reduction, each, like, reduce
from nn.functional.refusal import refuse

__all__ = ["huber_loss", "l1_loss", "mse_loss", "smooth_l1_loss"]


def mse_loss(input: Any, target: Any, reduction: Reduction = "mean", weight: Any = None) -> Any:
    """Squared error, (x - t)², of equal shapes.

    A weight, of the same shape, says how much each element counts: the mean is Σ w (x - t)² / Σ w.

    >>> import autograd, nn
    >>> nn.functional.mse_loss(autograd.Tensor([1.0, 2.0]), [1.0, 4.0]).item()
    2.0
    """
    losses = _weighed("mse_loss", lambda x, t: autograd.square(x - t), input, target, weight)
    return reduce(losses, reduction, _sum(weight, input))


def l1_loss(input: Any, target: Any, reduction: Reduction = "mean", weight: Any = None) -> Any:
    """Absolute error, |x - t|, of equal shapes; slope 0 where it is 0.

    A weight, of the same shape, says how much each element counts: the mean is Σ w |x - t| / Σ w.

    >>> import autograd, nn
    >>> nn.functional.l1_loss(autograd.Tensor([1.0, 2.0]), [1.0, 4.0]).item()
    1.0
    """
    losses = _weighed("l1_loss", lambda x, t: autograd.absolute(x - t), input, target, weight)
    return reduce(losses, reduction, _sum(weight, input))


def smooth_l1_loss(input: Any, target: Any, reduction: Reduction = "mean", beta: float = 1.0) -> Any:
    """(x - t)² / (2 beta) where x is nearer to t than beta, and |x - t| - beta / 2 beyond (Girshick, 2015).

    Shapes are equal. With beta = 0 it is the absolute error. It is `huber_loss` over beta.

    >>> import autograd, nn
    >>> nn.functional.smooth_l1_loss(autograd.Tensor([1.5, 5.0]), [1.0, 1.0], "none").data
    array([0.125, 3.5  ])
    """
    if beta < 0:
        refuse(ValueError, f"smooth_l1_loss: beta must not be negative, and is {beta}.")
    if not beta:
        return each("smooth_l1_loss", lambda x, t: autograd.absolute(x - t), reduction, input=input, target=target)

    def loss(x: Any, t: Any) -> Any:
        y = autograd.huber(beta, x - t)
        return y if beta == 1 else y / beta

    return each("smooth_l1_loss", loss, reduction, input=input, target=target)


def huber_loss(input: Any, target: Any, reduction: Reduction = "mean", delta: float = 1.0, weight: Any = None) -> Any:
    """(x - t)² / 2 where x is nearer to t than delta, and delta (|x - t| - delta / 2) beyond (Huber, 1964).

    Shapes are equal. What is far off pulls with a force of delta at most. A weight, of the same shape, is a factor of
    each element's loss.

    >>> import autograd, nn
    >>> nn.functional.huber_loss(autograd.Tensor([1.5, 5.0]), [1.0, 1.0], "none", delta=2.0).data
    array([0.125, 6.   ])
    """
    if not delta > 0:
        refuse(ValueError, f"huber_loss: delta must be above 0, and is {delta}.")
    return reduce(_weighed("huber_loss", lambda x, t: autograd.huber(delta, x - t), input, target, weight), reduction)


def _weighed(name: str, loss: Callable[[Any, Any], Any], input: Any, target: Any, weight: Any) -> Any:
    if weight is None:
        return each(name, loss, "none", input=input, target=target)
    return each(name, lambda x, t, w: w * loss(x, t), "none", input=input, target=target, weight=weight)


def _sum(weight: Any, input: Any) -> Any:
    return None if weight is None else like(weight, input).sum()
