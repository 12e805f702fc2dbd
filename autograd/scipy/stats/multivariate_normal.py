"""The normal distribution in several dimensions. By a symmetric `cov` the derivative is that among symmetric ones."""

import math as _math
from typing import Any

import numpy as _np

from autograd.errors import OperandError as _OperandError
from autograd.errors import place as _place
from autograd.rules.arranging import atleast_1d as _atleast_1d
from autograd.rules.determinant import slogdet as _slogdet
from autograd.rules.diagonal import diagflat as _diagflat
from autograd.rules.exponential import exp as _exp
from autograd.rules.library import as_array as _as_array
from autograd.rules.linalg import solve as _solve_of
from autograd.rules.reduction import sum as _sum
from autograd.rules.shaping import data_of as _data_of
from autograd.rules.shaping import reshape as _reshape
from autograd.rules.shaping import shape_of as _shape_of
from autograd.rules.triangular import transposed as _transposed
from autograd.scipy.stats.distribution import filled as _filled
from autograd.scipy.stats.distribution import offer as _offer

_LOG_TAU = _math.log(2 * _math.pi)


def _parameters(mean: Any, cov: Any) -> tuple[int, Any, Any]:
    """The number of dimensions, the mean (k,), and the covariance (k, k), as SciPy reads them."""
    cov = _as_array(cov)
    ndim, given = len(_shape_of(cov)), None if mean is None else _atleast_1d(_as_array(mean))
    k = _shape_of(cov)[0] if ndim else 1 if given is None else _shape_of(given)[0]
    if ndim < 2:
        cov = _diagflat(cov) if ndim else cov * _np.eye(k)
    return k, _np.zeros(k) if given is None else given, cov


def _singular(cov: Any, deviation: Any) -> tuple[int, Any, Any]:
    """Rank, logarithm of the determinant, and inverse times deviation of a matrix that may be singular."""
    if getattr(cov, "requires_grad", False):
        raise _OperandError(
            f"multivariate_normal with allow_singular=True has no derivative by cov.{_place()}\n"
            "  Leave it out, when cov is not singular, or give it plain numbers."
        )
    values, vectors = _np.linalg.eigh(_data_of(cov))
    kept = values > 1e6 * _np.finfo(values.dtype).eps * values.max()
    inverse = vectors[:, kept] / values[kept] @ vectors[:, kept].T
    return int(kept.sum()), _np.log(values[kept]).sum(), deviation @ inverse


def _logpdf(x: Any, mean: Any = None, cov: Any = 1, allow_singular: bool = False) -> Any:
    """Shapes: x (..., k), mean (k,), cov (k, k), or fewer axes as in SciPy; the result is (...)."""
    k, mean, cov = _parameters(mean, cov)
    x = _as_array(x)
    if len(_shape_of(x)) < 2:
        x = _reshape(x, (-1, k))
    deviation = x - mean
    if allow_singular:
        k, logarithm, solved = _singular(cov, deviation)
    else:
        logarithm = _slogdet(cov)[1]
        flat = _reshape(deviation, (-1, k))
        solved = _reshape(_transposed(_solve_of(cov, _transposed(flat))), _shape_of(deviation))
    y = -0.5 * (k * _LOG_TAU + logarithm + _sum(deviation * solved, -1))
    return _reshape(y, ()) if _shape_of(y) == (1,) else y


def _entropy(mean: Any = None, cov: Any = 1) -> Any:
    k, _, cov = _parameters(mean, cov)
    return 0.5 * (k * (1 + _LOG_TAU) + _slogdet(cov)[1])


_filled(
    "multivariate_normal",
    globals(),
    {
        "entropy": _offer("multivariate_normal", "entropy", _entropy),
        "logpdf": _offer("multivariate_normal", "logpdf", _logpdf),
        "pdf": _offer("multivariate_normal", "pdf", lambda *args, **kwargs: _exp(_logpdf(*args, **kwargs))),
    },
)
