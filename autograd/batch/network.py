"""Batching rules of the network operations: the images of all examples are one longer row of images.

Where each example has kernels of its own, the examples are groups: the channels of all stand side by side in one
image, and each group of them meets its own kernels. So a gradient for each example costs one call, too.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.batch.call import BatchRule, Call, holds, looped, opened, spread
from autograd.batch.number import Batch
from autograd.rules.shaping import moveaxis, reshape, shape_of


def _one_row(x: Any) -> Any:
    """(B, N, ...) as (B N, ...)."""
    shape = shape_of(x)
    return reshape(x, (shape[0] * shape[1], *shape[2:]))


def _rows(x: Any, size: int) -> Any:
    """(B N, ...) as (B, N, ...)."""
    shape = shape_of(x)
    return reshape(x, (size, shape[0] // size if size else 0, *shape[1:]))


def _side_by_side(x: Any) -> Any:
    """(B, N, C, ...) as (N, B C, ...)."""
    x = moveaxis(x, 0, 1)
    shape = shape_of(x)
    return reshape(x, (shape[0], shape[1] * shape[2], *shape[3:]))


def _apart(x: Any, size: int) -> Any:
    """(N, B C, ...) as (B, N, C, ...)."""
    shape = shape_of(x)
    return moveaxis(reshape(x, (shape[0], size, shape[1] // size, *shape[2:])), 1, 0)


def convolved(call: Call) -> Any:
    """convolution, and its transpose by the images"""
    size = call.level.size
    if not size or not any(call.mapped[1:]):
        return looped(call) if not size else _rows(call.run(_one_row(call.args[0]), *call.args[1:]), size)
    x, w, *bias = call.spread()
    y = _apart(call.run(_side_by_side(x), _one_row(w), groups=size * call.params["groups"]), size)
    for b in bias:
        y = y + reshape(b, (size, 1, -1, *(1,) * (len(shape_of(y)) - 3)))
    return y


def correlated(call: Call) -> Any:
    """convolution_kernel: each example's images meet its own cotangents."""
    size = call.level.size
    if not size:
        return looped(call)
    x, g = map(_side_by_side, call.spread())
    return _rows(call.run(x, g, groups=size * call.params["groups"]), size)


def pooled(call: Call) -> Any:
    """Pooling, with the places of the largest elements where there are such."""
    size, params = call.level.size, {}
    if not size:
        return looped(call)
    if "index" in call.params:
        index, mapped = opened(call.params["index"], call.level)
        params["index"] = _one_row(index if mapped else spread(index, size))
    return _rows(call.run(*map(_one_row, call.spread()), **params), size)


def normalized(call: Call) -> Any:
    """normalization: weight and bias broadcast with the images; statistics that are kept are each example's."""
    saved, axes = call.params["saved"], call.params["axes"]
    own: list[Any] = []
    x, *rest = call.aligned()
    x = x if call.mapped[0] else spread(x, call.level.size)
    y = call.run(x, *rest, axes=tuple(a + 1 for a in axes), saved=None if saved is None else own)
    if saved is not None:
        saved[:] = [Batch(call.level, a) for a in own]
    return y


def attended(call: Call) -> Any:
    """attention: the examples are heads."""
    if holds(call.params["hidden"]):
        return looped(call)
    return call.run(*call.aligned(*(2,) * len(call.args)), saved=None)


def classified(call: Call) -> Any:
    """softmax_cross_entropy: a row of scores for each class number"""
    target, mapped = opened(call.params["target"], call.level)
    (z,) = call.spread()
    target = target if mapped else np.broadcast_to(target, shape_of(z)[:-1])
    return call.run(z, target=target, saved=None)


def unrolled(call: Call) -> Any:
    """rnn, lstm and gru: sequences of all examples run side by side, if they share their weights."""
    if any(call.mapped[2:]) or holds(call.params["alive"]) or not call.level.size:
        return looped(call)
    x, first = call.spread()[:2]
    alive = call.params["alive"]
    if alive is not None:
        alive = np.tile(alive, (1, call.level.size, 1))
    y = call.run(_beside(x), _beside(first), *call.args[2:], alive=alive, saved=None)
    shape = shape_of(y)
    return moveaxis(reshape(y, (*shape[:-2], call.level.size, shape[-2] // call.level.size, shape[-1])), -3, 0)


def _beside(x: Any) -> Any:
    """(B, ..., N, C) as (..., B N, C)."""
    x = moveaxis(x, 0, -3)
    shape = shape_of(x)
    return reshape(x, (*shape[:-3], shape[-3] * shape[-2], shape[-1]))


NETWORK: dict[str, BatchRule] = {
    **dict.fromkeys(("convolution", "convolution_input"), convolved),
    **dict.fromkeys("max_pool max_pool_seen max_pool_given_back sum_pool sum_pool_shared".split(), pooled),
    **dict.fromkeys(("rnn", "lstm", "gru"), unrolled),
    "attention": attended,
    "convolution_kernel": correlated,
    "normalization": normalized,
    "softmax_cross_entropy": classified,
}
