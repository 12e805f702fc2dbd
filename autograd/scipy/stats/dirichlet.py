"""Dirichlet's distribution."""

from typing import Any

from autograd.rules.entropy import xlogy as _xlogy
from autograd.rules.exponential import exp as _exp
from autograd.rules.gamma import gammaln as _gammaln
from autograd.rules.library import as_array as _as_array
from autograd.rules.reduction import sum as _sum
from autograd.rules.shaping import concatenate as _concatenate
from autograd.rules.shaping import reshape as _reshape
from autograd.rules.shaping import shape_of as _shape_of
from autograd.scipy.stats.distribution import filled as _filled
from autograd.scipy.stats.distribution import offer as _offer


def _logpdf(x: Any, alpha: Any) -> Any:
    """Shapes: x (k,) or (k, n), or with k - 1 rows, whose last follows from the others; alpha (k,)."""
    x, alpha = _as_array(x), _as_array(alpha)
    if _shape_of(x)[0] + 1 == _shape_of(alpha)[0]:
        x = _concatenate([x, 1 - _sum(x, 0, keepdims=True)])
    powers = _reshape(alpha - 1, (-1, *(1,) * (len(_shape_of(x)) - 1)))
    return _sum(_xlogy(powers, x), 0) + _gammaln(_sum(alpha)) - _sum(_gammaln(alpha))


_filled(
    "dirichlet",
    globals(),
    {
        "logpdf": _offer("dirichlet", "logpdf", _logpdf),
        "pdf": _offer("dirichlet", "pdf", lambda x, alpha: _exp(_logpdf(x, alpha))),
    },
)
