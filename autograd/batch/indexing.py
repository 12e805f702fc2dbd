"""Batching rules of reading and writing by index. The index itself may be another one for each example.

Where the index is the same for all examples, one more axis stands before it. Where it begins with numbers, each example
reads with the number of its own in front of them. Any other is followed to where its elements stand in the flat array.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from autograd.batch.call import BatchRule, Call, example, holds, joined, spread
from autograd.batch.number import Batch
from autograd.rules.indexing import getitem
from autograd.rules.shaping import broadcast, reshape, shape_of


def read(call: Call) -> Any:
    """getitem"""
    (x,), index, mapped = call.args, call.params["index"], call.mapped[0]
    if not holds(index) and not _is_parted(index):
        return call.run(x, index=(slice(None), *_parts(index)))
    if (numbered := _numbered(call, index)) is not None:
        return call.run(x, index=numbered if mapped else numbered[1:])
    places = _places(call, index)
    return call.run(reshape(x, (-1,)), index=places if mapped else places - _starts(call, places))


def written(call: Call) -> Any:
    """index_add and index_set"""
    x, v = call.args[0], call.args[1]
    index, size = call.params["index"], call.level.size
    x = x if call.mapped[0] else spread(x, size)
    if not holds(index) and not _is_parted(index):
        chosen = np.empty(call.shape(), bool)[index].shape
        return call.run(x, _fitting(v, call.mapped[1], chosen), index=(slice(None), *_parts(index)))
    places = _places(call, index)
    v = broadcast(_fitting(v, call.mapped[1], shape_of(places)[1:]), shape=shape_of(places))
    return reshape(call.run(reshape(x, (-1,)), v, index=places), shape_of(x))


def _parts(index: Any) -> tuple[Any, ...]:
    return index if isinstance(index, tuple) else (index,)


def _is_array(part: Any) -> bool:
    return isinstance(part, ndarray | list) and np.ndim(part) > 0


def _is_parted(index: Any) -> bool:
    """Whether numbers stand on both sides of a slice: then NumPy puts their axes first in the result."""
    parts = _parts(index)
    if not any(map(_is_array, parts)):
        return False
    places = [i for i, part in enumerate(parts) if not (part is None or part is ... or isinstance(part, slice))]
    return places[-1] - places[0] + 1 != len(places)


def _fitting(v: Any, mapped: bool, shape: tuple[int, ...]) -> Any:
    """What is written, so that it broadcasts to the place as it does in one example."""
    own = shape_of(v)
    return reshape(v, (own[0], *(1,) * (len(shape) + 1 - len(own)), *own[1:])) if mapped else v


def _numbered(call: Call, index: Any) -> tuple[Any, ...] | None:
    """The index with the numbers of the examples in front, where it begins with integers and has no others behind."""
    parts = _parts(index)
    numbers = [p for p in parts if isinstance(p, int | np.integer | ndarray | Batch)]
    if any(p is None or p is ... for p in parts) or any(isinstance(p, slice) for p in parts[: len(numbers)]):
        return None
    if any(not isinstance(p, int) and p.dtype.kind not in "iu" for p in numbers):
        return None
    opened = [(p.whole, p.mapped) if type(p) is Batch and p.level is call.level else (p, False) for p in numbers]
    ndim = max(len(shape_of(x)) - m for x, m in opened)
    examples = np.arange(call.level.size).reshape(-1, *(1,) * ndim)
    aligned = [
        reshape(x, (shape_of(x)[0], *(1,) * (ndim + 1 - len(shape_of(x))), *shape_of(x)[1:])) if m else x
        for x, m in opened
    ]
    return (examples, *aligned, *parts[len(numbers) :])


def _places(call: Call, index: Any) -> Any:
    """Where in the flat array of all examples the elements stand that each one's index names."""
    numbers = np.arange(int(np.prod(call.shape()))).reshape(call.shape())
    if holds(index):
        each = [getitem(numbers, index=example(index, call.level, i)) for i in range(call.level.size)]
        places = joined(each, call.primitive.name)
    else:
        places = spread(numbers[index], call.level.size)
    return places + _starts(call, places)


def _starts(call: Call, places: Any) -> ndarray:
    """Where each example begins in the flat array of all."""
    starts = np.arange(call.level.size) * int(np.prod(call.shape()))
    return starts.reshape(-1, *(1,) * (len(shape_of(places)) - 1))


INDEXING: dict[str, BatchRule] = {"getitem": read, "index_add": written, "index_set": written}
