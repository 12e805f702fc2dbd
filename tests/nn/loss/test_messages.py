"""What a newcomer is told who gives a loss something else than it wants: what, where, and what to do."""

from __future__ import annotations

import re

import numpy as np
import pytest

import autograd
import nn
from autograd import OperandError, ShapeError, Tensor, Value

F = nn.functional
Z = Tensor(np.random.default_rng(0).normal(size=(4, 3)))
COLUMN = Tensor(np.zeros((4, 1)))
NUMBERS = np.array([0, 1, 2, 1])
HOT = np.eye(3, dtype=int)[NUMBERS]
PAIR = Tensor([0.2, 0.1])

CASES = {
    "float class numbers": (
        lambda: F.cross_entropy(Z, NUMBERS * 1.0),
        ShapeError,
        r"integers of shape \(4,\).*astype\(int",
    ),
    "float numbers, nll": (lambda: F.nll_loss(Z, NUMBERS * 1.0), ShapeError, r"target.astype\(int"),
    "one-hot integers": (lambda: F.cross_entropy(Z, HOT), ShapeError, r"one-hot.*target.argmax\(1\).*astype\(float"),
    "one-hot booleans": (lambda: F.cross_entropy(Z, HOT > 0), ShapeError, r"target.argmax\(1\)"),
    "one-hot, nll": (lambda: F.nll_loss(Z, HOT * 1.0), ShapeError, r"target.argmax\(1\)\.$"),
    "a column of numbers": (lambda: F.cross_entropy(Z, NUMBERS[:, None]), ShapeError, r"reshape the target to \(4,\)"),
    "too few": (lambda: F.cross_entropy(Z, NUMBERS[:3]), ShapeError, r"shape \(3,\)"),
    "from 1": (lambda: F.cross_entropy(Z, NUMBERS + 1), ShapeError, "0..2, and range from 1 to 3"),
    "negative": (lambda: F.nll_loss(Z, NUMBERS - 1), ShapeError, "range from -1 to 1"),
    "exchanged": (lambda: F.cross_entropy(NUMBERS, Z), ShapeError, "seem to be exchanged"),
    "classes last": (
        lambda: F.cross_entropy(Tensor(np.zeros((2, 5, 3))), np.zeros((2, 5), int)),
        ShapeError,
        r"axis 1.*moveaxis\(input, -1, 1\)",
    ),
    "no axis": (lambda: F.cross_entropy(Tensor(3.0), 0), ShapeError, "an axis of classes"),
    "names": (lambda: F.cross_entropy(Z, ["cat", "dog", "cat", "cow"]), OperandError, r"np.unique\(names"),
    "nothing": (lambda: F.mse_loss(Z, None), OperandError, "of numbers, and got .*None"),
    "complex": (lambda: F.mse_loss(np.array([1j]), [0.0]), OperandError, "of numbers, and got .*complex"),
    "weights of too few classes": (lambda: F.cross_entropy(Z, NUMBERS, [1.0, 2.0]), ShapeError, r"must be \(3,\)"),
    "reduction for a weight": (lambda: F.cross_entropy(Z, NUMBERS, "sum"), OperandError, "reduction='sum'"),
    "a reduction, bce": (lambda: F.binary_cross_entropy(PAIR, [1, 0], "sum"), OperandError, "reduction='sum'"),
    "made with one": (lambda: nn.CrossEntropyLoss("sum"), OperandError, "reduction='sum'"),
    "weight for a reduction": (lambda: F.mse_loss(Z, HOT, np.ones((4, 3))), ValueError, r"not ndarray\(4, 3\)"),
    "an old reduction": (lambda: F.mse_loss(Z, HOT, reduction=False), ValueError, '"mean", "sum" or "none", not False'),
    "smoothing": (lambda: F.cross_entropy(Z, NUMBERS, label_smoothing=10), ValueError, "between 0 and 1, and is 10"),
    "ignored probabilities": (lambda: F.cross_entropy(Z, HOT / 1, ignore_index=0), ValueError, "is for class numbers"),
    "values, number": (lambda: F.cross_entropy([Value(1.0), Value(2.0)], 2), ShapeError, "2 is not in 0..1"),
    "values, probabilities": (lambda: F.cross_entropy([Value(1.0), Value(2.0)], [1.0]), ShapeError, "1 probabilities"),
    "values, rows": (lambda: F.cross_entropy([[Value(1.0)]], [0, 0]), ShapeError, "1 rows of logits with 2 targets"),
    "logits": (lambda: F.binary_cross_entropy(Tensor([2.0]), [1.0]), OperandError, "got 2 to 2.*with_logits"),
    "nan": (lambda: F.binary_cross_entropy(Tensor([np.nan]), [1.0]), OperandError, r"nan.*detect_anomaly\(\)"),
    "-1 for 0": (lambda: F.binary_cross_entropy(PAIR, [1, -1]), OperandError, r"of 0 and 1.*\(target \+ 1\) / 2"),
    "-1, logits": (lambda: F.binary_cross_entropy_with_logits(PAIR, [1, -1]), OperandError, r"\(target \+ 1\) / 2"),
    "row for a column": (lambda: F.mse_loss(COLUMN, np.zeros(4)), ShapeError, r"reshape the target to \(4, 1\)"),
    "column for a row": (lambda: F.l1_loss(np.zeros(4), COLUMN), ShapeError, r"reshape the target to \(4,\)"),
    "one row for many": (lambda: F.huber_loss(Z, np.zeros(3)), ShapeError, "do not belong together"),
    "a weight of another shape": (
        lambda: F.mse_loss(Z, HOT, weight=[1, 2, 3]),
        ShapeError,
        r"a weight of shape \(3,\)",
    ),
    "pos_weight": (
        lambda: F.binary_cross_entropy_with_logits(Z, HOT, pos_weight=[1.0, 2.0]),
        ShapeError,
        r"a pos_weight of shape \(2,\) does not fit.*broadcastable to \(4, 3\)",
    ),
    "values of another length": (lambda: F.mse_loss([Value(1.0)], [1.0, 2.0]), ShapeError, "one shape"),
    "three operands": (
        lambda: F.margin_ranking_loss(PAIR, PAIR, [1]),
        ShapeError,
        "an input1 of .* an input2 of .* and a",
    ),
    "delta": (lambda: F.huber_loss(Z, HOT, delta=0), ValueError, "delta must be above 0"),
    "beta": (lambda: F.smooth_l1_loss(Z, HOT, beta=-1), ValueError, "beta must not be negative"),
    "gamma": (lambda: F.focal_loss(Z, NUMBERS, -1), ValueError, "gamma must not be negative"),
    "p": (lambda: F.multi_margin_loss(Z, NUMBERS, 3), ValueError, "p is 1 or 2"),
    "margin": (lambda: F.triplet_margin_loss(Z, Z, Z, 0), ValueError, "margin must be above 0"),
    "triplets": (lambda: F.triplet_margin_loss(Z, Z, COLUMN), ShapeError, "of one shape"),
    "angles": (lambda: F.cosine_embedding_loss(Z, Z, COLUMN), ShapeError, r"\(N, D\) and the target \(N,\)"),
    "one-hot, margins": (lambda: F.multi_margin_loss(Z, HOT), ShapeError, r"class numbers \(N,\)"),
    "float, margins": (lambda: F.multi_margin_loss(Z, NUMBERS * 1.0), OperandError, r"target.astype\(int"),
    "short labels": (lambda: F.multilabel_margin_loss(Z, NUMBERS), ShapeError, "filled up with -1"),
    "wrong labels": (lambda: F.multilabel_margin_loss(Z, HOT + 3), ShapeError, "0..2"),
    "no labels": (lambda: F.multilabel_soft_margin_loss(Tensor(1.0), 1), ShapeError, "an axis of classes"),
    "labels by number": (lambda: F.multilabel_soft_margin_loss(Z, NUMBERS), ShapeError, "^multilabel_soft"),
    "variances": (lambda: F.gaussian_nll_loss(Z, HOT, np.ones(3)), ShapeError, r"\(4, 1\), or \(4,\)"),
    "negative variances": (lambda: F.gaussian_nll_loss(Z, HOT, Z), OperandError, "never negative.*softplus"),
    "means": (lambda: F.gaussian_nll_loss(COLUMN, np.zeros(4), 1.0), ShapeError, "broadcastable to it"),
    "batch": (lambda: F.kl_div(Z, HOT, "batch"), ValueError, '"batchmean", "mean"'),
    "called when made": (
        lambda: nn.CrossEntropyLoss(Z, NUMBERS),
        OperandError,
        r"first made and then called.*nn.Cross",
    ),
    "called when made, bce": (lambda: nn.BCELoss(Z, Z), OperandError, r"loss = nn.BCELoss\(\); loss\(input, target\)"),
    "called when made, l1": (lambda: nn.L1Loss(Z), OperandError, "reduction is a setting"),
    "features": (
        lambda: nn.AdaptiveLogSoftmaxWithLoss(8, 20, [5])(np.zeros((3, 7)), [0, 1, 2]),
        ShapeError,
        r"they are \(N, 8\) and \(N,\)",
    ),
    "words": (
        lambda: nn.AdaptiveLogSoftmaxWithLoss(8, 20, [5])(np.zeros((1, 8)), [20]),
        ShapeError,
        "class numbers must lie in 0..19",
    ),
}


