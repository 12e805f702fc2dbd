"""Tasks for recurrent networks that can be solved by remembering alone; any length, so any difficulty."""

from __future__ import annotations

import numpy as np

from autograd import OperandError
from nn.data.dataset import ArrayDataset, rng
from nn.datasets.data import Data
from nn.functional.refusal import refuse

__all__ = ["adding", "copying"]


def copying(
    n: int = 5000, length: int = 10, delay: int = 20, symbols: int = 8, generator: np.random.Generator | int | None = 0
) -> Data:
    """Symbols, a pause, and a sign to repeat them: x and y int64 (N, T), T = 2 length + delay. A fifth is for the test.

    Symbols are 1 to `symbols`, the pause is 0, the sign is symbols + 1. What is to be said is 0 until after the sign,
    then the symbols. Who remembers nothing has a cross-entropy of length · ln(symbols) / T, in `extra["baseline"]`.

    >>> import nn
    >>> x, y = nn.datasets.copying(length=3, delay=4).train[0]
    >>> x.tolist(), y.tolist()
    ([7, 6, 5, 0, 0, 0, 9, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 7, 6, 5])
    """
    _check(n=n, length=length, delay=delay, symbols=symbols)
    told = rng(generator).integers(1, symbols + 1, size=(n, length))
    x = np.zeros((n, 2 * length + delay), np.int64)
    y = np.zeros_like(x)
    x[:, :length], x[:, length + delay - 1], y[:, -length:] = told, symbols + 1, told
    baseline = length * np.log(symbols) / x.shape[1]
    names = ("pause", *(f"symbol {i}" for i in range(1, symbols + 1)), "sign")
    cut = n - n // 5
    return Data(
        "copying",
        ArrayDataset(x[:cut], y[:cut]),
        ArrayDataset(x[cut:], y[cut:]),
        names,
        source="generated here, after S. Hochreiter, J. Schmidhuber: Long Short-Term Memory, 1997, and M. Arjovsky, "
        "A. Shah, Y. Bengio: Unitary Evolution Recurrent Neural Networks, 2016",
        description=f"{length} symbols to be repeated after {delay} steps",
        extra={"baseline": float(baseline)},
    )


def adding(n: int = 5000, length: int = 50, generator: np.random.Generator | int | None = 0) -> Data:
    """Numbers, two of them marked, whose sum is asked: x float32 (N, length, 2), y float32 (N, 1). A fifth is the test.

    The numbers, x[..., 0], are between 0 and 1; the marks, x[..., 1], are 1 once in each half and 0 elsewhere. Who
    always says 1 has a mean squared error of 1/6, in `extra["baseline"]`.
    """
    _check(n=n, length=length // 2)
    random = rng(generator)
    x = np.zeros((n, length, 2), np.float32)
    x[..., 0] = random.random((n, length))
    rows, half = np.arange(n), length // 2
    for marked in (random.integers(0, half, n), random.integers(half, length, n)):
        x[rows, marked, 1] = 1
    y = (x[..., 0] * x[..., 1]).sum(axis=1, keepdims=True)
    cut = n - n // 5
    return Data(
        "adding",
        ArrayDataset(x[:cut], y[:cut]),
        ArrayDataset(x[cut:], y[cut:]),
        features=("number", "mark"),
        source="generated here, after S. Hochreiter, J. Schmidhuber: Long Short-Term Memory, 1997",
        description=f"the sum of the two marked ones of {length} numbers",
        extra={"baseline": 1 / 6},
    )


def _check(**counts: int) -> None:
    for name, count in counts.items():
        if count < 1:
            refuse(OperandError, f"{name}={count}: there is at least one (of the length of `adding`, two).")
