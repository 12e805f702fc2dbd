"""Every loss against its formula, written out for one element; its derivatives against differences, to second order."""

from __future__ import annotations

import inspect
import math

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, Value

F = nn.functional
RNG = np.random.default_rng(0)
X, Y, Z = RNG.normal(size=(3, 4, 3))
REAL, SHARE, CHANCE = RNG.normal(size=(4, 3)), RNG.random((4, 3)), RNG.uniform(0.05, 0.95, (4, 3))
SIGN = np.where(RNG.random((4, 3)) < 0.5, -1, 1)
COUNT = RNG.integers(0, 5, (4, 3))
LOGS = np.log(RNG.dirichlet(np.ones(3), 4))
ln = math.log


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def binary(p, t):
    return -t * ln(p) - (1 - t) * ln(1 - p)


def huber(d, delta):
    return d * d / 2 if abs(d) < delta else delta * (abs(d) - delta / 2)


def poisson(rate, t, full=0.0):
    return rate - t * ln(rate) + (full and t > 1 and t * ln(t) - t + ln(2 * math.pi * t) / 2)


# Function, its operands, its settings, and the loss of one element
ELEMENTWISE = [
    ("mse_loss", (X, REAL), {}, lambda x, t: (x - t) ** 2),
    ("l1_loss", (X, REAL), {}, lambda x, t: abs(x - t)),
    ("smooth_l1_loss", (X, REAL), {}, lambda x, t: huber(x - t, 1.0)),
    ("smooth_l1_loss", (X, REAL), {"beta": 0.3}, lambda x, t: huber(x - t, 0.3) / 0.3),
    ("smooth_l1_loss", (X, REAL), {"beta": 0}, lambda x, t: abs(x - t)),
    ("huber_loss", (X, REAL), {}, lambda x, t: huber(x - t, 1.0)),
    ("huber_loss", (X, REAL), {"delta": 0.3}, lambda x, t: huber(x - t, 0.3)),
    ("binary_cross_entropy", (CHANCE, SHARE), {}, binary),
    ("binary_cross_entropy_with_logits", (X, SHARE), {}, lambda x, t: binary(sigmoid(x), t)),
    ("sigmoid_focal_loss", (X, SHARE), {"alpha": -1, "gamma": 0}, lambda x, t: binary(sigmoid(x), t)),
    (
        "sigmoid_focal_loss",
        (X, SHARE),
        {"alpha": 0.25, "gamma": 1.5},
        lambda x, t: binary(p := sigmoid(x), t) * (1 - p * t - (1 - p) * (1 - t)) ** 1.5 * (0.25 * t + 0.75 * (1 - t)),
    ),
    ("kl_div", (LOGS, SHARE), {}, lambda x, t: t * (ln(t) - x)),
    ("kl_div", (LOGS, LOGS[::-1]), {"log_target": True}, lambda x, t: math.exp(t) * (t - x)),
    ("poisson_nll_loss", (X, COUNT), {}, lambda x, t: poisson(math.exp(x), t)),
    ("poisson_nll_loss", (X, COUNT), {"full": True}, lambda x, t: poisson(math.exp(x), t, 1)),
    ("poisson_nll_loss", (SHARE + 0.1, COUNT), {"log_input": False, "eps": 0}, poisson),
    ("gaussian_nll_loss", (X, REAL, CHANCE), {}, lambda x, t, v: (ln(v) + (x - t) ** 2 / v) / 2),
    (
        "gaussian_nll_loss",
        (X, REAL, CHANCE),
        {"full": True},
        lambda x, t, v: (ln(2 * math.pi * v) + (x - t) ** 2 / v) / 2,
    ),
    ("hinge_embedding_loss", (X, SIGN), {}, lambda x, t: x if t == 1 else max(0, 1 - x)),
    ("hinge_embedding_loss", (X, SIGN), {"margin": 0.2}, lambda x, t: x if t == 1 else max(0, 0.2 - x)),
    ("margin_ranking_loss", (X, Y, SIGN), {}, lambda a, b, t: max(0, -t * (a - b))),
    ("margin_ranking_loss", (X, Y, SIGN), {"margin": 0.5}, lambda a, b, t: max(0, 0.5 - t * (a - b))),
    ("soft_margin_loss", (X, SIGN), {}, lambda x, t: ln(1 + math.exp(-t * x))),
]
CLASSES = np.array([0, 2, 1, 2])
LABELS = np.array([[2, -1, 0], [0, 1, -1], [-1, 2, 2], [2, 1, 0]])
BITS = np.array([[1, 0, 1], [0, 0, 1], [1, 1, 0], [0, 0, 0]])


