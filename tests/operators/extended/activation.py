"""Activations."""

import autograd
from tests.operators.core.activation import along

SAME_NAME = "celu hardshrink hardsigmoid hardswish softshrink tanhshrink threshold".split()

ADAPTERS = {
    **{f"F.{name}": getattr(autograd, name) for name in SAME_NAME},
    "F.softmin": along(autograd.softmin),
}
