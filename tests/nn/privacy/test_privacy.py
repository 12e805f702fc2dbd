"""Differential privacy: gradients against a loop, the noise against its variance, ε against figures of others."""

import math

import numpy as np
import pytest

import nn
from autograd import OperandError
from nn.privacy import (
    PoissonSampler,
    PrivateLoss,
    RDPAccountant,
    clip_and_sum,
    compute_epsilon,
    compute_rdp,
    get_noise_multiplier,
    make_private,
    per_example_gradients,
)


@pytest.fixture
def batch():
    random = np.random.default_rng(1)
    return random.normal(size=(6, 1, 8, 8)).astype(np.float32), np.array([3, 1, 4, 1, 5, 9])


@pytest.fixture
def model():
    nn.manual_seed(0)
    return nn.models.lenet_small()


def loop(model, x, y):
    """The gradient of each example, one after the other, by backward()."""
    found = []
    for i in range(len(y)):
        model.zero_grad()
        nn.functional.cross_entropy(model(x[i : i + 1]), y[i : i + 1]).backward()
        found.append({name: p.grad.copy() for name, p in model.named_parameters()})
    model.zero_grad()
    return found


def test_gradients_of_each_example_are_those_of_a_loop(model, batch):
    losses, gradients = per_example_gradients(model, nn.CrossEntropyLoss(), *batch)
    for i, each in enumerate(loop(model, *batch)):
        for name, g in each.items():
            np.testing.assert_allclose(gradients[name][i], g, rtol=1e-4, atol=1e-7, err_msg=name)
    whole = nn.functional.cross_entropy(model(batch[0]), batch[1], reduction="none")
    np.testing.assert_allclose(losses, whole.data, rtol=1e-5)
    assert all(p.grad is None for p in model.parameters())
    chunks = per_example_gradients(model, nn.CrossEntropyLoss(), *batch, chunk_size=4)[1]
    assert all(np.allclose(chunks[name], g, rtol=1e-5, atol=1e-7) for name, g in gradients.items())


def test_no_example_is_longer_than_its_limit_and_the_sum_is_that_of_a_loop(model, batch):
    _, gradients = per_example_gradients(model, nn.CrossEntropyLoss(), *batch)
    lengths = clip_and_sum(gradients, 1.0)[1]
    limit = float(np.median(lengths))  # half of them are clipped
    total, _ = clip_and_sum(gradients, limit)
    expected = {name: np.zeros(g.shape[1:]) for name, g in gradients.items()}
    for i in range(len(batch[1])):
        (one, length) = clip_and_sum({name: g[i : i + 1] for name, g in gradients.items()}, limit)
        norm = math.sqrt(sum(float((g.astype(float) ** 2).sum()) for g in one.values()))
        assert norm == pytest.approx(min(limit, length[0]), rel=1e-5)
        assert length[0] == pytest.approx(lengths[i])
        for name, g in one.items():
            expected[name] += g
    assert sum(lengths > limit) == 3
    for name, g in total.items():
        np.testing.assert_allclose(g, expected[name], rtol=1e-4, atol=1e-6)


def test_a_gradient_of_zeros_stays_zero():
    total, lengths = clip_and_sum({"w": np.zeros((2, 3))}, 1.0)
    assert not total["w"].any()
    assert lengths.tolist() == [0, 0]


def private(model, **settings):
    given = {"noise_multiplier": 0.0, "max_grad_norm": 1.0, "sample_rate": 0.1, "num_samples": 60} | settings
    return PrivateLoss(model, nn.CrossEntropyLoss(), **given)


def test_without_noise_and_clipping_it_is_the_ordinary_gradient(model, batch):
    loss = private(model, max_grad_norm=1e6)(*batch)
    loss.backward()
    found = {name: p.grad.copy() for name, p in model.named_parameters()}
    model.zero_grad()
    plain = nn.functional.cross_entropy(model(batch[0]), batch[1])
    plain.backward()
    assert float(loss) == pytest.approx(float(plain), rel=1e-6)
    for name, p in model.named_parameters():
        np.testing.assert_allclose(found[name], p.grad, rtol=1e-4, atol=1e-7)
        assert found[name].dtype == np.float32


