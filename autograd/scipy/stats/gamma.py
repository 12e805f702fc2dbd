"""The gamma distribution; its distribution function is not differentiated by a."""

from autograd.rules.entropy import xlogy as _xlogy
from autograd.rules.gamma import gammainc as _gammainc
from autograd.rules.gamma import gammaincc as _gammaincc
from autograd.rules.gamma import gammaln as _gammaln
from autograd.scipy.stats.distribution import filled as _filled
from autograd.scipy.stats.distribution import methods as _methods

_filled(
    "gamma",
    globals(),
    _methods(
        "gamma",
        "pdf",
        lambda z, a: z >= 0,
        logpdf=lambda z, a: _xlogy(a - 1, z) - z - _gammaln(a),
        cdf=lambda z, a: _gammainc(a, z),
        sf=lambda z, a: _gammaincc(a, z),
    ),
)
