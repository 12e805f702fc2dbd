"""Perplexity: among how many equally likely words a language model hesitates."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from autograd import ShapeError
from nn.metrics.metric import Metric, plain

__all__ = ["Perplexity", "perplexity"]


class Perplexity(Metric):
    """e to the mean cross-entropy of all tokens: see `perplexity`."""

    states: ClassVar[tuple[str, ...]] = ("total", "count")
    higher_is_better: ClassVar[bool] = False

    def __init__(self, ignore_index: int = -100) -> None:
        self.ignore_index = ignore_index
        super().__init__()

    def reset(self) -> None:
        """Forget what has been gathered."""
        self.total, self.count = 0.0, 0

    def update(self, input: Any, target: Any) -> None:
        """One batch more."""
        logits, true = plain(input), plain(target)
        if logits.ndim < 2 or logits.shape[:1] + logits.shape[2:] != true.shape:
            raise ShapeError(
                f"perplexity takes logits (N, classes, ...) and classes (N, ...): got {logits.shape} and {true.shape}."
            )
        known = true != self.ignore_index
        rows = np.moveaxis(logits, 1, -1)[known].astype(np.float64)
        rows = rows - rows.max(1, keepdims=True, initial=-np.inf)
        own = rows[np.arange(len(rows)), true[known]]
        self.total += float((np.log(np.exp(rows).sum(1)) - own).sum())
        self.count += len(rows)

    def compute(self) -> float:
        """e to the mean; infinite where that is too large; NaN of nothing."""
        if not self.count:
            return math.nan
        mean = self.total / self.count
        return math.exp(mean) if mean < 700 else math.inf


def perplexity(input: Any, target: Any, ignore_index: int = -100) -> float:
    """e to the mean cross-entropy, over all tokens but those that are `ignore_index`.

    `input` are logits (N, classes, ...), as for `cross_entropy`; `target` class numbers (N, ...). A model that holds k
    words for equally likely has the perplexity k.

    >>> import nn, numpy as np
    >>> round(nn.metrics.perplexity(np.zeros((4, 27)), [1, 2, 3, 4]), 6)
    27.0
    """
    return Perplexity(ignore_index)(input, target)  # type: ignore[no-any-return]
