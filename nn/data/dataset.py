"""Datasets: things with a length, whose elements are examples."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import Node, OperandError, ShapeError
from nn.data.batch import collate
from nn.functional.refusal import refuse
from nn.random import generator as current_generator

__all__ = ["ArrayDataset", "ConcatDataset", "Dataset", "IterableDataset", "Subset", "TensorDataset", "random_split"]


class Dataset:
    """The parent of datasets of the user's own: define `__len__` and `__getitem__`, which gives one example.

    >>> import nn
    >>> class Squares(nn.data.Dataset):
    ...     def __len__(self):
    ...         return 4
    ...     def __getitem__(self, i):
    ...         return i, i * i
    >>> [squares for _, squares in nn.data.DataLoader(Squares(), batch_size=3)]
    [array([0, 1, 4]), array([9])]

    Being a Dataset is no duty: a list of examples, or whatever else has a length and indices, serves as well. One that
    can read many examples faster than one by one defines `take`, too.
    """

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} has no __len__ method: define how many examples there are.")

    def __getitem__(self, index: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} has no __getitem__ method: define what example i is.")

    def take(self, indices: Sequence[int] | ndarray) -> Any:
        """The examples of these indices as one batch."""
        return collate(examples(self, indices))

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __add__(self, other: Any) -> ConcatDataset:
        return ConcatDataset([self, other])


class IterableDataset:
    """The parent of streams: define `__iter__`, which begins anew each time, and gives one example after another.

    For data that has no indices, or too much of it: lines of a file, a simulation. A loader cannot shuffle it.

    >>> import nn
    >>> class Odd(nn.data.IterableDataset):
    ...     def __iter__(self):
    ...         yield from range(1, 8, 2)
    >>> list(nn.data.DataLoader(Odd(), batch_size=3))
    [array([1, 3, 5]), array([7])]
    """

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError(f"{type(self).__name__} has no __iter__ method: define which examples come.")


class ArrayDataset(Dataset):
    """Arrays of equal length: example i is the tuple of the i-th element of each. PyTorch's TensorDataset.

    Indices may be whatever NumPy takes: `dataset[3]` is an example, `dataset[:10]` and `dataset[[2, 0]]` are batches.

    >>> import nn, numpy as np
    >>> dataset = nn.data.ArrayDataset(np.eye(3), [5, 6, 7])
    >>> dataset[1]
    (array([0., 1., 0.]), np.int64(6))
    >>> dataset[[2, 0]][1]
    array([7, 5])
    >>> x, y = dataset.arrays

    The arrays are not copied. Errors: ShapeError when lengths differ, OperandError for what is no array of numbers.
    """

    def __init__(self, *arrays: Any) -> None:
        self.arrays = tuple(_array(a, i) for i, a in enumerate(arrays))
        lengths = [len(a) for a in self.arrays]
        if not lengths:
            refuse(OperandError, "ArrayDataset of no arrays.", "Give at least one: ArrayDataset(x, y).")
        if len(set(lengths)) > 1:
            shapes = ", ".join(str(a.shape) for a in self.arrays)
            refuse(
                ShapeError,
                f"ArrayDataset of arrays of shapes {shapes}: all must have as many elements along the first axis.",
            )

    def __len__(self) -> int:
        return len(self.arrays[0])

    def __getitem__(self, index: Any) -> tuple[Any, ...]:
        return tuple(a[index] for a in self.arrays)

    def take(self, indices: Sequence[int] | ndarray) -> tuple[ndarray, ...]:
        """A batch, copied at once. A range is copied the fastest."""
        if isinstance(indices, range) and indices.step > 0:
            return tuple(a[indices.start : indices.stop : indices.step].copy() for a in self.arrays)
        return tuple(a[np.asarray(indices, np.intp)] for a in self.arrays)

    def __repr__(self) -> str:
        return f"ArrayDataset({', '.join(f'{a.shape} {a.dtype}' for a in self.arrays)})"


TensorDataset = ArrayDataset


class Subset(Dataset):
    """Some examples of a dataset, in the order of the indices.

    >>> import nn
    >>> list(nn.data.Subset("abcdef", [4, 0]))
    ['e', 'a']
    """

    def __init__(self, dataset: Any, indices: Sequence[int] | ndarray) -> None:
        self.dataset = dataset
        self.indices = np.asarray(indices, np.intp)
        if self.indices.ndim != 1:
            refuse(ShapeError, f"Subset with indices of shape {self.indices.shape}: they must be one list.")
        outside = self.indices[(self.indices < -len(dataset)) | (self.indices >= len(dataset))]
        if outside.size:
            refuse(ShapeError, f"Subset with index {outside[0]}, of a dataset of {len(dataset)} examples.")

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: Any) -> Any:
        found = self.indices[index]
        return self.dataset[found] if isinstance(found, ndarray) else self.dataset[int(found)]

    def take(self, indices: Sequence[int] | ndarray) -> Any:
        """A batch of the dataset below."""
        return take(self.dataset, self.indices[np.asarray(indices, np.intp)])


class ConcatDataset(Dataset):
    """Several datasets one after another; `a + b` where `a` is a Dataset.

    >>> import nn
    >>> nn.data.ConcatDataset(["ab", "cde"])[-2]
    'd'
    """

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)
        self.cumulative_sizes = list(accumulate(len(d) for d in self.datasets))
        if not self.datasets:
            refuse(OperandError, "ConcatDataset of no datasets.")

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]

    def __getitem__(self, index: Any) -> Any:
        i = range(len(self))[index]  # raises IndexError, and counts negative ones from the end
        which = bisect_right(self.cumulative_sizes, i)
        return self.datasets[which][i - self.cumulative_sizes[which] + len(self.datasets[which])]


def random_split(
    dataset: Any, lengths: Sequence[float], generator: np.random.Generator | int | None = None
) -> list[Subset]:
    """Divide a dataset by chance into parts of these lengths, or of these shares, which add up to 1.

    >>> import nn
    >>> [len(part) for part in nn.data.random_split(range(10), [0.7, 0.3], generator=0)]
    [7, 3]
    """
    n = len(dataset)
    total = float(sum(lengths))
    if any(not isinstance(length, int | np.integer) for length in lengths) and abs(total - 1) < 1e-9:
        bounds = [round(n * share) for share in accumulate(lengths)]
    elif total == n:
        bounds = [int(end) for end in accumulate(lengths)]
    else:
        refuse(
            ShapeError, f"random_split of {n} examples into {list(lengths)}: the parts must add up to {n}, or to 1.0."
        )
    order = rng(generator).permutation(n)
    return [Subset(dataset, part) for part in np.split(order, bounds[:-1])]


def rng(generator: np.random.Generator | int | None) -> np.random.Generator:
    """The generator that an argument `generator` means: itself, one that begins with a seed, or nn's own."""
    if generator is None:
        return current_generator()
    if isinstance(generator, np.random.Generator):
        return generator
    if not isinstance(generator, int | np.integer) or generator < 0:
        refuse(
            OperandError, f"generator={generator!r:.80}: it is a numpy.random.Generator, a seed (0, 1, 2, ...) or None."
        )
    return np.random.default_rng(generator)


