"""Keras's losses, by name. Those of probabilities look behind the softmax or sigmoid that made them.

ln(softmax(x)) is computed as one, without overflow and without a logarithm of 0, when the output that a loss is given
is a softmax (or a sigmoid) in the recorded graph, whatever layer or function has made it. Of other probabilities, which
were made elsewhere, those below 1e-7 count as 1e-7, and those above 1 - 1e-7 likewise, as in Keras.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any, ClassVar

import numpy as np

import autograd
import nn.functional as functional
from autograd import Node, OperandError, ShapeError
from nn.functional.shape import shape_of

__all__ = ["BinaryCrossentropy", "CategoricalCrossentropy", "SparseCategoricalCrossentropy"]

EPSILON = 1e-7  # Keras's, of a probability that counts as 0


class _Crossentropy:
    """A loss of probabilities, or of logits with `from_logits`."""

    needs_graph: ClassVar[bool] = True  # evaluate records, so that the logits are to be found there as well
    operation: ClassVar[str] = "softmax"

    def __init__(self, from_logits: bool = False, label_smoothing: float = 0.0) -> None:
        self.from_logits = from_logits
        self.label_smoothing = label_smoothing

    def logits(self, output: Any) -> Any:
        """What the probabilities were made of; None where that is not known."""
        if self.from_logits:
            return output
        found = isinstance(output, Node) and output.operation == self.operation and output.parents
        along_classes = found and output.params.get("axis", -1) in (-1, len(shape_of(output)) - 1)
        return output.parents[0] if along_classes else None

    def __repr__(self) -> str:
        return f"{type(self).__name__}(from_logits={self.from_logits})"


class SparseCategoricalCrossentropy(_Crossentropy):
    """-ln of the probability of the right class. Output (..., classes), target (...), class numbers from 0.

    >>> from nn.keras.losses import SparseCategoricalCrossentropy
    >>> import autograd
    >>> logits = autograd.Tensor([[0.0, 1000.0]])
    >>> SparseCategoricalCrossentropy()(autograd.softmax(logits), [0]).item()
    1000.0
    """

    def __init__(self, from_logits: bool = False) -> None:
        super().__init__(from_logits)

    def __call__(self, output: Any, target: Any) -> Any:
        """The mean over the examples."""
        target = np.asarray(target)
        if target.ndim == len(shape_of(output)) and target.shape[-1] == 1:
            target = target[..., 0]
        if target.shape != shape_of(output)[:-1]:
            hint = ""
            if target.shape == shape_of(output):
                hint = "\n  One-hot targets go with categorical_crossentropy."
            raise ShapeError(
                f"sparse_categorical_crossentropy of output {shape_of(output)} and target {target.shape}: the target "
                f"has class numbers, one for each row of the output.{hint}"
            )
        target = target.astype(np.int64).ravel()
        return _cross_entropy(self.logits(output), output, target, 0.0)


class CategoricalCrossentropy(_Crossentropy):
    """-Σ target ln(output), for one-hot targets or probabilities in the output's shape (..., classes)."""

    def __call__(self, output: Any, target: Any) -> Any:
        """The mean over the examples."""
        target = np.asarray(target)
        if target.shape != shape_of(output):
            raise ShapeError(
                f"categorical_crossentropy of output {shape_of(output)} and target {target.shape}: targets are "
                "one-hot, in the output's shape.\n  Class numbers go with sparse_categorical_crossentropy."
            )
        target = target.reshape(-1, target.shape[-1]).astype(np.result_type(_plain(output)))
        return _cross_entropy(self.logits(output), output, target, self.label_smoothing)


class BinaryCrossentropy(_Crossentropy):
    """-ln of the probability of yes, where the target is 1, or of no, where it is 0.

    Output and target have one shape, but for a last axis of length 1.
    """

    operation = "sigmoid"

    def __call__(self, output: Any, target: Any) -> Any:
        """The mean over all elements."""
        target = fitted(output, target, "binary_crossentropy")
        if self.label_smoothing:
            target = target * (1 - self.label_smoothing) + 0.5 * self.label_smoothing
        logits = self.logits(output)
        if logits is not None:
            return functional.binary_cross_entropy_with_logits(logits, target)
        return functional.binary_cross_entropy(autograd.clip(output, EPSILON, 1 - EPSILON), target)


