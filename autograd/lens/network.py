"""Formulas of networks: losses, normalisation, attention, pooling, and recurrent layers, one number at a time."""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.lens.element import Elements, Index, Opening, add_up, fitted, inner, number, times
from autograd.lens.formula import opens
from autograd.lens.row import Row, exponentials, largest, softmax
from autograd.rules.arithmetic import square
from autograd.rules.exponential import exp, log, rsqrt, sigmoid
from autograd.rules.piecewise import relu
from autograd.rules.trigonometric import tanh

# Losses


@opens("softmax_cross_entropy")
def cross_entropy(y: Any, z: Elements, target: ndarray, saved: Any) -> Opening:
    """ln Σ eᶻ - z of the right class"""

    def opening(index: Index) -> Any:
        row = [z[(*index, k)] for k in range(z.shape[-1])]
        powers, top = exponentials(row)
        right = row[target[index]]
        return log(add_up(powers)) - (right - top if top else right)

    return opening


@opens("ctc")
def ctc(
    y: Any, log_probs: Elements, labels: ndarray, frames: ndarray, lengths: ndarray, blank: int, saved: Any
) -> Opening:
    """-ln of the sum over all paths: the likelihood of every state, frame by frame (Graves et al., 2006)."""

    def opening(index: Index) -> Any:
        (n,) = index
        states = [blank]
        for label in labels[n, : lengths[n]].tolist():
            states += [label, blank]
        if not frames[n]:
            return float(y[n])
        now = [1.0, *[0.0] * (len(states) - 1)]  # before the first frame: one step leads to the first two states
        for t in range(int(frames[n])):
            likely = {k: exp(log_probs[(t, n, k)]) for k in dict.fromkeys(states)}
            before = now
            now = []
            for s, k in enumerate(states):
                ways = before[max(s - 1, 0) : s + 1]
                if t and s > 1 and k not in (blank, states[s - 2]):
                    ways.append(before[s - 2])
                now.append(times(add_up(ways), likely[k]))
        whole = add_up(now[-2:])
        return -log(whole) if number(whole) else float("inf")

    return opening


# Normalisation and attention


@opens("normalization")
def normalization(
    y: Any, x: Elements, *rest: Elements, axes: Index, eps: float, centered: bool, scaled: bool, saved: Any
) -> Opening:
    """(x - mean) / √(variance + eps), times a weight and plus a bias where there are such."""

    @cache
    def group(at: Index) -> tuple[Any, Any]:
        places = product(*(range(n) if k in axes else (at[k],) for k, n in enumerate(x.shape)))
        row = [x[place] for place in places]
        mean = add_up(row) / len(row) if centered else 0.0
        squares = [square(v - mean if centered else v) for v in row]
        return mean, rsqrt(add_up(squares) / len(row) + eps)

    def opening(index: Index) -> Any:
        mean, scale = group(tuple(0 if k in axes else i for k, i in enumerate(index)))
        found = (x[index] - mean if centered else x[index]) * scale
        for operand, is_factor in zip(rest, (True, False) if scaled else (False,), strict=False):
            here = operand.seen_from(index)
            found = found * here if is_factor else found + here
        return found

    return opening


@opens("attention")
def attention(
    y: Any, q: Elements, k: Elements, v: Elements, *bias: Elements, scale: float, hidden: Any, saved: Any
) -> Opening:
    """softmax(q kᵀ · scale + bias) v, where nothing is hidden."""
    columns, width = k.shape[-2:]

    @cache
    def weights(lead: Index, i: int) -> tuple[list[int], Row]:
        seen = [j for j in range(columns) if hidden is None or not hidden[fitted((*lead, i, j), hidden.shape)]]
        query = [q.seen_from((*lead, i, e)) for e in range(width)]
        scores = []
        for j in seen:
            score = inner(query, [k.seen_from((*lead, j, e)) for e in range(width)]) * scale
            scores.append(score + bias[0].seen_from((*lead, i, j)) if bias else score)
        return seen, softmax(scores) if seen else []

    def opening(index: Index) -> Any:
        *lead, i, column = index
        seen, shares = weights(tuple(lead), i)
        return inner(shares, [v.seen_from((*lead, j, column)) for j in seen])

    return opening


