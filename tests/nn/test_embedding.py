"""Embeddings: gradients of rows, and of rows that are used often, long or for padding."""

from __future__ import annotations

import numpy as np
import pytest

import nn
from autograd import OperandError, ShapeError, Tensor, gradcheck
from nn import functional

TABLE = np.arange(12.0).reshape(4, 3)


def test_rows_receive_the_sum_of_what_arrives():
    layer = nn.Embedding.from_pretrained(TABLE, freeze=False, padding_idx=0)
    layer([[1, 1], [0, 3]]).sum().backward()
    assert layer.weight.grad[:, 0].tolist() == [0, 2, 0, 1]


def test_what_is_frozen_is_not_trained():
    assert not nn.Embedding.from_pretrained(TABLE).weight.requires_grad
    assert nn.Embedding.from_pretrained(TABLE, freeze=False).weight.requires_grad


def test_the_row_of_padding_is_zero():
    layer = nn.Embedding(4, 3, padding_idx=-1)
    assert not layer.weight.data[3].any()
    assert layer.weight.data[:3].all()
    assert repr(layer) == "Embedding(4, 3, padding_idx=3)"


def test_long_rows_are_shortened_where_they_are_used():
    layer = nn.Embedding.from_pretrained(TABLE, max_norm=2.0)
    y = layer([1, 1])
    np.testing.assert_allclose(np.linalg.norm(y.data, axis=1), 2.0, rtol=1e-6)
    np.testing.assert_array_equal(layer.weight.data[2:], TABLE[2:])


@pytest.mark.parametrize("bag", [False, True])
def test_gradients_are_divided_by_how_often_a_row_occurs(bag):
    w = Tensor(TABLE)
    function = functional.embedding_bag if bag else functional.embedding
    how = {"mode": "sum"} if bag else {}
    y = function([[1, 1], [0, 1]], w, scale_grad_by_freq=True, **how)
    plain = function([[1, 1], [0, 1]], TABLE, **how)
    np.testing.assert_array_equal(y.data, plain)
    y.sum().backward()
    np.testing.assert_allclose(w.grad[:, 0], [1, 1, 0, 0])


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_bags(mode):
    layer = nn.EmbeddingBag(4, 3, mode=mode, padding_idx=2, dtype=np.float64)
    w = layer.weight.data
    y = layer([1, 2, 3, 0], offsets=[0, 3])
    reduce = {"sum": np.sum, "mean": np.mean, "max": np.max}[mode]
    np.testing.assert_allclose(y.data, [reduce(w[[1, 3]], axis=0), w[0]], rtol=1e-12)
    assert gradcheck(lambda w: functional.embedding_bag([[1, 2], [3, 0]], w, mode=mode), TABLE)
    assert repr(layer) == f"EmbeddingBag(4, 3, mode={mode!r}, padding_idx=2)"


def test_pytorch_has_the_same_bags():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    for how in ({"mode": "mean"}, {"mode": "sum", "include_last_offset": True}, {"mode": "max", "padding_idx": 1}):
        theirs, ours = torch.nn.EmbeddingBag(4, 3, **how).double(), nn.EmbeddingBag(4, 3, dtype=np.float64, **how)
        ours.load_state_dict({"weight": theirs.weight.detach().numpy()})
        y = theirs(torch.tensor([1, 2, 3, 0, 1]), torch.tensor([0, 2, 5][: 2 + ("include_last_offset" in how)]))
        z = ours([1, 2, 3, 0, 1], [0, 2, 5][: 2 + ("include_last_offset" in how)])
        np.testing.assert_allclose(z.data, y.detach().numpy(), rtol=1e-12)
        (y * y).sum().backward()
        (z * z).sum().backward()
        np.testing.assert_allclose(ours.weight.grad, theirs.weight.grad.numpy(), rtol=1e-12)
        assert repr(ours) == repr(theirs)


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: nn.Embedding(4, 3)([4]), ShapeError, r"numbers must lie in 0\.\.3"),
        (lambda: nn.Embedding(4, 3)([0.5]), OperandError, "embedding"),
        (lambda: nn.Embedding(0, 3), ShapeError, "positive numbers"),
        (lambda: nn.Embedding(4, 3, padding_idx=4), ShapeError, "not one of the 4 rows"),
        (lambda: nn.Embedding(4, 3, sparse=True), OperandError, "gradients are dense here"),
        (lambda: nn.Embedding(4, 3, _weight=TABLE.T), ShapeError, r"got a weight of shape \(3, 4\)"),
        (lambda: nn.Embedding.from_pretrained(TABLE[0]), ShapeError, "two axes"),
        (lambda: nn.EmbeddingBag(4, 3, mode="median"), OperandError, 'mode is "sum", "mean" or "max"'),
        (lambda: nn.EmbeddingBag(4, 3)([1, 2]), ShapeError, "two axes, or of one and offsets"),
    ],
)
def test_what_does_not_fit_is_told(call, kind, words):
    with pytest.raises(kind, match=words):
        call()
