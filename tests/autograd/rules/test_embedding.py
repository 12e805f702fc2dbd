"""Embeddings, bags, one-hot, dropout, distances: against PyTorch and against what they mean."""

from __future__ import annotations

import numpy as np
import pytest

import autograd
from autograd import OperandError, ShapeError, Tensor

rng = np.random.default_rng(0)
W = rng.normal(size=(7, 3))


@pytest.mark.parametrize("padding_idx", [None, 2, -1])
def test_embedding(padding_idx, same_as_torch):
    import torch

    index = np.array([[0, 2, 2], [6, 1, 2]])
    same_as_torch(
        lambda w: autograd.embedding(index, w, padding_idx),
        lambda w: torch.nn.functional.embedding(torch.tensor(index), w, padding_idx),
        W,
    )


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("padding_idx", [None, 2])
def test_embedding_bag(mode, last, padding_idx, same_as_torch):
    import torch

    index, offsets = np.array([0, 2, 2, 6, 1, 5, 2]), np.array([0, 3, 3, 7] if last else [0, 3, 3, 6])
    how = {"mode": mode, "include_last_offset": last, "padding_idx": padding_idx}
    same_as_torch(
        lambda w: autograd.embedding_bag(index, w, offsets, **how),
        lambda w: torch.nn.functional.embedding_bag(torch.tensor(index), w, torch.tensor(offsets), **how),
        W,
        second=False,
    )
    table = index[:6].reshape(2, 3)
    same_as_torch(
        lambda w: autograd.embedding_bag(table, w, mode=mode, padding_idx=padding_idx),
        lambda w: torch.nn.functional.embedding_bag(torch.tensor(table), w, mode=mode, padding_idx=padding_idx),
        W,
        second=False,
    )


def test_embedding_bag_with_weights(same_as_torch):
    import torch

    index = np.array([[0, 2, 2], [6, 1, 2]])
    same_as_torch(
        lambda w, s: autograd.embedding_bag(index, w, mode="sum", per_sample_weights=s),
        lambda w, s: torch.nn.functional.embedding_bag(torch.tensor(index), w, mode="sum", per_sample_weights=s),
        W,
        rng.normal(size=(2, 3)),
        second=False,
    )


def test_one_hot():
    found = autograd.one_hot([[1, 0], [3, 1]], 5)
    assert found.dtype == np.int64
    np.testing.assert_array_equal(found, np.eye(5)[[[1, 0], [3, 1]]])
    assert autograd.one_hot(Tensor([0, 2])).shape == (2, 3)
    for x, n, words in (([0, 5], 5, "range from 0 to 5"), ([-1, 0], -1, "range from -1"), ([], -1, "how many classes")):
        with pytest.raises(ShapeError, match=words):
            autograd.one_hot(np.array(x, int), n)


def test_dropout():
    x = Tensor(np.ones((40, 50), np.float32))
    y = autograd.dropout(x, 0.25, rng=np.random.default_rng(1))
    again = autograd.dropout(x, 0.25, rng=np.random.default_rng(1))
    np.testing.assert_array_equal(y.data, again.data)
    assert y.dtype == np.float32
    assert set(np.unique(y.data)) == {np.float32(0), np.float32(4 / 3)}
    assert abs((y.data == 0).mean() - 0.25) < 0.03
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, y.data)
    assert autograd.dropout(x, 0.5, training=False) is x
    assert autograd.dropout(x, 0.0) is x
    np.testing.assert_array_equal(autograd.dropout(x, 1.0).data, 0)
    images = autograd.dropout(np.ones((5, 6, 3, 3)), 0.5, rng=np.random.default_rng(0), axes=(0, 1))
    assert set(images.reshape(30, 9).mean(1)) == {0.0, 2.0}
    assert (autograd.dropout(np.ones(99)) != autograd.dropout(np.ones(99))).any()
    with pytest.raises(OperandError, match=r"1\.5 is none"):
        autograd.dropout(x, 1.5)


A, B = rng.normal(size=(2, 4, 3)), rng.normal(size=(2, 4, 3))

DISTANCES = [
    (lambda a, b: autograd.cosine_similarity(a, b, 2), lambda F, a, b: F.cosine_similarity(a, b, 2)),
    (lambda a, b: autograd.cosine_similarity(a, b), lambda F, a, b: F.cosine_similarity(a, b)),
    (lambda a, b: autograd.pairwise_distance(a, b), lambda F, a, b: F.pairwise_distance(a, b)),
    (
        lambda a, b: autograd.pairwise_distance(a, b, 3.0, 0.1, True),
        lambda F, a, b: F.pairwise_distance(a, b, 3.0, 0.1, True),
    ),
]


@pytest.mark.parametrize(("ours", "theirs"), DISTANCES)
def test_distances(ours, theirs, same_as_torch):
    import torch

    same_as_torch(ours, lambda a, b: theirs(torch.nn.functional, a, b), A, B)


@pytest.mark.parametrize("p", [1.0, 2.0, 3.0, np.inf])
def test_all_pairs(p, same_as_torch):
    import torch

    same_as_torch(lambda a, b: autograd.cdist(a, b, p), lambda a, b: torch.cdist(a, b, p), A, B[:, :3], second=False)
    same_as_torch(lambda a: autograd.pdist(a, p), lambda a: torch.nn.functional.pdist(a, p), A[0], second=False)
    t = Tensor(A[0])
    autograd.cdist(t, A[0], p).sum().backward()
    assert np.isfinite(t.grad).all()


def test_bilinear(same_as_torch):
    import torch

    arrays = [rng.normal(size=s) for s in ((2, 4, 3), (2, 4, 2), (5, 3, 2), (5,))]
    same_as_torch(autograd.bilinear, torch.nn.functional.bilinear, *arrays)
    same_as_torch(autograd.bilinear, torch.nn.functional.bilinear, *arrays[:3])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: autograd.embedding([7], W), r"must lie in 0\.\.6, and range from 7 to 7"),
        (lambda: autograd.embedding([0.5], W), "integers"),
        (lambda: autograd.embedding_bag([1], W), "two axes, or of one and offsets"),
        (lambda: autograd.embedding_bag([[1]], W, mode="min"), "'min'"),
        (lambda: autograd.embedding_bag([[1]], W, per_sample_weights=[[1.0]]), 'go with mode "sum"'),
        (lambda: autograd.cdist(A, B[..., :2]), "of one length"),
        (lambda: autograd.pdist(A), "a matrix is needed"),
    ],
)
def test_errors(call, words):
    with pytest.raises((ShapeError, OperandError), match=words):
        call()
