"""ArrayOperand: the attributes and methods of NumPy's arrays, for nodes whose data is one."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy import ndarray

from autograd.operand import Operand
from autograd.rules import arithmetic, contraction, indexing, reduction, shaping


class ArrayOperand(Operand):
    """A node that holds an array. What the elementwise methods of `Operand` do not cover stands here."""

    __slots__ = ()

    data: ndarray

    # Attributes

    @property
    def shape(self) -> tuple[int, ...]:
        """Size along each axis."""
        return self.data.shape

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return self.data.ndim

    @property
    def size(self) -> int:
        """Number of elements."""
        return self.data.size

    @property
    def dtype(self) -> Any:
        """NumPy's dtype of the elements."""
        return self.data.dtype

    @property
    def nbytes(self) -> int:
        """Bytes of the elements."""
        return self.data.nbytes

    @property
    def itemsize(self) -> int:
        """Bytes of one element."""
        return self.data.itemsize

    @property
    def T(self) -> Self:
        """Axes in reverse order."""
        return shaping.transpose(self)  # type: ignore[no-any-return]

    @property
    def mT(self) -> Self:
        """The last two axes exchanged."""
        return shaping.swapaxes(self, -1, -2)  # type: ignore[no-any-return]

    @property
    def at(self) -> indexing.At:
        """`x.at[i].set(v)` and `x.at[i].add(v)`: a copy of x with elements replaced, or added to."""
        return indexing.At(self)

    # Methods

    def __matmul__(self, other: Any) -> Self:
        return contraction.matmul(self, other)  # type: ignore[no-any-return]

    def __rmatmul__(self, other: Any) -> Self:
        return contraction.matmul(other, self)  # type: ignore[no-any-return]

    def dot(self, other: Any) -> Self:
        """As np.dot."""
        return contraction.dot(self, other)  # type: ignore[no-any-return]

    def sum(self, axis: reduction.Axis = None, keepdims: bool = False) -> Self:
        """Sum along axes."""
        return reduction.sum(self, axis, keepdims)  # type: ignore[no-any-return]

    def mean(self, axis: reduction.Axis = None, keepdims: bool = False) -> Self:
        """Mean along axes."""
        return reduction.mean(self, axis, keepdims)  # type: ignore[no-any-return]

    def var(self, axis: reduction.Axis = None, ddof: int = 0, keepdims: bool = False) -> Self:
        """Variance along axes."""
        return reduction.var(self, axis, ddof, keepdims)  # type: ignore[no-any-return]

    def std(self, axis: reduction.Axis = None, ddof: int = 0, keepdims: bool = False) -> Self:
        """Standard deviation along axes."""
        return reduction.std(self, axis, ddof, keepdims)  # type: ignore[no-any-return]

    def prod(self, axis: reduction.Axis = None, keepdims: bool = False) -> Self:
        """Product along axes."""
        return reduction.prod(self, axis, keepdims)  # type: ignore[no-any-return]

    def max(self, axis: reduction.Axis = None, keepdims: bool = False) -> Self:
        """Largest element along axes."""
        return reduction.max(self, axis, keepdims)  # type: ignore[no-any-return]

    def min(self, axis: reduction.Axis = None, keepdims: bool = False) -> Self:
        """Smallest element along axes."""
        return reduction.min(self, axis, keepdims)  # type: ignore[no-any-return]

    def cumsum(self, axis: int | None = None) -> Self:
        """Running sum along an axis."""
        return reduction.cumsum(self, axis)  # type: ignore[no-any-return]

    def argmax(self, axis: int | None = None, keepdims: bool = False) -> Any:
        """Where the largest element is: plain integers."""
        return np.argmax(self.data, axis, keepdims=keepdims)

    def argmin(self, axis: int | None = None, keepdims: bool = False) -> Any:
        """Where the smallest element is: plain integers."""
        return np.argmin(self.data, axis, keepdims=keepdims)

    def argsort(self, axis: int = -1) -> Any:
        """The order that sorts along an axis: plain integers."""
        return self.data.argsort(axis)

    def reshape(self, *shape: Any) -> Self:
        """The same elements in another shape."""
        return shaping.reshape(self, _sizes(shape))  # type: ignore[no-any-return]

    def transpose(self, *axes: Any) -> Self:
        """Axes in another order, by default reversed."""
        return shaping.transpose(self, _sizes(axes) or None)  # type: ignore[no-any-return]

    def swapaxes(self, axis1: int, axis2: int) -> Self:
        """Two axes exchanged."""
        return shaping.swapaxes(self, axis1, axis2)  # type: ignore[no-any-return]

    def ravel(self) -> Self:
        """All elements in one row."""
        return shaping.ravel(self)  # type: ignore[no-any-return]

    def flatten(self, start_dim: int = 0, end_dim: int = -1) -> Self:
        """Axes start_dim to end_dim made into one."""
        return shaping.flatten(self, start_dim, end_dim)  # type: ignore[no-any-return]

    def squeeze(self, axis: int | tuple[int, ...] | None = None) -> Self:
        """Axes of size 1 removed."""
        return shaping.squeeze(self, axis)  # type: ignore[no-any-return]

    def repeat(self, repeats: Any, axis: int | None = None) -> Self:
        """Every element repeated."""
        return shaping.repeat(self, repeats, axis)  # type: ignore[no-any-return]

    def take(self, indices: Any, axis: int | None = None) -> Self:
        """Elements by number."""
        return indexing.take(self, indices, axis)  # type: ignore[no-any-return]

    def astype(self, dtype: Any) -> Self:
        """The same elements in another precision."""
        return shaping.astype(self, dtype)  # type: ignore[no-any-return]

    def copy(self) -> Self:
        """A copy that differentiates into this."""
        return arithmetic.positive(self)  # type: ignore[no-any-return]


def _sizes(sizes: tuple[Any, ...]) -> Any:
    return sizes[0] if len(sizes) == 1 and not isinstance(sizes[0], int | np.integer) else sizes
