"""Recurrent networks: against their steps, against PyTorch, ended sequences, both directions, errors."""

from __future__ import annotations

import numpy as np
import pytest

import autograd
from autograd import OperandError, ShapeError, Tensor

rng = np.random.default_rng(0)
T, N, I, H = 6, 3, 4, 5
GATES = {"rnn": 1, "lstm": 4, "gru": 3}
X = rng.normal(size=(T, N, I))
LENGTHS = [4, 6, 1]


def weights(name, size=H, inputs=I):
    g = GATES[name] * size
    return [rng.normal(size=s) for s in ((g, inputs), (g, size), (g,), (g,))]


def states(name, *shape):
    return [rng.normal(size=shape) for _ in range(2 if name == "lstm" else 1)]


def flat(result):
    """h and the last states as one list."""
    y, last = result
    return [y, *(last if isinstance(last, tuple) else (last,))]


def call(name, x, hx, ws, **how):
    first = None if not hx else tuple(hx) if name == "lstm" else hx[0]
    return flat(getattr(autograd, name)(x, first, *ws, **how))


def stepped(name, x, hx, ws, lengths=None, reverse=False):
    """One cell after the other, one sequence after the other."""
    cell = getattr(autograd, f"{name}_cell")
    rows, lasts = [], []
    for n in range(x.shape[1]):
        end = len(x) if lengths is None else lengths[n]
        state, ys = [h[n : n + 1] for h in hx], [None] * len(x)
        for t in range(end)[:: -1 if reverse else 1]:
            new = cell(x[t, n : n + 1], tuple(state) if name == "lstm" else state[0], *ws)
            state = list(new) if name == "lstm" else [new]
            ys[t] = state[0]
        rows.append(autograd.concatenate([np.zeros((1, hx[0].shape[1])) if y is None else y for y in ys]))
        lasts.append(state)
    return [autograd.stack(rows, 1), *(autograd.concatenate([s[k] for s in lasts]) for k in range(len(hx)))]


