"""Losses of classes: weights, numbers to be ignored, smoothing, focus, the fast path, and the adaptive softmax."""

from __future__ import annotations

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, Value

F = nn.functional
RNG = np.random.default_rng(0)
Z = RNG.normal(size=(6, 3))
CLASSES = np.array([0, 2, 1, 1, 0, 2])
IGNORED = np.array([0, -100, 1, 1, -100, 2])
KEPT = IGNORED >= 0
W = np.array([0.5, 2.0, 1.0])
LOGS = Z - np.log(np.exp(Z).sum(1, keepdims=True))
EACH = -LOGS[np.arange(6), CLASSES]


def values(z):
    return [[Value(x) for x in row] for row in z.tolist()]


KINDS = [Tensor, values]


@pytest.mark.parametrize("kind", KINDS)
def test_weights_of_classes(kind):
    w = W[CLASSES]
    assert F.cross_entropy(kind(Z), CLASSES, W).item() == pytest.approx((w * EACH).sum() / w.sum())
    assert F.cross_entropy(kind(Z), CLASSES, W, reduction="sum").item() == pytest.approx((w * EACH).sum())
    p = np.exp(LOGS)
    wanted = -(p * LOGS * W).sum(1).mean()  # of probabilities the mean is over the rows
    assert F.cross_entropy(kind(Z), p, W).item() == pytest.approx(wanted)
    assert F.nll_loss(Tensor(LOGS), CLASSES, W).item() == pytest.approx((w * EACH).sum() / w.sum())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("target", "ignore"), [(IGNORED, -100), (np.where(KEPT, IGNORED, 255), 255)])
def test_class_numbers_to_be_ignored(target, ignore, kind):
    z = kind(Z)
    y = F.cross_entropy(z, target, ignore_index=ignore)
    assert y.item() == pytest.approx(EACH[KEPT].mean())
    y.backward()
    grad = z.grad if isinstance(z, Tensor) else np.array([[v.grad for v in row] for row in z])
    assert (grad == 0).all(1).tolist() == (~KEPT).tolist()
    weighed = F.cross_entropy(kind(Z), target, W, ignore)
    assert weighed.item() == pytest.approx((W[CLASSES] * EACH)[KEPT].sum() / W[CLASSES][KEPT].sum())
    assert F.nll_loss(Tensor(LOGS), target, ignore_index=ignore).item() == pytest.approx(EACH[KEPT].mean())
    focal = F.focal_loss(Tensor(Z), target, 0.0, ignore_index=ignore)
    assert focal.item() == pytest.approx(EACH[KEPT].mean())


def test_an_ignored_class_is_one_of_those_that_there_are():
    kept = CLASSES != 1
    assert F.cross_entropy(Tensor(Z), CLASSES, ignore_index=1).item() == pytest.approx(EACH[kept].mean())
    none = F.cross_entropy(Tensor(Z), CLASSES, ignore_index=1, reduction="none")
    np.testing.assert_allclose(none.data, np.where(kept, EACH, 0.0))


def test_what_is_ignored_may_be_anything():
    z = Z.copy()
    z[~KEPT] = [[np.nan, np.inf, 0.0], [-np.inf] * 3]
    with np.errstate(invalid="ignore"):
        assert F.cross_entropy(Tensor(z), IGNORED).item() == pytest.approx(EACH[KEPT].mean())


def test_the_mean_of_no_rows_is_not_a_number():
    with pytest.warns(RuntimeWarning, match="divide"):
        assert np.isnan(F.cross_entropy(Tensor(Z), np.full(6, -100)).item())


@pytest.mark.parametrize("kind", KINDS)
def test_smoothing_mixes_in_all_classes(kind):
    soft = 0.8 * np.eye(3)[CLASSES] + 0.2 / 3
    wanted = F.cross_entropy(Tensor(Z), soft).item()
    assert F.cross_entropy(kind(Z), CLASSES, label_smoothing=0.2).item() == pytest.approx(wanted)
    assert F.cross_entropy(kind(Z), np.eye(3)[CLASSES], label_smoothing=0.2).item() == pytest.approx(wanted)
    assert F.cross_entropy(kind(Z), CLASSES, label_smoothing=1.0).item() == pytest.approx(-LOGS.mean())
    weighed = -(soft * LOGS * W).sum() / W[CLASSES].sum()
    assert F.cross_entropy(kind(Z), CLASSES, W, label_smoothing=0.2).item() == pytest.approx(weighed)


def test_any_rank():
    z, t = RNG.normal(size=(2, 3, 4, 5)), RNG.integers(0, 3, (2, 4, 5))
    rows, flat = np.moveaxis(z, 1, -1).reshape(-1, 3), t.ravel()
    for settings in (
        {},
        {"weight": W},
        {"ignore_index": 1},
        {"label_smoothing": 0.1},
        {"weight": W, "ignore_index": 2},
    ):
        for x, y in [(Tensor(z), Tensor(rows))]:
            a, b = F.cross_entropy(x, t, **settings), F.cross_entropy(y, flat, **settings)
            assert a.item() == pytest.approx(b.item())
            a.backward()
            b.backward()
            np.testing.assert_allclose(np.moveaxis(x.grad, 1, -1).reshape(-1, 3), y.grad)


