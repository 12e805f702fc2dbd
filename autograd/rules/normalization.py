"""Normalisation: batch, layer, group, instance, RMS, with the names and arguments of torch.nn.functional.

All of them are one primitive. Of x, along some axes, take away the mean and divide by the spread; then scale and shift:

    n = (x - μ) r,    r = 1 / √(σ² + eps),    y = n w + b

The closed form of its derivative by x, for a cotangent u = g w, is

    r (u - mean(u) - n mean(u n))

in which mean(u) is missing where μ is (RMS). The Jacobian of n is symmetric, so that a tangent t takes the same form.
(Ioffe and Szegedy, 2015; Ba, Kiros and Hinton, 2016; Zhang and Sennrich, 2019.)
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.domain import REAL, case
from autograd.errors import OperandError, ShapeError, describe, place
from autograd.primitive import general, is_batched
from autograd.rules import normalizing
from autograd.rules.exponential import rsqrt
from autograd.rules.norm import vector_norm
from autograd.rules.padding import pad
from autograd.rules.piecewise import maximum
from autograd.rules.pooling import avg_pool2d
from autograd.rules.reduction import add_reduce, mean
from autograd.rules.shaping import Shape, broadcast, data_of, reshape, shape_of, sum_to

__all__ = [
    "batch_norm",
    "group_norm",
    "instance_norm",
    "layer_norm",
    "local_response_norm",
    "normalize",
    "rms_norm",
]


def _array(x: ndarray, *rest: ndarray, axes: Shape, eps: float, centered: bool, scaled: bool, saved: Any) -> Any:
    weight, bias = _named(rest, scaled)
    way = normalizing.way(x, axes, rest)
    if way is None:
        n = prod(x.shape[axis] for axis in axes)
        middle = add_reduce(x, axes, None, None, True) / n if centered else 0
        y = x - middle if centered else x
        square = add_reduce(y * y, axes, None, None, True) / n
        y = y * (1 / np.sqrt(square + eps))
        y = y if weight is None else y * weight
        y = y if bias is None else y + bias
    else:
        y, (middle, square) = way.forward(weight, bias, eps, centered)
    if saved is not None:
        saved[:] = middle, square
    return y


def _named(rest: Sequence[Any], scaled: bool) -> tuple[Any, Any]:
    """Weight and bias, or None for what there is not."""
    weight = rest[0] if scaled else None
    return weight, rest[-1] if len(rest) > scaled else None


def _back(
    g: Any, y: Any, x: Any, *rest: Any, wanted: Sequence[bool], axes: Shape, scaled: bool, **how: Any
) -> list[Any]:
    weight, bias = _named(rest, scaled)
    way = None
    if type(g) is type(x) is ndarray and how["saved"] and g.dtype == x.dtype:
        way = normalizing.way(x, axes, rest)
    if isinstance(way, normalizing.Layers) and how["saved"][1].shape != (x.size // way.n,):
        way = None  # forwards the weights had another dtype, and it went the other way
    if way:
        found: Any = way.back(g, weight, bias, how["saved"], how["eps"], how["centered"])
    else:
        n, r = _standard(x, axes, how["eps"], how["centered"])
        found = (
            _along(g if weight is None else g * weight, n, r, axes, how["centered"]) if wanted[0] else None,
            None if weight is None else sum_to(g * n, shape=shape_of(weight)),
            None if bias is None else sum_to(g, shape=shape_of(bias)),
        )
    return [found[0], *([found[1]] if weight is not None else []), *([found[2]] if bias is not None else [])]


def _forward(ts: Sequence[Any], y: Any, x: Any, *rest: Any, axes: Shape, scaled: bool, **how: Any) -> Any:
    weight, _ = _named(rest, scaled)
    dw, db = _named(ts[1:], scaled)
    n, r = _standard(x, axes, how["eps"], how["centered"])
    terms = []
    if ts[0] is not None:
        t = _along(ts[0], n, r, axes, how["centered"])
        terms.append(t if weight is None else t * weight)
    if dw is not None:
        terms.append(n * dw)
    if db is not None:
        terms.append(broadcast(db, shape=shape_of(x)))
    t = terms[0]
    for term in terms[1:]:
        t = t + term
    return t


def _standard(x: Any, axes: Shape, eps: float, centered: bool) -> tuple[Any, Any]:
    """n and r, made of operations that can be differentiated themselves."""
    d = x - mean(x, axes, True) if centered else x
    r = rsqrt(mean(d * d, axes, True) + eps)
    return d * r, r


def _along(u: Any, n: Any, r: Any, axes: Shape, centered: bool) -> Any:
    """The derivative of n by x, times u."""
    left = u - n * mean(u * n, axes, True)
    return r * (left - mean(u, axes, True)) if centered else r * left


_LAYER = {"axes": (1,), "eps": 0.1, "centered": True, "scaled": True, "saved": None}
normalization = general(
    "normalization",
    _array,
    _back,
    _forward,
    domain=[
        case(REAL(3, 4), REAL(4), REAL(4), **_LAYER),
        case(REAL(3, 4), **(_LAYER | {"centered": False, "scaled": False})),
        case(REAL(3, 2, 2), REAL(2, 1), REAL(2, 1), **(_LAYER | {"axes": (0, 2)})),
        case(REAL(2, 3), REAL(3), **(_LAYER | {"scaled": False})),
    ],
    doc="(x - mean) / √(variance + eps) along axes, times a weight and plus a bias where there are such.",
)
normalization.joint_vjp = _back


def _normalized(
    x: Any, weight: Any, bias: Any, axes: Shape, eps: float, *, centered: bool = True, saved: Any = None
) -> Any:
    rest = [a for a in (weight, bias) if a is not None]
    saved = [] if saved is None else saved
    return normalization(x, *rest, axes=axes, eps=eps, centered=centered, scaled=weight is not None, saved=saved)


# With PyTorch's arguments


def layer_norm(
    x: Any, normalized_shape: int | Sequence[int], weight: Any = None, bias: Any = None, eps: float = 1e-5
) -> Any:
    """Mean 0 and variance 1 along the last axes, which are of `normalized_shape`; weight and bias have that shape.

    >>> import autograd, numpy as np
    >>> autograd.layer_norm(autograd.Tensor([[1.0, 3.0], [2.0, 2.0]]), 2, eps=0.0 + 1e-12).data.round(6)
    array([[-1.,  1.],
           [ 0.,  0.]])
    """
    return _normalized(x, weight, bias, _last("layer_norm", x, normalized_shape, weight, bias), eps)


def rms_norm(x: Any, normalized_shape: int | Sequence[int], weight: Any = None, eps: float | None = None) -> Any:
    """x / √(mean x² + eps) along the last axes, times the weight; eps None is the dtype's own."""
    axes = _last("rms_norm", x, normalized_shape, weight, None)
    return _normalized(x, weight, None, axes, float(np.finfo(x.dtype).eps) if eps is None else eps, centered=False)


