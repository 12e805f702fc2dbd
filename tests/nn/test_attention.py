"""Attention and Transformer: what the masks hide, that both ways of computing agree, and what errors say."""

from __future__ import annotations

import numpy as np
import pytest

import nn
from autograd import OperandError, ShapeError, gradcheck
from nn import functional

RNG = np.random.default_rng(0)
X = RNG.normal(size=(5, 2, 8))
MASK = nn.Transformer.generate_square_subsequent_mask


def attention(**how):
    nn.manual_seed(0)
    return nn.MultiheadAttention(8, 2, dtype=np.float64, **how)


def test_one_head_is_the_formula():
    nn.manual_seed(0)
    layer = nn.MultiheadAttention(3, 1, dtype=np.float64)
    x = RNG.normal(size=(4, 3))
    w, b = layer.in_proj_weight.data, layer.in_proj_bias.data
    q, k, v = (x @ w[i : i + 3].T + b[i : i + 3] for i in (0, 3, 6))
    s = np.exp(q @ k.T / np.sqrt(3))
    p = s / s.sum(-1, keepdims=True)
    y, weights = layer(x, x, x)
    np.testing.assert_allclose(weights.data, p, rtol=1e-12)
    np.testing.assert_allclose(y.data, p @ v @ layer.out_proj.weight.data.T, rtol=1e-12)


@pytest.mark.parametrize("how", [{}, {"add_bias_kv": True}, {"add_zero_attn": True}, {"bias": False}])
@pytest.mark.parametrize("masked", [False, True])
def test_with_and_without_weights_it_is_the_same(how, masked):
    layer = attention(**how)
    padding = np.zeros((2, 5), bool)
    padding[1, 3:] = True
    masks = {"attn_mask": MASK(5), "key_padding_mask": padding} if masked else {}
    y, weights = layer(X, X, X, **masks)
    z, nothing = layer(X, X, X, need_weights=False, **masks)
    assert nothing is None
    np.testing.assert_allclose(y.data, z.data, rtol=1e-12)
    np.testing.assert_allclose(weights.data.sum(-1), 1.0, rtol=1e-12)
    if masked:
        assert not weights.data[1, :, 3:5].any()
        assert not np.triu(weights.data[0][:, :5], 1).any()


def test_every_head_has_weights_of_its_own():
    layer = attention(batch_first=True)
    x = np.swapaxes(X, 0, 1)
    means, each = layer(x, x, x)[1], layer(x, x, x, average_attn_weights=False)[1]
    assert each.shape == (2, 2, 5, 5)
    np.testing.assert_allclose(each.data.mean(1), means.data, rtol=1e-12)


def test_gradients_through_masks():
    layer = attention()
    assert gradcheck(lambda x: layer(x, x, x, attn_mask=MASK(5), need_weights=False)[0], X)
    assert gradcheck(lambda m: layer(X, X, X, attn_mask=m)[0], RNG.normal(size=(5, 5)))


def test_dropout_only_while_training():
    layer = attention(dropout=0.5)
    assert not np.array_equal(layer(X, X, X)[0].data, layer(X, X, X)[0].data)
    layer.eval()
    np.testing.assert_allclose(layer(X, X, X)[0].data, attention()(X, X, X)[0].data, rtol=1e-12)


@pytest.mark.parametrize("how", [{"is_causal": True}, {"attn_mask": np.tril(np.ones((4, 4), bool))}, {"scale": 0.3}])
def test_dropout_of_next_to_nothing_is_no_dropout(how):
    q, k, v = RNG.normal(size=(3, 2, 4, 6))
    y = functional.scaled_dot_product_attention(q, k, v, **how)
    z = functional.scaled_dot_product_attention(q, k, v, dropout_p=1e-300, **how)
    np.testing.assert_allclose(y, z, rtol=1e-12)


@pytest.mark.parametrize("norm_first", [False, True])
def test_what_is_to_come_is_not_seen(norm_first):
    nn.manual_seed(0)
    model = nn.Transformer(8, 2, 1, 2, 16, 0.0, batch_first=True, norm_first=norm_first, dtype=np.float64)
    src, tgt = RNG.normal(size=(2, 6, 8)), RNG.normal(size=(2, 5, 8))
    y = model(src, tgt, tgt_mask=MASK(5, np.float64)).data
    tgt[:, 3:, 0] += 1
    z = model(src, tgt, tgt_mask=MASK(5, np.float64)).data
    np.testing.assert_array_equal(y[:, :3], z[:, :3])
    assert not np.allclose(y[:, 3:], z[:, 3:])
    src[0, 5, 0] += 1
    assert not np.allclose(model(src, tgt)[0].data, z[0])


def test_copies_of_a_layer_are_layers_of_their_own():
    encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8), 3)
    first, second = encoder.layers[0], encoder.layers[1]
    assert first.linear1.weight is not second.linear1.weight
    np.testing.assert_array_equal(first.linear1.weight.data, second.linear1.weight.data)


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: nn.MultiheadAttention(8, 3), ShapeError, "the heads share the width, and must divide it"),
        (lambda: attention()(X[..., :4], X, X), ShapeError, r"got a query of shape \(5, 2, 4\): its last axis"),
        (lambda: attention()(X, X[:4], X), ShapeError, "key and value must have equal lengths"),
        (
            lambda: attention()(X, X, X, attn_mask=MASK(4)),
            ShapeError,
            r"has shape \(4, 4\): it must be \(5, 5\)",
        ),
        (lambda: attention()(X, X, X, np.zeros((5, 2), bool)), ShapeError, r"key_padding_mask has shape \(5, 2\)"),
        (lambda: attention()(X, X, X, attn_mask=np.ones((5, 5), int)), OperandError, "booleans or of numbers to add"),
        (lambda: attention()(X, X, X, is_causal=True), OperandError, "attn_mask, which must be given, too"),
        (lambda: attention()(X[0, 0], X, X), ShapeError, "of three axes each, or all of two"),
        (lambda: nn.Transformer(8, 2, 1, 1)(X[..., :4], X), ShapeError, "last axis is d_model=8"),
        (lambda: nn.TransformerEncoderLayer(8, 2, activation="tanh"), OperandError, '"relu", "gelu" or a function'),
    ],
)
def test_what_does_not_fit_is_told(call, kind, words):
    with pytest.raises(kind, match=words):
        call()


@pytest.mark.parametrize("kind", ["numbers", "booleans", "another"])
def test_a_causal_mask_that_is_known_to_be_one_gives_what_the_mask_gives(kind):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(5, 2, 8))
    attention = nn.MultiheadAttention(8, 2, dtype=np.float64)
    mask = nn.Transformer.generate_square_subsequent_mask(5)
    if kind == "booleans":
        mask = mask < 0
    elif kind == "another":  # the hint is wrong: the mask counts
        mask = mask.T.copy()
    found, _ = attention(x, x, x, attn_mask=mask, is_causal=True, need_weights=False)
    expected, _ = attention(x, x, x, attn_mask=mask)
    np.testing.assert_allclose(found.data, expected.data, rtol=1e-12)
