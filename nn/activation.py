"""Activation functions as modules, to stand between the layers of a Sequential. They work on Tensors and on Values.

Where PyTorch has an argument `inplace`, these take it, so that its models can be written down unchanged; the result is
a new array all the same, and nothing is written into the input.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
import nn.functional as functional
from autograd import ShapeError
from nn.functional.activation import axis_of
from nn.functional.shape import shape_of
from nn.module import Module
from nn.parameter import Parameter

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "GLU",
    "SELU",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "LeakyReLU",
    "LogSigmoid",
    "LogSoftmax",
    "Mish",
    "PReLU",
    "RReLU",
    "ReLU",
    "ReLU6",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softmax2d",
    "Softmin",
    "Softplus",
    "Softshrink",
    "Softsign",
    "Tanh",
    "Tanhshrink",
    "Threshold",
]


class _Activation(Module):
    """One that takes `inplace`."""

    def __init__(self, inplace: bool = False) -> None:
        self.inplace = inplace

    def extra_repr(self) -> str:
        """The settings."""
        inplace = ["inplace=True"] if self.inplace else []
        return ", ".join([super().extra_repr(), *inplace] if self._shown else inplace)


# Zero, or nearly so, below 0


class ReLU(_Activation):
    """max(x, 0).

    >>> import autograd, nn
    >>> nn.ReLU()(autograd.Tensor([-2.0, 3.0])).data
    array([0., 3.])
    """

    def forward(self, input: Any) -> Any:
        """Of each element."""
        return autograd.relu(input)


class LeakyReLU(_Activation):
    """x above 0, negative_slope · x below: a ReLU that cannot die."""

    _shown = ("negative_slope",)

    def __init__(self, negative_slope: float = 0.01, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.negative_slope = negative_slope

    def forward(self, input: Any) -> Any:
        """Of each element."""
        return autograd.leaky_relu(input, self.negative_slope)


class RReLU(_Activation):
    """A leaky ReLU whose slope is drawn for each element from `lower` to `upper`; after training it is their mean."""

    _shown = ("lower", "upper")

    def __init__(self, lower: float = 1 / 8, upper: float = 1 / 3, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.lower = lower
        self.upper = upper

    def forward(self, input: Any) -> Any:
        """Of each element."""
        return functional.rrelu(input, self.lower, self.upper, self.training)


class PReLU(Module):
    """x above 0, weight · x below, with a weight that is learned: one, or one for each channel (axis 1).

    `weight` has `num_parameters` elements.
    """

    _shown = ("num_parameters",)

    def __init__(self, num_parameters: int = 1, init: float = 0.25, dtype: Any = np.float32) -> None:
        self.init = init
        self.weight = Parameter(np.full(num_parameters, init, dtype))

    def reset_parameters(self) -> None:
        """Start anew with `init`."""
        self.weight.data[...] = self.init

    def forward(self, input: Any) -> Any:
        """Of each element."""
        return autograd.prelu(input, self.weight)


class Threshold(_Activation):
    """x above the threshold, `value` up to it."""

    _shown = ("threshold", "value")

    def __init__(self, threshold: float, value: float, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.threshold = threshold
        self.value = value

    def forward(self, input: Any) -> Any:
        """Of each element."""
        return autograd.threshold(input, self.threshold, self.value)


class ELU(_Activation):
    """x above 0, alpha (eˣ - 1) below."""

    _shown = ("alpha",)

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.alpha = alpha

    def forward(self, input: Any) -> Any:
        """Of each element."""
        return autograd.elu(input, self.alpha)


class CELU(_Activation):
    """x above 0, alpha (e^(x / alpha) - 1) below: smooth for every alpha."""

    _shown = ("alpha",)

    def __init__(self, alpha: float = 1.0, inplace: bool = False) -> None:
        super().__init__(inplace)
        self.alpha = alpha

    def forward(self, input: Any) -> Any:
        """Of each element."""
        return autograd.celu(input, self.alpha)


class SELU(_Activation):
    """ELU, scaled so that numbers of mean 0 and variance 1 keep them from layer to layer."""

    def forward(self, input: Any) -> Any:
        """Of each element."""
        return autograd.selu(input)


class GELU(Module):
    """x Φ(x), with Φ the normal distribution function; `approximate="tanh"` for the cheaper formula."""

    _shown = ("approximate",)

    def __init__(self, approximate: str = "none") -> None:
        self.approximate = approximate

    def forward(self, input: Any) -> Any:
        """Of each element."""
        return autograd.gelu(input, self.approximate)


class SiLU(_Activation):
    """x sigmoid(x), also called swish."""

    def forward(self, input: Any) -> Any:
        """Of each element."""
        return autograd.silu(input)


class Mish(_Activation):
    """x tanh(softplus(x))."""

    def forward(self, input: Any) -> Any:
        """Of each element."""
        return autograd.mish(input)


class Hardswish(_Activation):
    """x hardsigmoid(x): swish, of straight pieces and a parabola."""

    def forward(self, input: Any) -> Any:
        """Of each element."""
        return autograd.hardswish(input)


class Softplus(Module):
    """ln(1 + e^(beta x)) / beta, a smooth ReLU; x itself where beta x is above the threshold."""

    _shown = ("beta", "threshold")

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        self.beta = beta
        self.threshold = threshold

    def forward(self, input: Any) -> Any:
        """Of each element."""
        return autograd.softplus(input, self.beta, self.threshold)


# Between two bounds


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


class LogSigmoid(Module):
    """The logarithm of Sigmoid, without its underflow."""

    def forward(self, input: Any) -> Any:
        """Of each element."""
        return autograd.log_sigmoid(input)


class Hardsigmoid(_Activation):
    """x / 6 + 1/2, kept between 0 and 1."""

    def forward(self, input: Any) -> Any:
        """Of each element."""
        return autograd.hardsigmoid(input)


class Hardtanh(_Activation):
    """x, kept between min_val and max_val."""

    _shown: tuple[str, ...] = ("min_val", "max_val")

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> None:
        super().__init__(inplace)
        if not min_val < max_val:
            raise ShapeError(f"Hardtanh({min_val}, {max_val}): min_val must be less than max_val.")
        self.min_val = min_val
        self.max_val = max_val

    def forward(self, input: Any) -> Any:
        """Of each element."""
        return autograd.hardtanh(input, self.min_val, self.max_val)


class ReLU6(Hardtanh):
    """x, kept between 0 and 6."""

    _shown = ()

    def __init__(self, inplace: bool = False) -> None:
        super().__init__(0.0, 6.0, inplace)


class Softsign(Module):
    """x / (1 + |x|): between -1 and 1."""

    def forward(self, input: Any) -> Any:
        """Of each element."""
        return autograd.softsign(input)


# Nearer to 0


class Tanhshrink(Module):
    """x - tanh(x)."""

    def forward(self, input: Any) -> Any:
        """Of each element."""
        return autograd.tanhshrink(input)


class Softshrink(Module):
    """x, nearer to 0 by lambd, and 0 from -lambd to lambd."""

    def __init__(self, lambd: float = 0.5) -> None:
        self.lambd = lambd

    def forward(self, input: Any) -> Any:
        """Of each element."""
        return functional.softshrink(input, self.lambd)

    def extra_repr(self) -> str:
        """The number."""
        return f"{self.lambd}"


class Hardshrink(Softshrink):
    """x, and 0 from -lambd to lambd."""

    def forward(self, input: Any) -> Any:
        """Of each element."""
        return autograd.hardshrink(input, self.lambd)


# Along an axis


class Softmax(Module):
    """Positive numbers that sum to 1 along the axis `dim`. For training use CrossEntropyLoss, which contains it."""

    _shown = ("dim",)

    def __init__(self, dim: int = -1) -> None:
        self.dim = axis_of(type(self).__name__, dim)

    def forward(self, input: Any) -> Any:
        """The same shape."""
        return autograd.softmax(input, self.dim)


class Softmin(Softmax):
    """Softmax of -x: the smallest gets the most."""

    def forward(self, input: Any) -> Any:
        """The same shape."""
        return autograd.softmin(input, self.dim)


class LogSoftmax(Softmax):
    """The logarithm of Softmax, without its underflow."""

    def forward(self, input: Any) -> Any:
        """The same shape."""
        return autograd.log_softmax(input, self.dim)


class Softmax2d(Module):
    """Softmax over the channels of images (N, C, H, W) or (C, H, W), at each place."""

    def forward(self, input: Any) -> Any:
        """The same shape."""
        if len(shape_of(input)) not in (3, 4):
            raise ShapeError(f"Softmax2d takes images (N, C, H, W) or (C, H, W), and got shape {shape_of(input)}.")
        return autograd.softmax(input, -3)


class GLU(Module):
    """The first half of x along the axis `dim`, times the sigmoid of the second."""

    _shown = ("dim",)

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, input: Any) -> Any:
        """Half as long along the axis."""
        return autograd.glu(input, self.dim)
