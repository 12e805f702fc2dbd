"""How examples become a batch: what they consist of is stacked along a new first axis."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import Node, OperandError, ShapeError
from nn.functional.refusal import refuse

__all__ = ["collate", "pad_collate"]


def collate(examples: Sequence[Any]) -> Any:
    """Make a batch of examples. Arrays, lists of numbers and numbers are stacked; a tuple of several becomes a tuple
    of batches, a dict a dict of batches. Strings, and whatever else is no number, stay a list.

    >>> import nn
    >>> nn.data.collate([(1, "one"), (2, "two")])
    (array([1, 2]), ['one', 'two'])
    >>> nn.data.collate([{"x": [1.0, 2.0]}, {"x": [3.0, 4.0]}])
    {'x': array([[1., 2.],
           [3., 4.]])}

    Errors: ShapeError when arrays of different shapes would have to be stacked, OperandError when examples consist
    of different things.
    """
    return _together(list(examples), _stack)


def pad_collate(examples: Sequence[Any], padding_value: float = 0, *, lengths: bool = False) -> Any:
    """`collate` for sequences of different lengths: arrays (T, ...) are filled up at their ends to the longest.

    With `lengths=True` the result is a pair: the batch, and the lengths that the sequences had (N,), those of the
    first part of an example that has an axis to be filled up. A mask is `np.arange(T) < lengths[:, None]`.

    >>> import nn
    >>> nn.data.pad_collate([[1, 2, 3], [4]], lengths=True)
    (array([[1, 2, 3],
           [4, 0, 0]]), array([3, 1]))

    `DataLoader(..., collate_fn=functools.partial(nn.data.pad_collate, padding_value=-1))` sets what is filled in.
    `BucketBatchSampler` brings together sequences that are about equally long, so that little has to be.

    Errors: ShapeError when shapes differ along another axis than the first.
    """
    had: list[ndarray] = []

    def pad(arrays: list[ndarray]) -> ndarray:
        if arrays[0].ndim == 0:
            return _stack(arrays)
        if len({a.shape[1:] for a in arrays}) > 1:
            shapes = ", ".join(sorted({str(a.shape) for a in arrays}))
            refuse(ShapeError, f"pad_collate of arrays of shapes {shapes}: only the first axis may have other lengths.")
        had.append(np.array([len(a) for a in arrays]))
        dtype = np.result_type(*{a.dtype for a in arrays})
        padded = np.full((len(arrays), max(had[-1]), *arrays[0].shape[1:]), padding_value, dtype)
        for row, array in zip(padded, arrays, strict=True):
            row[: len(array)] = array
        return padded

    batch = _together(list(examples), pad)
    if not lengths:
        return batch
    if not had:
        refuse(ShapeError, "pad_collate of examples that have no sequence in them has no lengths.")
    return batch, had[0]


def _together(examples: list[Any], stack: Callable[[list[ndarray]], ndarray]) -> Any:
    """Examples as one batch, where arrays are put together by `stack`."""
    if not examples:
        refuse(ShapeError, "a batch of no examples.", "Leave out what gives empty batches: a sampler, a collate_fn?")
    first = examples[0]
    if isinstance(first, Mapping):
        _require(examples, lambda e: isinstance(e, Mapping) and e.keys() == first.keys(), f"a dict of {[*first]}")
        return {key: _together([e[key] for e in examples], stack) for key in first}
    if isinstance(first, tuple):
        _require(examples, lambda e: isinstance(e, tuple) and len(e) == len(first), f"a tuple of {len(first)}")
        parts = [_together(list(part), stack) for part in zip(*examples, strict=True)]
        return type(first)(*parts) if hasattr(first, "_fields") else tuple(parts)
    arrays = [_array(e) for e in examples]
    return examples if any(a is None for a in arrays) else stack([a for a in arrays if a is not None])


def _require(examples: list[Any], fits: Callable[[Any], bool], kind: str) -> None:
    for i, example in enumerate(examples):
        if not fits(example):
            refuse(
                OperandError,
                f"examples of different kinds in one batch: the first is {kind}, number {i} is {example!r:.80}.",
            )


def _array(thing: Any) -> ndarray | None:
    """What can be stacked; None for strings, and for objects that are no numbers."""
    if isinstance(thing, str | bytes) or thing is None:
        return None
    array = np.asarray(thing.data if isinstance(thing, Node) else thing)
    return array if array.dtype.kind in "biufcmM" else None


def _stack(arrays: list[ndarray]) -> ndarray:
    if len({a.shape for a in arrays}) > 1:
        shapes = ", ".join(sorted({str(a.shape) for a in arrays}))
        refuse(
            ShapeError,
            f"examples of shapes {shapes} cannot be stacked to a batch.",
            "Sequences of different lengths are filled up by collate_fn=nn.data.pad_collate.",
        )
    return np.stack(arrays)
