"""Recurrent layers: padded batches, both ways of running them, and what is told when shapes do not fit."""

from __future__ import annotations

import numpy as np
import pytest

import nn
from autograd import OperandError, ShapeError, gradcheck

KINDS = [nn.RNN, nn.LSTM, nn.GRU]
CELLS = {nn.RNN: nn.RNNCell, nn.LSTM: nn.LSTMCell, nn.GRU: nn.GRUCell}


def states(h):
    return [x.data for x in h] if isinstance(h, tuple) else [h.data]


def layer(kind, *args, **kwargs):
    nn.manual_seed(0)
    return kind(*args, dtype=np.float64, **kwargs)


def data(*shape):
    return np.random.default_rng(1).normal(size=shape)


@pytest.mark.parametrize("kind", KINDS)
def test_a_layer_is_its_cell_step_by_step(kind):
    net, cell, x = layer(kind, 3, 4), CELLS[kind](3, 4, dtype=np.float64), data(6, 2, 3)
    cell.load_state_dict({name.removesuffix("_l0"): w for name, w in net.state_dict().items()})
    y, h = net(x)
    state = None
    for t in range(6):
        state = cell(x[t], state)
        np.testing.assert_allclose(y.data[t], states(state)[0], rtol=1e-12)
    for a, b in zip(states(h), states(state), strict=True):
        np.testing.assert_allclose(a[0], b, rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", [{}, {"recurrent_dropout": 1e-300}], ids=["in one", "by steps"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_padding_changes_nothing(kind, way, bidirectional):
    net = layer(kind, 3, 4, num_layers=2, batch_first=True, bidirectional=bidirectional, **way)
    x, lengths = data(3, 6, 3), [6, 2, 4]
    y, h = net(x, lengths=lengths)
    for i, n in enumerate(lengths):
        alone, last = net(x[i, :n])
        np.testing.assert_allclose(y.data[i, :n], alone.data, rtol=1e-12)
        assert not y.data[i, n:].any()
        for a, b in zip(states(h), states(last), strict=True):
            np.testing.assert_allclose(a[:, i], b, rtol=1e-12)


def test_gradients_of_a_padded_batch():
    net = layer(nn.LSTM, 2, 3, bidirectional=True)
    assert gradcheck(lambda x: net(x, lengths=[4, 2])[0], data(4, 2, 2))


@pytest.mark.parametrize("kind", KINDS)
def test_recurrent_dropout_leaves_the_same_out_at_every_step(kind, monkeypatch):
    net, drawn = layer(kind, 2, 5, recurrent_dropout=0.5), []
    dropout = nn.functional.dropout
    monkeypatch.setattr(nn.functional, "dropout", lambda *args: drawn.append(dropout(*args)) or drawn[-1])
    x = data(4, 3, 2)
    net(x)
    (kept,) = drawn
    assert set(np.unique(kept)) == {0.0, 2.0}
    assert not np.array_equal(net(x)[0].data, net(x)[0].data)
    plain = layer(kind, 2, 5)
    np.testing.assert_allclose(net.eval()(x)[0].data, plain(x)[0].data, rtol=1e-12)


def test_dropout_between_layers_only_while_training():
    net = layer(nn.GRU, 2, 5, num_layers=2, dropout=0.5)
    x = data(4, 3, 2)
    assert not np.array_equal(net(x)[0].data, net(x)[0].data)
    net.eval()
    np.testing.assert_array_equal(net(x)[0].data, net(x)[0].data)


def test_dropout_of_a_single_layer_is_told_to_do_nothing():
    with pytest.warns(UserWarning, match="between two layers, and there is only one"):
        nn.LSTM(2, 3, dropout=0.5)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: nn.LSTM(3, 4)(np.ones((5, 2, 2))), r"input_size=3, and got an input of shape \(5, 2, 2\)"),
        (lambda: nn.LSTM(3, 4, batch_first=True)(np.ones(3)), r"LSTM reads \(N, L, input_size\)"),
        (lambda: nn.LSTM(3, 4)(np.ones((5, 2, 3)), np.zeros((1, 2, 4))), r"a pair \(h, c\) of shape \(1, 2, 4\) and"),
        (lambda: nn.GRU(3, 4)(np.ones((5, 2, 3)), np.zeros((2, 2, 4))), r"a state of shape \(1, 2, 4\), and got"),
        (lambda: nn.GRUCell(3, 4)(np.ones((5, 2, 3))), r"GRUCell reads one step, \(N, 3\) or \(3,\)"),
        (lambda: nn.LSTMCell(3, 4)(np.ones((5, 3)), np.zeros((5, 4))), r"a pair \(h, c\)"),
        (lambda: nn.RNN(3, 0), "positive numbers"),
        (lambda: nn.LSTM(3, 4, proj_size=4), "smaller than hidden_size=4"),
        (lambda: nn.RNN(3, 4)(np.ones((5, 2, 3)), lengths=[6, 1]), "lengths are 2 numbers of steps, from 1 to 5"),
    ],
)
def test_what_does_not_fit_is_told(call, words):
    with pytest.raises(ShapeError, match=words):
        call()


def test_other_bad_settings_are_told():
    with pytest.raises(OperandError, match='"tanh" or "relu"'):
        nn.RNN(3, 4, nonlinearity="sigmoid")
    with pytest.raises(OperandError, match="between 0 and 1"):
        nn.GRU(3, 4, 2, dropout=1.5)


def test_it_learns_to_remember_the_first_number():
    nn.manual_seed(0)
    net, head = nn.LSTM(1, 8), nn.Linear(8, 1)
    optimizer = nn.optim.Adam([*net.parameters(), *head.parameters()], lr=0.03)
    rng = np.random.default_rng(0)
    for _ in range(120):
        x = rng.uniform(-1, 1, (6, 32, 1)).astype(np.float32)
        loss = nn.functional.mse_loss(head(net(x)[1][0][0]), x[0])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.05
