"""Convolution along one, two or three axes, and its transpose, with the names and arguments of torch.nn.functional.

Convolution is linear in the images and in the kernels. So there are three primitives, the convolution and its
transposes by the one and by the other, and each has the other two for derivatives: that closes the circle, and
derivatives of every order are convolutions.

    convolution(x, w)         y[o, p] = Σ x[c, s p + d k] w[o, c, k]    over channels c and places k in the kernel
    convolution_input(g, w)   what x gets back from y: itself a layer, the "transposed convolution"
    convolution_kernel(x, g)  what w gets back from y

Like everybody's, these are correlations: the kernel is not turned round. How they are computed stands in
`columns`, `depthwise` and `winograd`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from math import prod
from typing import Any, ParamSpec

import numpy as np
from numpy import ndarray

from autograd.domain import REAL, case
from autograd.errors import ShapeError, describe, place
from autograd.primitive import Primitive, general
from autograd.rules import columns, depthwise, winograd
from autograd.rules.columns import Shape, Walk
from autograd.rules.padding import pad
from autograd.rules.reduction import sum
from autograd.rules.shaping import broadcast, reshape, shape_of

__all__ = ["conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"]

Sizes = int | Sequence[int]


def _is_tiled(x: Any, w: Any, kernel: Shape, size: Shape, how: Walk) -> bool:
    """Whether Winograd's way is possible (two axes, step by step, in one precision) and pays (channels, and pixels)."""
    return (
        type(x) is type(w) is ndarray
        and x.dtype == w.dtype
        and x.dtype.kind == "f"
        and len(kernel) == 2
        and 2 <= kernel[0] <= 5
        and how[0] == how[2] == (1, 1)
        and how.groups == 1
        and min(map(min, how.padding)) >= 0
        and min(x.shape[1], w.shape[1], *size) >= 6
        and len(x) * prod(size) >= 4 * max(x.shape[1], w.shape[1])
    )


def _way(inputs: int, how: Walk) -> Any:
    """The module whose functions are the fastest for kernels of so many inputs."""
    return depthwise if inputs == 1 and how.groups > 1 else columns


def _lows(how: Walk) -> Any:
    return how.padding[0][0], how.padding[1][0]


def _convolution_array(x: ndarray, w: ndarray, *bias: ndarray, **settings: Any) -> ndarray:
    how = Walk(**settings)
    size: Any = how.counts(x.shape[2:], w.shape[2:])
    b = bias[0].reshape(-1, *(1,) * len(size)) if bias else None
    if _is_tiled(x, w, w.shape[2:], size, how) and (b is None or b.dtype == x.dtype):
        return winograd.forward(x, w, b, size, _lows(how))
    y: ndarray = _way(w.shape[1], how).convolved(x, w, how)
    if b is not None:
        y = np.add(y, b, out=y if b.dtype == y.dtype else None)
    return y


def _input_array(g: ndarray, w: ndarray, size: Shape, **settings: Any) -> Any:
    how = Walk(**settings)
    kernel: Any = w.shape[2:]
    if _is_tiled(g, w, kernel, g.shape[2:], how):
        return winograd.transposed(g, None, w, (len(g), w.shape[1], *size), kernel, _lows(how))[0]
    return _way(w.shape[1], how).to_input(g, w, size, how)


