"""How far predictions of numbers are off."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np
from numpy import ndarray

from autograd import ShapeError
from nn.metrics.metric import Metric, plain

__all__ = ["MAE", "MSE", "R2", "RMSE", "mae", "mse", "r2_score", "rmse"]


class _Off(Metric):
    """A mean over all elements."""

    states: ClassVar[tuple[str, ...]] = ("total", "count")
    higher_is_better: ClassVar[bool] = False

    def reset(self) -> None:
        """Forget what has been gathered."""
        self.total, self.count = 0.0, 0

    def update(self, input: Any, target: Any) -> None:
        """One batch more."""
        off = _off(input, target)
        self.total += self.amount(off)
        self.count += off.size

    def amount(self, off: ndarray) -> float:
        """The errors of a batch, added up."""
        raise NotImplementedError

    def compute(self) -> float:
        """The mean; NaN of nothing."""
        return self.total / self.count if self.count else math.nan


class MSE(_Off):
    """The mean squared error: see `mse`."""

    def amount(self, off: ndarray) -> float:
        """Squares, added up."""
        return float(np.vdot(off, off))


class MAE(_Off):
    """The mean absolute error: see `mae`."""

    def amount(self, off: ndarray) -> float:
        """Lengths, added up."""
        return float(np.abs(off).sum())


class RMSE(MSE):
    """The root of the mean squared error: see `rmse`."""

    def compute(self) -> float:
        """The root of the mean of all squares."""
        return math.sqrt(super().compute())


class R2(Metric):
    """The share of the variance that is explained: see `r2_score`."""

    states: ClassVar[tuple[str, ...]] = ("count", "center", "spread", "error")

    def reset(self) -> None:
        """Forget what has been gathered."""
        self.count = 0
        self.center = self.spread = self.error = np.zeros(1)  # of each column: mean, squares around it, squared errors

    def update(self, input: Any, target: Any) -> None:
        """One batch more. Means and squares are joined as Chan, Golub and LeVeque (1979) do, without cancellation."""
        off = _off(input, target)
        true = plain(target).astype(np.float64).reshape(len(off), -1)
        n, center = len(true), true.mean(0)
        apart, whole = center - self.center, self.count + n
        self.spread = self.spread + ((true - center) ** 2).sum(0) + apart**2 * (self.count * n / whole)
        self.center = self.center + apart * (n / whole)
        self.error = self.error + (off.reshape(n, -1) ** 2).sum(0)
        self.count = whole

    def compute(self) -> float:
        """The mean over the columns."""
        if self.count < 2:
            return math.nan
        constant = self.spread == 0
        shares = 1 - self.error / np.where(constant, 1, self.spread)
        return float(np.where(constant, np.where(self.error == 0, 1.0, 0.0), shares).mean())


def mse(input: Any, target: Any) -> float:
    """The mean squared error.

    >>> import nn
    >>> nn.metrics.mse([1.0, 2.0], [1.0, 4.0])
    2.0
    """
    return MSE()(input, target)  # type: ignore[no-any-return]


def mae(input: Any, target: Any) -> float:
    """The mean absolute error.

    >>> import nn
    >>> nn.metrics.mae([1.0, 2.0], [1.0, 4.0])
    1.0
    """
    return MAE()(input, target)  # type: ignore[no-any-return]


def rmse(input: Any, target: Any) -> float:
    """The root of the mean squared error, which has the unit of the target.

    >>> import nn
    >>> nn.metrics.rmse([1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 8.0])
    2.0
    """
    return RMSE()(input, target)  # type: ignore[no-any-return]


def r2_score(input: Any, target: Any) -> float:
    """The coefficient of determination, 1 - Σ(target - input)² / Σ(target - mean)²: 1 is perfect, 0 what the mean gets.

    Of several columns the mean. A constant target gives 1 if it is met and 0 otherwise; less than two examples NaN.

    >>> import nn
    >>> round(nn.metrics.r2_score([2.5, 0.0, 2.0, 8.0], [3.0, -0.5, 2.0, 7.0]), 3)
    0.949
    """
    return R2()(input, target)  # type: ignore[no-any-return]


def _off(input: Any, target: Any) -> ndarray:
    """The differences, in float64; a last axis of length 1 counts as none."""
    found, true = plain(input), plain(target)
    if found.shape != true.shape:
        if found.shape[-1:] == (1,) and found.shape[:-1] == true.shape:
            found = found[..., 0]
        elif true.shape[-1:] == (1,) and true.shape[:-1] == found.shape:
            true = true[..., 0]
        else:
            raise ShapeError(f"predictions {found.shape} and targets {true.shape} must have the same shape.")
    off: ndarray = np.subtract(found, true, dtype=np.float64)
    return off
