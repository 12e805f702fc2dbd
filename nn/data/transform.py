"""Transforms: augmentation of images, batch by batch, under torchvision's names.

Each is called with images (N, C, H, W), or one (C, H, W), and gives others of the same dtype; every image of a batch
has its own chance. What comes with them is passed on, `transform(x, y)` gives `(x', y)`, so that one can be a loader's
`transform`. The numbers are drawn from `nn`'s generator, or from one of the transform's own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy import ndarray

from autograd import Node, OperandError, ShapeError
from nn.data.dataset import rng
from nn.functional.refusal import refuse

__all__ = ["Compose", "Lambda", "Normalize", "RandomApply", "Transform"]


class Transform:
    """The parent of transforms: define `draw`, what chance decides, and `change`, what is done then.

    >>> import nn, numpy as np
    >>> class Darken(nn.data.Transform):
    ...     def draw(self, shape, random):
    ...         return random.uniform(0.5, 1, size=(shape[0], 1, 1, 1))
    ...     def change(self, x, drawn):
    ...         return x * drawn.astype(x.dtype)
    >>> darken = Darken(generator=0)
    >>> darken(np.ones((2, 1, 1, 1))).ravel().round(2)
    array([0.82, 0.63])
    """

    _shown: ClassVar[tuple[str, ...]] = ()
    mask = False

    def __init__(self, *, generator: np.random.Generator | int | None = None) -> None:
        self.generator = None if generator is None else rng(generator)

    def draw(self, shape: tuple[int, ...], random: np.random.Generator) -> Any:
        """What chance decides for images of this shape, (N, C, H, W)."""
        return None

    def change(self, x: ndarray, drawn: Any) -> Any:
        """Other images, after that."""
        raise NotImplementedError(f"{type(self).__name__} has no change method: define what it does to images.")

    def change_mask(self, x: ndarray, drawn: Any) -> Any:
        """Other masks, (N, 1, H, W), of whole numbers, after the same."""
        return self.change(x, drawn)

    def __call__(self, images: Any, *rest: Any) -> Any:
        x = self._images(images)
        single = x.ndim == 3
        x = x[None] if single else x
        drawn = self.draw(x.shape, rng(getattr(self, "generator", None)))
        changed = self.change(x, drawn)
        others = list(rest)
        if self.mask:
            others[:1] = [self._masks(rest, x.shape, single, drawn)]
        changed = changed[0] if single else changed
        return (changed, *others) if rest else changed

    def _images(self, images: Any) -> ndarray:
        x = np.asarray(images.data if isinstance(images, Node) else images)
        if x.ndim not in (3, 4) or x.dtype.kind not in "biuf":
            refuse(
                ShapeError,
                f"{type(self).__name__} takes images (N, C, H, W), or one (C, H, W), and got {x.shape} {x.dtype}.",
                "Images (N, H, W) without channels are x[:, None].",
            )
        return x

    def _masks(self, rest: tuple[Any, ...], shape: tuple[int, ...], single: bool, drawn: Any) -> Any:
        """The masks that come second, changed as the images were."""
        given = np.asarray(rest[0]) if rest else np.zeros(0)
        masks = given[None] if single else given
        flat = masks.ndim == 3
        masks = masks[:, None] if flat else masks
        if masks.ndim != 4 or masks.shape[::2] != shape[::2] or masks.shape[3] != shape[3]:
            refuse(
                ShapeError,
                f"{type(self).__name__} with mask=True takes images and their masks (N, H, W), and got {given.shape} "
                f"for images {shape}.",
            )
        changed = self.change_mask(masks, drawn)
        changed = changed[:, 0] if flat else changed
        return changed[0] if single else changed

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={getattr(self, name)!r}' for name in self._shown)})"


class Compose:
    """Several transforms, one after the other.

    >>> import nn, numpy as np
    >>> nn.manual_seed(0)
    >>> augment = nn.data.Compose([nn.data.RandomCrop(8, padding=1), nn.data.RandomHorizontalFlip()])
    >>> x, y = augment(np.zeros((2, 1, 8, 8), np.float32), [3, 5])
    >>> x.shape, x.dtype, y
    ((2, 1, 8, 8), dtype('float32'), [3, 5])
    """

    def __init__(self, transforms: Sequence[Callable[..., Any]]) -> None:
        self.transforms = list(transforms)
        for transform in self.transforms:
            if not callable(transform):
                refuse(OperandError, f"Compose takes transforms in a list, and got {transform!r:.80} among them.")

    def __call__(self, *batch: Any) -> Any:
        for transform in self.transforms:
            found = transform(*batch)
            batch = found if isinstance(found, tuple) else (found,)
        return batch if len(batch) > 1 else batch[0]

    def __repr__(self) -> str:
        return f"Compose([{', '.join(map(repr, self.transforms))}])"


class RandomApply:
    """A transform, or several, done to each image with probability p. It must keep the shape of images and labels."""

    def __init__(self, transforms: Any, p: float = 0.5, *, generator: np.random.Generator | int | None = None) -> None:
        self.transform = Compose(transforms) if isinstance(transforms, list | tuple) else transforms
        self.p = probability(self, p)
        self.generator = None if generator is None else rng(generator)

    def __call__(self, *batch: Any) -> Any:
        first = np.asarray(batch[0])
        chosen = rng(self.generator).random(len(first) if first.ndim == 4 else 1) < self.p
        found = self.transform(*batch)
        parts = []
        for old, new in zip(batch, found if isinstance(found, tuple) else (found,), strict=True):
            before, after = np.asarray(old), np.asarray(new)
            if before.shape != after.shape:
                refuse(ShapeError, f"RandomApply of {self.transform!r} made {after.shape} of {before.shape}.")
            pick = chosen.reshape(-1, *(1,) * (before.ndim - 1)) if first.ndim == 4 else chosen[0]
            parts.append(np.where(pick, after, before))
        return tuple(parts) if len(batch) > 1 else parts[0]

    def __repr__(self) -> str:
        return f"RandomApply({self.transform!r}, p={self.p})"


class Lambda:
    """A function of the images alone as a transform.

    >>> import nn
    >>> nn.data.Lambda(lambda x: 1 - x)(0.25, "label")
    (0.75, 'label')
    """

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self.function = function

    def __call__(self, images: Any, *rest: Any) -> Any:
        found = self.function(images)
        return (found, *rest) if rest else found

    def __repr__(self) -> str:
        return f"Lambda({getattr(self.function, '__name__', self.function)})"


class Normalize(Transform):
    """(x - mean) / std of each channel, as torchvision's; `inverse` goes back, for pictures to look at.

    >>> import nn, numpy as np
    >>> normalize = nn.data.Normalize(0.5, 0.25)
    >>> normalize(np.ones((1, 1, 1))), normalize.inverse(normalize(np.ones((1, 1, 1))))
    (array([[[2.]]]), array([[[1.]]]))
    """

    def __init__(self, mean: float | Sequence[float], std: float | Sequence[float]) -> None:
        super().__init__()
        self.mean, self.std = (np.asarray(a, float).reshape(-1, 1, 1) for a in (mean, std))
        if not (self.std > 0).all():
            refuse(OperandError, f"Normalize: std={std} must be above 0.")

    def change(self, x: ndarray, drawn: Any) -> Any:
        return (real(self, x) - self.mean.astype(x.dtype)) / self.std.astype(x.dtype)

    def inverse(self, x: Any) -> Any:
        """The images of before."""
        array = real(self, self._images(x))
        return array * self.std.astype(array.dtype) + self.mean.astype(array.dtype)

    def __repr__(self) -> str:
        return f"Normalize({self.mean.ravel().tolist()}, {self.std.ravel().tolist()})"


def probability(who: Any, p: float) -> float:
    """p, if it is a probability."""
    if not 0 <= p <= 1:
        refuse(OperandError, f"{type(who).__name__}: p is a probability, between 0 and 1, and not {p}.")
    return p


def real(who: Any, x: ndarray) -> Any:
    """x, if its numbers are real and not whole."""
    if x.dtype.kind != "f":
        refuse(
            OperandError,
            f"{type(who).__name__} takes images of floating point numbers, and got {x.dtype}.",
            "From 0 to 255 they become x.astype(np.float32) / 255.",
        )
    return x


def pair(size: Any) -> tuple[int, int]:
    """Height and width of one number or two."""
    height, width = (size, size) if isinstance(size, int | np.integer) else size
    return int(height), int(width)


def limits(name: str, value: Any, centre: float = 0.0) -> tuple[float, float]:
    """From where to where: a number means so far to both sides of the centre."""
    low, high = (centre - value, centre + value) if isinstance(value, int | float) else value
    if not low <= high:
        refuse(OperandError, f"{name}={value}: the first is the lower end.")
    return float(low), float(high)


def log_uniform(ends: tuple[float, float], n: int, random: np.random.Generator) -> ndarray:
    """n factors between two, each as likely as its reciprocal would be."""
    low, high = np.log(ends).tolist()
    return np.exp(random.uniform(low, high, n))
