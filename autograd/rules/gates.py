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

from autograd.rules.reduction import add_reduce


def _each(weight: ndarray, count: int) -> ndarray:
    """The rows of each gate: (gates, H, ...)."""
    return weight.reshape(count, len(weight) // count, *weight.shape[1:])


def _layer(x: ndarray, w: ndarray, bias: ndarray, count: int) -> ndarray:
    """What the input sends to the gates of all steps: (gates, T, N, H)."""
    z: ndarray = np.matmul(x.reshape(x.shape[0] * x.shape[1], x.shape[2]), _each(w, count).swapaxes(1, 2))
    z += _each(bias, count)[:, None]
    return z.reshape(count, *x.shape[:-1], len(w) // count)


def _recurrent(u: ndarray, count: int) -> ndarray:
    """What a state is multiplied with to give what it sends to the gates."""
    return np.ascontiguousarray(_each(u, count).swapaxes(1, 2))


def _sigmoid(z: ndarray) -> None:
    """½ tanh(z / 2) + ½, in place: NumPy has a fast tanh."""
    z *= 0.5
    np.tanh(z, out=z)
    z *= 0.5
    z += 0.5


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


def gradients(
    da: ndarray, db: ndarray, x: ndarray, h: ndarray, w: ndarray, wanted: Sequence[bool]
) -> list[ndarray | None]:
    """What x, the weights and the biases get back, given the adjoints of the two layers; h: the state before a step."""
    count, size = len(da), da.shape[-1]
    steps = h.shape[0] * h.shape[1]
    a, b = da.reshape(count, steps, size), db.reshape(count, steps, size)
    x_rows, h_rows = x.reshape(steps, x.shape[-1]), h.reshape(steps, size)
    dx = None
    if wanted[0]:
        dx = a[0] @ _each(w, count)[0]
        for part, weight in zip(a[1:], _each(w, count)[1:], strict=True):
            dx += part @ weight
        dx = dx.reshape(x.shape)
    ones = np.ones(steps, a.dtype)
    return [
        dx,
        (a.swapaxes(1, 2) @ x_rows).reshape(w.shape) if wanted[1] else None,
        (b.swapaxes(1, 2) @ h_rows).reshape(count * size, size) if wanted[2] else None,
        (ones @ a).reshape(-1) if wanted[3] else None,
        (ones @ b).reshape(-1) if wanted[4] else None,
    ]


# lstm


def lstm_forward(
    x: ndarray, first: ndarray, w: ndarray, u: ndarray, b: ndarray, v: ndarray, alive: ndarray | None
) -> tuple[ndarray, tuple[ndarray, ...]]:
    gates, weight = _layer(x, w, b + v, 4), _recurrent(u, 4)
    y = np.empty((2, *x.shape[:2], u.shape[1]), x.dtype)
    room = np.empty((4, *first.shape[1:]), x.dtype)
    h, c = first
    for t in range(len(x)):
        gate, (new_h, new_c) = gates[:, t], y[:, t]
        gate += np.matmul(h, weight, out=room)
        i, f, k, o = gate
        _sigmoid(gate[:2])
        np.tanh(k, out=k)
        _sigmoid(o)
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
    found, weight = np.empty_like(gates), _each(u, 4)
    d, held = np.zeros((2, *first.shape), y.dtype)
    room, through = np.empty((4, *first.shape[1:]), y.dtype), np.empty_like(first[0])
    dh, dc = d
    for t in range(len(gates[0]))[::-1]:
        _arrive(alive, t, d, g[:, t], held)
        gate, out = gates[:, t], found[:, t]
        i, f, k, o = gate
        np.tanh(y[1, t], out=through)
        np.subtract(1, gate, out=out)  # the slopes of the gates: σ (1 - σ), and (1 + tanh) (1 - tanh)
        out[:2] *= gate[:2]
        out[2] *= np.add(k, 1, out=room[0])
        out[3] *= o
        out[3] *= through
        out[3] *= dh
        through *= through
        np.subtract(1, through, out=through)
        through *= o
        through *= dh
        dc += through
        np.multiply(dc, k, out=room[0])
        np.multiply(dc, y[1, t - 1] if t else first[1], out=room[1])
        np.multiply(dc, i, out=room[2])
        out[:3] *= room[:3]
        dc *= f
        add_reduce(np.matmul(out, weight, out=room), 0, None, dh)
        d += held
    return found, found, d


# gru


def gru_forward(
    x: ndarray, first: ndarray, w: ndarray, u: ndarray, b: ndarray, v: ndarray, alive: ndarray | None
) -> tuple[ndarray, tuple[ndarray, ...]]:
    gates, weight, bias = _layer(x, w, b, 3), _recurrent(u, 3), _each(v, 3)[:, None]
    y = np.empty((*x.shape[:2], u.shape[1]), x.dtype)
    hidden = np.empty_like(y)  # what the states send to n
    room = np.empty((3, *first.shape), x.dtype)
    h = first
    for t in range(len(x)):
        np.matmul(h, weight, out=room)
        room += bias
        r, z, n = gates[:, t]
        both = gates[:2, t]
        both += room[:2]
        _sigmoid(both)
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
    of_input, of_state = np.empty((2, *gates.shape), y.dtype)
    weight = _each(u, 3)
    d, held = np.zeros((2, *first.shape), y.dtype)
    room = np.empty((3, *first.shape), y.dtype)
    for t in range(len(hidden))[::-1]:
        _arrive(alive, t, d, g[t], held)
        gate, out = gates[:, t], of_input[:, t]
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
        of_state[:2, t] = out[:2]
        np.multiply(out[2], r, out=of_state[2, t])
        d *= z
        d += add_reduce(np.matmul(of_state[:, t], weight, out=room), 0)
        d += held
    return of_input, of_state, d


# rnn


def rnn_forward(
    x: ndarray, first: ndarray, w: ndarray, u: ndarray, b: ndarray, v: ndarray, alive: ndarray | None, tanh: bool
) -> tuple[ndarray, tuple[ndarray, ...]]:
    (y,), (weight,) = _layer(x, w, b + v, 1), _recurrent(u, 1)
    room, h = np.empty_like(first), first
    for t, new in enumerate(y):
        new += np.matmul(h, weight, out=room)
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
    found = np.empty((1, *y.shape), y.dtype)
    d, held = np.zeros((2, *first.shape), y.dtype)
    for t, out in list(enumerate(found[0]))[::-1]:
        _arrive(alive, t, d, g[t], held)
        if tanh:
            np.multiply(y[t], y[t], out=out)
            np.subtract(1, out, out=out)
            out *= d
        else:
            np.multiply(d, y[t] > 0, out=out)
        np.matmul(out, u, out=d)
        d += held
    return found, found, d
