"""Autoencoders: networks that give back what they were given, through a passage too narrow to copy it."""

from __future__ import annotations

from typing import Any

from autograd import ShapeError
from nn.activation import ReLU, Sigmoid
from nn.container import Sequential
from nn.convolution import Conv2d, ConvTranspose2d
from nn.linear import Linear
from nn.module import Module
from nn.normalization import BatchNorm2d
from nn.random import generator
from nn.shape import Flatten, Unflatten

__all__ = ["Autoencoder", "ConvAutoencoder", "DenoisingAutoencoder"]


class Autoencoder(Module):
    """(N, features) to a code (N, codes) and back: Rumelhart et al., 1986; Hinton and Salakhutdinov, 2006.

    `sizes` are those of the encoder's layers, inputs first, code last; the decoder has the same backwards. relu between
    layers; at the end a sigmoid, for inputs between 0 and 1, unless `sigmoid` is False. The loss is
    `nn.functional.mse_loss(model(x), x)`. With one linear layer each way the codes span what the first principal
    components span.

    >>> import nn, numpy as np
    >>> model = nn.models.Autoencoder(64, 32, 2)
    >>> x = np.zeros((5, 64), np.float32)
    >>> model.encode(x).shape, model(x).shape
    ((5, 2), (5, 64))
    """

    def __init__(self, *sizes: int, sigmoid: bool = True) -> None:
        if len(sizes) < 2:
            raise ShapeError(
                f"{type(self).__name__}{sizes}: give the number of features, of codes, and what is to be between: "
                "(64, 32, 8)."
            )
        self.encoder = layers(sizes)
        self.decoder = layers(sizes[::-1])
        if sigmoid:
            self.decoder.append(Sigmoid())

    def encode(self, input: Any) -> Any:
        """(N, features) to (N, codes)."""
        return self.encoder(input)

    def decode(self, code: Any) -> Any:
        """(N, codes) to (N, features)."""
        return self.decoder(code)

    def forward(self, input: Any) -> Any:
        """What the input becomes on its way through the code: the same shape."""
        return self.decode(self.encode(input))


def layers(sizes: tuple[int, ...]) -> Sequential:
    """Linear layers of these sizes with relu between."""
    model = Sequential()
    for i in range(len(sizes) - 1):
        model.extend([ReLU()] if i else [])
        model.append(Linear(sizes[i], sizes[i + 1]))
    return model


class DenoisingAutoencoder(Autoencoder):
    """An autoencoder that is given less than it is to give back: Vincent, Larochelle, Bengio and Manzagol, 2008.

    While training each element of the input is 0 with probability `drop`, and has normal noise of standard deviation
    `noise` added; the loss is with what it was before, `nn.functional.mse_loss(model(x), x)`. What is left of the input
    must be enough, so the code may be wide. After `eval()` the input goes in as it is.
    """

    def __init__(self, *sizes: int, noise: float = 0.0, drop: float = 0.25, sigmoid: bool = True) -> None:
        super().__init__(*sizes, sigmoid=sigmoid)
        self.noise = noise
        self.drop = drop

    def corrupt(self, input: Any) -> Any:
        """The input with noise, and some of it gone."""
        rng, dtype = generator(), input.dtype
        kept = (rng.random(input.shape) >= self.drop).astype(dtype)
        return input * kept + (self.noise * rng.standard_normal(input.shape)).astype(dtype)

    def forward(self, input: Any) -> Any:
        """What the input becomes; while training, of what is left of it."""
        return super().forward(self.corrupt(input) if self.training else input)


class ConvAutoencoder(Autoencoder):
    """Images (N, in_channels, size, size) to a code (N, codes) and back, by convolutions: Masci et al., 2011.

    Two convolutions with stride 2 down, two transposed ones up, `width` and twice as many channels; `size` is a
    multiple of 4.

    >>> import nn, numpy as np
    >>> model = nn.models.ConvAutoencoder(16, size=8)
    >>> model(np.zeros((5, 1, 8, 8), np.float32)).shape
    (5, 1, 8, 8)
    """

    def __init__(self, codes: int, *, in_channels: int = 1, size: int = 28, width: int = 16) -> None:
        if size < 4 or size % 4:
            raise ShapeError(f"ConvAutoencoder halves the size of images twice: {size} is no multiple of 4.")
        small, inside = size // 4, 2 * width
        self.encoder = Sequential(
            Conv2d(in_channels, width, 4, 2, 1),
            BatchNorm2d(width),
            ReLU(),
            Conv2d(width, inside, 4, 2, 1),
            BatchNorm2d(inside),
            ReLU(),
            Flatten(),
            Linear(inside * small**2, codes),
        )
        self.decoder = Sequential(
            Linear(codes, inside * small**2),
            Unflatten(1, (inside, small, small)),
            ReLU(),
            ConvTranspose2d(inside, width, 4, 2, 1),
            BatchNorm2d(width),
            ReLU(),
            ConvTranspose2d(width, in_channels, 4, 2, 1),
            Sigmoid(),
        )
