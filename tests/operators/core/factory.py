"""Arrays made of nothing."""

import autograd
from autograd import Tensor


def plain(x):
    return x.item() if isinstance(x, Tensor) else x


def eye(n, m=None, *, dtype=None, requires_grad=False):
    return autograd.eye(n, m, dtype=dtype)


def arange(start, end=None, step=1, *, dtype=None, requires_grad=False):
    return autograd.arange(start, dtype=dtype) if end is None else autograd.arange(start, end, step, dtype=dtype)


def linspace(start, end, steps, *, dtype=None, requires_grad=False):
    return autograd.linspace(plain(start), plain(end), steps, dtype=dtype)


ADAPTERS = {
    "zeros": lambda size, *, dtype=None: autograd.zeros(size, dtype),
    "ones": lambda size, *, dtype=None: autograd.ones(size, dtype),
    "full": lambda size, value, *, dtype=None: autograd.full(size, value, dtype),
    "eye": eye,
    "arange": arange,
    "linspace": linspace,
    "zeros_like": lambda x, *, dtype=None: autograd.zeros_like(x, dtype=dtype),
    "ones_like": lambda x, *, dtype=None: autograd.ones_like(x, dtype=dtype),
    "full_like": lambda x, value, *, dtype=None: autograd.full_like(x, value, dtype=dtype),
}
