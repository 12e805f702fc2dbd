"""Rows of a table by number: a vector to be learned for each word, and sums or means of bags of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from autograd import OperandError, ShapeError
from nn.functional.embedding import embedding, embedding_bag
from nn.module import Module
from nn.parameter import Parameter
from nn.random import generator

__all__ = ["Embedding", "EmbeddingBag"]


class _Table(Module):
    """The table `weight` (num_embeddings, embedding_dim), drawn from the normal distribution; row padding_idx is 0."""

    weight: Parameter

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None,
        max_norm: float | None,
        norm_type: float,
        scale_grad_by_freq: bool,
        weight: Any,
        dtype: Any,
    ) -> None:
        name = type(self).__name__
        if num_embeddings < 1 or embedding_dim < 1:
            raise ShapeError(f"{name}({num_embeddings}, {embedding_dim}): sizes are positive numbers.")
        if padding_idx is not None and not -num_embeddings <= padding_idx < num_embeddings:
            raise ShapeError(f"{name}: padding_idx {padding_idx} is not one of the {num_embeddings} rows.")
        if weight is not None and np.shape(weight) != (num_embeddings, embedding_dim):
            raise ShapeError(f"{name}({num_embeddings}, {embedding_dim}) got a weight of shape {np.shape(weight)}.")
        self.num_embeddings = num_embeddings
        self.embedding_dim = embedding_dim
        self.padding_idx = None if padding_idx is None else padding_idx % num_embeddings
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        if weight is None:
            self.weight = Parameter(np.empty((num_embeddings, embedding_dim), dtype))
            self.reset_parameters()
        else:
            self.weight = weight if isinstance(weight, Parameter) else Parameter(weight, dtype)

    def reset_parameters(self) -> None:
        """Draw the table anew."""
        self.weight.data[...] = generator().standard_normal(self.weight.shape)
        if self.padding_idx is not None:
            self.weight.data[self.padding_idx] = 0

    def extra_repr(self) -> str:
        """The sizes, and the settings that are not as usual."""
        told = f"{self.num_embeddings}, {self.embedding_dim}"
        usual = {"padding_idx": None, "max_norm": None, "norm_type": 2.0, "scale_grad_by_freq": False}
        return told + "".join(f", {k}={getattr(self, k)}" for k, v in usual.items() if getattr(self, k) != v)


def _given(table: Any, freeze: bool) -> Parameter:
    """A table that is there as a parameter. Errors: ShapeError when it is none."""
    array: ndarray = np.asarray(getattr(table, "data", table))
    if array.ndim != 2:
        raise ShapeError(f"a table of embeddings has two axes (rows, width), and not shape {array.shape}.")
    return Parameter(array, requires_grad=not freeze)


class Embedding(_Table):
    """Input (...) of whole numbers, result (..., embedding_dim): the rows of `weight` with these numbers.

    Row `padding_idx` starts as 0 and receives no gradient. With `max_norm`, rows that are used and longer than that
    are shortened first, in place (`norm_type` says how length is measured). `scale_grad_by_freq` divides gradients by
    how often the row occurs in the input. Gradients are dense: `sparse` is taken as PyTorch has it and must be False.

    >>> import nn
    >>> layer = nn.Embedding.from_pretrained([[1.0, 2.0], [3.0, 4.0]])
    >>> layer([1, 0, 1]).data
    array([[3., 4.],
           [1., 2.],
           [3., 4.]])
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: Any = None,
        *,
        dtype: Any = np.float32,
    ) -> None:
        _not_sparse("Embedding", sparse)
        super().__init__(
            num_embeddings, embedding_dim, padding_idx, max_norm, norm_type, scale_grad_by_freq, _weight, dtype
        )

    @classmethod
    def from_pretrained(cls, embeddings: Any, freeze: bool = True, **how: Any) -> Embedding:
        """A layer with this table (rows, width), which is not trained unless `freeze` is False."""
        table = _given(embeddings, freeze)
        rows, width = table.shape
        return cls(rows, width, _weight=table, **how)

    def forward(self, input: Any) -> Any:
        """(...) to (..., embedding_dim)."""
        how = self.max_norm, self.norm_type, self.scale_grad_by_freq
        return embedding(input, self.weight, self.padding_idx, *how)


class EmbeddingBag(_Table):
    """The mean of the rows of each bag, their sum, or their largest elements, as `mode` says: result (bags, width).

    Bags are the rows of an input (bags, length), or the stretches of an input (n) that begin at `offsets`. Rows
    `padding_idx` do not count. With mode "sum" they may have weights, `per_sample_weights`, of the input's shape.

    >>> import nn
    >>> layer = nn.EmbeddingBag.from_pretrained([[1.0, 2.0], [3.0, 4.0]], mode="sum")
    >>> layer([0, 1, 1], offsets=[0, 1]).data
    array([[1., 2.],
           [6., 8.]])
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        _weight: Any = None,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        *,
        dtype: Any = np.float32,
    ) -> None:
        _not_sparse("EmbeddingBag", sparse)
        if mode not in ("sum", "mean", "max"):
            raise OperandError(f'EmbeddingBag: mode is "sum", "mean" or "max", not {mode!r}.')
        super().__init__(
            num_embeddings, embedding_dim, padding_idx, max_norm, norm_type, scale_grad_by_freq, _weight, dtype
        )
        self.mode = mode
        self.include_last_offset = include_last_offset

    @classmethod
    def from_pretrained(cls, embeddings: Any, freeze: bool = True, **how: Any) -> EmbeddingBag:
        """A layer with this table (rows, width), which is not trained unless `freeze` is False."""
        table = _given(embeddings, freeze)
        rows, width = table.shape
        return cls(rows, width, _weight=table, **how)

    def forward(self, input: Any, offsets: Any = None, per_sample_weights: Any = None) -> Any:
        """(bags, length), or (n) and offsets, to (bags, embedding_dim)."""
        return embedding_bag(
            input,
            self.weight,
            offsets,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
            self.mode,
            per_sample_weights=per_sample_weights,
            include_last_offset=self.include_last_offset,
            padding_idx=self.padding_idx,
        )

    def extra_repr(self) -> str:
        """The sizes, the settings that are not as usual, and the mode."""
        told = f"{self.num_embeddings}, {self.embedding_dim}"
        usual = {"max_norm": None, "norm_type": 2.0, "scale_grad_by_freq": False}
        told += "".join(f", {k}={getattr(self, k)}" for k, v in usual.items() if getattr(self, k) != v)
        return f"{told}, mode={self.mode!r}" + ("" if self.padding_idx is None else f", padding_idx={self.padding_idx}")


def _not_sparse(name: str, sparse: bool) -> None:
    if sparse:
        raise OperandError(f"{name}: gradients are dense here; leave sparse=True out.")
