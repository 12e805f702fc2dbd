"""What language models share: the loss, the choice of a token, texts written on; and the vocabulary."""

from __future__ import annotations

import numpy as np
import pytest

import nn
from autograd import OperandError, ShapeError
from nn.models import CharRNN, Vocabulary, choose, probabilities, token_loss

LOGITS = np.random.default_rng(0).normal(size=(4, 7))


def softmax(x):
    powers = np.exp(x - x.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


# Vocabulary


def test_texts_come_back():
    text = "Now is the winter of our discontent\nMade glorious summer"
    letters = Vocabulary(text)
    assert letters.decode(letters.encode(text)) == text
    assert letters.tokens == sorted(set(text))
    assert letters.encode("").shape == (0,)
    assert letters.encode(text).dtype == np.int64


def test_words_and_special_tokens():
    words = Vocabulary("to be or not to be".split(), special=["<pad>", "<end>"])
    assert words.tokens == ["<pad>", "<end>", "be", "not", "or", "to"]
    assert words.decode(words.encode(["to", "be", "<end>"])) == ["to", "be", "<end>"]
    names = Vocabulary("anna", special=["\n"])
    assert names.encode("\nan").tolist() == [0, 1, 2]
    assert "\n" in names
    assert "b" not in names


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: Vocabulary("abc").encode("bad"), OperandError, "no 'd': it was made of a text without it"),
        (lambda: Vocabulary("abc").decode([3]), OperandError, "from 0 to 2, and these go to 3"),
        (lambda: Vocabulary("abc").decode([[0]]), ShapeError, r"\(1, 1\): take a row"),
        (lambda: Vocabulary(""), OperandError, "this one is empty"),
        (lambda: Vocabulary("a", special=["x", "x"]), OperandError, "given once"),
    ],
)
def test_a_vocabulary_says_what_it_lacks(call, error, words):
    with pytest.raises(error, match=words):
        call()


# The choice


def test_probabilities_are_the_softmax():
    np.testing.assert_allclose(probabilities(LOGITS), softmax(LOGITS))
    np.testing.assert_allclose(probabilities(LOGITS, temperature=0.5), softmax(2 * LOGITS))
    np.testing.assert_allclose(probabilities(LOGITS, top_k=99, top_p=1.0), softmax(LOGITS))
    np.testing.assert_allclose(probabilities(1e6 * LOGITS).max(-1), 1)


@pytest.mark.parametrize("k", [1, 3])
def test_top_k_leaves_the_k_likeliest(k):
    found, whole = probabilities(LOGITS, top_k=k), softmax(LOGITS)
    assert ((found > 0).sum(-1) == k).all()
    kept = found > 0
    assert (whole[kept].reshape(4, k).min(-1) >= np.where(kept, 0, whole).max(-1)).all()
    np.testing.assert_allclose(found.sum(-1), 1)


@pytest.mark.parametrize("p", [1e-9, 0.3, 0.8])
def test_top_p_leaves_the_fewest_that_suffice(p):
    found, whole = probabilities(LOGITS, top_p=p), softmax(LOGITS)
    for row, full in zip(found, whole, strict=True):
        kept = np.sort(full[row > 0])
        assert kept.sum() >= p
        assert kept[1:].sum() < p  # without the least of them it is too little
        assert kept.min() >= full[row == 0].max()
        assert row.sum() == pytest.approx(1)


def test_tokens_are_chosen_as_often_as_they_are_likely():
    nn.manual_seed(0)
    logits = np.broadcast_to(np.log([0.5, 0.3, 0.2, 1e-12]), (20000, 4))
    counts = np.bincount(choose(logits), minlength=4) / 20000
    np.testing.assert_allclose(counts, [0.5, 0.3, 0.2, 0], atol=0.015)  # four standard deviations
    assert set(choose(logits, top_k=2)) == {0, 1}
    assert set(choose(logits, temperature=0)) == {0}
    assert choose(LOGITS).shape == (4,)


def test_a_lot_of_almost_one_takes_a_token_that_can_be(monkeypatch):
    class Almost:
        def random(self, shape):
            return np.full(shape, 1 - 1e-17)

    monkeypatch.setattr("nn.models.language.generator", Almost)
    assert choose(np.array([0.0, 0.0, 0.0, -np.inf])) == 2


@pytest.mark.parametrize("how", [{"temperature": -1}, {"top_k": 0}, {"top_p": 0.0}, {"top_p": 1.5}])
def test_a_choice_that_cannot_be_is_said(how):
    with pytest.raises(OperandError, match="temperature must be 0 or more, top_k at least 1, and top_p above 0"):
        probabilities(LOGITS, **how)


# The loss


def test_the_loss_is_the_mean_over_tokens():
    logits, targets = LOGITS.reshape(2, 2, 7), np.array([[1, 2], [3, -100]])
    expected = -np.log(softmax(LOGITS)[[0, 1, 2], [1, 2, 3]]).mean()
    assert float(token_loss(logits, targets)) == pytest.approx(expected)
    with pytest.raises(ShapeError, match=r"got \(2, 2, 7\) and \(2,\)"):
        token_loss(logits, [1, 2])


# Recurrent networks that write


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_a_recurrent_network_reads_bit_by_bit_as_at_once(cell):
    nn.manual_seed(0)
    model = CharRNN(9, 6, num_layers=2, cell=cell, dtype=np.float64)
    tokens = np.random.default_rng(0).integers(0, 9, (3, 7))
    whole = model(tokens).data
    first, past = model.advance(tokens[:, :4])
    second, _ = model.advance(tokens[:, 4:], past)
    np.testing.assert_allclose(np.concatenate([first.data, second.data], 1), whole, rtol=1e-12)
    texts = []
    for use_cache in (True, False):
        nn.manual_seed(1)
        texts.append(model.generate(tokens, 10, use_cache=use_cache))
    np.testing.assert_array_equal(*texts)


def test_counts_are_the_formula():
    for v, h, e in ((65, 12, 5), (27, 8, 8)):
        model = CharRNN(v, h, embedding_dim=e)
        assert model.num_parameters == v * e + 4 * h * (e + h + 2) + v * (h + 1)
    with pytest.raises(OperandError, match="'rnn', 'lstm', 'gru', and not 'ltsm'"):
        CharRNN(9, cell="ltsm")


def test_texts_end_where_they_are_told():
    nn.manual_seed(0)
    model = CharRNN(3, 4)
    texts = model.generate(np.ones((20, 1), int), 30, stop=0)
    for text in texts:
        ends = np.flatnonzero(text == 0)
        assert not len(ends) or (text[ends[0] :] == 0).all()
    assert (texts == 0).any(1).sum() > 10
    alone = model.generate([1], 1000, stop=0)
    assert alone[-1] == 0
    assert (alone[:-1] != 0).all()


def test_writing_leaves_the_model_as_it_was():
    model = CharRNN(3, 4, num_layers=2, dropout=0.5)
    model.head.eval()
    before = [module.training for module in model.modules()]
    assert model.generate([1], 3).shape == (4,)
    assert [module.training for module in model.modules()] == before
    assert all(p.grad is None for p in model.parameters())


def test_it_learns_a_word_by_heart():
    letters = Vocabulary("abracadabra")
    tokens = letters.encode("abracadabra")
    nn.manual_seed(0)
    model = CharRNN(len(letters), 24, cell="gru")
    optimizer = nn.optim.Adam(model.parameters(), lr=0.03)
    for _ in range(60):
        loss = token_loss(model(tokens[None, :-1]), tokens[None, 1:])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert letters.decode(model.generate(tokens[:1], 10, temperature=0)) == "abracadabra"
