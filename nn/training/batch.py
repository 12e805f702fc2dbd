"""Batches: whatever data is given to fit, as something that gives a batch after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import Node, OperandError
from nn.data import ArrayDataset, DataLoader, Dataset, IterableDataset, Subset
from nn.module import Module
from nn.random import generator


def dataset(data: Any, dtype: Any) -> Any:
    """The dataset that a pair of arrays, or one array, means; anything else as it is.

    Arrays of floats become `dtype`, that of the model: in float64, NumPy's default, all would be computed in float64.
    """
    if isinstance(data, tuple):
        return ArrayDataset(*(_array(part, dtype) for part in data))
    return ArrayDataset(_array(data, dtype)) if isinstance(data, ndarray | Node) else data


def batches(data: Any, batch_size: int, shuffle: bool, seed: int | None = None) -> Any:
    """A loader of a dataset, with a generator of its own; what gives batches already, as it is."""
    if isinstance(data, list) and len(data) == 2 and all(isinstance(part, ndarray | Node) for part in data):
        one, two = (part.shape for part in data)
        if one[:1] == two[:1] and one != two:
            raise OperandError(f"a list has batches: for inputs {one} and targets {two} give a tuple, (x, y).")
    if isinstance(getattr(data, "train", None), Dataset):
        raise OperandError(f"this is data to train and to test with: give data.train, or data.test.\n  {data!r:.200}")
    if isinstance(data, DataLoader) or (isinstance(data, Iterable) and not _is_dataset(data)):
        return data
    if isinstance(data, IterableDataset):
        return DataLoader(data, batch_size)
    if not _is_dataset(data):
        raise OperandError(
            f"data is a pair of arrays (x, y), a Dataset, a DataLoader or a list of batches, and not {data!r:.80}."
        )
    if not isinstance(batch_size, int | np.integer) or batch_size < 1:
        raise ValueError(f"batch_size must be a whole number of at least 1, and is {batch_size!r}.")
    own = int(generator().integers(2**63)) if seed is None and shuffle else seed
    return DataLoader(data, int(batch_size), shuffle, generator=own)


def split(data: Any, share: float) -> list[Subset]:
    """A dataset in two, by chance: to train with, and this share to validate with."""
    if not _is_dataset(data):
        raise OperandError(
            f"validation={share} takes a share of the examples, and {type(data).__name__} gives whole batches.\n"
            "  Give the validation data itself: validation=(x, y), a Dataset or a DataLoader."
        )
    count = round(len(data) * share)
    if not 0 < share < 1 or not 0 < count < len(data):
        raise ValueError(
            f"validation={share} of {len(data)} examples: a share lies between 0 and 1 and leaves some on both sides."
        )
    order = generator().permutation(len(data))
    return [Subset(data, np.sort(order[count:])), Subset(data, np.sort(order[:count]))]


def inputs_and_target(batch: Any) -> tuple[tuple[Any, ...], Any]:
    """The last part of a batch is the target, those before are the model's inputs. One array alone is both."""
    if isinstance(batch, tuple | list):
        return (tuple(batch[:-1]), batch[-1]) if len(batch) > 1 else (tuple(batch), batch[0])
    return (batch,), batch


def size_of(batch: Any) -> int:
    """How many examples a batch has."""
    if type(batch) is tuple and type(batch[0]) is ndarray and batch[0].ndim:  # nearly always
        return len(batch[0])
    while isinstance(batch, tuple | list) and batch and not isinstance(batch[0], int | float):
        batch = batch[0]
    if isinstance(batch, Mapping):
        return size_of(next(iter(batch.values())))
    return len(batch) if np.ndim(batch) else 1


def dtype_of(model: Module) -> Any:
    """That of the model's parameters."""
    return next((p.data.dtype for p in model.parameters() if isinstance(p.data, ndarray)), np.dtype(float))


def _is_dataset(data: Any) -> bool:
    return isinstance(data, Dataset)


def _array(x: Any, dtype: Any) -> ndarray:
    array = np.asarray(x.data if isinstance(x, Node) else x)
    return array.astype(dtype, copy=False) if array.dtype.kind == "f" else array
