"""Systems with a banded matrix, kept as its diagonals: row r, column j holds a[j - upper + r, j], as in SciPy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.domain import REAL, Domain, case
from autograd.primitive import Primitive, general
from autograd.rules.indexing import index_add
from autograd.rules.reduction import sum
from autograd.rules.shaping import shape_of
from autograd.rules.triangular import by_columns, in_words


def _rows(bands: int, n: int, upper: int) -> tuple[ndarray, ndarray]:
    """In which row of the matrix each kept number is, and whether it is in the matrix at all."""
    rows = np.arange(n) - upper + np.arange(bands)[:, None]
    inside = (rows >= 0) & (rows < n)
    return np.where(inside, rows, 0), inside


def _transposed(ab: Any, upper: int) -> Any:
    """The diagonals of the transpose, whose number above is that of those below."""
    bands, n = shape_of(ab)
    columns, inside = _rows(bands, n, bands - 1 - upper)
    return ab[np.arange(bands)[::-1, None], columns] * inside


def _product(ab: Any, x: Any, upper: int) -> Any:
    """The banded matrix times the columns of x."""
    bands, n = shape_of(ab)
    rows, inside = _rows(bands, n, upper)
    terms = (ab * inside)[:, :, None] * x[None]
    return index_add(np.zeros(shape_of(x), x.dtype), terms, index=rows)


def _solve_array(ab: ndarray, b: ndarray, upper: int) -> Any:
    from scipy.linalg import solve_banded  # NumPy has none

    return solve_banded((len(ab) - 1 - upper, upper), ab, b)


def _solve_back(g: Any, y: Any, ab: Any, b: Any, wanted: Sequence[bool], upper: int) -> list[Any]:
    bands, n = shape_of(ab)
    w = _solve(_transposed(ab, upper), g, upper=bands - 1 - upper)
    rows, inside = _rows(bands, n, upper)
    return [-sum(w[rows] * y[None], -1) * inside if wanted[0] else None, w]


def _solve_forward(ts: Sequence[Any], y: Any, ab: Any, b: Any, upper: int) -> Any:
    ta, tb = ts
    change = None if ta is None else -_product(ta, y, upper)
    total = change if tb is None else tb if change is None else tb + change
    return _solve(ab, total, upper=upper)


def _sample(rng: np.random.Generator, shape: tuple[int, ...]) -> ndarray:
    bands = rng.uniform(-0.3, 0.3, shape)
    bands[1] += 2.0
    return bands


_BANDS = Domain("BANDS", _sample)  # three diagonals or so, the second the main one, far from singular
_solve: Primitive = general(
    "solve_banded",
    in_words(_solve_array, "solve_banded"),
    _solve_back,
    _solve_forward,
    domain=[case(_BANDS(3, 4), REAL(4, 2), upper=1), case(_BANDS(4, 5), REAL(5, 1), upper=1)],
    doc="The solution y of a y = b, where ab holds the diagonals of a, from the top right one down.",
)


def solve_banded(l_and_u: tuple[int, int], ab: Any, b: Any) -> Any:
    """The solution of a y = b with `l` diagonals below the main one and `u` above, as scipy.linalg.solve_banded.

    Shapes: ab (l + u + 1, n), b (n,) or (n, k). What is kept outside of the matrix has no derivative.
    """
    return by_columns(lambda b: _solve(ab, b, upper=int(l_and_u[1])), b if hasattr(b, "shape") else np.asarray(b))
