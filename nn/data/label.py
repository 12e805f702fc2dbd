"""Labels: numbers for classes, and vectors for numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import Node, OperandError, ShapeError
from nn.functional.refusal import refuse

__all__ = ["encode_labels", "one_hot"]


def one_hot(labels: Any, num_classes: int | None = None, dtype: Any = np.float32) -> ndarray:
    """Labels (...) as vectors (..., num_classes) that are 1 at the label and 0 elsewhere.

    `num_classes` is one more than the largest label unless said: say it where the largest may be missing.

    >>> import nn
    >>> nn.data.one_hot([0, 2, 1])
    array([[1., 0., 0.],
           [0., 0., 1.],
           [0., 1., 0.]], dtype=float32)

    Errors: OperandError for labels that are no whole numbers, or not from 0 to num_classes - 1. (`autograd.one_hot` is
    PyTorch's, of int64.)
    """
    array = np.asarray(labels.data if isinstance(labels, Node) else labels)
    if array.dtype.kind not in "iu":
        refuse(
            OperandError,
            f"one_hot takes whole numbers from 0 on as labels, and got {array.dtype}.",
            "nn.data.encode_labels makes numbers of names; x.astype(int) of 0.0, 1.0, ...",
        )
    if num_classes is None:
        if not array.size:
            refuse(ShapeError, "one_hot of no labels.", "Say how many classes there are: one_hot(labels, 10).")
        num_classes = int(array.max()) + 1
    outside = array[(array < 0) | (array >= num_classes)]
    if outside.size:
        refuse(OperandError, f"label {outside.flat[0]} is not one of {num_classes} classes, 0 to {num_classes - 1}.")
    vectors = np.zeros((*array.shape, num_classes), dtype)
    np.put_along_axis(vectors, array[..., None].astype(np.intp), 1, axis=-1)
    return vectors


def encode_labels(labels: Any, classes: Sequence[Any] | None = None) -> tuple[ndarray, tuple[Any, ...]]:
    """Numbers for labels of any kind (N,), and the classes in the order of their numbers.

    The classes are sorted unless they are given, as for a test they must be: those of the training.

    >>> import nn
    >>> y, classes = nn.data.encode_labels(["cat", "dog", "cat", "bird"])
    >>> y, classes
    (array([1, 2, 1, 0]), ('bird', 'cat', 'dog'))
    >>> nn.data.encode_labels(["dog"], classes)[0]
    array([2])
    """
    array = np.asarray(labels)
    if array.ndim != 1:
        refuse(ShapeError, f"encode_labels takes one label for each example, and got an array {array.shape}.")
    if classes is None:
        found, numbers = np.unique(array, return_inverse=True)
        return numbers.astype(np.int64), tuple(found.tolist())
    number = {c: i for i, c in enumerate(classes)}
    strange = [label for label in array.tolist() if label not in number]
    if strange:
        refuse(OperandError, f"label {strange[0]!r} is none of the classes {list(classes)!r:.200}.")
    return np.array([number[label] for label in array.tolist()], np.int64), tuple(classes)
