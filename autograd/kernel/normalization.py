"""Layer normalization of rows, forward and back. The formulas are those of rules/normalization."""

from __future__ import annotations

from typing import Any

from numpy import float32, sqrt, zeros

from autograd.kernel import reduction

_ONE, _ZERO = float32(1), float32(0)
_TOGETHER = 64  # rows whose gradients of a weight are added up before they join the others: so that no digits are lost


@reduction
def normalize(x: Any, weight: Any, bias: Any, eps: Any, centered: bool, y: Any, middle: Any, square: Any) -> None:
    """y = (x - μ) r w + b for each row, and its μ and σ²."""
    rows, n = x.shape
    share = _ONE / float32(n)
    for i in range(rows):
        total = _ZERO
        if centered:
            for j in range(n):
                total += x[i, j]
        m = total * share
        for j in range(n):
            y[i, j] = x[i, j] - m
        rest, spread = _ZERO, _ZERO
        for j in range(n):
            rest += y[i, j]
            spread += y[i, j] * y[i, j]
        rest = rest * share if centered else _ZERO  # what rounding has left of a large mean
        middle[i], square[i] = m, spread * share - rest * rest
        r = _ONE / sqrt(square[i] + eps)
        for j in range(n):
            y[i, j] = (y[i, j] - rest) * r * weight[j] + bias[j]


@reduction
def normalize_back(
    g: Any, x: Any, weight: Any, eps: Any, centered: bool, middle: Any, square: Any, dx: Any, dw: Any, db: Any
) -> None:
    """The gradients of x, weight and bias, given that of y; those of weight and bias are added to what is there."""
    rows, n = x.shape
    share = _ONE / float32(n)
    for first in range(0, rows, _TOGETHER):
        few_w, few_b = zeros(n, float32), zeros(n, float32)
        for i in range(first, min(first + _TOGETHER, rows)):
            m = middle[i]
            r = _ONE / sqrt(square[i] + eps)
            mean, along = _ZERO, _ZERO
            for j in range(n):
                normal = (x[i, j] - m) * r
                u = g[i, j] * weight[j]
                mean += u
                along += u * normal
                few_w[j] += g[i, j] * normal
                few_b[j] += g[i, j]
            mean = mean * share if centered else _ZERO
            along *= share * r
            for j in range(n):
                dx[i, j] = r * (g[i, j] * weight[j] - mean - (x[i, j] - m) * along)
        for j in range(n):
            dw[j] += few_w[j]
            db[j] += few_b[j]
