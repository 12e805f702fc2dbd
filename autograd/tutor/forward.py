"""Forward: the user's own forward function, run again with Tensors, so that the graph is that of its formulas."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

import numpy as np

import autograd.tree as tree
from autograd.errors import GradientError, describe, place
from autograd.modes import enable_grad
from autograd.node import Node
from autograd.origin import annotate
from autograd.tensor import Tensor


class Forward:
    """One run of a function with Tensors in place of chosen arrays.

    `loss` is the single number that it returned (alone, or among other results), `leaves` the Tensors by the identity
    of the arrays they stand for. `variables` are what its own variables held at the end, but for results: these were
    noted when they were recorded, and are called h₁, h₂, ... where one variable held several.
    """

    def __init__(self, function: Callable[..., Any], inputs: Sequence[Any], wanted: Callable[[Any], bool]) -> None:
        self.leaves: dict[int, Tensor] = {}
        self.variables: dict[str, Any] = {}
        filled = tree.transform(lambda x: self._leaf(x) if wanted(x) else x, list(inputs))
        with enable_grad(), annotate():
            self.loss = _loss(function, self._watched(function, filled))

    def _leaf(self, x: Any) -> Any:
        if id(x) not in self.leaves:
            self.leaves[id(x)] = Tensor(np.asarray(x), float if x.dtype.kind != "f" else None)
        return self.leaves[id(x)]

    def _watched(self, function: Callable[..., Any], args: Sequence[Any]) -> Any:
        """The result of the function; on its way out its variables are read."""
        code = getattr(function, "__code__", None)

        def note(frame: FrameType, event: str, _: Any) -> None:
            if event == "return" and frame.f_code is code:
                held = frame.f_locals.items()
                self.variables |= {name: x for name, x in held if not isinstance(x, Node) or x.is_leaf}

        if code is None or sys.getprofile() is not None:  # a profiler at work is not to be disturbed
            return function(*args)
        sys.setprofile(note)
        try:
            return function(*args)
        finally:
            sys.setprofile(None)


def _loss(function: Callable[..., Any], result: Any) -> Node:
    name = getattr(function, "__name__", "the forward function")
    for x in tree.leaves(result):
        if isinstance(x, Node) and np.size(x.data) == 1:
            if x.primitive is None:
                raise GradientError(
                    f"the loss that {name} returned depends on none of the arrays asked about.{place()}\n"
                    "  Pass the very arrays as inputs: compare(forward, {'W1': (W1, dW1)}, X, y, W1)."
                )
            return x
    found = describe(result) if not isinstance(result, list | tuple | dict) else f"a {type(result).__name__}"
    raise GradientError(
        f"{name} must return the loss, a single number made with NumPy's functions, and returned {found}.{place()}\n"
        "  Inside it, do not convert with float(), .item() or np.array(); and reduce the loss with np.mean or np.sum."
    )
