"""Systems of equations, inverses, powers and products of matrices, over leading axes.

Formulas: Giles, "Collected matrix derivative results for forward and reverse mode algorithmic differentiation" (2008),
if nothing else is said. NumPy's names and arguments; `autograd.linalg` is the namespace.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.domain import REAL, REGULAR, case
from autograd.errors import ShapeError, describe, place
from autograd.primitive import Primitive, general
from autograd.rules.contraction import matmul
from autograd.rules.diagonal import diagonal as _diagonal
from autograd.rules.diagonal import trace as _trace
from autograd.rules.factorization import svdvals
from autograd.rules.inverse import inverse
from autograd.rules.piecewise import where
from autograd.rules.reduction import sum
from autograd.rules.shaping import concatenate, data_of, moveaxis, reshape, shape_of, squeeze
from autograd.rules.triangular import by_columns, fitted, in_words, mirrored, square, transposed

__all__ = ["cross", "vecdot"]  # the front door's; all of it is in autograd.linalg

# Systems and inverses


def _solve_back(g: Any, y: Any, a: Any, b: Any, wanted: Sequence[bool]) -> list[Any]:
    """gb = a⁻ᵀ g and ga = -gb yᵀ"""
    gb = _solve(transposed(a), g)
    return [fitted(-(gb @ transposed(y)), a) if wanted[0] else None, fitted(gb, b)]


def _solve_forward(ts: Sequence[Any], y: Any, a: Any, b: Any) -> Any:
    ta, tb = ts
    right = tb if ta is None else -(ta @ y) if tb is None else tb - ta @ y
    return _solve(a, right)


_solve: Primitive = general(
    "solve",
    in_words(np.linalg.solve, "solve"),
    _solve_back,
    _solve_forward,
    domain=[case(REGULAR(3, 3), REAL(3, 2)), case(REGULAR(2, 3, 3), REAL(3, 1)), case(REGULAR(2, 2), REAL(3, 2, 1))],
    doc="The solution y of a y = b.",
)
inv: Primitive = general(
    "inv",
    in_words(inverse, "inv"),
    [lambda g, y, x: -(transposed(y) @ g @ transposed(y))],
    [lambda t, y, x: -(y @ t @ y)],
    domain=[case(REGULAR(3, 3)), case(REGULAR(2, 2, 2))],
    doc="The inverse of a square matrix.",
)


def solve(a: Any, b: Any) -> Any:
    """The solution y of a y = b: b is one vector, or matrices of columns. Leading axes broadcast.

    Errors: MatrixError when a is singular.

    >>> import autograd
    >>> a, b = autograd.Tensor([[2.0, 0.0], [0.0, 4.0]]), autograd.Tensor([2.0, 2.0])
    >>> y = autograd.linalg.solve(a, b)
    >>> y.sum().backward(); y.data, b.grad
    (array([1. , 0.5]), array([0.5 , 0.25]))
    """
    square(a, "solve")
    return by_columns(lambda b: _solve(a, b), b)


def tensorsolve(a: Any, b: Any, axes: Sequence[int] | None = None) -> Any:
    """The solution y of tensordot(a, y, y.ndim) = b; `axes` of a are moved to its end first."""
    if axes is not None:
        a = moveaxis(a, tuple(axes), tuple(range(-len(axes), 0)))
    wanted = shape_of(a)[len(shape_of(b)) :]
    n = math.prod(wanted)
    if math.prod(shape_of(b)) != n:
        raise ShapeError(f"tensorsolve of {describe(a)} and {describe(b)}: they do not fit.{place()}")
    return reshape(solve(reshape(a, (n, n)), reshape(b, (n,))), wanted)


def tensorinv(a: Any, ind: int = 2) -> Any:
    """The inverse of a for tensordot over `ind` axes."""
    shape = shape_of(a)
    n = math.prod(shape[:ind])
    if ind <= 0 or n != math.prod(shape[ind:]):
        raise ShapeError(f"tensorinv of {describe(a)}: its first {ind} axes and the others differ in size.{place()}")
    return reshape(inv(reshape(a, (n, n))), shape[ind:] + shape[:ind])


def cholesky_solve(b: Any, factor: Any, upper: bool = False) -> Any:
    """The solution y of c cᵀ y = b (or cᵀ c y = b with `upper`), given c, as in PyTorch.

    All of c receives a gradient; with `cho_solve`, as in SciPy, the triangle that is read does.
    """
    square(factor, "cholesky_solve")
    first, second = (transposed(factor), factor) if upper else (factor, transposed(factor))
    return solve(second, solve(first, b))


def cholesky_inverse(factor: Any, upper: bool = False) -> Any:
    """The inverse of c cᵀ, or cᵀ c with `upper`, given c."""
    eye = np.eye(square(factor, "cholesky_inverse"), dtype=factor.dtype)
    return cholesky_solve(eye, factor, upper)


# The pseudo-inverse (Golub and Pereyra, 1973)


def _pinv_back(g: Any, y: Any, x: Any, rtol: Any) -> Any:
    """-Pᵀ g Pᵀ + (I - X P) gᵀ P Pᵀ + Pᵀ P gᵀ (I - P X)"""
    gt, yt = transposed(g), transposed(y)
    return -(yt @ g @ yt) + (gt - x @ (y @ gt)) @ y @ yt + yt @ y @ (gt - (gt @ y) @ x)


def _pinv_forward(t: Any, y: Any, x: Any, rtol: Any) -> Any:
    tt, yt = transposed(t), transposed(y)
    return -(y @ t @ y) + y @ yt @ (tt - (tt @ x) @ y) + (tt - y @ (x @ tt)) @ yt @ y


_pinv = general(
    "pinv",
    in_words(lambda x, rtol: np.linalg.pinv(x, rtol=rtol), "pinv"),
    [_pinv_back],
    [_pinv_forward],
    domain=[case(REGULAR(3, 2), rtol=None), case(REGULAR(2, 2, 3), rtol=None)],
    doc="The pseudo-inverse of Moore and Penrose.",
)


def pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    """The pseudo-inverse of matrices. Singular values of at most rcond (or rtol) times the largest count as 0.

    By default that is max(rows, columns) · ε of the dtype. The derivative takes what is cut off for 0, and is that
    among matrices of the same rank; across ranks there is none. With `hermitian`, only the lower triangle is read.
    """
    if len(shape_of(a)) < 2:
        raise ShapeError(f"pinv needs matrices, and got {describe(a)}.{place()}")
    if hermitian:
        square(a, "pinv")
        a = mirrored(a, lower=True)
    return _pinv(a, rtol=rtol if rcond is None else rcond)


class LstsqResult(NamedTuple):
    """What np.linalg.lstsq returns; the rank is plain."""

    x: Any
    residuals: Any
    rank: Any
    singular_values: Any


def lstsq(a: Any, b: Any, rcond: Any = None) -> LstsqResult:
    """The x that makes |b - a x|² least, and of several the shortest; the residuals, the rank and singular values of a.

    b is one vector, or matrices of columns. Residuals are there where a has full rank and more rows than columns, as
    in NumPy. Computed with the pseudo-inverse.
    """
    x = by_columns(lambda b: pinv(a, rcond) @ b, b)
    rank = matrix_rank(a, rtol=rcond)
    m, n = shape_of(a)[-2:]
    overdetermined = m > n and bool(np.all(rank == n))
    error = b - matmul(a, x)
    squares = sum(error * error, -1 if len(shape_of(b)) == 1 else -2)
    single = len(shape_of(squares)) == 0
    residuals = (reshape(squares, (1,)) if single else squares) if overdetermined else np.zeros(0, x.dtype)
    return LstsqResult(x, residuals, rank, svdvals(a))


def matrix_rank(A: Any, tol: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:  # noqa: N803
    """How many singular values are not 0: plain integers, without a derivative."""
    return np.linalg.matrix_rank(data_of(A), tol, hermitian, rtol=rtol)


# Powers and exponentials


def matrix_power(a: Any, n: int) -> Any:
    """A square matrix times itself, n factors; of a negative n the inverse to the power -n. By repeated squaring."""
    size = square(a, "matrix_power")
    if n == 0:
        return where(True, np.eye(size, dtype=a.dtype), a)
    base, n = (inv(a), -n) if n < 0 else (a, n)
    y = None
    while True:
        if n & 1:
            y = base if y is None else y @ base
        n >>= 1
        if not n:
            return y
        base = base @ base


def _expm_array(x: Any) -> Any:
    from scipy.linalg import expm  # NumPy has none

    return expm(x)


def _frechet(x: Any, e: Any) -> Any:
    """The derivative of expm at x along e: the corner of the exponential of [[x, e], [0, x]] (Higham, 2008)."""
    n = shape_of(x)[-1]
    above = concatenate([x, e], -1)
    below = concatenate([np.zeros(shape_of(x), x.dtype), x], -1)
    return expm(concatenate([above, below], -2))[..., :n, n:]


expm: Primitive = general(
    "expm",
    in_words(_expm_array, "expm"),
    [lambda g, y, x: _frechet(transposed(x), g)],
    [lambda t, y, x: _frechet(x, t)],
    domain=[case(REAL(2, 2)), case(REAL(2, 3, 3))],
    doc="The matrix exponential, Σ xᵏ / k!, of square matrices.",
)

# Products


def multi_dot(arrays: Sequence[Any]) -> Any:
    """The product of matrices in the order of brackets that needs the fewest multiplications.

    The first and the last may be vectors.
    """
    if len(arrays) < 2:
        raise ShapeError(f"multi_dot needs two arrays or more, and got {len(arrays)}.{place()}")
    first, last = len(shape_of(arrays[0])) == 1, len(shape_of(arrays[-1])) == 1
    xs = list(arrays)
    if first:
        xs[0] = reshape(xs[0], (1, -1))
    if last:
        xs[-1] = reshape(xs[-1], (-1, 1))
    sizes = [*(shape_of(x)[0] for x in xs), shape_of(xs[-1])[1]]
    cuts = _brackets(sizes)

    def product(i: int, j: int) -> Any:
        return xs[i] if i == j else product(i, cuts[i, j]) @ product(cuts[i, j] + 1, j)

    y = product(0, len(xs) - 1)
    return squeeze(y, tuple(axis for axis, single in ((0, first), (1, last)) if single)) if first or last else y


def _brackets(sizes: Sequence[int]) -> dict[tuple[int, int], int]:
    """Where to cut each chain of matrices, (sizes[i], sizes[i + 1]) each (Cormen et al., chapter 15.2)."""
    n = len(sizes) - 1
    cost: dict[tuple[int, int], int] = {(i, i): 0 for i in range(n)}
    cuts: dict[tuple[int, int], int] = {}
    for length in range(1, n):
        for i in range(n - length):
            j = i + length
            options = {k: cost[i, k] + cost[k + 1, j] + sizes[i] * sizes[k + 1] * sizes[j + 1] for k in range(i, j)}
            cuts[i, j] = min(options, key=options.__getitem__)
            cost[i, j] = options[cuts[i, j]]
    return cuts


_cross: Primitive = general(
    "cross",
    np.cross,
    (lambda g, y, a, b: fitted(_cross(b, g), a), lambda g, y, a, b: fitted(_cross(g, a), b)),
    (lambda t, y, a, b: _cross(t, b), lambda t, y, a, b: _cross(a, t)),
    domain=[case(REAL(2, 3), REAL(2, 3)), case(REAL(3), REAL(2, 3))],
    doc="The vector product along the last axis, of size 3.",
)


def cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    """The vector product of vectors in space, which lie along an axis of size 3 of each; leading axes broadcast."""
    axisa, axisb, axisc = (axisa, axisb, axisc) if axis is None else (axis,) * 3
    a, b = moveaxis(a, axisa, -1), moveaxis(b, axisb, -1)
    if shape_of(a)[-1] != 3 or shape_of(b)[-1] != 3:
        raise ShapeError(f"cross needs vectors of size 3, and got {describe(a)} and {describe(b)}.{place()}")
    return moveaxis(_cross(a, b), -1, axisc)


def vecdot(a: Any, b: Any, axis: int = -1) -> Any:
    """The inner product of vectors along an axis; the other axes broadcast."""
    return sum(moveaxis(a, axis, -1) * moveaxis(b, axis, -1), -1)


# np.linalg's own forms of two functions of NumPy's: they look at the last two axes


def diagonal(a: Any, *, offset: int = 0) -> Any:
    """The elements on a diagonal of the last two axes."""
    return _diagonal(a, offset, -2, -1)


def trace(a: Any, *, offset: int = 0) -> Any:
    """The sum of a diagonal of the last two axes."""
    return _trace(a, offset, -2, -1)
