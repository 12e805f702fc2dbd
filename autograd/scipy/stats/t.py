"""Student's t distribution; its distribution function is not differentiated by the degrees of freedom."""

from autograd.rules.exponential import log as _log
from autograd.rules.exponential import log1p as _log1p
from autograd.rules.gamma import betaln as _betaln
from autograd.rules.gamma import stdtr as _stdtr
from autograd.scipy.stats.distribution import filled as _filled
from autograd.scipy.stats.distribution import methods as _methods

_filled(
    "t",
    globals(),
    _methods(
        "t",
        "pdf",
        lambda z, df: z == z,
        logpdf=lambda z, df: -(df + 1) / 2 * _log1p(z * z / df) - _betaln(df / 2, 0.5) - 0.5 * _log(df),
        cdf=lambda z, df: _stdtr(df, z),
        sf=lambda z, df: _stdtr(df, -z),
    ),
)
