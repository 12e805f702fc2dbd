"""Pooling as functions, under PyTorch's names and with its arguments: each window of an image becomes one number.

Images are (N, C, H, W), sequences (N, C, L), volumes (N, C, D, H, W); without the axis N a single example is meant.
`kernel_size` is the size of a window, `stride` is from one window to the next (None: windows side by side).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import autograd

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

Sizes = int | Sequence[int]
Targets = int | None | Sequence[int | None]

# The largest of a window


def max_pool1d(
    input: Any,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest of each window: see `max_pool2d`."""
    return autograd.max_pool1d(input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool2d(
    input: Any,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest of each window.

    Windows have a border of `padding` around the image that never is the largest, and elements `dilation` apart; with
    `ceil_mode` a last window may stand over the edge. With `return_indices` there is a second result: where in the
    image, counted row by row, each element was. Gradients go to the largest element, the first of equal ones.
    """
    return autograd.max_pool2d(input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool3d(
    input: Any,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest of each window: see `max_pool2d`."""
    return autograd.max_pool3d(input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def adaptive_max_pool1d(input: Any, output_size: Targets, return_indices: bool = False) -> Any:
    """The largest of each of `output_size` windows: see `adaptive_max_pool2d`."""
    return autograd.adaptive_max_pool1d(input, output_size, return_indices)


def adaptive_max_pool2d(input: Any, output_size: Targets, return_indices: bool = False) -> Any:
    """The largest of each of `output_size` windows, which share out the image."""
    return autograd.adaptive_max_pool2d(input, output_size, return_indices)


def adaptive_max_pool3d(input: Any, output_size: Targets, return_indices: bool = False) -> Any:
    """The largest of each of `output_size` windows: see `adaptive_max_pool2d`."""
    return autograd.adaptive_max_pool3d(input, output_size, return_indices)


def max_unpool1d(
    input: Any,
    indices: Any,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    output_size: Sequence[int] | None = None,
) -> Any:
    """Elements put back to where max pooling found them: see `max_unpool2d`."""
    return autograd.max_unpool1d(input, indices, kernel_size, stride, padding, output_size)


def max_unpool2d(
    input: Any,
    indices: Any,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    output_size: Sequence[int] | None = None,
) -> Any:
    """Elements put back to where max pooling found them, in zeros; `input` and `indices` are its two results."""
    return autograd.max_unpool2d(input, indices, kernel_size, stride, padding, output_size)


def max_unpool3d(
    input: Any,
    indices: Any,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    output_size: Sequence[int] | None = None,
) -> Any:
    """Elements put back to where max pooling found them: see `max_unpool2d`."""
    return autograd.max_unpool3d(input, indices, kernel_size, stride, padding, output_size)


# Means and norms of a window


def avg_pool1d(
    input: Any,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Any:
    """The mean of each window: see `avg_pool2d`."""
    return autograd.avg_pool1d(input, kernel_size, stride, padding, ceil_mode, count_include_pad)


def avg_pool2d(
    input: Any,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Any:
    """The mean of each window.

    Zeros of the padding count as elements, unless `count_include_pad` is False; `divisor_override` is what to divide
    sums by instead of the number of elements.
    """
    return autograd.avg_pool2d(input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


def avg_pool3d(
    input: Any,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Any:
    """The mean of each window: see `avg_pool2d`."""
    return autograd.avg_pool3d(input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


def adaptive_avg_pool1d(input: Any, output_size: Targets) -> Any:
    """Means of `output_size` windows: see `adaptive_avg_pool2d`."""
    return autograd.adaptive_avg_pool1d(input, output_size)


def adaptive_avg_pool2d(input: Any, output_size: Targets) -> Any:
    """Means of `output_size` windows, which share out the image; None is as many as there are elements."""
    return autograd.adaptive_avg_pool2d(input, output_size)


def adaptive_avg_pool3d(input: Any, output_size: Targets) -> Any:
    """Means of `output_size` windows: see `adaptive_avg_pool2d`."""
    return autograd.adaptive_avg_pool3d(input, output_size)


def lp_pool1d(
    input: Any, norm_type: float, kernel_size: Sizes, stride: Sizes | None = None, ceil_mode: bool = False
) -> Any:
    """(Σ xᵖ)^(1/p) of each window, p = `norm_type`: see `lp_pool2d`."""
    return autograd.lp_pool1d(input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool2d(
    input: Any, norm_type: float, kernel_size: Sizes, stride: Sizes | None = None, ceil_mode: bool = False
) -> Any:
    """(Σ xᵖ)^(1/p) of each window, p = `norm_type`."""
    return autograd.lp_pool2d(input, norm_type, kernel_size, stride, ceil_mode)


def lp_pool3d(
    input: Any, norm_type: float, kernel_size: Sizes, stride: Sizes | None = None, ceil_mode: bool = False
) -> Any:
    """(Σ xᵖ)^(1/p) of each window, p = `norm_type`: see `lp_pool2d`."""
    return autograd.lp_pool3d(input, norm_type, kernel_size, stride, ceil_mode)
