"""Rows as sets: what is in both, in one, in either, with NumPy's names and arguments.

Which elements are chosen has no derivative; the elements themselves have. Of equal ones the first receives it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd.rules.library import as_array
from autograd.rules.ordering import unique
from autograd.rules.shaping import concatenate, data_of, ravel

__all__ = [
    "intersect1d",
    "setdiff1d",
    "setxor1d",
    "union1d",
    "unique_all",
    "unique_counts",
    "unique_inverse",
    "unique_values",
]


class UniqueAll(NamedTuple):
    """The different elements, where each is first, which each was, and how often there is each."""

    values: Any
    indices: Any
    inverse_indices: Any
    counts: Any


class UniqueCounts(NamedTuple):
    """The different elements, and how often there is each."""

    values: Any
    counts: Any


class UniqueInverse(NamedTuple):
    """The different elements, and which of them each was."""

    values: Any
    inverse_indices: Any


def union1d(ar1: Any, ar2: Any) -> Any:
    """What is in either of two arrays, sorted.

    >>> import autograd
    >>> autograd.union1d([3.0, 1.0], [2.0, 3.0])
    array([1., 2., 3.])
    """
    return unique(concatenate([ravel(as_array(ar1)), ravel(as_array(ar2))]))


def intersect1d(ar1: Any, ar2: Any, assume_unique: bool = False, return_indices: bool = False) -> Any:
    """What is in both of two arrays, sorted; with `return_indices` also where in each.

    It is taken from the first, or from the second when only that is differentiated.
    """
    first, second = ravel(as_array(ar1)), ravel(as_array(ar2))
    _, i, j = np.intersect1d(data_of(first), data_of(second), assume_unique, return_indices=True)
    found = second[j] if hasattr(second, "requires_grad") and not hasattr(first, "requires_grad") else first[i]
    return (found, i, j) if return_indices else found


def setdiff1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    """What is in the first of two arrays and not in the second, sorted."""
    first = ravel(as_array(ar1)) if assume_unique else unique(as_array(ar1))
    return first[~np.isin(data_of(first), data_of(ar2))]


def setxor1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    """What is in one of two arrays and not in the other, sorted."""
    only = [setdiff1d(ar1, ar2), setdiff1d(ar2, ar1)]
    return unique(concatenate(only))


def unique_all(x: Any) -> UniqueAll:
    """The different elements, sorted, and all there is to know about them. As np.unique_all."""
    values, indices, inverse, counts = unique(x, True, True, True, equal_nan=False)
    return UniqueAll(values, indices, np.reshape(inverse, np.shape(data_of(x))), counts)


def unique_counts(x: Any) -> UniqueCounts:
    """The different elements, sorted, and how often there is each. As np.unique_counts."""
    return UniqueCounts(*unique(x, return_counts=True, equal_nan=False))


def unique_inverse(x: Any) -> UniqueInverse:
    """The different elements, sorted, and which of them each was. As np.unique_inverse."""
    values, inverse = unique(x, return_inverse=True, equal_nan=False)
    return UniqueInverse(values, np.reshape(inverse, np.shape(data_of(x))))


def unique_values(x: Any) -> Any:
    """The different elements, sorted. As np.unique_values."""
    return unique(x, equal_nan=False)
