"""DataLoader: batches of a dataset, epoch after epoch, repeatable and resumable."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nn import random
from nn.data.dataset import examples, rng, take
from nn.data.sampler import RandomSampler, SequentialSampler

__all__ = ["DataLoader"]


class DataLoader:
    """Batches of a dataset."""

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool = False,
        *,
        sampler: Any = None,
        drop_last: bool = False,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        generator: np.random.Generator | int | None = None,
        prefetch: int = 0,
        transform: Callable[..., Any] | None = None,
    ) -> None:
        self.dataset = dataset
        self.batch_size = batch_size
        self.sampler = sampler if sampler is not None else (RandomSampler if shuffle else SequentialSampler)(dataset)
        self.drop_last = drop_last
        self.collate_fn = collate_fn
        self.generator = None if generator is None else rng(generator)
        self.prefetch = prefetch
        self.transform = transform

    def __len__(self) -> int:
        n, size = len(self.sampler), self.batch_size or 1
        return n // size if self.drop_last else -(-n // size)

    def __iter__(self) -> Iterator[Any]:
        seed = int(rng(self.generator).integers(2**63))
        return self._run(seed)

    def _run(self, seed: int) -> Iterator[Any]:
        with random.drawing_from(np.random.default_rng(seed)):
            order = self.sampler.indices()
        size = self.batch_size or 1
        for i in range(len(self)):
            with random.drawing_from(np.random.default_rng([seed, i + 1])):
                batch = self._batch(order[i * size : (i + 1) * size])
            yield batch

    def _batch(self, indices: Any) -> Any:
        if self.collate_fn is None:
            batch = take(self.dataset, indices)
        else:
            batch = self.collate_fn(examples(self.dataset, indices))
        if self.transform is None:
            return batch
        return self.transform(*batch) if isinstance(batch, tuple) else self.transform(batch)
