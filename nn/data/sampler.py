"""Samplers: which examples a loader takes, in which order, and in which batches.

They are made as PyTorch's are: something to go through, epoch after epoch, that gives indices. What they draw, they
draw from `nn`'s generator, which a loader sets for each epoch; so a loader that resumes draws the same again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import OperandError, ShapeError
from nn.functional.refusal import refuse
from nn.random import generator

__all__ = [
    "BalancedSampler",
    "BatchSampler",
    "BucketBatchSampler",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "SubsetRandomSampler",
    "WeightedRandomSampler",
]

Indices = Sequence[int] | ndarray


class Sampler:
    """The parent of samplers: define `__iter__`, which gives the indices of one epoch, and `__len__`, how many.

    Being a Sampler is no duty: a list of indices, or whatever else can be gone through again and again, serves as well.
    """

    def __iter__(self) -> Iterator[int]:
        raise NotImplementedError(f"{type(self).__name__} has no __iter__ method: define which indices come.")

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} has no __len__ method: define how many indices come.")

    def indices(self) -> Indices:
        """Those of one epoch, at once."""
        return np.fromiter(self, np.intp)


class SequentialSampler(Sampler):
    """All, in their order.

    >>> import nn
    >>> list(nn.data.SequentialSampler("abc"))
    [0, 1, 2]
    """

    def __init__(self, data_source: Any) -> None:
        self.data_source = data_source

    def __len__(self) -> int:
        return len(self.data_source)

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self)))

    def indices(self) -> Indices:
        return range(len(self))


class _Drawn(Sampler):
    """Samplers that draw all indices of an epoch at once."""

    def __iter__(self) -> Iterator[int]:
        return iter(self.indices().tolist())

    def indices(self) -> ndarray:
        raise NotImplementedError


class RandomSampler(_Drawn):
    """All, in an order of chance. With `replacement` each index is drawn from all, so that some come more than once.

    >>> import nn
    >>> nn.manual_seed(0)
    >>> list(nn.data.RandomSampler("abcde"))
    [2, 4, 3, 0, 1]

    `num_samples` is how many come, all unless said. Without replacement, more than there are begin a new order.
    """

    def __init__(self, data_source: Any, replacement: bool = False, num_samples: int | None = None) -> None:
        self.data_source = data_source
        self.replacement = replacement
        self.num_samples = num_samples

    def __len__(self) -> int:
        return len(self.data_source) if self.num_samples is None else self.num_samples

    def indices(self) -> ndarray:
        n = len(self.data_source)
        if self.replacement:
            return generator().integers(n, size=len(self))
        return _dealt(np.arange(n), len(self))


class SubsetRandomSampler(_Drawn):
    """These indices, in an order of chance."""

    def __init__(self, indices: Indices) -> None:
        self.subset = np.asarray(indices, np.intp)

    def __len__(self) -> int:
        return len(self.subset)

    def indices(self) -> ndarray:
        return generator().permutation(self.subset)


class WeightedRandomSampler(_Drawn):
    """Example i with probability `weights[i] / sum(weights)`; the weights need not sum to 1.

    >>> import nn
    >>> nn.manual_seed(0)
    >>> list(nn.data.WeightedRandomSampler([1, 0, 3], 8))
    [2, 2, 0, 0, 2, 2, 2, 2]
    """

    def __init__(self, weights: Any, num_samples: int, replacement: bool = True) -> None:
        self.weights = np.asarray(weights, float)
        self.num_samples = num_samples
        self.replacement = replacement
        if self.weights.ndim != 1 or not np.isfinite(self.weights).all() or (self.weights < 0).any():
            refuse(
                OperandError,
                "WeightedRandomSampler takes one weight for each example: a list of numbers, none below 0.",
            )
        possible = int((self.weights > 0).sum())
        if possible < (1 if replacement else num_samples):
            refuse(
                OperandError, f"WeightedRandomSampler of {num_samples} examples: only {possible} have a weight above 0."
            )

    def __len__(self) -> int:
        return self.num_samples

    def indices(self) -> ndarray:
        share = self.weights / self.weights.sum()
        return generator().choice(len(share), self.num_samples, self.replacement, share)


class BalancedSampler(_Drawn):
    """As many examples of each class, however rare it is: for data where one class would drown the others.

    Of a frequent class another part comes in each epoch; the examples of a rare one come several times, all equally
    often but for one. `num_samples` is how many come, as many as there are unless said.

    >>> import nn, numpy as np
    >>> nn.manual_seed(0)
    >>> labels = np.array([0] * 90 + [1] * 10)
    >>> np.bincount(labels[list(nn.data.BalancedSampler(labels))])
    array([50, 50])
    """

    def __init__(self, labels: Any, num_samples: int | None = None) -> None:
        labels = np.asarray(labels)
        if labels.ndim != 1 or not labels.size:
            refuse(ShapeError, f"BalancedSampler takes one label for each example, and got an array {labels.shape}.")
        order = np.argsort(labels, kind="stable")
        self.members = np.split(order, np.flatnonzero(np.diff(np.unique(labels, return_inverse=True)[1][order])) + 1)
        self.num_samples = len(labels) if num_samples is None else num_samples

    def __len__(self) -> int:
        return self.num_samples

    def indices(self) -> ndarray:
        share, rest = divmod(len(self), len(self.members))
        more = set(generator().permutation(len(self.members))[:rest].tolist())
        drawn = [_dealt(members, share + (k in more)) for k, members in enumerate(self.members)]
        return generator().permutation(np.concatenate(drawn))


class BatchSampler:
    """The indices of a sampler in batches. The last one is smaller when they do not come out even, or is dropped.

    >>> import nn
    >>> [batch.tolist() for batch in nn.data.BatchSampler([5, 6, 7, 8, 9], 2, drop_last=True)]
    [[5, 6], [7, 8]]
    """

    def __init__(self, sampler: Any, batch_size: int, drop_last: bool = False) -> None:
        if not isinstance(batch_size, int | np.integer) or isinstance(batch_size, bool) or batch_size < 1:
            refuse(OperandError, f"batch_size={batch_size!r:.80}: it is a whole number from 1 on.")
        self.sampler = sampler
        self.batch_size = int(batch_size)
        self.drop_last = drop_last

    def __len__(self) -> int:
        n = len(self.sampler)
        return n // self.batch_size if self.drop_last else -(-n // self.batch_size)

    def __iter__(self) -> Iterator[Indices]:
        order = _indices(self.sampler)
        end = len(order) - len(order) % self.batch_size if self.drop_last else len(order)
        return (order[i : i + self.batch_size] for i in range(0, end, self.batch_size))


class BucketBatchSampler:
    """Batches of sequences that are about equally long, so that little has to be filled up; for `batch_sampler`.

    In an order of chance, 100 batches at a time are sorted by length and cut, and the batches mixed again.

    >>> import nn
    >>> nn.manual_seed(0)
    >>> words = ["a", "neural", "network", "is", "a", "large", "function"]
    >>> sampler = nn.data.BucketBatchSampler([len(word) for word in words], 2)
    >>> [[words[i] for i in batch] for batch in sampler]
    [['is', 'large'], ['neural', 'network'], ['a', 'a'], ['function']]
    """

    pool = 100  # batches that are sorted together

    def __init__(self, lengths: Any, batch_size: int, drop_last: bool = False) -> None:
        self.lengths = np.asarray(lengths)
        self.batches = BatchSampler(range(len(self.lengths)), batch_size, drop_last)

    def __len__(self) -> int:
        return len(self.batches)

    def __iter__(self) -> Iterator[Indices]:
        order, size = generator().permutation(len(self.lengths)), self.batches.batch_size
        pools = np.split(order, range(size * self.pool, len(order), size * self.pool))
        mixed = np.concatenate([pool[np.argsort(self.lengths[pool], kind="stable")] for pool in pools])
        batches = list(BatchSampler(mixed, size, self.batches.drop_last))
        return (batches[i] for i in generator().permutation(len(batches)))


def _indices(sampler: Any) -> Indices:
    """The indices of one epoch of a sampler, of a list, or of whatever else gives them one by one."""
    if isinstance(sampler, Sampler):
        return sampler.indices()
    return sampler if isinstance(sampler, ndarray | range) else np.array([int(i) for i in sampler], np.intp)


def _dealt(members: ndarray, count: int) -> ndarray:
    """`count` of the members, none a second time before all have come once."""
    rounds = -(-count // len(members)) if count else 0
    return np.concatenate([generator().permutation(members) for _ in range(rounds)] or [members[:0]])[:count]
