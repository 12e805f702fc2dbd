"""Two images in one, with the labels of both: the label of an image says how much of each class is in it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from autograd import OperandError, ShapeError
from nn.data.dataset import rng
from nn.data.label import one_hot
from nn.data.noise import boxes
from nn.data.transform import real
from nn.functional.refusal import refuse

__all__ = ["CutMix", "MixUp"]

Generator = np.random.Generator


class MixUp:
    """Each image laid over another of its batch (Zhang et al., 2018): `mix(x, y)` gives other images and soft labels.

    λ of one and 1 - λ of the other, where λ is drawn for each image from Beta(alpha, alpha): small alphas mix little.
    Labels int64 (N,) become float32 (N, num_classes), what `nn.CrossEntropyLoss` takes as probabilities; targets of
    floating point numbers, one-hot labels among them, are mixed as they are.

    >>> import nn, numpy as np
    >>> mix = nn.data.MixUp(num_classes=2, generator=0)
    >>> x, y = mix(np.array([[[[0.0]]], [[[1.0]]]]), np.array([0, 1]))
    >>> x.ravel().round(2), y.round(2)
    (array([0.3 , 0.71]), array([[0.7 , 0.3 ],
           [0.29, 0.71]], dtype=float32))
    """

    def __init__(
        self, alpha: float = 1.0, num_classes: int | None = None, *, generator: Generator | int | None = None
    ) -> None:
        if alpha <= 0:
            refuse(OperandError, f"{type(self).__name__}: alpha={alpha} must be above 0.")
        self.alpha, self.num_classes = alpha, num_classes
        self.generator = None if generator is None else rng(generator)

    def __call__(self, images: Any, labels: Any, *rest: Any) -> tuple[Any, ...]:
        x, y = real(self, np.asarray(images)), np.asarray(labels)
        if x.ndim < 2 or y.shape[:1] != x.shape[:1]:
            refuse(
                ShapeError,
                f"{type(self).__name__} takes a batch of images and labels, and got {x.shape} and {y.shape}.",
            )
        if y.dtype.kind in "iu":
            if self.num_classes is None:
                refuse(
                    OperandError,
                    f"{type(self).__name__} must know how many classes there are, to mix labels of whole numbers.",
                    f"{type(self).__name__}(num_classes=10)",
                )
            y = one_hot(y, self.num_classes)
        random = rng(self.generator)
        share = random.beta(self.alpha, self.alpha, len(x))
        other = np.roll(np.arange(len(x)), random.integers(1, len(x)) if len(x) > 1 else 0)
        x, share = self._mixed(x, x[other], share, random)
        kept = share.astype(y.dtype).reshape(-1, *(1,) * (y.ndim - 1))
        return x, kept * y + (1 - kept) * y[other], *rest

    def _mixed(self, x: ndarray, other: ndarray, share: ndarray, random: Generator) -> tuple[ndarray, ndarray]:
        """Images of both, and which share the first of them really has."""
        kept = share.astype(x.dtype).reshape(-1, *(1,) * (x.ndim - 1))
        return kept * x + (1 - kept) * other, share

    def __repr__(self) -> str:
        return f"{type(self).__name__}(alpha={self.alpha}, num_classes={self.num_classes})"


class CutMix(MixUp):
    """A rectangle of each image replaced by that of another of its batch (Yun et al., 2019); else as MixUp.

    The other's share of the label is that of the area.
    """

    def _mixed(self, x: ndarray, other: ndarray, share: ndarray, random: Generator) -> tuple[ndarray, ndarray]:
        if x.ndim != 4:
            refuse(ShapeError, f"CutMix takes images (N, C, H, W), and got an array {x.shape}.")
        side = np.sqrt(1 - share)
        ends = []
        for size in x.shape[2:]:
            centre, half = random.integers(size, size=len(x)), (side * size / 2).astype(int)
            ends.append((np.clip(centre - half, 0, size), np.clip(centre + half, 0, size)))
        (top, bottom), (left, right) = ends
        cut = boxes(x.shape, top, left, bottom, right)
        return np.where(cut, other, x), 1 - cut.mean(axis=(1, 2, 3))
