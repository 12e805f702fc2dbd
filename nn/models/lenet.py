"""LeNet-5, the convolutional network that read handwritten digits on cheques (LeCun et al., 1998)."""

from __future__ import annotations

from typing import Any

from autograd import ShapeError
from nn.activation import ReLU, Tanh
from nn.container import Sequential
from nn.convolution import Conv2d
from nn.functional import pad
from nn.linear import Linear
from nn.module import Module
from nn.pooling import AvgPool2d, MaxPool2d
from nn.shape import Flatten

__all__ = ["LeNet", "lenet_small"]


class LeNet(Module):
    """Images (N, in_channels, size, size) to (N, num_classes): LeCun, Bottou, Bengio and Haffner, 1998.

    Convolutions of 5 × 5 with 6, 16 and 120 kernels, each of the first two followed by means of 2 × 2, then layers of
    84 and `num_classes`; tanh between. 61,706 parameters and 0.42 million multiplications for an image of 32 × 32, the
    size it was made for. Images of 28 × 28 get a border of 2; a smaller one cannot be.

    Of the original's 60,000 parameters there are more because here each of the 16 kernels reads all 6 channels, where
    it read 3, 4 or 6 by a table, its means have no weights, and the output is linear where it measured distances to
    drawn figures.

    >>> import nn, numpy as np
    >>> model = nn.models.LeNet()
    >>> model.num_parameters, model(np.zeros((5, 1, 28, 28), np.float32)).shape
    (61706, (5, 10))
    """

    def __init__(self, num_classes: int = 10, *, in_channels: int = 1) -> None:
        self.features = Sequential(
            Conv2d(in_channels, 6, 5),
            Tanh(),
            AvgPool2d(2),
            Conv2d(6, 16, 5),
            Tanh(),
            AvgPool2d(2),
            Conv2d(16, 120, 5),
            Tanh(),
        )
        self.classifier = Sequential(Flatten(), Linear(120, 84), Tanh(), Linear(84, num_classes))

    def forward(self, input: Any) -> Any:
        """(N, in_channels, 28 or 32, the same) to (N, num_classes)."""
        size = tuple(input.shape[-2:])
        if size not in ((28, 28), (32, 32)):
            raise ShapeError(
                f"LeNet reads images of 28 × 28 or 32 × 32, and got shape {input.shape}.\n"
                "  Bring them to that size, nn.functional.interpolate(x, 32), or use lenet_small for 8 × 8."
            )
        framed = pad(input, (2, 2, 2, 2)) if size == (28, 28) else input
        return self.classifier(self.features(framed))


def lenet_small(num_classes: int = 10, in_channels: int = 1) -> Sequential:
    """LeNet's plan for images of 8 × 8, with what came after it: relu, and the largest of 2 × 2. 13,706 parameters.

    >>> import nn
    >>> nn.models.lenet_small().num_parameters
    13706
    """
    return Sequential(
        Conv2d(in_channels, 16, 3, padding=1),
        ReLU(),
        MaxPool2d(2),
        Conv2d(16, 32, 3, padding=1),
        ReLU(),
        MaxPool2d(2),
        Flatten(),
        Linear(128, 64),
        ReLU(),
        Linear(64, num_classes),
    )
