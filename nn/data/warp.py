"""How things lie in an image: turned, moved, larger and smaller, slanted. New pixels are interpolated.

The whole batch is seen through one grid, by the same `grid_sample` that networks differentiate.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy import ndarray

import nn.functional as functional
from autograd import OperandError
from nn.data.transform import Transform, limits, log_uniform, pair, real
from nn.functional.refusal import refuse

__all__ = ["RandomAffine", "RandomResizedCrop", "RandomRotation"]

Generator = np.random.Generator


class _Warp(Transform):
    """A transform whose `draw` gives the size of the result and matrices (N, 2, 3), from its places to the image's."""

    def __init__(self, interpolation: str, fill: float, mask: bool, generator: Generator | int | None) -> None:
        super().__init__(generator=generator)
        if interpolation not in ("bilinear", "nearest", "bicubic"):
            refuse(OperandError, f"interpolation={interpolation!r:.80}: 'bilinear', 'nearest' or 'bicubic'.")
        self.interpolation, self.fill, self.mask = interpolation, fill, mask

    def change(self, x: ndarray, drawn: Any) -> Any:
        x = real(self, x)
        if not self.fill:
            return self._seen(x, drawn, self.interpolation)
        return self._seen(x - np.array(self.fill, x.dtype), drawn, self.interpolation) + np.array(self.fill, x.dtype)

    def change_mask(self, x: ndarray, drawn: Any) -> Any:
        return np.rint(self._seen(x.astype(np.float64), drawn, "nearest")).astype(x.dtype)

    @staticmethod
    def _seen(x: ndarray, drawn: Any, mode: str) -> ndarray:
        size, matrices = drawn
        grid = functional.affine_grid(matrices.astype(x.dtype), (*x.shape[:2], *size), align_corners=False)
        return np.asarray(functional.grid_sample(x, grid, mode, align_corners=False), x.dtype)


class RandomAffine(_Warp):
    """Turned, moved, scaled and slanted around the centre, as torchvision's; what comes in from outside is `fill`.

    - `degrees`: a number d, for angles from -d to d, or (from, to).
    - `translate`: (across, down), the largest moves as parts of width and height.
    - `scale`: (from, to), 1 leaves the size.
    - `shear`: degrees that vertical lines lean over: a number, or (from, to).

    `interpolation` is "bilinear", "nearest" or "bicubic". With `mask=True` masks that come second go along, always by
    "nearest", so that they keep their numbers.

    >>> import nn, numpy as np
    >>> turn = nn.data.RandomAffine((90, 90))
    >>> turn(np.array([[[1.0, 2.0], [3.0, 4.0]]])).round(6)
    array([[[2., 4.],
            [1., 3.]]])

    Errors: OperandError for images of whole numbers.
    """

    _shown: ClassVar[tuple[str, ...]] = ("degrees", "translate", "scale", "shear")

    def __init__(
        self,
        degrees: Any,
        translate: tuple[float, float] | None = None,
        scale: tuple[float, float] | None = None,
        shear: Any = None,
        interpolation: str = "bilinear",
        fill: float = 0,
        *,
        mask: bool = False,
        generator: Generator | int | None = None,
    ) -> None:
        super().__init__(interpolation, fill, mask, generator)
        self.degrees, self.translate = limits("degrees", degrees), translate
        self.scale = None if scale is None else limits("scale", scale)
        self.shear = None if shear is None else limits("shear", shear)
        if translate is not None and not all(0 <= part <= 1 for part in translate):
            refuse(OperandError, f"translate={translate}: parts of width and height, from 0 to 1.")
        if self.scale is not None and self.scale[0] <= 0:
            refuse(OperandError, f"scale={scale}: above 0.")

    def draw(self, shape: tuple[int, ...], random: Generator) -> Any:
        n, _, height, width = shape
        angle = np.radians(random.uniform(*self.degrees, n))
        slant = np.tan(np.radians(random.uniform(*self.shear, n) if self.shear else np.zeros(n)))
        size = random.uniform(*self.scale, n) if self.scale else np.ones(n)
        move = random.uniform(-1, 1, (n, 2)) * (self.translate or (0, 0)) * 2  # an image is 2 wide and 2 high
        cos, sin = np.cos(angle), np.sin(angle)
        # Where the pixels come from: moved back, turned back, slanted back, and made smaller again.
        back = (
            np.stack([cos + slant * sin, -sin + slant * cos, sin, cos], axis=1).reshape(n, 2, 2) / size[:, None, None]
        )
        back *= np.array([[1, height / width], [width / height, 1]])
        return (height, width), np.concatenate([back, -back @ move[..., None]], axis=2)


class RandomRotation(RandomAffine):
    """Turned around the centre by an angle from -degrees to degrees, or from (from, to); counter-clockwise above 0."""

    _shown = ("degrees",)

    def __init__(
        self,
        degrees: Any,
        interpolation: str = "bilinear",
        fill: float = 0,
        *,
        mask: bool = False,
        generator: Generator | int | None = None,
    ) -> None:
        super().__init__(degrees, interpolation=interpolation, fill=fill, mask=mask, generator=generator)


class RandomResizedCrop(_Warp):
    """A part of the image, of `scale` of its area and of `ratio` width to height, brought to `size`: Inception's way.

    `size` is height and width, or one number. `mask` as in RandomAffine.
    """

    _shown = ("size", "scale", "ratio")

    def __init__(
        self,
        size: Any,
        scale: tuple[float, float] = (0.08, 1.0),
        ratio: tuple[float, float] = (3 / 4, 4 / 3),
        interpolation: str = "bilinear",
        *,
        mask: bool = False,
        generator: Generator | int | None = None,
    ) -> None:
        super().__init__(interpolation, 0, mask, generator)
        self.size, self.scale, self.ratio = pair(size), limits("scale", scale), limits("ratio", ratio)
        if not 0 < self.scale[0] <= self.scale[1] <= 1 or self.ratio[0] <= 0:
            refuse(OperandError, f"scale={scale} are parts of the area, above 0 and up to 1; ratio={ratio} is above 0.")

    def draw(self, shape: tuple[int, ...], random: Generator) -> Any:
        n, _, height, width = shape
        area = random.uniform(*self.scale, n)
        ratio = log_uniform(self.ratio, n, random) * height / width
        part = np.minimum(np.stack([np.sqrt(area * ratio), np.sqrt(area / ratio)], axis=1), 1)  # of width and height
        matrices = np.zeros((n, 2, 3))
        matrices[:, [0, 1], [0, 1]] = part
        matrices[:, :, 2] = random.uniform(-1, 1, (n, 2)) * (1 - part)
        return self.size, matrices
