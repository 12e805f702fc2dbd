"""How arrays go through the gates of recurrent networks, forward and back again: the fast way of `unrolling`.

One large product of matrices gives what the input sends to the gates of all steps; then each step works in place on
what lies in the cache, and one product for each weight sums up its gradient over all steps. The gates are kept one
after the other, (gates, T, N, H), so that each is one stretch of memory.

Forward gives all states and the gates to keep; backward the adjoints of the two layers, that of the input and that of
the state, and of the first state. `alive` (T, N, 1) is False where a sequence has ended: its state stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy import ndarray

import autograd.kernel.recurrent as loop
from autograd.kernel import fits


def _each(weight: ndarray, count: int) -> ndarray:
    """The rows of each gate: (gates, H, ...)."""
    return weight.reshape(count, len(weight) // count, *weight.shape[1:])


def _layer(x: ndarray, w: ndarray, bias: ndarray) -> ndarray:
    """What the input sends to the gates of all steps: (gates, T, N, H). Weights are those of each gate."""
    z: ndarray = np.matmul(x.reshape(x.shape[0] * x.shape[1], x.shape[2]), w.swapaxes(1, 2))
    z += bias[:, None]
    return z.reshape(len(w), *x.shape[:-1], w.shape[1])


def _halved(gates: int, sigmoids: Sequence[int], *arrays: ndarray) -> list[ndarray]:
    """The rows of each gate, halved where it is σ(z) = ½ tanh(z / 2) + ½: NumPy has a fast tanh."""
    halves = np.ones(gates, arrays[0].dtype)
    halves[list(sigmoids)] = 0.5
    return [_each(a, gates) * halves.reshape(-1, *(1,) * a.ndim) for a in arrays]


def _narrow(weight: ndarray, rows: int) -> ndarray:
    """Matrices (..., K, H) to multiply states with, 32 columns at a time where that keeps the products small.

    OpenBLAS has a faster way for products of at most a million multiplications; it likes them narrow.
    """
    inner, size = weight.shape[-2:]
    width = 32 if size % 32 == 0 and rows * inner * 32 <= 1_000_000 else size
    return np.ascontiguousarray(weight.reshape(*weight.shape[:-1], size // width, width).swapaxes(-2, -3))


def _multiply(x: ndarray, narrow: ndarray, out: ndarray) -> ndarray:
    """The product with such matrices."""
    np.matmul(x, narrow, out=out.reshape(*out.shape[:-1], *narrow.shape[-3::2]).swapaxes(-2, -3))
    return out


def _raise(t: ndarray) -> None:
    """σ from that tanh, in place."""
    t *= 0.5
    t += 0.5


def _stay(alive: ndarray | None, t: int, new: ndarray, old: ndarray) -> None:
    """Let the states of ended sequences be what they were."""
    if alive is not None:
        np.copyto(new, old, where=~alive[t])


def _arrive(alive: ndarray | None, t: int, d: ndarray, g: ndarray, held: ndarray) -> None:
    """Add the cotangent of a step to the adjoint of its states; that of ended sequences is held for the step before."""
    d += g
    if alive is not None:
        np.multiply(d, ~alive[t], out=held)
        d *= alive[t]


def _release(alive: ndarray | None, d: ndarray, held: ndarray) -> None:
    """Add to the adjoint of the step before what was held."""
    if alive is not None:
        d += held


def gradients(
    da: ndarray, db: ndarray, x: ndarray, first: ndarray, y: ndarray, w: ndarray, wanted: Sequence[bool]
) -> list[ndarray | None]:
    """What x, the weights and the biases get back, given the adjoints of the two layers, and the hidden states."""
    batch, steps = len(first), len(first) * len(y)
    a, b, x_rows, h_rows = (rows.reshape(steps, rows.shape[2]) for rows in (da, db, x, y))
    ones = np.ones(steps, a.dtype)
    of_bias = ones @ a
    return [
        (a @ w).reshape(x.shape) if wanted[0] else None,
        a.T @ x_rows if wanted[1] else None,
        b[batch:].T @ h_rows[: steps - batch] + b[:batch].T @ first if wanted[2] else None,
        of_bias if wanted[3] else None,
        of_bias if db is da else ones @ b if wanted[4] else None,
    ]


def _by_rows(steps: int, first: ndarray, count: int) -> tuple[ndarray, ndarray]:
    """Room for adjoints of the gates of all steps, side by side, and the view of it gate by gate, (T, gates, N, H)."""
    found = np.empty((steps, len(first), count, first.shape[1]), first.dtype)
    return found.reshape(steps, len(first), count * first.shape[1]), found.swapaxes(1, 2)


# lstm


def lstm_forward(
    x: ndarray, first: ndarray, w: ndarray, u: ndarray, b: ndarray, v: ndarray, alive: ndarray | None
) -> tuple[ndarray, tuple[ndarray, ...]]:
    w, u, b = _halved(4, (0, 1, 3), w, u, b + v)
    gates, weight = _layer(x, w, b), _narrow(u.swapaxes(1, 2), len(first[0]))
    y = np.empty((2, *x.shape[:2], first.shape[2]), x.dtype)
    room = np.empty((4, *first.shape[1:]), x.dtype)
    h, c = first
    for t in range(len(x)):
        gate, (new_h, new_c) = gates[:, t], y[:, t]
        i, f, k, o = gate
        gate += _multiply(h, weight, room)
        np.tanh(gate, out=gate)
        _raise(gate[:2])
        _raise(o)
        np.multiply(i, k, out=new_h)
        np.multiply(f, c, out=new_c)
        new_c += new_h
        np.tanh(new_c, out=new_h)
        new_h *= o
        _stay(alive, t, new_h, h)
        _stay(alive, t, new_c, c)
        h, c = new_h, new_c
    return y, (gates,)


def lstm_backward(
    g: ndarray, y: ndarray, first: ndarray, u: ndarray, alive: ndarray | None, gates: ndarray
) -> tuple[ndarray, ndarray, ndarray]:
    steps, weight = len(y[0]), _narrow(u, len(first[0]))
    rows, found = _by_rows(steps, first[0], 4)
    d, held = np.zeros((2, *first.shape), y.dtype)
    room, out = np.empty((2, 4, *first.shape[1:]), y.dtype)
    through = np.empty_like(first[0])
    dh, dc = d
    looped = fits(rows[0], first[1])
    for t in range(steps)[::-1]:
        _arrive(alive, t, d, g[:, t], held)
        gate, before = gates[:, t], y[1, t - 1] if t else first[1]
        i, f, k, o = gate
        np.tanh(y[1, t], out=through)
        if looped:
            loop.lstm_back(i, f, k, o, through, before, dh, dc, rows[t])
        else:
            np.multiply(dh, through, out=room[3])
            dc += np.multiply(dh, o, out=through)  # dh o (1 - tanh²c), where o tanh c is h
            dc -= np.multiply(room[3], y[0, t], out=through)
            np.multiply(dc, k, out=room[0])
            np.multiply(dc, before, out=room[1])
            np.multiply(dc, i, out=room[2])
            np.multiply(gate, gate, out=out)  # the slopes of the gates: σ - σ², and 1 - tanh²
            np.subtract(gate[:2], out[:2], out=out[:2])
            np.subtract(1, out[2], out=out[2])
            np.subtract(o, out[3], out=out[3])
            out *= room
            found[t] = out  # a copy to rows that lie apart is faster than writing there at once
            dc *= f
        _multiply(rows[t], weight, dh)
        _release(alive, d, held)
    return rows, rows, d


# gru


def gru_forward(
    x: ndarray, first: ndarray, w: ndarray, u: ndarray, b: ndarray, v: ndarray, alive: ndarray | None
) -> tuple[ndarray, tuple[ndarray, ...]]:
    w, u, b, v = _halved(3, (0, 1), w, u, b, v)
    gates, weight, bias = _layer(x, w, b), _narrow(u.swapaxes(1, 2), len(first)), v[:, None]
    y = np.empty((*x.shape[:2], first.shape[1]), x.dtype)
    hidden = np.empty_like(y)  # what the states send to n
    room = np.empty((3, *first.shape), x.dtype)
    h = first
    for t in range(len(x)):
        _multiply(h, weight, room)
        room += bias
        r, z, n = gates[:, t]
        both = gates[:2, t]
        both += room[:2]
        np.tanh(both, out=both)
        _raise(both)
        hidden[t] = room[2]
        n += np.multiply(r, room[2], out=room[2])
        np.tanh(n, out=n)
        new = np.subtract(h, n, out=y[t])
        new *= z
        new += n
        _stay(alive, t, new, h)
        h = new
    return y, (gates, hidden)


def gru_backward(
    g: ndarray, y: ndarray, first: ndarray, u: ndarray, alive: ndarray | None, gates: ndarray, hidden: ndarray
) -> tuple[ndarray, ndarray, ndarray]:
    steps, weight = len(y), _narrow(u, len(first))
    (rows, of_input), (state_rows, of_state) = _by_rows(steps, first, 3), _by_rows(steps, first, 3)
    d, held = np.zeros((2, *first.shape), y.dtype)
    room, out = np.empty((2, 3, *first.shape), y.dtype)
    product = np.empty_like(first)
    for t in range(steps)[::-1]:
        _arrive(alive, t, d, g[t], held)
        gate = gates[:, t]
        r, z, n = gate
        np.subtract(1, gate, out=room)
        np.multiply(room[1], d, out=out[2])  # that of n, and of what is inside its tanh
        out[2] *= room[2]
        out[2] *= np.add(n, 1, out=room[2])
        room[:2] *= gate[:2]
        np.multiply(out[2], hidden[t], out=out[0])
        out[0] *= room[0]
        np.subtract(y[t - 1] if t else first, n, out=out[1])
        out[1] *= d
        out[1] *= room[1]
        of_input[t] = out
        out[2] *= r
        of_state[t] = out
        d *= z
        d += _multiply(state_rows[t], weight, product)
        _release(alive, d, held)
    return rows, state_rows, d


# rnn


def rnn_forward(
    x: ndarray, first: ndarray, w: ndarray, u: ndarray, b: ndarray, v: ndarray, alive: ndarray | None, tanh: bool
) -> tuple[ndarray, tuple[ndarray, ...]]:
    (y,), weight = _layer(x, w[None], (b + v)[None]), _narrow(u.T, len(first))
    room, h = np.empty_like(first), first
    for t, new in enumerate(y):
        new += _multiply(h, weight, room)
        if tanh:
            np.tanh(new, out=new)
        else:
            np.maximum(new, 0, out=new)
        _stay(alive, t, new, h)
        h = new
    return y, ()


def rnn_backward(
    g: ndarray, y: ndarray, first: ndarray, u: ndarray, alive: ndarray | None, tanh: bool
) -> tuple[ndarray, ndarray, ndarray]:
    found, weight = np.empty_like(y), _narrow(u, len(first))
    d, held = np.zeros((2, *first.shape), y.dtype)
    for t, out in list(enumerate(found))[::-1]:
        _arrive(alive, t, d, g[t], held)
        if tanh:
            np.multiply(y[t], y[t], out=out)
            np.subtract(1, out, out=out)
            out *= d
        else:
            np.multiply(d, y[t] > 0, out=out)
        _multiply(out, weight, d)
        _release(alive, d, held)
    return found, found, d
