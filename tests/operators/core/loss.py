"""Losses."""

import autograd
from nn import functional
from tests.operators.dim import with_axis

NAMES = (
    "cross_entropy mse_loss nll_loss binary_cross_entropy binary_cross_entropy_with_logits l1_loss smooth_l1_loss "
    "huber_loss kl_div"
).split()


def cosine_similarity(a, b, dim=1, eps=1e-8):
    if not a.ndim:
        return autograd.cosine_similarity(with_axis(a), with_axis(b), 0, eps)
    return autograd.cosine_similarity(a, b, dim, eps)


ADAPTERS = {
    **{f"F.{name}": getattr(functional, name) for name in NAMES if hasattr(functional, name)},
    "F.cosine_similarity": cosine_similarity,
}
