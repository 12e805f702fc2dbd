"""Activations, and attention."""

import autograd
from tests.operators.dim import with_axis


def along(function):
    def adapted(x, dim, *, dtype=None):
        x = x if dtype is None else x.astype(dtype)
        return function(with_axis(x), dim).reshape(x.shape)

    return adapted


SAME_NAME = (
    "relu gelu silu softplus leaky_relu elu selu softsign hardtanh relu6 mish prelu scaled_dot_product_attention"
).split()
ADAPTERS = {
    **{f"F.{name}": getattr(autograd, name) for name in SAME_NAME},
    "softmax": along(autograd.softmax),
    "log_softmax": along(autograd.log_softmax),
    "F.logsigmoid": autograd.log_sigmoid,
    "F.glu": lambda x, dim=-1: autograd.glu(x, dim),
}
