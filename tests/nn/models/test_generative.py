"""Autoencoders, the variational one, and adversarial networks: formulas by hand, and that each learns."""

import numpy as np
import pytest

import autograd
import nn
from nn import models


@pytest.fixture(autouse=True)
def seed():
    nn.manual_seed(0)


@pytest.fixture(scope="module")
def bars():
    """Images of 8 × 8 with one bar, lying or standing: something that four numbers can tell."""
    rng = np.random.default_rng(0)
    x = np.zeros((256, 1, 8, 8), np.float32)
    for image, place in zip(x, rng.integers(0, 8, 256), strict=True):
        image[0, place] = 1
    x[::2] = x[::2].swapaxes(2, 3)
    return x


def learn(model, loss, x, steps=150, lr=5e-3):
    optimizer = nn.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for i in range(steps):
        batch = x[(i * 32) % 256 :][:32]
        optimizer.zero_grad()
        value = loss(model, batch)
        value.backward()
        optimizer.step()
        losses.append(value.item())
    return losses


def reconstruction(model, x):
    return nn.functional.mse_loss(model(x), x)


def test_an_autoencoder_learns_what_it_sees(bars):
    model = models.Autoencoder(64, 32, 4)
    losses = learn(model, reconstruction, bars.reshape(-1, 64))
    assert losses[-1] < losses[0] / 4
    assert [layer.out_features for layer in model.encoder[::2]] == [32, 4]


def test_a_linear_autoencoder_finds_the_principal_components():
    """Its error is that of the best projection, which the singular values tell (Baldi and Hornik, 1989)."""
    rng = np.random.default_rng(0)
    x = (rng.normal(size=(256, 6)) * [3, 2, 1, 0.1, 0.1, 0.1] @ np.linalg.qr(rng.normal(size=(6, 6)))[0]).astype("f4")
    x -= x.mean(0)
    model = models.Autoencoder(6, 2, sigmoid=False)
    learn(model, lambda m, _: reconstruction(m, x), x, 400, 0.02)
    best = (np.linalg.svd(x)[1][2:] ** 2).sum() / x.size
    assert reconstruction(model, x).item() == pytest.approx(best, rel=0.01)


def test_noise_is_taken_out(bars):
    x = bars.reshape(-1, 64)
    model = models.DenoisingAutoencoder(64, 64, 16, noise=0.3, drop=0.2)
    learn(model, reconstruction, x, 300)
    noisy = model.corrupt(x)
    assert np.mean(noisy == 0) == 0  # noise stands where elements are gone, too
    model.eval()
    assert ((model(noisy).data - x) ** 2).mean() < ((noisy - x) ** 2).mean() / 3
    assert (model(x).data == model(x).data).all()


def test_a_convolutional_autoencoder(bars):
    model = models.ConvAutoencoder(8, size=8, width=8)
    losses = learn(model, reconstruction, bars, 100)
    assert losses[-1] < losses[0] / 3


# VAE


def test_the_evidence_lower_bound_by_hand():
    rng = np.random.default_rng(0)
    logits, mean, log_var = rng.normal(size=(3, 5)), rng.normal(size=(3, 2)), rng.normal(size=(3, 2))
    x = rng.uniform(size=(3, 5))
    p = 1 / (1 + np.exp(-logits))
    likelihood = (x * np.log(p) + (1 - x) * np.log(1 - p)).sum()
    divergence = 0.0
    for m, v in zip(mean.ravel(), np.exp(log_var).ravel(), strict=True):  # by integration
        z = np.linspace(-40, 40, 40001)
        q = np.exp(-((z - m) ** 2) / (2 * v)) / np.sqrt(2 * np.pi * v)
        divergence += np.trapezoid(q * (z * z / 2 - (z - m) ** 2 / (2 * v) - np.log(v) / 2), z)
    out = models.VAEOutputs(logits, mean, log_var)
    assert models.elbo_loss(out, x) == pytest.approx((divergence - likelihood) / 3, rel=1e-6)
    assert models.elbo_loss(out, x, beta=4) == pytest.approx((4 * divergence - likelihood) / 3, rel=1e-6)
    gaussian = models.elbo_loss(out, x, 0, "gaussian")
    assert gaussian == pytest.approx(((p - x) ** 2).sum() / 3)
    with pytest.raises(ValueError, match="bernoulli"):
        models.elbo_loss(out, x, likelihood="normal")


