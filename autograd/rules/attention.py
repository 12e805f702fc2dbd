"""Scaled dot-product attention, in one node, a few heads, or a few rows of one, at a time.

    s = q kᵀ · scale + mask,    P = softmax(s),    y = P v          (Vaswani et al., 2017)

These parts of P stay in the cache; the whole is never made. What a mask hides from all rows of a part is left out: of
a causal mask nearly half. For the backward sweep only the logarithms of the sums are kept, and P is computed again
(Dao et al., 2022):

    dv = Pᵀ g,    ds = P ⊙ (g vᵀ - Σ g y),    dq = ds k · scale,    dk = dsᵀ q · scale
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy import ndarray

from autograd.domain import REAL, case
from autograd.errors import OperandError, ShapeError, describe, place
from autograd.primitive import general
from autograd.rules.contraction import matmul
from autograd.rules.network import largest, softmax
from autograd.rules.reduction import sum
from autograd.rules.shaping import data_of, repeat, shape_of, sum_to, swapaxes

__all__ = ["scaled_dot_product_attention"]


def _lead(*arrays: Any) -> tuple[int, ...]:
    """The axes of heads: all but the last two, broadcast."""
    return np.broadcast_shapes(*(shape_of(a)[:-2] for a in arrays if a is not None))


ROOM = 1 << 18  # bytes of scores at a time
ROWS = 64  # places at a time where the mask hides what lies ahead: what is ahead of all of them is left out


class Block(NamedTuple):
    """Some rows of the scores. Nothing is hidden to them before the column `start`, and everything from `end` on.

    In between `hiding` is to be added to scores, 0 or -inf, where there is one: that is faster than replacing them.
    """

    rows: slice
    start: int
    end: int
    hiding: ndarray | None
    size: int  # bytes of its scores


def _blocks(shape: tuple[int, int], dtype: np.dtype[Any], hidden: ndarray | None, safe: bool) -> list[Block]:
    """All rows, some at a time, the last first."""
    rows, columns = shape
    step, starts, ends = max(ROOM // (columns * dtype.itemsize or 1), 1), np.full(rows, columns), np.full(rows, columns)
    if hidden is not None and columns:
        never, ever = (which(hidden, tuple(range(hidden.ndim - 2))) for which in (np.all, np.any))
        ends -= np.where(never.all(-1), columns - 1, (~never)[:, ::-1].argmax(-1))
        starts = np.where(ever.any(-1), ever.argmax(-1), columns)
        if rows and ends[0] <= columns // 2:
            step = min(step, ROWS)
    found = []
    for r in reversed(range(0, rows, step)):
        part = slice(r, r + step)
        start, end, hiding = int(starts[part].min()) // 16 * 16, int(ends[part].max()), None  # where a vector may begin
        narrow = end - start <= 2 * ROWS or rows * columns * dtype.itemsize <= 4 * ROOM  # it is kept for going back
        if safe and narrow and hidden is not None and hidden.ndim == 2:
            hiding = np.where(hidden[part, start:end], dtype.type(-np.inf), dtype.type(0))
        found.append(Block(part, start, end, hiding, (min(r + step, rows) - r) * end * dtype.itemsize))
    return found


def _room(shape: tuple[int, ...], dtype: np.dtype[Any], like: ndarray) -> ndarray:
    """Room for an array whose axes follow each other in memory as in another one, if that leaves its rows whole.

    Heads are often a swapped axis of one array: swapped back, the result then need not be copied.
    """
    if like.ndim == len(shape) and 0 not in like.strides:
        found = np.empty_like(like, dtype, shape=shape)
        if found.strides[-1] == dtype.itemsize:
            return found
    return np.empty(shape, dtype)


def _full(a: ndarray | None, shape: tuple[int, int]) -> Any:
    """A mask with all of its rows and columns."""
    return None if a is None else np.broadcast_to(a, np.broadcast_shapes(a.shape, shape))


def _heads(lead: tuple[int, ...], blocks: Sequence[Block], *arrays: ndarray | None) -> Iterator[list[Any]]:
    """The matrices of some heads: views. What is of full shape can be written into.

    Those along the last axes go together as long as there is room for one block of the scores of each.
    """
    scores = max((block.size for block in blocks), default=0)
    whole = [a if a is None or a.shape[:-2] == lead else np.broadcast_to(a, (*lead, *a.shape[-2:])) for a in arrays]
    apart = lead
    while apart and scores * apart[-1] <= ROOM:
        scores, apart = scores * apart[-1], apart[:-1]
    if not apart:
        yield whole
        return
    for at in np.ndindex(apart[:-1]):
        some = [None if a is None else a[at] for a in whole]
        step = max(ROOM // (scores or 1), 1)
        for head in range(0, apart[-1], step):
            yield [None if a is None else a[head : head + step] for a in some]


def _scores(q: ndarray, kt: ndarray, bias: ndarray | None, hidden: ndarray | None, block: Block) -> ndarray:
    rows, start, end, hiding, _ = block
    s: ndarray = np.matmul(q[..., rows, :], kt[..., :end])
    if bias is not None:
        s += bias[..., rows, :end]
    if hiding is not None:
        s[..., start:] += hiding
    elif hidden is not None:
        np.copyto(s[..., start:], -np.inf, where=hidden[..., rows, start:end])
    return s


SAFE = 40.0  # scores up to here need no maximum taken away: exp stays far from the ends of float32


def _is_safe(q: ndarray, k: ndarray, scale: float, bias: Any) -> bool:
    """Whether no score can be large: none exceeds the product of the lengths of two rows."""
    if bias or not q.size or not k.size:
        return not (bias and k.shape[-2])
    longest = [float(np.vecdot(a, a).max()) for a in (q, k)]
    return bool(abs(scale) * (longest[0] * longest[1]) ** 0.5 <= SAFE)


def _array(q: ndarray, k: ndarray, v: ndarray, *bias: ndarray, scale: float, hidden: Any, saved: Any) -> ndarray:
    dtype, shape, safe = np.result_type(q, k, v), (q.shape[-2], k.shape[-2]), _is_safe(q, k, scale, bias)
    hidden, b = _full(hidden, shape), _full((*bias, None)[0], shape)
    lead, blocks = _lead(q, k, v, b, hidden), _blocks(shape, dtype, hidden, safe)
    y = _room((*lead, shape[0], v.shape[-1]), dtype, q)
    logs, ones = np.empty((*lead, shape[0], 1), dtype), np.ones((shape[1], 1), dtype)
    for q1, k1, v1, b1, h1, out, log in _heads(lead, blocks, q, k, v, b, hidden, y, logs):
        q2, kt = q1 * scale, np.ascontiguousarray(np.swapaxes(k1, -1, -2))
        for block in blocks:
            s = _scores(q2, kt, b1, h1, block)
            if not safe:
                top = largest(s)
                top[top == -np.inf] = 0  # nothing is seen from there
                s -= top
            np.exp(s, out=s)
            total = np.matmul(s, ones[: block.end])
            total[total == 0] = 1
            found = np.matmul(s, v1[..., : block.end, :], out=out[..., block.rows, :])
            found /= total
            np.log(total, out=log[..., block.rows, :])
            if not safe:
                log[..., block.rows, :] += top
    if saved is not None:
        saved[:] = logs, safe, blocks
    return y


def _weights(q: Any, k: Any, bias: Sequence[Any], scale: float, hidden: Any) -> Any:
    """P, made of operations that can be differentiated themselves."""
    s = matmul(q * scale, swapaxes(k, -1, -2))
    s = s + bias[0] if bias else s
    if hidden is None:
        return softmax(s)
    blind = hidden.all(-1, keepdims=True)
    return softmax(s + np.where(hidden & ~blind, -np.inf, 0).astype(s.dtype)) * (~blind).astype(s.dtype)


def _fit(g: Any, x: Any) -> Any:
    return g if shape_of(g) == shape_of(x) else sum_to(g, shape=shape_of(x))


def _back(
    g: Any, y: Any, q: Any, k: Any, v: Any, *bias: Any, wanted: Sequence[bool], scale: float, hidden: Any, saved: Any
) -> list[Any]:
    if type(g) is type(q) is ndarray and saved:
        found = _heads_back(g, y, (q, k, v), bias, wanted[-1], scale, hidden, saved)
    else:
        p = _weights(q, k, bias, scale, hidden)
        ds = p * (matmul(g, swapaxes(v, -1, -2)) - sum(g * y, -1, True))
        found = [
            matmul(ds, k) * scale,
            matmul(swapaxes(ds, -1, -2), q) * scale,
            matmul(swapaxes(p, -1, -2), g),
            ds,
        ]
    return [_fit(c, x) if want else None for c, x, want in zip(found, (q, k, v, *bias), wanted)]


def _heads_back(
    g: ndarray, y: ndarray, qkv: Any, bias: Any, wanted: bool, scale: float, hidden: Any, saved: Sequence[Any]
) -> list[Any]:
    (q, k, v), (logs, safe, blocks), dtype = qkv, saved, y.dtype
    lead, shape, width = y.shape[:-2], (q.shape[-2], k.shape[-2]), v.shape[-1]
    hidden, b = _full(hidden, shape), _full((*bias, None)[0], shape)
    found = [_room((*lead, *a.shape[-2:]), dtype, a) for a in qkv]
    slopes = np.zeros((*lead, *shape), dtype) if bias and wanted else None
    for q1, k1, v1, b1, h1, g1, y1, log, dq, dk, dv, slope in _heads(
        lead, blocks, q, k, v, b, hidden, g, y, logs, *found, slopes
    ):
        q2, k2, kt = q1 * scale, k1 * scale, np.ascontiguousarray(np.swapaxes(k1, -1, -2))
        u = g1 * np.exp(-log) if safe else g1  # exp(s - log) is exp(s) times a number for each row
        left = np.empty((*dv.shape[:-2], shape[0], width + 1), dtype)
        right = np.ones((*dv.shape[:-2], width + 1, shape[1]), dtype)
        left[..., :-1], left[..., -1], right[..., :-1, :] = u, -np.vecdot(u, y1), np.swapaxes(v1, -1, -2)
        for block in blocks:
            rows, end = block.rows, block.end
            p = _scores(q2, kt, b1, h1, block)
            if not safe:
                p -= log[..., rows, :]
            np.exp(p, out=p)
            _add_product(dv, np.swapaxes(p, -1, -2), u[..., rows, :], end, block is blocks[0])
            ds = np.matmul(left[..., rows, :], right[..., :end])  # g vᵀ - Σ g y
            ds *= p
            if slope is not None:
                slope[..., rows, :end] = ds
            np.matmul(ds, k2[..., :end, :], out=dq[..., rows, :])
            _add_product(dk, np.swapaxes(ds, -1, -2), q2[..., rows, :], end, block is blocks[0])
    return [*found, slopes]


def _add_product(out: ndarray, a: ndarray, b: ndarray, end: int, first: bool) -> None:
    """Add a @ b to the rows of `out` up to `end`; the first is written in their place."""
    if first:
        np.matmul(a, b, out=out[..., :end, :])
        out[..., end:, :] = 0
    else:
        out[..., :end, :] += np.matmul(a, b)


def _forward(
    ts: Sequence[Any], y: Any, q: Any, k: Any, v: Any, *bias: Any, scale: float, hidden: Any, saved: Any
) -> Any:
    p = _weights(q, k, bias, scale, hidden)
    terms = []
    if ts[0] is not None:
        terms.append(matmul(ts[0] * scale, swapaxes(k, -1, -2)))
    if ts[1] is not None:
        terms.append(matmul(q * scale, swapaxes(ts[1], -1, -2)))
    if bias and ts[3] is not None:
        terms.append(ts[3])
    found = [] if ts[2] is None else [matmul(p, ts[2])]
    for t in terms:
        w = p * t
        found.append(matmul(w - p * sum(w, -1, True), v))
    total = found[0]
    for t in found[1:]:
        total = total + t
    return total


_PLAIN = {"scale": 0.7, "hidden": None, "saved": None}
_HIDDEN = np.array([[False, True], [False, False], [True, True]])
attention = general(
    "attention",
    _array,
    _back,
    _forward,
    domain=[
        case(REAL(2, 3, 2), REAL(2, 4, 2), REAL(2, 4, 3), **_PLAIN),
        case(REAL(3, 2), REAL(2, 2), REAL(2, 1), **(_PLAIN | {"hidden": _HIDDEN})),
        case(REAL(2, 2, 2), REAL(1, 3, 2), REAL(1, 3, 2), REAL(2, 3), **_PLAIN),
    ],
    doc="softmax(q kᵀ · scale + bias) v for each head, where nothing is hidden.",
)
attention.joint_vjp = _back


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
    """softmax(query keyᵀ · scale + mask) value, as torch.nn.functional.scaled_dot_product_attention.

    Shapes: query (..., L, E), key (..., S, E), value (..., S, V), result (..., L, V). A mask of booleans says what is
    seen, one of numbers is added; both broadcast to (..., L, S). With `is_causal` place i sees places up to i. `scale`
    is 1 / √E unless given. With `enable_gqa` several heads of the query share one of key and value. Where nothing is
    seen the result is 0. There is no dropout in here: `dropout_p` must be 0.

    Cost: two products of matrices a head forward and five backward; beyond the results, room for some rows of scores.
    """
    if dropout_p:
        raise OperandError(
            f"scaled_dot_product_attention has no dropout inside, and got dropout_p={dropout_p}.{place()}\n"
            "  Write dropout(softmax(q @ k.mT * scale), p, rng=...) @ v."
        )
    if enable_gqa:
        many = shape_of(query)[-3]
        key, value = (x if shape_of(x)[-3] == many else repeat(x, many // shape_of(x)[-3], -3) for x in (key, value))
    rows, columns = shape_of(query)[-2:], shape_of(key)[-2:]
    if len(rows) < 2 or len(columns) < 2 or rows[1] != columns[1] or shape_of(value)[-2:-1] != columns[:1]:
        raise ShapeError(
            f"scaled_dot_product_attention of {describe(query)}, {describe(key)}, {describe(value)}: query and key "
            f"must be of one width, key and value of one length.{place()}"
        )
    if is_causal and attn_mask is not None:
        raise ShapeError(f"scaled_dot_product_attention: is_causal is a mask itself; give one of the two.{place()}")
    hidden: Any = np.arange(columns[0]) > np.arange(rows[0])[:, None] if is_causal else None
    bias = []
    if attn_mask is not None:
        if data_of(attn_mask).dtype == bool:
            hidden = ~data_of(attn_mask)
        else:
            bias = [attn_mask]
    scale = 1 / max(rows[1], 1) ** 0.5 if scale is None else float(scale)
    return attention(query, key, value, *bias, scale=scale, hidden=hidden, saved=[])
