"""Encodings of places: what they promise about shifts and distances."""

from __future__ import annotations

import numpy as np
import pytest

import nn
from autograd import ShapeError, gradcheck

X = np.random.default_rng(0).normal(size=(3, 2, 6))


def test_the_waves_are_the_formula():
    waves = nn.PositionalEncoding(6)(np.zeros((5, 6)))
    t, i = 3, 1
    assert waves[t, 2 * i] == pytest.approx(np.sin(t / 10000 ** (2 * i / 6)), rel=1e-6)
    assert waves[t, 2 * i + 1] == pytest.approx(np.cos(t / 10000 ** (2 * i / 6)), rel=1e-6)


@pytest.mark.parametrize("kind", [nn.PositionalEncoding, nn.LearnedPositionalEncoding])
def test_every_sequence_gets_the_same(kind):
    nn.manual_seed(0)
    first = kind(6)
    nn.manual_seed(0)
    batch = kind(6, batch_first=True)
    added = np.asarray(getattr(first(X), "data", first(X)), float) - X
    np.testing.assert_allclose(added[:, 0], added[:, 1], atol=1e-6)
    y = batch(np.swapaxes(X, 0, 1))
    np.testing.assert_allclose(np.swapaxes(getattr(y, "data", y), 0, 1) - X, added, atol=1e-6)
    z = first(X[:, 0])
    np.testing.assert_allclose(getattr(z, "data", z) - X[:, 0], added[:, 0], atol=1e-6)


def test_float32_stays():
    assert nn.PositionalEncoding(6)(X.astype(np.float32)).dtype == np.float32
    assert nn.RotaryPositionalEncoding(6)(X.astype(np.float32)).dtype == np.float32


def test_what_is_learned_is_saved_and_what_is_not_is_not():
    assert [*nn.LearnedPositionalEncoding(6).state_dict()] == ["weight"]
    assert not nn.PositionalEncoding(6).state_dict()
    assert nn.PositionalEncoding(5)(np.zeros((2, 5))).shape == (2, 5)


def test_turned_products_depend_on_distances_alone():
    turn, (q, k) = nn.RotaryPositionalEncoding(6), np.random.default_rng(1).normal(size=(2, 1, 6))
    products = [(turn(q, offset=s) @ turn(k, offset=s + 4).T).item() for s in (0, 3, 100)]
    np.testing.assert_allclose(products, products[0], rtol=1e-10)
    np.testing.assert_allclose(np.linalg.norm(turn(X), axis=-1), np.linalg.norm(X, axis=-1))
    assert gradcheck(turn, X)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: nn.PositionalEncoding(6, max_len=2)(X), "knows 2 places, and the sequence has 3"),
        (lambda: nn.LearnedPositionalEncoding(4)(X), r"last axis is d_model=4, and got \(3, 2, 6\)"),
        (lambda: nn.RotaryPositionalEncoding(5), "dim must be even"),
        (lambda: nn.RotaryPositionalEncoding(4)(X), r"reads \(\.\.\., L, 4\)"),
    ],
)
def test_what_does_not_fit_is_told(call, words):
    with pytest.raises(ShapeError, match=words):
        call()
