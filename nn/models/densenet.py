"""DenseNet: every layer reads what all layers before it have found (Huang et al., 2016)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import nn.init as init
from autograd import concatenate
from nn.activation import ReLU
from nn.container import Sequential
from nn.convolution import Conv2d
from nn.dropout import Dropout
from nn.linear import Linear
from nn.module import Module
from nn.normalization import BatchNorm2d
from nn.pooling import AdaptiveAvgPool2d, AvgPool2d, MaxPool2d
from nn.shape import Flatten

__all__ = ["DenseBlock", "DenseNet", "densenet121", "densenet161", "densenet169", "densenet201", "densenet_small"]


class DenseLayer(Module):
    """`growth_rate` new channels, from all there are: normalised, 1 × 1 to a few, normalised, 3 × 3."""

    def __init__(self, in_channels: int, growth_rate: int, bn_size: int, drop_rate: float) -> None:
        self.norm1 = BatchNorm2d(in_channels)
        self.relu1 = ReLU()
        self.conv1 = Conv2d(in_channels, bn_size * growth_rate, 1, bias=False)
        self.norm2 = BatchNorm2d(bn_size * growth_rate)
        self.relu2 = ReLU()
        self.conv2 = Conv2d(bn_size * growth_rate, growth_rate, 3, padding=1, bias=False)
        self.dropout = Dropout(drop_rate)

    def forward(self, input: Any) -> Any:
        """(N, in_channels, H, W) to (N, growth_rate, H, W)."""
        few = self.conv1(self.relu1(self.norm1(input)))
        return self.dropout(self.conv2(self.relu2(self.norm2(few))))


class DenseBlock(Sequential):
    """Layers that each add `growth_rate` channels: (N, C, H, W) to (N, C + layers · growth_rate, H, W)."""

    def __init__(
        self, layers: int, in_channels: int, growth_rate: int, bn_size: int = 4, drop_rate: float = 0.0
    ) -> None:
        super().__init__(
            {
                f"denselayer{i + 1}": DenseLayer(in_channels + i * growth_rate, growth_rate, bn_size, drop_rate)
                for i in range(layers)
            }
        )

    def forward(self, input: Any) -> Any:
        """The input's channels, and after them those that each layer found."""
        for layer in self:
            input = concatenate([input, layer(input)], axis=1)
        return input


class DenseNet(Module):
    """Images (N, in_channels, H, W) to (N, num_classes): Huang, Liu, van der Maaten and Weinberger, 2016.

    Dense blocks of so many layers as `block_config` says; between two of them a transition, which halves the number of
    channels, the height and the width. A layer adds `growth_rate` channels, by way of `bn_size` times as many.

    | | layers, growth | parameters | multiplications for 3 × 224 × 224 |
    |---|---|---|---|
    | `densenet121` | 6 12 24 16, 32 | 7,978,856 | 2.8 · 10⁹ |
    | `densenet169` | 6 12 32 32, 32 | 14,149,480 | 3.4 · 10⁹ |
    | `densenet201` | 6 12 48 32, 32 | 20,013,928 | 4.3 · 10⁹ |
    | `densenet161` | 6 12 36 24, 48 | 28,681,000 | 7.7 · 10⁹ |

    With `small_images` it begins with a convolution of 3 × 3 in place of 7 × 7 with stride 2 and pooling, as the paper
    does for images of 32 × 32. Names of parameters are torchvision's.

    >>> import nn, numpy as np
    >>> model = nn.models.DenseNet(4, [2, 2], 8, num_classes=10, in_channels=1, small_images=True)
    >>> model(np.zeros((2, 1, 8, 8), np.float32)).shape
    (2, 10)
    """

    def __init__(
        self,
        growth_rate: int = 32,
        block_config: Sequence[int] = (6, 12, 24, 16),
        num_init_features: int = 64,
        bn_size: int = 4,
        drop_rate: float = 0.0,
        num_classes: int = 1000,
        *,
        in_channels: int = 3,
        small_images: bool = False,
    ) -> None:
        n = num_init_features
        features: dict[str, Module] = {
            "conv0": Conv2d(in_channels, n, *((3, 1, 1) if small_images else (7, 2, 3)), bias=False)
        }
        if not small_images:
            features |= {"norm0": BatchNorm2d(n), "relu0": ReLU(), "pool0": MaxPool2d(3, 2, padding=1)}
        for i, layers in enumerate(block_config, 1):
            features[f"denseblock{i}"] = DenseBlock(layers, n, growth_rate, bn_size, drop_rate)
            n += layers * growth_rate
            if i < len(block_config):
                halve = Conv2d(n, n // 2, 1, bias=False)
                features[f"transition{i}"] = Sequential(
                    {"norm": BatchNorm2d(n), "relu": ReLU(), "conv": halve, "pool": AvgPool2d(2)}
                )
                n //= 2
        self.features = Sequential(features | {"norm5": BatchNorm2d(n)})
        self.relu = ReLU()
        self.avgpool = AdaptiveAvgPool2d(1)
        self.flatten = Flatten()
        self.classifier = Linear(n, num_classes)
        for module in self.modules():
            if isinstance(module, Conv2d):
                init.kaiming_normal_(module.weight)
        init.zeros_(self.classifier.bias)

    def forward(self, input: Any) -> Any:
        """(N, in_channels, H, W) to (N, num_classes)."""
        return self.classifier(self.flatten(self.avgpool(self.relu(self.features(input)))))


def densenet121(num_classes: int = 1000, **settings: Any) -> DenseNet:
    """DenseNet of 121 layers. 7,978,856 parameters."""
    return DenseNet(32, (6, 12, 24, 16), 64, num_classes=num_classes, **settings)


def densenet161(num_classes: int = 1000, **settings: Any) -> DenseNet:
    """DenseNet of 161 layers, which add 48 channels each. 28,681,000 parameters."""
    return DenseNet(48, (6, 12, 36, 24), 96, num_classes=num_classes, **settings)


def densenet169(num_classes: int = 1000, **settings: Any) -> DenseNet:
    """DenseNet of 169 layers. 14,149,480 parameters."""
    return DenseNet(32, (6, 12, 32, 32), 64, num_classes=num_classes, **settings)


def densenet201(num_classes: int = 1000, **settings: Any) -> DenseNet:
    """DenseNet of 201 layers. 20,013,928 parameters."""
    return DenseNet(32, (6, 12, 48, 32), 64, num_classes=num_classes, **settings)


def densenet_small(num_classes: int = 10, in_channels: int = 1) -> DenseNet:
    """DenseNet of two blocks with four layers each, for images of 8 × 8 to 32 × 32. 35,074 parameters.

    >>> import nn
    >>> nn.models.densenet_small().num_parameters
    35074
    """
    return DenseNet(12, (4, 4), 24, bn_size=2, num_classes=num_classes, in_channels=in_channels, small_images=True)
