"""Cholesky's factor and systems with triangular matrices, over leading axes.

Formulas: Giles, "Collected matrix derivative results for forward and reverse mode algorithmic differentiation" (2008),
and Murray, "Differentiation of the Cholesky decomposition" (2016).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.domain import REAL, REGULAR, case
from autograd.errors import MatrixError, ShapeError, describe, place
from autograd.primitive import Primitive, general
from autograd.rules.diagonal import tril, triu
from autograd.rules.shaping import expand_dims, shape_of, squeeze, sum_to, swapaxes


def transposed(x: Any) -> Any:
    """Matrices transposed: the last two axes exchanged."""
    return swapaxes(x, -1, -2)


def symmetric(x: Any) -> Any:
    """The symmetric part, (x + xᵀ) / 2."""
    return (x + transposed(x)) * 0.5


def fitted(g: Any, x: Any) -> Any:
    """A cotangent summed back over the leading axes that x was broadcast along."""
    return g if shape_of(g) == shape_of(x) else sum_to(g, shape=shape_of(x))


def square(x: Any, name: str) -> int:
    """How many rows a square matrix has. Errors: ShapeError for other arrays."""
    shape = shape_of(x)
    if len(shape) < 2 or shape[-1] != shape[-2]:
        raise ShapeError(f"{name} needs square matrices, and got {describe(x)}.{place()}")
    return shape[-1]


_REMEDIES = {
    "singular": "\n  pinv and lstsq take singular matrices, too.",
    "positive definite": "\n  Add a little to its diagonal, or use eigh.",
}


def in_words(compute: Callable[..., Any], name: str) -> Callable[..., Any]:
    """A function of arrays whose complaints about a matrix are a MatrixError: what, where, and what to do."""

    @wraps(compute)
    def careful(*args: Any, **params: Any) -> Any:
        try:
            return compute(*args, **params)
        except MatrixError:
            raise  # it is in words already
        except np.linalg.LinAlgError as error:
            reason = str(error).strip().rstrip(".")
            remedy = next((text for what, text in _REMEDIES.items() if what in reason.lower()), "")
            operands = ", ".join(map(describe, args))
            raise MatrixError(f"{name}({operands}) cannot be computed: {reason}{place()}{remedy}") from None

    return careful


def by_columns(solve: Any, b: Any) -> Any:
    """A solution for a vector b by one for matrices."""
    return squeeze(solve(expand_dims(b, -1)), -1) if len(shape_of(b)) == 1 else solve(b)


# As its derivative is that among symmetric matrices, the laws, which move each element by itself, can hold it to
# matrices of one element only; tests/autograd/rules/test_linalg.py holds it to symmetric ones.
mirrored: Primitive = general(
    "mirrored",
    lambda x, lower: (
        np.tril(x) + np.swapaxes(np.tril(x, -1), -1, -2) if lower else np.triu(x) + np.swapaxes(np.triu(x, 1), -1, -2)
    ),
    [lambda g, y, x, lower: symmetric(g)],
    [lambda t, y, x, lower: symmetric(t)],
    domain=[case(REAL(1, 1), lower=True), case(REAL(2, 1, 1), lower=False)],
    doc="The symmetric matrix of which one triangle of x is read; its derivative is that among symmetric matrices.",
)

# Triangular systems


def _triangle(x: Any, lower: bool, unit: bool) -> Any:
    return tril(x, -1 if unit else 0) if lower else triu(x, 1 if unit else 0)


def _triangular_array(a: ndarray, b: ndarray, lower: bool, trans: bool, unit: bool) -> ndarray:
    if a.ndim == b.ndim == 2 and b.size:
        from scipy.linalg import solve_triangular  # NumPy has none

        return solve_triangular(a, b, trans, lower, unit, check_finite=False)  # type: ignore[no-any-return]
    t = _triangle(a, lower, unit) + (np.eye(a.shape[-1], dtype=a.dtype) if unit else 0)
    return np.linalg.solve(np.swapaxes(t, -1, -2) if trans else t, b)


def _triangular_back(
    g: Any, y: Any, a: Any, b: Any, wanted: Sequence[bool], lower: bool, trans: bool, unit: bool
) -> list[Any]:
    gb = _triangular(a, g, lower=lower, trans=not trans, unit=unit)
    product = y @ transposed(gb) if trans else gb @ transposed(y)
    return [fitted(-_triangle(product, lower, unit), a) if wanted[0] else None, fitted(gb, b)]


def _triangular_forward(ts: Sequence[Any], y: Any, a: Any, b: Any, lower: bool, trans: bool, unit: bool) -> Any:
    ta, tb = ts
    right = tb
    if ta is not None:
        ta = _triangle(ta, lower, unit)
        moved = (transposed(ta) if trans else ta) @ y
        right = -moved if tb is None else tb - moved
    return _triangular(a, right, lower=lower, trans=trans, unit=unit)


_triangular: Primitive = general(
    "solve_triangular",
    in_words(_triangular_array, "solve_triangular"),
    _triangular_back,
    _triangular_forward,
    domain=[
        case(REGULAR(3, 3), REAL(3, 2), lower=False, trans=False, unit=False),
        case(REGULAR(3, 3), REAL(3, 2), lower=True, trans=True, unit=False),
        case(REAL(3, 3), REAL(3, 1), lower=True, trans=False, unit=True),
        case(REGULAR(2, 3, 3), REAL(3, 2), lower=True, trans=False, unit=False),
    ],
    doc="The solution y of a y = b, or aᵀ y = b, with a triangular a, of which only that triangle is read.",
)


def solve_triangular(a: Any, b: Any, trans: int | str = 0, lower: bool = False, unit_diagonal: bool = False) -> Any:
    """The solution of a y = b, or aᵀ y = b with `trans`, for a triangular matrix a, as scipy.linalg's.

    Leading axes broadcast; b is a matrix, or one vector. Only the triangle is read, and only it receives a gradient;
    with `unit_diagonal` the diagonal counts as ones. Errors: MatrixError when a is singular.
    """
    square(a, "solve_triangular")
    settings = {"lower": lower, "trans": trans not in (0, "N"), "unit": unit_diagonal}
    return by_columns(lambda b: _triangular(a, b, **settings), b)


# Cholesky's factor


def _halved(x: Any) -> Any:
    """The lower triangle, its diagonal halved: what makes S of S + Sᵀ."""
    return (tril(x) + tril(x, -1)) * 0.5


def _cholesky_back(g: Any, y: Any, x: Any) -> Any:
    """sym(L⁻ᵀ Φ(Lᵀ g) L⁻¹)"""
    left = solve_triangular(y, _halved(transposed(y) @ g), trans=1, lower=True)
    return symmetric(solve_triangular(y, transposed(left), trans=1, lower=True))


def _cholesky_forward(t: Any, y: Any, x: Any) -> Any:
    """L Φ(L⁻¹ t L⁻ᵀ)"""
    left = solve_triangular(y, symmetric(t), lower=True)
    return y @ _halved(solve_triangular(y, transposed(left), lower=True))


_cholesky = general(
    "cholesky",
    in_words(lambda x: np.linalg.cholesky(symmetric(x)), "cholesky"),
    [_cholesky_back],
    [_cholesky_forward],
    domain=[case(REGULAR(3, 3)), case(REGULAR(2, 2, 2))],
    doc="The lower triangular L with L Lᵀ = (x + xᵀ) / 2.",
)


def cholesky(a: Any, *, upper: bool = False) -> Any:
    """The lower triangular L with L Lᵀ = a, or the upper triangular U with Uᵀ U = a, for a symmetric a.

    Only that triangle of a is read, as by NumPy. The derivative is that among symmetric matrices, so the gradient is
    symmetric, as in PyTorch. Errors: MatrixError when a is not positive definite.

    >>> import autograd
    >>> a = autograd.Tensor([[4.0, 2.0], [2.0, 5.0]])
    >>> autograd.linalg.cholesky(a).tolist()
    [[2.0, 0.0], [1.0, 2.0]]
    """
    square(a, "cholesky")
    y = _cholesky(mirrored(a, lower=not upper))
    return transposed(y) if upper else y


def cho_factor(a: Any, lower: bool = False) -> tuple[Any, bool]:
    """Cholesky's factor with the side it is on, as `cho_solve` wants them; the other triangle is 0."""
    return cholesky(a, upper=not lower), lower


def cho_solve(factor: tuple[Any, bool], b: Any) -> Any:
    """The solution y of a y = b, given `cho_factor(a)`."""
    c, lower = factor
    half = solve_triangular(c, b, trans=0 if lower else 1, lower=lower)
    return solve_triangular(c, half, trans=1 if lower else 0, lower=lower)
