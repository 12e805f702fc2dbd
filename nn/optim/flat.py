"""Flat: many parameters as one array, so that an optimizer moves them all with a dozen calls of NumPy.

A small network has many small parameters, and a call of NumPy costs as much as a thousand of their elements.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy import ndarray

from autograd import Node, OperandError, ShapeError
from nn.optim.cohort import Block, Cohort

BLOCK_BYTES = 6 * 9_984 * 4  # whole pieces of axpy; the arrays of an Adam step then take 1.2 MB of the cache


class Flat:
    """Tensors of one dtype, end to end in one array: their own `data` become views of it.

    | attribute | what it is |
    |---|---|
    | `data` | all elements |
    | `states` | more arrays of that size by name, such as momenta |
    | `arrays` | what an optimizer keeps in other sizes, by name, for each parameter |
    | `cohorts` | the parameters by how often they have been moved |
    """

    def __init__(self, parameters: Sequence[Any]) -> None:
        self.parameters = list(parameters)
        self.shapes = [np.shape(p.data) for p in self.parameters]
        self.orders: list[Any] = ["F" if np.isfortran(np.asarray(p.data)) else "C" for p in self.parameters]
        ends = np.cumsum([math.prod(shape) for shape in self.shapes]).tolist()
        self.slices = [slice(start, end) for start, end in zip([0, *ends[:-1]], ends, strict=True)]
        self.dtype = np.result_type(self.parameters[0].data)
        self.block_size = BLOCK_BYTES // self.dtype.itemsize
        self.data = _zeros(ends[-1], self.dtype)
        self.states: dict[str, ndarray] = {}
        self.arrays: list[dict[str, ndarray]] = [{} for _ in self.parameters]
        self.cohorts = self._moving = [Cohort(self, list(range(len(self.parameters))))]
        self._resting: list[int] = []
        self._scratch: list[ndarray] = []
        self._gradients: list[Any] = []
        self._views = [self.shaped(self.data, i) for i in range(len(self.parameters))]
        self.attach()

    def state(self, name: str) -> ndarray:
        """The state of this name: zeros when it is asked for the first time."""
        if name not in self.states:
            self.states[name] = _zeros(self.data.size, self.dtype)
        return self.states[name]

    def shaped(self, array: ndarray, i: int) -> ndarray:
        """What of `data` or of a state belongs to parameter number i: a view in its shape and layout."""
        return array[self.slices[i]].reshape(self.shapes[i], order=self.orders[i])

    def scratch(self, k: int, n: int) -> ndarray:
        """Array number k to compute in: n elements, with whatever was left in them."""
        while len(self._scratch) <= k:
            self._scratch.append(_zeros(min(self.block_size, self.data.size), self.dtype))
        return self._scratch[k][:n]

    def __getstate__(self) -> dict[str, Any]:
        """What a copy is made from: views of an array become arrays of their own when they are copied."""
        cohorts = [(cohort.members, cohort.past()) for cohort in self.cohorts]
        return {"parameters": self.parameters, "states": self.states, "arrays": self.arrays, "cohorts": cohorts}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["parameters"])  # type: ignore[misc]
        for name, array in state["states"].items():
            self.state(name)[:] = array
        self.arrays = state["arrays"]
        self.regroup([Cohort(self, members, *past) for members, past in state["cohorts"]])

    # A step: gather, move what is in `moving`, spread

    def gather(self) -> None:
        """Bring data and gradients, and see which parameters have one."""
        resting = self.collect()
        if resting != self._resting:
            rests = set(resting)
            self.cohorts = [part for cohort in self.cohorts for part in cohort.split(rests)]
            self._moving = [cohort for cohort in self.cohorts if cohort.members[0] not in rests]
            self._resting = resting

    def regroup(self, cohorts: list[Cohort]) -> None:
        """Take the parameters to be in these cohorts."""
        self.cohorts = self._moving = cohorts
        self._resting = []

    def moving(self) -> Iterator[Cohort]:
        """The cohorts that have gradients, each counted one step further."""
        for cohort in self._moving:
            cohort.step += 1
            yield cohort

    def spread(self) -> None:
        """Let go of the gradients. The data need not be handed back, being views."""
        self._gradients = []

    # How data and gradients are brought

    def collect(self) -> list[int]:
        """Have data and gradients at hand; the numbers of the parameters without a gradient."""
        self._gradients = gradients = []
        resting = []
        for i, p in enumerate(self.parameters):
            if p.data is not self._views[i]:
                self._attach(i)
            g = p.grad
            if g is None:
                resting.append(i)
            elif type(g) is not ndarray or g.dtype is not self.dtype or g.shape != self.shapes[i]:
                g = self._fitting(g, self.shapes[i])
            gradients.append(g)
        return resting

    def attach(self) -> None:
        """Make the data of every parameter a view of `data`."""
        for i in range(len(self.parameters)):
            self._attach(i)

    def _attach(self, i: int) -> None:
        """The same for one, in whose place somebody has put a new array."""
        p, view = self.parameters[i], self._views[i]
        if np.shape(p.data) != view.shape:
            raise ShapeError(
                f"a parameter of shape {view.shape} now has the shape {np.shape(p.data)}: make a new optimizer for it."
            )
        dtype = np.asarray(p.data).dtype
        if dtype != view.dtype and dtype.kind == "f":
            raise OperandError(
                f"a parameter of {view.dtype} is of {dtype} now: make a new optimizer after model.to(...)."
            )
        view[...] = p.data
        p.data = view

    def _fitting(self, grad: Any, shape: tuple[int, ...]) -> ndarray:
        g = np.asarray(grad.data if isinstance(grad, Node) else grad, self.dtype)
        if g.shape != shape:
            raise ShapeError(
                f"a parameter of shape {shape} has a gradient of shape {g.shape}: they must be equal. "
                "Nothing has been moved."
            )
        return g

    def gradient(self, block: Block) -> ndarray:
        """The gradient of a block: it may be the parameter's own array, and is not to be written into."""
        flat = [self._gradients[i].ravel(self.orders[i]) for i in block.parameters]
        if block.inside is not None:
            return flat[0][block.inside]  # type: ignore[no-any-return]
        return np.concatenate(flat, out=self.scratch(0, block.at.stop - block.at.start))


class FlatValues(Flat):
    """The same for Values, whose floats are copied in before a step and out after it. Those move that require grad."""

    def attach(self) -> None:
        """Floats have no views."""

    def collect(self) -> list[int]:
        """Copy floats and gradients; the numbers of the Values that do not require grad."""
        self.data[:] = [p.data for p in self.parameters]
        self._copied = np.array([float(p.grad) for p in self.parameters])
        return [i for i, p in enumerate(self.parameters) if not p.requires_grad]

    def gradient(self, block: Block) -> ndarray:
        """The gradient of a block."""
        return self._copied[block.at]

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
