"""Snapshot: the numbers that a training changes, copied out and put back faster than a state by names."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from nn.module import Module
from nn.optim import Optimizer

__all__ = ["Snapshot"]


class Snapshot:
    """Copies of the parameters that an optimizer moves, and of a model's buffers.

    The optimizer has its parameters end to end in one array, so a copy is a single pass over memory.
    """

    def __init__(self, model: Module, optimizer: Optimizer) -> None:
        flats = [flat for _, flat in optimizer.flats]
        self.arrays = [flat.data for flat in flats if isinstance(flat.parameters[0].data, ndarray)]
        self.values = [p for flat in flats for p in flat.parameters if not isinstance(p.data, ndarray)]
        self._buffers = [(module, name) for module in model.modules() for name in module._buffers]

    def take(self) -> list[Any]:
        """A copy of all: arrays."""
        buffers = [getattr(module, name) for module, name in self._buffers]
        return [
            np.array([value.data for value in self.values]),
            *(x.copy() for x in self.arrays),
            *(np.zeros(0) if x is None else x.copy() for x in buffers),
        ]

    def put(self, copies: list[Any]) -> None:
        """Bring a copy back into the model."""
        values, *others = copies
        for value, x in zip(self.values, values.tolist(), strict=True):
            value.data = x
        for own, x in zip(self.arrays, others, strict=False):
            own[...] = x
        for (module, name), x in zip(self._buffers, others[len(self.arrays) :], strict=True):
            if getattr(module, name) is not None:
                getattr(module, name)[...] = x
