"""Linear, and the two layers that compute nothing: Identity and Flatten."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ShapeError, flatten
from nn.functional import linear
from nn.init import fan_in_uniform
from nn.module import Module
from nn.parameter import Parameter

__all__ = ["Flatten", "Identity", "Linear"]


class Linear(Module):
    """y = x @ weight.T + bias, a layer of neurons: from shape (..., in_features) to (..., out_features).

    `weight` is (out_features, in_features) and `bias` (out_features,), as in PyTorch; both start uniform in
    ±1/√in_features. The weights are float32 unless told otherwise. An input of float64 makes the result float64, by
    NumPy's rules: give float32 for speed.

    >>> import nn, numpy as np
    >>> layer = nn.Linear(3, 2)
    >>> layer(np.ones((5, 3), np.float32)).shape
    (5, 2)
    """

    def __init__(self, in_features: int, out_features: int, bias: bool = True, dtype: Any = np.float32) -> None:
        if in_features < 0 or out_features < 0:
            raise ShapeError(f"Linear({in_features}, {out_features}): the numbers of features cannot be negative.")
        self.in_features = in_features
        self.out_features = out_features
        self.weight = Parameter(fan_in_uniform((out_features, in_features), in_features, dtype))
        self.bias = Parameter(fan_in_uniform((out_features,), in_features, dtype)) if bias else None

    def forward(self, input: Any) -> Any:
        """Shape (..., in_features) to (..., out_features)."""
        return linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        """The sizes."""
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Identity(Module):
    """What comes in goes out: a place holder."""

    def forward(self, input: Any) -> Any:
        """The input."""
        return input


class Flatten(Module):
    """Axes start_dim to end_dim made into one: by default all but the first, which counts the examples.

    >>> import nn, numpy as np
    >>> nn.Flatten()(np.zeros((32, 8, 8))).shape
    (32, 64)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, input: Any) -> Any:
        """The same elements in fewer axes."""
        return flatten(input, self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        """The axes."""
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"
