"""How examples become a batch: what they consist of is stacked along a new first axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd import Node

__all__ = ["collate", "pad_collate"]


def collate(examples: Sequence[Any]) -> Any:
    """Stack examples: arrays and numbers become an array, tuples a tuple of arrays, dicts a dict of arrays.

    Strings, and whatever else is no number, become a list.

    >>> import nn
    >>> nn.data.collate([(1, "one"), (2, "two")])
    (array([1, 2]), ['one', 'two'])
    """
    first = examples[0]
    if isinstance(first, Mapping):
        return {key: collate([example[key] for example in examples]) for key in first}
    if isinstance(first, tuple):
        return tuple(collate(part) for part in zip(*examples, strict=True))
    if isinstance(first, str | bytes):
        return list(examples)
    arrays = [np.asarray(e.data if isinstance(e, Node) else e) for e in examples]
    if arrays[0].dtype == object:
        return list(examples)
    return np.stack(arrays)


def pad_collate(examples: Sequence[Any]) -> Any:
    raise NotImplementedError
