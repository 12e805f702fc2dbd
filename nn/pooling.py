"""Pooling layers: each window of a sequence, an image or a volume becomes one number. They have no parameters.

Inputs are (N, C, ...): examples, channels, and one, two or three spatial axes; without the axis N a single example is
meant. `stride` is from one window to the next; by default windows stand side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np

import nn.functional as functional
from autograd import ShapeError
from nn.module import Module

__all__ = [
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "FractionalMaxPool2d",
    "FractionalMaxPool3d",
    "LPPool1d",
    "LPPool2d",
    "LPPool3d",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "MaxUnpool1d",
    "MaxUnpool2d",
    "MaxUnpool3d",
]

Sizes = int | Sequence[int]


class _Pool(Module):
    """What all have in common: a subclass has the function."""

    function: ClassVar[Callable[..., Any]]


class _MaxPool(_Pool):
    _shown = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        dilation: Sizes = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode

    def forward(self, input: Any) -> Any:
        """(N, C, ...) to (N, C, places); with `return_indices` also where each element was."""
        settings = (self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices)
        return self.function(input, *settings)


class MaxPool1d(_MaxPool):
    """The largest of each window of sequences: see `MaxPool2d`."""

    function = staticmethod(functional.max_pool1d)


class MaxPool2d(_MaxPool):
    """The largest of each window of images (N, C, H, W); gradients go to it alone, the first of equal ones.

    Windows may have a border of `padding` around the image, elements `dilation` apart, and with `ceil_mode` stand over
    the edge. With `return_indices` there is a second result, for `MaxUnpool2d`: where each element was.

    >>> import nn, numpy as np
    >>> nn.MaxPool2d(2)(np.arange(16.0).reshape(1, 1, 4, 4)).tolist()
    [[[[5.0, 7.0], [13.0, 15.0]]]]
    """

    function = staticmethod(functional.max_pool2d)


class MaxPool3d(_MaxPool):
    """The largest of each window of volumes: see `MaxPool2d`."""

    function = staticmethod(functional.max_pool3d)


class _MaxUnpool(_Pool):
    _shown = ("kernel_size", "stride", "padding")
    axes: ClassVar[int]

    def __init__(self, kernel_size: Sizes, stride: Sizes | None = None, padding: Sizes = 0) -> None:
        self.kernel_size = self._each(kernel_size)
        self.stride = self.kernel_size if stride is None else self._each(stride)
        self.padding = self._each(padding)

    def _each(self, n: Sizes) -> tuple[int, ...]:
        return (n,) * self.axes if isinstance(n, int) else tuple(n)

    def forward(self, input: Any, indices: Any, output_size: Sequence[int] | None = None) -> Any:
        """The two results of max pooling to (N, C, ...); `output_size` chooses among the possible sizes."""
        return self.function(input, indices, self.kernel_size, self.stride, self.padding, output_size)


class MaxUnpool1d(_MaxUnpool):
    """Elements put back to where MaxPool1d found them, in zeros: see `MaxUnpool2d`."""

    axes = 1
    function = staticmethod(functional.max_unpool1d)


class MaxUnpool2d(_MaxUnpool):
    """Elements put back to where MaxPool2d, with the same arguments, found them, in zeros.

    >>> import nn, numpy as np
    >>> y, indices = nn.MaxPool2d(2, return_indices=True)(np.arange(16.0).reshape(1, 1, 4, 4))
    >>> nn.MaxUnpool2d(2)(y, indices)[0, 0]
    array([[ 0.,  0.,  0.,  0.],
           [ 0.,  5.,  0.,  7.],
           [ 0.,  0.,  0.,  0.],
           [ 0., 13.,  0., 15.]])
    """

    axes = 2
    function = staticmethod(functional.max_unpool2d)


class MaxUnpool3d(_MaxUnpool):
    """Elements put back to where MaxPool3d found them, in zeros: see `MaxUnpool2d`."""

    axes = 3
    function = staticmethod(functional.max_unpool3d)


class AvgPool1d(_Pool):
    """The mean of each window of sequences: see `AvgPool2d`."""

    _shown = ("kernel_size", "stride", "padding")
    function = staticmethod(functional.avg_pool1d)

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        self.kernel_size = _alone(kernel_size)
        self.stride = self.kernel_size if stride is None else _alone(stride)
        self.padding = _alone(padding)
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad

    def forward(self, input: Any) -> Any:
        """(N, C, L) to (N, C, places)."""
        settings = (self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad)
        return self.function(input, *settings)


def _alone(n: Sizes) -> tuple[int, ...]:
    return (n,) if isinstance(n, int) else tuple(n)


class _AvgPool(_Pool):
    _shown = ("kernel_size", "stride", "padding")

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad
        self.divisor_override = divisor_override

    def forward(self, input: Any) -> Any:
        """(N, C, ...) to (N, C, places)."""
        settings = (self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad)
        return self.function(input, *settings, self.divisor_override)


class AvgPool2d(_AvgPool):
    """The mean of each window of images (N, C, H, W).

    Zeros of the padding count as elements, unless `count_include_pad` is False; `divisor_override` is what to divide
    sums by instead of the number of elements.
    """

    function = staticmethod(functional.avg_pool2d)


class AvgPool3d(_AvgPool):
    """The mean of each window of volumes: see `AvgPool2d`."""

    function = staticmethod(functional.avg_pool3d)


class _LPPool(_Pool):
    _shown = ("norm_type", "kernel_size", "stride", "ceil_mode")

    def __init__(
        self, norm_type: float, kernel_size: Sizes, stride: Sizes | None = None, ceil_mode: bool = False
    ) -> None:
        self.norm_type = norm_type
        self.kernel_size = kernel_size
        self.stride = stride
        self.ceil_mode = ceil_mode

    def forward(self, input: Any) -> Any:
        """(N, C, ...) to (N, C, places)."""
        return self.function(input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode)


class LPPool1d(_LPPool):
    """(Σ xᵖ)^(1/p) of each window of sequences: see `LPPool2d`."""

    function = staticmethod(functional.lp_pool1d)


class LPPool2d(_LPPool):
    """(Σ xᵖ)^(1/p) of each window of images, p = `norm_type`: 1 is the sum, and the larger, the nearer to the largest.

    The root of a sum below 0 is nan: give it numbers that are not negative, or an even p.
    """

    function = staticmethod(functional.lp_pool2d)


class LPPool3d(_LPPool):
    """(Σ xᵖ)^(1/p) of each window of volumes: see `LPPool2d`."""

    function = staticmethod(functional.lp_pool3d)


class _AdaptiveAvgPool(_Pool):
    _shown = ("output_size",)

    def __init__(self, output_size: Any) -> None:
        self.output_size = output_size

    def forward(self, input: Any) -> Any:
        """(N, C, ...) to (N, C, output_size)."""
        return self.function(input, self.output_size)


class AdaptiveAvgPool1d(_AdaptiveAvgPool):
    """The means of `output_size` windows, which share out a sequence."""

    function = staticmethod(functional.adaptive_avg_pool1d)


class AdaptiveAvgPool2d(_AdaptiveAvgPool):
    """The means of `output_size` windows, (rows, columns), which share out an image of any size.

    A single number is for both axes; None is as many as there are. AdaptiveAvgPool2d(1) is the mean of all.
    """

    function = staticmethod(functional.adaptive_avg_pool2d)


class AdaptiveAvgPool3d(_AdaptiveAvgPool):
    """The means of `output_size` windows, which share out a volume."""

    function = staticmethod(functional.adaptive_avg_pool3d)


class _AdaptiveMaxPool(_Pool):
    _shown = ("output_size",)

    def __init__(self, output_size: Any, return_indices: bool = False) -> None:
        self.output_size = output_size
        self.return_indices = return_indices

    def forward(self, input: Any) -> Any:
        """(N, C, ...) to (N, C, output_size); with `return_indices` also where each element was."""
        return self.function(input, self.output_size, self.return_indices)


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """The largest of `output_size` windows, which share out a sequence."""

    function = staticmethod(functional.adaptive_max_pool1d)


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """The largest of `output_size` windows, (rows, columns), which share out an image of any size."""

    function = staticmethod(functional.adaptive_max_pool2d)


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    """The largest of `output_size` windows, which share out a volume."""

    function = staticmethod(functional.adaptive_max_pool3d)


class _FractionalMaxPool(_Pool):
    _random_samples: Any

    def __init__(
        self,
        kernel_size: Sizes,
        output_size: Sizes | None = None,
        output_ratio: float | Sequence[float] | None = None,
        return_indices: bool = False,
        _random_samples: Any = None,
    ) -> None:
        if (output_size is None) == (output_ratio is None):
            raise ShapeError(f"{type(self).__name__} needs one of output_size and output_ratio.")
        if output_ratio is not None and not 0 < np.min(output_ratio) <= np.max(output_ratio) < 1:
            raise ShapeError(f"{type(self).__name__}: output_ratio lies between 0 and 1, and is {output_ratio}.")
        self.kernel_size = kernel_size
        self.output_size = output_size
        self.output_ratio = output_ratio
        self.return_indices = return_indices
        self.register_buffer("_random_samples", _random_samples)

    def forward(self, input: Any) -> Any:
        """(N, C, ...) to (N, C, output_size); with `return_indices` also where each element was."""
        settings = (self.kernel_size, self.output_size, self.output_ratio, self.return_indices, self._random_samples)
        return self.function(input, *settings)


class FractionalMaxPool2d(_FractionalMaxPool):
    """The largest of windows that share out images in steps drawn by chance (Graham, 2014).

    Give the number of windows, `output_size`, or what to multiply the size of the image by, `output_ratio`.
    """

    function = staticmethod(functional.fractional_max_pool2d)


class FractionalMaxPool3d(_FractionalMaxPool):
    """The same for volumes: see `FractionalMaxPool2d`."""

    function = staticmethod(functional.fractional_max_pool3d)
