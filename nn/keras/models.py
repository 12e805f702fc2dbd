"""Models by Keras's names: Sequential, and Model for classes of your own."""

from __future__ import annotations

from nn.compiled.model import Compiled
from nn.container import Sequential
from nn.module import Module

__all__ = ["Model", "Sequential"]


class Model(Compiled, Module):
    """A module with Keras's methods: define `forward` (Keras's `call`), then compile, fit, evaluate, predict.

    >>> import nn
    >>> from nn import keras
    >>> class Wide(keras.Model):
    ...     def __init__(self):
    ...         self.layer = nn.Dense(1)
    ...     def forward(self, x):
    ...         return self.layer(x)
    >>> model = Wide()
    >>> model.compile("sgd", "mse")
    >>> history = model.fit([[1.0], [2.0]], [[2.0], [4.0]], verbose=0)
    """
