"""Normalisation as functions, under PyTorch's names and with its arguments.

Inputs are (N, C, ...): examples, channels, and any further axes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd
from nn.functional.shape import shape_of

__all__ = [
    "batch_norm",
    "group_norm",
    "instance_norm",
    "layer_norm",
    "local_response_norm",
    "normalize",
    "rms_norm",
]


def batch_norm(
    input: Any,
    running_mean: Any,
    running_var: Any,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """Mean 0 and variance 1 in each channel, then times `weight` and plus `bias` (C).

    While `training`, mean and variance are the batch's, and move the running ones towards them in place, by `momentum`;
    after training the running ones take their place.
    """
    shape = shape_of(input)
    if training and 0 in shape:  # no examples have no mean
        training, running_mean, running_var = False, *np.zeros((2, shape[1]), input.dtype)
    return autograd.batch_norm(input, running_mean, running_var, weight, bias, training, momentum, eps)


def instance_norm(
    input: Any,
    running_mean: Any = None,
    running_var: Any = None,
    weight: Any = None,
    bias: Any = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """Mean 0 and variance 1 in each channel of each example; arguments as `batch_norm` has them."""
    return autograd.instance_norm(input, running_mean, running_var, weight, bias, use_input_stats, momentum, eps)


def layer_norm(
    input: Any, normalized_shape: int | Sequence[int], weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Any:
    """Mean 0 and variance 1 along the last axes, which are of `normalized_shape`, as weight and bias are."""
    return autograd.layer_norm(input, normalized_shape, weight, bias, eps)


def group_norm(input: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    """Mean 0 and variance 1 in each of `num_groups` groups of the channels of each example."""
    return autograd.group_norm(input, num_groups, weight, bias, eps)


def rms_norm(input: Any, normalized_shape: int | Sequence[int], weight: Any = None, eps: float | None = None) -> Any:
    """x / √(mean x² + eps) along the last axes, times the weight; eps None is the smallest step of the dtype at 1."""
    return autograd.rms_norm(input, normalized_shape, weight, eps)


def local_response_norm(input: Any, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Any:
    """x / (k + alpha · mean of the squares of `size` channels around)ᵝ."""
    return autograd.local_response_norm(input, size, alpha, beta, k)


def normalize(input: Any, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> Any:
    """x / max(‖x‖, eps), the norm of order p along the axis `dim`.

    >>> import autograd, nn
    >>> nn.functional.normalize(autograd.Tensor([[3.0, 4.0]])).data
    array([[0.6, 0.8]])
    """
    return autograd.normalize(input, p, dim, eps)
