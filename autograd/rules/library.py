"""Functions of scipy.special, for numbers and for arrays: NumPy lacks them.

SciPy is imported when the first of them is computed, because that takes a while. What the families above share about
their arguments stands here, too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.errors import OperandError, describe, place
from autograd.rules.arithmetic import positive


def special(name: str) -> tuple[Callable[..., float], Callable[..., Any]]:
    """How scipy.special's function of that name is computed on numbers, and on arrays in their precision."""

    def on_array(*args: Any) -> Any:
        from scipy import special

        return in_precision_of(args[-1], getattr(special, name)(*args))

    return lambda *args: float(on_array(*args)), on_array


def in_precision_of(x: Any, y: Any) -> Any:
    """y, computed from x, in the precision of x: some functions of SciPy know float64 only."""
    dtype = getattr(x, "dtype", y.dtype)
    return y if y.dtype == dtype or dtype.kind != "f" or dtype.itemsize < 4 else np.asarray(y, dtype)


def as_array(x: Any) -> Any:
    """A list as an array, or, with Values or Tensors inside, as a Tensor; anything else as it is."""
    return x if hasattr(x, "shape") else positive(x)


def fixed(function: str, argument: str, x: Any) -> Any:
    """An argument that has no derivative here, as it is.

    Errors: OperandError when it is under differentiation, because its gradient would be lost.
    """
    for part in x if isinstance(x, list | tuple) else ():
        fixed(function, argument, part)
    if getattr(x, "requires_grad", False):
        raise OperandError(
            f"{function} has no derivative by {argument}, and was given {describe(x)} for it.{place()}\n"
            f"  Cut the gradient off on purpose, {argument}.detach(), or give it a plain number."
        )
    return x
