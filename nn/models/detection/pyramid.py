"""The feature pyramid: features of several sizes, each of which knows what the coarser ones do (Lin et al., 2016)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import nn.init as init
from nn.container import ModuleList, Sequential
from nn.convolution import Conv2d
from nn.functional import interpolate, max_pool2d
from nn.models.resnet import ResNet
from nn.module import Module

__all__ = ["BackboneWithFPN", "FeaturePyramidNetwork", "FrozenBatchNorm2d"]


class FrozenBatchNorm2d(Module):
    """Batch normalisation that no longer learns: a scale and a shift, from the statistics it was given.

    For networks trained before on many images that now see two at a time. All it holds are buffers.
    """

    weight: Any
    bias: Any
    running_mean: Any
    running_var: Any

    def __init__(self, num_features: int, eps: float = 1e-5) -> None:
        self.eps = eps
        for name, value in (("weight", 1), ("bias", 0), ("running_mean", 0), ("running_var", 1)):
            self.register_buffer(name, np.full(num_features, value, np.float32))

    def forward(self, input: Any) -> Any:
        """(N, C, H, W) to the same."""
        scale = self.weight / np.sqrt(self.running_var + self.eps)
        shift = self.bias - self.running_mean * scale
        return input * scale[:, None, None] + shift[:, None, None]


class FeaturePyramidNetwork(Module):
    """Features of several sizes, finest first, to as many with `out_channels` channels, and one more.

    Each is a convolution of 1 × 1 of its own, plus the next coarser one made larger, and then a convolution of 3 × 3.
    The one more is every other element of the coarsest, for the largest anchors.
    """

    def __init__(self, in_channels: Sequence[int], out_channels: int = 256) -> None:
        self.inner_blocks = ModuleList(Sequential(Conv2d(n, out_channels, 1)) for n in in_channels)
        self.layer_blocks = ModuleList(
            Sequential(Conv2d(out_channels, out_channels, 3, padding=1)) for _ in in_channels
        )
        for layer in [block[0] for block in (*self.inner_blocks, *self.layer_blocks)]:
            init.kaiming_uniform_(layer.weight, a=1)
            init.zeros_(layer.bias)

    def forward(self, inputs: Sequence[Any]) -> list[Any]:
        """Features of the pyramid, finest first."""
        found: list[Any] = []
        above: Any = None
        for x, inner, layer in reversed([*zip(inputs, self.inner_blocks, self.layer_blocks, strict=True)]):
            y = inner(x)
            if above is not None:
                y = y + interpolate(above, tuple(y.shape[-2:]))
            above = y
            found.append(layer(y))
        found.reverse()
        return [*found, max_pool2d(found[-1], 1, 2)]


class BackboneWithFPN(Module):
    """A ResNet and a pyramid on its stages: images (N, C, H, W) to features with 256 channels, of five sizes.

    Of its five parts, the first convolution and four stages, the last `trainable_layers` learn; the others are frozen.
    """

    def __init__(self, body: ResNet, out_channels: int = 256, trainable_layers: int = 5) -> None:
        if "fc" in vars(body):
            del body.fc
        self.body = body
        widths = [_channels(getattr(body, name)) for name in body.stages]
        self.fpn = FeaturePyramidNetwork(widths, out_channels)
        self.out_channels = out_channels
        for name in [*body.stages[::-1], "conv1"][trainable_layers:]:
            getattr(body, name).requires_grad_(False)
            body.bn1.requires_grad_(False)

    def forward(self, input: Any) -> list[Any]:
        """Features, finest first."""
        features: list[Any] = self.fpn(self.body.features(input))
        return features


def _channels(stage: Sequential) -> int:
    last: Any = stage[-1]
    return int((last.conv3 if hasattr(last, "conv3") else last.conv2).out_channels)
