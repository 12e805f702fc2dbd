"""Borders around sequences (N, C, L), images (N, C, H, W) and volumes (N, C, D, H, W), with or without the axis N.

`padding` is the width on all sides, or a tuple that begins with the last axis: (left, right), (left, right, top,
bottom), or (left, right, top, bottom, front, back). A width below 0 cuts off.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import nn.functional as functional
from autograd import ShapeError
from nn.functional.shape import shape_of
from nn.module import Module

__all__ = [
    "CircularPad1d",
    "CircularPad2d",
    "CircularPad3d",
    "ConstantPad1d",
    "ConstantPad2d",
    "ConstantPad3d",
    "ReflectionPad1d",
    "ReflectionPad2d",
    "ReflectionPad3d",
    "ReplicationPad1d",
    "ReplicationPad2d",
    "ReplicationPad3d",
    "ZeroPad1d",
    "ZeroPad2d",
    "ZeroPad3d",
]

Widths = int | Sequence[int]


class _Pad(Module):
    """What all have in common: a subclass has the mode and the number of spatial axes."""

    mode: ClassVar[str]
    axes: ClassVar[int]

    def __init__(self, padding: Widths) -> None:
        self.padding = (padding,) * (2 * self.axes) if isinstance(padding, int) else tuple(padding)
        if len(self.padding) != 2 * self.axes:
            raise ShapeError(
                f"{type(self).__name__}: padding is one width, or two for each of {self.axes} axes, not {padding}."
            )

    def forward(self, input: Any) -> Any:
        """With the border."""
        if len(shape_of(input)) not in (self.axes + 1, self.axes + 2):
            raise ShapeError(
                f"{type(self).__name__} takes inputs (N, C, ...) or (C, ...) with {self.axes} spatial axes, and got "
                f"shape {shape_of(input)}."
            )
        return functional.pad(input, self.padding, self.mode)

    def extra_repr(self) -> str:
        """The widths."""
        return f"{self.padding}"


class _ConstantPad(_Pad):
    mode = "constant"

    def __init__(self, padding: Widths, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, input: Any) -> Any:
        """With the border."""
        return functional.pad(input, self.padding, "constant", self.value)

    def extra_repr(self) -> str:
        """The widths and the value."""
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(_ConstantPad):
    """A border of `value` along the last axis: see `ConstantPad2d`."""

    axes = 1


class ConstantPad2d(_ConstantPad):
    """A border of `value` around images, of widths (left, right, top, bottom).

    >>> import nn, numpy as np
    >>> nn.ConstantPad2d((1, 0, 0, 1), 7.0)(np.zeros((1, 1, 2)))
    array([[[7., 0., 0.],
            [7., 7., 7.]]])
    """

    axes = 2


class ConstantPad3d(_ConstantPad):
    """A border of `value` around volumes: see `ConstantPad2d`."""

    axes = 3


class _ZeroPad(_ConstantPad):
    def __init__(self, padding: Widths) -> None:
        super().__init__(padding, 0.0)

    def extra_repr(self) -> str:
        """The widths."""
        return f"{self.padding}"


class ZeroPad1d(_ZeroPad):
    """A border of zeros along the last axis."""

    axes = 1


class ZeroPad2d(_ZeroPad):
    """A border of zeros around images, of widths (left, right, top, bottom)."""

    axes = 2


class ZeroPad3d(_ZeroPad):
    """A border of zeros around volumes."""

    axes = 3


class ReflectionPad1d(_Pad):
    """A border in which a mirror at the last elements shows the sequence: 3 2 [1 2 3] 2 1."""

    mode, axes = "reflect", 1


class ReflectionPad2d(_Pad):
    """A border in which mirrors at the last elements show the image."""

    mode, axes = "reflect", 2


class ReflectionPad3d(_Pad):
    """A border in which mirrors at the last elements show the volume."""

    mode, axes = "reflect", 3


class ReplicationPad1d(_Pad):
    """A border that repeats the last elements of sequences: 1 1 [1 2 3] 3 3."""

    mode, axes = "replicate", 1


class ReplicationPad2d(_Pad):
    """A border that repeats the last elements of images."""

    mode, axes = "replicate", 2


class ReplicationPad3d(_Pad):
    """A border that repeats the last elements of volumes."""

    mode, axes = "replicate", 3


class CircularPad1d(_Pad):
    """A border that shows the other end of sequences, as if they were rings: 2 3 [1 2 3] 1 2."""

    mode, axes = "circular", 1


class CircularPad2d(_Pad):
    """A border that shows the other end of images."""

    mode, axes = "circular", 2


class CircularPad3d(_Pad):
    """A border that shows the other end of volumes."""

    mode, axes = "circular", 3
