"""Many numbers made into few."""

import autograd
from autograd import Tensor, linalg
from tests.operators.dim import axis, scanned


def reduced(function):
    def adapted(x, dim=None, keepdim=False, *, dtype=None):
        x = x if dtype is None else x.astype(dtype)
        return function(x, axis(x, dim), keepdims=keepdim)

    return adapted


def deviating(function):
    def adapted(x, dim=None, unbiased=None, keepdim=False, *, correction=1):
        if isinstance(dim, bool):
            dim, unbiased = None, dim
        ddof = 1 if correction is None else correction
        return function(x, axis(x, dim), ddof if unbiased is None else int(unbiased), keepdim)

    return adapted


def extreme(binary, reduce, where):
    """`max` and `min`: of two, of all, or along an axis with the place of the one that is taken."""

    def adapted(x, dim=None, keepdim=False):
        if isinstance(dim, Tensor):
            return binary(x, dim)
        if dim is None:
            return reduce(x)
        if not x.ndim:
            return x.clone(), where(x)
        at = where(x, axis=dim, keepdims=True)
        found = autograd.take_along_axis(x, at, dim)
        return (found, at) if keepdim else (found.squeeze(dim), at.squeeze(dim))

    return adapted


def norm(x, p="fro", dim=None, keepdim=False, *, dtype=None):
    """PyTorch's older norm: of vectors, unless it is the nuclear one."""
    x = x if dtype is None else x.astype(dtype)
    if p == "nuc":
        return linalg.matrix_norm(x, "nuc", (-2, -1) if dim is None else tuple(dim), keepdim)
    return linalg.vector_norm(x, 2 if p == "fro" else p, axis(x, dim), keepdim)


ADAPTERS = {
    **{name: reduced(getattr(autograd, name)) for name in "sum mean prod logsumexp".split()},
    "amax": reduced(autograd.max),
    "amin": reduced(autograd.min),
    "var": deviating(autograd.var),
    "std": deviating(autograd.std),
    "max": extreme(autograd.maximum, autograd.max, autograd.argmax),
    "min": extreme(autograd.minimum, autograd.min, autograd.argmin),
    "cumsum": scanned(autograd.cumsum),
    "cumprod": scanned(autograd.cumprod),
    "norm": norm,
    "linalg.norm": lambda x, ord=None, dim=None, keepdim=False: linalg.norm(x, ord, axis(x, dim), keepdim),
    "linalg.vector_norm": lambda x, ord=2, dim=None, keepdim=False: linalg.vector_norm(x, ord, axis(x, dim), keepdim),
    "trace": autograd.trace,
}
