"""The confusion matrix, and what is counted from it: precision, recall and F1, for one class or all."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any, ClassVar

import numpy as np
from numpy import ndarray

from autograd import OperandError
from nn.metrics.metric import Metric
from nn.metrics.prediction import classes

__all__ = [
    "F1",
    "Confusion",
    "ConfusionMatrix",
    "Precision",
    "Recall",
    "confusion_matrix",
    "f1_score",
    "precision",
    "recall",
]

CORNER = "is ↓ called →"
AVERAGES = ("binary", "macro", "micro", "weighted", None)


class Confusion:
    """How often each class was taken for each: `counts[i, j]` examples of class i were called j.

    It is an array to NumPy; printed, and at the end of a cell of a notebook, it is a table. `plot()` draws it.

    >>> import nn
    >>> nn.metrics.confusion_matrix([0, 1, 1, 1], [0, 0, 1, 1], classes=["cat", "dog"])
    is ↓ called →  cat  dog
    cat              1    1
    dog              0    2
    """

    def __init__(self, counts: ndarray, classes: Sequence[Any] | None = None) -> None:
        self.counts = counts
        self.classes = [str(name) for name in (range(len(counts)) if classes is None else classes)]
        if len(self.classes) != len(counts):
            raise OperandError(f"there are {len(counts)} classes, and {len(self.classes)} names for them.")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> ndarray:
        return np.array(self.counts, dtype) if copy or dtype is not None else self.counts

    def __repr__(self) -> str:
        columns = [[CORNER, *self.classes]]
        columns += [[name, *map(str, column)] for name, column in zip(self.classes, self.counts.T, strict=True)]
        widths = [max(map(len, column)) for column in columns]
        rows = ([cell.rjust(w) for cell, w in zip(row, widths, strict=True)] for row in zip(*columns, strict=True))
        return "\n".join("  ".join([name.strip().ljust(widths[0]), *cells]) for name, *cells in rows)

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{escape(name)}</th>" for name in (CORNER, *self.classes))
        body = ""
        for i, (name, row) in enumerate(zip(self.classes, self.counts, strict=True)):
            whole = max(int(row.sum()), 1)
            cells = ""
            for j, n in enumerate(row):
                colour = "60, 130, 200" if i == j else "220, 80, 60"
                cells += f"<td style='text-align:right;background:rgba({colour}, {0.7 * n / whole:.2f})'>{n}</td>"
            body += f"<tr><th style='text-align:left'>{escape(name)}</th>{cells}</tr>"
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def plot(self, ax: Any = None) -> Any:
        """Draw it with matplotlib, each row in shares of its class; the axes."""
        if ax is None:
            import matplotlib.pyplot as plt

            size = 2.2 + 0.45 * len(self.classes)
            _, ax = plt.subplots(figsize=(size, size))
        shares = self.counts / np.maximum(self.counts.sum(1, keepdims=True), 1)
        ax.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        for (i, j), n in np.ndenumerate(self.counts):
            if n:
                ax.text(j, i, str(n), ha="center", va="center", color="white" if shares[i, j] > 0.5 else "black")
        places = range(len(self.classes))
        ax.set(xticks=places, yticks=places, yticklabels=self.classes, xlabel="called", ylabel="is")
        ax.set_xticklabels(self.classes, rotation=90 if max(map(len, self.classes)) > 3 else 0)
        return ax


class ConfusionMatrix(Metric):
    """How often each class was taken for each, counted batch by batch: see `confusion_matrix`."""

    states: ClassVar[tuple[str, ...]] = ("counts",)

    def __init__(self, num_classes: int | None = None, threshold: float = 0.5, one_hot: bool = False) -> None:
        self.num_classes = num_classes
        self.threshold = threshold
        self.one_hot = one_hot
        super().__init__()

    def reset(self) -> None:
        """Forget what has been gathered."""
        self.counts = np.zeros((self.num_classes or 0,) * 2, np.int64)

    def update(self, input: Any, target: Any) -> None:
        """One batch more."""
        guessed, true = classes(input, target, self.threshold, self.one_hot)
        guessed, true = guessed.ravel().astype(np.int64), true.ravel().astype(np.int64)
        if not true.size:
            return
        least, most = min(guessed.min(), true.min()), max(guessed.max(), true.max())
        if least < 0 or (self.num_classes is not None and most >= self.num_classes):
            bound = "" if self.num_classes is None else f" and below num_classes={self.num_classes}"
            raise OperandError(f"class numbers are at least 0{bound}, and these go from {least} to {most}.")
        n = len(self.counts)
        if most >= n:
            self.counts = np.pad(self.counts, (0, int(most) + 1 - n))
            n = len(self.counts)
        self.counts = self.counts + np.bincount(true * n + guessed, minlength=n * n).reshape(n, n)

    def compute(self) -> Any:
        """The matrix."""
        return Confusion(self.counts)


class _Counted(ConfusionMatrix):
    """What each class has of true and false positives and negatives, averaged."""

    def __init__(
        self,
        average: str | None = "binary",
        num_classes: int | None = None,
        threshold: float = 0.5,
        one_hot: bool = False,
    ) -> None:
        if average not in AVERAGES:
            raise ValueError(f"average is one of {', '.join(map(repr, AVERAGES))}, and not {average!r}.")
        self.average = average
        super().__init__(num_classes, threshold, one_hot)

    def of(self, right: ndarray, called: ndarray, real: ndarray) -> ndarray:
        """The figure of classes with so many right ones, of so many that were called so and so many that are."""
        raise NotImplementedError

    def compute(self) -> Any:
        """The figure of the one class, the mean over classes, or all figures."""
        right, called, real = self.counts.diagonal(), self.counts.sum(0), self.counts.sum(1)
        if self.average == "binary":
            if len(right) > 2:
                raise OperandError(
                    f'average="binary" is about class 1, and there are {len(right)} classes.\n'
                    '  Say average="macro" for the mean over classes, "micro" for all examples alike, or "weighted".'
                )
            return float(self.of(right, called, real)[1]) if len(right) > 1 else 0.0
        if self.average == "micro":
            return float(self.of(*(np.array([x.sum()]) for x in (right, called, real)))[0])
        seen = np.ones(len(right), bool) if self.num_classes else (called > 0) | (real > 0)
        figures = self.of(right, called, real)[seen]
        if self.average is None:
            return figures
        if not real.sum():
            return float("nan")
        if self.average == "weighted":
            return float(np.average(figures, weights=real[seen]))
        return float(figures.mean())


class Precision(_Counted):
    """Of what was called a class, the share that is of it: see `precision`."""

    def of(self, right: ndarray, called: ndarray, real: ndarray) -> ndarray:
        """right / called."""
        return _share(right, called)


class Recall(_Counted):
    """Of what is of a class, the share that was called so: see `recall`."""

    def of(self, right: ndarray, called: ndarray, real: ndarray) -> ndarray:
        """right / real."""
        return _share(right, real)


class F1(_Counted):
    """The harmonic mean of precision and recall: see `f1_score`."""

    def of(self, right: ndarray, called: ndarray, real: ndarray) -> ndarray:
        """2 right / (called + real)."""
        return _share(2 * right, called + real)


def confusion_matrix(
    input: Any,
    target: Any,
    num_classes: int | None = None,
    threshold: float = 0.5,
    one_hot: bool = False,
    classes: Sequence[Any] | None = None,
) -> Confusion:
    """How often each class (a row) was taken for each (a column). `input` and `target` as for `accuracy`.

    There are as many classes as the largest number says, or `num_classes`. `classes` names them.

    >>> import nn
    >>> nn.metrics.confusion_matrix([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7]], [1, 0, 0]).counts
    array([[1, 1],
           [0, 1]])
    """
    known = len(classes) if classes is not None and num_classes is None else num_classes
    return Confusion(ConfusionMatrix(known, threshold, one_hot)(input, target).counts, classes)


def precision(
    input: Any,
    target: Any,
    average: str | None = "binary",
    num_classes: int | None = None,
    threshold: float = 0.5,
    one_hot: bool = False,
) -> Any:
    """Of what was called a class, the share that is of it; 0 where nothing was. `input`, `target` as for `accuracy`.

    `average` is "binary" for class 1 of two; "macro" for the mean over classes, those that occur in input or target,
    or all of `num_classes`; "weighted" for the mean by how many examples each has; "micro" for all examples together;
    or None for an array of all classes. These are scikit-learn's conventions, but the model's output comes first.

    >>> import nn
    >>> nn.metrics.precision([0.9, 0.8, 0.1], [1, 0, 0])
    0.5
    """
    return Precision(average, num_classes, threshold, one_hot)(input, target)


def recall(
    input: Any,
    target: Any,
    average: str | None = "binary",
    num_classes: int | None = None,
    threshold: float = 0.5,
    one_hot: bool = False,
) -> Any:
    """Of what is of a class, the share that was called so; 0 where there is nothing. Arguments as for `precision`.

    >>> import nn
    >>> nn.metrics.recall([0.9, 0.8, 0.1], [1, 0, 1])
    0.5
    """
    return Recall(average, num_classes, threshold, one_hot)(input, target)


def f1_score(
    input: Any,
    target: Any,
    average: str | None = "binary",
    num_classes: int | None = None,
    threshold: float = 0.5,
    one_hot: bool = False,
) -> Any:
    """The harmonic mean of precision and recall, 0 where both are. Arguments as for `precision`.

    >>> import nn
    >>> nn.metrics.f1_score([2, 0, 1, 1], [2, 0, 1, 0], average="macro")
    0.7777777777777777
    """
    return F1(average, num_classes, threshold, one_hot)(input, target)


def _share(part: ndarray, whole: ndarray) -> ndarray:
    return np.where(whole > 0, part / np.maximum(whole, 1), 0.0)
