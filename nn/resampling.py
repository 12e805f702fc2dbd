"""Layers that make images larger or smaller without parameters, or that shuffle channels and pixels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import nn.functional as functional
from nn.module import Module

__all__ = [
    "ChannelShuffle",
    "PixelShuffle",
    "PixelUnshuffle",
    "Upsample",
    "UpsamplingBilinear2d",
    "UpsamplingNearest2d",
]


class Upsample(Module):
    """Sequences, images or volumes (N, C, ...) in another size: `size`, or what to multiply it by, `scale_factor`.

    `mode` is "nearest", or by the number of spatial axes "linear", "bilinear" or "bicubic", "trilinear". With
    `align_corners` the centres of the outermost elements stay where they are, else their edges.

    >>> import nn, numpy as np
    >>> nn.Upsample(scale_factor=2)(np.array([[[1.0, 2.0]]]))
    array([[[1., 1., 2., 2.]]])
    """

    def __init__(
        self,
        size: int | Sequence[int] | None = None,
        scale_factor: float | Sequence[float] | None = None,
        mode: str = "nearest",
        align_corners: bool | None = None,
        recompute_scale_factor: bool | None = None,
    ) -> None:
        self.size = size
        if isinstance(scale_factor, int):
            scale_factor = float(scale_factor)
        self.scale_factor = scale_factor
        self.mode = mode
        self.align_corners = align_corners
        self.recompute_scale_factor = recompute_scale_factor

    def forward(self, input: Any) -> Any:
        """(N, C, ...) in the new size."""
        settings = (self.size, self.scale_factor, self.mode, self.align_corners, self.recompute_scale_factor)
        return functional.interpolate(input, *settings)

    def extra_repr(self) -> str:
        """The new size and how it is reached."""
        size = f"size={self.size!r}" if self.scale_factor is None else f"scale_factor={self.scale_factor!r}"
        return f"{size}, mode={self.mode!r}"


class UpsamplingNearest2d(Upsample):
    """The old name of Upsample for images, in which each element is repeated."""

    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        super().__init__(size, scale_factor)


class UpsamplingBilinear2d(Upsample):
    """The old name of Upsample for images with mode "bilinear" and corners aligned."""

    def __init__(self, size: Any = None, scale_factor: Any = None) -> None:
        super().__init__(size, scale_factor, "bilinear", True)


class PixelShuffle(Module):
    """Of r² channels r × r pixels: (..., C r², H, W) to (..., C, H r, W r), r = `upscale_factor` (Shi et al., 2016)."""

    _shown = ("upscale_factor",)

    def __init__(self, upscale_factor: int) -> None:
        self.upscale_factor = upscale_factor

    def forward(self, input: Any) -> Any:
        """(..., C r², H, W) to (..., C, H r, W r)."""
        return functional.pixel_shuffle(input, self.upscale_factor)


class PixelUnshuffle(Module):
    """r × r pixels become r² channels: the inverse of PixelShuffle."""

    _shown = ("downscale_factor",)

    def __init__(self, downscale_factor: int) -> None:
        self.downscale_factor = downscale_factor

    def forward(self, input: Any) -> Any:
        """(..., C, H r, W r) to (..., C r², H, W)."""
        return functional.pixel_unshuffle(input, self.downscale_factor)


class ChannelShuffle(Module):
    """The channels (axis 1): the first of each group, then the second of each, and so on (Zhang et al., 2018)."""

    _shown = ("groups",)

    def __init__(self, groups: int) -> None:
        self.groups = groups

    def forward(self, input: Any) -> Any:
        """The same shape."""
        return functional.channel_shuffle(input, self.groups)
