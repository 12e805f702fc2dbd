"""Losses of embeddings: what belongs together shall be near, what does not shall be far."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd
from autograd import ShapeError
from nn.functional.reduction import Reduction, alike, check_reduction, plain, reduce
from nn.functional.refusal import refuse
from nn.functional.target import check_signs

__all__ = [
    "cosine_embedding_loss",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
]


def cosine_embedding_loss(
    input1: Any, input2: Any, target: Any, margin: float = 0.0, reduction: Reduction = "mean"
) -> Any:
    """1 - cos where the target is 1, max(0, cos - margin) where it is -1, for the cosine of the angle between rows.

    Shapes: inputs (N, D) and targets (N,), or inputs (D,) and a single target.
    A warning says when the targets are 0 and 1. Errors: ShapeError.

    >>> import autograd, nn
    >>> a, b = autograd.Tensor([[1.0, 0.0], [1.0, 0.0]]), [[2.0, 0.0], [2.0, 0.0]]
    >>> nn.functional.cosine_embedding_loss(a, b, [1, -1], reduction="none").data.round(6)
    array([0., 1.])
    """
    check_reduction(reduction)
    (a, b), t = alike(input1, input2), plain(target)
    if a.shape != b.shape or a.ndim not in (1, 2) or a.shape[:-1] != t.shape:
        refuse(
            ShapeError,
            f"cosine_embedding_loss of inputs of shape {a.shape} and {b.shape} and a target of shape {t.shape}: inputs "
            "are both (N, D) and the target (N,), or both (D,) and the target a single number.",
        )
    check_signs("cosine_embedding_loss", t)
    squares = [(x * x).sum(-1) + 1e-12 for x in (a, b)]
    cosine = (a * b).sum(-1) / autograd.sqrt(squares[0] * squares[1])
    together = autograd.where(t == 1, 1 - cosine, 0.0)
    apart = autograd.where(t == -1, autograd.clip(cosine - margin, 0.0), 0.0)
    return reduce(together + apart, reduction)


def triplet_margin_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    margin: float = 1.0,
    p: float = 2.0,
    eps: float = 1e-6,
    swap: bool = False,
    reduction: Reduction = "mean",
) -> Any:
    """max(0, margin + d(a, p) - d(a, n)): an anchor shall be nearer to its positive than to its negative.

    Shapes: (N, D) or (D,), where N may be 1 in some of them. d is the distance of order p, ‖x - y + eps‖ along the last
    axis. With `swap` the negative's distance is that from the positive, if it is less (Balntas et al., 2016).

    >>> import autograd, nn
    >>> a, p, n = autograd.Tensor([[0.0, 0.0]]), [[3.0, 4.0]], [[0.0, 5.5]]
    >>> round(nn.functional.triplet_margin_loss(a, p, n).item(), 4)
    0.5
    """
    return triplet_margin_with_distance_loss(
        anchor,
        positive,
        negative,
        distance_function=lambda x, y: autograd.pairwise_distance(x, y, p, eps),
        margin=margin,
        swap=swap,
        reduction=reduction,
    )


def triplet_margin_with_distance_loss(
    anchor: Any,
    positive: Any,
    negative: Any,
    *,
    distance_function: Callable[[Any, Any], Any] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: Reduction = "mean",
) -> Any:
    """`triplet_margin_loss` with a distance of your own, a function of two arrays; by default `pairwise_distance`."""
    check_reduction(reduction)
    if not margin > 0:
        refuse(ValueError, f"triplet_margin_loss: the margin must be above 0, and is {margin}.")
    a, p, n = alike(anchor, positive, negative)
    if not a.ndim == p.ndim == n.ndim or not a.shape[-1:] == p.shape[-1:] == n.shape[-1:]:
        refuse(
            ShapeError,
            f"triplet_margin_loss of an anchor of shape {a.shape}, a positive of shape {p.shape} and a negative of "
            f"shape {n.shape}: they must be of one shape.",
        )
    distance = distance_function or autograd.pairwise_distance
    near, far = distance(a, p), distance(a, n)
    if swap:
        far = autograd.minimum(far, distance(p, n))
    return reduce(autograd.clip(margin + near - far, 0.0), reduction)
