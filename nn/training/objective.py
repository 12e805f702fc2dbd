"""Objective: a model with what it is to do, its loss, and what it is measured by."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any

import numpy as np

import nn.functional as functional
import nn.metrics as metrics
from autograd import GradientError, Node, OperandError, ShapeError, no_grad
from nn.loss.classification import CrossEntropyLoss
from nn.loss.likelihood import BCEWithLogitsLoss
from nn.metrics import Metric
from nn.module import Module
from nn.training.batch import inputs_and_target, size_of

__all__ = ["Objective", "objective"]


class Objective:
    """Calls the model with a batch, and the loss with what comes out; measures the output afterwards."""

    def __init__(self, model: Module, loss: Callable[..., Any] | None, measures: dict[str, Metric]) -> None:
        self.model = model
        self.loss = loss
        self.metrics = measures
        self.needs_graph = bool(getattr(loss, "needs_graph", False))  # the loss looks at how the output was made
        self._last: tuple[Any, Any] = None, None

    def __call__(self, batch: Any) -> Any:
        """The loss of a batch, a node."""
        if self.loss is None:
            return self.model(*batch) if isinstance(batch, tuple | list) else self.model(batch)
        if type(batch) is tuple and len(batch) == 2:  # nearly always
            input, target = batch
            output = self.model(input)
        else:
            inputs, target = inputs_and_target(batch)
            output = self.model(*inputs)
        if self.metrics:
            self._last = output, target
        return self.loss(output, target)

    def number(self, value: Any) -> float:
        """A loss as a number. Errors: OperandError, ShapeError."""
        data = value.data if isinstance(value, Node) else value
        if getattr(data, "ndim", 0):
            raise ShapeError(
                f"the loss of a batch has shape {np.shape(data)}, and must be one number.\n"
                '  Take its mean: reduction="mean", or .mean() at its end.'
            )
        try:
            return float(data)
        except (TypeError, ValueError):
            raise OperandError(f"the loss of a batch must be a number, and is {value!r:.80}.") from None

    def root(self, value: Any) -> Any:
        """A loss that can be swept back from. Errors: GradientError."""
        if not isinstance(value, Node) or not value.requires_grad:
            raise GradientError(
                "the loss depends on no parameter that requires grad, so nothing can be learned.\n"
                "  Are all parameters frozen, or was something turned into a plain array (.data, .numpy()) on the way?"
            )
        return value

    def measure(self) -> None:
        """Take the last output into the metrics."""
        if self.metrics:
            with no_grad():
                for metric in self.metrics.values():
                    metric.update(*self._last)

    def reset(self) -> None:
        """Begin to measure anew."""
        for metric in self.metrics.values():
            metric.reset()

    def figures(self) -> dict[str, float]:
        """What the metrics say."""
        return {name: _figure(name, metric.compute()) for name, metric in self.metrics.items()}


def objective(model: Module, loss: Any, measures: Any) -> Objective:
    """Of what fit was given."""
    if not isinstance(model, Module):
        raise OperandError(f"a model is a nn.Module, and not {model!r:.80}.")
    loss = _loss(loss)
    if isinstance(loss, Module) and loss.parameters() and not model.parameters():
        raise OperandError(f"the model comes first, and then the loss: {type(loss).__name__} has the parameters.")
    given = measures if isinstance(measures, Iterable) and not isinstance(measures, str) else [measures]
    named = given.items() if isinstance(given, dict) else ((None, each) for each in given)
    found: dict[str, Metric] = {}
    for name, each in named:
        metric = _metric(each, loss)
        found[name or metric.name] = metric
    if found and loss is None:
        raise OperandError("metrics compare outputs with targets, and with loss=None the model returns a loss alone.")
    return Objective(model, loss, found)


def _loss(loss: Any) -> Any:
    if isinstance(loss, str):
        function = getattr(functional, loss, None) or getattr(functional, f"{loss}_loss", None)
        if function is None:
            near = get_close_matches(loss, functional.__dict__, 1)
            hint = f"; is {near[0]!r} meant?" if near else ": it is the name of a function of nn.functional."
            raise OperandError(f"there is no loss {loss!r}{hint}")
        return function
    if isinstance(loss, type):
        raise OperandError(f"the loss is a class: make one with parentheses, nn.{loss.__name__}().")
    if loss is not None and not callable(loss):
        raise OperandError(f"a loss is called with output and target, and {loss!r:.80} cannot be called.")
    return loss


def _metric(thing: Any, loss: Any) -> Metric:
    """A metric by its name, its class, its function, or itself. Where the loss takes logits, yes and no divide at 0."""
    if isinstance(thing, Metric):
        return thing
    known = metrics.BY_NAME
    if isinstance(thing, type) and issubclass(thing, Metric):
        metric = thing()
    else:
        name = thing if isinstance(thing, str) else next((n for n, m in known.items() if m.function is thing), None)
        if name is None and callable(thing):
            return _Mean(thing)
        if not isinstance(name, str) or name not in known:
            near = get_close_matches(str(name).lower(), known, 1)
            hint = f"; is {near[0]!r} meant?" if near else f": {', '.join(known)}."
            raise OperandError(f"there is no metric {thing!r:.80}{hint}")
        metric = known[name].make()
        metric.name = name
    if hasattr(metric, "threshold") and (
        isinstance(loss, BCEWithLogitsLoss) or loss is functional.binary_cross_entropy_with_logits
    ):
        metric.threshold = 0.0
    if hasattr(metric, "one_hot") and (isinstance(loss, CrossEntropyLoss) or loss is functional.cross_entropy):
        metric.one_hot = None  # its targets are class numbers, or probabilities in the shape of the output
    return metric


class _Mean(Metric):
    """A function of output and target, averaged over the examples."""

    states = ("total", "count")

    def __init__(self, function: Callable[[Any, Any], Any]) -> None:
        super().__init__()
        self.function = function
        self.name = getattr(function, "__name__", type(function).__name__).strip("<>")

    def reset(self) -> None:
        """Forget what has been gathered."""
        self.total = self.count = 0.0

    def update(self, input: Any, target: Any) -> None:
        """One batch more."""
        size = size_of(target)
        self.total += _figure(self.name, self.function(input, target)) * size
        self.count += size

    def compute(self) -> float:
        """The mean."""
        return self.total / self.count if self.count else math.nan


def _figure(name: str, x: Any) -> float:
    data = x.data if isinstance(x, Node) else x
    if np.ndim(data):
        raise OperandError(
            f"the metric {name} gives an array of shape {np.shape(data)}; a history takes numbers.\n"
            "  Measure it after the training: metric(nn.predict(model, x), y)."
        )
    return float(data)
