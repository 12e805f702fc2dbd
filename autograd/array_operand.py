"""ArrayOperand: the attributes and methods of NumPy's arrays, for numbers of our own whose data is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy import ndarray

import autograd.rules as rules
from autograd.operand import Operand, plain
from autograd.rules import arithmetic, contraction, indexing, reduction, shaping

if TYPE_CHECKING:
    from autograd.rules import ordering


class ArrayOperand(Operand):
    """A number that holds an array. What the elementwise methods of `Operand` do not cover stands here."""

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
    def real(self) -> Self:
        """The numbers themselves, which are real."""
        return self

    @property
    def imag(self) -> Any:
        """The imaginary part of real numbers: plain zeros."""
        return np.imag(self.data)

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

    def cumprod(self, axis: int | None = None) -> Self:
        """Running product along an axis."""
        return rules.scan.cumprod(self, axis)  # type: ignore[no-any-return]

    def ptp(self, axis: reduction.Axis = None, keepdims: bool = False) -> Self:
        """The largest element minus the smallest, along axes."""
        return rules.statistic.ptp(self, axis, keepdims)  # type: ignore[no-any-return]

    def round(self, decimals: int = 0) -> Self:
        """The nearest number of so many decimals; its slope is 0."""
        return rules.piecewise.round(self, decimals)  # type: ignore[no-any-return]

    def all(self, axis: reduction.Axis = None, keepdims: bool = False) -> Any:
        """Whether all elements are other than 0: plain booleans."""
        return np.all(self.data, axis, keepdims=keepdims)

    def any(self, axis: reduction.Axis = None, keepdims: bool = False) -> Any:
        """Whether any element is other than 0: plain booleans."""
        return np.any(self.data, axis, keepdims=keepdims)

    def nonzero(self) -> Any:
        """Where elements are other than 0: plain integers, for each axis."""
        return np.nonzero(self.data)

    def argpartition(self, kth: Any, axis: int | None = -1) -> Any:
        """The order that puts the k-th element where sorting would: plain integers."""
        return rules.ordering.argpartition(self, kth, axis)

    def argmax(self, axis: int | None = None, keepdims: bool = False) -> Any:
        """Where the largest element is: plain integers."""
        return np.argmax(self.data, axis, keepdims=keepdims)

    def argmin(self, axis: int | None = None, keepdims: bool = False) -> Any:
        """Where the smallest element is: plain integers."""
        return np.argmin(self.data, axis, keepdims=keepdims)

    def argsort(self, axis: int | None = -1, descending: bool = False) -> Any:
        """The order that sorts along an axis: plain integers."""
        return rules.ordering.argsort(self, axis, descending=descending)

    def sort(self, axis: int | None = -1, descending: bool = False) -> Self:
        """A sorted copy, along an axis. Unlike NumPy's method this one sorts nothing in place."""
        return rules.ordering.sort(self, axis, descending=descending)  # type: ignore[no-any-return]

    def searchsorted(self, v: Any, side: str = "left") -> Any:
        """Where elements would have to be put into this sorted row: plain integers."""
        return rules.ordering.searchsorted(self, v, side)

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

    def take(self, indices: Any, axis: int | None = None, mode: str = "raise") -> Self:
        """Elements by number."""
        return indexing.take(self, indices, axis, mode=mode)  # type: ignore[no-any-return]

    def compress(self, condition: Any, axis: int | None = None) -> Self:
        """The elements, or slices, for which the condition holds."""
        return indexing.compress(condition, self, axis)  # type: ignore[no-any-return]

    def diagonal(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Self:
        """The elements on a diagonal of two axes."""
        return rules.diagonal.diagonal(self, offset, axis1, axis2)  # type: ignore[no-any-return]

    def trace(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Self:
        """The sum of a diagonal of two axes."""
        return rules.diagonal.trace(self, offset, axis1, axis2)  # type: ignore[no-any-return]

    def astype(self, dtype: Any) -> Self:
        """The same elements in another precision."""
        return shaping.astype(self, dtype)  # type: ignore[no-any-return]

    def conj(self) -> Self:
        """The complex conjugate of real numbers: these."""
        return self

    conjugate = conj

    def copy(self) -> Self:
        """A copy that differentiates into this."""
        return arithmetic.positive(self)  # type: ignore[no-any-return]

    def norm(self, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Self:
        """The length of vectors or the norm of matrices, as np.linalg.norm."""
        return rules.norm.norm(self, ord, axis, keepdims)  # type: ignore[no-any-return]

    # PyTorch's methods, where NumPy's arrays have none

    def view(self, *shape: Any) -> Self:
        """As reshape."""
        return shaping.reshape(self, _sizes(shape))  # type: ignore[no-any-return]

    def permute(self, *axes: Any) -> Self:
        """As transpose."""
        return shaping.transpose(self, _sizes(axes))  # type: ignore[no-any-return]

    def unsqueeze(self, axis: int) -> Self:
        """A new axis of size 1."""
        return shaping.expand_dims(self, axis)  # type: ignore[no-any-return]

    def expand(self, *sizes: Any) -> Self:
        """Repeated along axes of size 1 and new ones in front, without copying; -1 leaves a size as it is."""
        return rules.arranging.expand(self, *sizes)  # type: ignore[no-any-return]

    def unflatten(self, axis: int, sizes: tuple[int, ...]) -> Self:
        """One axis made into several."""
        return rules.arranging.unflatten(self, axis, sizes)  # type: ignore[no-any-return]

    def narrow(self, axis: int, start: int, length: int) -> Self:
        """`length` elements along an axis, from `start` on."""
        return rules.arranging.narrow(self, axis, start, length)  # type: ignore[no-any-return]

    def flip(self, axis: int | tuple[int, ...] | None = None) -> Self:
        """Reversed along axes."""
        return shaping.flip(self, axis)  # type: ignore[no-any-return]

    def roll(self, shift: int | tuple[int, ...], axis: int | tuple[int, ...] | None = None) -> Self:
        """Elements moved on along axes, and in again at the other end."""
        return rules.arranging.roll(self, shift, axis)  # type: ignore[no-any-return]

    def tile(self, *reps: Any) -> Self:
        """Laid side by side."""
        return shaping.tile(self, _sizes(reps))  # type: ignore[no-any-return]

    def tril(self, k: int = 0) -> Self:
        """The lower triangle of the last two axes."""
        return rules.diagonal.tril(self, k)  # type: ignore[no-any-return]

    def triu(self, k: int = 0) -> Self:
        """The upper triangle of the last two axes."""
        return rules.diagonal.triu(self, k)  # type: ignore[no-any-return]

    def chunk(self, chunks: int, axis: int = 0) -> list[Self]:
        """At most so many parts along an axis."""
        return rules.joining.chunk(self, chunks, axis)

    def unbind(self, axis: int = 0) -> tuple[Self, ...]:
        """The slices along an axis."""
        return rules.joining.unstack(self, axis)

    def unfold(self, axis: int, size: int, step: int = 1) -> Self:
        """Windows along an axis, their elements along a new last axis; a view."""
        return rules.window.sliding_window_view(self, size, axis, step=step)  # type: ignore[no-any-return]

    def topk(self, k: int, axis: int = -1, largest: bool = True) -> ordering.Ordered:
        """The k largest elements along an axis, best first, and their numbers."""
        return rules.ordering.topk(self, k, axis, largest)

    def gather(self, axis: int, index: Any) -> Self:
        """Elements by number along an axis, one for each place of the index."""
        return rules.scattering.gather(self, axis, index)  # type: ignore[no-any-return]

    def scatter(self, axis: int, index: Any, src: Any) -> Self:
        """Elements replaced by number along an axis, in a copy."""
        return rules.scattering.scatter(self, axis, index, src)  # type: ignore[no-any-return]

    def scatter_add(self, axis: int, index: Any, src: Any) -> Self:
        """Elements added to by number along an axis, in a copy."""
        return rules.scattering.scatter_add(self, axis, index, src)  # type: ignore[no-any-return]

    def index_select(self, axis: int, index: Any) -> Self:
        """Slices by number along an axis."""
        return rules.scattering.index_select(self, axis, index)  # type: ignore[no-any-return]

    def masked_fill(self, mask: Any, value: Any) -> Self:
        """A copy with `value` where the mask holds."""
        return indexing.masked_fill(self, mask, value)  # type: ignore[no-any-return]

    def masked_select(self, mask: Any) -> Self:
        """The elements where the mask holds, in one row."""
        return indexing.masked_select(self, mask)  # type: ignore[no-any-return]


def _sizes(sizes: tuple[Any, ...]) -> Any:
    return sizes[0] if len(sizes) == 1 and not isinstance(sizes[0], int | np.integer) else sizes


def plain_index(index: Any) -> Any:
    """An index without nodes in it, which nobody else can write into."""
    if isinstance(index, tuple):
        return tuple(plain_index(i) for i in index)
    if isinstance(index, list):
        return np.asarray(index) if index else np.zeros(0, int)
    index = plain(index)
    return index.copy() if isinstance(index, ndarray) else index  # the user may write into his own later
