"""Normalization."""

import autograd
from tests.operators.dim import with_axis

ADAPTERS = {
    **{
        f"F.{name}": getattr(autograd, name)
        for name in "layer_norm batch_norm group_norm rms_norm instance_norm".split()
    },
    "F.normalize": lambda x, p=2.0, dim=1, eps=1e-12: autograd.normalize(with_axis(x), p, dim, eps).reshape(x.shape),
}
