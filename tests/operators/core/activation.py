"""Activations, and attention."""

import autograd
from nn import functional
from tests.operators.adapter import Pair
from tests.operators.dim import with_axis


def along(function):
    def adapted(x, dim, *, dtype=None):
        x = x if dtype is None else x.astype(dtype)
        return function(with_axis(x), dim).reshape(x.shape)

    return adapted


def of_certain(attention):
    """Attention without dropout, which is drawn by lot."""
    return lambda *args, **settings: attention(*args, **settings | {"dropout_p": 0.0})


def torch_attention(*args, **settings):
    import torch

    return torch.nn.functional.scaled_dot_product_attention(*args, **settings)


SAME_NAME = "relu gelu silu softplus leaky_relu elu selu logsigmoid softsign hardtanh relu6 mish glu prelu".split()
ADAPTERS = {
    **{f"F.{name}": getattr(functional, name) for name in SAME_NAME},
    "F.scaled_dot_product_attention": Pair(
        of_certain(functional.scaled_dot_product_attention), of_certain(torch_attention)
    ),
    "softmax": along(autograd.softmax),
    "log_softmax": along(autograd.log_softmax),
}
