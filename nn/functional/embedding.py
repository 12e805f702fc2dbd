"""Embeddings as functions, under PyTorch's names."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

import autograd
from autograd import Node, OperandError, Tensor, one_hot

__all__ = ["embedding", "embedding_bag", "one_hot"]


def embedding(
    input: Any,
    weight: Any,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Any:
    """Rows of weight (rows, width) by number: input (...) of whole numbers, result (..., width).

    Row `padding_idx` receives no gradient. With `max_norm`, rows that are used and longer are shortened first, in
    place. `scale_grad_by_freq` divides gradients by how often the row occurs. `sparse` is taken and means nothing.
    """
    if max_norm is not None:
        _shorten(weight, input, max_norm, norm_type)
    if scale_grad_by_freq:
        weight = _by_frequency(weight, input)
    return autograd.embedding(input, weight, padding_idx)


def embedding_bag(
    input: Any,
    weight: Any,
    offsets: Any = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Any = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Any:
    """Means, sums or largest elements of bags of rows: see `autograd.embedding_bag`, and `embedding` for the rest."""
    if max_norm is not None:
        _shorten(weight, input, max_norm, norm_type)
    if scale_grad_by_freq:
        if mode == "max":
            raise OperandError('embedding_bag: scale_grad_by_freq goes with mode "sum" or "mean", not "max".')
        weight = _by_frequency(weight, input)
    return autograd.embedding_bag(input, weight, offsets, mode, per_sample_weights, include_last_offset, padding_idx)


def _numbers(x: Any) -> ndarray:
    return np.asarray(x.data if isinstance(x, Node) else x)


def _shorten(weight: Any, input: Any, max_norm: float, norm_type: float) -> None:
    """Bring the rows that are used to a length of at most max_norm, in place."""
    table, used = _numbers(weight), np.unique(_numbers(input))
    used = used[(used >= 0) & (used < len(table))]
    length = np.linalg.norm(table[used], norm_type, axis=1, keepdims=True)
    scale = np.where(length > max_norm, max_norm / (length + 1e-7), 1.0)
    table[used] *= scale.astype(table.dtype)


def _by_frequency(weight: Any, input: Any) -> Any:
    """The same numbers, whose gradients are divided by how often the row occurs."""
    if not isinstance(weight, Tensor):
        return weight
    many = np.bincount(_numbers(input).ravel(), minlength=len(weight.data))[:, None]
    rest = (1 - 1 / np.maximum(many, 1)).astype(weight.data.dtype)
    fixed = weight.detach()
    return fixed + (weight - fixed) * (1 - rest)
