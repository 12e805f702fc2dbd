"""SeriesCNN: a convolutional network along one axis, time."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd import ShapeError
from nn.activation import ReLU
from nn.container import Sequential
from nn.convolution import Conv1d
from nn.linear import Linear
from nn.module import Module
from nn.pooling import AdaptiveAvgPool1d
from nn.shape import Flatten

__all__ = ["SeriesCNN"]


class SeriesCNN(Sequential):
    """Slides small windows along a series (N, L, input_size) of any length, and answers once: (N, output_size).

    Each of the `layers` is a convolution of 3 steps that lie 1, 2, 4, ... apart, padded with zeros so that the length
    stays, with a relu behind it: after k of them an element knows of 2^(k+1) - 1 steps (WaveNet, van den Oord et al.,
    2016; Bai et al., 2018). The answer is a linear function of the mean of each channel. With I inputs, C channels, k
    layers and O outputs there are C(3I + 1) + (k - 1) C(3C + 1) + O(C + 1) parameters.

    >>> import nn, numpy as np
    >>> model = nn.models.SeriesCNN(1, 1, channels=16)
    >>> model(np.zeros((4, 24, 1), np.float32)).shape, model.num_parameters
    ((4, 1), 1649)
    """

    def __init__(
        self, input_size: int, output_size: int, *, channels: int = 32, layers: int = 3, dtype: Any = np.float32
    ) -> None:
        if layers < 1:
            raise ShapeError(f"SeriesCNN(..., layers={layers}): give at least one layer.")
        parts: list[Module] = [ChannelsFirst()]
        for i in range(layers):
            apart, before = 2**i, channels if i else input_size
            parts += [Conv1d(before, channels, 3, padding=apart, dilation=apart, dtype=dtype), ReLU()]
        super().__init__(*parts, AdaptiveAvgPool1d(1), Flatten(), Linear(channels, output_size, dtype=dtype))


class ChannelsFirst(Module):
    """(N, L, features) to (N, features, L), as convolutions want it."""

    def forward(self, x: Any) -> Any:
        """The two axes change places."""
        if np.ndim(x) != 3:
            raise ShapeError(
                f"a series is read as (N, L, features), and this has shape {np.shape(x)}.\n"
                "  Of one feature it is x[:, :, None], of one series x[None]."
            )
        return autograd.swapaxes(x, 1, 2)
