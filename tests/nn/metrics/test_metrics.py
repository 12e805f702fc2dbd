"""Metrics, against scikit-learn on random data and on the edges; and batch by batch the same as at once."""

from __future__ import annotations

import math

import numpy as np
import pytest

import autograd
import nn
from autograd import OperandError, ShapeError
from nn import metrics

RNG = np.random.default_rng(0)
N = 200
Y = RNG.integers(0, 5, N)
SCORES = RNG.normal(size=(N, 5)).round(1)  # with ties
SCORES[np.arange(N), Y] += 0.5
BINARY = RNG.integers(0, 2, N)
P = np.clip(0.3 * BINARY + RNG.uniform(0, 0.7, N), 0, 1).round(2)
NUMBERS, TRUE = RNG.normal(size=(N, 3)), RNG.normal(size=(N, 3)) + 5


@pytest.fixture(scope="module")
def sk():
    return pytest.importorskip("sklearn.metrics", reason="scikit-learn is compared with where it is installed")


def batches(metric, input, target):
    """What a metric comes to in pieces of unequal sizes, one of which is empty, and with its state handed on."""
    cuts = [7, 7, 50, 120]
    for i, (x, y) in enumerate(zip(np.split(input, cuts), np.split(target, cuts), strict=True)):
        metric.update(autograd.Tensor(x) if x.dtype.kind == "f" else x, y)
        if i == 2:
            state = metric.state_dict()
            metric.reset()
            metric.load_state_dict(state)
    return metric.compute()


def same(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)


def test_accuracy(sk):
    expected = sk.accuracy_score(Y, SCORES.argmax(1))
    assert metrics.accuracy(SCORES, Y) == batches(metrics.Accuracy(), SCORES, Y) == expected
    assert metrics.accuracy(SCORES, np.eye(5)[Y], one_hot=True) == expected
    assert metrics.accuracy(P, BINARY) == sk.accuracy_score(BINARY, P > 0.5)
    assert metrics.accuracy(P[:, None] - 0.5, BINARY[:, None], threshold=0) == sk.accuracy_score(BINARY, P > 0.5)
    assert metrics.accuracy(SCORES.argmax(1), Y) == expected
    assert metrics.accuracy(RNG.normal(size=(2, 5, 4, 3)), np.zeros((2, 4, 3), int)) <= 1
    assert math.isnan(metrics.accuracy(SCORES[:0], Y[:0]))


@pytest.mark.parametrize("k", [1, 2, 4])
def test_top_k(sk, k):
    expected = sk.top_k_accuracy_score(Y, SCORES, k=k, labels=range(5))
    assert metrics.top_k_accuracy(SCORES, Y, k) == batches(metrics.TopKAccuracy(k), SCORES, Y) == expected


