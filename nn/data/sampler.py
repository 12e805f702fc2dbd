"""Samplers: in which order a loader takes the examples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from numpy import ndarray

from nn.random import generator

__all__ = ["RandomSampler", "Sampler", "SequentialSampler"]


class Sampler:
    """The parent of samplers: define `indices`, which draws the indices of one epoch, and `__len__`.

    What a sampler draws from `nn`'s generator while a loader asks it, is drawn again when the loader resumes.
    """

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} has no __len__ method: define how many indices it gives.")

    def indices(self) -> Sequence[int] | ndarray:
        """The indices of one epoch."""
        raise NotImplementedError(f"{type(self).__name__} has no indices method: define which come.")

    def __iter__(self) -> Iterator[int]:
        return (int(i) for i in self.indices())


class SequentialSampler(Sampler):
    """All, in their order."""

    def __init__(self, data_source: Any) -> None:
        self.data_source = data_source

    def __len__(self) -> int:
        return len(self.data_source)

    def indices(self) -> Sequence[int] | ndarray:
        return range(len(self))


class RandomSampler(SequentialSampler):
    """All, in an order of chance."""

    def indices(self) -> ndarray:
        return generator().permutation(len(self))
