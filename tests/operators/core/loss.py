"""Losses."""

from nn import functional
from tests.operators.dim import with_axis


def cosine_similarity(a, b, dim=1, eps=1e-8):
    if not a.ndim:
        return functional.cosine_similarity(with_axis(a), with_axis(b), 0, eps)
    return functional.cosine_similarity(a, b, dim, eps)


SAME_NAME = (
    "cross_entropy mse_loss nll_loss binary_cross_entropy binary_cross_entropy_with_logits l1_loss smooth_l1_loss "
    "huber_loss kl_div"
).split()
ADAPTERS = {
    **{f"F.{name}": getattr(functional, name) for name in SAME_NAME},
    "F.cosine_similarity": cosine_similarity,
}
