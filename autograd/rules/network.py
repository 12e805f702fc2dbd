"""Softmax and the cross-entropy that belongs to it, computed without overflow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.domain import REAL, case
from autograd.errors import OperandError, ShapeError, describe, place
from autograd.primitive import general
from autograd.rules.exponential import exp
from autograd.rules.reduction import add_reduce, maximum_reduce, sum
from autograd.rules.shaping import anywhere, data_of, expand_dims, shape_of

__all__ = ["log_softmax", "softmax", "softmax_cross_entropy"]

_ROWS = [case(REAL(2, 3), axis=-1), case(REAL(2, 3, 2), axis=1), case(REAL(), axis=0)]


ROOM = 1 << 18  # bytes of rows at a time: they stay in the cache from one pass to the next


def largest(x: ndarray, axis: int = -1) -> ndarray:
    """The largest elements along an axis, which stays. NumPy takes long for many short rows: they are turned."""
    n = x.shape[axis]
    if n > 256 or x.size < 2048 or axis not in (-1, x.ndim - 1):
        found: ndarray = maximum_reduce(x, axis, None, None, True)
        return found
    rows = x.reshape(-1, n)
    if n <= 32:
        found = maximum_reduce(np.ascontiguousarray(rows.T), 0)
    else:
        found = rows[np.arange(len(rows)), rows.argmax(1)]
    return found.reshape(*x.shape[:-1], 1)


def _blocks(axis: int, *arrays: ndarray) -> Iterator[tuple[ndarray, ...]]:
    """Some rows of each at a time, where rows are along the last axis and there are many."""
    x = arrays[0]
    if x.nbytes <= ROOM or axis not in (-1, x.ndim - 1) or not all(a.flags.c_contiguous for a in arrays):
        yield arrays
        return
    step = max(ROOM // max(x.itemsize * x.shape[-1], 1), 1)
    rows = [a.reshape(-1, a.shape[-1]) for a in arrays]
    for r in range(0, len(rows[0]), step):
        yield tuple(a[r : r + step] for a in rows)


def _softmax_array(x: ndarray, axis: int) -> ndarray:
    if not x.size or not x.ndim:
        return np.ones_like(x)
    y = np.empty(x.shape, x.dtype)
    for part, out in _blocks(axis, x, y):
        np.subtract(part, largest(part, axis), out=out)
        np.exp(out, out=out)
        out /= add_reduce(out, axis, None, None, True)
    return y


def _log_softmax_array(x: ndarray, axis: int) -> ndarray:
    if not x.size or not x.ndim:
        return np.zeros_like(x)
    y = np.empty(x.shape, x.dtype)
    for part, out in _blocks(axis, x, y):
        np.subtract(part, largest(part, axis), out=out)
        out -= np.log(add_reduce(np.exp(out), axis, None, None, True))
    return y


def _softmax_rule(u: Any, y: Any, x: Any, axis: int) -> Any:
    """y (u - Σ u y): the Jacobian of softmax is symmetric, so vjp and jvp are one rule."""
    return y * (u - sum(u * y, axis, True))


_softmax = general(
    "softmax",
    _softmax_array,
    [_softmax_rule],
    [_softmax_rule],
    domain=_ROWS,
    doc="exp(x) / Σ exp(x) along an axis.",
)
_log_softmax = general(
    "log_softmax",
    _log_softmax_array,
    [lambda g, y, x, axis: g - exp(y) * sum(g, axis, True)],
    [lambda t, y, x, axis: t - sum(exp(y) * t, axis, True)],
    domain=_ROWS,
    doc="x - ln Σ exp(x) along an axis.",
)


def softmax(x: Any, axis: int = -1) -> Any:
    """exp(x) / Σ exp(x) along an axis: positive, and summing to 1. No overflow, whatever x is."""
    return _softmax(x, axis=axis)


def log_softmax(x: Any, axis: int = -1) -> Any:
    """ln softmax(x), without the overflow and the log of 0 that writing it so would meet."""
    return _log_softmax(x, axis=axis)


# Cross-entropy of softmax with class numbers: loss of row i is ln Σ exp(z[i]) - z[i, target[i]]


def _picked(target: ndarray) -> tuple[Any, ...]:
    return (np.arange(len(target)), target) if target.ndim == 1 else (*np.indices(target.shape, sparse=True), target)


def _cross_entropy_array(z: ndarray, target: ndarray, saved: list[ndarray] | None) -> ndarray:
    if z.nbytes <= ROOM:
        top = largest(z)
        y = z - top
        total = add_reduce(np.exp(y, y), -1, None, None, True)
    else:
        y = np.empty(z.shape, z.dtype)
        top, total = np.empty((2, *z.shape[:-1], 1), z.dtype)
        for part, out, most, sums in _blocks(-1, z, y, top, total):
            most[...] = largest(part)
            np.subtract(part, most, out=out)
            add_reduce(np.exp(out, out), -1, None, sums, True)
    if saved is not None:
        saved[:] = [y, total]  # softmax(z) = y / total, for the backward pass
    found: ndarray = np.log(total)[..., 0] - (z[_picked(target)] - top[..., 0])
    return found


def _cross_entropy_back(g: Any, y: Any, z: Any, target: ndarray, saved: list[ndarray] | None) -> Any:
    """g (softmax(z) - one_hot(target))"""
    if type(z) is ndarray and type(g) is ndarray:
        y, total = saved or (_softmax_array(z, -1), 1)
        found = y * (g[..., None] / total)
        found[_picked(target)] -= g
        return found
    return (softmax(z) - _one_hot(z, target)) * expand_dims(g, -1)


def _one_hot(z: Any, target: Any) -> Any:
    return (target[..., None] == np.arange(shape_of(z)[-1])).astype(z.dtype)


softmax_cross_entropy_of = general(
    "softmax_cross_entropy",
    _cross_entropy_array,
    [_cross_entropy_back],
    [lambda t, y, z, target, saved: sum(t * (softmax(z) - _one_hot(z, target)), -1)],
    domain=[
        case(REAL(4, 3), target=np.array([0, 2, 1, 1]), saved=None),
        case(REAL(2, 2, 3), target=np.array([[0, 2], [1, 1]]), saved=None),
    ],
    doc="-ln softmax(z)[target] for each row, in one node.",
)


softmax_cross_entropy_of.joint_vjp = lambda g, y, z, wanted, **params: (_cross_entropy_back(g, y, z, **params),)


_UNSIGNED = {n: np.dtype(f"u{n}") for n in (1, 2, 4, 8)}  # by bytes


def softmax_cross_entropy(logits: Any, target: Any) -> Any:
    """-ln softmax(logits)[target] for each row: logits (..., classes), target (...) of class numbers; result (...).

    One node for speed; it stands for `-log_softmax(logits)[arange(n), target]`.
    """
    target = target if type(target) is ndarray else data_of(target)
    if target.dtype.kind not in "iu":
        raise OperandError(
            f"softmax_cross_entropy needs class numbers as integers, and got {describe(target)}.{place()}\n"
            "  For probabilities write -(p * log_softmax(logits)).sum(-1)."
        )
    shape = shape_of(logits)
    if shape[:-1] != target.shape:
        raise ShapeError(
            f"softmax_cross_entropy of logits {shape} with targets {target.shape}: targets must be {shape[:-1]}, "
            f"one class number for each row.{place()}"
        )
    if type(target) is ndarray:
        wrong = target.size and maximum_reduce(target.view(_UNSIGNED[target.itemsize]), None) >= shape[-1]
    else:
        wrong = anywhere((target < 0) | (target >= shape[-1]))
    if wrong:  # where they are read without a sign, negative numbers are very large
        raise ShapeError(
            f"softmax_cross_entropy: class numbers must lie in 0..{shape[-1] - 1}, and range from {target.min()} to "
            f"{target.max()}.{place()}"
        )
    return softmax_cross_entropy_of(logits, target=target, saved=[])
