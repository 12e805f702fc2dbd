"""The beta distribution; its distribution function is not differentiated by a and b."""

from autograd.rules.entropy import xlog1py as _xlog1py
from autograd.rules.entropy import xlogy as _xlogy
from autograd.rules.gamma import betainc as _betainc
from autograd.rules.gamma import betaln as _betaln
from autograd.scipy.stats.distribution import filled as _filled
from autograd.scipy.stats.distribution import methods as _methods

_filled(
    "beta",
    globals(),
    _methods(
        "beta",
        "pdf",
        lambda z, a, b: (z >= 0) & (z <= 1),
        logpdf=lambda z, a, b: _xlogy(a - 1, z) + _xlog1py(b - 1, -z) - _betaln(a, b),
        cdf=lambda z, a, b: _betainc(a, b, z),
    ),
)