def test_the_noise_has_its_variance_and_no_batch_is_only_noise(batch):
    nn.manual_seed(3)
    model = nn.Linear(100, 100)
    loss = private(model, noise_multiplier=2.0, max_grad_norm=0.5, sample_rate=0.1, num_samples=200)
    empty = loss(np.zeros((0, 100), np.float32), np.zeros(0, int))
    empty.backward()
    noise = model.weight.grad * 20  # of 20 expected examples
    assert float(empty) == 0
    assert abs(noise.std() - 1.0) < 0.03
    assert abs(noise.mean()) < 0.05
    assert noise.dtype == np.float32


def test_in_eval_mode_it_is_the_ordinary_loss_and_costs_nothing(model, batch):
    loss = private(model, noise_multiplier=1.0).eval()
    assert float(loss(*batch)) == pytest.approx(float(nn.functional.cross_entropy(model(batch[0]), batch[1])))
    assert loss.epsilon(1e-5) == 0


def test_it_takes_the_place_of_model_and_loss(model, batch):
    with pytest.raises(OperandError, match="Train it with no other loss"):
        nn.fit(private(model), nn.CrossEntropyLoss(), batch, progress=False)


def test_frozen_parameters_have_no_part(model, batch):
    model[0].requires_grad_(False)
    gradients = per_example_gradients(model, nn.CrossEntropyLoss(), *batch)[1]
    assert "0.weight" not in gradients
    private(model)(*batch).backward()
    assert model[0].weight.grad is None


def test_layers_that_mix_examples_are_refused(batch):
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(144, 10))
    with pytest.raises(OperandError, match="layer 1 mixes the examples"):
        per_example_gradients(model, nn.CrossEntropyLoss(), *batch)
    model.eval()
    assert per_example_gradients(model, nn.CrossEntropyLoss(), *batch)[0].shape == (6,)


def test_trained_privately_on_digits():
    data = nn.datasets.digits()
    nn.manual_seed(0)
    model = nn.models.MLP(64, 32, 10)
    x, y = data.train[:]
    loss, loader = make_private(
        model,
        nn.CrossEntropyLoss(),
        (x.reshape(len(x), 64), y),
        batch_size=128,
        noise_multiplier=1.0,
        max_grad_norm=1.0,
    )
    history = nn.fit(loss, None, loader, epochs=8, optimizer="adam", lr=0.01, progress=False)
    test = nn.predict(model, data.test[:][0].reshape(-1, 64)).argmax(1) == data.test[:][1]
    assert test.mean() > 0.8
    assert history[-1]["loss"] < history[0]["loss"]
    assert int(loss.steps) == 8 * len(loader)
    assert loss.epsilon(1e-4) == pytest.approx(compute_epsilon(1.0, 128 / len(x), 8 * len(loader), 1e-4))
    again = private(model)
    again.load_state_dict(loss.state_dict())
    assert again.steps == loss.steps


def test_a_private_training_goes_on_from_its_checkpoint(tmp_path):
    x, y = nn.datasets.digits().train[:200]

    def train(epochs, name):
        nn.manual_seed(0)
        model = nn.models.MLP(64, 10)
        loss, loader = make_private(
            model,
            nn.CrossEntropyLoss(),
            (x.reshape(200, 64), y),
            batch_size=20,
            noise_multiplier=1.0,
            max_grad_norm=1.0,
        )
        kept = nn.Checkpoint(tmp_path / name, resume=True)
        nn.fit(loss, None, loader, epochs=epochs, callbacks=[kept], progress=False)
        return model[0].weight.data, loss.epsilon(1e-3)

    train(2, "parts.npz")
    parts, whole = train(4, "parts.npz"), train(4, "whole.npz")
    assert np.array_equal(parts[0], whole[0])
    assert parts[1] == whole[1] > train(2, "half.npz")[1]


def test_poisson_batches():
    nn.manual_seed(0)
    sizes = np.array([len(batch) for _ in range(20) for batch in PoissonSampler(1000, 0.02)])
    assert len(sizes) == 1000
    assert abs(sizes.mean() - 20) < 0.5
    assert abs(sizes.var() - 19.6) < 3  # of a binomial distribution


