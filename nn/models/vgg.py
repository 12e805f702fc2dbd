"""VGG: nothing but convolutions of 3 × 3, many of them (Simonyan and Zisserman, 2014)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import nn.init as init
from nn.activation import ReLU
from nn.container import Sequential
from nn.convolution import Conv2d
from nn.dropout import Dropout
from nn.linear import Linear
from nn.module import Module
from nn.normalization import BatchNorm2d
from nn.pooling import AdaptiveAvgPool2d, MaxPool2d
from nn.shape import Flatten

__all__ = ["VGG", "vgg11", "vgg11_bn", "vgg13", "vgg13_bn", "vgg16", "vgg16_bn", "vgg19", "vgg19_bn", "vgg_small"]

Plan = Sequence[int | Literal["M"]]


class VGG(Module):
    """Images (N, in_channels, H, W) to (N, num_classes): Simonyan and Zisserman, 2014.

    `plan` has the number of kernels of each convolution, and "M" where the largest of 2 × 2 is taken. Two convolutions
    of 3 × 3 see what one of 5 × 5 sees, with fewer weights and a relu between. What remains is brought to `size` ×
    `size` by means, and read by three linear layers, of which the first holds most of the parameters.

    | | parameters | multiplications for 3 × 224 × 224 |
    |---|---|---|
    | `vgg11` | 132,863,336 | 7.6 · 10⁹ |
    | `vgg13` | 133,047,848 | 11.3 · 10⁹ |
    | `vgg16` | 138,357,544 | 15.5 · 10⁹ |
    | `vgg19` | 143,667,240 | 19.6 · 10⁹ |

    With batch normalisation, `vgg16_bn`, there are two more for each kernel. Names of parameters are torchvision's.

    >>> import nn
    >>> model = nn.models.VGG([8, "M", 16, "M"], 10, in_channels=1, size=2, hidden=32)
    >>> [name for name, _ in model.named_parameters()][::2]
    ['features.0.weight', 'features.3.weight', 'classifier.0.weight', 'classifier.3.weight', 'classifier.6.weight']
    """

    def __init__(
        self,
        plan: Plan,
        num_classes: int = 1000,
        dropout: float = 0.5,
        *,
        batch_norm: bool = False,
        in_channels: int = 3,
        size: int = 7,
        hidden: int = 4096,
    ) -> None:
        features: list[Module] = []
        channels = in_channels
        for step in plan:
            if step == "M":
                features.append(MaxPool2d(2, 2))
            else:
                features += [Conv2d(channels, step, 3, padding=1), *([BatchNorm2d(step)] if batch_norm else []), ReLU()]
                channels = step
        self.features = Sequential(*features)
        self.avgpool = AdaptiveAvgPool2d(size)
        self.flatten = Flatten()
        self.classifier = Sequential(
            Linear(channels * size * size, hidden),
            ReLU(),
            Dropout(dropout),
            Linear(hidden, hidden),
            ReLU(),
            Dropout(dropout),
            Linear(hidden, num_classes),
        )
        for module in self.features:
            if isinstance(module, Conv2d):  # without which the signal would fade: a third is lost at each layer
                init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
                init.zeros_(module.bias)

    def forward(self, input: Any) -> Any:
        """(N, in_channels, H, W) to (N, num_classes)."""
        return self.classifier(self.flatten(self.avgpool(self.features(input))))


def _plan(*repeats: int) -> Plan:
    """So many convolutions at each of the five sizes."""
    widths = (64, 128, 256, 512, 512)
    plan: list[int | Literal["M"]] = []
    for n, width in zip(repeats, widths, strict=True):
        plan += [width] * n
        plan.append("M")
    return plan


def vgg11(num_classes: int = 1000, **settings: Any) -> VGG:
    """VGG of 8 convolutions and 3 linear layers: configuration A. 132,863,336 parameters."""
    return VGG(_plan(1, 1, 2, 2, 2), num_classes, **settings)


def vgg13(num_classes: int = 1000, **settings: Any) -> VGG:
    """VGG of 10 convolutions and 3 linear layers: configuration B. 133,047,848 parameters."""
    return VGG(_plan(2, 2, 2, 2, 2), num_classes, **settings)


def vgg16(num_classes: int = 1000, **settings: Any) -> VGG:
    """VGG of 13 convolutions and 3 linear layers: configuration D. 138,357,544 parameters, 528 MiB."""
    return VGG(_plan(2, 2, 3, 3, 3), num_classes, **settings)


def vgg19(num_classes: int = 1000, **settings: Any) -> VGG:
    """VGG of 16 convolutions and 3 linear layers: configuration E. 143,667,240 parameters."""
    return VGG(_plan(2, 2, 4, 4, 4), num_classes, **settings)


def vgg11_bn(num_classes: int = 1000, **settings: Any) -> VGG:
    """`vgg11` with batch normalisation after each convolution. 132,868,840 parameters."""
    return vgg11(num_classes, batch_norm=True, **settings)


def vgg13_bn(num_classes: int = 1000, **settings: Any) -> VGG:
    """`vgg13` with batch normalisation after each convolution. 133,053,736 parameters."""
    return vgg13(num_classes, batch_norm=True, **settings)


def vgg16_bn(num_classes: int = 1000, **settings: Any) -> VGG:
    """`vgg16` with batch normalisation after each convolution. 138,365,992 parameters."""
    return vgg16(num_classes, batch_norm=True, **settings)


def vgg19_bn(num_classes: int = 1000, **settings: Any) -> VGG:
    """`vgg19` with batch normalisation after each convolution. 143,678,248 parameters."""
    return vgg19(num_classes, batch_norm=True, **settings)


def vgg_small(num_classes: int = 10, in_channels: int = 1) -> VGG:
    """VGG of four convolutions and three linear layers, for images of 8 × 8. 100,330 parameters.

    >>> import nn
    >>> nn.models.vgg_small().num_parameters
    100330
    """
    return VGG(
        [32, 32, "M", 64, 64, "M"], num_classes, 0.2, batch_norm=True, in_channels=in_channels, size=2, hidden=96
    )
