"""Questions, whose answers have no derivative."""

import operator

import autograd
from tests.operators.dim import axis


def reduced(function):
    return lambda x, dim=None, keepdim=False: function(x, axis=axis(x, dim), keepdims=keepdim)


ADAPTERS = {
    **{name: getattr(operator, name) for name in "eq ne lt le gt ge".split()},
    **{
        name: getattr(autograd, name)
        for name in "isnan isinf isfinite logical_and logical_or logical_not logical_xor isclose allclose".split()
    },
    **{name: reduced(getattr(autograd, name)) for name in "all any argmax argmin".split()},
}
