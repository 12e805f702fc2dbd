"""Sequence to sequence: shapes, what may be seen, attention by hand, a copied word."""

from __future__ import annotations

import numpy as np
import pytest

import nn
from autograd import OperandError, ShapeError
from nn.models import Seq2Seq, token_loss
from nn.models.seq2seq import AdditiveAttention, Memory, MultiplicativeAttention

KINDS = ["bahdanau", "luong"]
RANDOM = np.random.default_rng(0)
SOURCE, TARGET = RANDOM.integers(1, 9, (3, 6)), RANDOM.integers(1, 7, (3, 4))


def small(attention):
    nn.manual_seed(0)
    return Seq2Seq(9, 7, 5, 4, attention=attention, dtype=np.float64)


@pytest.mark.parametrize("attention", KINDS)
def test_shapes_and_what_is_to_come(attention):
    model = small(attention)
    whole = model(SOURCE, TARGET).data
    assert whole.shape == (3, 4, 7)
    other = TARGET.copy()
    other[:, 2:] = (other[:, 2:] + 1) % 7
    changed = model(SOURCE, other).data
    np.testing.assert_array_equal(whole[:, :2], changed[:, :2])
    assert (np.abs(whole - changed)[:, 2:].max((1, 2)) > 1e-3).all()


@pytest.mark.parametrize("attention", KINDS)
def test_what_lies_behind_the_end_of_a_source_is_not_seen(attention):
    model = small(attention)
    alone = [model(SOURCE[i : i + 1, :n], TARGET[i : i + 1]).data[0] for i, n in enumerate((6, 2, 4))]
    np.testing.assert_allclose(model(SOURCE, TARGET, [6, 2, 4]).data, alone, rtol=1e-10)
    _, weights = model.write(SOURCE, 1, max_length=5, lengths=[6, 2, 4])
    assert not weights[1, :, 2:].any()
    np.testing.assert_allclose(weights.sum(-1), 1)


@pytest.mark.parametrize("attention", KINDS)
def test_written_step_by_step_is_the_likeliest_of_all_at_once(attention):
    model = small(attention)
    answer, _ = model.write(SOURCE, start=1, max_length=5)
    read = np.concatenate([np.ones((3, 1), int), answer[:, :-1]], 1)
    np.testing.assert_array_equal(model(SOURCE, read).data.argmax(-1), answer)


def test_the_scores_are_the_published_formulas():
    states, keys = RANDOM.normal(size=(2, 6, 8)), RANDOM.normal(size=(2, 6, 4))
    query, memory = RANDOM.normal(size=(2, 3, 4)), Memory(states, keys, None)

    def softmax(x):
        return np.exp(x) / np.exp(x).sum(-1, keepdims=True)

    found, weights = MultiplicativeAttention()(query, memory)
    np.testing.assert_allclose(weights, softmax(np.einsum("nth,nsh->nts", query, keys)))
    np.testing.assert_allclose(found, np.einsum("nts,nsm->ntm", weights, states))
    additive = AdditiveAttention(4, np.float64)
    w, v = additive.query.weight.data, additive.judge.weight.data[0]
    _, weights = additive(query, memory)
    scores = np.tanh((query @ w.T)[:, :, None] + keys[:, None]) @ v
    np.testing.assert_allclose(weights.data, softmax(scores))


@pytest.mark.parametrize("attention", KINDS)
def test_it_learns_to_turn_words_round(attention):
    rng = np.random.default_rng(1)
    words = rng.integers(1, 5, (64, 3))
    turned = words[:, ::-1]
    begun = np.concatenate([np.zeros((64, 1), int), turned[:, :-1]], 1)
    nn.manual_seed(0)
    model = Seq2Seq(5, 5, 24, attention=attention)
    optimizer = nn.optim.Adam(model.parameters(), lr=0.02)
    for _ in range(40):
        loss = token_loss(model(words, begun), turned)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    answer, weights = model.write(words, start=0, max_length=3)
    assert np.mean(answer == turned) > 0.97
    assert weights.shape == (64, 3, 3)


def test_answers_end_where_they_are_told():
    model = small("luong")
    free, _ = model.write(SOURCE, start=1, max_length=30)
    stop = int(free[0, 0])
    answer, weights = model.write(SOURCE[:1], start=1, stop=stop, max_length=30)
    assert answer.tolist() == [[stop]]
    assert weights.shape == (1, 1, 6)
    with pytest.raises(OperandError, match="'bahdanau' or 'luong', and not 'dot'"):
        small("dot")
    with pytest.raises(ShapeError, match=r"one for each source \(N, S\), and got \(2, 4\) for \(3, 6\)"):
        model(SOURCE, TARGET[:2])
    with pytest.raises(ShapeError, match=r"got \(6,\): one alone is source\[None\]"):
        model.write(SOURCE[0], start=1)
