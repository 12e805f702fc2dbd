"""Attention as functions, under PyTorch's names and with its masks.

A mask of booleans means opposite things in the two: in `scaled_dot_product_attention` True is what may be seen, in
`multi_head_attention_forward` True is what may not. PyTorch has it so, and so have its checkpoints and programs.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy import ndarray

import autograd
from autograd import Node, OperandError, ShapeError
from nn.functional.dropout import dropout
from nn.functional.linear import linear

__all__ = ["multi_head_attention_forward", "scaled_dot_product_attention"]


def scaled_dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    attn_mask: Any = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Any:
    """softmax(query keyᵀ · scale + mask) value: query (..., L, E), key (..., S, E), value (..., S, V); (..., L, V).

    A mask of booleans says what is seen, one of numbers is added; both broadcast to (..., L, S). With `is_causal` place
    i sees places up to i. `scale` is 1 / √E unless given (Vaswani et al., 2017). `dropout_p` leaves weights out, and
    is to be 0 after training; without it the whole is one operation, which never holds all weights.
    """
    if not dropout_p:
        return autograd.scaled_dot_product_attention(
            query, key, value, attn_mask, is_causal=is_causal, scale=scale, enable_gqa=enable_gqa
        )
    if enable_gqa:
        many = np.shape(query)[-3] // np.shape(key)[-3]
        key, value = (autograd.repeat(x, many, -3) for x in (key, value))
    scale = 1 / math.sqrt(np.shape(query)[-1]) if scale is None else scale
    rows, columns = np.shape(query)[-2], np.shape(key)[-2]
    mask = np.tril(np.ones((rows, columns), bool)) if is_causal else attn_mask
    if mask is not None and _numbers(mask).dtype == bool:
        mask = _added(~_numbers(mask), _numbers(query).dtype)
    return weights(query * scale, key, mask, dropout_p) @ value


def multi_head_attention_forward(
    query: Any,
    key: Any,
    value: Any,
    embed_dim_to_check: int,
    num_heads: int,
    in_proj_weight: Any,
    in_proj_bias: Any,
    bias_k: Any,
    bias_v: Any,
    add_zero_attn: bool,
    dropout_p: float,
    out_proj_weight: Any,
    out_proj_bias: Any,
    training: bool = True,
    key_padding_mask: Any = None,
    need_weights: bool = True,
    attn_mask: Any = None,
    use_separate_proj_weight: bool = False,
    q_proj_weight: Any = None,
    k_proj_weight: Any = None,
    v_proj_weight: Any = None,
    static_k: Any = None,
    static_v: Any = None,
    average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[Any, Any]:
    """Several heads of attention side by side, between a projection in and one out: the output, and the weights.

    Shapes: query (L, N, E), key (S, N, kdim), value (S, N, vdim), or without the N; output (L, N, E). The weights are
    (N, L, S), means over the heads, or (N, heads, L, S) without `average_attn_weights`; None without `need_weights`,
    which is faster. `in_proj_weight` (3E, E) holds the projections of query, key and value one below the other, or
    they come one by one (E, E), (E, kdim), (E, vdim), with `use_separate_proj_weight`.

    `key_padding_mask` (N, S) and `attn_mask` (L, S) or (N · heads, L, S) say what may not be seen: True, or a number
    that is added, such as -inf. `is_causal` says that attn_mask hides what is to come; it must be given all the same.
    `bias_k` and `bias_v` (1, 1, E) are one more key and value, and `add_zero_attn` another one of zeros.

    `nn.MultiheadAttention` calls it. Arguments and their order are PyTorch's.
    """
    single = np.ndim(query) == 2
    if single:
        query, key, value = (autograd.expand_dims(x, 1) for x in (query, key, value))
        key_padding_mask = None if key_padding_mask is None else _numbers(key_padding_mask)[None]
    if np.ndim(query) != 3 or np.ndim(key) != 3 or np.ndim(value) != 3:
        shapes = ", ".join(str(np.shape(x)) for x in (query, key, value))
        raise ShapeError(f"attention needs query, key and value of three axes each, or all of two: got {shapes}.")
    length, batch, width = np.shape(query)
    if width != embed_dim_to_check or width % num_heads:
        raise ShapeError(
            f"attention of {num_heads} heads for a width of {embed_dim_to_check} got a query of shape "
            f"{np.shape(query)}: its last axis must be that width, and {num_heads} must divide it."
        )
    if np.shape(key)[:2] != np.shape(value)[:2] or np.shape(key)[1] != batch:
        raise ShapeError(
            f"attention of key {np.shape(key)} and value {np.shape(value)} with query {np.shape(query)}: key and value "
            "must have equal lengths, and all three equally many sequences."
        )
    if is_causal and attn_mask is None:
        raise OperandError(
            "attention: is_causal is a hint about attn_mask, which must be given, too.\n"
            "  For example nn.Transformer.generate_square_subsequent_mask(length)."
        )
    separate = (q_proj_weight, k_proj_weight, v_proj_weight) if use_separate_proj_weight else None
    q, k, v = _projected(query, key, value, in_proj_weight, separate, in_proj_bias)
    if bias_k is not None:
        k, v = (
            autograd.concatenate([x, autograd.broadcast_to(b, (1, batch, width))])
            for x, b in ((k, bias_k), (v, bias_v))
        )
    size = width // num_heads
    q, k, v = (_heads(x, num_heads, size) for x in (q, k, v))
    k = k if static_k is None else autograd.reshape(static_k, (batch, num_heads, -1, size))
    v = v if static_v is None else autograd.reshape(static_v, (batch, num_heads, -1, size))
    if add_zero_attn:
        zero = np.zeros((batch, num_heads, 1, size), k.dtype)
        k, v = autograd.concatenate([k, zero], -2), autograd.concatenate([v, zero], -2)
    total = np.shape(k)[-2]
    causal = is_causal and not need_weights and key_padding_mask is None and _hides_the_future(attn_mask, length, total)
    mask = None if causal else _mask(attn_mask, key_padding_mask, (batch, num_heads, length, total), q.dtype)
    p = dropout_p if training else 0.0
    found = None
    if need_weights:
        found = weights(q * (1 / math.sqrt(size)), k, mask, p)
        y = found @ v
    else:
        y = scaled_dot_product_attention(q, k, v, mask, p, causal)
    y = autograd.reshape(autograd.transpose(y, (2, 0, 1, 3)), (length, batch, width))
    y = linear(y, out_proj_weight, out_proj_bias)
    if found is not None and average_attn_weights:
        found = found.mean(1)
    return (y[:, 0], found if found is None else found[0]) if single else (y, found)


def weights(query: Any, key: Any, mask: Any, dropout_p: float) -> Any:
    """softmax(query keyᵀ + mask), and some of it left out: (..., L, S)."""
    scores = query @ autograd.swapaxes(key, -1, -2)
    found = autograd.softmax(scores if mask is None else scores + mask, -1)
    return dropout(found, dropout_p) if dropout_p else found


def _projected(query: Any, key: Any, value: Any, weight: Any, separate: Any, bias: Any) -> tuple[Any, Any, Any]:
    """Query, key and value of all heads. The same thing given for several is projected at once."""
    width = np.shape(query)[-1]
    if separate is None and query is key and key is value:
        all_three = linear(query, weight, bias)
        q, k, v = (all_three[..., i * width : (i + 1) * width] for i in range(3))
        return q, k, v
    parts = [slice(i * width, (i + 1) * width) for i in range(3)]
    matrices = separate or [weight[part] for part in parts]
    biases = [None if bias is None else bias[part] for part in parts]
    q, k, v = (linear(x, w, b) for x, w, b in zip((query, key, value), matrices, biases, strict=True))
    return q, k, v


def _heads(x: Any, heads: int, size: int) -> Any:
    """(L, N, E) as (N, heads, L, size)."""
    length, batch, _ = np.shape(x)
    return autograd.transpose(autograd.reshape(x, (length, batch, heads, size)), (1, 2, 0, 3))


def _mask(attn_mask: Any, padding: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """Both masks as numbers to add, or None. What was appended to the keys is always seen."""
    batch, heads, length, total = shape
    found: Any = None
    if attn_mask is not None:
        sizes = np.shape(attn_mask)
        if sizes[:-1] not in ((length,), (batch * heads, length)) or sizes[-1] > total:
            raise ShapeError(
                f"attn_mask has shape {sizes}: it must be ({length}, {total}) or ({batch * heads}, {length}, {total})."
            )
        found = _widened(_added(attn_mask, dtype), total)
        found = autograd.reshape(found, (batch, heads, length, total)) if len(sizes) == 3 else found
    if padding is not None:
        sizes = np.shape(padding)
        if sizes[:-1] != (batch,) or sizes[-1] > total:
            raise ShapeError(f"key_padding_mask has shape {sizes}: it must be ({batch}, {total}).")
        hidden = autograd.reshape(_widened(_added(padding, dtype), total), (batch, 1, 1, total))
        found = hidden if found is None else found + hidden
    return found


def _hides_the_future(mask: Any, length: int, total: int) -> bool:
    """Whether a mask is the one that hides what is to come, and nothing else."""
    if (isinstance(mask, Node) and mask.requires_grad) or np.shape(mask) != (length, total) or length != total:
        return False
    return np.array_equal(_added(mask, np.float64), np.triu(np.full((length, total), -np.inf), 1))


def _added(mask: Any, dtype: Any) -> Any:
    """A mask as numbers to add: -inf where it is True, or the numbers that it holds."""
    if isinstance(mask, Node) and mask.requires_grad:
        return mask
    numbers = _numbers(mask)
    if numbers.dtype == bool:
        return np.where(numbers, -np.inf, 0.0).astype(dtype)
    if numbers.dtype.kind != "f":
        raise OperandError(f"a mask is of booleans or of numbers to add, and not of {numbers.dtype}.")
    return numbers.astype(dtype)


def _widened(mask: Any, total: int) -> Any:
    missing = total - np.shape(mask)[-1]
    if not missing:
        return mask
    return autograd.concatenate([mask, np.zeros((*np.shape(mask)[:-1], missing), mask.dtype)], -1)


def _numbers(x: Any) -> ndarray:
    return np.asarray(x.data if isinstance(x, Node) else x)