# Pooling


@opens("max_pool")
def max_pool(
    y: Any, x: Elements, counts: Index, kernel: Index, stride: Index, padding: Index, dilation: Index
) -> Opening:
    """The largest element of a window; of equal ones the first."""

    def opening(index: Index) -> Any:
        starts = [i * s - p for i, s, p in zip(index[2:], stride, padding, strict=True)]
        ranges = [
            [start + j * d for j in range(n) if 0 <= start + j * d < size]
            for start, n, d, size in zip(starts, kernel, dilation, x.shape[2:], strict=True)
        ]
        window = [x[(*index[:2], *place)] for place in product(*ranges)]
        if not window:
            return float("-inf")
        top = max(map(number, window))
        winners = [v for v in window if number(v) == top]
        return winners[0] if len(winners) > 1 else largest(window)

    return opening


# Recurrent layers: how one step goes stands in `rules.cell`


def recurrent(step: Any) -> Any:
    """All states of a layer, given one step: of the layers of the input and of the state, and the states, the next."""

    def formula(
        y: ndarray,
        x: Elements,
        first: Elements,
        w: Elements,
        u: Elements,
        b: Elements,
        v: Elements,
        alive: Any,
        saved: Any,
        **how: Any,
    ) -> Opening:
        gates, hidden = range(w.shape[0]), range(y.shape[-1])

        def layer(weight: Elements, bias: Elements, row: Row) -> Row:
            return [add_up([*map(times, [weight[g, i] for i in range(len(row))], row), bias[(g,)]]) for g in gates]

        @cache
        def states(n: int) -> list[list[Row]]:
            now = [[first[(*lead, n, i)] for i in hidden] for lead in np.ndindex(y.shape[:-3])]
            found = []
            for t in range(y.shape[-3]):
                if alive is None or alive[t, n, 0]:
                    inputs = layer(w, b, [x[t, n, i] for i in range(x.shape[2])])
                    now = step(inputs, layer(u, v, now[0]), now, **how)
                found.append(now)
            return found

        def opening(index: Index) -> Any:
            *lead, t, n, i = index
            return states(n)[t][lead[0] if lead else 0][i]

        return opening

    return formula


def parts(row: Row, count: int) -> list[Row]:
    """The gates, which lie side by side."""
    size = len(row) // count
    return [row[k * size : (k + 1) * size] for k in range(count)]


@opens("rnn", recurrent)
def rnn(a: Row, b: Row, states: list[Row], tanh: bool) -> list[Row]:
    """h' = tanh(a + b), or relu of it."""
    bend: Any = _tanh if tanh else relu
    return [[bend(p + q) for p, q in zip(a, b, strict=True)]]


_tanh = tanh


@opens("lstm", recurrent)
def lstm(a: Row, b: Row, states: list[Row]) -> list[Row]:
    """c' = σ(f) c + σ(i) tanh(k), h' = σ(o) tanh(c')"""
    gates = parts([p + q for p, q in zip(a, b, strict=True)], 4)
    cells = [
        sigmoid(f) * c + sigmoid(i) * tanh(k)
        for i, f, k, c in zip(gates[0], gates[1], gates[2], states[1], strict=True)
    ]
    return [[sigmoid(o) * tanh(c) for o, c in zip(gates[3], cells, strict=True)], cells]


@opens("gru", recurrent)
def gru(a: Row, b: Row, states: list[Row]) -> list[Row]:
    """h' = n + z (h - n), n = tanh(aₙ + r bₙ)"""
    found = []
    for ar, az, an, br, bz, bn, h in zip(*parts(a, 3), *parts(b, 3), states[0], strict=True):
        n = tanh(an + sigmoid(ar + br) * bn)
        found.append(n + sigmoid(az + bz) * (h - n))
    return [found]
