"""The multilayer perceptron: linear layers with an activation between each two."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from autograd import ShapeError
from nn.activation import ReLU
from nn.container import Sequential
from nn.linear import Linear
from nn.module import Module

__all__ = ["MLP"]


class MLP(Sequential):
    """Linear layers of the given sizes, inputs first, outputs last, with an activation after all but the last one.

    >>> import nn
    >>> nn.models.MLP(64, 32, 10, activation=nn.Tanh)
    MLP(
      (0): Linear(in_features=64, out_features=32, bias=True)
      (1): Tanh()
      (2): Linear(in_features=32, out_features=10, bias=True)
    )
    """

    def __init__(self, *sizes: int, activation: Callable[[], Module] = ReLU, dtype: Any = np.float32) -> None:
        if len(sizes) < 2:
            raise ShapeError(f"MLP{sizes}: give at least the number of inputs and of outputs, MLP(64, 10).")
        modules: list[Module] = []
        for n_in, n_out in pairwise(sizes):
            modules += [activation(), Linear(n_in, n_out, dtype=dtype)]
        super().__init__(*modules[1:])