CASES = {
    "random": (SCORES.argmax(1), Y),
    "one class is never called": (np.minimum(SCORES.argmax(1), 3), Y),
    "one class is absent": (SCORES.argmax(1), np.minimum(Y, 3)),
    "one class is neither": (np.where(SCORES.argmax(1) == 2, 1, SCORES.argmax(1)), np.where(Y == 2, 1, Y)),
    "a single class": (np.zeros(N, int), np.zeros(N, int)),
    "all wrong": ((Y + 1) % 5, Y),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("average", ["macro", "micro", "weighted", None])
def test_precision_recall_f1(sk, case, average):
    guessed, true = CASES[case]
    for ours, gathers, theirs in [
        (metrics.precision, metrics.Precision, sk.precision_score),
        (metrics.recall, metrics.Recall, sk.recall_score),
        (metrics.f1_score, metrics.F1, sk.f1_score),
        (metrics.iou, metrics.IoU, sk.jaccard_score),
    ]:
        expected = theirs(true, guessed, average=average, zero_division=0)
        same(ours(guessed, true, average), expected)
        same(batches(gathers(average), guessed, true), expected)
        with_all = theirs(true, guessed, average=average, labels=range(5), zero_division=0)
        if average != "micro":
            same(ours(guessed, true, average, num_classes=5), with_all)


@pytest.mark.parametrize("target", [BINARY, np.zeros(N, int), np.ones(N, int)])
@pytest.mark.parametrize("scores", [P, np.zeros(N), np.ones(N)])
def test_of_yes_and_no(sk, target, scores):
    for ours, gathers, theirs in [
        (metrics.precision, metrics.Precision, sk.precision_score),
        (metrics.recall, metrics.Recall, sk.recall_score),
        (metrics.f1_score, metrics.F1, sk.f1_score),
        (lambda x, y: metrics.iou(x, y, "binary"), metrics.IoU, sk.jaccard_score),
    ]:
        expected = theirs(target, scores > 0.5, zero_division=0)
        same(ours(scores, target), expected)
        same(batches(gathers(), scores, target), expected)


def test_binary_of_many_classes_is_an_error():
    with pytest.raises(OperandError, match='average="macro"'):
        metrics.f1_score(SCORES, Y)
    with pytest.raises(ValueError, match="average is one of"):
        metrics.F1("makro")


@pytest.mark.parametrize("case", CASES)
def test_confusion(sk, case):
    guessed, true = CASES[case]
    matrix = metrics.confusion_matrix(guessed, true, num_classes=5)
    assert (np.asarray(matrix) == sk.confusion_matrix(true, guessed, labels=range(5))).all()
    assert (batches(metrics.ConfusionMatrix(5), guessed, true).counts == matrix.counts).all()
    assert metrics.confusion_matrix(guessed, true).counts.sum() == N


def test_confusion_is_shown():
    plt = pytest.importorskip("matplotlib.pyplot", reason="matplotlib is not installed")
    plt.switch_backend("Agg")
    matrix = metrics.confusion_matrix([0, 1, 1], [0, 0, 1], classes=["<cat>", "dog"])
    assert matrix._repr_html_().count("&lt;cat&gt;") == 2
    assert [t.get_text() for t in matrix.plot().texts] == ["1", "1", "1"]
    plt.close("all")
    with pytest.raises(OperandError, match="2 classes, and 3 names"):
        metrics.Confusion(np.eye(2), "abc")
    with pytest.raises(OperandError, match="num_classes=2"):
        metrics.confusion_matrix([0, 2], [0, 1], num_classes=2)


@pytest.mark.parametrize("scores", [P, np.round(P, 1), np.zeros(N), -P, np.where(P > 0.5, 1.0, 0.0)])
def test_ranking_of_yes_and_no(sk, scores):
    for ours, gathers, theirs in [
        (metrics.roc_auc, metrics.ROCAUC, sk.roc_auc_score),
        (metrics.average_precision, metrics.AveragePrecision, sk.average_precision_score),
    ]:
        expected = theirs(BINARY, scores)
        same(ours(scores, BINARY), expected)
        same(ours(autograd.Tensor(scores[:, None]), BINARY[:, None].astype(float)), expected)
        same(batches(gathers(), scores, BINARY), expected)
    for one, two in zip(
        metrics.roc_curve(scores, BINARY), sk.roc_curve(BINARY, scores, drop_intermediate=False), strict=True
    ):
        same(one, two)


@pytest.mark.parametrize("average", ["macro", "weighted", None])
def test_ranking_of_classes(sk, average):
    p = np.exp(SCORES) / np.exp(SCORES).sum(1, keepdims=True)
    expected = sk.roc_auc_score(Y, p, multi_class="ovr", average=average)
    same(metrics.roc_auc(p, Y, average), expected)
    same(batches(metrics.ROCAUC(average), p, Y), expected)
    same(metrics.average_precision(p, Y, average), sk.average_precision_score(np.eye(5)[Y], p, average=average))


def test_ranking_where_a_class_is_absent(sk):
    few = np.where(Y == 4, 0, Y)
    figures = metrics.roc_auc(SCORES, few, average=None)
    assert math.isnan(figures[4])
    same(figures[:4], [sk.roc_auc_score(few == i, SCORES[:, i]) for i in range(4)])
    same(metrics.roc_auc(SCORES, few), figures[:4].mean())
    for target in (BINARY * 0, BINARY * 0 + 1):
        assert math.isnan(metrics.roc_auc(P, target))
    assert math.isnan(metrics.average_precision(P, BINARY * 0))
    assert math.isnan(metrics.ROCAUC().compute())
    with pytest.raises(OperandError, match="NaN"):
        metrics.roc_auc(np.array([0.1, np.nan]), [0, 1])
    with pytest.raises(OperandError, match="0 and 1"):
        metrics.roc_auc(P, Y)


@pytest.mark.parametrize("columns", [1, 3])
def test_of_numbers(sk, columns):
    x, y = NUMBERS[:, :columns], TRUE[:, :columns] * 1e-3 + 1e3  # a small spread around a large mean
    for ours, theirs in [
        (metrics.mse, sk.mean_squared_error),
        (metrics.mae, sk.mean_absolute_error),
        (metrics.r2_score, sk.r2_score),
    ]:
        for a, b in [(x, y), (y, y), (x, y * 0 + 3.0), (y * 0 + 3.0, y * 0 + 3.0)]:
            np.testing.assert_allclose(ours(a, b), theirs(b, a), rtol=1e-10)
    part = metrics.R2()
    for a, b in zip(np.array_split(x, 7), np.array_split(y, 7), strict=True):
        part.update(a, b)
    np.testing.assert_allclose(part.compute(), sk.r2_score(y, x), rtol=1e-9)
    same(metrics.rmse(x, y), sk.mean_squared_error(y, x) ** 0.5)


def test_shapes_of_numbers():
    assert metrics.mse(NUMBERS[:, :1], NUMBERS[:, 0]) == 0
    assert metrics.mae(NUMBERS[:, 0], NUMBERS[:, :1]) == 0
    with pytest.raises(ShapeError, match="same shape"):
        metrics.mse(NUMBERS, NUMBERS[:, 0])
    assert math.isnan(metrics.mse([], []))
    assert math.isnan(metrics.r2_score([1.0], [1.0]))


def test_perplexity(sk):
    p = np.exp(SCORES) / np.exp(SCORES).sum(1, keepdims=True)
    expected = math.exp(sk.log_loss(Y, p, labels=range(5)))
    same(metrics.perplexity(SCORES, Y), expected)
    same(batches(metrics.Perplexity(), SCORES, Y), expected)
    padded = np.r_[Y, [-100] * 3]
    same(metrics.perplexity(np.r_[SCORES, SCORES[:3]], padded), expected)
    tokens = SCORES.reshape(20, 10, 5).transpose(0, 2, 1)  # (N, classes, time)
    same(metrics.perplexity(tokens, Y.reshape(20, 10)), expected)
    assert metrics.perplexity(np.array([[0.0, 1e6]]), [0]) == math.inf
    with pytest.raises(ShapeError, match="classes"):
        metrics.perplexity(SCORES, Y[:5])


def test_boxes():
    a = RNG.uniform(0, 10, (20, 2))
    boxes = np.c_[a, a + RNG.uniform(0, 5, (20, 2))].round()
    found = metrics.box_iou(boxes, boxes)
    for i in range(20):
        for j in range(20):
            masks = []
            for x1, y1, x2, y2 in boxes[[i, j]].astype(int):
                mask = np.zeros((20, 20), bool)
                mask[y1:y2, x1:x2] = True
                masks.append(mask)
            either = (masks[0] | masks[1]).sum()
            same(found[i, j], (masks[0] & masks[1]).sum() / either if either else 0)
    assert metrics.box_iou([], boxes).shape == (0, 20)
    with pytest.raises(ShapeError, match="width, height"):
        metrics.box_iou([[5, 5, 2, 2]], boxes)


def picture(*boxes):
    """Boxes as (x, size, label) or (x, size, label, score)."""
    found = {"boxes": [[b[0], 0, b[0] + b[1], b[1]] for b in boxes], "labels": [b[2] for b in boxes]}
    return {**found, "scores": [b[3] for b in boxes]} if boxes and len(boxes[0]) > 3 else {**found, "scores": []}


def test_mean_average_precision():
    there = [picture((0, 10, 1), (20, 10, 1), (40, 10, 2)), picture((0, 10, 1))]
    perfect = [picture((0, 10, 1, 0.9), (20, 10, 1, 0.8), (40, 10, 2, 0.7)), picture((0, 10, 1, 0.6))]
    assert metrics.mean_average_precision(perfect, there) == 1
    none = [picture(), picture()]
    assert metrics.mean_average_precision(none, there) == 0
    assert math.isnan(metrics.mean_average_precision(perfect, none))
    # Class 1: right at 0.9, a duplicate at 0.8 is wrong, right at 0.6; the third is not found. Class 2: wrong class.
    found = [picture((0, 10, 1, 0.9), (1, 10, 1, 0.8), (40, 10, 1, 0.1)), picture((0, 10, 1, 0.6))]
    expected = 1 / 3 * 1 + 1 / 3 * 2 / 3
    same(metrics.mean_average_precision(found, there), (expected + 0) / 2)
    one = metrics.MeanAveragePrecision(0.5)
    for i in range(2):
        one.update(found[i : i + 1], there[i : i + 1])
    same(one.compute(), expected / 2)
    same(one.per_class()[1], [expected])
    # An overlap of 9/11 by threshold
    near = [picture((1, 10, 1, 0.5))]
    assert metrics.mean_average_precision(near, [picture((0, 10, 1))], [0.5, 0.9]) == 0.5
    same(metrics.mean_average_precision(found, there, points=101), ((34 * 1 + 33 * 2 / 3) / 101) / 2)
    with pytest.raises(OperandError, match="a dict of boxes, scores, labels"):
        metrics.mean_average_precision([{}], [{}])
    with pytest.raises(ValueError, match="between 0 and 1"):
        metrics.MeanAveragePrecision(50)


def test_by_name_in_a_training():
    nn.manual_seed(0)
    names = ["accuracy", "roc_auc", "f1_macro", "precision_macro", "recall_macro", "average_precision", "perplexity"]
    history = nn.fit(nn.Linear(5, 5), "cross_entropy", (SCORES, Y), metrics=names, validation=0.5, progress=False)
    assert history.names == ["epoch", "loss", *names, "val_loss", *[f"val_{name}" for name in names]]
    binary = ["accuracy", "f1", "precision", "recall", "auc"]
    x = P[:, None].astype(np.float32)
    history = nn.fit(
        nn.Linear(1, 1),
        nn.BCEWithLogitsLoss(),
        (x, BINARY[:, None] * 1.0),
        metrics=binary,
        lr=0.3,
        epochs=20,
        progress=False,
    )
    assert history[-1]["accuracy"] > 0.6
    whole = nn.fit(nn.Linear(1, 1), nn.MSELoss(), (x, x), metrics=[metrics.mae, "rmse", metrics.R2()], progress=False)
    assert whole.names[2:] == ["mae", "rmse", "r2"]
    with pytest.raises(OperandError, match="gives an array"):
        nn.fit(nn.Linear(5, 5), "cross_entropy", (SCORES, Y), metrics=[metrics.F1(average=None)], progress=False)


def test_errors():
    with pytest.raises(ShapeError, match="one_hot=True"):
        metrics.accuracy(SCORES, np.eye(4, dtype=int)[Y % 4])
    with pytest.raises(OperandError, match="The model's output comes first"):
        metrics.accuracy(BINARY, P)
