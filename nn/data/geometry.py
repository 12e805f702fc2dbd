"""Where things are in an image: flips, crops and shifts, by whole pixels. Nothing is interpolated."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy import ndarray

from autograd import OperandError, ShapeError
from nn.data.transform import Transform, pair, probability
from nn.functional.refusal import refuse

__all__ = ["CenterCrop", "Pad", "RandomCrop", "RandomHorizontalFlip", "RandomShift", "RandomVerticalFlip"]

Generator = np.random.Generator
_MODES = {"constant": "constant", "edge": "edge", "reflect": "reflect", "symmetric": "symmetric"}


class RandomHorizontalFlip(Transform):
    """Left and right exchanged with probability p. Not for digits and letters!

    With `mask=True` the masks (N, H, W) that come second are flipped, too: `flip(x, masks)`.

    >>> import nn, numpy as np
    >>> nn.data.RandomHorizontalFlip(p=1)(np.array([[[1, 2, 3]]]))
    array([[[3, 2, 1]]])
    """

    _shown = ("p",)
    _axis = -1

    def __init__(self, p: float = 0.5, *, mask: bool = False, generator: Generator | int | None = None) -> None:
        super().__init__(generator=generator)
        self.p = probability(self, p)
        self.mask = mask

    def draw(self, shape: tuple[int, ...], random: Generator) -> ndarray:
        return random.random(shape[0]) < self.p

    def change(self, x: ndarray, drawn: ndarray) -> Any:
        return np.where(drawn[:, None, None, None], np.flip(x, self._axis), x)


class RandomVerticalFlip(RandomHorizontalFlip):
    """Above and below exchanged with probability p; `mask` as in RandomHorizontalFlip."""

    _axis = -2


class Pad(Transform):
    """`padding` pixels at each side, or (left and right, above and below), or (left, above, right, below).

    `padding_mode` is "constant" (they have the value `fill`), "edge", "reflect" or "symmetric". With `mask=True` the
    masks that come second get a border of 0, or as the mode says.
    """

    _shown = ("padding", "fill", "padding_mode")

    def __init__(self, padding: Any, fill: float = 0, padding_mode: str = "constant", *, mask: bool = False) -> None:
        super().__init__()
        sides = (padding,) if isinstance(padding, int) else tuple(padding)
        if len(sides) not in (1, 2, 4) or min(sides) < 0:
            refuse(OperandError, f"padding={padding!r:.80}: one number of pixels, two, or four, none below 0.")
        if padding_mode not in _MODES:
            refuse(OperandError, f"padding_mode={padding_mode!r:.80}: there are {', '.join(map(repr, _MODES))}.")
        self.padding = padding
        self.fill, self.padding_mode, self.mask = fill, padding_mode, mask
        left, above, right, below = sides * (4 // len(sides))
        self._sides = ((0, 0), (0, 0), (above, below), (left, right))

    def change(self, x: ndarray, drawn: Any) -> Any:
        return self.padded(x, self.fill)

    def change_mask(self, x: ndarray, drawn: Any) -> Any:
        return self.padded(x, 0)

    def padded(self, x: ndarray, fill: float) -> ndarray:
        """With its border."""
        if self.padding_mode != "constant":
            return np.pad(x, self._sides, self.padding_mode)  # type: ignore[call-overload, no-any-return]
        return np.pad(x, self._sides, constant_values=fill)


class RandomCrop(Transform):
    """A part of `size` (height and width, or one number), at a place of chance.

    With `padding` a border is first put around, as `Pad` does: RandomCrop(32, padding=4) is how CIFAR is learned.
    With `mask=True` the masks that come second are cropped at the same places.

    >>> import nn, numpy as np
    >>> crop = nn.data.RandomCrop(2, generator=1)
    >>> crop(np.arange(16).reshape(1, 1, 4, 4))
    array([[[[ 5,  6],
             [ 9, 10]]]])

    Errors: ShapeError when the images are smaller.
    """

    _shown: ClassVar[tuple[str, ...]] = ("size", "padding")

    def __init__(
        self,
        size: Any,
        padding: Any = 0,
        fill: float = 0,
        padding_mode: str = "constant",
        *,
        mask: bool = False,
        generator: Generator | int | None = None,
    ) -> None:
        super().__init__(generator=generator)
        self.size, self.padding, self.mask = pair(size), padding, mask
        self._pad = Pad(padding, fill, padding_mode)
        self._border = np.sum(self._pad._sides[2:], axis=1)

    def draw(self, shape: tuple[int, ...], random: Generator) -> Any:
        room = np.array(shape[2:]) + self._border - self._size(shape)
        if room.min() < 0:
            refuse(
                ShapeError,
                f"{type(self).__name__}({self.size}) of images {shape[2]}×{shape[3]}, which are smaller.",
                "padding=... puts a border around them first.",
            )
        return self._size(shape), *random.integers(room + 1, size=(shape[0], 2)).T

    def change(self, x: ndarray, drawn: Any) -> Any:
        return self._cropped(self._pad.change(x, None), *drawn)

    def change_mask(self, x: ndarray, drawn: Any) -> Any:
        return self._cropped(self._pad.change_mask(x, None), *drawn)

    def _size(self, shape: tuple[int, ...]) -> tuple[int, int]:
        return self.size

    @staticmethod
    def _cropped(x: ndarray, size: tuple[int, int], top: ndarray, left: ndarray) -> ndarray:
        windows = np.lib.stride_tricks.sliding_window_view(x, size, axis=(2, 3))  # a view: nothing is copied
        found: ndarray = windows[np.arange(len(x)), :, top, left]
        return found


class RandomShift(RandomCrop):
    """Moved by up to `pixels` up, down, left and right; what comes in at the border is as `Pad` has it.

    `pixels` is one number, or (left and right, up and down). `mask` as in RandomCrop.

    >>> import nn, numpy as np
    >>> nn.data.RandomShift((1, 0), generator=0)(np.array([[[1, 2, 3]]]))
    array([[[2, 3, 0]]])
    """

    _shown = ("padding",)

    def __init__(
        self,
        pixels: Any,
        fill: float = 0,
        padding_mode: str = "constant",
        *,
        mask: bool = False,
        generator: Generator | int | None = None,
    ) -> None:
        super().__init__(0, pixels, fill, padding_mode, mask=mask, generator=generator)

    def _size(self, shape: tuple[int, ...]) -> tuple[int, int]:
        return shape[2], shape[3]


class CenterCrop(Transform):
    """The middle of `size` (height and width, or one number): for a test, where training has RandomCrop."""

    _shown = ("size",)

    def __init__(self, size: Any, *, mask: bool = False) -> None:
        super().__init__()
        self.size, self.mask = pair(size), mask

    def change(self, x: ndarray, drawn: Any) -> Any:
        top, left = (x.shape[2] - self.size[0]) // 2, (x.shape[3] - self.size[1]) // 2
        if min(top, left) < 0:
            refuse(ShapeError, f"CenterCrop({self.size}) of images {x.shape[2]}×{x.shape[3]}, which are smaller.")
        return x[:, :, top : top + self.size[0], left : left + self.size[1]].copy()
