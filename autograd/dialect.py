"""Dialect: what Tensors do under NumPy's names, under PyTorch's as well, so that code written for it can be read here.

Where the two disagree NumPy's meaning holds: `sum(axis)`, `repeat`, `transpose(*axes)`. `size` is both.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from autograd.array_operand import ArrayOperand
from autograd.rules import arithmetic, contraction, piecewise, shaping


class Size(int):
    """How many elements there are; called, as PyTorch does, the shape, or its length along one axis.

    >>> from autograd import Tensor
    >>> x = Tensor([[1.0, 2.0, 3.0]])
    >>> x.size, x.size(), x.size(0)
    (3, (1, 3), 1)
    """

    shape: tuple[int, ...]

    def __call__(self, dim: int | None = None) -> Any:
        return self.shape if dim is None else self.shape[dim]


class Dialect(ArrayOperand):
    """The methods of PyTorch's tensors."""

    __slots__ = ()

    # Attributes

    @property
    def size(self) -> Size:
        """Number of elements; called, the shape."""
        found = Size(self.data.size)
        found.shape = self.data.shape
        return found

    @property
    def device(self) -> str:
        """Where it lives."""
        return "cpu"

    def numel(self) -> int:
        """Number of elements."""
        return self.data.size

    def dim(self) -> int:
        """Number of axes."""
        return self.data.ndim

    # Products

    def mm(self, other: Any) -> Self:
        """The product of two matrices."""
        return contraction.matmul(self, other)  # type: ignore[no-any-return]

    matmul = bmm = mm

    # Shape

    def t(self) -> Self:
        """A matrix with its axes exchanged."""
        return shaping.transpose(self)  # type: ignore[no-any-return]

    def permute(self, *dims: Any) -> Self:
        """Axes in another order."""
        return shaping.transpose(self, dims[0] if len(dims) == 1 and not isinstance(dims[0], int) else dims)  # type: ignore[no-any-return]

    def view(self, *shape: Any) -> Self:
        """The same elements in another shape."""
        return self.reshape(*shape)

    def view_as(self, other: Any) -> Self:
        """The same elements in the shape of another."""
        return shaping.reshape(self, other.shape)  # type: ignore[no-any-return]

    def unsqueeze(self, dim: int) -> Self:
        """A new axis of size 1 at this place of the result."""
        return shaping.expand_dims(self, dim)  # type: ignore[no-any-return]

    def expand(self, *shape: Any) -> Self:
        """Repeated along axes of size 1, without copying; -1 keeps a size."""
        sizes = shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape
        own = (0,) * (len(sizes) - self.data.ndim) + self.data.shape
        return shaping.broadcast_to(self, tuple(m if n == -1 else n for n, m in zip(sizes, own, strict=True)))  # type: ignore[no-any-return]

    def expand_as(self, other: Any) -> Self:
        """Repeated to the shape of another."""
        return shaping.broadcast_to(self, other.shape)  # type: ignore[no-any-return]

    # Elementwise

    def clamp(self, min: Any = None, max: Any = None) -> Self:
        """Kept between two bounds."""
        return piecewise.clip(self, min, max)  # type: ignore[no-any-return]

    def add(self, other: Any) -> Self:
        """x + y"""
        return arithmetic.add(self, other)  # type: ignore[no-any-return]

    def sub(self, other: Any) -> Self:
        """x - y"""
        return arithmetic.subtract(self, other)  # type: ignore[no-any-return]

    def mul(self, other: Any) -> Self:
        """x y"""
        return arithmetic.multiply(self, other)  # type: ignore[no-any-return]

    def div(self, other: Any) -> Self:
        """x / y"""
        return arithmetic.divide(self, other)  # type: ignore[no-any-return]

    def pow(self, exponent: Any) -> Self:
        """x to a power."""
        return arithmetic.power(self, exponent)  # type: ignore[no-any-return]

    def neg(self) -> Self:
        """-x"""
        return arithmetic.negative(self)  # type: ignore[no-any-return]

    # Copies, and other arrays of its kind

    def clone(self) -> Any:
        """A copy that differentiates into this, and that may be written into until it is used; see `autograd.draft`."""
        from autograd.draft import draft  # the floor above

        return draft(self)

    def new_zeros(self, *shape: Any, dtype: Any = None) -> Any:
        """Zeros of this precision, to be written into."""
        return self.new_full(shape[0] if len(shape) == 1 else shape, 0, dtype=dtype)

    def new_ones(self, *shape: Any, dtype: Any = None) -> Any:
        """Ones of this precision, to be written into."""
        return self.new_full(shape[0] if len(shape) == 1 else shape, 1, dtype=dtype)

    def new_full(self, shape: Any, value: Any, *, dtype: Any = None) -> Any:
        """An array full of one number, in this precision, to be written into."""
        from autograd.draft import draft

        return draft(np.full(shape, value, self.data.dtype if dtype is None else dtype))

    def new_tensor(self, data: Any, *, dtype: Any = None) -> Any:
        """An array in this precision."""
        from autograd.draft import draft

        return draft(np.array(data, self.data.dtype if dtype is None else dtype))

    new = new_tensor

    # Precision and place

    def double(self) -> Self:
        """In float64."""
        return shaping.astype(self, np.float64)  # type: ignore[no-any-return]

    def float(self) -> Self:
        """In float32, which PyTorch calls float."""
        return shaping.astype(self, np.float32)  # type: ignore[no-any-return]

    def type_as(self, other: Any) -> Self:
        """In the precision of another."""
        return shaping.astype(self, other.dtype)  # type: ignore[no-any-return]

    def cpu(self) -> Self:
        """Itself: there is one place."""
        return self

    contiguous = cpu
