"""Pooling along one, two or three axes, with the names and arguments of torch.nn.functional.

It is made of the largest element and of the sum of windows, see `pool`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np

from autograd.errors import ShapeError, describe, place
from autograd.rules.arithmetic import power
from autograd.rules.contraction import matmul
from autograd.rules.convolution import Sizes, alike, each
from autograd.rules.indexing import take_along_axis
from autograd.rules.piecewise import absolute, sign, where
from autograd.rules.pool import largest_at, max_pool, sum_pool
from autograd.rules.reduction import mean
from autograd.rules.scattering import put_rows
from autograd.rules.shaping import Shape, data_of, moveaxis, on_plain, reshape, shape_of

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "lp_pool1d",
    "lp_pool2d",
    "lp_pool3d",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
    "max_unpool1d",
    "max_unpool2d",
    "max_unpool3d",
]

Targets = int | Sequence[int | None] | None


def _batched(name: str, axes: int, x: Any) -> tuple[Any, Callable[[Any], Any]]:
    """The images with an axis N, and what takes it away again where there was none."""
    x = x if hasattr(x, "shape") else np.asarray(x)
    shape = shape_of(x)
    if len(shape) not in (axes + 1, axes + 2):
        raise ShapeError(f"{name} of {describe(x)}: images have {axes + 1} or {axes + 2} axes.{place()}")
    if len(shape) == axes + 2:
        return x, lambda y: y
    return reshape(x, (1, *shape)), lambda y: reshape(y, shape_of(y)[1:])


def _settings(
    name: str, x: Any, kernel: Sizes, stride: Sizes | None, padding: Sizes, dilation: Sizes, ceil_mode: bool
) -> dict[str, Shape]:
    size = shape_of(x)[2:]
    axes = len(size)
    sizes = each(kernel, axes, "kernel_size")
    steps = sizes if stride is None else each(stride, axes, "stride")
    around, spread = each(padding, axes, "padding"), each(dilation, axes, "dilation")
    if min(*sizes, *steps, *spread) < 1 or any(not 0 <= 2 * p <= k for p, k in zip(around, sizes, strict=True)):
        raise ShapeError(
            f"{name}: sizes, strides and dilations are positive, padding is at most half of kernel_size {sizes}, and "
            f"not {around}.{place()}"
        )
    counts = []
    for n, k, s, p, d in zip(size, sizes, steps, around, spread, strict=True):
        room = n + 2 * p - d * (k - 1) - 1
        count = (-(-room // s) if ceil_mode else room // s) + 1
        counts.append(count - (ceil_mode and (count - 1) * s >= n + p))  # no window begins behind the image
    if min(counts) < 1:
        raise ShapeError(f"{name} of {describe(x)}: windows of {sizes} do not fit.{place()}")
    return {"kernel": sizes, "stride": steps, "padding": around, "dilation": spread, "counts": tuple(counts)}


def _max(
    axes: int,
    x: Any,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    name = f"max_pool{axes}d"
    x, unbatched = _batched(name, axes, x)
    how = _settings(name, x, kernel_size, stride, padding, dilation, ceil_mode)
    y = max_pool(x, **how)
    if not return_indices:
        return unbatched(y)
    number = largest_at(x, y, **how)
    flat = np.zeros(number.shape, np.int64)
    within = np.unravel_index(number, how["kernel"])
    for k, n in enumerate(shape_of(x)[2:]):
        first = np.arange(how["counts"][k]) * how["stride"][k] - how["padding"][k]
        flat = flat * n + first.reshape(-1, *(1,) * (axes - 1 - k)) + within[k] * how["dilation"][k]
    return unbatched(y), unbatched(flat)


def _average(
    axes: int,
    x: Any,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Any:
    name = f"avg_pool{axes}d"
    x, unbatched = _batched(name, axes, x)
    how = _settings(name, x, kernel_size, stride, padding, 1, ceil_mode)
    size = shape_of(x)[2:]
    sizes = np.ones((), np.int64)  # how many elements each window has
    for n, k, s, p, m in zip(size, *(how[key] for key in ("kernel", "stride", "padding", "counts")), strict=True):
        start = np.arange(m) * s - p
        low, high = (-p, n + p) if count_include_pad else (0, n)
        sizes = sizes[..., None] * (np.minimum(start + k, high) - np.maximum(start, low))
    sizes = np.asarray(divisor_override) if divisor_override else sizes
    alike = sizes.size and (sizes == sizes.flat[0]).all()
    weight: Any = 1 / sizes.flat[0].item() if alike else (1 / sizes).astype(x.dtype)
    return unbatched(sum_pool(x, **how) * weight)


def _norm(
    axes: int, x: Any, norm_type: float, kernel_size: Sizes, stride: Sizes | None = None, ceil_mode: bool = False
) -> Any:
    count = prod(each(kernel_size, axes, "kernel_size"))
    mean = _average(axes, power(x, norm_type), kernel_size, stride, 0, ceil_mode)
    total = absolute(mean) * sign(mean) * count
    zero = data_of(total) == 0
    return where(zero, 0.0 * total, power(where(zero, 1.0, total), 1 / norm_type))


def _ends(n: int, m: int) -> tuple[Sequence[int], Sequence[int]]:
    """Where m windows that share out n elements start and stop."""
    return [i * n // m for i in range(m)], [-(-(i + 1) * n // m) for i in range(m)]


def _targets(name: str, axes: int, x: Any, output_size: Targets) -> Shape:
    sizes = (output_size,) * axes if output_size is None or isinstance(output_size, int) else tuple(output_size)
    if len(sizes) != axes:
        raise ShapeError(f"{name}: output_size {sizes} for {axes} spatial axes.{place()}")
    return tuple(n if m is None else m for n, m in zip(shape_of(x)[2:], sizes, strict=True))


def _adaptive_average(axes: int, x: Any, output_size: Targets) -> Any:
    name = f"adaptive_avg_pool{axes}d"
    x, unbatched = _batched(name, axes, x)
    target, size = _targets(name, axes, x, output_size), shape_of(x)[2:]
    if set(target) == {1}:
        return unbatched(mean(x, tuple(range(2, 2 + axes)), keepdims=True))
    for k, (n, m) in enumerate(zip(size, target, strict=True)):
        shares = np.zeros((n, m), x.dtype)  # of each element in the mean of each window, along this axis
        for i, (start, stop) in enumerate(zip(*_ends(n, m), strict=True)):
            shares[start:stop, i] = 1 / (stop - start)
        x = moveaxis(matmul(moveaxis(x, k + 2, -1), shares), -1, k + 2)
    return unbatched(x)


def _adaptive_max(axes: int, x: Any, output_size: Targets, return_indices: bool = False) -> Any:
    name = f"adaptive_max_pool{axes}d"
    x, unbatched = _batched(name, axes, x)
    target, size = _targets(name, axes, x, output_size), shape_of(x)[2:]
    if all(m and n % m == 0 for n, m in zip(size, target, strict=True)) and prod(size) <= 16 * prod(target):
        found = _max(axes, x, tuple(n // m for n, m in zip(size, target, strict=True)), return_indices=return_indices)
        return tuple(map(unbatched, found)) if return_indices else unbatched(found)
    index = _best_in_shares(x, target=target)
    row = (*shape_of(x)[:2], -1)
    y = unbatched(reshape(take_along_axis(reshape(x, row), reshape(index, row), -1), index.shape))
    return (y, unbatched(index)) if return_indices else y


@on_plain
def _best_in_shares(x: np.ndarray, target: Shape) -> np.ndarray:
    """Where in each image, counted row by row, the largest element of each window is."""
    size = x.shape[2:]
    number, index = np.arange(prod(size)).reshape(size), np.zeros((*x.shape[:2], *target), np.int64)
    ends = [_ends(n, m) for n, m in zip(size, target, strict=True)]
    for at in np.ndindex(target):
        window: Any = tuple(slice(starts[i], stops[i]) for i, (starts, stops) in zip(at, ends, strict=True))
        best = x[(..., *window)].reshape(*x.shape[:2], -1).argmax(-1)
        index[(..., *at)] = number[window].reshape(-1)[best]
    return index


def _unpool(
    axes: int,
    x: Any,
    indices: Any,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    output_size: Sequence[int] | None = None,
) -> Any:
    name = f"max_unpool{axes}d"
    x, unbatched = _batched(name, axes, x)
    sizes = each(kernel_size, axes, "kernel_size")
    steps, around = sizes if stride is None else each(stride, axes, "stride"), each(padding, axes, "padding")
    shape = shape_of(x)
    size = tuple((n - 1) * s - 2 * p + k for n, s, p, k in zip(shape[2:], steps, around, sizes, strict=True))
    size = size if output_size is None else tuple(output_size)[-axes:]
    index = data_of(indices).reshape(shape[0] * shape[1], -1)
    if index.size and not 0 <= index.min() <= index.max() < prod(size):
        raise ShapeError(f"{name}: indices from {index.min()} to {index.max()} do not fit into {size}.{place()}")
    y = put_rows(reshape(x, index.shape), index=index, size=prod(size))
    return unbatched(reshape(y, (*shape[:2], *size)))


# The functions themselves


def max_pool2d(
    input: Any,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest element of each window of the input (N, C, H, W) or (C, H, W), as torch.nn.functional.max_pool2d.

    `stride` is from one window to the next (None: windows side by side), `dilation` from one element of a window to the
    next. With `ceil_mode` a last window may stand over the edge. With `return_indices` there is a second result, where
    in the image (counted row by row) each element was. The derivative goes to the largest element, to the first of
    equal ones.

    >>> import autograd, numpy as np
    >>> x = autograd.Tensor(np.arange(16.0).reshape(1, 4, 4))
    >>> autograd.max_pool2d(x, 2).tolist()
    [[[5.0, 7.0], [13.0, 15.0]]]
    """
    return _max(2, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def avg_pool2d(
    input: Any,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Any:
    """The mean of each window of the input (N, C, H, W) or (C, H, W), as torch.nn.functional.avg_pool2d.

    Zeros of the padding count as elements unless `count_include_pad` is False; `divisor_override` is what to divide
    the sum by instead of the number of elements.
    """
    return _average(2, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


def lp_pool2d(
    input: Any, norm_type: float, kernel_size: Sizes, stride: Sizes | None = None, ceil_mode: bool = False
) -> Any:
    """(Σ xᵖ)^(1/p) of each window, p = `norm_type`, as torch.nn.functional.lp_pool2d; slope 0 where the sum is 0."""
    return _norm(2, input, norm_type, kernel_size, stride, ceil_mode)


def adaptive_avg_pool2d(input: Any, output_size: Targets) -> Any:
    """Means of so many windows as `output_size` says (None: as there are elements), which share out the image."""
    return _adaptive_average(2, input, output_size)


def adaptive_max_pool2d(input: Any, output_size: Targets, return_indices: bool = False) -> Any:
    """Largest elements of so many windows as `output_size` says, which share out the image."""
    return _adaptive_max(2, input, output_size, return_indices)


def max_unpool2d(
    input: Any,
    indices: Any,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    output_size: Sequence[int] | None = None,
) -> Any:
    """Elements put back to where max pooling found them, in zeros: the input and `indices` are its two results.

    Where windows overlap an element may come twice. As in PyTorch both then receive the whole gradient of their place.
    """
    return _unpool(2, input, indices, kernel_size, stride, padding, output_size)


_LINES, _ROOMS = "Along one axis.", "Along three axes."

max_pool1d, max_pool3d = alike(max_pool2d, 1, _max, _LINES), alike(max_pool2d, 3, _max, _ROOMS)
avg_pool1d, avg_pool3d = alike(avg_pool2d, 1, _average, _LINES), alike(avg_pool2d, 3, _average, _ROOMS)
lp_pool1d, lp_pool3d = alike(lp_pool2d, 1, _norm, _LINES), alike(lp_pool2d, 3, _norm, _ROOMS)
max_unpool1d, max_unpool3d = alike(max_unpool2d, 1, _unpool, _LINES), alike(max_unpool2d, 3, _unpool, _ROOMS)
adaptive_avg_pool1d = alike(adaptive_avg_pool2d, 1, _adaptive_average, _LINES)
adaptive_avg_pool3d = alike(adaptive_avg_pool2d, 3, _adaptive_average, _ROOMS)
adaptive_max_pool1d = alike(adaptive_max_pool2d, 1, _adaptive_max, _LINES)
adaptive_max_pool3d = alike(adaptive_max_pool2d, 3, _adaptive_max, _ROOMS)
