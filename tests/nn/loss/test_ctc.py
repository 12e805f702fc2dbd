"""Connectionist temporal classification against the sum over all paths, and its slopes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, Value

F = nn.functional
RNG = np.random.default_rng(0)
T, N, C = 5, 5, 3
LOGITS = RNG.normal(size=(T, N, C))
LABELS = np.array([[1, 2], [2, 2], [1, 0], [2, 1], [0, 0]])
FRAMES, LENGTHS = [5, 4, 3, 2, 4], [2, 2, 1, 2, 0]


def log_softmax(z):
    return z - np.log(np.exp(z).sum(-1, keepdims=True))


def spelled(path, blank):
    return [k for k, _ in itertools.groupby(path) if k != blank]


def by_all_paths(log_probs, labels, frames, lengths, blank=0):
    """-ln of the sum over all paths that spell the labels."""
    found = []
    for n in range(log_probs.shape[1]):
        wanted = list(labels[n][: lengths[n]])
        paths = itertools.product(range(log_probs.shape[2]), repeat=frames[n])
        good = [p for p in paths if spelled(p, blank) == wanted]
        likely = sum(np.exp(sum(log_probs[t, n, k] for t, k in enumerate(p))) for p in good)
        with np.errstate(divide="ignore"):
            found.append(-np.log(likely))
    return np.array(found)


def test_it_is_the_sum_over_all_paths():
    x = log_softmax(LOGITS)
    wanted = by_all_paths(x, LABELS, FRAMES, LENGTHS)
    np.testing.assert_allclose(F.ctc_loss(x, LABELS, FRAMES, LENGTHS, reduction="none"), wanted)
    np.testing.assert_allclose(autograd.ctc(x, LABELS, FRAMES, LENGTHS), wanted)
    np.testing.assert_allclose(F.ctc_loss(x, LABELS, FRAMES, LENGTHS, reduction="sum"), wanted.sum())
    mean = np.mean(wanted / np.maximum(LENGTHS, 1))
    np.testing.assert_allclose(F.ctc_loss(x, LABELS, FRAMES, LENGTHS), mean)
    np.testing.assert_allclose(nn.CTCLoss()(x, LABELS, FRAMES, LENGTHS), mean)


@pytest.mark.parametrize("blank", [1, 2])
def test_any_class_may_be_the_blank(blank):
    labels = np.where(blank == LABELS, 0, LABELS)
    x = log_softmax(LOGITS)
    wanted = by_all_paths(x, labels, FRAMES, LENGTHS, blank)
    np.testing.assert_allclose(F.ctc_loss(x, labels, FRAMES, LENGTHS, blank, "none"), wanted)


def test_targets_in_one_row_and_a_single_sequence():
    x = log_softmax(LOGITS)
    wanted = F.ctc_loss(x, LABELS, FRAMES, LENGTHS, reduction="none")
    row = [int(k) for labels, n in zip(LABELS, LENGTHS, strict=True) for k in labels[:n]]
    np.testing.assert_array_equal(F.ctc_loss(x, row, FRAMES, LENGTHS, reduction="none"), wanted)
    for n in range(N):
        alone = F.ctc_loss(Tensor(x[:, n]), LABELS[n, : LENGTHS[n]], FRAMES[n], LENGTHS[n], reduction="none")
        assert alone.shape == ()
        np.testing.assert_allclose(alone.data, wanted[n])
    padded = np.where(np.arange(2) < np.array(LENGTHS)[:, None], LABELS, -1)
    np.testing.assert_array_equal(F.ctc_loss(x, padded, FRAMES, LENGTHS, reduction="none"), wanted)


def test_slopes_through_log_softmax_and_by_themselves():
    def loss(z):
        return F.ctc_loss(F.log_softmax(z), LABELS, FRAMES, LENGTHS)

    assert autograd.gradcheck(loss, LOGITS)
    assert autograd.gradgradcheck(loss, LOGITS)
    free = lambda x: autograd.ctc(x, LABELS, FRAMES, LENGTHS).sum()  # noqa: E731
    assert autograd.gradcheck(free, LOGITS)
    x = Tensor(log_softmax(LOGITS))
    F.ctc_loss(x, LABELS, FRAMES, LENGTHS, reduction="sum").backward()
    for n in range(N):
        np.testing.assert_allclose(x.grad[: FRAMES[n], n].sum(-1), 0.0, atol=1e-12)  # as that by logits
        assert not x.grad[FRAMES[n] :, n].any()
    by_itself = autograd.grad(free)(x.data)
    for n in range(N):
        np.testing.assert_allclose(x.grad[: FRAMES[n], n], (by_itself + np.exp(x.data))[: FRAMES[n], n], atol=1e-12)
        np.testing.assert_allclose(by_itself[: FRAMES[n], n].sum(-1), -1.0)


@pytest.mark.parametrize("zero_infinity", [False, True])
def test_labels_that_do_not_fit(zero_infinity):
    frames, lengths = [1, 2, 3, 0, 0], [2, 2, 2, 1, 0]
    labels = np.array([[1, 2], [2, 2], [2, 2], [1, 1], [1, 1]])
    x = Tensor(log_softmax(LOGITS))
    y = F.ctc_loss(x, labels, frames, lengths, reduction="none", zero_infinity=zero_infinity)
    assert np.isfinite(y.data).tolist() == [zero_infinity, zero_infinity, True, zero_infinity, True]
    assert y.data[4] == 0.0
    assert zero_infinity == (y.data[0] == 0.0)
    y.sum().backward()
    assert np.isfinite(x.grad).all()
    assert [bool(x.grad[:, n].any()) for n in range(N)] == [False, False, True, False, False]


@pytest.mark.parametrize("size", [2000.0, 1e5])
def test_far_out_it_is_the_best_path(size):
    x = log_softmax(RNG.uniform(-1, 1, (4, 1, 3))) * size
    best = min(
        -sum(x[t, 0, k] for t, k in enumerate(path))
        for path in itertools.product(range(3), repeat=4)
        if spelled(path, 0) == [1, 2]
    )
    y = Tensor(x)
    loss = F.ctc_loss(y, [[1, 2]], [4], [2], reduction="sum")
    np.testing.assert_allclose(loss.data, best, rtol=1e-6)
    loss.backward()
    assert np.isfinite(y.grad).all()


def test_what_is_no_log_probability_still_has_a_value():
    y = Tensor(np.full((4, 1, 3), 2000.0))
    loss = F.ctc_loss(y, [[1, 2]], [4], [2], reduction="sum")
    assert loss.item() == pytest.approx(-8000.0 - np.log(15))  # of 15 paths
    loss.backward()
    assert np.isfinite(y.grad).all()


def test_a_class_that_is_impossible():
    x = log_softmax(LOGITS)
    x[:, :, 2] = -np.inf
    y = Tensor(x)
    loss = F.ctc_loss(y, LABELS, FRAMES, LENGTHS, reduction="none")
    assert np.isinf(loss.data).tolist() == [True, True, False, True, False]
    loss.sum().backward()
    assert np.isfinite(y.grad).all()


def test_float32_and_values():
    x = log_softmax(LOGITS)
    single = Tensor(x.astype(np.float32))
    loss = F.ctc_loss(single, LABELS, FRAMES, LENGTHS)
    assert loss.dtype == np.float32
    loss.backward()
    assert single.grad.dtype == np.float32
    wanted = F.ctc_loss(x, LABELS, FRAMES, LENGTHS)
    np.testing.assert_allclose(loss.data, wanted, rtol=1e-5)
    values = [[[Value(v) for v in row] for row in frame] for frame in x.tolist()]
    loss = F.ctc_loss(values, LABELS, FRAMES, LENGTHS)
    assert loss.item() == pytest.approx(wanted)
    loss.backward()
    np.testing.assert_allclose([[[v.grad for v in r] for r in f] for f in values], single.grad, rtol=1e-4, atol=1e-6)


def test_it_learns_to_spell():
    nn.manual_seed(0)
    w = nn.Parameter(0.1 * RNG.normal(size=(8, 1, 4)))
    optimizer = nn.optim.Adam([w], lr=0.2)
    for _ in range(60):
        optimizer.zero_grad()
        loss = F.ctc_loss(F.log_softmax(w), [[1, 3, 3]], [8], [3])
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.1
    assert spelled(w.data[:, 0].argmax(-1).tolist(), 0) == [1, 3, 3]


X = log_softmax(LOGITS)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: F.ctc_loss(X, LABELS[:3], FRAMES, LENGTHS), r"targets is \(N, S\)"),
        (lambda: F.ctc_loss(X, LABELS, [6, 4, 3, 2, 4], LENGTHS), "input_lengths are 5 numbers from 0 to 5"),
        (lambda: F.ctc_loss(X, LABELS, FRAMES, [3, 2, 1, 2, 0]), "target_lengths are 5 numbers from 0 to 2"),
        (lambda: F.ctc_loss(X, LABELS, FRAMES[:2], LENGTHS), "input_lengths are 5 numbers"),
        (lambda: F.ctc_loss(X, LABELS + 1, FRAMES, LENGTHS), "class numbers from 0 to 2"),
        (lambda: F.ctc_loss(X, LABELS, FRAMES, LENGTHS, blank=3), "the blank is 3"),
        (lambda: F.ctc_loss(X, [1, 2, 1], FRAMES, LENGTHS), "3 targets in one row, .* sum up to 7"),
        (lambda: F.ctc_loss(X[None], LABELS, FRAMES, LENGTHS), r"log_probs is \(T, N, C\)"),
        (lambda: F.ctc_loss(X, LABELS, FRAMES, LENGTHS, reduction="average"), "not 'average'"),
    ],
)
def test_what_does_not_fit_is_an_error_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_labels_are_whole_numbers():
    with pytest.raises(autograd.OperandError, match="integers"):
        F.ctc_loss(X, LABELS + 0.5, FRAMES, LENGTHS)
