"""Recurrent networks over a whole sequence, one layer in one direction, with PyTorch's gates and shapes of weights.

They are the steps of `cell`, one after the other, in one node; how that is swept stands in `unrolling`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.errors import ShapeError, describe, place
from autograd.rules.cell import gru_cell, is_tanh, lstm_cell, rnn_cell
from autograd.rules.indexing import getitem
from autograd.rules.piecewise import where
from autograd.rules.shaping import expand_dims, flip, shape_of, stack
from autograd.rules.unrolling import gru_of, lstm_of, rnn_of

__all__ = ["gru", "gru_cell", "lstm", "lstm_cell", "rnn", "rnn_cell"]


def _sequence(
    primitive: Any, x: Any, hx: Any, weights: Sequence[Any], lengths: Any, reverse: bool, **how: Any
) -> tuple[Any, Any]:
    """The hidden states of all steps, and all last states; hx is a sequence of the first states, or None."""
    name, count = primitive.name, 2 if primitive is lstm_of else 1
    x = x if hasattr(x, "shape") else np.asarray(x)
    size = _fitting(name, GATES[name], x, *weights)
    single = len(shape_of(x)) == 2
    expected = (size,) if single else (shape_of(x)[1], size)
    hx = hx if hx is None else tuple(hx) if count == 2 else (hx,)
    if hx is not None and [*map(shape_of, hx)] != [expected] * count:
        of = "h and c, each of shape" if count == 2 else "h of shape"
        raise ShapeError(
            f"{name} needs a first state {of} {expected}, or None, and got {', '.join(map(describe, hx))}.{place()}"
        )
    x = expand_dims(x, 1) if single else x
    w, u, *biases = weights
    b, v = (np.zeros(len(w), w.dtype) if bias is None else bias for bias in biases)
    if hx is None:
        hx = [np.zeros((shape_of(x)[1], size), w.dtype)] * count
    elif single:
        hx = [expand_dims(h, 0) for h in hx]
    first = stack(hx) if count == 2 else hx[0]
    alive = None if lengths is None else _alive(name, shape_of(x), lengths)
    x = x if alive is None else where(alive, x, 0.0)
    x = _turned(x, alive) if reverse else x
    states = primitive(x, first, w, u, b, v, alive=alive, saved=[], **how)
    h, last = states[0] if count == 2 else states, states[..., -1, :, :]
    h = h if alive is None else h * alive
    h = _turned(h, alive) if reverse else h
    return (h[:, 0], last[..., 0, :]) if single else (h, last)


GATES = {"rnn": 1, "lstm": 4, "gru": 3}


def _fitting(name: str, gates: int, x: Any, w: Any, u: Any, *biases: Any) -> int:
    """The number H of hidden units. Errors: ShapeError where shapes do not fit."""
    shape, size = shape_of(x), (*shape_of(u), 0)[1]
    rows = gates * size
    if len(shape) not in (2, 3) or not shape[0] or shape_of(w) != (rows, shape[-1]) or shape_of(u) != (rows, size):
        h = "H" if gates == 1 else f"{gates} H"
        raise ShapeError(
            f"{name} of {describe(x)} with weight_ih {describe(w)} and weight_hh {describe(u)}: x is (T, N, I) or "
            f"(T, I) with at least one step, weight_ih is ({h}, I) and weight_hh ({h}, H).{place()}"
        )
    wrong = [describe(b) for b in biases if b is not None and shape_of(b) != (rows,)]
    if wrong:
        raise ShapeError(f"{name}: biases have shape {(rows,)} here, and not {' and '.join(wrong)}.{place()}")
    return size


def _alive(name: str, shape: tuple[int, ...], lengths: Any) -> ndarray:
    """Whether each sequence has a step t: (T, N, 1). Errors: ShapeError where the lengths do not fit."""
    ends = np.asarray(lengths)
    if (
        ends.shape != shape[1:2]
        or ends.dtype.kind not in "iu"
        or not 1 <= ends.min(initial=1) <= ends.max(initial=1) <= shape[0]
    ):
        raise ShapeError(
            f"{name}: lengths are {shape[1]} numbers of steps, from 1 to {shape[0]}, not {lengths}.{place()}"
        )
    found: ndarray = np.arange(shape[0])[:, None, None] < ends[:, None]
    return found


def _turned(x: Any, alive: ndarray | None) -> Any:
    """Each sequence from its end to its beginning; what lies behind the end stays there."""
    if alive is None:
        return flip(x, 0)
    steps, ends = np.arange(len(alive))[:, None], alive.sum(0)[:, 0]
    return getitem(x, index=(np.where(steps < ends, ends - 1 - steps, steps), np.arange(len(ends))))


def rnn(
    x: Any,
    hx: Any,
    weight_ih: Any,
    weight_hh: Any,
    bias_ih: Any = None,
    bias_hh: Any = None,
    nonlinearity: str = "tanh",
    *,
    lengths: Sequence[int] | None = None,
    reverse: bool = False,
) -> tuple[Any, Any]:
    """A simple recurrent layer over a whole sequence: every state (T, N, H), and the last one (N, H).

    See `lstm` for the arguments. `hx` is the first state h (N, H).
    """
    weights = weight_ih, weight_hh, bias_ih, bias_hh
    return _sequence(rnn_of, x, hx, weights, lengths, reverse, tanh=is_tanh(nonlinearity))


def lstm(
    x: Any,
    hx: tuple[Any, Any] | None,
    weight_ih: Any,
    weight_hh: Any,
    bias_ih: Any = None,
    bias_hh: Any = None,
    *,
    lengths: Sequence[int] | None = None,
    reverse: bool = False,
) -> tuple[Any, tuple[Any, Any]]:
    """A long short-term memory over a whole sequence, one layer in one direction, in one node: h, (h_n, c_n).

    Shapes: x (T, N, I), `hx` = (h, c) each (N, H), or None for zeros; weight_ih (4H, I), weight_hh (4H, H) and the
    biases (4H) with the gates in PyTorch's order, i, f, g, o. Result: the hidden state after every step (T, N, H), and
    the last hidden state and cell, each (N, H). A single sequence x (T, I) goes without the N everywhere.

    `lengths` says after how many steps each of the N sequences has ended: from there on its outputs are 0, and h_n and
    c_n are those of its last step. With `reverse` each sequence is read from its end to its beginning.

    >>> import autograd, numpy as np
    >>> x, w = autograd.Tensor(np.ones((3, 1, 2))), np.full((4, 2), 0.5)
    >>> y, (h, c) = autograd.lstm(x, None, w, np.zeros((4, 1)))
    >>> y.shape, h.item() == y[-1].item()
    ((3, 1, 1), True)
    """
    y, last = _sequence(lstm_of, x, hx, (weight_ih, weight_hh, bias_ih, bias_hh), lengths, reverse)
    return y, (last[0], last[1])


def gru(
    x: Any,
    hx: Any,
    weight_ih: Any,
    weight_hh: Any,
    bias_ih: Any = None,
    bias_hh: Any = None,
    *,
    lengths: Sequence[int] | None = None,
    reverse: bool = False,
) -> tuple[Any, Any]:
    """A layer of gated recurrent units over a whole sequence: every state (T, N, H), and the last one (N, H).

    See `lstm` for the arguments. `hx` is the first state h (N, H); weights and biases have 3H rows, for the
    gates r, z, n.
    """
    return _sequence(gru_of, x, hx, (weight_ih, weight_hh, bias_ih, bias_hh), lengths, reverse)
