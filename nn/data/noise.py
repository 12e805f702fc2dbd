"""What disturbs an image: noise, other light, parts that are hidden."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from autograd import OperandError
from nn.data.transform import Transform, limits, log_uniform, probability, real
from nn.functional.refusal import refuse

__all__ = ["ColorJitter", "Cutout", "GaussianNoise", "RandomErasing"]

Generator = np.random.Generator


class GaussianNoise(Transform):
    """Normal noise of standard deviation `sigma` on each pixel. With `clip` what leaves 0 to 1 is brought back."""

    _shown = ("mean", "sigma", "clip")

    def __init__(
        self, mean: float = 0.0, sigma: float = 0.1, clip: bool = True, *, generator: Generator | int | None = None
    ) -> None:
        super().__init__(generator=generator)
        if sigma < 0:
            refuse(OperandError, f"GaussianNoise: sigma={sigma} is a standard deviation, from 0 on.")
        self.mean, self.sigma, self.clip = mean, sigma, clip

    def draw(self, shape: tuple[int, ...], random: Generator) -> ndarray:
        return random.standard_normal(shape, np.float32)

    def change(self, x: ndarray, drawn: ndarray) -> Any:
        noisy = real(self, x) + (self.mean + self.sigma * drawn).astype(x.dtype)
        return np.clip(noisy, 0, 1, out=noisy) if self.clip else noisy


class RandomErasing(Transform):
    """A rectangle hidden, with probability p (Zhong et al., 2017).

    `scale` is from where to where its part of the area goes, `ratio` its height to width. It gets the number `value`,
    or noise for "random".
    """

    _shown = ("p", "scale", "ratio", "value")

    def __init__(
        self,
        p: float = 0.5,
        scale: tuple[float, float] = (0.02, 0.33),
        ratio: tuple[float, float] = (0.3, 3.3),
        value: float | str = 0,
        *,
        generator: Generator | int | None = None,
    ) -> None:
        super().__init__(generator=generator)
        self.p = probability(self, p)
        self.scale, self.ratio, self.value = limits("scale", scale), limits("ratio", ratio), value
        if not 0 <= self.scale[0] <= self.scale[1] <= 1 or self.ratio[0] <= 0:
            refuse(OperandError, f"scale={scale} are parts of the area, up to 1; ratio={ratio} is above 0.")
        if isinstance(value, str) and value != "random":
            refuse(OperandError, f"value={value!r:.80}: a number, or 'random'.")

    def draw(self, shape: tuple[int, ...], random: Generator) -> Any:
        n, _, height, width = shape
        area = random.uniform(*self.scale, n) * height * width
        ratio = log_uniform(self.ratio, n, random)
        tall = np.clip(np.rint(np.sqrt(area * ratio)), 1, height).astype(int)
        wide = np.clip(np.rint(np.sqrt(area / ratio)), 1, width).astype(int)
        top, left = random.integers(height - tall + 1), random.integers(width - wide + 1)
        hidden = boxes(shape, top, left, top + tall, left + wide) & (random.random(n) < self.p)[:, None, None, None]
        return hidden, random.standard_normal(shape, np.float32) if self.value == "random" else self.value

    def change(self, x: ndarray, drawn: Any) -> Any:
        hidden, value = drawn
        return np.where(hidden, np.asarray(value).astype(x.dtype), x)


class Cutout(Transform):
    """Squares of `size` pixels hidden, which may reach beyond the border (DeVries and Taylor, 2017)."""

    _shown = ("size", "holes", "value")

    def __init__(
        self, size: int, holes: int = 1, value: float = 0, *, generator: Generator | int | None = None
    ) -> None:
        super().__init__(generator=generator)
        if size < 1 or holes < 1:
            refuse(OperandError, f"Cutout: size={size} and holes={holes} are from 1 on.")
        self.size, self.holes, self.value = size, holes, value

    def draw(self, shape: tuple[int, ...], random: Generator) -> ndarray:
        hidden = np.zeros((shape[0], 1, *shape[2:]), bool)
        for _ in range(self.holes):
            top, left = (random.integers(side, size=shape[0]) - self.size // 2 for side in shape[2:])
            hidden |= boxes(shape, top, left, top + self.size, left + self.size)
        return hidden

    def change(self, x: ndarray, drawn: ndarray) -> Any:
        return np.where(drawn, np.asarray(self.value, x.dtype), x)


class ColorJitter(Transform):
    """Other light: brightness, contrast and, of images with three channels, saturation; images are from 0 to 1.

    Each is a number b, for factors from 1 - b to 1 + b, or (from, to). They come one after the other in this order.
    """

    _shown = ("brightness", "contrast", "saturation")

    def __init__(
        self, brightness: Any = 0, contrast: Any = 0, saturation: Any = 0, *, generator: Generator | int | None = None
    ) -> None:
        super().__init__(generator=generator)
        self.brightness = limits("brightness", brightness, 1)
        self.contrast, self.saturation = limits("contrast", contrast, 1), limits("saturation", saturation, 1)
        if min(self.brightness[0], self.contrast[0], self.saturation[0]) < 0:
            refuse(OperandError, f"{self!r}: factors are from 0 on.")

    def draw(self, shape: tuple[int, ...], random: Generator) -> list[ndarray]:
        return [random.uniform(*f, (shape[0], 1, 1, 1)) for f in (self.brightness, self.contrast, self.saturation)]

    def change(self, x: ndarray, drawn: list[ndarray]) -> Any:
        brightness, contrast, saturation = (factor.astype(real(self, x).dtype) for factor in drawn)
        x = np.clip(x * brightness, 0, 1)
        grey = _grey(x)
        x = np.clip(x * contrast + grey.mean(axis=(2, 3), keepdims=True) * (1 - contrast), 0, 1)
        return x if x.shape[1] != 3 else np.clip(x * saturation + _grey(x) * (1 - saturation), 0, 1)


def _grey(x: ndarray) -> Any:
    """How bright each pixel is (N, 1, H, W); of red, green and blue as the eye weighs them (ITU-R BT.601)."""
    if x.shape[1] != 3:
        return x.mean(axis=1, keepdims=True)
    return np.tensordot(x, np.array([0.299, 0.587, 0.114], x.dtype), (1, 0))[:, None]


def boxes(shape: tuple[int, ...], top: ndarray, left: ndarray, bottom: ndarray, right: ndarray) -> ndarray:
    """Where the boxes are, one in each image: (N, 1, H, W)."""
    row, column = np.arange(shape[2])[:, None], np.arange(shape[3])
    top, left, bottom, right = (side[:, None, None, None] for side in (top, left, bottom, right))
    inside: ndarray = (row >= top) & (row < bottom) & (column >= left) & (column < right)
    return inside
