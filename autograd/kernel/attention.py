"""The weights of attention, in place of the scores they come from, forward and back: as in rules/attention.

No maximum is taken away from the scores: these are for scores that are known to be small.
"""

from __future__ import annotations

from typing import Any

from numpy import float32, log

from autograd.kernel import kernel, reduction
from autograd.kernel.exponential import exp

_ONE, _ZERO = float32(1), float32(0)


@reduction
def weigh(scores: Any, hidden: Any, logs: Any) -> None:
    """softmax of each row (heads, rows, columns) where nothing is hidden (rows, columns), and the log of its sum."""
    heads, rows, columns = scores.shape
    for h in range(heads):
        for i in range(rows):
            total = _ZERO
            for j in range(columns):
                e = _ZERO if hidden[i, j] else exp(scores[h, i, j])
                scores[h, i, j] = e
                total += e
            total = total if total != _ZERO else _ONE  # nothing is seen from there
            logs[h, i] = log(total)
            share = _ONE / total
            for j in range(columns):
                scores[h, i, j] *= share


@kernel
def weigh_again(scores: Any, hidden: Any, logs: Any) -> None:
    """The weights once more, given the logs."""
    heads, rows, columns = scores.shape
    for h in range(heads):
        for i in range(rows):
            for j in range(columns):
                scores[h, i, j] = _ZERO if hidden[i, j] else exp(scores[h, i, j] - logs[h, i])


@kernel
def weigh_back(weights: Any, along: Any, slopes: Any) -> None:
    """P ⊙ (slopes - along) in place of the slopes g vᵀ, with the sum of g y along each row."""
    heads, rows, columns = weights.shape
    for h in range(heads):
        for i in range(rows):
            for j in range(columns):
                slopes[h, i, j] = weights[h, i, j] * (slopes[h, i, j] - along[h, i])
