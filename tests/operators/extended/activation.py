"""Activations, and attention with several heads."""

import autograd
from nn import functional
from tests.operators.adapter import Pair
from tests.operators.core.activation import along
from tests.operators.peer import torch


def without_dropout(attention):
    """The one sample has dropout, and what is left out is drawn by generators that have nothing in common."""
    return lambda *args, training, **settings: attention(*args, training=False, **settings)


SAME_NAME = "celu hardshrink hardsigmoid hardswish softshrink tanhshrink threshold".split()

ADAPTERS = {
    **{f"F.{name}": getattr(autograd, name) for name in SAME_NAME},
    "F.softmin": along(autograd.softmin),
    "F.multi_head_attention_forward": Pair(
        without_dropout(functional.multi_head_attention_forward),
        without_dropout(torch.nn.functional.multi_head_attention_forward),
    ),
}
