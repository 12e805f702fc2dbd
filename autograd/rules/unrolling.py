"""Recurrent networks over a whole sequence in one node, for one layer and one direction.

The result of a primitive is every state that the sequence went through. Given these, the gates of all steps are found
at once, and so are the slopes within each step; only the adjoints go back through time, and tangents forward, step by
step. Here is how any kind of number does it; `gates` has a faster way for arrays. The steps themselves stand in `cell`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy import ndarray

from autograd.domain import REAL, case
from autograd.primitive import general
from autograd.rules import gates
from autograd.rules.cell import parts
from autograd.rules.contraction import affine
from autograd.rules.exponential import sigmoid
from autograd.rules.reduction import sum
from autograd.rules.shaping import concatenate, data_of, expand_dims, reshape, shape_of, stack
from autograd.rules.trigonometric import tanh

# What the three have in common. Operands are x (T, N, I), a state (N, H), of the lstm both states (2, N, H), weight_ih
# (G, I), weight_hh (G, H) and two biases (G). The result is all states, (T, N, H) or (2, T, N, H). Where a sequence has
# ended, `alive` (T, N, 1) is False, and its state stays as it is.


class Slopes(NamedTuple):
    """The derivatives within all steps."""

    h: Any  # the hidden state that each step begins with
    inner: Any  # of the new state (lstm: of the new cell, three times, and of the new state) by each gate
    keep: Any = None  # of the new state (lstm: cell) by the one before, past the gates
    share: Any = None  # of the gates by the layer of the state, where it is not 1
    through: Any = None  # of the lstm's state by its cell


def _at(states: Any, t: int | slice) -> Any:
    return states[..., t, :, :]


def _before(first: Any, states: Any) -> Any:
    """The states that each step begins with."""
    return concatenate([expand_dims(first, -3), _at(states, slice(-1))], -3)


def _tangents(ts: Sequence[Any], s: Slopes, x: Any, w: Any, u: Any) -> Any:
    """The tangents of the gates of all steps, by all but the state."""
    tx, _, tw, tu, tb, tv = ts
    share = 1 if s.share is None else s.share
    total: Any = np.zeros((shape_of(x)[0], 1, 1), x.dtype)
    total = total if tx is None else total + tx @ w.T
    total = total if tw is None else total + x @ tw.T
    total = total if tu is None else total + (s.h @ tu.T) * share
    total = total if tb is None else total + tb
    return total if tv is None else total + tv * share


def _gradients(da: Any, db: Any, x: Any, h: Any, w: Any, wanted: Sequence[bool]) -> list[Any]:
    """What x, the weights and the biases get back, given the adjoints of the two layers of all steps."""
    a, b, x, h = (reshape(rows, (-1, shape_of(rows)[-1])) for rows in (da, db, x, h))
    return [
        reshape(a @ w, shape_of(da)[:-1] + shape_of(w)[1:]) if wanted[0] else None,
        a.T @ x if wanted[1] else None,
        b.T @ h if wanted[2] else None,
        sum(a, 0) if wanted[3] else None,
        sum(b, 0) if wanted[4] else None,
    ]


def _recurrent(
    name: str, array: Any, array_back: Any, slopes: Any, back: Any, forward: Any, domain: Any, doc: str
) -> Any:
    """A primitive, given how arrays go through it and back, and, for any kind of number, the slopes within all steps
    and how one step passes on adjoints and tangents."""

    def states(x: ndarray, *rest: ndarray, alive: Any, saved: Any, **how: Any) -> ndarray:
        dtype = np.result_type(x, *rest)
        y: ndarray
        y, kept = array(*(np.asarray(a, dtype) for a in (x, *rest)), alive, **how)
        if saved is not None:
            saved[:] = kept
        return y

    def vjp(g: Any, y: Any, x: Any, first: Any, *rest: Any, wanted: Any, alive: Any, saved: Any, **how: Any) -> Any:
        w, u = rest[:2]
        if saved is not None and type(g) is type(x) is ndarray:
            da, db, d = array_back(g, y, first, u, alive, *saved, **how)
            h, states = (first[0], y[0]) if y.ndim == 4 else (first, y)
            of_x, *of_rest = gates.gradients(da, db, x, h, states, w, (wanted[0], *wanted[2:]))
            return [of_x, d, *of_rest]
        s = slopes(y, x, first, *rest, **how)
        found, d = [], None
        for t in range(shape_of(x)[0])[::-1]:
            d = _at(g, t) if d is None else d + _at(g, t)
            gate, before = back(s, t, d if alive is None else d * alive[t], u)
            found.append(gate)
            d = before if alive is None else before + d * (~alive[t])
        da = stack(found[::-1])
        of_x, *of_rest = _gradients(da, da if s.share is None else da * s.share, x, s.h, w, (wanted[0], *wanted[2:]))
        return [of_x, d, *of_rest]

    def jvp(ts: Any, y: Any, x: Any, first: Any, *rest: Any, alive: Any, saved: Any, **how: Any) -> Any:
        s = slopes(y, x, first, *rest, **how)
        inputs, found = _tangents(ts, s, x, rest[0], rest[1]), []
        d = np.zeros(shape_of(first), y.dtype) if ts[1] is None else ts[1]
        for t in range(shape_of(x)[0]):
            new = forward(s, t, d, inputs[t], rest[1])
            d = new if alive is None else new * alive[t] + d * (~alive[t])
            found.append(d)
        return stack(found, -3)

    return general(name, states, vjp, jvp, domain=domain, doc=doc)


def _domain(gates: int, *lead: int, **params: Any) -> list[Any]:
    weights = REAL(2 * gates, 3), REAL(2 * gates, 2), REAL(2 * gates), REAL(2 * gates)
    ended = np.array([[1, 1], [1, 0], [1, 0]], bool)[:, :, None]
    return [
        case(REAL(3, 2, 3), REAL(*lead, 2, 2), *weights, alive=alive, saved=None, **params) for alive in (None, ended)
    ]


# rnn


def _rnn_slopes(y: Any, x: Any, first: Any, w: Any, u: Any, b: Any, v: Any, tanh: bool) -> Slopes:
    return Slopes(_before(first, y), 1 - y * y if tanh else (data_of(y) > 0).astype(y.dtype))


rnn_of = _recurrent(
    "rnn",
    gates.rnn_forward,
    gates.rnn_backward,
    _rnn_slopes,
    lambda s, t, d, u: (d * s.inner[t], (d * s.inner[t]) @ u),
    lambda s, t, d, gates, u: (gates + d @ u.T) * s.inner[t],
    domain=_domain(1, tanh=True) + _domain(1, tanh=False),
    doc="All states of a simple recurrent layer.",
)


# lstm


def _lstm_slopes(y: Any, x: Any, first: Any, w: Any, u: Any, b: Any, v: Any) -> Slopes:
    before = _before(first, y)
    i, f, k, o = parts(affine(x, w, b) + affine(before[0], u, v), 4)
    i, f, k, o, s = sigmoid(i), sigmoid(f), tanh(k), sigmoid(o), tanh(y[1])
    inner = [k * i * (1 - i), before[1] * f * (1 - f), i * (1 - k * k), s * o * (1 - o)]
    return Slopes(before[0], concatenate(inner, -1), f, None, o * (1 - s * s))


def _lstm_back(s: Slopes, t: int, d: Any, u: Any) -> tuple[Any, Any]:
    cell = d[1] + d[0] * s.through[t]
    gates = concatenate([cell, cell, cell, d[0]], -1) * s.inner[t]
    return gates, stack([gates @ u, cell * s.keep[t]])


def _lstm_forward(s: Slopes, t: int, d: Any, gates: Any, u: Any) -> Any:
    i, f, k, o = parts((gates + d[0] @ u.T) * s.inner[t], 4)
    cell = d[1] * s.keep[t] + i + f + k
    return stack([cell * s.through[t] + o, cell])


lstm_of = _recurrent(
    "lstm",
    gates.lstm_forward,
    gates.lstm_backward,
    _lstm_slopes,
    _lstm_back,
    _lstm_forward,
    domain=_domain(4, 2),
    doc="All states of a long short-term memory: hidden states, and cells.",
)


# gru


def _gru_slopes(y: Any, x: Any, first: Any, w: Any, u: Any, b: Any, v: Any) -> Slopes:
    h = _before(first, y)
    a, c = parts(affine(x, w, b), 3), parts(affine(h, u, v), 3)
    r, z = sigmoid(a[0] + c[0]), sigmoid(a[1] + c[1])
    n = tanh(a[2] + r * c[2])
    of_n = (1 - z) * (1 - n * n)
    ones = np.ones(shape_of(r), y.dtype)
    inner = [of_n * c[2] * r * (1 - r), (h - n) * z * (1 - z), of_n]
    return Slopes(h, concatenate(inner, -1), z, concatenate([ones, ones, r], -1))


def _gru_back(s: Slopes, t: int, d: Any, u: Any) -> tuple[Any, Any]:
    gates = concatenate([d, d, d], -1) * s.inner[t]
    return gates, (gates * s.share[t]) @ u + d * s.keep[t]


def _gru_forward(s: Slopes, t: int, d: Any, gates: Any, u: Any) -> Any:
    r, z, n = parts((gates + (d @ u.T) * s.share[t]) * s.inner[t], 3)
    return d * s.keep[t] + r + z + n


gru_of = _recurrent(
    "gru",
    gates.gru_forward,
    gates.gru_backward,
    _gru_slopes,
    _gru_back,
    _gru_forward,
    domain=_domain(3),
    doc="All states of a layer of gated recurrent units.",
)
