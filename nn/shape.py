"""Layers that only bring their input into another shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd
import nn.functional as functional
from autograd import ShapeError
from nn.functional.shape import shape_of
from nn.module import Module

__all__ = ["Flatten", "Fold", "Identity", "Unflatten", "Unfold"]

Sizes = int | Sequence[int]


class Identity(Module):
    """What comes in goes out: a place holder, which takes any arguments and forgets them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        pass

    def forward(self, input: Any) -> Any:
        """The input."""
        return input


class Flatten(Module):
    """Axes start_dim to end_dim made into one: by default all but the first, which counts the examples.

    >>> import nn, numpy as np
    >>> nn.Flatten()(np.zeros((32, 8, 8))).shape
    (32, 64)

    `input_shape`, that of one example, is Keras's: as the first layer of a Sequential it tells the others their sizes.
    """

    _shown = ("start_dim", "end_dim")

    def __init__(self, start_dim: int = 1, end_dim: int = -1, *, input_shape: Sequence[int] | None = None) -> None:
        self.start_dim = start_dim
        self.end_dim = end_dim
        self.input_shape = None if input_shape is None else tuple(input_shape)

    def forward(self, input: Any) -> Any:
        """The same elements in fewer axes."""
        return autograd.flatten(input, self.start_dim, self.end_dim)


class Unflatten(Module):
    """The axis `dim` made into several, of `unflattened_size`, in which one size may be -1: the inverse of Flatten.

    >>> import nn, numpy as np
    >>> nn.Unflatten(1, (1, 8, 8))(np.zeros((32, 64))).shape
    (32, 1, 8, 8)
    """

    _shown = ("dim", "unflattened_size")

    def __init__(self, dim: int, unflattened_size: Sequence[int]) -> None:
        if not isinstance(dim, int) or not all(isinstance(n, int | np.integer) for n in unflattened_size):
            raise ShapeError(f"Unflatten takes an axis and the sizes it is made into, not {dim!r}, {unflattened_size}.")
        self.dim = dim
        self.unflattened_size = tuple(unflattened_size)

    def forward(self, input: Any) -> Any:
        """The same elements in more axes."""
        shape = shape_of(input)
        if not -len(shape) <= self.dim < len(shape):
            raise ShapeError(
                f"Unflatten({self.dim}, {self.unflattened_size}) got shape {shape}, without axis {self.dim}."
            )
        axis = self.dim % len(shape)
        return autograd.reshape(input, (*shape[:axis], *self.unflattened_size, *shape[axis + 1 :]))


class Unfold(Module):
    """Patches of images as columns: (N, C, H, W) to (N, C · patch, number of patches).

    Patches are of `kernel_size` and `stride` apart, their elements `dilation`, with a border of zeros, `padding`. A
    convolution is a product of its kernels with these columns.
    """

    _shown = ("kernel_size", "dilation", "padding", "stride")

    def __init__(self, kernel_size: Sizes, dilation: Sizes = 1, padding: Sizes = 0, stride: Sizes = 1) -> None:
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, input: Any) -> Any:
        """(N, C, H, W) to (N, C · patch, number of patches)."""
        return functional.unfold(input, self.kernel_size, self.dilation, self.padding, self.stride)


class Fold(Module):
    """Columns added up to images of `output_size`, where patches overlap: the transpose of Unfold.

    >>> import nn, numpy as np
    >>> x = np.ones((1, 1, 3, 3))
    >>> nn.Fold((3, 3), kernel_size=2)(nn.Unfold(kernel_size=2)(x))[0, 0]
    array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]])
    """

    _shown = ("output_size", "kernel_size", "dilation", "padding", "stride")

    def __init__(
        self, output_size: Sizes, kernel_size: Sizes, dilation: Sizes = 1, padding: Sizes = 0, stride: Sizes = 1
    ) -> None:
        self.output_size = output_size
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, input: Any) -> Any:
        """(N, C · patch, number of patches) to (N, C, H, W)."""
        size = (self.output_size,) * 2 if isinstance(self.output_size, int) else self.output_size
        return functional.fold(input, size, self.kernel_size, self.dilation, self.padding, self.stride)
