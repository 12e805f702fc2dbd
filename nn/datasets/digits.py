"""Handwritten digits of 8×8 pixels, which scikit-learn brings: the smallest real images, learned in a second."""

from __future__ import annotations

import numpy as np

from nn.data.dataset import ArrayDataset
from nn.data.split import train_test_split
from nn.datasets.data import Data, in_package
from nn.datasets.idx import unpacked

__all__ = ["digits"]


def digits() -> Data:
    """1,797 handwritten digits: x float32 (N, 1, 8, 8) from 0 to 1, y int64 (N,). 1,437 to learn from, 360 to test.

    >>> import nn
    >>> nn.datasets.digits().train
    ArrayDataset((1437, 1, 8, 8) float32, (1437,) int64)

    Errors: DataNotFoundError where scikit-learn is not installed.
    """
    path = in_package("digits", "scikit-learn", "sklearn", "datasets", "data", "digits.csv.gz")
    table = np.loadtxt(unpacked(path).decode().splitlines(), np.float32, delimiter=",")
    x, y = table[:, :64].reshape(-1, 1, 8, 8) / 16, table[:, 64].astype(np.int64)
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=360, random_state=0, stratify=y)
    return Data(
        "digits",
        ArrayDataset(x_train, y_train),
        ArrayDataset(x_test, y_test),
        classes=tuple("0123456789"),
        source="UCI Machine Learning Repository, Optical Recognition of Handwritten Digits (E. Alpaydin, C. Kaynak, "
        "1998), the part that the package scikit-learn has",
        licence="CC BY 4.0",
        description="handwritten digits of 13 people, each pixel the share of ink in 4×4 points of a scan",
    )