def test_codes_are_drawn_differentiably():
    mean, log_var = autograd.Tensor(np.full((20000, 1), 3.0)), autograd.Tensor(np.full((20000, 1), np.log(4.0)))
    code = models.VAE(4, 1).reparametrize(mean, log_var)
    assert code.data.mean() == pytest.approx(3, abs=0.05)
    assert code.data.std() == pytest.approx(2, abs=0.05)
    code.sum().backward()
    assert (mean.grad == 1).all()
    np.testing.assert_allclose(log_var.grad, (code.data - 3) / 2)


def test_a_vae_learns_and_draws_new_ones(bars):
    model = models.VAE(64, 48, 4)
    losses = learn(model, lambda m, x: models.elbo_loss(m(x), x), bars.reshape(-1, 64), 300, 4e-3)
    assert losses[-1] < 0.6 * losses[0]
    drawn = model.sample(7)
    assert drawn.shape == (7, 64)
    assert drawn.dtype == np.float32
    assert 0 <= drawn.min() <= drawn.max() <= 1
    model.eval()
    assert (model(bars[:2].reshape(2, 64)).logits.data == model(bars[:2].reshape(2, 64)).logits.data).all()


# GAN


@pytest.mark.parametrize("make", [lambda: models.GAN((1, 8, 8), widths=(32,)), lambda: models.DCGAN(8, widths=(8, 4))])
def test_each_network_learns_against_the_other(make, bars):
    """Alone each wins: the discriminator tells what is made, and then the generator is taken for real."""
    model = make()
    one = [p.data.copy() for p in model.generator.parameters()]
    losses = learn(model.discriminator, lambda _, x: model.discriminator_loss(x), bars, 40)
    assert all(p.grad is None for p in model.generator.parameters())
    assert losses[-1] < losses[0] / 2
    kept = [p.data.copy() for p in model.discriminator.parameters()]
    losses = learn(model.generator, lambda _, x: model.generator_loss(len(x)), bars, 60)
    assert losses[-1] < losses[0] / 2
    assert all((a == p.data).all() for a, p in zip(kept, model.discriminator.parameters(), strict=True))
    assert any((a != p.data).any() for a, p in zip(one, model.generator.parameters(), strict=True))


def test_losses_of_a_gan_by_hand():
    model = models.GAN((4,), codes=2, widths=(3,))
    model.discriminator[-1].weight.data[...] = 0
    model.discriminator[-1].bias.data[...] = 1  # all are taken for real with σ(1)
    p = 1 / (1 + np.exp(-1))
    x = np.zeros((6, 4), np.float32)
    assert model.discriminator_loss(x).item() == pytest.approx(-np.log(p) - np.log(1 - p), rel=1e-5)
    assert model.generator_loss(6).item() == pytest.approx(-np.log(p), rel=1e-5)


def test_samples_are_arrays_and_the_mode_stays():
    model = models.DCGAN(16, channels=3, widths=(8, 4, 2), codes=5)
    assert model.sample(2).shape == (2, 3, 16, 16)
    assert model.generator.training
    code = model.noise(3)
    assert (model.sample(3, code) == model.sample(3, code)).all()
    with pytest.raises(autograd.ShapeError, match="double the size 2 times, which cannot give 30"):
        models.DCGAN(30, widths=(8, 4, 2))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: models.Autoencoder(64), r"Autoencoder\(64,\): give the number of features, of codes"),
        (lambda: models.VAE(64), "at least the number of features and of codes"),
        (lambda: models.ConvAutoencoder(8, size=30), "30 is no multiple of 4"),
        (lambda: models.GAN(widths=()), "width of at least one layer"),
        (lambda: models.elbo_loss(np.zeros((2, 4)), np.zeros((2, 4))), r"elbo_loss\(model\(x\), x\).*got ndarray"),
    ],
)
def test_what_does_not_fit_is_refused(make, message):
    with pytest.raises((autograd.ShapeError, autograd.OperandError), match=message):
        make()


def test_they_are_drawn_folded():
    model = models.DCGAN(8, widths=(8, 4))
    with autograd.annotate():
        made = model(model.noise(4))
    assert "generator · Sequential" in str(autograd.draw(made, depth=1))
