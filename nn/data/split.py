"""Division of data into a part to learn from and a part to test with."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import Node, OperandError, ShapeError
from nn.data.dataset import ArrayDataset, Dataset, Subset, rng
from nn.functional.refusal import refuse

__all__ = ["train_test_split"]


def train_test_split(
    *arrays: Any,
    test_size: float | None = None,
    train_size: float | None = None,
    random_state: np.random.Generator | int | None = None,
    shuffle: bool = True,
    stratify: Any = None,
) -> list[Any]:
    """Divide arrays, lists or datasets of equal length; under scikit-learn's name, with its arguments and rounding.

    Of each there is first the training part and then the test part. Sizes are numbers of examples, or shares between 0
    and 1; a quarter is for the test unless said. `random_state` is a seed or a generator of NumPy's, otherwise `nn`'s
    is drawn from. `stratify`, an array of labels, gives both parts the classes in the same shares. With
    `shuffle=False` the test is the end of the data: for series, where it must be later than what is learned from.

    >>> import nn, numpy as np
    >>> x, y = np.arange(20).reshape(10, 2), np.array([0] * 6 + [1] * 4)
    >>> parts = nn.data.train_test_split(x, y, test_size=0.5, random_state=0, stratify=y)
    >>> x_train, x_test, y_train, y_test = parts
    >>> x_train.shape, y_test.tolist()
    ((5, 2), [1, 0, 0, 0, 1])

    Errors: ShapeError when lengths differ or a part would be empty; OperandError for a class of one example.
    """
    if not arrays:
        refuse(OperandError, "train_test_split of nothing.", "Give the arrays: train_test_split(x, y).")
    things = [thing.data if isinstance(thing, Node) else thing for thing in arrays]
    lengths = [len(thing) for thing in things]
    if len({*lengths}) > 1:
        refuse(ShapeError, f"train_test_split of {', '.join(map(str, lengths))} examples: all must have as many.")
    n = lengths[0]
    train, test = _sizes(n, test_size, train_size)
    if not shuffle:
        if stratify is not None:
            refuse(OperandError, "train_test_split with shuffle=False cannot stratify: it leaves the order as it is.")
        chosen: tuple[Any, Any] = slice(0, train), slice(train, train + test)
    elif stratify is None:
        order = rng(random_state).permutation(n)
        chosen = order[test : test + train], order[:test]
    else:
        chosen = _stratified(np.asarray(stratify), n, train, test, rng(random_state))
    return [_pick(thing, part) for thing in things for part in chosen]


def _sizes(n: int, test: float | None, train: float | None) -> tuple[int, int]:
    """The numbers of examples for training and for the test; shares are rounded as scikit-learn does."""
    for name, size in (("test_size", test), ("train_size", train)):
        whole = isinstance(size, int | np.integer) and not isinstance(size, bool)
        if size is not None and not (0 < size <= n if whole else isinstance(size, float) and 0 < size < 1):
            refuse(
                OperandError,
                f"{name}={size!r:.80}: of {n} examples it is a number up to {n}, or a share between 0 and 1.",
            )
    if test is None and train is None:
        test = 0.25
    for_test = None if test is None else math.ceil(test * n) if isinstance(test, float) else int(test)
    for_train = None if train is None else math.floor(train * n) if isinstance(train, float) else int(train)
    for_train = n - for_test if for_train is None and for_test is not None else for_train or 0
    for_test = n - for_train if for_test is None else for_test
    if for_train + for_test > n or not for_train or not for_test:
        refuse(ShapeError, f"{n} examples cannot be divided into {for_train} for training and {for_test} for the test.")
    return for_train, for_test


def _stratified(
    labels: ndarray, n: int, train: int, test: int, generator: np.random.Generator
) -> tuple[ndarray, ndarray]:
    """Indices of both parts, with each class in its share."""
    if labels.shape != (n,):
        refuse(ShapeError, f"stratify takes one label for each of {n} examples, and got an array {labels.shape}.")
    classes, which, counts = np.unique(labels, return_inverse=True, return_counts=True)
    if counts.min() < 2:
        refuse(
            OperandError,
            f"class {classes[counts.argmin()]} has one example, and cannot be in both parts.",
            "Leave it out, or do not stratify.",
        )
    if min(train, test) < len(classes):
        refuse(ShapeError, f"{len(classes)} classes do not fit into a part of {min(train, test)} examples.")
    order = generator.permutation(n)
    members = [order[which[order] == k] for k in range(len(classes))]
    for_test = _shares(counts, test, np.zeros(len(counts), int))
    for_train = _shares(counts, train, for_test)
    later = [m[t : t + size] for m, t, size in zip(members, for_test, for_train, strict=True)]
    first = [m[:t] for m, t in zip(members, for_test, strict=True)]
    return generator.permutation(np.concatenate(later)), generator.permutation(np.concatenate(first))


def _shares(counts: ndarray, size: int, taken: ndarray) -> ndarray:
    """`size` divided like `counts`: rounded down, and what is left to those with the largest rests that have room."""
    exact = counts * size / counts.sum()
    shares: ndarray = np.minimum(exact.astype(int), counts - taken)
    while (left := size - shares.sum()) > 0:
        rest = np.where(shares + taken < counts, exact - shares, -np.inf)
        shares[np.argsort(-rest, kind="stable")[: min(left, np.isfinite(rest).sum())]] += 1
    return shares


def _pick(thing: Any, part: Any) -> Any:
    """These elements, in something of the same kind."""
    if isinstance(thing, ArrayDataset):
        return ArrayDataset(*thing[part])
    if isinstance(thing, Dataset):
        return Subset(thing, np.arange(len(thing))[part])
    if isinstance(thing, list | tuple):
        return type(thing)(thing[i] for i in np.arange(len(thing))[part])
    return np.asarray(thing)[part]