def _cross_entropy(logits: Any, output: Any, target: Any, smoothing: float) -> Any:
    if logits is None:
        share = output / autograd.sum(output, -1, keepdims=True)
        logits = autograd.log(autograd.clip(share, EPSILON, 1 - EPSILON))
        if target.ndim == 1:
            return functional.nll_loss(autograd.reshape(logits, (-1, shape_of(output)[-1])), target)
        if smoothing:
            target = target * (1 - smoothing) + smoothing / target.shape[-1]
        rows = autograd.reshape(logits, (-1, shape_of(output)[-1]))
        return -autograd.sum(rows * target) / len(target)
    rows = autograd.reshape(logits, (-1, shape_of(output)[-1])) if len(shape_of(logits)) != 2 else logits
    return functional.cross_entropy(rows, target, label_smoothing=smoothing)


def fitted(output: Any, target: Any, name: str) -> Any:
    """The target in the shape of the output, where they only differ by a last axis of length 1, and in its dtype."""
    shape, true = shape_of(output), np.asarray(target)
    if (*true.shape, 1) == shape or true.shape == (*shape, 1):
        true = true.reshape(shape)
    if true.shape != shape:
        raise ShapeError(f"{name} of output {shape} and target {true.shape}: they must have the same shape.")
    return true.astype(np.result_type(_plain(output)), copy=False)


def _plain(x: Any) -> Any:
    return x.data if isinstance(x, Node) else x


# Losses of numbers: functions of output and target in one shape


def _huber(y: Any, t: Any) -> Any:
    return functional.huber_loss(y, t)


def _log_cosh(y: Any, t: Any) -> Any:
    off = y - t
    return autograd.mean(off + functional.softplus(-2 * off) - math.log(2))


def _mape(y: Any, t: Any) -> Any:
    return 100 * autograd.mean(autograd.abs(y - t) / np.maximum(np.abs(t), EPSILON).astype(t.dtype))


def _msle(y: Any, t: Any) -> Any:
    floor = np.maximum(t, 0)
    return functional.mse_loss(autograd.log1p(autograd.maximum(y, 0.0)), np.log1p(floor))


def _kl(y: Any, t: Any) -> Any:
    t = np.clip(t, EPSILON, 1)
    return autograd.mean(autograd.sum(t * (np.log(t) - autograd.log(autograd.clip(y, EPSILON, 1))), -1))


def _poisson(y: Any, t: Any) -> Any:
    return autograd.mean(y - t * autograd.log(y + EPSILON))


def _hinge(y: Any, t: Any) -> Any:
    return autograd.mean(autograd.maximum(1 - _signed(t) * y, 0.0))


def _squared_hinge(y: Any, t: Any) -> Any:
    return autograd.mean(autograd.square(autograd.maximum(1 - _signed(t) * y, 0.0)))


def _signed(t: Any) -> Any:
    return 2 * t - 1 if np.isin(t, (0, 1)).all() else t


class _OfNumbers:
    """A loss of outputs and targets that are numbers."""

    def __init__(self, name: str, function: Callable[[Any, Any], Any]) -> None:
        self.name = name
        self.function = function

    def __call__(self, output: Any, target: Any) -> Any:
        return self.function(output, fitted(output, target, self.name))

    def __repr__(self) -> str:
        return self.name


_NUMBERS: dict[str, Callable[[Any, Any], Any]] = {
    "hinge": _hinge,
    "huber": _huber,
    "kl_divergence": _kl,
    "log_cosh": _log_cosh,
    "mean_absolute_error": functional.l1_loss,
    "mean_absolute_percentage_error": _mape,
    "mean_squared_error": functional.mse_loss,
    "mean_squared_logarithmic_error": _msle,
    "poisson": _poisson,
    "squared_hinge": _squared_hinge,
}
_SHORT = {
    "kld": "kl_divergence",
    "kullback_leibler_divergence": "kl_divergence",
    "logcosh": "log_cosh",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "mse": "mean_squared_error",
    "msle": "mean_squared_logarithmic_error",
}
LOSSES: dict[str, Callable[[], Any]] = {
    "binary_crossentropy": BinaryCrossentropy,
    "categorical_crossentropy": CategoricalCrossentropy,
    "sparse_categorical_crossentropy": SparseCategoricalCrossentropy,
    **{name: lambda name=name: _OfNumbers(name, _NUMBERS[name]) for name in _NUMBERS},  # type: ignore[misc]
}
LOSSES |= {short: LOSSES[name] for short, name in _SHORT.items()}


def loss(thing: Any) -> Any:
    """A loss by Keras's name, in any spelling (MeanSquaredError, mean_squared_error, mse); another one as it is."""
    if not isinstance(thing, str):
        return thing
    flat = {name.replace("_", ""): make for name, make in LOSSES.items()}
    key = thing.replace("_", "").lower()
    if key not in flat:
        near = get_close_matches(thing, LOSSES, 1)
        hint = f"; is {near[0]!r} meant?" if near else f": {', '.join(LOSSES)}."
        raise OperandError(f"there is no loss {thing!r}{hint}")
    return flat[key]()
