"""A softmax over so many classes that most of them are looked at only when they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy import ndarray

import autograd
from autograd import ShapeError
from nn.container import ModuleList, Sequential
from nn.functional.reduction import operand, plain
from nn.functional.refusal import refuse
from nn.functional.target import class_numbers
from nn.linear import Linear
from nn.module import Module

__all__ = ["AdaptiveLogSoftmaxWithLoss"]


class Found(NamedTuple):
    """What the adaptive softmax gives: ln of the probability of each target (N,), and minus its mean."""

    output: Any
    loss: Any


class AdaptiveLogSoftmaxWithLoss(Module):
    """Log-softmax and its loss, for very many classes of very unequal frequency, such as words (Grave et al., 2017).

    Classes are numbered from the most frequent to the least. The first `cutoffs[0]` have a score of their own in the
    `head`; the others are in clusters, each between two cutoffs, of which the head scores only the cluster. Within
    cluster i features are first projected to in_features / div_value ** (i + 1), the fewer the rarer. Parameters have
    PyTorch's names and shapes.

    >>> import nn, numpy as np
    >>> nn.manual_seed(0)
    >>> words = nn.AdaptiveLogSoftmaxWithLoss(16, 1000, cutoffs=[10, 100])
    >>> x = np.ones((4, 16), np.float32)
    >>> output, loss = words(x, [0, 9, 50, 999])
    >>> output.shape, float(np.exp(words.log_prob(x).data).sum(1)[0].round(4)), words.predict(x).shape
    ((4,), 1.0, (4,))
    """

    def __init__(
        self,
        in_features: int,
        n_classes: int,
        cutoffs: Sequence[int],
        div_value: float = 4.0,
        head_bias: bool = False,
        dtype: Any = np.float32,
    ) -> None:
        cuts = [*cutoffs]
        if not cuts or cuts[0] < 1 or cuts != sorted({int(c) for c in cuts}) or cuts[-1] >= n_classes:
            what = f"AdaptiveLogSoftmaxWithLoss: cutoffs rise, each between 1 and {n_classes - 1}, and are {cuts}."
            refuse(ShapeError, what)
        self.in_features = in_features
        self.n_classes = n_classes
        self.cutoffs = [*cuts, n_classes]
        self.div_value = div_value
        self.head = Linear(in_features, cuts[0] + len(cuts), bias=head_bias, dtype=dtype)
        self.tail = ModuleList(
            Sequential(
                Linear(in_features, int(in_features // div_value ** (i + 1)), bias=False, dtype=dtype),
                Linear(int(in_features // div_value ** (i + 1)), last - first, bias=False, dtype=dtype),
            )
            for i, (first, last) in enumerate(self._clusters())
        )

    def _clusters(self) -> list[tuple[int, int]]:
        """The first class of each cluster, and the one after its last."""
        return list(zip(self.cutoffs, self.cutoffs[1:]))

    def reset_parameters(self) -> None:
        """Draw new weights."""
        for module in self.modules():
            if isinstance(module, Linear):
                module.reset_parameters()

    def forward(self, input: Any, target: Any) -> Found:
        """Features (N, in_features) and class numbers (N,): ln of their probabilities (N,), and the loss, their mean.

        A single example goes without the N.
        """
        input = operand(input)
        number = class_numbers(type(self).__name__, target, self.n_classes)
        if number.ndim > 1 or input.shape != (*number.shape, self.in_features):
            refuse(
                ShapeError,
                f"AdaptiveLogSoftmaxWithLoss of an input of shape {input.shape} and a target of shape {number.shape}: "
                f"they are (N, {self.in_features}) and (N,), or ({self.in_features},) and ().",
            )
        x, t = autograd.reshape(input, (-1, self.in_features)), number.ravel()
        shortlist = self.cutoffs[0]
        cluster = np.searchsorted(self.cutoffs, t, side="right")  # 0: in the head by itself
        heads = autograd.log_softmax(self.head(x), 1)
        output = heads[np.arange(len(t)), np.where(cluster == 0, t, shortlist + cluster - 1)]
        for i, (first, _) in enumerate(self._clusters()):
            rows = np.flatnonzero(cluster == i + 1)
            if rows.size:
                logs = autograd.log_softmax(self.tail[i](x[rows]), 1)
                output = output.at[rows].add(logs[np.arange(rows.size), t[rows] - first])
        return Found(autograd.reshape(output, number.shape), -output.mean())

    def log_prob(self, input: Any) -> Any:
        """ln of the probability of every class (N, n_classes), for features (N, in_features)."""
        x = operand(input)
        heads = autograd.log_softmax(self.head(x), 1)
        shortlist = self.cutoffs[0]
        tails = [
            autograd.log_softmax(cluster(x), 1) + heads[:, shortlist + i, None] for i, cluster in enumerate(self.tail)
        ]
        return autograd.concatenate([heads[:, :shortlist], *tails], 1)

    def predict(self, input: Any) -> ndarray:
        """The most probable class of each row (N,), for features (N, in_features)."""
        x = operand(input)
        best: ndarray = plain(self.head(x)).argmax(1)
        unsure = np.flatnonzero(best >= self.cutoffs[0])  # a cluster came first: then every class is looked at
        if unsure.size:
            best[unsure] = plain(self.log_prob(x[unsure])).argmax(1)
        return best