@pytest.mark.parametrize(("call", "kind", "words"), CASES.values(), ids=CASES)
def test_it_is_an_error_in_words(call, kind, words):
    with pytest.raises(kind) as caught:
        call()
    assert isinstance(caught.value, autograd.AutogradError) or kind is ValueError
    lines = str(caught.value).splitlines()
    (place,) = [line for line in lines if line.startswith("  at ")]
    assert place.startswith("  at test_messages.py:")
    lines.remove(place)  # it quotes this file
    assert re.search(words, "\n".join(lines), re.DOTALL), lines
    assert max(map(len, lines)) < 200


WONDERS = {
    "soft_margin_loss": lambda: F.soft_margin_loss(PAIR, [1, 0]),
    "hinge_embedding_loss": lambda: F.hinge_embedding_loss(PAIR, [0, 1]),
    "margin_ranking_loss": lambda: F.margin_ranking_loss(PAIR, PAIR, [0, 1]),
    "cosine_embedding_loss": lambda: F.cosine_embedding_loss(Z, Z, [0, 1, 1, 0]),
}


@pytest.mark.parametrize("name", WONDERS)
def test_zeros_for_signs_are_wondered_at(name):
    with pytest.warns(UserWarning, match=f"{name} has targets of -1 and 1, and got some of 0 and 1") as caught:
        y = WONDERS[name]()
    lines = str(caught[0].message).splitlines()
    assert lines[1].startswith("  at test_messages.py:")
    assert lines[2] == "  Is 2 * target - 1 meant?"
    assert np.isfinite(y.item())


def test_what_only_looks_wrong_is_neither():
    """Targets of one kind alone, and numbers that are neither yes nor no, are PyTorch's business."""
    for target in ([0, 0], [1, 1], [1, -1], [0.5, 0.2], [2.0, -3.0]):
        assert np.isfinite(F.soft_margin_loss(PAIR, target).item())
    for target in ([0, 0], [1, 1], [1, 0], [0.5, 0.2], [-1, -1]):
        assert np.isfinite(F.binary_cross_entropy_with_logits(PAIR, target).item())
