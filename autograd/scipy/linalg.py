"""scipy.linalg, differentiable. Settings that say how to compute, such as `check_finite`, are left to the rules."""

from typing import Any

import autograd.linalg as _linalg
from autograd.numpy.offer import lazily as _lazily
from autograd.rules.diagonal import tril as _tril
from autograd.rules.diagonal import triu as _triu


def _cholesky(a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    return _linalg.cholesky(a, upper=not lower)


def _cho_factor(a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    return _cholesky(a, lower), lower


def _cho_solve(c_and_lower: Any, b: Any, overwrite_b: bool = False, check_finite: bool = True) -> Any:
    c, lower = c_and_lower
    return _linalg.cho_solve(((_tril if lower else _triu)(c), lower), b)


def _det(a: Any, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    return _linalg.det(a)


def _eigh(a: Any, *, lower: bool = True, eigvals_only: bool = False) -> Any:
    return _eigvalsh(a, lower=lower) if eigvals_only else tuple(_linalg.eigh(a, "L" if lower else "U"))


def _eigvalsh(a: Any, *, lower: bool = True) -> Any:
    return _linalg.eigvalsh(a, "L" if lower else "U")


def _inv(a: Any, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    return _linalg.inv(a)


def _norm(a: Any, ord: Any = None, axis: Any = None, keepdims: bool = False, check_finite: bool = True) -> Any:
    return _linalg.norm(a, ord, axis, keepdims)


def _pinv(a: Any, *, check_finite: bool = True) -> Any:
    return _linalg.pinv(a)


def _solve(a: Any, b: Any, **how: Any) -> Any:
    transposed = how.get("transposed", False)
    return _linalg.solve(a.T if transposed else a, b)


def _solve_banded(
    l_and_u: Any, ab: Any, b: Any, overwrite_ab: bool = False, overwrite_b: bool = False, check_finite: bool = True
) -> Any:
    return _linalg.solve_banded(l_and_u, ab, b)


def _solve_triangular(
    a: Any,
    b: Any,
    trans: int | str = 0,
    lower: bool = False,
    unit_diagonal: bool = False,
    overwrite_b: bool = False,
    check_finite: bool = True,
) -> Any:
    return _linalg.solve_triangular(a, b, trans, lower, unit_diagonal)


def _svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, **how: Any) -> Any:
    return _linalg.svd(a, full_matrices) if compute_uv else _linalg.svdvals(a)


__getattr__ = _lazily(
    "scipy.linalg",
    block_diag=_linalg.block_diag,
    cho_factor=_cho_factor,
    cho_solve=_cho_solve,
    cholesky=_cholesky,
    det=_det,
    eigh=_eigh,
    eigvalsh=_eigvalsh,
    expm=_linalg.expm,
    inv=_inv,
    norm=_norm,
    pinv=_pinv,
    solve=_solve,
    solve_banded=_solve_banded,
    solve_continuous_lyapunov=_linalg.solve_continuous_lyapunov,
    solve_sylvester=_linalg.solve_sylvester,
    solve_triangular=_solve_triangular,
    sqrtm=_linalg.sqrtm,
    svd=_svd,
    svdvals=_linalg.svdvals,
)
