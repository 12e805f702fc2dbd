"""Inception, as in GoogLeNet: convolutions of several sizes side by side (Szegedy et al., 2014)."""

from __future__ import annotations

from typing import Any, NamedTuple

from autograd import concatenate
from nn.activation import ReLU
from nn.container import Sequential
from nn.convolution import Conv2d
from nn.dropout import Dropout
from nn.linear import Linear
from nn.module import Module
from nn.normalization import BatchNorm2d
from nn.pooling import AdaptiveAvgPool2d, MaxPool2d
from nn.shape import Flatten

__all__ = ["GoogLeNet", "GoogLeNetOutputs", "Inception", "googlenet", "inception_small"]


class GoogLeNetOutputs(NamedTuple):
    """What GoogLeNet gives while training: scores at its end, and at two places on the way."""

    logits: Any
    aux_logits2: Any
    aux_logits1: Any


class ConvNormReLU(Module):
    """A convolution without bias, batch normalisation, relu."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int, stride: int = 1) -> None:
        self.conv = Conv2d(in_channels, out_channels, kernel_size, stride, padding=kernel_size // 2, bias=False)
        self.bn = BatchNorm2d(out_channels, eps=0.001)
        self.relu = ReLU()

    def forward(self, input: Any) -> Any:
        """(N, in_channels, H, W) to (N, out_channels, H / stride, W / stride)."""
        return self.relu(self.bn(self.conv(input)))


class Inception(Module):
    """Four branches side by side, whose channels are put together: (N, C, H, W) to (N, sum of the branches', H, W).

    1 × 1 to `ch1x1` channels; 1 × 1 to `ch3x3red`, then 3 × 3 to `ch3x3`; 1 × 1 to `ch5x5red`, then `large_kernel` to
    `ch5x5`; the largest of 3 × 3, then 1 × 1 to `pool_proj`. The 1 × 1 before the others make them affordable.
    """

    def __init__(
        self,
        in_channels: int,
        ch1x1: int,
        ch3x3red: int,
        ch3x3: int,
        ch5x5red: int,
        ch5x5: int,
        pool_proj: int,
        *,
        large_kernel: int = 3,
    ) -> None:
        self.branch1 = ConvNormReLU(in_channels, ch1x1, 1)
        self.branch2 = Sequential(ConvNormReLU(in_channels, ch3x3red, 1), ConvNormReLU(ch3x3red, ch3x3, 3))
        self.branch3 = Sequential(ConvNormReLU(in_channels, ch5x5red, 1), ConvNormReLU(ch5x5red, ch5x5, large_kernel))
        self.branch4 = Sequential(MaxPool2d(3, 1, 1, ceil_mode=True), ConvNormReLU(in_channels, pool_proj, 1))
        self.out_channels = ch1x1 + ch3x3 + ch5x5 + pool_proj

    def forward(self, input: Any) -> Any:
        """The channels of all branches."""
        return concatenate([self.branch1(input), self.branch2(input), self.branch3(input), self.branch4(input)], axis=1)


class InceptionAux(Module):
    """A classifier on the way, by which gradients come to the early layers: (N, C, H, W) to (N, num_classes)."""

    def __init__(self, in_channels: int, num_classes: int, dropout: float = 0.7) -> None:
        self.avgpool = AdaptiveAvgPool2d(4)
        self.conv = ConvNormReLU(in_channels, 128, 1)
        self.flatten = Flatten()
        self.fc1 = Linear(2048, 1024)
        self.relu = ReLU()
        self.dropout = Dropout(dropout)
        self.fc2 = Linear(1024, num_classes)

    def forward(self, input: Any) -> Any:
        """(N, in_channels, H, W) to (N, num_classes)."""
        return self.fc2(self.dropout(self.relu(self.fc1(self.flatten(self.conv(self.avgpool(input)))))))


class GoogLeNet(Module):
    """Images (N, in_channels, H, W) to (N, num_classes): Szegedy et al., 2014, with batch normalisation.

    22 layers deep. 6,624,904 parameters and 1.5 · 10⁹ multiplications for 3 × 224 × 224. With `aux_logits` there are
    two classifiers on the way, 13,004,888 parameters in all: while training the model then gives three scores, a
    `GoogLeNetOutputs`, of which the paper adds the losses, those of the two on the way times 0.3.

    Names of parameters and sizes are torchvision's, whose trained weights want channels from -1 to 1. Its third
    branches have kernels of 3 × 3 where the paper has 5 × 5; `large_kernel=5` gives the paper's.
    """

    def __init__(
        self,
        num_classes: int = 1000,
        aux_logits: bool = False,
        dropout: float = 0.2,
        dropout_aux: float = 0.7,
        *,
        in_channels: int = 3,
        large_kernel: int = 3,
    ) -> None:
        def inception(*sizes: int) -> Inception:
            return Inception(*sizes, large_kernel=large_kernel)

        self.conv1 = ConvNormReLU(in_channels, 64, 7, 2)
        self.maxpool1 = MaxPool2d(3, 2, ceil_mode=True)
        self.conv2 = ConvNormReLU(64, 64, 1)
        self.conv3 = ConvNormReLU(64, 192, 3)
        self.maxpool2 = MaxPool2d(3, 2, ceil_mode=True)
        self.inception3a = inception(192, 64, 96, 128, 16, 32, 32)
        self.inception3b = inception(256, 128, 128, 192, 32, 96, 64)
        self.maxpool3 = MaxPool2d(3, 2, ceil_mode=True)
        self.inception4a = inception(480, 192, 96, 208, 16, 48, 64)
        self.inception4b = inception(512, 160, 112, 224, 24, 64, 64)
        self.inception4c = inception(512, 128, 128, 256, 24, 64, 64)
        self.inception4d = inception(512, 112, 144, 288, 32, 64, 64)
        self.inception4e = inception(528, 256, 160, 320, 32, 128, 128)
        self.maxpool4 = MaxPool2d(2, 2, ceil_mode=True)
        self.inception5a = inception(832, 256, 160, 320, 32, 128, 128)
        self.inception5b = inception(832, 384, 192, 384, 48, 128, 128)
        self.aux1 = InceptionAux(512, num_classes, dropout_aux) if aux_logits else None
        self.aux2 = InceptionAux(528, num_classes, dropout_aux) if aux_logits else None
        self.avgpool = AdaptiveAvgPool2d(1)
        self.flatten = Flatten()
        self.dropout = Dropout(dropout)
        self.fc = Linear(1024, num_classes)

    def forward(self, input: Any) -> Any:
        """(N, in_channels, H, W) to (N, num_classes); while training with `aux_logits`, to three of them."""
        x = self.maxpool2(self.conv3(self.conv2(self.maxpool1(self.conv1(input)))))
        x = self.maxpool3(self.inception3b(self.inception3a(x)))
        a = self.inception4a(x)
        d = self.inception4d(self.inception4c(self.inception4b(a)))
        x = self.inception5b(self.inception5a(self.maxpool4(self.inception4e(d))))
        y = self.fc(self.dropout(self.flatten(self.avgpool(x))))
        if self.training and self.aux1 is not None and self.aux2 is not None:
            return GoogLeNetOutputs(y, self.aux2(d), self.aux1(a))
        return y


def googlenet(num_classes: int = 1000, **settings: Any) -> GoogLeNet:
    """GoogLeNet, Inception v1. 6,624,904 parameters."""
    return GoogLeNet(num_classes, **settings)


def inception_small(num_classes: int = 10, in_channels: int = 1) -> Sequential:
    """Three inception blocks, with kernels up to 5 × 5, for images of 8 × 8. 56,178 parameters.

    >>> import nn
    >>> nn.models.inception_small().num_parameters
    56178
    """
    first = Inception(24, 16, 16, 32, 8, 16, 16, large_kernel=5)
    second = Inception(first.out_channels, 24, 24, 48, 8, 16, 16, large_kernel=5)
    third = Inception(second.out_channels, 32, 24, 64, 8, 16, 16, large_kernel=5)
    return Sequential(
        {
            "conv1": ConvNormReLU(in_channels, 24, 3),
            "inception3a": first,
            "maxpool3": MaxPool2d(2),
            "inception4a": second,
            "inception4b": third,
            "avgpool": AdaptiveAvgPool2d(1),
            "flatten": Flatten(),
            "dropout": Dropout(0.2),
            "fc": Linear(third.out_channels, num_classes),
        }
    )