def whole(sigma, q, order):
    """The sum of the binomial theorem, for whole orders (Mironov, Talwar and Zhang, 2019, equation 6)."""
    logs = [
        math.log(math.comb(order, k)) + (order - k) * math.log1p(-q) + k * math.log(q) + k * (k - 1) / (2 * sigma**2)
        for k in range(order + 1)
    ]
    return (max(logs) + math.log(sum(math.exp(x - max(logs)) for x in logs))) / (order - 1)


@pytest.mark.parametrize("sigma", [0.3, 0.7, 1.0, 4.0, 30.0])
@pytest.mark.parametrize("q", [1e-3, 0.01, 0.3, 0.9])
def test_the_integral_is_the_sum_for_whole_orders(sigma, q):
    for order in (2, 5, 20, 63):
        assert compute_rdp(sigma, q, order) == pytest.approx(whole(sigma, q, order), rel=1e-12, abs=1e-13)


OPACUS = {
    1.5: 0.00012725374351154145,
    9.9: 8.76279020239294,
    17.5: 5.649029444610672e-07,
}  # by order: what Opacus 1.6 computes


def test_between_whole_orders_it_is_what_the_series_gives():
    found = [compute_rdp(1.0, 0.01, 1.5), compute_rdp(0.7, 0.3, 9.9), compute_rdp(4.0, 0.001, 17.5)]
    opacus = [OPACUS[1.5], OPACUS[9.9], OPACUS[17.5]]
    assert found == pytest.approx(opacus, rel=1e-6)


def test_what_others_have_published():
    # Opacus's documentation: 300 steps, rate 1 %, noise 1.0, δ = 1e-5, these orders: ε = 2.39
    assert round(compute_epsilon(1.0, 0.01, 300, 1e-5, [2, 5, 10, 20, 100]), 2) == 2.39
    # with the older way back to ε, R + log(1/δ) / (α - 1), TensorFlow Privacy's tutorial on MNIST: 15 epochs, ε = 1.18
    older = min(3600 * compute_rdp(1.3, 250 / 60000, a) + math.log(1e5) / (a - 1) for a in range(2, 64))
    assert round(older, 2) == 1.18
    # and Opacus's first documentation: 60 epochs of 235 steps, ε = 2.95
    older = min(14100 * compute_rdp(1.12, 256 / 60000, a) + math.log(1e5) / (a - 1) for a in (10, 20, 100))
    assert round(older, 2) == 2.95


def test_epsilon_goes_the_right_ways():
    assert RDPAccountant().get_epsilon(1e-5) == 0
    base = compute_epsilon(1.0, 0.01, 100, 1e-5)
    assert compute_epsilon(2.0, 0.01, 100, 1e-5) < base < compute_epsilon(1.0, 0.01, 200, 1e-5)
    assert compute_epsilon(1.0, 0.005, 100, 1e-5) < base < compute_epsilon(1.0, 0.01, 100, 1e-6)
    assert compute_epsilon(0.0, 0.01, 1, 1e-5) == math.inf
    assert compute_rdp(1.0, 0.0, 2) == 0
    both = RDPAccountant([(1.0, 0.01, 50), (1.0, 0.01, 50)])
    assert both.get_epsilon(1e-5) == pytest.approx(base)


def test_the_noise_for_a_wanted_epsilon():
    sigma = get_noise_multiplier(3.0, 1e-5, 0.02, 500)
    assert compute_epsilon(sigma, 0.02, 500, 1e-5) <= 3.0 < compute_epsilon(sigma - 0.002, 0.02, 500, 1e-5)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: compute_rdp(1.0, 1.5, 2), "sample_rate from 0 to 1"),
        (lambda: RDPAccountant().get_epsilon(1.0), "delta lies between"),
        (lambda: get_noise_multiplier(0, 1e-5, 0.1, 10), "target_epsilon must be positive"),
        (lambda: clip_and_sum({"w": np.ones((1, 1))}, 0), "max_grad_norm must be positive"),
        (lambda: private(nn.Linear(1, 1), noise_multiplier=-1), "noise_multiplier is not negative"),
        (lambda: PoissonSampler(5, 0), "probability above 0"),
        (
            lambda: make_private(
                nn.Linear(1, 2), nn.CrossEntropyLoss(), (np.ones((3, 1)), np.ones(3, int)), batch_size=4,
                noise_multiplier=1, max_grad_norm=1,
            ),
            "there are 3 examples",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
