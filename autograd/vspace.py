"""Vector spaces: what a number, an array, or a container of them can be added to, and multiplied by a number.

HIPS autograd's view of a value, for programs that use it: zeros of its form, a basis, sums, inner products. All of it
is made of operations that have a derivative.

>>> space = vspace({"w": 2.0, "b": [1.0, 3.0]})
>>> space.size, space.zeros()
(3, {'w': 0.0, 'b': [0.0, 0.0]})
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

import autograd.tree as tree
from autograd.errors import OperandError, describe, place
from autograd.operand import plain
from autograd.rules import reduction


class VSpace:
    """The vector space that a value is in. Two are equal when their containers, shapes and dtypes are."""

    iscomplex = False

    def __init__(self, value: Any) -> None:
        self.form = tree.transform(_leaf, value)
        self.parts: list[_Leaf] = tree.leaves(self.form)

    @property
    def shape(self) -> Any:
        """The shape, or for a container a container of shapes."""
        return tree.transform(lambda leaf: leaf.shape, self.form)

    @property
    def dtype(self) -> Any:
        """The dtype, or for a container a container of dtypes."""
        return tree.transform(lambda leaf: leaf.dtype, self.form)

    @property
    def ndim(self) -> Any:
        """The number of axes, or for a container a container of numbers."""
        return tree.transform(lambda leaf: len(leaf.shape), self.form)

    @property
    def size(self) -> int:
        """How many numbers there are in all."""
        return sum(leaf.size for leaf in self.parts)

    # Vectors

    def zeros(self) -> Any:
        """The origin."""
        return self._made(lambda leaf: np.zeros(leaf.shape, leaf.dtype))

    def ones(self) -> Any:
        """Ones everywhere: the sum of the standard basis."""
        return self._made(lambda leaf: np.ones(leaf.shape, leaf.dtype))

    def randn(self) -> Any:
        """Normally distributed numbers, by NumPy's global generator."""
        return self._made(lambda leaf: np.asarray(np.random.randn(*leaf.shape), leaf.dtype))

    def standard_basis(self) -> Iterator[Any]:
        """One vector after the other, with a one in one place and zeros elsewhere."""
        for k, leaf in enumerate(self.parts):
            for index in np.ndindex(leaf.shape):
                vectors = [np.zeros(part.shape, part.dtype) for part in self.parts]
                vectors[k][index] = 1
                yield tree.fill(self.form, (x if x.ndim else x.item() for x in vectors))

    # Operations

    def add(self, x: Any, y: Any) -> Any:
        """x + y, part by part."""
        return self._combined(lambda a, b: a + b, x, y)

    def mut_add(self, x_prev: Any, x_new: Any) -> Any:
        """x_prev + x_new, where an x_prev of None is zero. Nothing is written into."""
        return x_new if x_prev is None else self.add(x_prev, x_new)

    def scalar_mul(self, x: Any, a: Any) -> Any:
        """x times a number, part by part."""
        return self._combined(lambda part: part * a, x)

    def inner_prod(self, x: Any, y: Any) -> Any:
        """The sum of the products of all numbers of x and y: one number."""
        pairs = zip(tree.leaves_like(self.form, x), tree.leaves_like(self.form, y), strict=True)
        total: Any = 0.0
        for a, b in pairs:
            total = total + (reduction.sum(a * b) if np.ndim(plain(a)) else a * b)
        return total

    def covector(self, x: Any) -> Any:
        """The linear function v ↦ ⟨x, v⟩ as a vector: x itself, for real numbers."""
        return x

    def __eq__(self, other: object) -> bool:
        return isinstance(other, VSpace) and self.form == other.form

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"VSpace({self.form!r})"

    def _made(self, make: Any) -> Any:
        arrays = map(make, self.parts)
        return tree.fill(self.form, (x if x.ndim else x.item() for x in arrays))

    def _combined(self, operation: Any, *xs: Any) -> Any:
        parts = zip(*(tree.leaves_like(self.form, x) for x in xs), strict=True)
        return tree.fill(self.form, iter([operation(*part) for part in parts]))


class _Leaf:
    """The space of a number or an array; a number has shape ()."""

    def __init__(self, shape: tuple[int, ...], dtype: Any) -> None:
        self.shape, self.dtype, self.size = shape, dtype, math.prod(shape)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Leaf) and (self.shape, self.dtype) == (other.shape, other.dtype)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{self.dtype}{list(self.shape) if self.shape else ''}"


def _leaf(value: Any) -> _Leaf:
    value = plain(value)
    single = isinstance(value, float | np.floating)
    dtype = np.dtype(float) if single else getattr(value, "dtype", None)
    if dtype is None or dtype.kind != "f":
        complex_ = " Complex numbers are out of scope." if np.iscomplexobj(value) else ""
        raise OperandError(f"there is no vector space of {describe(value)}: it needs floats.{complex_}{place()}")
    return _Leaf(np.shape(value), dtype)


def vspace(value: Any) -> VSpace:
    """The vector space that a number, an array, or a container of them is in.

    Errors: OperandError for anything else, such as integers.
    """
    return VSpace(value)
