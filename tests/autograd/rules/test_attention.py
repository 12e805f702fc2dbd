"""Attention: against its composition, against PyTorch, masks, blind rows, errors."""

from __future__ import annotations

import numpy as np
import pytest

import autograd
from autograd import OperandError, ShapeError, Tensor

rng = np.random.default_rng(0)
Q, K, V = rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(2, 3, 6, 5)), rng.normal(size=(2, 3, 6, 2))
SEEN = rng.random((4, 6)) < 0.7
SEEN[:, 0] = True


def composed(q, k, v, mask=None, scale=None):
    s = q @ k.mT * (q.shape[-1] ** -0.5 if scale is None else scale)
    s = s if mask is None else s + mask
    return autograd.softmax(s) @ v


CALLS = [
    ((Q, K, V), {}),
    ((Q, K, V), {"is_causal": True}),
    ((Q, K, V), {"scale": 0.3}),
    ((Q, K, V), {"attn_mask": SEEN}),
    ((Q, K, V), {"attn_mask": rng.random((2, 1, 4, 6)) < 0.9}),
    ((Q[0, 0], K[0, 0], V[0, 0]), {}),
    ((Q, K[:, :1], V[:, :1]), {}),
    ((Q, K[:, :1], V[:, :1]), {"enable_gqa": True}),
]


@pytest.mark.parametrize(("arrays", "settings"), CALLS)
def test_pytorch_says_the_same(arrays, settings, same_as_torch):
    import torch

    theirs = {k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in settings.items()}
    same_as_torch(
        lambda *xs: autograd.scaled_dot_product_attention(*xs, **settings),
        lambda *xs: torch.nn.functional.scaled_dot_product_attention(*xs, **theirs),
        *arrays,
    )


@pytest.mark.parametrize("shape", [(4, 6), (3, 4, 6), (2, 1, 1, 6)])
def test_a_mask_of_numbers_is_learned(shape, same_as_torch):
    import torch

    same_as_torch(
        autograd.scaled_dot_product_attention,
        torch.nn.functional.scaled_dot_product_attention,
        Q,
        K,
        V,
        rng.normal(size=shape),
    )


@pytest.mark.parametrize("mask", [None, np.where(SEEN, 0.0, -np.inf), rng.normal(size=(4, 6))])
def test_one_node_is_its_composition(mask):
    g = rng.normal(size=(2, 3, 4, 2))
    mine, other = ([Tensor(x) for x in (Q, K, V)] for _ in range(2))
    y, z = autograd.scaled_dot_product_attention(*mine, mask), composed(*other, mask)
    np.testing.assert_allclose(y.data, z.data, rtol=1e-12)
    y.backward(g)
    z.backward(g)
    for a, b in zip(mine, other, strict=True):
        np.testing.assert_allclose(a.grad, b.grad, rtol=1e-10, atol=1e-12)


def test_who_sees_nothing_gets_zero():
    seen = SEEN.copy()
    seen[1] = False
    xs = [Tensor(x) for x in (Q, K, V)]
    y = autograd.scaled_dot_product_attention(*xs, seen)
    np.testing.assert_array_equal(y.data[:, :, 1], 0)
    y.backward(np.ones(y.shape))
    assert all(np.isfinite(x.grad).all() for x in xs)
    np.testing.assert_array_equal(xs[0].grad[:, :, 1], 0)
    curve = autograd.hvp(
        lambda q: (autograd.scaled_dot_product_attention(q, K, V, seen) ** 2).sum(), (Q,), (np.ones(Q.shape),)
    )
    assert np.isfinite(curve).all()


def test_no_keys_and_no_queries():
    for rows, columns in ((3, 0), (0, 4), (0, 0)):
        xs = [Tensor(np.ones(s)) for s in ((2, rows, 5), (2, columns, 5), (2, columns, 3))]
        y = autograd.scaled_dot_product_attention(*xs)
        np.testing.assert_array_equal(y.data, np.zeros((2, rows, 3)))
        y.sum().backward()
        assert [x.grad.shape for x in xs] == [x.shape for x in xs]


