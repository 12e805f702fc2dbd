"""Handwritten digits of 8×8 pixels, from scikit-learn."""

from __future__ import annotations

import numpy as np

from nn.data.dataset import ArrayDataset
from nn.datasets.data import Data

__all__ = ["digits"]


def digits() -> Data:
    """1,797 handwritten digits of 8×8 pixels, from 43 people; the last 360 are the test."""
    from sklearn.datasets import load_digits

    found = load_digits()
    x = (found.images[:, None] / 16).astype(np.float32)
    y = found.target.astype(np.int64)
    return Data("digits", ArrayDataset(x[:1437], y[:1437]), ArrayDataset(x[1437:], y[1437:]), tuple("0123456789"))
