"""C3D: convolutions along time as well, for video (Tran et al., 2014)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import nn.init as init
from nn.activation import ReLU
from nn.container import Sequential
from nn.convolution import Conv3d
from nn.dropout import Dropout
from nn.linear import Linear
from nn.module import Module
from nn.normalization import BatchNorm3d
from nn.pooling import AdaptiveAvgPool3d, MaxPool3d
from nn.shape import Flatten

__all__ = ["C3D", "c3d", "c3d_small"]


class C3D(Module):
    """Clips (N, in_channels, frames, H, W) to (N, num_classes): Tran, Bourdev, Fergus, Torresani and Paluri, 2014.

    Convolutions of 3 × 3 × 3: in each group of `plan` so many kernels, and then the largest of 2 × 2 × 2; after the
    first group of 1 × 2 × 2, so that time is not lost too early. Then two linear layers with relu and dropout, `hidden`
    wide, and one to the classes; with hidden=0 the mean over time and space, and one layer.

    `c3d` is the paper's: 8 convolutions, clips of 16 frames of 112 × 112 pixels, 78,409,573 parameters for the 101
    classes of UCF101, of which the first linear layer has 33,558,528, and 38.5 · 10⁹ multiplications a clip.

    >>> import nn, numpy as np
    >>> model = nn.models.c3d_small(4)
    >>> model(np.zeros((2, 1, 8, 16, 16), np.float32)).shape
    (2, 4)
    """

    def __init__(
        self,
        num_classes: int = 487,
        plan: Sequence[Sequence[int]] = ((64,), (128,), (256, 256), (512, 512), (512, 512)),
        *,
        in_channels: int = 3,
        hidden: int = 4096,
        size: Sequence[int] = (1, 4, 4),
        dropout: float = 0.5,
        batch_norm: bool = False,
    ) -> None:
        features: list[Module] = []
        channels = in_channels
        for i, group in enumerate(plan):
            for n in group:
                norm = [BatchNorm3d(n)] if batch_norm else []
                features += [Conv3d(channels, n, 3, padding=1, bias=not batch_norm), *norm, ReLU()]
                channels = n
            last = hidden > 0 and i == len(plan) - 1  # 7 × 7 places become 4 × 4: the paper pads the last pooling
            window = (2, 2, 2) if i else (1, 2, 2)
            features.append(MaxPool3d(window, window, padding=(0, 1, 1) if last else 0))
        self.features = Sequential(*features)
        self.avgpool = AdaptiveAvgPool3d(tuple(size) if hidden else 1)
        places = size[0] * size[1] * size[2]
        self.classifier = (
            Sequential(
                Flatten(),
                Linear(channels * places, hidden),
                ReLU(),
                Dropout(dropout),
                Linear(hidden, hidden),
                ReLU(),
                Dropout(dropout),
                Linear(hidden, num_classes),
            )
            if hidden
            else Sequential(Flatten(), Dropout(dropout), Linear(channels, num_classes))
        )
        for module in self.features:
            if isinstance(module, Conv3d):
                init.kaiming_normal_(module.weight, nonlinearity="relu")

    def forward(self, input: Any) -> Any:
        """(N, in_channels, frames, H, W) to (N, num_classes)."""
        return self.classifier(self.avgpool(self.features(input)))


def c3d(num_classes: int = 487, **settings: Any) -> C3D:
    """C3D as the paper has it; the 487 classes are those of Sports-1M. 79,991,015 parameters with them."""
    return C3D(num_classes, **settings)


def c3d_small(num_classes: int = 4, in_channels: int = 1) -> C3D:
    """C3D of three convolutions, for clips of 4 frames or more. 17,740 parameters."""
    plan = ((8,), (16,), (32,))
    return C3D(num_classes, plan, in_channels=in_channels, hidden=0, dropout=0.0, batch_norm=True)