@pytest.mark.parametrize("size", [1e-3, 1.0, 6.0, 100.0])  # around where a maximum begins to be needed
@pytest.mark.parametrize("hidden", [False, True])
def test_small_and_large_scores_are_one_formula(size, hidden):
    arrays = [(size * x).astype("f") for x in (Q, K)] + [V.astype("f")]
    mask = np.where(SEEN, 0.0, -np.inf).astype("f") if hidden else None
    y, pull = autograd.vjp(lambda *xs: autograd.scaled_dot_product_attention(*xs, SEEN if hidden else None), *arrays)
    doubles = [a.astype(float) for a in arrays]
    exact, pull_exact = autograd.vjp(lambda *xs: composed(*xs, mask), *doubles)
    g = rng.normal(size=y.shape).astype("f")
    for a, e in zip((y, *pull(g)), (exact, *pull_exact(g.astype(float))), strict=True):
        assert a.dtype == np.float32
        np.testing.assert_allclose(a, e, atol=3e-6 * max(1, size * size) * max(1, np.abs(e).max()))


def test_large_scores_do_not_overflow():
    xs = [Tensor(x.astype("f") * 2000) for x in (Q, K, V)]
    y = autograd.scaled_dot_product_attention(*xs)
    y.sum().backward()
    assert np.isfinite(y.data).all()
    assert all(np.isfinite(x.grad).all() for x in xs)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: autograd.scaled_dot_product_attention(Q, K[..., :3], V), ShapeError, "of one width"),
        (lambda: autograd.scaled_dot_product_attention(Q, K, V[..., :3, :]), ShapeError, "of one length"),
        (lambda: autograd.scaled_dot_product_attention(Q, K, V, SEEN, is_causal=True), ShapeError, "one of the two"),
        (lambda: autograd.scaled_dot_product_attention(Q, K, V, dropout_p=0.1), OperandError, "no dropout inside"),
    ],
)
def test_errors(call, error, words):
    with pytest.raises(error, match=words):
        call()


def _masks(rows, columns, heads):
    ahead = np.arange(columns) > np.arange(rows)[:, None]
    some = np.random.default_rng(1).random((rows, columns)) < 0.3
    blind = ahead.copy()
    blind[: rows // 3] = True
    return {
        "nothing": None,
        "ahead": ahead,
        "behind": ahead[::-1, ::-1],
        "some": some,
        "padding": np.broadcast_to(np.arange(columns) >= columns - 20, (1, columns)),
        "of each head": some & (np.arange(heads) % 2).astype(bool)[:, None, None],
        "ahead, of each head": np.broadcast_to(ahead, (heads, rows, columns)) | some,
        "blind": blind,
    }


@pytest.mark.parametrize("room", [1 << 12, 1 << 15, 1 << 18])
@pytest.mark.parametrize("size", [1.0, 30.0])  # of scores: from where on a maximum is needed
@pytest.mark.parametrize("shape", [(150, 150), (70, 130), (130, 70)])
def test_some_rows_and_heads_at_a_time_are_all_of_them(room, size, shape, monkeypatch):
    from autograd.rules import attention

    monkeypatch.setattr(attention, "ROOM", room)
    rows, columns = shape
    some = np.random.default_rng(0)
    q, k, v = (some.normal(size=(3, n, 4)) for n in (rows, columns, columns))
    g = some.normal(size=(3, rows, 4))
    for name, hidden in _masks(rows, columns, 3).items():
        found = [Tensor(a) for a in (q * size, k, v)]
        y = autograd.scaled_dot_product_attention(*found, attn_mask=None if hidden is None else ~hidden)
        expected = [Tensor(a) for a in (q * size, k, v)]
        sees = 1.0 if hidden is None else (~hidden.all(-1, keepdims=True)).astype(float)
        away = None if hidden is None else np.where(hidden & ~hidden.all(-1, keepdims=True), -np.inf, 0.0)
        z = composed(*expected, away) * sees
        y.backward(g)
        z.backward(g)
        np.testing.assert_allclose(y.data, z.data, rtol=1e-9, atol=1e-12, err_msg=name)
        for a, b in zip(found, expected, strict=True):
            np.testing.assert_allclose(a.grad, b.grad, rtol=1e-8, atol=1e-10 * size, err_msg=name)


def test_a_mask_of_numbers_over_many_rows_is_learned(monkeypatch):
    from autograd.rules import attention

    monkeypatch.setattr(attention, "ROOM", 1 << 12)
    some = np.random.default_rng(0)
    q, k, v, mask = (some.normal(size=shape) for shape in ((2, 90, 3), (2, 80, 3), (2, 80, 3), (90, 80)))
    mask[np.arange(90)[:, None] < np.arange(80)] = -np.inf
    found, expected = ([Tensor(a) for a in (q, k, v, mask)] for _ in range(2))
    autograd.scaled_dot_product_attention(*found).sum().backward()
    composed(*expected).sum().backward()
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a.grad, b.grad, rtol=1e-8, atol=1e-10)
