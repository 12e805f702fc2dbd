"""Activation functions, with the names and arguments of torch.nn.functional.

Here are those with a parameter or a kink of their own. `relu` and `leaky_relu` stand in piecewise, `sigmoid` and
`softplus` in exponential, `gelu` and `silu` in special. At a kink the slope is PyTorch's, as each doc says.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd.domain import DISTINCT, NONZERO, REAL, between, case
from autograd.errors import ShapeError, describe, place
from autograd.primitive import elementwise
from autograd.rules.choosing import choose
from autograd.rules.exponential import _softplus_array, _softplus_number, exp, sigmoid, softplus
from autograd.rules.network import softmax
from autograd.rules.piecewise import absolute, leaky_relu, relu, where
from autograd.rules.shaping import normalize_axes, reshape, shape_of
from autograd.rules.trigonometric import tanh

__all__ = [
    "celu",
    "elu",
    "glu",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "mish",
    "prelu",
    "relu6",
    "rrelu",
    "selu",
    "softmin",
    "softshrink",
    "softsign",
    "tanhshrink",
    "threshold",
]

_SCALE, _ALPHA = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717


def _below(x: Any) -> Any:
    """x below 0 and 0 above: what an exponential may be taken of without overflow."""
    return np.minimum(x, 0) if type(x) is np.ndarray else -relu(-x)


# Exponential linear units: x above 0, an exponential that bends towards a negative number below


def _elu_array(x: Any, alpha: float) -> Any:
    return np.maximum(x, 0) + alpha * np.expm1(np.minimum(x, 0))  # one of them is 0


def _elu_slope(y: Any, x: Any, alpha: float) -> Any:
    e = exp(_below(x))
    return e if alpha == 1 else where(x > 0, 1.0, alpha * e)


elu_of = elementwise(
    "elu",
    lambda x, alpha: x if x > 0 else alpha * math.expm1(x),
    _elu_array,
    _elu_slope,
    domain=[case(NONZERO(2, 3), alpha=1.0), case(NONZERO(2, 3), alpha=0.7)],
    doc="y = x above 0, alpha (eˣ - 1) from 0 down; slope alpha at 0 (Clevert et al., 2015).",
)
celu_of = elementwise(
    "celu",
    lambda x, alpha: x if x > 0 else alpha * math.expm1(x / alpha),
    lambda x, alpha: np.maximum(x, 0) + alpha * np.expm1(np.minimum(x, 0) / alpha),
    lambda y, x, alpha: exp(_below(x) / alpha),
    domain=[case(NONZERO(2, 3), alpha=1.0), case(NONZERO(2, 3), alpha=0.7)],
    doc="y = x above 0, alpha (e^(x / alpha) - 1) from 0 down; slope 1 at 0 (Barron, 2017).",
)
selu = elementwise(
    "selu",
    lambda x: _SCALE * (x if x > 0 else _ALPHA * math.expm1(x)),
    lambda x: _SCALE * _elu_array(x, _ALPHA),
    lambda y, x: _SCALE * _elu_slope(y, x, _ALPHA),
    domain=(NONZERO,),
    doc="y = 1.0507 elu(x) with alpha = 1.6733, which keeps mean 0 and variance 1 (Klambauer et al., 2017).",
)


def elu(x: Any, alpha: float = 1.0) -> Any:
    """x above 0, alpha (eˣ - 1) from 0 down.

    >>> import autograd
    >>> round(autograd.elu(-1.0), 4)
    -0.6321
    """
    return elu_of(x, alpha=alpha)


def celu(x: Any, alpha: float = 1.0) -> Any:
    """x above 0, alpha (e^(x / alpha) - 1) from 0 down: smooth for every alpha."""
    return celu_of(x, alpha=alpha)


# Smooth ones


def _mish_slope(y: Any, x: Any) -> Any:
    t = tanh(softplus(x))
    return t + x * (1 - t * t) * sigmoid(x)


mish = elementwise(
    "mish",
    lambda x: x * math.tanh(_softplus_number(x)),
    lambda x: x * np.tanh(_softplus_array(x)),
    _mish_slope,
    domain=(REAL,),
    doc="y = x tanh(ln(1 + eˣ)) (Misra, 2019).",
)
softsign = elementwise(
    "softsign",
    lambda x: x / (1.0 + abs(x)),
    lambda x: x / (1 + np.abs(x)),
    lambda y, x: 1 / (1 + absolute(x)) / (1 + absolute(x)),
    domain=(NONZERO,),
    doc="y = x / (1 + |x|), which goes from -1 to 1, slower than tanh.",
)
tanhshrink = elementwise(
    "tanhshrink",
    lambda x: x - math.tanh(x),
    lambda x: x - np.tanh(x),
    lambda y, x: tanh(x) * tanh(x),
    domain=(REAL,),
    doc="y = x - tanh x",
)

# Piecewise linear ones

hardtanh_of = elementwise(
    "hardtanh",
    lambda x, min_val, max_val: min(max(x, min_val), max_val),
    lambda x, min_val, max_val: np.clip(x, min_val, max_val),
    lambda y, x, min_val, max_val: (x > min_val) * (x < max_val),
    domain=[case(REAL(2, 3), min_val=-1.05, max_val=1.05)],
    doc="x kept between min_val and max_val; slope 0 at both, where that of clip is 1.",
)
hardsigmoid = elementwise(
    "hardsigmoid",
    lambda x: min(max(x + 3.0, 0.0), 6.0) / 6.0,
    lambda x: np.clip(x + 3, 0, 6) / 6,
    lambda y, x: where((x > -3) * (x < 3), 1 / 6, 0.0 * y),
    domain=(between(-6.2, 6.2, "(-6, 6)"),),
    doc="y = (x + 3) / 6 kept between 0 and 1; slope 0 at -3 and 3.",
)
hardswish = elementwise(
    "hardswish",
    lambda x: 0.0 if x <= -3 else x * (min(x + 3.0, 6.0) / 6.0),
    lambda x: choose(x <= -3, 0, x * (np.minimum(x + 3, 6) / 6)),
    lambda y, x: where(x <= -3, 0.0, where(x >= 3, 1.0, x / 3 + 0.5)),
    domain=(between(-6.2, 6.2, "(-6, 6)"),),
    doc="y = x hardsigmoid(x) (Howard et al., 2019).",
)
softshrink_of = elementwise(
    "softshrink",
    lambda x, lambd: 0.0 if -lambd <= x <= lambd else x - math.copysign(lambd, x),
    lambda x, lambd: choose(np.abs(x) <= lambd, 0, x - np.copysign(lambd, x)),
    lambda y, x, lambd: (absolute(x) <= lambd) == 0,
    domain=[case(NONZERO(2, 3), lambd=0.1), case(DISTINCT(2, 3), lambd=0.5)],
    doc="x, nearer to 0 by lambd, and 0 from -lambd to lambd, where the slope is 0.",
)
hardshrink_of = elementwise(
    "hardshrink",
    lambda x, lambd: 0.0 if -lambd <= x <= lambd else x,
    lambda x, lambd: choose(np.abs(x) <= lambd, 0, x),
    lambda y, x, lambd: (absolute(x) <= lambd) == 0,
    domain=[case(NONZERO(2, 3), lambd=0.1), case(DISTINCT(2, 3), lambd=0.5)],
    doc="x, and 0 from -lambd to lambd, where the slope is 0.",
)
threshold_of = elementwise(
    "threshold",
    lambda x, threshold, value: value if x <= threshold else x,
    lambda x, threshold, value: choose(x <= threshold, value, x),
    lambda y, x, threshold, value: (x <= threshold) == 0,
    domain=[case(DISTINCT(2, 3), threshold=0.0, value=-2.0)],
    doc="x above the threshold, and a fixed value up to it, where the slope is 0.",
)
prelu_of = elementwise(
    "prelu",
    lambda x, weight: x if x > 0 else weight * x,
    lambda x, weight: choose(x > 0, x, weight * x),
    lambda y, x, weight: where(x > 0, 1.0, weight),
    lambda y, x, weight: where(x > 0, 0.0, x),
    domain=(NONZERO, REAL),
    doc="y = x above 0, weight x from 0 down; slope weight at 0 (He et al., 2015).",
)


def hardtanh(x: Any, min_val: float = -1.0, max_val: float = 1.0) -> Any:
    """x kept between min_val and max_val, with slope 0 at both.

    >>> import autograd
    >>> autograd.hardtanh(3.0)
    1.0
    """
    return hardtanh_of(x, min_val=min_val, max_val=max_val)


def relu6(x: Any) -> Any:
    """x kept between 0 and 6, with slope 0 at both."""
    return hardtanh_of(x, min_val=0.0, max_val=6.0)


def softshrink(x: Any, lambd: float = 0.5) -> Any:
    """x, nearer to 0 by lambd, and 0 from -lambd to lambd."""
    return softshrink_of(x, lambd=lambd)


def hardshrink(x: Any, lambd: float = 0.5) -> Any:
    """x, and 0 from -lambd to lambd."""
    return hardshrink_of(x, lambd=lambd)


def threshold(x: Any, threshold: float, value: float) -> Any:
    """x above the threshold, a fixed value up to it."""
    return threshold_of(x, threshold=threshold, value=value)


def rrelu(x: Any, lower: float = 1 / 8, upper: float = 1 / 3) -> Any:
    """The leaky relu that a randomized one is after training: its slope below 0 is the mean of lower and upper."""
    return leaky_relu(x, (lower + upper) / 2)


def prelu(x: Any, weight: Any) -> Any:
    """x above 0, weight · x from 0 down, where the weight is learned: one number, or one for each channel, axis 1.

    >>> import autograd
    >>> autograd.prelu(-2.0, 0.25)
    -0.5
    """
    size, shape = shape_of(weight), shape_of(x)
    if size not in ((), (1,)) and len(shape) > 1:
        if size != (shape[1],):
            raise ShapeError(
                f"prelu of {describe(x)} needs one weight, or {shape[1]}, one for each channel (axis 1), and got "
                f"{describe(weight)}.{place()}"
            )
        weight = reshape(weight, (-1, *(1 for _ in shape[2:])))
    if not shape and size:
        weight = reshape(weight, ())
    return prelu_of(x, weight)


# Along an axis


def glu(x: Any, axis: int = -1) -> Any:
    """The first half of x along an axis, times the sigmoid of the second (Dauphin et al., 2016).

    >>> import autograd
    >>> autograd.glu([3.0, 0.0])
    array([1.5])
    """
    x = x if hasattr(x, "shape") else np.asarray(x)
    shape = shape_of(x)
    (k,) = normalize_axes(axis, len(shape))
    if shape[k] % 2:
        raise ShapeError(f"glu of {describe(x)}: axis {axis} has {shape[k]} elements, which has no half.{place()}")
    ahead, half = (slice(None),) * k, shape[k] // 2
    return x[(*ahead, slice(half))] * sigmoid(x[(*ahead, slice(half, None))])


def softmin(x: Any, axis: int = -1) -> Any:
    """softmax(-x): the smallest has the most."""
    return softmax(-x, axis)
