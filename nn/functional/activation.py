"""Activations as functions, under PyTorch's names and with its arguments: those of `autograd`, and what chance adds.

PyTorch's `inplace` is known by name only. Nothing is written in place here, because graphs need the old elements:
where it is True, an error says so, lest somebody wait for `x` to change.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd import Node, OperandError, Value, log_sigmoid, sigmoid, softsign, tanh, tanhshrink
from nn.functional.inplace import anew
from nn.random import generator

__all__ = [
    "celu",
    "elu",
    "gelu",
    "glu",
    "gumbel_softmax",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "leaky_relu",
    "log_softmax",
    "logsigmoid",
    "mish",
    "prelu",
    "relu",
    "relu6",
    "rrelu",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "tanh",
    "tanhshrink",
    "threshold",
]

logsigmoid = log_sigmoid


# Each element by itself


def relu(input: Any, inplace: bool = False) -> Any:
    """max(x, 0).

    >>> import nn
    >>> nn.functional.relu(-2.0)
    0.0
    """
    anew(inplace)
    return autograd.relu(input)


def leaky_relu(input: Any, negative_slope: float = 0.01, inplace: bool = False) -> Any:
    """x above 0, negative_slope · x below."""
    anew(inplace)
    return autograd.leaky_relu(input, negative_slope)


def rrelu(input: Any, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False, inplace: bool = False) -> Any:
    """x above 0; below it x times a slope: drawn for each element while `training`, and the mean slope after.

    >>> import nn
    >>> nn.functional.rrelu(-24.0)
    -5.5
    """
    anew(inplace)
    if not lower <= upper:
        raise OperandError(f"rrelu draws slopes from lower to upper, and got {lower} and {upper}.")
    if not training:
        return autograd.rrelu(input, lower, upper)
    x = np.asarray(input.data if isinstance(input, Node) else input)
    drawn = np.where(x > 0, 1.0, autograd.sample(generator().uniform, x.shape, low=lower, high=upper))
    return input * (float(drawn) if isinstance(input, Value | float | int) else drawn.astype(x.dtype))


def prelu(input: Any, weight: Any) -> Any:
    """x above 0, weight · x below; the weight is one number, or one for each channel (axis 1)."""
    return autograd.prelu(input, weight)


def relu6(input: Any, inplace: bool = False) -> Any:
    """x, kept between 0 and 6."""
    anew(inplace)
    return autograd.relu6(input)


def hardtanh(input: Any, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Any:
    """x, kept between min_val and max_val."""
    anew(inplace)
    if not min_val <= max_val:
        raise OperandError(f"hardtanh keeps x between min_val and max_val, and got {min_val} and {max_val}.")
    return autograd.hardtanh(input, min_val, max_val)


def threshold(input: Any, threshold: float, value: float, inplace: bool = False) -> Any:
    """x above the threshold, `value` up to it."""
    anew(inplace)
    return autograd.threshold(input, threshold, value)


def elu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Any:
    """x above 0, alpha (eˣ - 1) below."""
    anew(inplace)
    return autograd.elu(input, alpha)


def celu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Any:
    """x above 0, alpha (e^(x / alpha) - 1) below."""
    anew(inplace)
    return autograd.celu(input, alpha)


def selu(input: Any, inplace: bool = False) -> Any:
    """elu, scaled so that mean 0 and variance 1 stay."""
    anew(inplace)
    return autograd.selu(input)


def silu(input: Any, inplace: bool = False) -> Any:
    """x sigmoid(x)."""
    anew(inplace)
    return autograd.silu(input)


def gelu(input: Any, approximate: str = "none") -> Any:
    """x Φ(x), with Φ the normal distribution function; `approximate="tanh"` for the cheaper formula."""
    return autograd.gelu(input, approximate)


def mish(input: Any, inplace: bool = False) -> Any:
    """x tanh(softplus(x))."""
    anew(inplace)
    return autograd.mish(input)


def hardswish(input: Any, inplace: bool = False) -> Any:
    """x hardsigmoid(x)."""
    anew(inplace)
    return autograd.hardswish(input)


def hardsigmoid(input: Any, inplace: bool = False) -> Any:
    """x / 6 + 1/2, kept between 0 and 1."""
    anew(inplace)
    return autograd.hardsigmoid(input)


def softplus(input: Any, beta: float = 1.0, threshold: float = 20.0) -> Any:
    """ln(1 + e^(beta x)) / beta; x itself where beta x is above the threshold."""
    return autograd.softplus(input, beta, threshold)


def softshrink(input: Any, lambd: float = 0.5) -> Any:
    """x, nearer to 0 by lambd, and 0 from -lambd to lambd."""
    if lambd < 0:
        raise OperandError(f"softshrink brings x nearer to 0 by lambd, which cannot be negative, and is {lambd}.")
    return autograd.softshrink(input, lambd)


def hardshrink(input: Any, lambd: float = 0.5) -> Any:
    """x, and 0 from -lambd to lambd."""
    return autograd.hardshrink(input, lambd)


# Along an axis


def softmax(input: Any, dim: int = -1, *, dtype: Any = None) -> Any:
    """exp(x) / Σ exp(x) along the axis `dim`; in the precision `dtype`, if one is given."""
    return autograd.softmax(_cast(input, dtype), axis_of("softmax", dim))


def softmin(input: Any, dim: int = -1, *, dtype: Any = None) -> Any:
    """softmax(-x) along the axis `dim`."""
    return autograd.softmin(_cast(input, dtype), axis_of("softmin", dim))


def log_softmax(input: Any, dim: int = -1, *, dtype: Any = None) -> Any:
    """ln softmax(x) along the axis `dim`, without its underflow."""
    return autograd.log_softmax(_cast(input, dtype), axis_of("log_softmax", dim))


def axis_of(name: str, dim: int) -> int:
    """The axis. Errors: OperandError where it is None: PyTorch then guesses by the number of axes."""
    if dim is None:
        raise OperandError(f"{name} needs the axis that it sums to 1 along: dim=-1 for the last one, the default.")
    return dim


def _cast(x: Any, dtype: Any) -> Any:
    return x if dtype is None else x.astype(dtype)


def glu(input: Any, dim: int = -1) -> Any:
    """The first half of x along the axis `dim`, times the sigmoid of the second."""
    return autograd.glu(input, dim)


def gumbel_softmax(logits: Any, tau: float = 1.0, hard: bool = False, dim: int = -1) -> Any:
    """A sample from the classes along the axis `dim` that gradients flow through (Jang et al., 2017).

    It is softmax((logits + G) / tau), G drawn from Gumbel's distribution; the smaller the temperature `tau`, the nearer
    to one class. With `hard` it is one class, and its gradient is that of the soft sample.

    >>> import autograd, nn
    >>> nn.functional.gumbel_softmax(autograd.Tensor([0.0, 1000.0]), hard=True).data
    array([0., 1.])
    """
    noise = autograd.sample(generator().gumbel, np.shape(logits)).astype(logits.dtype)
    soft = autograd.softmax((logits + noise) / tau, dim)
    if not hard:
        return soft
    x = soft.data if isinstance(soft, Node) else soft
    one = np.zeros_like(x)
    np.put_along_axis(one, x.argmax(dim, keepdims=True), 1, dim)
    return soft + (one - x)  # the number is that of `one`, to the last bit or so; the slope is that of `soft`
