"""Lazy layers: how many channels or features their input has, they learn from the first that they get.

Until then that number is 0, and their weights are empty; from then on they are ordinary layers, by class, too. So give
a model with lazy layers one example before you make an optimizer, load a state or count parameters.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

import nn.convolution as convolution
import nn.normalization as normalization
from autograd import ShapeError
from nn.functional.shape import shape_of
from nn.linear import Linear
from nn.module import Module

__all__ = [
    "LazyBatchNorm1d",
    "LazyBatchNorm2d",
    "LazyBatchNorm3d",
    "LazyConv1d",
    "LazyConv2d",
    "LazyConv3d",
    "LazyConvTranspose1d",
    "LazyConvTranspose2d",
    "LazyConvTranspose3d",
    "LazyInstanceNorm1d",
    "LazyInstanceNorm2d",
    "LazyInstanceNorm3d",
    "LazyLinear",
]


class _Lazy(Module):
    """What they have in common: a subclass has the class that it becomes, and how it learns what it does not know."""

    becomes: ClassVar[Any]

    def _learn(self, shape: tuple[int, ...]) -> None:
        raise NotImplementedError

    def forward(self, input: Any, *args: Any, **kwargs: Any) -> Any:
        """What the layer computes that it becomes."""
        self._learn(shape_of(input))
        self.__class__ = self.becomes
        layer: Any = self
        layer.reset_parameters()
        return layer.forward(input, *args, **kwargs)


class LazyLinear(_Lazy, Linear):
    """A Linear that takes `in_features` from its first input.

    >>> import nn, numpy as np
    >>> model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.LazyLinear(10))
    >>> model(np.ones((2, 1, 8, 8), np.float32)).shape
    (2, 10)
    >>> model[2]
    Linear(in_features=144, out_features=10, bias=True)
    """

    becomes = Linear

    def __init__(self, out_features: int, bias: bool = True, dtype: Any = np.float32) -> None:
        super().__init__(0, out_features, bias, dtype)

    def _learn(self, shape: tuple[int, ...]) -> None:
        self.in_features = shape[-1]
        self.weight.data = np.empty((self.out_features, self.in_features), self.weight.dtype)


class _LazyConvolution(_Lazy, convolution._Convolution):
    """Arguments are those of the layer that it becomes, without `in_channels`."""

    def __init__(self, out_channels: int, kernel_size: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(0, out_channels, kernel_size, *args, **kwargs)  # type: ignore[call-arg]

    def _learn(self, shape: tuple[int, ...]) -> None:
        if len(shape) not in (self.axes + 1, self.axes + 2):
            raise ShapeError(
                f"{type(self).__name__} takes {self.axes} spatial axes after the channels, and got {shape}."
            )
        self.in_channels = shape[-self.axes - 1]
        self.weight.data = np.empty(self._weight_shape(), self.weight.dtype)


class LazyConv1d(_LazyConvolution, convolution.Conv1d):
    """A Conv1d that takes `in_channels` from its first input."""

    becomes = convolution.Conv1d


class LazyConv2d(_LazyConvolution, convolution.Conv2d):
    """A Conv2d that takes `in_channels` from its first input."""

    becomes = convolution.Conv2d


class LazyConv3d(_LazyConvolution, convolution.Conv3d):
    """A Conv3d that takes `in_channels` from its first input."""

    becomes = convolution.Conv3d


class LazyConvTranspose1d(_LazyConvolution, convolution.ConvTranspose1d):
    """A ConvTranspose1d that takes `in_channels` from its first input."""

    becomes = convolution.ConvTranspose1d


class LazyConvTranspose2d(_LazyConvolution, convolution.ConvTranspose2d):
    """A ConvTranspose2d that takes `in_channels` from its first input."""

    becomes = convolution.ConvTranspose2d


class LazyConvTranspose3d(_LazyConvolution, convolution.ConvTranspose3d):
    """A ConvTranspose3d that takes `in_channels` from its first input."""

    becomes = convolution.ConvTranspose3d


class _LazyNorm(_Lazy, normalization._Running):
    def __init__(
        self,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        dtype: Any = np.float32,
        *,
        bias: bool = True,
    ) -> None:
        self._set(0, eps, momentum, affine, track_running_stats, dtype, bias)

    def _learn(self, shape: tuple[int, ...]) -> None:
        self._check_rank(shape)
        self.num_features = shape[self._channel(shape)]
        for p in self.parameters(recurse=False):
            p.data = np.empty(self.num_features, p.dtype)
        if self.track_running_stats:
            dtype = self.running_mean.dtype
            self.running_mean, self.running_var = np.empty((2, self.num_features), dtype)


class LazyBatchNorm1d(_LazyNorm, normalization.BatchNorm1d):
    """A BatchNorm1d that takes `num_features` from its first input."""

    becomes = normalization.BatchNorm1d


class LazyBatchNorm2d(_LazyNorm, normalization.BatchNorm2d):
    """A BatchNorm2d that takes `num_features` from its first input."""

    becomes = normalization.BatchNorm2d


class LazyBatchNorm3d(_LazyNorm, normalization.BatchNorm3d):
    """A BatchNorm3d that takes `num_features` from its first input."""

    becomes = normalization.BatchNorm3d


class LazyInstanceNorm1d(_LazyNorm, normalization.InstanceNorm1d):
    """An InstanceNorm1d that takes `num_features` from its first input."""

    becomes = normalization.InstanceNorm1d


class LazyInstanceNorm2d(_LazyNorm, normalization.InstanceNorm2d):
    """An InstanceNorm2d that takes `num_features` from its first input."""

    becomes = normalization.InstanceNorm2d


class LazyInstanceNorm3d(_LazyNorm, normalization.InstanceNorm3d):
    """An InstanceNorm3d that takes `num_features` from its first input."""

    becomes = normalization.InstanceNorm3d
