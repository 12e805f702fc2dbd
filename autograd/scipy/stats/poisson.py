"""Poisson's distribution, differentiated by its mean."""

from autograd.rules.entropy import xlogy as _xlogy
from autograd.rules.gamma import gammainc as _gammainc
from autograd.rules.gamma import gammaincc as _gammaincc
from autograd.rules.gamma import gammaln as _gammaln
from autograd.rules.piecewise import floor as _floor
from autograd.rules.shaping import data_of as _data_of
from autograd.scipy.stats.distribution import filled as _filled
from autograd.scipy.stats.distribution import methods as _methods

_filled(
    "poisson",
    globals(),
    _methods(
        "poisson",
        "pmf",
        lambda k, mu: (k >= 0) & (k % 1 == 0),
        inside=1.0,
        logpmf=lambda k, mu: _xlogy(k, mu) - _gammaln(k + 1) - mu,
        cdf=lambda k, mu: _gammaincc(_floor(_data_of(k)) + 1.0, mu),
        sf=lambda k, mu: _gammainc(_floor(_data_of(k)) + 1.0, mu),
    ),
)
