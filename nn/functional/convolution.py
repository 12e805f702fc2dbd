"""Convolutions as functions, and patches of images as columns, under PyTorch's names and with its arguments.

Images have the axes (N, C, H, W): example, channel, row, column. Sequences have (N, C, L) and volumes (N, C, D, H, W).
Without the axis N a single example is meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import autograd

__all__ = [
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "fold",
    "unfold",
]

Sizes = int | Sequence[int]


def conv1d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Any:
    """Input (N, C, L) with kernels (O, C / groups, K) gives (N, O, places). See `conv2d`."""
    return autograd.conv1d(input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Any:
    """Input (N, C, H, W) with kernels (O, C / groups, KH, KW) gives (N, O, places).

    Each result is the sum over a window of the input, times a kernel. Windows are `stride` apart, their elements
    `dilation`; `padding` zeros stand around, or as many as make the result as large as the input ("same"), or none
    ("valid"). With `groups` the channels are that many groups, each with its own kernels.

    >>> import autograd, nn
    >>> x = autograd.Tensor([[[1.0, 4.0, 9.0, 16.0]]])
    >>> nn.functional.conv1d(x, [[[-1.0, 1.0]]]).tolist()
    [[[3.0, 5.0, 7.0]]]
    """
    return autograd.conv2d(input, weight, bias, stride, padding, dilation, groups)


def conv3d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Any:
    """Input (N, C, D, H, W) with kernels (O, C / groups, KD, KH, KW) gives (N, O, places). See `conv2d`."""
    return autograd.conv3d(input, weight, bias, stride, padding, dilation, groups)


def conv_transpose1d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
) -> Any:
    """Input (N, C, L) with kernels (C, O / groups, K) gives (N, O, places). See `conv_transpose2d`."""
    return autograd.conv_transpose1d(input, weight, bias, stride, padding, output_padding, groups, dilation)


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
    """Input (N, C, H, W) with kernels (C, O / groups, KH, KW) gives (N, O, places).

    Each element of the input puts its multiple of a kernel into the result, `stride` on from that of its neighbour;
    `padding` elements are cut off at all sides, `output_padding` fewer at the end. So it makes images larger that a
    convolution of the same settings makes smaller.

    >>> import autograd, nn
    >>> x = autograd.Tensor([[[1.0, 2.0]]])
    >>> nn.functional.conv_transpose1d(x, [[[1.0, 1.0]]], stride=3).tolist()
    [[[1.0, 1.0, 0.0, 2.0, 2.0]]]
    """
    return autograd.conv_transpose2d(input, weight, bias, stride, padding, output_padding, groups, dilation)


def conv_transpose3d(
    input: Any,
    weight: Any,
    bias: Any = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
) -> Any:
    """Input (N, C, D, H, W) with kernels (C, O / groups, KD, KH, KW) gives (N, O, places). See `conv_transpose2d`."""
    return autograd.conv_transpose3d(input, weight, bias, stride, padding, output_padding, groups, dilation)


def unfold(input: Any, kernel_size: Sizes, dilation: Sizes = 1, padding: Sizes = 0, stride: Sizes = 1) -> Any:
    """Patches of images as columns: (N, C, H, W) to (N, C · patch, number of patches)."""
    return autograd.unfold(input, kernel_size, dilation, padding, stride)


def fold(
    input: Any, output_size: Sizes, kernel_size: Sizes, dilation: Sizes = 1, padding: Sizes = 0, stride: Sizes = 1
) -> Any:
    """Columns (N, C · patch, number of patches) added up to images (N, C, H, W): the transpose of `unfold`."""
    return autograd.fold(input, output_size, kernel_size, dilation, padding, stride)
