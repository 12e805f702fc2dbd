"""Averages of a model over its training: they are often better than its last state, and never noisier."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import OperandError, Value
from nn.module import Module, StateError

__all__ = ["AveragedModel", "ExponentialMovingAverage"]

Average = Callable[[Any, Any, int], Any]


class AveragedModel(Module):
    """A copy of a model whose parameters are the mean of those it is shown by `update_parameters`. PyTorch's interface.

    All count alike (stochastic weight averaging, Izmailov et al., 2018), or `avg_fn(averaged, current, n_averaged)`
    says what comes of the average so far and one more, arrays or floats. The first update copies. Buffers, such as
    running means, are copied each time, or averaged as well with `use_buffers`; after averaging weights, the running
    means of batch normalization should be taken anew.

    >>> import nn
    >>> model = nn.Linear(1, 1, bias=False)
    >>> average = nn.AveragedModel(model)
    >>> for weight in (1.0, 2.0, 6.0):
    ...     model.weight.data[...] = weight
    ...     average.update_parameters(model)
    >>> average([[1.0]]).item()
    3.0
    """

    n_averaged: ndarray

    def __init__(self, model: Module, avg_fn: Average | None = None, use_buffers: bool = False) -> None:
        if not isinstance(model, Module):
            raise OperandError(f"{type(self).__name__} takes a model, and got {model!r:.80}.")
        self.module = copy.deepcopy(model)
        self.register_buffer("n_averaged", np.array(0))
        self.avg_fn = avg_fn
        self.use_buffers = use_buffers

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the averaged model computes."""
        return self.module(*args, **kwargs)

    def update_parameters(self, model: Module) -> None:
        """Take one more state of the model into the average."""
        own, shown = dict(self.module.named_parameters()), dict(model.named_parameters())
        if own.keys() != shown.keys():
            raise StateError("the model does not have the parameters of the one that is averaged.")
        n = int(self.n_averaged)
        for name, p in own.items():
            current = shown[name].data
            new = self.average(p.data, current, n) if n else current
            if isinstance(p, Value):
                p.data = float(new)
            else:
                p.data[...] = new
        buffers = dict(model.named_buffers())
        for name, array in self.module.named_buffers():
            averaged = n and self.use_buffers and array.dtype.kind == "f"
            array[...] = self.average(array, buffers[name], n) if averaged else buffers[name]
        self.n_averaged[...] = n + 1

    def average(self, averaged: Any, current: Any, n_averaged: int) -> Any:
        """What comes of an average of so many and one more."""
        if self.avg_fn is not None:
            return self.avg_fn(averaged, current, n_averaged)
        return averaged + (current - averaged) / (n_averaged + 1)


class ExponentialMovingAverage(AveragedModel):
    """A copy of a model whose parameters follow those it is shown: average ← decay · average + (1 - decay) · shown.

    So the last 1 / (1 - decay) states count most. Show it the model after every step of the optimizer, and evaluate
    the average. With `warm_up` the decay starts at 2/11 and grows as (1 + n) / (10 + n), so that the first states,
    which know nothing yet, are soon forgotten.

    >>> import nn
    >>> model = nn.Linear(1, 1, bias=False)
    >>> average = nn.ExponentialMovingAverage(model, decay=0.75)
    >>> for weight in (1.0, 2.0, 6.0):
    ...     model.weight.data[...] = weight
    ...     average.update_parameters(model)
    >>> average([[1.0]]).item()
    2.4375
    """

    def __init__(self, model: Module, decay: float = 0.999, warm_up: bool = False, use_buffers: bool = False) -> None:
        if not 0 <= decay <= 1:
            raise ValueError(f"ExponentialMovingAverage: decay must be between 0 and 1, and is {decay}.")
        super().__init__(model, use_buffers=use_buffers)
        self.decay = decay
        self.warm_up = warm_up

    def average(self, averaged: Any, current: Any, n_averaged: int) -> Any:
        """What comes of the average and one more."""
        decay = min(self.decay, (1 + n_averaged) / (10 + n_averaged)) if self.warm_up else self.decay
        return averaged + (1 - decay) * (current - averaged)
