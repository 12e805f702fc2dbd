"""Networks that read a sequence and answer once: counts, ends of padded batches, order, what they see."""

from __future__ import annotations

import numpy as np
import pytest

import nn
from autograd import OperandError, ShapeError
from nn.models import RecurrentNet, SeriesCNN, TransformerClassifier

X = np.random.default_rng(0).normal(size=(3, 8, 4))


def test_counts_are_the_formulas():
    i, h, o = 4, 6, 3
    assert RecurrentNet(i, h, o).num_parameters == 4 * h * (i + h + 2) + o * (h + 1)
    assert RecurrentNet(i, h, o, cell="gru").num_parameters == 3 * h * (i + h + 2) + o * (h + 1)
    c, k = 5, 3
    count = c * (3 * i + 1) + (k - 1) * c * (3 * c + 1) + o * (c + 1)
    assert SeriesCNN(i, o, channels=c, layers=k).num_parameters == count
    d, f = 8, 12
    layer = 4 * d * (d + 1) + 2 * d * f + f + 5 * d
    model = TransformerClassifier(o, input_size=i, d_model=d, nhead=2, dim_feedforward=f, num_layers=2, max_len=9)
    assert model.num_parameters == d * (i + 1) + 9 * d + 2 * layer + 2 * d + o * (d + 1)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_padding_does_not_count(cell, bidirectional):
    model = RecurrentNet(4, 5, 2, cell=cell, num_layers=2, bidirectional=bidirectional, dtype=np.float64)
    alone = [model(X[i : i + 1, :n]).data[0] for i, n in enumerate((8, 3, 5))]
    np.testing.assert_allclose(model(X, [8, 3, 5]).data, alone, rtol=1e-10)


def test_a_window_of_a_series_is_as_wide_as_told():
    nn.manual_seed(0)
    model = SeriesCNN(1, 1, channels=3, layers=3, dtype=np.float64)
    before_the_head = model[:-3]
    x = np.random.default_rng(0).normal(size=(1, 40, 1))
    whole, seen = before_the_head(x).data[0, :, 20], []
    for place in range(40):
        other = x.copy()
        other[0, place] += 1
        if np.abs(before_the_head(other).data[0, :, 20] - whole).max() > 0:
            seen.append(place)
    assert min(seen) >= 20 - 7
    assert max(seen) <= 20 + 7  # 2^4 - 1 steps in all
    assert len(seen) > 7
    assert model(x[:, :5]).shape == model(x).shape == (1, 1)
    with pytest.raises(ShapeError, match="layers=0"):
        SeriesCNN(1, 1, layers=0)


def small(**how):
    nn.manual_seed(0)
    return TransformerClassifier(3, d_model=8, nhead=2, dim_feedforward=12, max_len=8, dtype=np.float64, **how).eval()


def test_an_encoder_sees_order_and_not_padding():
    model = small(input_size=4)
    whole = model(X).data
    assert np.abs(model(X[:, ::-1]).data - whole).max() > 1e-6
    padding = np.arange(8) >= np.array([8, 3, 5])[:, None]
    alone = [model(X[i : i + 1, :n]).data[0] for i, n in enumerate((8, 3, 5))]
    np.testing.assert_allclose(model(X, padding).data, alone, rtol=1e-10)


def test_layers_of_an_encoder_begin_differently():
    model = small(vocab_size=5)
    first, second = (layer.state_dict() for layer in model.encoder.layers)
    for name in first:
        if first[name].ndim == 2:
            assert np.abs(first[name] - second[name]).max() > 0.01, name
    assert model(np.zeros((2, 6), int)).shape == (2, 3)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: SeriesCNN(1, 1)(X[:, :, 0]), r"\(N, L, features\), and this has shape \(3, 8\)(.|\n)*x\[:, :, None\]"),
        (lambda: small(input_size=4)(X, np.ones((3, 8), bool)), "nothing but padding"),
        (lambda: small(input_size=4)(X[..., :3]), "its last axis must be 4"),
        (lambda: small(input_size=4)(np.ones((3, 9, 4))), "knows 8 places, and the sequence has 9"),
    ],
)
def test_shapes_that_do_not_fit_are_said(call, words):
    with pytest.raises(ShapeError, match=words):
        call()


def test_what_to_read_must_be_said():
    for how in ({}, {"input_size": 2, "vocab_size": 2}):
        with pytest.raises(OperandError, match=r"input_size=.*vocab_size="):
            TransformerClassifier(3, **how)
    with pytest.raises(OperandError, match="'rnn', 'lstm', 'gru', and not 'transformer'"):
        RecurrentNet(4, 5, 2, cell="transformer")


@pytest.mark.parametrize("make", [lambda: RecurrentNet(4, 16, 2), lambda: small(input_size=4).train()])
def test_they_learn_where_something_stands(make):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, 8, 4))
    y = (x[:, 0, 0] > x[:, -1, 0]).astype(int)
    nn.manual_seed(0)
    model = make()
    optimizer = nn.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(60):
        loss = nn.functional.cross_entropy(model(x.astype(model.head.weight.dtype)), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert float(loss) < 0.3
