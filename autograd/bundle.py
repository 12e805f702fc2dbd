"""Bundle: several results of one call, end to end in one array, because a node has one.

Each result is read from it by indexing, which every part of the house knows. Results that are not differentiated, such
as indices, stand beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy import ndarray

from autograd.node import Node
from autograd.rules.indexing import getitem, index_add
from autograd.rules.shaping import cast, reshape
from autograd.tensor import Tensor, collect, element
from autograd.tensor import constant as tensor_constant
from autograd.value import constant as value_constant


class Place(NamedTuple):
    """Where in the array a result stands; a plain float has no dtype."""

    start: int
    shape: tuple[int, ...]
    dtype: Any

    @property
    def index(self) -> Any:
        """Its elements."""
        return slice(self.start, self.start + int(np.prod(self.shape))) if self.shape else self.start


class Bundle:
    """What several results look like in one array, and how to get from one to the other."""

    def __init__(self, results: Sequence[Any], fixed: Collection[int] = ()) -> None:
        self.places: dict[int, Place] = {}
        self.others: dict[int, Any] = {}
        start = 0
        for i, y in enumerate(results):
            if is_float(y) and i not in fixed:
                self.places[i] = Place(start, np.shape(y), getattr(y, "dtype", None))
                start += np.size(y)
            else:
                self.others[i] = y
        self.dtype = np.result_type(*(place.dtype or float for place in self.places.values())) if start else float
        self.size = start

    def join(self, parts: Sequence[Any]) -> Any:
        """One part for each place (None: zero) as one array; as a Tensor when there are nodes among them."""
        whole: Any = np.zeros(self.size, self.dtype)
        recorded = any(isinstance(part, Node) for part in parts)
        for place, part in zip(self.places.values(), parts, strict=True):
            if part is not None and recorded:
                part = collect(part, shape=()) if not isinstance(part, Tensor | ndarray) else part
                whole = index_add(whole, reshape(part, (-1,)) if place.shape else part, index=place.index)
            elif part is not None:
                whole[place.index] = np.ravel(part) if place.shape else part
        return whole

    def split(self, whole: Any) -> list[Any]:
        """All results, given the array or its node: what was differentiated, and what stands beside it."""
        known = {i: self._part(whole, place) for i, place in self.places.items()}
        known |= {i: as_node(y) if isinstance(whole, Node) else y for i, y in self.others.items()}
        return [known[i] for i in range(len(known))]

    def _part(self, whole: Any, place: Place) -> Any:
        if not isinstance(whole, Node):
            part = whole[place.index]
            return float(part) if place.dtype is None else np.asarray(part, place.dtype).reshape(place.shape)
        if place.dtype is None:
            return element(whole, index=(place.start,))
        part = getitem(whole, index=place.index)
        part = part if len(place.shape) <= 1 else reshape(part, place.shape)
        return part if part.dtype == place.dtype else cast(part, dtype=place.dtype)


def is_float(x: Any) -> bool:
    """Whether a plain result is one that can be differentiated."""
    return isinstance(x, float) or (isinstance(x, ndarray) and x.dtype.kind == "f")


def as_node(x: Any) -> Any:
    """A plain number or array as a node that no derivative flows into; a node, and anything else, as it is."""
    if isinstance(x, ndarray):
        return tensor_constant(x)
    return value_constant(x) if isinstance(x, int | float | np.number) else x
