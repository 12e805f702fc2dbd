"""The normal distribution."""

import math as _math

from autograd.rules.normal import log_ndtr as _log_ndtr
from autograd.rules.normal import ndtr as _ndtr
from autograd.scipy.stats.distribution import filled as _filled
from autograd.scipy.stats.distribution import methods as _methods

_HALF_LOG_TAU = 0.5 * _math.log(2 * _math.pi)

_filled(
    "norm",
    globals(),
    _methods(
        "norm",
        "pdf",
        lambda z: z == z,
        logpdf=lambda z: -0.5 * z * z - _HALF_LOG_TAU,
        cdf=_ndtr,
        sf=lambda z: _ndtr(-z),
        logcdf=_log_ndtr,
        logsf=lambda z: _log_ndtr(-z),
    ),
)