def entropy(z, t):
    return -ln(math.exp(z[t]) / sum(math.exp(x) for x in z))


def angle(a, b, t, margin=0.0):
    cosine = a @ b / math.sqrt((a @ a) * (b @ b))
    return 1 - cosine if t == 1 else max(0, cosine - margin)


def multilabel(x, t):
    right = t[: list(t).index(-1)] if -1 in t else t
    return sum(max(0, 1 - x[j] + x[i]) for j in right for i in range(len(x)) if i not in right) / len(x)


def gap(a, b, p=2):
    return (abs(a - b + 1e-6) ** p).sum() ** (1 / p)


# Of rows: function, its operands, its settings, and the loss of one row
ROWS = [
    ("cross_entropy", (X, CLASSES), {}, entropy),
    ("cross_entropy", (X, np.exp(LOGS)), {}, lambda z, p: sum(p[t] * entropy(z, t) for t in range(3))),
    (
        "cross_entropy",
        (X, CLASSES),
        {"label_smoothing": 0.3},
        lambda z, t: 0.7 * entropy(z, t) + 0.1 * sum(entropy(z, k) for k in range(3)),
    ),
    ("nll_loss", (LOGS, CLASSES), {}, lambda x, t: -x[t]),
    ("focal_loss", (X, CLASSES), {}, lambda z, t: (1 - math.exp(-entropy(z, t))) ** 2 * entropy(z, t)),
    ("focal_loss", (X, CLASSES), {"gamma": 0.5}, lambda z, t: (1 - math.exp(-entropy(z, t))) ** 0.5 * entropy(z, t)),
    ("focal_loss", (X, CLASSES), {"gamma": 0}, entropy),
    (
        "multi_margin_loss",
        (X, CLASSES),
        {},
        lambda x, t: sum(max(0, 1 - x[t] + x[i]) for i in range(3) if i != t) / 3,
    ),
    (
        "multi_margin_loss",
        (X, CLASSES),
        {"p": 2, "margin": 0.5},
        lambda x, t: sum(max(0, 0.5 - x[t] + x[i]) ** 2 for i in range(3) if i != t) / 3,
    ),
    ("multilabel_margin_loss", (X, LABELS), {}, multilabel),
    (
        "multilabel_soft_margin_loss",
        (X, BITS),
        {},
        lambda x, t: sum(binary(sigmoid(a), b) for a, b in zip(x, t, strict=True)) / 3,
    ),
    ("cosine_embedding_loss", (X, Y, SIGN[:, 0]), {}, angle),
    ("cosine_embedding_loss", (X, Y, SIGN[:, 0]), {"margin": 0.4}, lambda a, b, t: angle(a, b, t, 0.4)),
    ("triplet_margin_loss", (X, Y, Z), {}, lambda a, p, n: max(0, 1 + gap(a, p) - gap(a, n))),
    (
        "triplet_margin_loss",
        (X, Y, Z),
        {"p": 1, "margin": 0.2},
        lambda a, p, n: max(0, 0.2 + gap(a, p, 1) - gap(a, n, 1)),
    ),
    (
        "triplet_margin_loss",
        (X, Y, Z),
        {"swap": True},
        lambda a, p, n: max(0, 1 + gap(a, p) - min(gap(a, n), gap(p, n))),
    ),
    (
        "triplet_margin_with_distance_loss",
        (X, Y, Z),
        {"distance_function": lambda a, b: ((a - b) ** 2).sum(-1), "margin": 2.0},
        lambda a, p, n: max(0, 2 + ((a - p) ** 2).sum() - ((a - n) ** 2).sum()),
    ),
]
ALL = ELEMENTWISE + ROWS
each = pytest.mark.parametrize(
    ("name", "operands", "settings", "formula"), ALL, ids=[f"{n} {list(s) or ''}" for n, _, s, _ in ALL]
)


def expected(operands, formula):
    """The losses of all elements, or of all rows."""
    by_row = any((operands is row[1] and formula is row[3]) for row in ROWS)
    columns = operands if by_row else [x.ravel() for x in operands]
    found = np.array([formula(*row) for row in zip(*columns, strict=True)], float)
    return found if by_row else found.reshape(operands[0].shape)


def test_every_loss_has_its_row():
    made = {
        name for name, f in vars(F).items() if inspect.isfunction(f) and "reduction" in inspect.signature(f).parameters
    }
    assert {name for name in made if not name.startswith("_")} - {"each", "reduce"} == {row[0] for row in ALL} | {
        "ctc_loss"
    }


