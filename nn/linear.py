"""Linear: a layer of neurons, as one product of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd import ShapeError
from nn.functional import bilinear, linear
from nn.init import fan_in_uniform_
from nn.module import Module
from nn.parameter import Parameter

__all__ = ["Bilinear", "Linear"]


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
        # In Fortran's order of memory, the weight.T that inputs are multiplied by is in C's, which BLAS is faster with.
        self.weight = Parameter(np.empty((out_features, in_features), dtype, order="F"))
        self.bias = Parameter(np.empty(out_features, dtype)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new weights, uniform in ±1/√in_features."""
        for p in self.parameters(recurse=False):
            fan_in_uniform_(p.data, self.in_features)

    def forward(self, input: Any) -> Any:
        """Shape (..., in_features) to (..., out_features)."""
        return linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        """The sizes."""
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Bilinear(Module):
    """y[k] = x1ᵀ weight[k] x2 + bias[k]: how two inputs go together; from (..., in1) and (..., in2) to (..., out).

    `weight` is (out_features, in1_features, in2_features); it and `bias` start uniform in ±1/√in1_features.

    >>> import nn, numpy as np
    >>> nn.Bilinear(3, 4, 2)(np.ones((5, 3), np.float32), np.ones((5, 4), np.float32)).shape
    (5, 2)
    """

    def __init__(
        self, in1_features: int, in2_features: int, out_features: int, bias: bool = True, dtype: Any = np.float32
    ) -> None:
        if in1_features < 1 or in2_features < 0 or out_features < 0:
            raise ShapeError(f"Bilinear({in1_features}, {in2_features}, {out_features}): sizes are positive numbers.")
        self.in1_features = in1_features
        self.in2_features = in2_features
        self.out_features = out_features
        self.weight = Parameter(np.empty((out_features, in1_features, in2_features), dtype))
        self.bias = Parameter(np.empty(out_features, dtype)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new weights, uniform in ±1/√in1_features."""
        for p in self.parameters(recurse=False):
            fan_in_uniform_(p.data, self.in1_features)

    def forward(self, input1: Any, input2: Any) -> Any:
        """(..., in1) and (..., in2) to (..., out)."""
        return bilinear(input1, input2, self.weight, self.bias)

    def extra_repr(self) -> str:
        """The sizes."""
        sizes = f"in1_features={self.in1_features}, in2_features={self.in2_features}"
        return f"{sizes}, out_features={self.out_features}, bias={self.bias is not None}"
