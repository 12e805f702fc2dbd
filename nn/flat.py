"""Flat: many parameters as one array, so that an optimizer moves them all with a dozen calls of NumPy.

A small network has many small parameters, and a call of NumPy costs as much as a thousand of their elements.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import Node, ShapeError


class Flat:
    """Tensors of one dtype, end to end in one array: their own `data` become views of it.

    | attribute | what it is |
    |---|---|
    | `data`, `grad` | all elements, and multiples of their gradients |
    | `states` | more arrays of that size by name, such as momenta |
    | `steps` | how often each parameter has been moved |
    """

    def __init__(self, parameters: Sequence[Any]) -> None:
        self.parameters = list(parameters)
        shapes = [np.shape(p.data) for p in self.parameters]
        orders: list[Any] = ["F" if np.isfortran(p.data) else "C" for p in self.parameters]
        ends = np.cumsum([np.size(p.data) for p in self.parameters]).tolist()
        self.slices = [slice(start, end) for start, end in zip([0, *ends[:-1]], ends, strict=True)]
        dtype = np.result_type(self.parameters[0].data)
        self.data, self.grad = _zeros(ends[-1], dtype), _zeros(ends[-1], dtype)
        self.states: dict[str, ndarray] = {}
        self.steps = [0] * len(self.parameters)
        self._layout = list(zip(self.slices, shapes, orders, strict=True))
        self._views, self._grads = self.views(self.data), self.views(self.grad)
        self.attach()

    def views(self, flat: ndarray) -> list[ndarray]:
        """The parts of a flat array that belong to each parameter, in its shape and its order of memory."""
        return [flat[at].reshape(shape, order=order) for at, shape, order in self._layout]

    @cached_property
    def spare(self) -> ndarray:
        """An array of the same size to compute in."""
        return _zeros(self.data.size, self.data.dtype)

    def state(self, name: str) -> ndarray:
        """The state of this name: zeros when it is asked for the first time."""
        if name not in self.states:
            self.states[name] = _zeros(self.data.size, self.data.dtype)
        return self.states[name]

    def attach(self) -> None:
        """Make the data of every parameter a view of `data`; of a new array that somebody has put there, a copy."""
        for p, view in zip(self.parameters, self._views, strict=True):
            if p.data is not view:
                if np.shape(p.data) != view.shape:
                    raise ShapeError(
                        f"a parameter of shape {view.shape} now has the shape {np.shape(p.data)}: "
                        "make a new optimizer for it."
                    )
                view[...] = p.data
                p.data = view

    def gather(self, scale: float) -> list[int]:
        """Bring `scale` times the gradients here; the numbers of the parameters that have one."""
        found = []
        for i, p in enumerate(self.parameters):
            g = p.grad
            if g is not None:
                np.multiply(g.data if isinstance(g, Node) else g, scale, out=self._grads[i])
                found.append(i)
        return found

    def spread(self) -> None:
        """Hand the moved elements back to the parameters: nothing to do for views."""

    def advance(self, scale: float) -> list[tuple[slice, int]]:
        """Attach, gather, count a step, and return the stretches to be moved, each with the number of its step.

        A stretch is made of neighbours that have a gradient and have made equally many steps: nearly always of all.
        """
        self.attach()
        moved = self.gather(scale)
        if len(moved) == len(self.steps) and len(set(self.steps)) == 1:
            step = self.steps[0] + 1
            self.steps = [step] * len(moved)
            return [(slice(None), step)]
        stretches: list[tuple[slice, int]] = []
        for i in moved:
            self.steps[i] += 1
            at, step = self.slices[i], self.steps[i]
            if stretches and stretches[-1][0].stop == at.start and stretches[-1][1] == step:
                at = slice(stretches.pop()[0].start, at.stop)
            stretches.append((at, step))
        return stretches


class FlatValues(Flat):
    """The same for Values, whose floats are copied in before a step and out after it."""

    def attach(self) -> None:
        """Copy the floats to `data`."""
        self.data[:] = [p.data for p in self.parameters]

    def gather(self, scale: float) -> list[int]:
        """Bring `scale` times the gradients here; the numbers of the Values that require grad."""
        self.grad[:] = [scale * float(p.grad) for p in self.parameters]
        return [i for i, p in enumerate(self.parameters) if p.requires_grad]

    def spread(self) -> None:
        """Write the moved floats back."""
        for p, x in zip(self.parameters, self.data.tolist(), strict=True):
            p.data = x


def _zeros(size: int, dtype: Any) -> ndarray:
    """Zeros that begin at a cache line of 64 bytes, where NumPy's loops are a tenth faster than at odd places."""
    nbytes = size * np.dtype(dtype).itemsize
    room = np.zeros(nbytes + 64, np.uint8)
    start = -room.ctypes.data % 64
    return room[start : start + nbytes].view(dtype)
