"""Losses."""

from nn import functional

NAMES = (
    "gaussian_nll_loss poisson_nll_loss hinge_embedding_loss margin_ranking_loss soft_margin_loss multi_margin_loss "
    "multilabel_margin_loss multilabel_soft_margin_loss cosine_embedding_loss triplet_margin_loss ctc_loss"
).split()


def triplet_margin_with_distance_loss(a, p, n, *, distance_function=None, **how):
    """The distance that the samples bring is `torch.nn.PairwiseDistance()`, which is ours by default."""
    return functional.triplet_margin_with_distance_loss(a, p, n, **how)


ADAPTERS = {
    **{f"F.{name}": getattr(functional, name) for name in NAMES},
    "F.triplet_margin_with_distance_loss": triplet_margin_with_distance_loss,
}