def _last(name: str, x: Any, normalized_shape: int | Sequence[int], *rest: Any) -> Shape:
    sizes = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
    shape = shape_of(x)
    if not sizes or shape[-len(sizes) :] != sizes or any(a is not None and shape_of(a) != sizes for a in rest):
        of_rest = "".join(f", {describe(a)}" for a in rest if a is not None)
        raise ShapeError(
            f"{name} of {describe(x)}{of_rest}: the last axes, weight and bias must be of shape {sizes}.{place()}"
        )
    return tuple(range(len(shape) - len(sizes), len(shape)))


def _channels(name: str, x: Any, *rest: Any) -> list[Any]:
    """Rows of one number a channel (axis 1), in shapes that broadcast to x."""
    shape = shape_of(x)
    if len(shape) < 2 or any(a is not None and shape_of(a) != shape[1:2] for a in rest):
        of_rest = "".join(f", {describe(a)}" for a in rest if a is not None)
        raise ShapeError(
            f"{name} of {describe(x)}{of_rest}: there must be one number for each channel, axis 1.{place()}"
        )
    return [None if a is None else reshape(a, (-1, *(1,) * (len(shape) - 2))) for a in rest]


def group_norm(x: Any, num_groups: int, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Any:
    """Mean 0 and variance 1 in each of `num_groups` groups of the channels of each x (N, C, ...)."""
    weight, bias = _channels("group_norm", x, weight, bias)
    shape = shape_of(x)
    if num_groups < 1 or shape[1] % num_groups:
        raise ShapeError(f"group_norm of {describe(x)}: no {num_groups} equal groups of {shape[1]} channels.{place()}")
    grouped = (num_groups, shape[1] // num_groups, 1)
    weight, bias = (None if a is None else reshape(a, grouped) for a in (weight, bias))
    x = reshape(x, (shape[0], *grouped[:2], prod(shape[2:])))
    return reshape(_normalized(x, weight, bias, (2, 3), eps), shape)


def batch_norm(
    x: Any,
    running_mean: Any,
    running_var: Any,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """Mean 0 and variance 1 in each channel of x (N, C, ...), then times weight (C) and plus bias (C).

    While `training`, mean and variance are the batch's own, and move the running ones (which may be None) towards
    them, in place: by `momentum`, with the unbiased variance. After training the running ones take their place, and
    are constants.
    """
    weight, bias = _channels("batch_norm", x, weight, bias)
    shape = shape_of(x)
    if not training:
        return _with_running(x, running_mean, running_var, weight, bias, eps, "batch_norm")
    n = shape[0] * prod(shape[2:])
    if n == 1:
        raise ShapeError(f"batch_norm of {describe(x)}: one value a channel has no variance to train with.{place()}")
    saved: list[ndarray] = []
    y = _normalized(x, weight, bias, (0, *range(2, len(shape))), eps, saved=saved)
    _move(running_mean, running_var, momentum, n, *saved)
    return y


def instance_norm(
    x: Any,
    running_mean: Any = None,
    running_var: Any = None,
    weight: Any = None,
    bias: Any = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """Mean 0 and variance 1 in each channel of each x (N, C, ...); arguments as `batch_norm` has them."""
    weight, bias = _channels("instance_norm", x, weight, bias)
    shape = shape_of(x)
    if not use_input_stats:
        return _with_running(x, running_mean, running_var, weight, bias, eps, "instance_norm")
    n = prod(shape[2:])
    if n == 1:
        raise ShapeError(f"instance_norm of {describe(x)}: one value a channel has no variance.{place()}")
    saved: list[ndarray] = []
    y = _normalized(x, weight, bias, tuple(range(2, len(shape))), eps, saved=saved)
    _move(running_mean, running_var, momentum, n, *(a.reshape(shape[:2]).mean(0) for a in saved))
    return y


def _with_running(x: Any, middle: Any, square: Any, weight: Any, bias: Any, eps: float, name: str) -> Any:
    if middle is None or square is None:
        raise ShapeError(f"{name} without the input's own statistics needs running_mean and running_var.{place()}")
    middle, square = _channels(name, x, data_of(middle), data_of(square))
    scale: Any = 1 / np.sqrt(square + eps)
    y = (x - middle) * (scale if weight is None else weight * scale)
    return y if bias is None else y + bias


def _move(running_mean: Any, running_var: Any, momentum: float, n: int, middle: ndarray, square: ndarray) -> None:
    """Running statistics moved on, in place."""
    if is_batched(middle) and (running_mean is not None or running_var is not None):
        raise OperandError(
            f"running statistics inside vmap: every example would move them, and there are none of its own.{place()}\n"
            "  Take the batch's own alone (track_running_stats=False, or None for both), or the running ones: eval()."
        )
    for running, now in ((running_mean, middle), (running_var, square * (n / (n - 1)))):
        if running is not None:
            kept = data_of(running)
            kept += momentum * (now.reshape(kept.shape) - kept)


def local_response_norm(x: Any, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Any:
    """x / (k + alpha · mean of the squares of `size` channels around)ᵝ, for x (N, C, ...) (Krizhevsky et al., 2012)."""
    shape = shape_of(x)
    if len(shape) < 3:
        raise ShapeError(f"local_response_norm of {describe(x)}: images have three axes or more.{place()}")
    squares = reshape(x * x, (shape[0], 1, shape[1], prod(shape[2:])))
    squares = pad(squares, [(0, 0), (0, 0), (size // 2, (size - 1) // 2), (0, 0)])
    around = reshape(avg_pool2d(squares, (size, 1), 1), shape)
    return x / (k + alpha * around) ** beta


def normalize(x: Any, p: float = 2.0, axis: int = 1, eps: float = 1e-12) -> Any:
    """x / max(‖x‖, eps), the norm of order p along an axis: vectors of length 1."""
    return x / maximum(vector_norm(x, p, axis, True), eps)
