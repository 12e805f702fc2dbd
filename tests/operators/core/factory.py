"""Arrays made of nothing."""

import autograd.numpy as np
from autograd import Tensor


def plain(x):
    return x.item() if isinstance(x, Tensor) else x


def eye(n, m=None, *, dtype=None, requires_grad=False):
    return np.eye(n, m, dtype=dtype)


def arange(start, end=None, step=1, *, dtype=None, requires_grad=False):
    return np.arange(start, dtype=dtype) if end is None else np.arange(start, end, step, dtype=dtype)


def linspace(start, end, steps, *, dtype=None, requires_grad=False):
    return np.linspace(plain(start), plain(end), steps, dtype=dtype)


ADAPTERS = {
    "zeros": lambda size, *, dtype=None: np.zeros(size, dtype),
    "ones": lambda size, *, dtype=None: np.ones(size, dtype),
    "full": lambda size, value, *, dtype=None: np.full(size, value, dtype),
    "eye": eye,
    "arange": arange,
    "linspace": linspace,
    "zeros_like": lambda x, *, dtype=None: np.zeros_like(x, dtype=dtype),
    "ones_like": lambda x, *, dtype=None: np.ones_like(x, dtype=dtype),
    "full_like": lambda x, value, *, dtype=None: np.full_like(x, value, dtype=dtype),
}