@each
def test_values(name, operands, settings, formula):
    wanted = expected(operands, formula)
    loss = getattr(F, name)
    for first in (Tensor(operands[0]), operands[0], operands[0].tolist()):
        for reduction, number in [("none", wanted), ("sum", wanted.sum()), ("mean", wanted.mean())]:
            found = loss(first, *operands[1:], **settings, reduction=reduction)
            assert isinstance(found, Tensor) == isinstance(first, Tensor)
            found = found.data if isinstance(found, Tensor) else found
            np.testing.assert_allclose(found, number, rtol=1e-9, atol=1e-12)


@each
def test_float32(name, operands, settings, formula):
    x = Tensor(operands[0].astype(np.float32))
    y = getattr(F, name)(x, *operands[1:], **settings, reduction="mean")
    assert y.dtype == np.float32
    y.backward()
    assert x.grad.dtype == np.float32
    np.testing.assert_allclose(y.data, expected(operands, formula).mean(), rtol=1e-5)


@each
def test_derivatives(name, operands, settings, formula):
    free = [i for i, x in enumerate(operands) if x.dtype.kind == "f"]
    kinks = name in ("l1_loss", "hinge_embedding_loss", "margin_ranking_loss") or name.startswith("multi")

    def loss(*xs):
        filled = list(operands)
        for i, x in zip(free, xs, strict=True):
            filled[i] = x
        return getattr(F, name)(*filled, **settings, reduction="sum")

    given = [operands[i] for i in free]
    assert autograd.gradcheck(loss, *given)
    if not kinks:
        assert autograd.gradgradcheck(loss, *given)


@pytest.mark.parametrize(("name", "operands", "settings", "formula"), ELEMENTWISE)
def test_lists_of_values_are_like_tensors(name, operands, settings, formula):
    loss = getattr(F, name)
    rows = [[Value(x) for x in row] for row in operands[0].tolist()]
    alone = loss(rows, *operands[1:], **settings, reduction="none")
    wanted = expected(operands, formula)
    if name == "gaussian_nll_loss":  # whose shapes are more than equal
        np.testing.assert_allclose(alone.data, wanted)
    else:
        np.testing.assert_allclose([[v.data for v in row] for row in alone], wanted, rtol=1e-9, atol=1e-12)
        assert all(type(v) is Value for row in alone for v in row)
    y = loss(rows, *operands[1:], **settings, reduction="mean")
    y.backward()
    x = Tensor(operands[0])
    loss(x, *operands[1:], **settings, reduction="mean").backward()
    np.testing.assert_allclose([[v.grad for v in row] for row in rows], x.grad, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("name", "operands", "settings", "formula"), ROWS)
def test_rows_may_be_of_values_too(name, operands, settings, formula):
    rows = [[Value(x) for x in row] for row in operands[0].tolist()]
    y = getattr(F, name)(rows, *operands[1:], **settings)
    assert y.item() == pytest.approx(expected(operands, formula).mean(), rel=1e-9)
    y.backward()
    x = Tensor(operands[0])
    getattr(F, name)(x, *operands[1:], **settings).backward()
    np.testing.assert_allclose([[v.grad for v in row] for row in rows], x.grad, rtol=1e-9, atol=1e-12)


@each
def test_modules_hand_their_settings_on(name, operands, settings, formula):
    kinds = {
        "binary_cross_entropy": nn.BCELoss,
        "binary_cross_entropy_with_logits": nn.BCEWithLogitsLoss,
        "kl_div": nn.KLDivLoss,
        "l1_loss": nn.L1Loss,
        "mse_loss": nn.MSELoss,
        "nll_loss": nn.NLLLoss,
        "poisson_nll_loss": nn.PoissonNLLLoss,
        "gaussian_nll_loss": nn.GaussianNLLLoss,
        "multilabel_margin_loss": nn.MultiLabelMarginLoss,
        "multilabel_soft_margin_loss": nn.MultiLabelSoftMarginLoss,
        "smooth_l1_loss": nn.SmoothL1Loss,
        "cross_entropy": nn.CrossEntropyLoss,
    }
    kind = kinds.get(name) or getattr(nn, name.title().replace("_", ""))
    module = kind(**settings, reduction="none")
    np.testing.assert_allclose(module(*operands), expected(operands, formula), rtol=1e-9, atol=1e-12)
    shown = repr(module)
    assert shown.startswith(f"{kind.__name__}(")
    assert "reduction='none'" in shown
    for key, value in settings.items():
        assert key == "distance_function" or f"{key}={value!r}" in shown
    with pytest.raises(ValueError, match="not 'average'"):
        kind(reduction="average")
