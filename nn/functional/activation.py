"""Activations as functions, under PyTorch's names: those of `autograd`, and those whose axis PyTorch calls `dim`."""

from __future__ import annotations

from typing import Any

import autograd
from autograd import gelu, leaky_relu, relu, sigmoid, silu, softplus, tanh

__all__ = [
    "gelu",
    "leaky_relu",
    "log_softmax",
    "relu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "tanh",
]


def softmax(input: Any, dim: int = -1) -> Any:
    """exp(x) / Σ exp(x) along the axis `dim`."""
    return autograd.softmax(input, dim)


def log_softmax(input: Any, dim: int = -1) -> Any:
    """ln softmax(x), without its underflow."""
    return autograd.log_softmax(input, dim)