@pytest.mark.parametrize("name", GATES)
@pytest.mark.parametrize("lengths", [None, LENGTHS])
@pytest.mark.parametrize("reverse", [False, True])
def test_a_sequence_is_its_steps(name, lengths, reverse):
    arrays = [X, *states(name, N, H), *weights(name)]
    count = len(arrays) - 5

    def one_node(*xs):
        return call(name, xs[0], xs[1 : 1 + count], xs[1 + count :], lengths=lengths, reverse=reverse)

    def steps(*xs):
        return stepped(name, xs[0], xs[1 : 1 + count], xs[1 + count :], lengths, reverse)

    gs = [rng.normal(size=y.shape) for y in steps(*arrays)]

    def weighed(function):
        return lambda *xs: sum((y * y * g).sum() for y, g in zip(function(*xs), gs, strict=True))

    mine, other = ([Tensor(x) for x in arrays] for _ in range(2))
    y, z = weighed(one_node)(*mine), weighed(steps)(*other)
    np.testing.assert_allclose(y.data, z.data, rtol=1e-12)
    y.backward()
    z.backward()
    for a, b in zip(mine, other, strict=True):
        np.testing.assert_allclose(a.grad, b.grad, rtol=1e-10, atol=1e-11)
    ts = tuple(rng.normal(size=x.shape) for x in arrays)
    slopes = [autograd.jvp(weighed(f), tuple(arrays), ts)[1] for f in (one_node, steps)]
    np.testing.assert_allclose(*slopes, rtol=1e-10)
    curves = [autograd.hvp(weighed(f), tuple(arrays), ts) for f in (one_node, steps)]
    for a, b in zip(*curves, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("name", GATES)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("bias", [True, False])
def test_pytorch_says_the_same(name, dtype, bias):
    torch = pytest.importorskip("torch", reason="PyTorch is compared with where it is installed")
    layer = getattr(torch.nn, name.upper())(I, H, bias=bias, bidirectional=True).to(torch.tensor(X.astype(dtype)).dtype)
    theirs = [p.detach().numpy() for p in layer.parameters()]
    half = len(theirs) // 2
    mine = [Tensor(p) for p in theirs]
    x, tx = Tensor(X.astype(dtype)), torch.tensor(X.astype(dtype), requires_grad=True)
    outs = [call(name, x, (), ws, reverse=r) for ws, r in ((mine[:half], False), (mine[half:], True))]
    ty, tlast = layer(tx)
    tlast = tlast if isinstance(tlast, tuple) else (tlast,)
    ours = [autograd.concatenate([a[0] for a in outs], -1), *(autograd.stack(s) for s in zip(*(o[1:] for o in outs)))]
    tolerance = 1e-12 if dtype == np.float64 else 1e-5
    loss, tloss = 0, 0
    for a, b in zip(ours, (ty, *tlast), strict=True):
        assert a.dtype == dtype
        np.testing.assert_allclose(a.data, b.detach().numpy(), rtol=tolerance, atol=tolerance)
        g = rng.normal(size=a.shape).astype(dtype)
        loss, tloss = loss + (a * g).sum(), tloss + (b * torch.tensor(g)).sum()
    loss.backward()
    tloss.backward()
    for a, b in zip([x, *mine], [tx, *layer.parameters()], strict=True):
        assert a.grad.dtype == dtype
        np.testing.assert_allclose(a.grad, b.grad.numpy(), rtol=tolerance, atol=20 * tolerance)


def test_pytorch_says_the_same_of_ended_sequences():
    torch = pytest.importorskip("torch", reason="PyTorch is compared with where it is installed")
    layer = torch.nn.LSTM(I, H).double()
    ws = [p.detach().numpy() for p in layer.parameters()]
    packed = torch.nn.utils.rnn.pack_padded_sequence(torch.tensor(X), LENGTHS, enforce_sorted=False)
    theirs, last = layer(packed)
    expected = [torch.nn.utils.rnn.pad_packed_sequence(theirs)[0], *(s[0] for s in last)]
    for a, b in zip(call("lstm", X, (), ws, lengths=LENGTHS), expected, strict=True):
        np.testing.assert_allclose(a, b.detach().numpy(), rtol=1e-12, atol=1e-14)


def test_the_rectified_one_and_its_kind():
    ws = [w * 0.3 for w in weights("rnn")]
    y, last = autograd.rnn(X, None, *ws, nonlinearity="relu")
    h = np.zeros((N, H))
    for t in range(T):
        h = np.maximum(X[t] @ ws[0].T + ws[2] + h @ ws[1].T + ws[3], 0)
        np.testing.assert_allclose(y[t], h, rtol=1e-13)
    np.testing.assert_array_equal(last, y[-1])
    with pytest.raises(OperandError, match="not 'sin'"):
        autograd.rnn(X, None, *ws, nonlinearity="sin")


@pytest.mark.parametrize("name", GATES)
def test_what_lies_behind_the_end_does_not_matter(name):
    ws = weights(name)
    spoiled = X.copy()
    for n, end in enumerate(LENGTHS):
        spoiled[end:, n] = np.nan
    x, *mine = Tensor(spoiled), *map(Tensor, ws)
    found = call(name, x, (), mine, lengths=LENGTHS)
    for a, b in zip(found, call(name, X, (), ws, lengths=LENGTHS), strict=True):
        np.testing.assert_array_equal(a.data, b)
    found[0].sum().backward()
    assert all(np.isfinite(t.grad).all() for t in (x, *mine))
    assert all(not x.grad[end:, n].any() for n, end in enumerate(LENGTHS))


@pytest.mark.parametrize("name", GATES)
def test_a_single_sequence_goes_without_an_axis(name):
    ws, hx = weights(name), states(name, 1, H)
    many = call(name, X[:, :1], hx, ws)
    one = call(name, X[:, 0], [h[0] for h in hx], ws)
    for a, b in zip(many, one, strict=True):
        assert b.ndim == a.ndim - 1
        np.testing.assert_array_equal(a.reshape(b.shape), b)


@pytest.mark.parametrize("name", GATES)
def test_many_units_take_the_narrow_products(name):
    ws = weights(name, 64)
    arrays = [X, *states(name, N, 64), *ws]
    count = len(arrays) - 5
    g = rng.normal(size=(T, N, 64))
    y, pull = autograd.vjp(lambda x, *rest: call(name, x, rest[:count], rest[count:])[0], *arrays)
    z, pull_steps = autograd.vjp(lambda x, *rest: stepped(name, x, rest[:count], rest[count:])[0], *arrays)
    np.testing.assert_allclose(y, z, rtol=1e-10, atol=1e-12)
    for a, b in zip(pull(g), pull_steps(g), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("name", GATES)
def test_a_second_sweep_finds_the_same(name):
    xs = [Tensor(a) for a in (X, *weights(name))]
    y = call(name, xs[0], (), xs[1:])[0]
    y.sum().backward(retain_graph=True)
    once = [x.grad.copy() for x in xs]
    y.sum().backward(retain_graph=True)
    for x, g in zip(xs, once, strict=True):
        np.testing.assert_array_equal(x.grad, 2 * g)


@pytest.mark.parametrize("name", GATES)
def test_no_sequences_at_all(name):
    x, *mine = Tensor(np.zeros((T, 0, I))), *map(Tensor, weights(name))
    y, *last = call(name, x, (), mine)
    assert y.shape == (T, 0, H)
    assert all(s.shape == (0, H) for s in last)
    y.sum().backward()
    assert x.grad.shape == x.shape
    assert all(not w.grad.any() for w in mine)


@pytest.mark.parametrize("name", GATES)
def test_large_numbers_saturate(name):
    x, *mine = (Tensor(a.astype("f") * 2000) for a in (X, *weights(name)))
    found = call(name, x, (), mine)
    found[0].sum().backward()
    assert all(np.isfinite(y.data).all() for y in found)
    assert all(np.isfinite(t.grad).all() for t in (x, *mine))


W, U, B, V = weights("lstm")
HX = tuple(states("lstm", N, H))


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (lambda: autograd.lstm(X[0, 0], None, W, U), r"x is \(T, N, I\) or \(T, I\)"),
        (lambda: autograd.lstm(X[:0], None, W, U), "at least one step"),
        (lambda: autograd.lstm(X, None, W[:, 1:], U), r"weight_ih is \(4 H, I\)"),
        (lambda: autograd.gru(X, None, W, U), r"weight_hh \(3 H, H\)"),
        (lambda: autograd.lstm(X, None, W, U, B[1:], V), r"biases have shape \(20,\)"),
        (lambda: autograd.lstm(X, (HX[0],), W, U), r"state h and c, each of shape \(3, 5\)"),
        (lambda: autograd.lstm(X, HX[0], W, U), r"state h and c, each of shape \(3, 5\)"),
        (lambda: autograd.rnn(X, HX[0][:2], *weights("rnn")), r"state h of shape \(3, 5\)"),
        (lambda: autograd.lstm(X, None, W, U, lengths=[1, 2]), "lengths are 3 numbers of steps, from 1 to 6"),
        (lambda: autograd.lstm(X, None, W, U, lengths=[1, 2, 7]), "lengths are 3 numbers of steps, from 1 to 6"),
        (lambda: autograd.lstm(X, None, W, U, lengths=[0, 2, 6]), "lengths are 3 numbers of steps, from 1 to 6"),
    ],
)
def test_errors(run, words):
    with pytest.raises(ShapeError, match=words):
        run()