def take(dataset: Any, indices: Any) -> Any:
    """The examples of these indices as one batch, of a Dataset or of whatever else has indices.

    A subclass that has changed `__getitem__` alone is asked for each example, and not passed over.
    """
    if isinstance(dataset, ndarray):
        return dataset[np.asarray(indices, np.intp)]
    first: Any = next((vars(kind) for kind in type(dataset).__mro__ if {"take", "__getitem__"} & vars(kind).keys()), {})
    quick = isinstance(dataset, Dataset) and "take" in first
    return dataset.take(indices) if quick else collate(examples(dataset, indices))


def is_plain(dataset: Any) -> bool:
    """Whether a dataset is arrays, or some of their elements, so that chance has no part in what an example is."""
    while type(dataset) is Subset:
        dataset = dataset.dataset
    return type(dataset) is ArrayDataset


def examples(dataset: Any, indices: Any) -> list[Any]:
    """The examples of these indices in a list. An error says which example it came from."""
    found = []
    for i in indices:
        try:
            found.append(dataset[int(i)])
        except Exception as error:
            error.add_note(f"  while example {i} of {type(dataset).__name__} was read")
            raise
    return found


def _array(thing: Any, position: int) -> ndarray:
    data = thing.data if isinstance(thing, Node) else thing
    try:
        array = np.asarray(data)
    except ValueError as error:
        refuse(
            OperandError,
            f"ArrayDataset: argument {position} is no array: {error}.",
            "Sequences of different lengths are a list of examples: see pad_collate.",
        )
    if array.ndim == 0:
        refuse(ShapeError, f"ArrayDataset: argument {position} is a single {array.dtype}, and not many examples.")
    return array
