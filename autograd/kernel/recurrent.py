"""One step back through a long short-term memory, in one pass. The formulas are those of rules/unrolling."""

from __future__ import annotations

from typing import Any

from numpy import float32

from autograd.kernel import kernel

_ONE = float32(1)


@kernel
def lstm_back(i: Any, f: Any, k: Any, o: Any, through: Any, before: Any, dh: Any, dc: Any, row: Any) -> None:
    """The adjoints of the gates, side by side in `row` (N, 4H), and of the cell before, in place of `dc` (N, H).

    Given are the gates, the tanh of the cell, the cell before, and the adjoints of the state and of the cell.
    """
    batch, size = dh.shape
    for n in range(batch):
        for j in range(size):
            cell = dc[n, j] + dh[n, j] * o[n, j] * (_ONE - through[n, j] * through[n, j])
            row[n, j] = cell * k[n, j] * (i[n, j] - i[n, j] * i[n, j])
            row[n, size + j] = cell * before[n, j] * (f[n, j] - f[n, j] * f[n, j])
            row[n, 2 * size + j] = cell * i[n, j] * (_ONE - k[n, j] * k[n, j])
            row[n, 3 * size + j] = dh[n, j] * through[n, j] * (o[n, j] - o[n, j] * o[n, j])
            dc[n, j] = cell * f[n, j]
