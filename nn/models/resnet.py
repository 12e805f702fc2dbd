"""ResNet: layers that learn what to add to their input, and so can be many (He et al., 2015)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import nn.init as init
from nn.activation import ReLU
from nn.container import Sequential
from nn.convolution import Conv2d
from nn.linear import Linear
from nn.module import Module
from nn.normalization import BatchNorm2d
from nn.pooling import AdaptiveAvgPool2d, MaxPool2d
from nn.shape import Flatten, Identity

__all__ = [
    "BasicBlock",
    "Bottleneck",
    "ResNet",
    "resnet18",
    "resnet34",
    "resnet50",
    "resnet101",
    "resnet152",
    "resnet_small",
    "resnext50_32x4d",
    "wide_resnet50_2",
]

Norm = Callable[[int], Module]


class BasicBlock(Module):
    """relu(x + f(x)), where f is two convolutions of 3 × 3: (N, C, H, W) to (N, planes, H / stride, W / stride).

    Where the shape changes, x goes through a convolution of 1 × 1, `downsample`.
    """

    expansion: ClassVar[int] = 1

    def __init__(
        self,
        inplanes: int,
        planes: int,
        stride: int = 1,
        downsample: Module | None = None,
        groups: int = 1,
        base_width: int = 64,
        dilation: int = 1,
        norm_layer: Norm = BatchNorm2d,
    ) -> None:
        self.conv1 = Conv2d(inplanes, planes, 3, stride, padding=dilation, dilation=dilation, bias=False)
        self.bn1 = norm_layer(planes)
        self.relu = ReLU()
        self.conv2 = Conv2d(planes, planes, 3, padding=1, bias=False)
        self.bn2 = norm_layer(planes)
        self.downsample = downsample

    def forward(self, input: Any) -> Any:
        """The input, and what was learned to add."""
        y = self.relu(self.bn1(self.conv1(input)))
        y = self.bn2(self.conv2(y))
        return self.relu(y + (input if self.downsample is None else self.downsample(input)))


class Bottleneck(Module):
    """relu(x + f(x)), where f is 1 × 1 to fewer channels, 3 × 3, and 1 × 1 to more: `planes` and four times as many.

    (N, C, H, W) to (N, 4 planes, H / stride, W / stride). With `groups` and `base_width` it is that of ResNeXt (Xie et
    al., 2016) and of wide ResNets (Zagoruyko and Komodakis, 2016).
    """

    expansion: ClassVar[int] = 4

    def __init__(
        self,
        inplanes: int,
        planes: int,
        stride: int = 1,
        downsample: Module | None = None,
        groups: int = 1,
        base_width: int = 64,
        dilation: int = 1,
        norm_layer: Norm = BatchNorm2d,
    ) -> None:
        width = planes * base_width // 64 * groups
        self.conv1 = Conv2d(inplanes, width, 1, bias=False)
        self.bn1 = norm_layer(width)
        self.conv2 = Conv2d(width, width, 3, stride, padding=dilation, dilation=dilation, groups=groups, bias=False)
        self.bn2 = norm_layer(width)
        self.conv3 = Conv2d(width, planes * self.expansion, 1, bias=False)
        self.bn3 = norm_layer(planes * self.expansion)
        self.relu = ReLU()
        self.downsample = downsample

    def forward(self, input: Any) -> Any:
        """The input, and what was learned to add."""
        y = self.relu(self.bn1(self.conv1(input)))
        y = self.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        return self.relu(y + (input if self.downsample is None else self.downsample(input)))


class ResNet(Module):
    """Images (N, in_channels, H, W) to (N, num_classes): He, Zhang, Ren and Sun, 2015.

    Stages `layer1`, `layer2`, ... of so many blocks as `layers` says; each has twice as many channels as the one before
    and half its height and width. The first has `width` channels, times the block's expansion.

    | | blocks | parameters | multiplications for 3 × 224 × 224 |
    |---|---|---|---|
    | `resnet18` | BasicBlock, 2 2 2 2 | 11,689,512 | 1.8 · 10⁹ |
    | `resnet34` | BasicBlock, 3 4 6 3 | 21,797,672 | 3.7 · 10⁹ |
    | `resnet50` | Bottleneck, 3 4 6 3 | 25,557,032 | 4.1 · 10⁹ |
    | `resnet101` | Bottleneck, 3 4 23 3 | 44,549,160 | 7.8 · 10⁹ |
    | `resnet152` | Bottleneck, 3 8 36 3 | 60,192,808 | 11.5 · 10⁹ |

    - `small_images`: begin with a convolution of 3 × 3 in place of 7 × 7 with stride 2 and pooling, as the paper does
      for images of 32 × 32.
    - `replace_stride_with_dilation`: for each stage after the first, whether to set its kernels' elements apart in
      place of making the image smaller, as segmentation wants it.
    - `zero_init_residual`: let every block start as the identity (Goyal et al., 2017).
    - `norm_layer`: what normalises, given the number of channels.

    In a bottleneck the 3 × 3 has the stride, not the first 1 × 1 as in the paper: torchvision's way, which is a little
    better. Names of parameters are torchvision's.

    >>> import nn, numpy as np
    >>> model = nn.models.ResNet(nn.models.Bottleneck, [1, 1], 10, width=8, in_channels=1, small_images=True)
    >>> model(np.zeros((2, 1, 8, 8), np.float32)).shape
    (2, 10)
    """

    def __init__(
        self,
        block: type[BasicBlock | Bottleneck],
        layers: Sequence[int],
        num_classes: int = 1000,
        zero_init_residual: bool = False,
        groups: int = 1,
        width_per_group: int = 64,
        replace_stride_with_dilation: Sequence[bool] = (),
        norm_layer: Norm = BatchNorm2d,
        *,
        in_channels: int = 3,
        width: int = 64,
        small_images: bool = False,
    ) -> None:
        self.conv1 = Conv2d(in_channels, width, *((3, 1, 1) if small_images else (7, 2, 3)), bias=False)
        self.bn1 = norm_layer(width)
        self.relu = ReLU()
        self.maxpool = Identity() if small_images else MaxPool2d(3, 2, padding=1)
        channels, dilation = width, 1
        dilates = [False, *replace_stride_with_dilation, *[False] * len(layers)]
        self.stages = tuple(f"layer{i + 1}" for i in range(len(layers)))
        for i, (name, n) in enumerate(zip(self.stages, layers, strict=True)):
            planes, stride, before = width * 2**i, 2 if i else 1, dilation
            if dilates[i]:
                stride, dilation = 1, dilation * stride
            same = {"groups": groups, "base_width": width_per_group, "norm_layer": norm_layer}
            shortcut = None
            if stride != 1 or channels != planes * block.expansion:
                out = planes * block.expansion
                shortcut = Sequential(Conv2d(channels, out, 1, stride, bias=False), norm_layer(out))
            blocks = [block(channels, planes, stride, shortcut, dilation=before, **same)]  # type: ignore[arg-type]
            channels = planes * block.expansion
            blocks += [block(channels, planes, dilation=dilation, **same) for _ in range(1, n)]  # type: ignore[arg-type]
            setattr(self, name, Sequential(*blocks))
        self.avgpool = AdaptiveAvgPool2d(1)
        self.flatten = Flatten()
        self.fc = Linear(channels, num_classes)
        for module in self.modules():
            if isinstance(module, Conv2d):
                init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            elif zero_init_residual and isinstance(module, BasicBlock | Bottleneck):
                last: Any = module.bn2 if isinstance(module, BasicBlock) else module.bn3
                init.zeros_(last.weight)

    def features(self, input: Any) -> list[Any]:
        """What comes out of each stage, for detection and segmentation: (N, channels, H', W')."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(input))))
        outputs = []
        for name in self.stages:
            x = getattr(self, name)(x)
            outputs.append(x)
        return outputs

    def forward(self, input: Any) -> Any:
        """(N, in_channels, H, W) to (N, num_classes)."""
        return self.fc(self.flatten(self.avgpool(self.features(input)[-1])))


