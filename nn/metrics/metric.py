"""Metric: a figure of merit that is gathered batch by batch, and is then the same as that of all batches at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy import ndarray

from autograd import Node

__all__ = ["Metric", "plain"]


class Metric:
    """The parent of all metrics: `update(input, target)` with each batch, then `compute()`; `reset()` begins anew.

    As for losses, `input` is what a model gives and `target` what it should give: arrays or Tensors, which are not
    differentiated. Called like a function, a metric measures these arrays alone, and forgets what it had gathered.

    One of your own says what it keeps, in `states`, and how it goes on:

    >>> import nn
    >>> class Bias(nn.metrics.Metric):
    ...     states = ("total", "count")
    ...     def reset(self):
    ...         self.total, self.count = 0.0, 0
    ...     def update(self, input, target):
    ...         self.total += float((input - target).sum())
    ...         self.count += len(target)
    ...     def compute(self):
    ...         return self.total / self.count
    >>> import numpy as np
    >>> Bias()(np.array([1.0, 3.0]), np.array([1.0, 2.0]))
    0.5
    """

    states: ClassVar[tuple[str, ...]] = ()  # attributes that hold what has been gathered
    higher_is_better: ClassVar[bool] = True
    name: str = ""  # what it is called in a history; the class says it unless given

    def __init__(self) -> None:
        self.reset()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "name" not in vars(cls):
            cls.name = cls.__name__.lower()

    def reset(self) -> None:
        """Forget what has been gathered."""
        raise NotImplementedError(f"{type(self).__name__} does not say how it begins: define reset().")

    def update(self, input: Any, target: Any) -> None:
        """Gather one batch more."""
        raise NotImplementedError(f"{type(self).__name__} does not say what it gathers: define update().")

    def compute(self) -> Any:
        """The figure of all that has been gathered."""
        raise NotImplementedError(f"{type(self).__name__} does not say what comes of it: define compute().")

    def __call__(self, input: Any, target: Any) -> Any:
        """The figure of these arrays."""
        self.reset()
        self.update(input, target)
        return self.compute()

    def state_dict(self) -> dict[str, Any]:
        """What has been gathered, by name."""
        return {name: getattr(self, name) for name in self.states}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on where another one stopped."""
        for name in self.states:
            setattr(self, name, state_dict[name])

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


def plain(x: Any) -> ndarray:
    """The numbers of an array, a Tensor or a list."""
    return np.asarray(x.data if isinstance(x, Node) else x)
