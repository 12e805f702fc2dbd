"""What a namespace of NumPy's has that is not a function: `r_` and `c_`, which are indexed, and the class `vectorize`.

And what HIPS autograd's functions take or are and NumPy's not: `where` by names, and `make_diagonal`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import wraps
from typing import Any

import numpy as np

from autograd.errors import OperandError, place
from autograd.numpy.offer import differentiable, offered
from autograd.rules.arranging import broadcast_arrays
from autograd.rules.construction import array
from autograd.rules.diagonal import diag_embed
from autograd.rules.shaping import concatenate, reshape, shape_of, stack


class Joined:
    """`np.r_[a, 1:4, b]`: what stands between the brackets, joined along an axis; `np.c_` as columns."""

    def __init__(self, joiner: Any, axis: int, ndmin: int = 1, trans1d: int = -1) -> None:
        self.joiner, self.axis, self.ndmin, self.trans1d = joiner, axis, ndmin, trans1d

    def __getitem__(self, key: Any) -> Any:
        """Errors: OperandError for a matrix of NumPy's (a string r or c) with something differentiable in it."""
        keys = key if isinstance(key, tuple) else (key,)
        if not any(map(differentiable, keys)):
            return self.joiner[key]
        form = self
        if isinstance(keys[0], str):
            try:
                numbers = [int(n) for n in keys[0].split(",")]
            except ValueError:
                raise OperandError(
                    f"np.r_[{keys[0]!r}, ...] makes a matrix, which has no derivative.{place()}"
                ) from None
            form, keys = Joined(self.joiner, *numbers, *(self.ndmin, self.trans1d)[len(numbers) - 1 :]), keys[1:]
        parts = [np.r_[k] if isinstance(k, slice) else k for k in keys]
        return concatenate([form._with_axes(array(part)) for part in parts], form.axis)

    def _with_axes(self, x: Any) -> Any:
        """At least so many axes, those of x from place `trans1d` on."""
        ndim = len(shape_of(x))
        if ndim >= self.ndmin:
            return x
        first = self.trans1d if self.trans1d >= 0 else self.trans1d + self.ndmin - ndim + 1
        sizes = [1] * first + list(shape_of(x)) + [1] * (self.ndmin - ndim - first)
        return reshape(x, tuple(sizes))

    def __len__(self) -> int:
        return 0


r_ = Joined(np.r_, 0)
c_ = Joined(np.c_, -1, 2, 0)


class vectorize(np.vectorize):
    """As np.vectorize: a function of numbers, for each element of arrays that are broadcast to each other.

    Given Values or Tensors it is differentiated through. Cost: one call for each element, in Python.
    """

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not any(map(differentiable, (*args, *kwargs.values()))):
            return super().__call__(*args, **kwargs)
        if kwargs or self.signature is not None or self.excluded:
            raise OperandError(
                "np.vectorize with keywords, a signature or excluded arguments has no derivative, and a Tensor under "
                f"differentiation was given to it.{place()}\n  Write a loop, and stack what it makes: np.stack(...)."
            )
        arrays = broadcast_arrays(*map(array, args))
        shape = shape_of(arrays[0])
        found = [self.pyfunc(*(x[index] for x in arrays)) for index in np.ndindex(shape)]
        if isinstance(found[0], tuple):
            return tuple(reshape(stack(list(map(array, parts))), shape) for parts in zip(*found))
        return reshape(stack(list(map(array, found))), shape)


_where = offered(np.where)


@wraps(np.where)
def where(condition: Any, *args: Any, **choices: Any) -> Any:  # x and y may also be given by name
    return _where(condition, *args, *(choices.pop(name) for name in ("x", "y") if name in choices), **choices)


def make_diagonal(D: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:  # noqa: N803
    """Matrices with the last axis of D on their diagonals, which become the axes `axis1` and `axis2`."""
    return diag_embed(D, offset, axis1, axis2)


def joining(function: Any) -> Any:
    """A function that joins a sequence, for what yields one as well: `np.concatenate(map(f, xs))`."""
    asked = offered(function)

    @wraps(function)
    def joined(arrays: Any, *args: Any, **kwargs: Any) -> Any:
        return asked(list(arrays) if isinstance(arrays, Iterator) else arrays, *args, **kwargs)

    return joined
