"""Attacks stay within their limits, do what they are told, and training with them helps."""

import math
from functools import partial

import numpy as np
import pytest

import nn
from autograd import OperandError, ShapeError, no_grad
from nn.adversarial import accuracy_under_attack, attacked, fgsm, pgd


def linear(weight):
    model = nn.Linear(len(weight[0]), len(weight), bias=False)
    model.weight.data[...] = weight
    return model


@pytest.fixture(scope="module")
def trained():
    nn.manual_seed(0)
    model, data = nn.models.lenet_small(), nn.datasets.digits()
    nn.fit(model, nn.CrossEntropyLoss(), data.train, epochs=4, lr=0.005, progress=False)
    return model, *data.test[:200]


def length(x):
    return np.sqrt((x**2).sum((1, 2, 3)))


def test_fgsm_of_a_linear_model_follows_the_weights():
    # two classes: the loss of class 0 grows along w1 - w0, whatever x is
    x = np.array([[0.5, 0.5, 0.5], [0.95, 0.02, 0.3]], np.float32)
    moved = fgsm(linear([[1, -2, 0], [0, 3, 0]]), x, [0, 0], eps=0.1)
    np.testing.assert_allclose(moved, [[0.4, 0.6, 0.5], [0.85, 0.12, 0.3]], rtol=1e-6)
    assert moved.dtype == np.float32
    np.testing.assert_allclose(fgsm(linear([[1, -2, 0], [0, 3, 0]]), x, [1, 1], 0.1, targeted=True), moved, rtol=1e-6)


def test_pgd_in_the_other_norm_follows_the_gradient_itself():
    x = np.zeros((1, 2), np.float32)
    moved = pgd(linear([[0, 0], [3, 4]]), x, [0], eps=1.0, norm=2, random_start=False, clip=None)
    np.testing.assert_allclose(moved, [[0.6, 0.8]], rtol=1e-5)


def test_one_step_without_a_random_start_is_fgsm(trained):
    model, x, y = trained
    one = pgd(model, x, y, eps=0.1, steps=1, step_size=0.1, random_start=False)
    np.testing.assert_allclose(one, fgsm(model, x, y, eps=0.1), atol=1e-7)


@pytest.mark.parametrize("norm", [2, math.inf])
@pytest.mark.parametrize("steps", [1, 7])
def test_no_example_moves_further_than_allowed(trained, norm, steps):
    model, x, y = trained
    moved = pgd(model, x, y, eps=0.3, steps=steps, norm=norm, step_size=0.25)
    far = length(moved - x) if norm == 2 else np.abs(moved - x).max((1, 2, 3))
    assert (far <= 0.3 * (1 + 1e-5)).all()
    assert far.max() > 0.25
    assert moved.min() >= 0
    assert moved.max() <= 1
    assert moved.dtype == x.dtype


def test_the_stronger_the_attack_the_fewer_are_right(trained):
    model, x, y = trained
    plain = accuracy_under_attack(model, x, y)
    by_fgsm = accuracy_under_attack(model, x, y, partial(fgsm, eps=0.15))
    by_pgd = accuracy_under_attack(model, x, y, partial(pgd, eps=0.15))
    assert plain > 0.9
    assert by_fgsm < plain - 0.2
    assert by_pgd <= by_fgsm
    noisy = x + 0.15 * np.sign(np.random.default_rng(0).normal(size=x.shape)).astype(np.float32)
    assert accuracy_under_attack(model, noisy, y) > by_fgsm + 0.2  # as long a move, but of chance


def test_a_targeted_attack_leads_to_its_target(trained):
    model, x, y = trained
    target = (y + 1) % 10
    moved = pgd(model, x, target, eps=0.3, steps=20, targeted=True)
    before, after = ((nn.predict(model, images).argmax(1) == target).mean() for images in (x, moved))
    assert before < 0.1
    assert after > 0.6


def test_training_with_attacks_helps(trained):
    plain, x, y = trained
    attack = partial(pgd, eps=0.15, steps=3)
    nn.manual_seed(0)
    model = nn.models.lenet_small()
    loader = nn.data.DataLoader(nn.datasets.digits().train, 32, shuffle=True, transform=attacked(attack, model))
    history = nn.fit(model, nn.CrossEntropyLoss(), loader, epochs=3, lr=0.005, metrics=["accuracy"], progress=False)
    stronger = partial(pgd, eps=0.15, steps=10)
    assert accuracy_under_attack(model, x, y, stronger) > accuracy_under_attack(plain, x, y, stronger) + 0.2
    assert accuracy_under_attack(model, x, y) > 0.75  # it costs some of the accuracy on what is not attacked
    assert history[-1]["accuracy"] > history[0]["accuracy"]


def test_a_share_of_the_batch():
    change = attacked(lambda model, x, y: x + 1, None, share=0.5)
    x, y = change(np.zeros((5, 1)), np.arange(5))
    assert x.ravel().tolist() == [1, 1, 1, 0, 0]
    assert y.tolist() == [0, 1, 2, 3, 4]


def test_the_model_stays_as_it_is():
    model = nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8), nn.Dropout(), nn.Linear(8, 2))
    before = model.state_dict()
    x, y = np.full((4, 3), 0.5, np.float32), np.array([0, 1, 0, 1])
    with no_grad():  # as in an evaluation
        moved = pgd(model, x, y, eps=0.1)
    assert np.abs(moved - x).max() > 0.05
    assert all(np.array_equal(part, before[name]) for name, part in model.state_dict().items())
    assert all(p.grad is None for p in model.parameters())
    assert all(module.training for module in model.modules())
    assert (x == 0.5).all()


def test_random_starts_fill_the_ball_evenly_and_repeat_by_seed():
    flat = linear(np.zeros((2, 3)))  # no gradient, so nothing moves after the start
    x = np.zeros((2000, 3), np.float32)
    for norm in (2, math.inf):
        nn.manual_seed(0)
        start = pgd(flat, x, np.zeros(2000, int), eps=2.0, norm=norm, steps=1, clip=None)
        nn.manual_seed(0)
        assert np.array_equal(start, pgd(flat, x, np.zeros(2000, int), eps=2.0, norm=norm, steps=1, clip=None))
        far = np.linalg.norm(start, axis=1) if norm == 2 else np.abs(start).max(1)
        assert abs(((far / 2) ** 3).mean() - 0.5) < 0.02  # the share of the volume within is uniform


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda m: fgsm(m, np.zeros((2, 3), int), [0, 0], 0.1), OperandError, "astype"),
        (lambda m: fgsm(m, np.zeros(3), 0, 0.1), ShapeError, "a batch of examples"),
        (lambda m: fgsm(m, np.full((2, 3), 7.0), [0, 0], 0.1), ValueError, "clip=None"),
        (lambda m: fgsm(m, np.zeros((2, 3)), [0, 0], -0.1), ValueError, "how far"),
        (lambda m: pgd(m, np.zeros((2, 3)), [0, 0], 0.1, norm=1), OperandError, "2 or infinity"),
        (lambda m: pgd(m, np.zeros((2, 3)), [0, 0], 0.1, steps=0), ValueError, "at least one step"),
        (lambda m: attacked(fgsm, m, share=0), ValueError, "share"),
    ],
)
def test_what_cannot_be_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call(nn.Linear(3, 2))
