"""Rows of a table by number: embeddings, bags of them, and numbers as vectors. And dropout, which leaves some out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from autograd.chance import sample
from autograd.errors import OperandError, ShapeError, describe, place
from autograd.rules.indexing import getitem, index_add, whole_numbers
from autograd.rules.piecewise import where
from autograd.rules.shaping import anywhere, data_of, expand_dims, reshape, shape_of

__all__ = ["dropout", "embedding", "embedding_bag", "one_hot"]


def _numbers(name: str, x: Any, rows: int) -> Any:
    found = whole_numbers(x, name)
    if anywhere((found < 0) | (found >= rows)):
        raise ShapeError(
            f"{name}: numbers must lie in 0..{rows - 1}, and range from {found.min()} to {found.max()}.{place()}"
        )
    return found


def embedding(input: Any, weight: Any, padding_idx: int | None = None) -> Any:
    """Rows of weight (rows, width) by number: input (...) of integers, result (..., width).

    The row `padding_idx` receives no gradient.

    >>> import autograd
    >>> w = autograd.Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> autograd.embedding([1, 1, 0], w).sum().backward(); w.grad
    array([[1., 1.],
           [2., 2.]])
    """
    rows = shape_of(weight)[0]
    index = _numbers("embedding", input, rows)
    y = getitem(weight, index=index)
    if padding_idx is None:
        return y
    still = (index == padding_idx % rows)[..., None]
    return where(still, data_of(weight)[padding_idx], y)


def one_hot(x: Any, num_classes: int = -1) -> Any:
    """Class numbers (...) as vectors (..., num_classes) of integers: 1 at the number, else 0. -1: as many as needed.

    >>> import autograd
    >>> autograd.one_hot([0, 2]).tolist()
    [[1, 0, 0], [0, 0, 1]]
    """
    found = whole_numbers(x, "one_hot")
    classes = int(found.max(initial=-1)) + 1 if num_classes == -1 else num_classes
    if classes < 1:
        raise ShapeError(f"one_hot of {describe(x)}: say how many classes there are.{place()}")
    return (_numbers("one_hot", found, classes)[..., None] == np.arange(classes)).astype(np.int64)


def embedding_bag(
    input: Any,
    weight: Any,
    offsets: Any = None,
    mode: str = "mean",
    per_sample_weights: Any = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Any:
    """Sum, mean or largest elements of bags of rows of weight (rows, width): result (bags, width).

    The bags are the rows of input (bags, length), or stretches of input (n) that begin at `offsets`, of which the last
    is where the last bag ends with `include_last_offset`. Rows `padding_idx` are left out. `per_sample_weights`, of the
    shape of input, multiply the rows, in mode "sum" only. An empty bag is 0.
    """
    index = _numbers("embedding_bag", input, shape_of(weight)[0])
    if (index.ndim == 1) == (offsets is None) or index.ndim > 2:
        raise ShapeError(
            f"embedding_bag needs input of two axes, or of one and offsets; got {describe(input)}.{place()}"
        )
    if mode not in ("sum", "mean", "max"):
        raise ShapeError(f'embedding_bag: mode is "sum", "mean" or "max", not {mode!r}.{place()}')
    if per_sample_weights is not None and mode != "sum":
        raise OperandError(f'embedding_bag: per_sample_weights go with mode "sum", not {mode!r}.{place()}')
    if offsets is None:
        count, bag = len(index), np.repeat(np.arange(len(index)), index.shape[1])
    else:
        starts = whole_numbers(offsets, "embedding_bag")
        count = len(starts) - include_last_offset
        bag = np.searchsorted(starts[:count], np.arange(len(index)), "right") - 1
    index, kept = index.reshape(-1), np.ones(index.size, bool)
    if padding_idx is not None:
        kept = index != padding_idx % shape_of(weight)[0]
    index, bag = index[kept], bag[kept]
    width = shape_of(weight)[1]
    if mode == "max":
        return _largest_of_bags(weight, index, bag, count, width)
    rows = getitem(weight, index=index)
    if per_sample_weights is not None:
        rows = rows * expand_dims(getitem(reshape(per_sample_weights, (-1,)), index=np.flatnonzero(kept)), -1)
    total = index_add(np.zeros((count, width), rows.dtype), rows, index=bag)
    if mode == "sum":
        return total
    return total / np.maximum(np.bincount(bag, minlength=count), 1)[:, None].astype(rows.dtype)


def _largest_of_bags(weight: Any, index: ndarray, bag: ndarray, count: int, width: int) -> Any:
    rows = data_of(weight)[index]
    best = np.zeros((count, width), int)
    for b in np.unique(bag):
        (mine,) = np.nonzero(bag == b)
        best[b] = index[mine[rows[mine].argmax(0)]]
    found = getitem(weight, index=(best, np.arange(width)))
    empty = np.bincount(bag, minlength=count) == 0
    return where(empty[:, None], 0.0, found) if empty.any() else found


_rng = np.random.default_rng()


def dropout(
    x: Any, p: float = 0.5, training: bool = True, *, rng: np.random.Generator | None = None, axes: Any = None
) -> Any:
    """x with each element 0 with probability p, the others divided by 1 - p, so that the mean stays (Srivastava, 2014).

    `rng` decides which; None is a generator that nobody has seeded. With `axes` whole slices are left out: one draw
    for each place along these axes, as (0, 1) for the channels of images (N, C, H, W). After training nothing happens.

    >>> import autograd, numpy as np
    >>> autograd.dropout(np.ones(6), 0.5, rng=np.random.default_rng(0))
    array([2., 2., 2., 0., 0., 0.])
    """
    if not 0 <= p <= 1:
        raise OperandError(f"dropout: p is a probability, and {p} is none.{place()}")
    if not training or p == 0:
        return x
    shape = shape_of(x)
    if axes is not None:
        shape = tuple(n if k in axes else 1 for k, n in enumerate(shape))
    kept = sample((_rng if rng is None else rng).random, shape, dtype=np.float32) >= p
    dtype = getattr(x, "dtype", np.dtype(float))
    return x * (kept * dtype.type(0 if p == 1 else 1 / (1 - p)))
