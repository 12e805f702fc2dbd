"""MultiheadAttention: every place of a sequence looks at all others, in several ways at once (Vaswani et al., 2017)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import autograd
from autograd import ShapeError
from nn.functional.attention import multi_head_attention_forward
from nn.init import normal_, xavier_uniform_
from nn.linear import Linear
from nn.module import Module
from nn.parameter import Parameter

__all__ = ["MultiheadAttention"]


class MultiheadAttention(Module):
    """For each head: softmax(q kᵀ / √d) v, with q, k and v linear in query, key and value; the heads side by side
    through one more linear layer.

    Shapes: query (L, N, embed_dim), key (S, N, kdim), value (S, N, vdim), with `batch_first` (N, L, embed_dim) and so
    on, or all without the N. The module returns the output, of the query's shape, and the weights of attention
    (N, L, S), or None with `need_weights=False`, which is faster.

    `in_proj_weight` (3 · embed_dim, embed_dim) holds the projections of query, key and value one below the other; with
    another `kdim` or `vdim` they are `q_proj_weight`, `k_proj_weight`, `v_proj_weight`.

    >>> import nn, numpy as np
    >>> layer = nn.MultiheadAttention(8, num_heads=2, batch_first=True)
    >>> x = np.ones((4, 5, 8), np.float32)
    >>> y, weights = layer(x, x, x)
    >>> y.shape, weights.shape
    ((4, 5, 8), (4, 5, 5))
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        *,
        dtype: Any = np.float32,
    ) -> None:
        if embed_dim < 1 or num_heads < 1 or embed_dim % num_heads:
            raise ShapeError(
                f"MultiheadAttention({embed_dim}, {num_heads}): the heads share the width, and must divide it."
            )
        self.embed_dim = embed_dim
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self.num_heads = num_heads
        self.head_dim = embed_dim // num_heads
        self.dropout = dropout
        self.batch_first = batch_first
        self.add_zero_attn = add_zero_attn
        self._same = self.kdim == self.vdim == embed_dim

        def made(*shape: int) -> Parameter:
            return Parameter(np.empty(shape, dtype, order="F" if len(shape) == 2 else "C"))

        together, one_by_one = self._same, not self._same
        self.q_proj_weight = made(embed_dim, embed_dim) if one_by_one else None
        self.k_proj_weight = made(embed_dim, self.kdim) if one_by_one else None
        self.v_proj_weight = made(embed_dim, self.vdim) if one_by_one else None
        self.in_proj_weight = made(3 * embed_dim, embed_dim) if together else None
        self.in_proj_bias = made(3 * embed_dim) if bias else None
        self.out_proj = Linear(embed_dim, embed_dim, bias, dtype=dtype)
        self.bias_k = made(1, 1, embed_dim) if add_bias_kv else None
        self.bias_v = made(1, 1, embed_dim) if add_bias_kv else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new weights, uniform in ±√(6 / (in + out)) as Glorot and Bengio (2010) have it; biases are 0."""
        self.out_proj.reset_parameters()
        for p in self.parameters(recurse=False):
            if p.ndim == 2:
                xavier_uniform_(p)
        for p in (self.in_proj_bias, self.out_proj.bias):
            if p is not None:
                p.data[...] = 0
        for p in (self.bias_k, self.bias_v):
            if p is not None:
                normal_(p, 0, math.sqrt(2 / (1 + self.embed_dim)))

    def forward(
        self,
        query: Any,
        key: Any,
        value: Any,
        key_padding_mask: Any = None,
        need_weights: bool = True,
        attn_mask: Any = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Any, Any]:
        """The output, and the weights. What the masks hold is told at `multi_head_attention_forward`."""
        turned = self.batch_first and np.ndim(query) == 3
        if turned:
            same = key is query, value is key
            query = autograd.swapaxes(query, 0, 1)
            key = query if same[0] else autograd.swapaxes(key, 0, 1)
            value = key if same[1] else autograd.swapaxes(value, 0, 1)
        y, weights = multi_head_attention_forward(
            query,
            key,
            value,
            self.embed_dim,
            self.num_heads,
            self.in_proj_weight,
            self.in_proj_bias,
            self.bias_k,
            self.bias_v,
            self.add_zero_attn,
            self.dropout,
            self.out_proj.weight,
            self.out_proj.bias,
            self.training,
            key_padding_mask,
            need_weights,
            attn_mask,
            not self._same,
            self.q_proj_weight,
            self.k_proj_weight,
            self.v_proj_weight,
            average_attn_weights=average_attn_weights,
            is_causal=is_causal,
        )
        return autograd.swapaxes(y, 0, 1) if turned else y, weights
