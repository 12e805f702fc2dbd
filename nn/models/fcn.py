"""FCN: fully convolutional networks, which give every pixel a class (Long, Shelhamer and Darrell, 2014)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd import ShapeError
from nn.activation import ReLU
from nn.container import ModuleList, Sequential
from nn.convolution import Conv2d, ConvTranspose2d
from nn.dropout import Dropout
from nn.functional import interpolate
from nn.models.resnet import ResNet, resnet50, resnet101
from nn.models.vgg import vgg16
from nn.module import Module
from nn.normalization import BatchNorm2d
from nn.pooling import MaxPool2d

__all__ = ["FCN", "FCNOutputs", "FCNResNet", "fcn8s_vgg16", "fcn_resnet50", "fcn_resnet101", "fcn_small"]


class FCN(Module):
    """Images (N, C, H, W) to scores (N, num_classes, H, W) for each pixel: Long, Shelhamer and Darrell, 2014.

    `stages` are modules that each read what the one before found, and make it smaller: the first from the image to
    `channels[0]` channels, and so on. The scores of the last and coarsest are made twice as large and added to those of
    the stage before, and so on to the first: what is there comes from far, where exactly from near. At last they are
    brought to the size of the image.

    What makes scores larger starts as bilinear interpolation, and what gives the scores of all stages but the last
    starts as 0, as in the paper. The loss is `nn.functional.cross_entropy(model(x), y)`, y (N, H, W) class numbers.
    """

    def __init__(self, stages: Sequence[Module], channels: Sequence[int], num_classes: int) -> None:
        if not stages or len(stages) != len(channels):
            raise ShapeError(f"FCN: {len(stages)} stages, and {len(channels)} numbers of channels that they give.")
        self.stages = ModuleList(stages)
        self.scores = ModuleList(Conv2d(c, num_classes, 1) for c in channels)
        self.upscore = ModuleList(
            ConvTranspose2d(num_classes, num_classes, 4, stride=2, padding=1, bias=False) for _ in channels[1:]
        )
        near = np.array([0.25, 0.75, 0.75, 0.25], np.float32)
        for layer in self.upscore:
            layer.weight.data[...] = np.eye(num_classes)[:, :, None, None] * np.outer(near, near)
        for layer in self.scores[:-1]:
            layer.weight.data[...] = layer.bias.data[...] = 0

    def forward(self, input: Any) -> Any:
        """(N, C, H, W) to (N, num_classes, H, W)."""
        found, x = [], input
        for stage in self.stages:
            x = stage(x)
            found.append(x)
        y = self.scores[-1](found[-1])
        for x, score, larger in zip(found[-2::-1], self.scores[-2::-1], self.upscore[::-1], strict=True):
            y = larger(y, output_size=x.shape[-2:]) + score(x)
        size = tuple(input.shape[-2:])
        return y if tuple(y.shape[-2:]) == size else interpolate(y, size, mode="bilinear")


def fcn8s_vgg16(num_classes: int = 21, in_channels: int = 3) -> FCN:
    """The paper's best, FCN-8s: VGG-16 with its linear layers as convolutions, read at 1/8, 1/16 and 1/32.

    134,376,863 parameters for 21 classes; of them 103 million were VGG's first linear layer, now 7 × 7.
    """
    features = [*vgg16(1, in_channels=in_channels, hidden=1).features]
    read = Sequential(Conv2d(512, 4096, 7, padding=3), ReLU(), Dropout(), Conv2d(4096, 4096, 1), ReLU(), Dropout())
    stages = [Sequential(*features[:17]), Sequential(*features[17:24]), Sequential(*features[24:], *read)]
    return FCN(stages, (256, 512, 4096), num_classes)


def fcn_small(num_classes: int = 11, in_channels: int = 1, width: int = 16) -> FCN:
    """FCN of four stages at 1/1, 1/2, 1/4 and 1/8, for small images. 116,796 parameters for 11 classes.

    >>> import nn, numpy as np
    >>> nn.models.fcn_small()(np.zeros((2, 1, 32, 32), np.float32)).shape
    (2, 11, 32, 32)
    """
    widths = [width, 2 * width, 4 * width, 4 * width]
    stages, before = [], in_channels
    for i, n in enumerate(widths):
        parts: list[Module] = [MaxPool2d(2)] if i else []
        for _ in range(1 if i == 3 else 2):
            parts += [Conv2d(before, n, 3, padding=1, bias=False), BatchNorm2d(n), ReLU()]
            before = n
        stages.append(Sequential(*parts))
    return FCN(stages, widths, num_classes)


# torchvision's


class FCNOutputs(NamedTuple):
    """What an FCNResNet with `aux_loss` gives while training: scores, and scores from the stage before the last."""

    out: Any
    aux: Any


def _head(in_channels: int, num_classes: int) -> Sequential:
    middle = in_channels // 4
    parts = [Conv2d(in_channels, middle, 3, padding=1, bias=False), BatchNorm2d(middle), ReLU(), Dropout(0.1)]
    return Sequential(*parts, Conv2d(middle, num_classes, 1))


class FCNResNet(Module):
    """torchvision's FCN: a ResNet whose last stages do not shrink, two convolutions, and bilinear interpolation by 8.

    Images (N, 3, H, W) to scores (N, num_classes, H, W). With `aux_loss` a second head reads the stage before the last;
    while training the model then gives both, an `FCNOutputs`, and the loss of the second counts half.
    """

    def __init__(self, backbone: ResNet, num_classes: int = 21, aux_loss: bool = False) -> None:
        channels = backbone.fc.in_features
        del backbone.fc
        self.backbone = backbone
        self.classifier = _head(channels, num_classes)
        self.aux_classifier = _head(channels // 2, num_classes) if aux_loss else None

    def forward(self, input: Any) -> Any:
        """(N, 3, H, W) to (N, num_classes, H, W); while training with `aux_loss`, to two of them."""
        size = tuple(input.shape[-2:])
        *_, before, last = self.backbone.features(input)
        out = interpolate(self.classifier(last), size, mode="bilinear")
        if self.training and self.aux_classifier is not None:
            return FCNOutputs(out, interpolate(self.aux_classifier(before), size, mode="bilinear"))
        return out


def fcn_resnet50(num_classes: int = 21, aux_loss: bool = False, **settings: Any) -> FCNResNet:
    """FCN on ResNet-50. 32,957,013 parameters for 21 classes, and with `aux_loss` 35,322,218."""
    backbone = resnet50(1, replace_stride_with_dilation=(False, True, True), **settings)
    return FCNResNet(backbone, num_classes, aux_loss)


def fcn_resnet101(num_classes: int = 21, aux_loss: bool = False, **settings: Any) -> FCNResNet:
    """FCN on ResNet-101. 51,949,141 parameters for 21 classes, and with `aux_loss` 54,314,346."""
    backbone = resnet101(1, replace_stride_with_dilation=(False, True, True), **settings)
    return FCNResNet(backbone, num_classes, aux_loss)
