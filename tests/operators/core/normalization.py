"""Normalization."""

from nn import functional
from tests.operators.dim import with_axis

SAME_NAME = "layer_norm batch_norm group_norm rms_norm instance_norm".split()
ADAPTERS = {
    **{f"F.{name}": getattr(functional, name) for name in SAME_NAME},
    "F.normalize": lambda x, **settings: functional.normalize(with_axis(x), **settings).reshape(x.shape),
}
