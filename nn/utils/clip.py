"""Gradient clipping: a single steep place in the loss does not throw the parameters far away."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import GradientError, Node, OperandError, no_grad


def clip_grad_norm_(
    parameters: Any, max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False
) -> float:
    """Make all gradients together at most `max_norm` long, in their direction; the length that they had.

    Call it between `backward()` and `step()`. Gradients that are longer are multiplied by max_norm / (length + 1e-6)
    (Pascanu et al., 2013, as PyTorch writes it). `parameters` is a list or one; those without a gradient are passed
    over. The gradients become new arrays.

    Errors: GradientError with `error_if_nonfinite`, when the length is infinite or not a number.

    >>> import autograd, nn
    >>> w = autograd.Tensor([3.0, 4.0])
    >>> (w * w).sum().backward()
    >>> nn.utils.clip_grad_norm_([w], max_norm=1.0)
    10.0
    >>> w.grad.round(6)
    array([0.6, 0.8])
    """
    found = _with_gradient(parameters)
    total = get_total_norm([p.grad for p in found], norm_type, error_if_nonfinite)
    clip_grads_with_norm_(found, max_norm, total)
    return total


def clip_grad_value_(parameters: Any, clip_value: float) -> None:
    """Bring every element of the gradients into [-clip_value, clip_value]. The gradients become new arrays."""
    if not clip_value >= 0:
        raise ValueError(f"clip_grad_value_: clip_value must not be negative, and is {clip_value}.")
    with no_grad():
        for p in _with_gradient(parameters):
            g = np.clip(_plain(p.grad), -clip_value, clip_value)
            p.grad = p.wrap(g) if isinstance(p.grad, Node) else g if isinstance(p.grad, ndarray) else float(g)


def get_total_norm(tensors: Any, norm_type: float = 2.0, error_if_nonfinite: bool = False) -> float:
    """The length of all arrays (or Tensors, or numbers) together: of one vector of all their elements.

    `norm_type` is the p of (Σ |x|^p)^(1/p), or infinity for the largest |x|.

    >>> import numpy as np, nn
    >>> nn.utils.get_total_norm([np.array([3.0]), np.array([[4.0]])])
    5.0
    """
    p = float(norm_type)
    total = _norm(np.array([_norm(_plain(x), p) for x in _list(tensors)]), p)
    if error_if_nonfinite and not math.isfinite(total):
        raise GradientError(
            f"the gradients have the norm {total} and cannot be clipped.\n  Look where it comes from with "
            "autograd.detect_anomaly(), or clip all the same with error_if_nonfinite=False."
        )
    return total


def clip_grads_with_norm_(parameters: Any, max_norm: float, total_norm: float) -> None:
    """Clip gradients whose length is known; see `clip_grad_norm_`."""
    if not max_norm >= 0:
        raise ValueError(f"clip_grad_norm_: max_norm must not be negative, and is {max_norm}.")
    factor = float(max_norm) / (float(total_norm) + 1e-6)
    if factor >= 1:
        return
    with no_grad():
        for p in _with_gradient(parameters):
            p.grad = p.grad * factor


def _norm(x: ndarray, p: float) -> float:
    flat = np.abs(x.ravel("K"))
    largest = float(flat.max(initial=0.0))
    if p == math.inf or largest == 0 or not math.isfinite(largest):
        return largest
    limits = np.finfo(flat.dtype)
    if p == 2 and math.sqrt(limits.tiny) * 1e4 < largest < math.sqrt(limits.max / flat.size):
        return math.sqrt(np.dot(flat, flat))
    flat = flat / flat.dtype.type(largest)  # so that no power overflows
    return largest * math.pow((flat**p).sum(), 1 / p)


def _with_gradient(parameters: Any) -> list[Any]:
    found = _list(parameters)
    for p in found:
        if not isinstance(p, Node):
            raise OperandError(
                f"gradients of parameters are clipped, and not of {p!r:.80}.\n  Give model.parameters()."
            )
    return [p for p in found if p.grad is not None]


def _list(things: Any) -> Sequence[Any]:
    if isinstance(things, Node | ndarray | float) or not isinstance(things, Iterable):
        return [things]
    return list(things)


def _plain(x: Any) -> ndarray:
    return np.asarray(x.data if isinstance(x, Node) else x)
