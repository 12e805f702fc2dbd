"""Activation functions as modules, to stand between the layers of a Sequential. They work on Tensors and on Values."""

from __future__ import annotations

from typing import Any

import autograd
from nn.module import Module

__all__ = ["GELU", "LeakyReLU", "LogSoftmax", "ReLU", "SiLU", "Sigmoid", "Softmax", "Softplus", "Tanh"]


class ReLU(Module):
    """max(x, 0)."""

    def forward(self, input: Any) -> Any:
        """Of each element."""
        return autograd.relu(input)


class LeakyReLU(Module):
    """x above 0, negative_slope · x below: a ReLU that cannot die."""

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = negative_slope

    def forward(self, input: Any) -> Any:
        """Of each element."""
        return autograd.leaky_relu(input, self.negative_slope)

    def extra_repr(self) -> str:
        """The slope."""
        return f"negative_slope={self.negative_slope}"


class Tanh(Module):
    """The hyperbolic tangent: between -1 and 1."""

    def forward(self, input: Any) -> Any:
        """Of each element."""
        return autograd.tanh(input)


class Sigmoid(Module):
    """1 / (1 + e⁻ˣ): between 0 and 1."""

    def forward(self, input: Any) -> Any:
        """Of each element."""
        return autograd.sigmoid(input)


class GELU(Module):
    """x Φ(x), with Φ the normal distribution function; `approximate="tanh"` for the cheaper formula."""

    def __init__(self, approximate: str = "none") -> None:
        self.approximate = approximate

    def forward(self, input: Any) -> Any:
        """Of each element."""
        return autograd.gelu(input, self.approximate)

    def extra_repr(self) -> str:
        """The formula."""
        return f"approximate={self.approximate!r}"


class SiLU(Module):
    """x sigmoid(x), also called swish."""

    def forward(self, input: Any) -> Any:
        """Of each element."""
        return autograd.silu(input)


class Softplus(Module):
    """ln(1 + eˣ): a smooth ReLU."""

    def forward(self, input: Any) -> Any:
        """Of each element."""
        return autograd.softplus(input)


class Softmax(Module):
    """Positive numbers that sum to 1 along the axis `dim`. For training use CrossEntropyLoss, which contains it."""

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, input: Any) -> Any:
        """The same shape."""
        return autograd.softmax(input, self.dim)

    def extra_repr(self) -> str:
        """The axis."""
        return f"dim={self.dim}"


class LogSoftmax(Softmax):
    """The logarithm of Softmax, without its underflow."""

    def forward(self, input: Any) -> Any:
        """The same shape."""
        return autograd.log_softmax(input, self.dim)
