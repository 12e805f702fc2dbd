"""scipy.special, differentiable."""

from typing import Any

import numpy as _np

from autograd.errors import OperandError as _OperandError
from autograd.errors import place as _place
from autograd.numpy.offer import lazily as _lazily
from autograd.rules.bessel import spherical_jn as _spherical_jn
from autograd.rules.exponential import exp as _exp
from autograd.rules.exponential import log as _log
from autograd.rules.gamma import multigammaln as _multigammaln
from autograd.rules.gamma import polygamma as _polygamma
from autograd.rules.gamma import zeta as _zeta
from autograd.rules.library import as_array as _as_array
from autograd.rules.reduction import logsumexp as _logsumexp_of
from autograd.rules.reduction import sum as _sum
from autograd.rules.shaping import data_of as _data_of
from autograd.rules.shaping import squeeze as _squeeze


def _logsumexp(a: Any, axis: Any = None, b: Any = None, keepdims: bool = False, return_sign: bool = False) -> Any:
    """ln Σ b eᵃ along axes; b are weights, differentiated as well."""
    if return_sign:
        raise _OperandError(f"logsumexp with return_sign=True has no derivative.{_place()}")
    a = _as_array(a)
    if b is None:
        return _logsumexp_of(a, axis, keepdims)
    largest = _np.max(_data_of(a), axis=axis, keepdims=True)
    largest = _np.where(_np.isfinite(largest), largest, 0.0)
    y = _log(_sum(b * _exp(a - largest), axis, keepdims=True)) + largest
    return y if keepdims else _squeeze(y, axis if axis is not None else tuple(range(_np.ndim(largest))))


def _log_softmax(x: Any, axis: Any = None) -> Any:
    """ln of softmax."""
    return x - _logsumexp_of(x, axis, True)


def _softmax(x: Any, axis: Any = None) -> Any:
    """eˣ over its sum along axes."""
    return _exp(_log_softmax(_as_array(x), axis))


__getattr__ = _lazily(
    "scipy.special",
    log_softmax=_log_softmax,
    logsumexp=_logsumexp,
    multigammaln=_multigammaln,
    polygamma=_polygamma,
    softmax=_softmax,
    spherical_jn=_spherical_jn,
    zeta=_zeta,
)
