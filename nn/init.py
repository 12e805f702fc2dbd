"""Where the first weights come from: PyTorch's `nn.init`, in place, drawn from the generator of `nn.manual_seed`.

A layer multiplies the spread of what passes it by √(fan_in · variance of its weights), where fan_in is how many inputs
each output has, and the spread of the gradients by √(fan_out · variance). Over many layers all is lost or all blows up
unless these factors are near 1: see `nn.spread`.

| made for | functions |
|---|---|
| tanh, sigmoid | `xavier_uniform_`, `xavier_normal_`: between fan_in and fan_out (Glorot and Bengio, 2010) |
| relu and its kin | `kaiming_uniform_`, `kaiming_normal_` (He et al., 2015) |
| selu, linear layers | `lecun_uniform_`, `lecun_normal_` (LeCun et al., 1998) |
| recurrent weights, very deep networks | `orthogonal_` (Saxe et al., 2014) |
| transformers | `trunc_normal_` |
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import Node, OperandError, ShapeError, Value
from nn.random import generator as current_generator

__all__ = [
    "calculate_gain",
    "constant_",
    "dirac_",
    "eye_",
    "kaiming_normal_",
    "kaiming_uniform_",
    "lecun_normal_",
    "lecun_uniform_",
    "normal_",
    "ones_",
    "orthogonal_",
    "sparse_",
    "trunc_normal_",
    "uniform_",
    "xavier_normal_",
    "xavier_uniform_",
    "zeros_",
]

Generator = np.random.Generator


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """By how much weights must be larger because of the function after them; `param` is leaky_relu's slope.

    PyTorch's table: 1 for linear layers, convolutions and sigmoid, 5/3 for tanh, √2 for relu, √(2 / (1 + slope²)) for
    leaky_relu with a slope of 0.01 unless told otherwise, 3/4 for selu.

    >>> import nn
    >>> nn.init.calculate_gain("relu")
    1.4142135623730951
    """
    if nonlinearity == "leaky_relu":
        slope = 0.01 if param is None else param
        if isinstance(slope, bool) or not isinstance(slope, int | float):
            raise ValueError(f"calculate_gain: the slope of leaky_relu must be a number, and is {param!r}.")
        return math.sqrt(2 / (1 + slope**2))
    if nonlinearity not in GAINS:
        raise ValueError(
            f"calculate_gain: no gain is known for {nonlinearity!r}; there are {', '.join([*GAINS, 'leaky_relu'])}."
        )
    return GAINS[nonlinearity]


_LINEAR = "linear conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d sigmoid".split()
GAINS = dict.fromkeys(_LINEAR, 1.0) | {"tanh": 5 / 3, "relu": math.sqrt(2), "selu": 3 / 4}


# One distribution


def uniform_(tensor: Any, a: float = 0.0, b: float = 1.0, generator: Generator | None = None) -> Any:
    """Uniform numbers between a and b."""
    return _fill(tensor, _drawn(generator).uniform(a, b, _array(tensor).shape))


def normal_(tensor: Any, mean: float = 0.0, std: float = 1.0, generator: Generator | None = None) -> Any:
    """Normal numbers."""
    if not std >= 0:
        raise ValueError(f"normal_: std must not be negative, and is {std}.")
    return _fill(tensor, _drawn(generator).normal(mean, std, _array(tensor).shape))


def trunc_normal_(
    tensor: Any,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Generator | None = None,
) -> Any:
    """Normal numbers of which those outside of [a, b], absolute bounds, are drawn anew."""
    from scipy.special import ndtr, ndtri  # the normal distribution function and its inverse, which NumPy lacks

    if not a < b:
        raise ValueError(f"trunc_normal_: a must be below b, and they are {a} and {b}.")
    low, high = (a - mean) / std, (b - mean) / std
    sign = -1 if low > 0 else 1  # above the mean the distribution function is too near 1: take it from below
    low, high = sorted((sign * low, sign * high))
    share = _drawn(generator).uniform(ndtr(low), ndtr(high), _array(tensor).shape)
    return _fill(tensor, np.clip(mean + std * sign * ndtri(share), a, b))


def constant_(tensor: Any, val: float) -> Any:
    """The same number everywhere."""
    return _fill(tensor, val)


def ones_(tensor: Any) -> Any:
    """Ones."""
    return _fill(tensor, 1)


def zeros_(tensor: Any) -> Any:
    """Zeros."""
    return _fill(tensor, 0)


# By fan_in and fan_out


def xavier_uniform_(tensor: Any, gain: float = 1.0, generator: Generator | None = None) -> Any:
    """Uniform in ± gain · √(6 / (fan_in + fan_out)): keeps the spread of values and of gradients, on average.

    >>> import nn
    >>> layer = nn.Linear(300, 200)
    >>> _ = nn.init.xavier_uniform_(layer.weight, gain=nn.init.calculate_gain("tanh"))
    >>> bool((abs(layer.weight.data) <= 5 / 3 * (6 / 500) ** 0.5).all())
    True
    """
    bound = gain * math.sqrt(6 / _at_least_one(sum(fans(tensor))))
    return uniform_(tensor, -bound, bound, generator)


def xavier_normal_(tensor: Any, gain: float = 1.0, generator: Generator | None = None) -> Any:
    """Normal with the standard deviation gain · √(2 / (fan_in + fan_out))."""
    return normal_(tensor, 0.0, gain * math.sqrt(2 / _at_least_one(sum(fans(tensor)))), generator)


def kaiming_uniform_(
    tensor: Any,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Any:
    """Uniform in ± gain · √(3 / fan_in): keeps the spread of values, or of gradients with `mode="fan_out"`.

    The gain is that of `nonlinearity`; `a` is leaky_relu's slope, 0 for relu itself.
    """
    bound = math.sqrt(3) * _kaiming_std(tensor, a, mode, nonlinearity)
    return uniform_(tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: Any,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: Generator | None = None,
) -> Any:
    """Normal with the standard deviation gain / √fan_in; see `kaiming_uniform_`."""
    return normal_(tensor, 0.0, _kaiming_std(tensor, a, mode, nonlinearity), generator)


def lecun_uniform_(tensor: Any, generator: Generator | None = None) -> Any:
    """Uniform in ± √(3 / fan_in): Kaiming's with a gain of 1."""
    return kaiming_uniform_(tensor, nonlinearity="linear", generator=generator)