def resnet18(num_classes: int = 1000, **settings: Any) -> ResNet:
    """ResNet of 18 layers. 11,689,512 parameters."""
    return ResNet(BasicBlock, [2, 2, 2, 2], num_classes, **settings)


def resnet34(num_classes: int = 1000, **settings: Any) -> ResNet:
    """ResNet of 34 layers. 21,797,672 parameters."""
    return ResNet(BasicBlock, [3, 4, 6, 3], num_classes, **settings)


def resnet50(num_classes: int = 1000, **settings: Any) -> ResNet:
    """ResNet of 50 layers. 25,557,032 parameters."""
    return ResNet(Bottleneck, [3, 4, 6, 3], num_classes, **settings)


def resnet101(num_classes: int = 1000, **settings: Any) -> ResNet:
    """ResNet of 101 layers. 44,549,160 parameters."""
    return ResNet(Bottleneck, [3, 4, 23, 3], num_classes, **settings)


def resnet152(num_classes: int = 1000, **settings: Any) -> ResNet:
    """ResNet of 152 layers. 60,192,808 parameters."""
    return ResNet(Bottleneck, [3, 8, 36, 3], num_classes, **settings)


def resnext50_32x4d(num_classes: int = 1000, **settings: Any) -> ResNet:
    """ResNeXt: convolutions in 32 groups of 4 channels (Xie et al., 2016). 25,028,904 parameters."""
    return ResNet(Bottleneck, [3, 4, 6, 3], num_classes, groups=32, width_per_group=4, **settings)


def wide_resnet50_2(num_classes: int = 1000, **settings: Any) -> ResNet:
    """Twice as wide inside the blocks (Zagoruyko and Komodakis, 2016). 68,883,240 parameters."""
    return ResNet(Bottleneck, [3, 4, 6, 3], num_classes, width_per_group=128, **settings)


def resnet_small(num_classes: int = 10, in_channels: int = 1, width: int = 16) -> ResNet:
    """ResNet of 8 layers in three stages, for images of 8 × 8 to 32 × 32. 77,754 parameters.

    >>> import nn
    >>> nn.models.resnet_small().num_parameters
    77754
    """
    return ResNet(BasicBlock, [1, 1, 1], num_classes, in_channels=in_channels, width=width, small_images=True)
