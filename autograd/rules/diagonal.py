"""Diagonals and triangles of matrices, and sums and matrices made of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from autograd.domain import REAL, case
from autograd.errors import ShapeError, describe, place
from autograd.primitive import Primitive, linear
from autograd.rules.indexing import index_set
from autograd.rules.reduction import sum
from autograd.rules.shaping import broadcast, expand_dims, normalize_axes, ravel, reshape, shape_of, stack

__all__ = ["diag", "diag_embed", "diagflat", "diagonal", "diagonal_scatter", "kron", "trace", "tril", "triu", "vander"]

_tril: Primitive = linear(
    "tril",
    lambda x, k: np.tril(x, k),
    lambda g, x, k: _tril(g, k=k),
    domain=[case(REAL(3, 3), k=0), case(REAL(2, 3, 4), k=1)],
    doc="The lower triangle, zeros above.",
)
_triu: Primitive = linear(
    "triu",
    lambda x, k: np.triu(x, k),
    lambda g, x, k: _triu(g, k=k),
    domain=[case(REAL(3, 3), k=0), case(REAL(2, 3, 4), k=-1)],
    doc="The upper triangle, zeros below.",
)


def tril(x: Any, k: int = 0) -> Any:
    """The last two axes' lower triangle, up to the k-th diagonal; zeros above."""
    return _tril(_matrix(x), k=k)


def triu(x: Any, k: int = 0) -> Any:
    """The last two axes' upper triangle, down to the k-th diagonal; zeros below."""
    return _triu(_matrix(x), k=k)


def _matrix(x: Any) -> Any:
    """x; of a row, as NumPy does, the matrix with that row in each of its rows."""
    shape = shape_of(x)
    return broadcast(x, shape=shape * 2) if len(shape) == 1 else x


def _embedded(x: ndarray, shape: tuple[int, ...], offset: int, axis1: int, axis2: int) -> ndarray:
    out = np.zeros(shape, x.dtype)
    np.moveaxis(out, (axis1, axis2), (-2, -1))[..., *_cells(x.shape[-1], offset)] = x
    return out


def _cells(n: int, offset: int) -> tuple[ndarray, ndarray]:
    along = np.arange(n)
    return along + max(-offset, 0), along + max(offset, 0)


_diagonal: Primitive = linear(
    "diagonal",
    lambda x, offset, axis1, axis2: np.diagonal(x, offset, axis1, axis2).copy(),
    lambda g, x, **where: _diagonal_embedded(g, shape=shape_of(x), **where),
    domain=[
        case(REAL(3, 4), offset=0, axis1=0, axis2=1),
        case(REAL(3, 2, 4), offset=1, axis1=2, axis2=0),
        case(REAL(3, 4), offset=-2, axis1=0, axis2=1),
    ],
    doc="The elements on a diagonal of two axes, along a new last axis.",
)
_diagonal_embedded: Primitive = linear(
    "diag_embed",
    _embedded,
    lambda g, x, shape, **where: _diagonal(g, **where),
    domain=[case(REAL(2, 3), shape=(2, 3, 4), offset=1, axis1=1, axis2=2)],
    doc="The last axis put on a diagonal of two axes, zeros elsewhere.",
)


def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The elements on a diagonal of the plane of two axes, along a new last axis (a copy)."""
    return _diagonal(x, offset=offset, axis1=axis1, axis2=axis2)


def diag_embed(x: Any, offset: int = 0, axis1: int = -2, axis2: int = -1) -> Any:
    """The last axis put on a diagonal of two new axes of the result, zeros elsewhere."""
    shape = shape_of(x)
    if not shape or axis1 % (len(shape) + 1) == axis2 % (len(shape) + 1):
        raise ShapeError(f"diag_embed of {describe(x)} needs two different axes of the result.{place()}")
    first, second = axis1 % (len(shape) + 1), axis2 % (len(shape) + 1)
    size, rest = shape[-1] + abs(offset), iter(shape[:-1])
    whole = tuple(size if i in (first, second) else next(rest) for i in range(len(shape) + 1))
    return _diagonal_embedded(x, shape=whole, offset=offset, axis1=first, axis2=second)


def diag(x: Any, k: int = 0) -> Any:
    """The k-th diagonal of a matrix; of a row, the matrix that has it there."""
    ndim = len(shape_of(x))
    if ndim not in (1, 2):
        raise ShapeError(f"diag needs a row or a matrix, and got {describe(x)}.{place()}")
    return diag_embed(x, k) if ndim == 1 else diagonal(x, k)


def diagflat(x: Any, k: int = 0) -> Any:
    """The matrix that has all elements of x on its k-th diagonal."""
    return diag_embed(ravel(x), k)


def diagonal_scatter(x: Any, src: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """x with the elements on a diagonal replaced, in a copy."""
    shape = shape_of(x)
    (first,), (second,) = normalize_axes(axis1, len(shape)), normalize_axes(axis2, len(shape))
    numbers = np.diagonal(np.arange(int(np.prod(shape))).reshape(shape), offset, first, second)
    return reshape(index_set(reshape(x, (-1,)), src, index=np.array(numbers)), shape)


def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The sum of a diagonal of the plane of two axes."""
    return sum(diagonal(x, offset, axis1, axis2), -1)


def kron(a: Any, b: Any) -> Any:
    """Kronecker's product: a with each of its elements times b in its place."""
    ndim = max(len(shape_of(a)), len(shape_of(b)))
    left, right = (reshape(x, (1,) * (ndim - len(shape_of(x))) + shape_of(x)) for x in (a, b))
    product = expand_dims(left, tuple(range(1, 2 * ndim, 2))) * expand_dims(right, tuple(range(0, 2 * ndim, 2)))
    return reshape(product, tuple(m * n for m, n in zip(shape_of(left), shape_of(right), strict=True)))


def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:  # noqa: N803  (NumPy's name)
    """The powers of each element along a new last axis, N of them, from the highest to 1 or the other way round."""
    n = shape_of(x)[-1] if N is None else N
    powers = [x * 0.0 + 1.0]
    for _ in range(n - 1):
        powers.append(powers[-1] * x)
    powers = powers[:n] if increasing else powers[:n][::-1]
    return stack(powers, -1) if powers else reshape(x, (*shape_of(x), 1))[..., :0]