def lecun_normal_(tensor: Any, generator: Generator | None = None) -> Any:
    """Normal with the standard deviation 1 / √fan_in: what selu wants."""
    return kaiming_normal_(tensor, nonlinearity="linear", generator=generator)


def fan_in_uniform_(array: ndarray, fan_in: int) -> None:
    """Uniform numbers in ±1/√fan_in: how PyTorch's layers begin. (Kaiming's with leaky_relu's slope √5.)

    A hundred rows at a time: of a weight of 100 million numbers all in float64, written into columns at once, would
    take six times as long and three times the memory.
    """
    bound = 1 / math.sqrt(fan_in) if fan_in else 0.0
    draw = current_generator().uniform
    for start in range(0, len(array), 100):
        rows = array[start : start + 100]
        rows[...] = draw(-bound, bound, rows.shape)


# By structure


def orthogonal_(tensor: Any, gain: float = 1.0, generator: Generator | None = None) -> Any:
    """Rows (or columns, where there are fewer) at right angles, each of length `gain`: no direction grows or shrinks.

    Of more axes than two, those after the first are taken as one.
    """
    shape = _axes(tensor, 2)
    rows, columns = shape[0], math.prod(shape[1:])
    if not rows * columns:
        return tensor
    drawn = _drawn(generator).normal(size=(max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(drawn)
    q *= np.where(np.diag(r) < 0, -1, 1)  # which makes every orthogonal matrix equally likely
    return _fill(tensor, gain * (q.T if rows < columns else q).reshape(shape))


def sparse_(tensor: Any, sparsity: float, std: float = 0.01, generator: Generator | None = None) -> Any:
    """Normal numbers, with a share `sparsity` of zeros in every column (Martens, 2010). Two axes."""
    rows, columns = _axes(tensor, 2, 2)
    draw = _drawn(generator)
    new = draw.normal(0.0, std, (rows, columns))
    zeros = math.ceil(sparsity * rows)
    new[draw.permuted(np.tile(np.arange(rows)[:, None], columns), axis=0)[:zeros], np.arange(columns)] = 0
    return _fill(tensor, new)


def eye_(tensor: Any) -> Any:
    """Ones on the diagonal: the layer hands on its input. Two axes."""
    rows, columns = _axes(tensor, 2, 2)
    return _fill(tensor, np.eye(rows, columns))


def dirac_(tensor: Any, groups: int = 1) -> Any:
    """The weights of a convolution that hands on its input: a one in the middle for each channel. Three to five axes.

    With `groups`, each group of output channels hands on the first input channels.
    """
    shape = _axes(tensor, 3, 5)
    if shape[0] % groups:
        raise ShapeError(f"dirac_: {shape[0]} output channels cannot be divided into {groups} groups.")
    new = np.zeros(shape)
    middle = tuple(n // 2 for n in shape[2:])
    outputs = shape[0] // groups
    for channel in range(min(outputs, shape[1])):
        at: Any = (slice(channel, None, outputs), channel, *middle)
        new[at] = 1
    return _fill(tensor, new)


def fans(tensor: Any) -> tuple[int, int]:
    """fan_in and fan_out of weights (out, in, ...): how many inputs each output has, and outputs each input."""
    outputs, inputs, *window = _axes(tensor, 2)
    return inputs * math.prod(window), outputs * math.prod(window)


def _kaiming_std(tensor: Any, a: float, mode: str, nonlinearity: str) -> float:
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"kaiming: mode must be 'fan_in' or 'fan_out', and is {mode!r}.")
    fan = fans(tensor)[mode == "fan_out"]
    return calculate_gain(nonlinearity, a) / math.sqrt(_at_least_one(fan))


def _at_least_one(fan: int) -> int:
    return fan or 1  # of weights without elements, where nothing depends on it


def _axes(tensor: Any, least: int, most: int = 99) -> tuple[int, ...]:
    shape = _array(tensor).shape
    if not least <= len(shape) <= most:
        wanted = f"{least}" if least == most else f"{least} or more" if most == 99 else f"{least} to {most}"
        raise ShapeError(f"weights with {wanted} axes are initialized so, and these have the shape {shape}.")
    return shape


def _array(tensor: Any) -> ndarray:
    array = tensor.data if isinstance(tensor, Node) and not isinstance(tensor, Value) else tensor
    if not isinstance(array, ndarray) or array.dtype.kind != "f":
        raise OperandError(f"nn.init fills Parameters and Tensors of floats in place, and got {tensor!r:.80}.")
    if isinstance(tensor, Node) and not tensor.is_leaf:
        raise OperandError("nn.init fills Tensors that you made, and not the results of operations.")
    return array


def _fill(tensor: Any, numbers: Any) -> Any:
    _array(tensor)[...] = numbers
    return tensor


def _drawn(generator: Generator | None) -> Generator:
    return current_generator() if generator is None else generator
