"""Scaled dot-product attention, in one node, a few heads at a time.

    s = q kᵀ · scale + mask,    P = softmax(s),    y = P v          (Vaswani et al., 2017)

The matrices P of these heads stay in the cache; those of all are never made. For the backward sweep only the logarithms
of the sums are kept, and P is computed again (Dao et al., 2022):

    dv = Pᵀ g,    ds = P ⊙ (g vᵀ - Σ g y),    dq = ds k · scale,    dk = dsᵀ q · scale
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import kernel
from autograd.domain import REAL, case
from autograd.errors import OperandError, ShapeError, describe, place
from autograd.kernel import attention as loop
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


def _heads(lead: tuple[int, ...], scores: int, *arrays: ndarray | None) -> Iterator[list[Any]]:
    """The matrices of some heads: views. What is of full shape can be written into.

    Those along the last axes go together as long as there is room for their scores, so many bytes a head.
    """
    whole = [a if a is None or a.shape[:-2] == lead else np.broadcast_to(a, (*lead, *a.shape[-2:])) for a in arrays]
    apart = lead
    while apart and scores * apart[-1] <= ROOM:
        scores, apart = scores * apart[-1], apart[:-1]
    return ([None if a is None else a[at] for a in whole] for at in np.ndindex(apart))


def _scores(q: ndarray, k: ndarray, bias: ndarray | None, hidden: ndarray | None) -> ndarray:
    s: ndarray = np.matmul(q, np.ascontiguousarray(np.swapaxes(k, -1, -2)))
    if bias is not None:
        s += bias
    if hidden is not None:
        np.copyto(s, -np.inf, where=hidden)
    return s


SAFE = 40.0  # scores up to here need no maximum taken away: exp stays far from the ends of float32


def _is_safe(q: ndarray, k: ndarray, scale: float, bias: Any) -> bool:
    """Whether no score can be large: none exceeds the product of the lengths of two rows."""
    if bias or not q.size or not k.size:
        return not (bias and k.shape[-2])
    longest = [float(np.vecdot(a, a).max()) for a in (q, k)]
    return bool(abs(scale) * (longest[0] * longest[1]) ** 0.5 <= SAFE)


def _added(bias: Sequence[ndarray], hidden: Any, safe: bool, dtype: Any) -> tuple[Any, Any]:
    """What to add to scores, and where to hide them: to small ones -inf is added, which is faster."""
    if safe and hidden is not None:
        return np.where(hidden, -np.inf, 0).astype(dtype), None
    return (*bias, None)[0], hidden


def _mask(q: ndarray, k: ndarray, hidden: Any, safe: bool, dtype: Any) -> ndarray | None:
    """What is hidden, as a matrix for kernels; None where they are not to be used."""
    scores = prod(q.shape[:-1]) * k.shape[-2]
    if not safe or not kernel.ready(dtype, scores) or (hidden is not None and hidden.ndim > 2):
        return None
    mask = np.zeros((q.shape[-2], k.shape[-2]), bool)
    mask[...] = hidden is not None and hidden
    return mask


def _array(q: ndarray, k: ndarray, v: ndarray, *bias: ndarray, scale: float, hidden: Any, saved: Any) -> ndarray:
    dtype, safe = np.result_type(q, k, v), _is_safe(q, k, scale, bias)
    lead = _lead(q, k, v, *bias, hidden)
    mask = _mask(q, k, hidden, safe, dtype)
    b, hidden = _added(bias, hidden, safe, dtype) if mask is None else (None, None)
    y = np.empty((*lead, q.shape[-2], v.shape[-1]), dtype)
    logs, ones = np.empty((*lead, q.shape[-2], 1), dtype), np.ones((k.shape[-2], 1), dtype)
    size = q.shape[-2] * k.shape[-2] * dtype.itemsize
    for q1, k1, v1, b1, h1, out, log in _heads(lead, size, q, k, v, b, hidden, y, logs):
        s = _scores(q1 * scale, k1, b1, h1)
        if mask is not None:
            whole = (-1, *s.shape[-2:])
            loop.weigh(s.reshape(whole), mask, log.reshape(whole[:2]))
            np.matmul(s, v1, out=out)
            continue
        if not safe:
            top = largest(s)
            top[top == -np.inf] = 0  # nothing is seen from there
            s -= top
        np.exp(s, out=s)
        total = np.matmul(s, ones)
        total[total == 0] = 1
        np.matmul(s, v1, out=out)
        out /= total
        np.log(total, out=log)
        if not safe:
            log += top
    if saved is not None:
        saved[:] = [logs]
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
        found = _heads_back(g, y, q, k, v, bias, wanted, scale, hidden, saved[0])
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
    g: ndarray, y: ndarray, q: Any, k: Any, v: Any, bias: Any, wanted: Any, scale: float, hidden: Any, logs: ndarray
) -> list[Any]:
    safe = _is_safe(q, k, scale, bias)
    mask = _mask(q, k, hidden, safe, y.dtype)
    b, hidden = _added(bias, hidden, safe, y.dtype) if mask is None else (None, None)
    lead, rows, columns = y.shape[:-2], q.shape[-2], k.shape[-2]
    found = [np.empty((*lead, *a.shape[-2:]), y.dtype) for a in (q, k, v)]
    slopes = np.empty((*lead, rows, columns), y.dtype) if bias and wanted[3] else None
    size = rows * columns * y.itemsize
    for q1, k1, v1, b1, h1, g1, y1, log, dq, dk, dv, slope in _heads(
        lead, size, q, k, v, b, hidden, g, y, logs, *found, slopes
    ):
        q2 = q1 * scale
        s = _scores(q2, k1, b1, h1)
        ds = _slopes(s, g1, y1, v1, log, safe, dv) if mask is None else _slopes_looped(s, g1, y1, v1, log, mask, dv)
        if slope is not None:
            slope[...] = ds
        np.matmul(ds, k1 * scale, out=dq)
        np.matmul(np.swapaxes(ds, -1, -2), q2, out=dk)
    return [*found, slopes]


def _slopes(p: ndarray, g: ndarray, y: ndarray, v: ndarray, log: ndarray, safe: bool, dv: ndarray) -> ndarray:
    """ds of some heads, given their scores, which P takes the place of; dv is written."""
    if safe:  # exp(s - log) is exp(s) times a number for each row, which g can take
        g = g * np.exp(-log)
    else:
        p -= log
    np.exp(p, out=p)
    np.matmul(np.swapaxes(p, -1, -2), g, out=dv)
    left = np.empty((*g.shape[:-1], g.shape[-1] + 1), p.dtype)
    right = np.ones((*dv.shape[:-2], left.shape[-1], p.shape[-1]), p.dtype)
    left[..., :-1], left[..., -1], right[..., :-1, :] = g, -np.vecdot(g, y), np.swapaxes(v, -1, -2)
    ds: ndarray = np.matmul(left, right)  # g vᵀ - Σ g y
    ds *= p
    return ds


def _slopes_looped(p: ndarray, g: ndarray, y: ndarray, v: ndarray, log: ndarray, mask: ndarray, dv: ndarray) -> ndarray:
    """The same by kernels."""
    whole = (-1, *p.shape[-2:])
    loop.weigh_again(p.reshape(whole), mask, log.reshape(whole[:2]))
    np.matmul(np.swapaxes(p, -1, -2), g, out=dv)
    ds: ndarray = np.matmul(g, np.swapaxes(v, -1, -2))
    loop.weigh_back(p.reshape(whole), np.vecdot(g, y).reshape(whole[:2]), ds.reshape(whole))
    return ds


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

    Cost: two products of matrices a head forward and five backward; beyond the results, room for one head.
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
    hidden: Any = ~np.tril(np.ones((rows[0], columns[0]), bool)) if is_causal else None
    bias = []
    if attn_mask is not None:
        if data_of(attn_mask).dtype == bool:
            hidden = ~data_of(attn_mask)
        else:
            bias = [attn_mask]
    scale = 1 / max(rows[1], 1) ** 0.5 if scale is None else float(scale)
    return attention(query, key, value, *bias, scale=scale, hidden=hidden, saved=[])
