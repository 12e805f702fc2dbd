"""Matrix equations that are linear, a x + x b = q, and the square root of a matrix, whose derivative solves one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.domain import REAL, REGULAR, case
from autograd.errors import MatrixError, describe, place
from autograd.primitive import Primitive, general
from autograd.rules.triangular import in_words, square, transposed


def _sylvester_array(a: ndarray, b: ndarray, q: ndarray) -> Any:
    from scipy.linalg import solve_sylvester  # NumPy has none

    return solve_sylvester(a, b, q)


def _sylvester_back(g: Any, y: Any, a: Any, b: Any, q: Any, wanted: Sequence[bool]) -> list[Any]:
    w = solve_sylvester(transposed(a), transposed(b), g)
    return [-(w @ transposed(y)) if wanted[0] else None, -(transposed(y) @ w) if wanted[1] else None, w]


def _sylvester_forward(ts: Sequence[Any], y: Any, a: Any, b: Any, q: Any) -> Any:
    ta, tb, tq = ts
    terms = [tq, None if ta is None else -(ta @ y), None if tb is None else -(y @ tb)]
    total: Any = sum(term for term in terms if term is not None)
    return solve_sylvester(a, b, total)


solve_sylvester: Primitive = general(
    "solve_sylvester",
    in_words(_sylvester_array, "solve_sylvester"),
    _sylvester_back,
    _sylvester_forward,
    domain=[case(REGULAR(3, 3), REGULAR(2, 2), REAL(3, 2))],
    doc="The solution y of a y + y b = q, as scipy.linalg.solve_sylvester.",
)


def solve_continuous_lyapunov(a: Any, q: Any) -> Any:
    """The solution y of a y + y aᵀ = q, as scipy.linalg.solve_continuous_lyapunov."""
    return solve_sylvester(a, transposed(a), q)


def _sqrtm_array(x: ndarray) -> Any:
    from scipy.linalg import sqrtm  # NumPy has none

    y = sqrtm(x)
    if np.iscomplexobj(y):
        raise MatrixError(
            f"sqrtm of {describe(x)} is complex, and complex numbers are out of scope here: a real square root needs "
            f"eigenvalues that are not negative.{place()}"
        )
    return y


_sqrtm: Primitive = general(
    "sqrtm",
    in_words(_sqrtm_array, "sqrtm"),
    [lambda g, y, x: solve_sylvester(transposed(y), transposed(y), g)],
    [lambda t, y, x: solve_sylvester(y, y, t)],
    domain=[case(REGULAR(3, 3))],
    doc="The matrix y with y y = x.",
)


def sqrtm(a: Any) -> Any:
    """The square root of a square matrix, y with y @ y = a.

    Errors: MatrixError when it is not real.

    >>> import autograd
    >>> autograd.linalg.sqrtm([[4.0, 0.0], [0.0, 9.0]])
    array([[2., 0.],
           [0., 3.]])
    """
    square(a if hasattr(a, "shape") else np.asarray(a), "sqrtm")
    return _sqrtm(a)
