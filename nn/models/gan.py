"""GANs: one network makes pictures, another tells them from real ones, and each learns from the other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

import autograd
import nn.init as init
from autograd import ShapeError
from nn.activation import LeakyReLU, ReLU, Sigmoid
from nn.container import Sequential
from nn.convolution import Conv2d, ConvTranspose2d
from nn.dropout import Dropout
from nn.functional import binary_cross_entropy_with_logits
from nn.linear import Linear
from nn.module import Module
from nn.normalization import BatchNorm1d, BatchNorm2d
from nn.random import generator
from nn.shape import Flatten, Unflatten

__all__ = ["DCGAN", "GAN"]


class GAN(Module):
    """A generator and a discriminator of linear layers: Goodfellow et al., 2014.

    The generator turns noise (N, codes) into examples of `shape`, elements from 0 to 1; the discriminator gives each
    example a logit (N, 1), high for real ones. They are trained in turns, each by an optimizer of its own:

    >>> import nn, numpy as np
    >>> model = nn.models.GAN((1, 8, 8), codes=16, widths=(32,))
    >>> x = np.zeros((5, 1, 8, 8), np.float32)
    >>> d = nn.optim.Adam(model.discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999))
    >>> g = nn.optim.Adam(model.generator.parameters(), lr=2e-4, betas=(0.5, 0.999))
    >>> for optimizer, loss in (d, lambda: model.discriminator_loss(x)), (g, lambda: model.generator_loss(len(x))):
    ...     optimizer.zero_grad()
    ...     loss().backward()
    ...     optimizer.step()
    >>> model.sample(3).shape
    (3, 1, 8, 8)
    """

    def __init__(
        self, shape: Sequence[int] = (1, 28, 28), *, codes: int = 64, widths: Sequence[int] = (128, 256)
    ) -> None:
        if not widths:
            raise ShapeError("GAN: give the width of at least one layer, widths=(128,).")
        self.codes = codes
        up: list[Module] = []
        for before, n in zip((codes, *widths), widths, strict=False):
            up += [Linear(before, n), BatchNorm1d(n), ReLU()]
        features = int(np.prod(shape))
        self.generator = Sequential(*up, Linear(widths[-1], features), Sigmoid(), Unflatten(1, tuple(shape)))
        down: list[Module] = [Flatten()]
        for before, n in zip((features, *widths[::-1]), widths[::-1], strict=False):
            down += [Linear(before, n), LeakyReLU(0.2), Dropout(0.3)]
        self.discriminator = Sequential(*down, Linear(widths[0], 1))

    def noise(self, n: int) -> Any:
        """Standard normal numbers (n, codes), what the generator starts from."""
        return generator().standard_normal((n, self.codes)).astype(np.float32)

    def forward(self, code: Any) -> Any:
        """Codes (N, codes) to examples."""
        return self.generator(code)

    def discriminator_loss(self, real: Any, smooth: float = 0.0) -> Any:
        """How badly real examples are told from as many made ones: -mean ln D(x) - mean ln(1 - D(G(z))).

        The generator gets no gradients. With `smooth` real ones are to be found real to 1 - smooth alone, so that the
        discriminator does not become too sure (Salimans et al., 2016).
        """
        with autograd.no_grad():
            made = self.generator(self.noise(len(real)))
        made = made.data if isinstance(made, autograd.Tensor) else made
        yes, no = self.discriminator(real), self.discriminator(made)
        ones = np.full(yes.shape, 1 - smooth, np.float32)
        return binary_cross_entropy_with_logits(yes, ones) + binary_cross_entropy_with_logits(no, np.zeros_like(ones))

    def generator_loss(self, n: int) -> Any:
        """How seldom n made examples are taken for real: -mean ln D(G(z)), which has a slope even when none is.

        The discriminator gets gradients, too: clear them before it learns, as `zero_grad` at each step does.
        """
        logits = self.discriminator(self.generator(self.noise(n)))
        return binary_cross_entropy_with_logits(logits, np.ones(logits.shape, np.float32))

    def sample(self, n: int, code: Any = None) -> Any:
        """n made examples, or those of given codes, as an array; normalised by what was seen while training."""
        mode = self.generator.training
        self.generator.eval()
        with autograd.no_grad():
            made = self.generator(self.noise(n) if code is None else code)
        self.generator.train(mode)
        return made.data if isinstance(made, autograd.Tensor) else made


class DCGAN(GAN):
    """A generator and a discriminator of convolutions: Radford, Metz and Chintala, 2015.

    Images (N, channels, size, size). The generator begins with 1/2ᵏ of the size and doubles it k = len(widths) - 1
    times by transposed convolutions of 4 × 4, `widths` channels wide; the discriminator has strides in their place.
    Batch normalisation but at the edges, leaky relu in the discriminator, weights normal with 0.02, as in the paper; it
    has size=64, widths=(1024, 512, 256, 128, 64) less the last doubling.

    >>> import nn
    >>> nn.models.DCGAN(8, widths=(32, 16)).sample(2).shape
    (2, 1, 8, 8)
    """

    def __init__(
        self, size: int = 28, *, channels: int = 1, codes: int = 64, widths: Sequence[int] = (64, 32, 16)
    ) -> None:
        times = len(widths) - 1
        small = size // 2**times
        if small * 2**times != size or not small:
            raise ShapeError(f"DCGAN: {len(widths)} widths double the size {times} times, which cannot give {size}.")
        self.codes = codes
        first = widths[0] * small**2
        up: list[Module] = [Linear(codes, first, bias=False), BatchNorm1d(first), ReLU()]
        up.append(Unflatten(1, (widths[0], small, small)))
        for before, n in pairwise(widths):
            up += [ConvTranspose2d(before, n, 4, 2, 1, bias=False), BatchNorm2d(n), ReLU()]
        self.generator = Sequential(*up, Conv2d(widths[-1], channels, 3, padding=1), Sigmoid())
        down: list[Module] = [Conv2d(channels, widths[-1], 3, padding=1), LeakyReLU(0.2)]
        for before, n in pairwise(widths[::-1]):
            down += [Conv2d(before, n, 4, 2, 1, bias=False), BatchNorm2d(n), LeakyReLU(0.2)]
        self.discriminator = Sequential(*down, Flatten(), Linear(first, 1))
        for module in self.modules():
            if isinstance(module, Conv2d | ConvTranspose2d):
                init.normal_(module.weight, std=0.02)
