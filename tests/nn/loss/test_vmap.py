"""The gradients of each example, by vmap, are those of a loop."""

import numpy as np
import pytest

import autograd
import nn

F = nn.functional
RNG = np.random.default_rng(0)
X, W = RNG.normal(size=(5, 4)), RNG.normal(size=(4, 3))
REAL, BITS = RNG.normal(size=(5, 3)), RNG.integers(0, 2, (5, 3)).astype(float)
SIGNS, NUMBERS = 2 * BITS - 1, np.array([0, 1, 2, 1, 0])
CASES = {
    "mse_loss": (F.mse_loss, REAL),
    "l1_loss": (F.l1_loss, REAL),
    "smooth_l1_loss": (F.smooth_l1_loss, REAL),
    "huber_loss": (F.huber_loss, REAL),
    "binary_cross_entropy": (lambda z, t: F.binary_cross_entropy(autograd.sigmoid(z), t), BITS),
    "binary_cross_entropy_with_logits": (F.binary_cross_entropy_with_logits, BITS),
    "poisson_nll_loss": (lambda z, t: F.poisson_nll_loss(z, t, full=True), 3 * BITS),
    "gaussian_nll_loss": (lambda z, t: F.gaussian_nll_loss(z, t, 1.0), REAL),
    "kl_div": (lambda z, t: F.kl_div(F.log_softmax(z), t), BITS),
    "soft_margin_loss": (F.soft_margin_loss, SIGNS),
    "hinge_embedding_loss": (F.hinge_embedding_loss, SIGNS),
    "cross_entropy": (F.cross_entropy, NUMBERS),
    "cross_entropy, smoothed": (lambda z, t: F.cross_entropy(z, t, label_smoothing=0.1), NUMBERS),
    "cross_entropy, ignoring": (lambda z, t: F.cross_entropy(z, t, ignore_index=1, reduction="sum"), NUMBERS),
    "cross_entropy, probabilities": (F.cross_entropy, BITS / 3),
    "nll_loss": (F.nll_loss, NUMBERS),
    "focal_loss": (F.focal_loss, NUMBERS),
    "sigmoid_focal_loss": (lambda z, t: F.sigmoid_focal_loss(z, t).mean(), BITS),
    "multi_margin_loss": (F.multi_margin_loss, NUMBERS),
    "multilabel_margin_loss": (
        F.multilabel_margin_loss,
        np.array([[0, -1, 1], [1, 2, -1], [2, 1, 0], [-1, 0, 1], [1, 1, 1]]),
    ),
    "multilabel_soft_margin_loss": (F.multilabel_soft_margin_loss, BITS),
    "cosine_embedding_loss": (lambda z, t: F.cosine_embedding_loss(z, np.ones(3), t), SIGNS[:, 0]),
    "triplet_margin_loss": (lambda z, t: F.triplet_margin_loss(z, t, np.ones(3)), REAL),
}


@pytest.mark.parametrize("name", CASES)
def test_gradients_of_each_example(name):
    loss, target = CASES[name]

    def of_example(w, x, t):
        return loss(x @ w, t)

    found = autograd.vmap(autograd.grad(of_example), in_axes=(None, 0, 0))(W, X, target)
    one_by_one = [autograd.grad(of_example)(W, x, t) for x, t in zip(X, target, strict=True)]
    np.testing.assert_allclose(found, one_by_one, rtol=1e-12, atol=1e-14)