def _kernel_array(x: ndarray, g: ndarray, size: Any, **settings: Any) -> Any:
    how = Walk(**settings)
    if _is_tiled(x, g, size, g.shape[2:], how):
        return winograd.transposed(g, x, None, x.shape, size, _lows(how))[1]
    return _way(x.shape[1] // how.groups, how).to_kernel(x, g, size, how)


def _convolution_back(g: Any, y: Any, x: Any, w: Any, *bias: Any, wanted: Sequence[bool], **how: Any) -> list[Any]:
    size: Any = shape_of(x)[2:]
    kernel: Any = shape_of(w)[2:]
    walk = Walk(**how)
    if wanted[0] and wanted[1] and type(x) is ndarray and _is_tiled(g, w, kernel, g.shape[2:], walk):
        found: list[Any] = [
            *winograd.transposed(g, x, w, x.shape, kernel, _lows(walk))
        ]  # which share what becomes of g
    else:
        found = [
            by_input(g, w, size=size, **how) if wanted[0] else None,
            by_kernel(x, g, size=kernel, **how) if wanted[1] else None,
        ]
    if bias:
        found.append(_of_channels(g) if wanted[2] else None)
    return found


def _of_channels(g: Any) -> Any:
    """The sum of each channel: (O). Sums along rows are products with vectors, which are faster."""
    shape = shape_of(g)
    if type(g) is ndarray and g.dtype.kind == "f" and g.size:
        rows = g.reshape(*shape[:2], -1)
        return (rows @ np.ones(rows.shape[2], g.dtype)).sum(0)
    return sum(g, (0, *range(2, len(shape))))


def _convolution_forward(ts: Sequence[Any], y: Any, x: Any, w: Any, *bias: Any, **how: Any) -> Any:
    parts = [convolution(a, b, **how) for a, b in ((ts[0], w), (x, ts[1])) if a is not None and b is not None]
    if bias and ts[2] is not None:
        parts.append(broadcast(_as_channels(ts[2], y), shape=shape_of(y)))
    t = parts[0]
    for part in parts[1:]:
        t = t + part
    return t


def _as_channels(b: Any, y: Any) -> Any:
    """A row of numbers, one for each channel, in a shape that is broadcast to y."""
    return reshape(b, (-1, *(1,) * (len(shape_of(y)) - 2)))


_LINE = {"stride": (2,), "padding": ((1, 0),), "dilation": (2,), "groups": 2}
_PLANE = {"stride": (1, 1), "padding": ((1, 1), (0, 2)), "dilation": (1, 1), "groups": 1}
_POINT = {"stride": (1,), "padding": ((0, 0),), "dilation": (1,), "groups": 1}

convolution: Primitive = general(
    "convolution",
    _convolution_array,
    _convolution_back,
    _convolution_forward,
    domain=[
        case(REAL(2, 2, 3, 4), REAL(3, 2, 3, 2), REAL(3), **_PLANE),
        case(REAL(2, 4, 8), REAL(2, 2, 3), **_LINE),
        case(REAL(2, 3, 4), REAL(2, 3, 1), **_POINT),
    ],
    doc="Images (N, C, ...) with kernels (O, C / groups, ...), and a bias (O) if there is one: (N, O, places).",
)
convolution.joint_vjp = _convolution_back

by_input: Primitive = general(
    "convolution_input",
    _input_array,
    (
        lambda h, y, g, w, size, **how: convolution(h, w, **how),
        lambda h, y, g, w, size, **how: by_kernel(h, g, size=shape_of(w)[2:], **how),
    ),
    (
        lambda t, y, g, w, **how: by_input(t, w, **how),
        lambda t, y, g, w, **how: by_input(g, t, **how),
    ),
    domain=[
        case(REAL(2, 3, 3, 5), REAL(3, 2, 3, 2), size=(3, 4), **_PLANE),
        case(REAL(2, 2, 3), REAL(2, 2, 3), size=(8,), **_LINE),
        case(REAL(2, 2, 4), REAL(2, 3, 1), size=(4,), **_POINT),
    ],
    doc="The transpose of convolution by its images: (N, O, places) with kernels, added up to images of that size.",
)
by_kernel: Primitive = general(
    "convolution_kernel",
    _kernel_array,
    (
        lambda h, y, x, g, size, **how: by_input(g, h, size=shape_of(x)[2:], **how),
        lambda h, y, x, g, size, **how: convolution(x, h, **how),
    ),
    (
        lambda t, y, x, g, **how: by_kernel(t, g, **how),
        lambda t, y, x, g, **how: by_kernel(x, t, **how),
    ),
    domain=[
        case(REAL(2, 2, 3, 4), REAL(2, 3, 3, 5), size=(3, 2), **_PLANE),
        case(REAL(2, 4, 8), REAL(2, 2, 3), size=(3,), **_LINE),
        case(REAL(2, 3, 4), REAL(2, 2, 4), size=(1,), **_POINT),
    ],
    doc="The transpose of convolution by its kernels: images and (N, O, places) give kernels of that size.",
)


# With PyTorch's arguments

P = ParamSpec("P")


def alike(like: Callable[P, Any], axes: int, function: Callable[..., Any], doc: str) -> Callable[P, Any]:
    """A function along another number of axes, which it is told, with the signature of the one along two."""

    @wraps(like)
    def along(*args: P.args, **settings: P.kwargs) -> Any:
        if "input" in settings:
            return function(axes, settings.pop("input"), *args, **settings)
        return function(axes, *args, **settings)

    along.__name__ = along.__qualname__ = like.__name__.replace("2d", f"{axes}d")
    along.__doc__ = f"{doc} See `{like.__name__}`."
    return along


def each(n: Sizes, count: int, what: str) -> Shape:
    """One number for each of `count` spatial axes. Errors: ShapeError when there are others."""
    found = (int(n),) * count if isinstance(n, int | np.integer) else tuple(map(int, n))
    if len(found) == 1:
        found *= count
    if len(found) != count:
        raise ShapeError(f"{what} {found} for {count} spatial axes: give one number, or one for each.{place()}")
    return found


def _paddings(padding: Sizes | str, kernel: Shape, stride: Shape, dilation: Shape, name: str) -> tuple[Any, ...]:
    if padding == "valid":
        return ((0, 0),) * len(kernel)
    if padding == "same":
        if prod(stride) != 1:
            raise ShapeError(f'{name}: padding "same" needs stride 1, not {stride}.{place()}')
        total = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
        return tuple((n // 2, n - n // 2) for n in total)
    if isinstance(padding, str):
        raise ShapeError(f'{name}: padding is "same", "valid", or numbers, not {padding!r}.{place()}')
    return tuple((n, n) for n in each(padding, len(kernel), "padding"))


def _fitting(name: str, x: Any, weight: Any, bias: Any, axes: int, inputs: int, outputs: int) -> tuple[Any, bool]:
    """The images with an axis N, and whether they had none. Errors: ShapeError where channels do not fit."""
    shape, kernel = shape_of(x), shape_of(weight)
    if len(kernel) != axes + 2 or len(shape) not in (axes + 1, axes + 2):
        raise ShapeError(
            f"{name} of {describe(x)} with kernels {describe(weight)}: images have {axes + 1} or {axes + 2} axes, "
            f"kernels have {axes + 2}.{place()}"
        )
    if shape[-axes - 1] != inputs or (bias is not None and shape_of(bias) != (outputs,)):
        of_bias = "" if bias is None else f" and bias {describe(bias)}"
        raise ShapeError(
            f"{name} of {describe(x)} with kernels {describe(weight)}{of_bias}: these kernels and groups take "
            f"{inputs} channels and give {outputs}.{place()}"
        )
    single = len(shape) == axes + 1
    return (reshape(x, (1, *shape)) if single else x), single


def _grouped(name: str, groups: int, channels: int) -> None:
    if groups < 1 or channels % groups:
        raise ShapeError(f"{name}: {channels} channels cannot be made into {groups} equal groups.{place()}")


def _conv(
    axes: int,
    x: Any,
    weight: Any,
    bias: Any = None,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Any:
    name = f"conv{axes}d"
    outputs, inputs, *kernel = shape_of(weight) if len(shape_of(weight)) > 1 else (0, 0)
    x, single = _fitting(name, x, weight, bias, axes, inputs * groups, outputs)
    _grouped(name, groups, outputs)
    steps, spread = each(stride, axes, "stride"), each(dilation, axes, "dilation")
    around = _paddings(padding, tuple(kernel), steps, spread, name)
    biases = () if bias is None else (bias,)
    y = convolution(x, weight, *biases, stride=steps, padding=around, dilation=spread, groups=groups)
    return reshape(y, shape_of(y)[1:]) if single else y


def _conv_transpose(
    axes: int,
    x: Any,
    weight: Any,
    bias: Any = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
) -> Any:
    name = f"conv_transpose{axes}d"
    inputs, outputs, *kernel = shape_of(weight) if len(shape_of(weight)) > 1 else (0, 0)
    x, single = _fitting(name, x, weight, bias, axes, inputs, outputs * groups)
    _grouped(name, groups, inputs)
    steps, spread = each(stride, axes, "stride"), each(dilation, axes, "dilation")
    paddings, more = each(padding, axes, "padding"), each(output_padding, axes, "output_padding")
    if any(m >= max(s, d) or m < 0 for m, s, d in zip(more, steps, spread, strict=True)):
        raise ShapeError(
            f"{name}: output_padding {more} must be less than stride {steps} or dilation {spread}.{place()}"
        )
    reach = [(n - 1) * s + d * (k - 1) + 1 for n, s, d, k in zip(shape_of(x)[2:], steps, spread, kernel, strict=True)]
    around = tuple((p, max(p - m, 0)) for p, m in zip(paddings, more, strict=True))
    size = tuple(n - low - high for n, (low, high) in zip(reach, around, strict=True))
    if min(size) < 1:
        raise ShapeError(f"{name} of {describe(x)}: with padding {paddings} nothing is left.{place()}")
    y = by_input(x, weight, size=size, stride=steps, padding=around, dilation=spread, groups=groups)
    beyond = [(0, max(m - p, 0)) for p, m in zip(paddings, more, strict=True)]  # where no kernel reaches
    y = pad(y, [(0, 0), (0, 0), *beyond]) if any(map(any, beyond)) else y
    y = y if bias is None else y + _as_channels(bias, y)
    return reshape(y, shape_of(y)[1:]) if single else y


def conv2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Any:
    """Input (N, C, H, W) or (C, H, W), kernels (O, C / groups, KH, KW), as torch.nn.functional.conv2d: (N, O, places).

    `padding` is a number of zeros on both sides, "valid" for none, or "same" for results as large as the input. Each
    is the sum over a window, times a kernel; windows are `stride` apart, their elements `dilation`.

    Errors: ShapeError where channels do not fit. Cost: three products of matrices, one forward and two backward. With
    stride 1, kernels of two to five rows on six channels or more take half as many multiplications, and round two to
    three times as much: in float32 the results are exact to about 1e-6 of their spread.

    >>> import autograd, numpy as np
    >>> x = autograd.Tensor(np.arange(9.0).reshape(1, 1, 3, 3))
    >>> edge = np.array([[[[-1.0, 1.0]]]])
    >>> autograd.conv2d(x, edge).tolist()
    [[[[1.0, 1.0], [1.0, 1.0], [1.0, 1.0]]]]
    """
    return _conv(2, input, weight, bias, stride, padding, dilation, groups)


def conv_transpose2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
) -> Any:
    """Input (N, C, H, W) or (C, H, W), kernels (C, O / groups, KH, KW), as torch.nn.functional.conv_transpose2d.

    Each element puts its multiple of a kernel into the result, `stride` on from that of its neighbour; `padding`
    elements are cut off at all sides, `output_padding` of them less at the end. So it makes images larger that a
    convolution of the same settings makes smaller.

    >>> import autograd, numpy as np
    >>> x = autograd.Tensor([[[1.0, 2.0]]])
    >>> autograd.conv_transpose1d(x, np.ones((1, 1, 2)), stride=3).tolist()
    [[[1.0, 1.0, 0.0, 2.0, 2.0]]]
    """
    return _conv_transpose(2, input, weight, bias, stride, padding, output_padding, groups, dilation)


conv1d = alike(conv2d, 1, _conv, "Input (N, C, L) or (C, L), kernels (O, C / groups, K): (N, O, places).")
conv3d = alike(conv2d, 3, _conv, "Input (N, C, D, H, W) or (C, D, H, W), kernels (O, C / groups, KD, KH, KW).")
conv_transpose1d = alike(conv_transpose2d, 1, _conv_transpose, "Input (N, C, L) or (C, L), kernels (C, O / groups, K).")
conv_transpose3d = alike(
    conv_transpose2d, 3, _conv_transpose, "Input (N, C, D, H, W) or (C, D, H, W), kernels (C, O / groups, KD, KH, KW)."
)
