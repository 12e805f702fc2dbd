"""The chi-squared distribution; its distribution function is not differentiated by the degrees of freedom."""

import math as _math

from autograd.rules.entropy import xlogy as _xlogy
from autograd.rules.gamma import gammainc as _gammainc
from autograd.rules.gamma import gammaincc as _gammaincc
from autograd.rules.gamma import gammaln as _gammaln
from autograd.scipy.stats.distribution import filled as _filled
from autograd.scipy.stats.distribution import methods as _methods

_LOG_2 = _math.log(2)

_filled(
    "chi2",
    globals(),
    _methods(
        "chi2",
        "pdf",
        lambda z, df: z >= 0,
        logpdf=lambda z, df: _xlogy(df / 2 - 1, z) - z / 2 - _gammaln(df / 2) - df / 2 * _LOG_2,
        cdf=lambda z, df: _gammainc(df / 2, z / 2),
        sf=lambda z, df: _gammaincc(df / 2, z / 2),
    ),
)
