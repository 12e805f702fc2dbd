"""Convolutional layers for sequences, images and volumes, and their transposes, which make images larger.

Inputs are (N, C, ...): examples, channels, and one, two or three spatial axes; without the axis N a single example is
meant. The weights start uniform in ±1/√(what each output is a sum of), as in PyTorch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any, ClassVar, NoReturn

import numpy as np

import nn.functional as functional
from autograd import ShapeError
from nn.functional.shape import shape_of
from nn.init import fan_in_uniform_
from nn.module import Module
from nn.parameter import Parameter

__all__ = ["Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"]

Sizes = int | Sequence[int]


class _Convolution(Module):
    """What all have in common; a subclass has the number of spatial axes and the function."""

    axes: ClassVar[int]
    function: ClassVar[Callable[..., Any]]
    transposed = False
    padding: Any  # a name, or one number for each spatial axis
    output_padding: tuple[int, ...] = ()

    def _set(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes,
        padding: Sizes | str,
        dilation: Sizes,
        groups: int,
        bias: bool,
        padding_mode: str,
        dtype: Any,
    ) -> None:
        name = type(self).__name__
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = self._each(kernel_size, "kernel_size")
        self.stride = self._each(stride, "stride")
        self.padding = padding if isinstance(padding, str) else self._each(padding, "padding")
        self.dilation = self._each(dilation, "dilation")
        self.groups = groups
        self.padding_mode = padding_mode
        if min(self.kernel_size + self.stride + self.dilation) < 1:
            raise ShapeError(f"{name}: kernel_size, stride and dilation are at least 1: {self.extra_repr()}.")
        self.weight = Parameter(np.empty(self._weight_shape(), dtype))
        self.bias = Parameter(np.empty(out_channels, dtype)) if bias else None
        self.reset_parameters()

    def _weight_shape(self) -> tuple[int, ...]:
        if self.groups < 1 or self.in_channels % self.groups or self.out_channels % self.groups:
            raise ShapeError(
                f"{type(self).__name__}: {self.groups} groups do not share out {self.in_channels} channels in and "
                f"{self.out_channels} out."
            )
        rows, columns = self.out_channels, self.in_channels
        rows, columns = (columns, rows) if self.transposed else (rows, columns)
        return rows, columns // self.groups, *self.kernel_size

    def reset_parameters(self) -> None:
        """Draw new weights, uniform in ±1/√(what each output is a sum of)."""
        inputs = prod(self.weight.shape[1:])
        for p in self.parameters(recurse=False):
            fan_in_uniform_(p.data, inputs)

    def _each(self, n: Sizes, what: str) -> tuple[int, ...]:
        """One number for each spatial axis."""
        found = (n,) * self.axes if isinstance(n, int | np.integer) else tuple(n)
        found = found * self.axes if len(found) == 1 else found
        if len(found) != self.axes:
            raise ShapeError(f"{type(self).__name__}: {what} {found} for {self.axes} spatial axes.")
        return tuple(map(int, found))

    def _explain(self, error: ShapeError, input: Any) -> NoReturn:
        """The error of a function, with what most often is the cause."""
        shape, ndim, channels = shape_of(input), self.axes + 2, self.in_channels
        wanted = f"(N, {channels}, {', '.join({1: 'L', 2: 'HW', 3: 'DHW'}[self.axes])})"
        hint = ""
        if len(shape) == ndim and shape[-1] == channels != shape[1]:
            hint = f"\n  The channels seem to be last: x.transpose{(0, ndim - 1, *range(1, ndim - 1))}."
        elif len(shape) == ndim - 1 and channels == 1 != shape[0]:
            hint = "\n  The axis of channels seems to be missing: x[:, None]."
        elif len(shape) == 2 and self.axes > 1:
            hint = f"\n  The examples seem to be flat: x.reshape(-1, {channels}, ...)."
        raise ShapeError(
            f"{type(self).__name__} from {channels} to {self.out_channels} channels takes inputs of shape {wanted}, "
            f"and got {shape}.{hint}\n  {error}"
        ) from None

    def extra_repr(self) -> str:
        """The channels, and what is not as usual."""
        zeros, ones = (0,) * self.axes, (1,) * self.axes
        parts = [f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"]
        parts += [f"padding={self.padding}"] if self.padding != zeros else []
        parts += [f"dilation={self.dilation}"] if self.dilation != ones else []
        parts += [f"output_padding={self.output_padding}"] if self.output_padding not in ((), zeros) else []
        parts += [f"groups={self.groups}"] if self.groups != 1 else []
        parts += ["bias=False"] if "bias" in vars(self) and self.bias is None else []
        parts += [f"padding_mode={self.padding_mode}"] if self.padding_mode != "zeros" else []
        return ", ".join(parts)


class _Conv(_Convolution):
    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes | str = 0,
        dilation: Sizes = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        dtype: Any = np.float32,
    ) -> None:
        if padding_mode not in ("zeros", "reflect", "replicate", "circular"):
            raise ShapeError(f'padding_mode is "zeros", "reflect", "replicate" or "circular", not {padding_mode!r}.')
        self._set(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode, dtype)

    def forward(self, input: Any) -> Any:
        """(N, in_channels, ...) to (N, out_channels, ...), and the same without N."""
        try:
            padding = self.padding
            if self.padding_mode != "zeros" and padding != "valid":
                input, padding = functional.pad(input, self._widths(), self.padding_mode), 0
            return self.function(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)
        except ShapeError as error:
            self._explain(error, input)

    def _widths(self) -> list[int]:
        """The border, in the order of `functional.pad`."""
        if isinstance(self.padding, str):
            total = [d * (k - 1) for d, k in zip(self.dilation, self.kernel_size, strict=True)]
            return [width for n in reversed(total) for width in (n // 2, n - n // 2)]
        return [n for n in reversed(self.padding) for _ in range(2)]


class Conv1d(_Conv):
    """Kernels that slide along sequences: (N, in_channels, L) to (N, out_channels, places).

    `weight` is (out_channels, in_channels / groups, kernel_size). Arguments as `Conv2d` has them.
    """

    axes = 1
    function = staticmethod(functional.conv1d)


class Conv2d(_Conv):
    """Kernels that slide over images: (N, in_channels, H, W) to (N, out_channels, places).

    Along an axis of n elements there are (n + 2 · padding - dilation · (kernel_size - 1) - 1) // stride + 1 places.

    | argument | |
    |---|---|
    | `kernel_size`, `stride`, `dilation` | the size of the window, from one window to the next, between its elements |
    | `padding` | how wide a border is put around; "same": so that there are as many places as elements; "valid": none |
    | `padding_mode` | what the border is made of: "zeros", "reflect", "replicate" or "circular" |
    | `groups` | into how many groups the channels are divided, each with kernels of its own |

    `weight` is (out_channels, in_channels / groups, height, width) and `bias` (out_channels,).

    >>> import nn, numpy as np
    >>> layer = nn.Conv2d(3, 8, kernel_size=3, padding=1)
    >>> layer(np.ones((5, 3, 28, 28), np.float32)).shape
    (5, 8, 28, 28)
    """

    axes = 2
    function = staticmethod(functional.conv2d)


class Conv3d(_Conv):
    """Kernels that slide through volumes: (N, in_channels, D, H, W) to (N, out_channels, places).

    `weight` is (out_channels, in_channels / groups, depth, height, width). Arguments as `Conv2d` has them.
    """

    axes = 3
    function = staticmethod(functional.conv3d)


class _ConvTranspose(_Convolution):
    transposed = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes = 0,
        output_padding: Sizes = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Sizes = 1,
        padding_mode: str = "zeros",
        dtype: Any = np.float32,
    ) -> None:
        if padding_mode != "zeros" or isinstance(padding, str):
            raise ShapeError(f"{type(self).__name__} has numbers for padding, and no padding_mode but zeros.")
        self.output_padding = self._each(output_padding, "output_padding")
        self._set(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode, dtype)

    def forward(self, input: Any, output_size: Sequence[int] | None = None) -> Any:
        """(N, in_channels, ...) to (N, out_channels, ...); `output_size` chooses among the possible sizes."""
        try:
            more = self.output_padding if output_size is None else self._more(shape_of(input), output_size)
            settings = (self.stride, self.padding, more, self.groups, self.dilation)
            return self.function(input, self.weight, self.bias, *settings)
        except ShapeError as error:
            self._explain(error, input)

    def _more(self, shape: tuple[int, ...], wanted: Sequence[int]) -> tuple[int, ...]:
        """The output_padding that makes the result of this size."""
        size = tuple(wanted)[-self.axes :]
        least = [
            (n - 1) * s - 2 * p + d * (k - 1) + 1
            for n, s, p, d, k in zip(
                shape[-self.axes :], self.stride, self.padding, self.dilation, self.kernel_size, strict=True
            )
        ]
        more = tuple(m - n for m, n in zip(size, least, strict=False))
        if len(size) != self.axes or any(not 0 <= m < s for m, s in zip(more, self.stride, strict=True)):
            most = [n + s - 1 for n, s in zip(least, self.stride, strict=True)]
            raise ShapeError(f"output_size {tuple(wanted)}: sizes from {least} to {most} are possible.")
        return more


class ConvTranspose1d(_ConvTranspose):
    """The transpose of Conv1d, which makes sequences longer: (N, in_channels, L) to (N, out_channels, places).

    `weight` is (in_channels, out_channels / groups, kernel_size). Arguments as `ConvTranspose2d` has them.
    """

    axes = 1
    function = staticmethod(functional.conv_transpose1d)


class ConvTranspose2d(_ConvTranspose):
    """The transpose of Conv2d, which makes images larger: (N, in_channels, H, W) to (N, out_channels, places).

    Along an axis of n elements there are (n - 1) · stride - 2 · padding + dilation · (kernel_size - 1) +
    output_padding + 1 places: what a Conv2d of the same settings makes n of. Of the `stride` sizes that it makes n of,
    `output_padding` chooses one, or `output_size` in a call.

    `weight` is (in_channels, out_channels / groups, height, width) and `bias` (out_channels,).

    >>> import nn, numpy as np
    >>> layer = nn.ConvTranspose2d(8, 3, kernel_size=3, stride=2, padding=1)
    >>> x = np.ones((5, 8, 14, 14), np.float32)
    >>> layer(x).shape, layer(x, output_size=(28, 28)).shape
    ((5, 3, 27, 27), (5, 3, 28, 28))
    """

    axes = 2
    function = staticmethod(functional.conv_transpose2d)


class ConvTranspose3d(_ConvTranspose):
    """The transpose of Conv3d, which makes volumes larger: (N, in_channels, D, H, W) to (N, out_channels, places).

    `weight` is (in_channels, out_channels / groups, depth, height, width). Arguments as `ConvTranspose2d` has them.
    """

    axes = 3
    function = staticmethod(functional.conv_transpose3d)
