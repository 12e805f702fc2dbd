"""Many numbers made into few: statistics, orders, areas and differences."""

import numpy as np

import autograd
from autograd import Tensor, linalg
from tests.operators.core.reduction import deviating, reduced
from tests.operators.dim import axis, scanned


def middle(quantile, passes_over_nan):
    """PyTorch's median: of an even number of elements the lower one, and its number."""

    def adapted(x, dim=None, keepdim=False):
        if dim is None:
            return quantile(x, 0.5, method="lower")
        if not x.ndim:
            return x.clone(), np.zeros((), int)
        known = ~np.isnan(x.data)
        count = known.sum(dim, keepdims=True)
        place = np.maximum(count - 1, 0) // 2
        if not passes_over_nan:
            place = np.where(known.all(dim, keepdims=True), place, x.shape[dim] - 1)  # nan comes last
        number = np.take_along_axis(autograd.argsort(x, dim), place, dim)
        return quantile(x, 0.5, dim, "lower", keepdim), number if keepdim else number.squeeze(dim)

    return adapted


def quantile(function):
    def adapted(x, q, dim=None, keepdim=False, *, interpolation="linear"):
        return function(x, q, axis(x, dim), interpolation, keepdim and bool(x.ndim))

    return adapted


def extremes(x, *, dim=None, keepdim=False):
    return autograd.aminmax(x, axis(x, dim), keepdim and bool(x.ndim))


def deviating_with_mean(function):
    spread = deviating(function)

    def adapted(x, dim=None, unbiased=None, keepdim=False, **settings):
        kept = None if isinstance(dim, bool) else dim
        return spread(x, dim, unbiased, keepdim, **settings), autograd.mean(x, axis(x, kept), keepdim)

    return adapted


def cov(x, *, correction=1, fweights=None, aweights=None):
    return autograd.cov(x, ddof=correction, fweights=fweights, aweights=aweights)


def area(function):
    def adapted(y, x=None, *, dx=1.0, dim=-1):
        return function(y, x, dx, dim)

    return adapted


def diff(x, n=1, dim=-1, prepend=None, append=None):
    return autograd.diff(x, n, dim, prepend, append)


def gradient(x, *, spacing=None, dim=None, edge_order=1):
    axes = tuple(range(x.ndim)) if dim is None else (dim,) if isinstance(dim, int) else tuple(dim)
    distances = spacing if isinstance(spacing, tuple | list) else [1.0 if spacing is None else spacing] * len(axes)
    return [
        autograd.gradient(x, h if isinstance(h, Tensor) else float(h), axis=i, edge_order=edge_order)
        for i, h in zip(axes, distances, strict=True)
    ]


ADAPTERS = {
    "var_mean": deviating_with_mean(autograd.var),
    "std_mean": deviating_with_mean(autograd.std),
    "nansum": reduced(autograd.nansum),
    "nanmean": reduced(autograd.nanmean),
    "aminmax": extremes,
    "cummax": autograd.cummax,
    "cummin": autograd.cummin,
    "logcumsumexp": scanned(autograd.logcumsumexp),
    "median": middle(autograd.quantile, passes_over_nan=False),
    "nanmedian": middle(autograd.nanquantile, passes_over_nan=True),
    "quantile": quantile(autograd.quantile),
    "nanquantile": quantile(autograd.nanquantile),
    "mode": autograd.mode,
    "kthvalue": autograd.kthvalue,
    "topk": autograd.topk,
    "count_nonzero": lambda x, dim=None: autograd.count_nonzero(x, axis(x, dim)),
    "dist": autograd.dist,
    "cov": cov,
    "corrcoef": autograd.corrcoef,
    "trapezoid": area(autograd.trapezoid),
    "trapz": area(autograd.trapezoid),
    "cumulative_trapezoid": area(autograd.cumulative_trapezoid),
    "linalg.matrix_norm": lambda x, ord="fro", dim=(-2, -1), keepdim=False: linalg.matrix_norm(x, ord, dim, keepdim),
    "renorm": autograd.renorm,
    "diff": diff,
    "gradient": gradient,
}