def test_class_numbers_take_the_fast_path():
    z = Tensor(Z)
    assert F.cross_entropy(z, CLASSES).parents[0].primitive.name == "softmax_cross_entropy"
    assert F.cross_entropy(z, CLASSES).parents[0].parents == (z,)
    assert F.cross_entropy(z, CLASSES, reduction="none").parents == (z,)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_precision_is_that_of_the_logits(dtype):
    z = Tensor(Z.astype(dtype))
    for settings in ({}, {"weight": W}, {"label_smoothing": 0.1}, {"weight": W, "ignore_index": 0}):
        y = F.cross_entropy(z, CLASSES, **settings)
        assert y.dtype == dtype
        assert F.cross_entropy(z, np.exp(LOGS), W).dtype == dtype
        y.backward()
        assert z.grad.dtype == dtype
        z.grad = None
    assert F.nll_loss(z, CLASSES, W, 0).dtype == F.focal_loss(z, CLASSES, 2.0, W).dtype == dtype
    assert F.multi_margin_loss(z, CLASSES, weight=W).dtype == dtype


def test_weights_may_be_differentiated():
    def loss(w):
        return F.cross_entropy(Tensor(Z), IGNORED, w, label_smoothing=0.1)

    assert autograd.gradcheck(loss, W)
    rows = values(Z)
    w = [Value(x) for x in W]
    F.cross_entropy(rows, CLASSES, w).backward()
    np.testing.assert_allclose([v.grad for v in w], autograd.grad(lambda w: F.cross_entropy(Z, CLASSES, w))(W))


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0, 5.0])
def test_focus_far_out(gamma):
    z = Tensor([[2000.0, -2000.0], [-2000.0, 2000.0], [0.0, 0.0], [5.0, 0.0]])
    y = F.focal_loss(z, [0, 0, 0, 0], gamma, reduction="none")
    easy = np.log1p(np.exp(-5.0))
    np.testing.assert_allclose(y.data, [0.0, 4000.0, 0.5**gamma * np.log(2), (1 - np.exp(-easy)) ** gamma * easy])
    y.sum().backward()
    assert np.isfinite(z.grad).all()
    np.testing.assert_allclose(z.grad[1], [-1.0, 1.0])
    x = Tensor([2000.0, -2000.0, 0.0])
    y = F.sigmoid_focal_loss(x, [1, 1, 0], -1, gamma)
    np.testing.assert_allclose(y.data, [0.0, 2000.0, 0.5**gamma * np.log(2)])
    y.sum().backward()
    np.testing.assert_allclose(x.grad[:2], [0.0, -1.0])


def test_focus_is_torchvisions():
    """Its numbers, at its defaults: alpha 0.25, gamma 2, no reduction."""
    x, t = np.array([-2.0, 0.0, 1.5]), np.array([1.0, 0.0, 1.0])
    p = 1 / (1 + np.exp(-x))
    entropy = -(t * np.log(p) + (1 - t) * np.log(1 - p))
    share = p * t + (1 - p) * (1 - t)
    wanted = (0.25 * t + 0.75 * (1 - t)) * (1 - share) ** 2 * entropy
    np.testing.assert_allclose(F.sigmoid_focal_loss(x, t), wanted)
    assert nn.SigmoidFocalLoss()(x, t) == pytest.approx(wanted.mean())


def test_focal_loss_helps_the_rare_class():
    """Of a thousand examples of which ten are positive, the hard ones lead."""
    x = Tensor(np.concatenate([np.full(990, -3.0), np.full(10, -3.0)]))
    t = np.repeat([0.0, 1.0], [990, 10])
    share = []
    for loss in (F.binary_cross_entropy_with_logits, lambda x, t: F.sigmoid_focal_loss(x, t, reduction="mean")):
        x.grad = None
        loss(x, t).backward()
        share.append(abs(x.grad[990:].sum()) / abs(x.grad).sum())
    assert share[0] < 0.2
    assert share[1] > 0.9


# The adaptive softmax


@pytest.fixture
def words():
    nn.manual_seed(0)
    return nn.AdaptiveLogSoftmaxWithLoss(8, 20, cutoffs=[4, 9], div_value=2.0, dtype=np.float64)


def test_all_its_probabilities_sum_to_one(words):
    x = RNG.normal(size=(5, 8))
    logs = words.log_prob(x).data
    np.testing.assert_allclose(np.exp(logs).sum(1), 1.0)
    for t in range(20):
        output, loss = words(x, np.full(5, t))
        np.testing.assert_allclose(output.data, logs[:, t])
        assert loss.item() == pytest.approx(-logs[:, t].mean())
    assert words.predict(x).tolist() == logs.argmax(1).tolist()
    output, loss = words(x[0], 19)
    assert output.shape == ()
    assert output.item() == pytest.approx(logs[0, 19])


def test_it_is_made_of_a_head_and_of_clusters(words):
    shapes = {name: p.shape for name, p in words.named_parameters()}
    assert shapes == {
        "head.weight": (6, 8),
        "tail.0.0.weight": (4, 8),
        "tail.0.1.weight": (5, 4),
        "tail.1.0.weight": (2, 8),
        "tail.1.1.weight": (11, 2),
    }
    before = words.head.weight.data.copy()
    words.reset_parameters()
    assert (words.head.weight.data != before).any()


def test_it_learns(words):
    x, t = RNG.normal(size=(20, 8)), np.arange(20)
    optimizer = nn.optim.Adam(words.parameters(), lr=0.1)
    for _ in range(150):
        optimizer.zero_grad()
        loss = words(x, t).loss
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.2
    assert (words.predict(x) == t).mean() >= 0.9
    assert autograd.gradcheck(lambda x: words(x, t).loss, x)


@pytest.mark.parametrize("cutoffs", [[], [0, 5], [5, 4], [5, 5], [20], [2.5]])
def test_cutoffs_rise(cutoffs):
    with pytest.raises(ValueError, match="cutoffs rise, each between 1 and 19"):
        nn.AdaptiveLogSoftmaxWithLoss(8, 20, cutoffs)
