"""Normalisation: against its composition, against PyTorch, its running statistics, and errors."""

from __future__ import annotations

import numpy as np
import pytest

import autograd
from autograd import ShapeError, Tensor
from autograd.rules import normalization, normalizing

rng = np.random.default_rng(0)
X = rng.normal(size=(4, 6, 5)) + 0.5
W, B = rng.normal(size=(2, 6))

CALLS = [
    ("layer_norm", (X, rng.normal(size=5), rng.normal(size=5)), ((5,),)),
    ("layer_norm", (X, rng.normal(size=(6, 5)), rng.normal(size=(6, 5))), ((6, 5),)),
    ("layer_norm", (X[0, 0],), ((5,),)),
    ("rms_norm", (X, rng.normal(size=5)), ((5,),)),
    ("rms_norm", (X,), ((6, 5),)),
    ("group_norm", (X, W, B), (3,)),
    ("group_norm", (X[:, :, 0], W), (2,)),
    ("batch_norm", (X, W, B), (None, None)),
    ("batch_norm", (X[:, :, 0],), (None, None)),
    ("instance_norm", (X, W, B), (None, None)),
    ("instance_norm", (X[:, :, :4].reshape(4, 6, 2, 2),), (None, None)),
    ("local_response_norm", (X,), (3, 0.5, 0.7, 1.5)),
    ("local_response_norm", (X.reshape(2, 2, 6, 5),), (2,)),
    ("local_response_norm", (X[:0],), (3,)),
    ("normalize", (X,), ()),
    ("normalize", (X,), (3.0, 0)),
]


def called(module, name, settings):
    function = getattr(module, name)
    more = {"training": True} if name == "batch_norm" else {}

    def call(x, *rest):
        return function(x, *settings, *rest, **more)

    return call


@pytest.mark.parametrize(("name", "arrays", "settings"), CALLS)
def test_pytorch_says_the_same(name, arrays, settings, same_as_torch):
    import torch

    same_as_torch(called(autograd, name, settings), called(torch.nn.functional, name, settings), *arrays)


def composed(x, axes, eps, centered=True):
    d = x - autograd.mean(x, axes, True) if centered else x
    return d / autograd.sqrt(autograd.mean(d * d, axes, True) + eps)


@pytest.mark.parametrize("room", [1, 1 << 17])  # bytes: row by row, or all at once
@pytest.mark.parametrize("axes", [(2,), (1, 2), (0, 2), (1,)])
@pytest.mark.parametrize("centered", [True, False])
def test_one_node_is_its_composition(axes, centered, room, monkeypatch):
    monkeypatch.setattr(normalizing, "ROOM", room)
    monkeypatch.setattr(normalizing, "LEAST", 1)
    shape = tuple(n if k in axes else 1 for k, n in enumerate(X.shape))
    shape = shape[min(axes) :]
    w, b = rng.normal(size=shape), rng.normal(size=shape)
    g = rng.normal(size=X.shape)

    def one(x, w, b):
        return normalization._normalized(x, w, b, axes, 1e-3, centered=centered)

    def many(x, w, b):
        return composed(x, axes, 1e-3, centered) * w + b

    np.testing.assert_allclose(one(X, w, b), many(X, w, b), rtol=1e-12, atol=1e-13)
    mine, other = ([Tensor(a) for a in (X, w, b)] for _ in range(2))
    one(*mine).backward(g)
    many(*other).backward(g)
    for a, e in zip(mine, other, strict=True):
        np.testing.assert_allclose(a.grad, e.grad, rtol=1e-10, atol=1e-11)
    ts = tuple(rng.normal(size=a.shape) for a in (X, w, b))
    found, expected = (autograd.jvp(f, (X, w, b), ts)[1] for f in (one, many))
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-11)


LARGE = (rng.normal(size=(8, 6, 40)) + 2000 * rng.normal(size=(8, 6, 1))).astype("f")


@pytest.mark.parametrize(
    ("name", "settings"),
    [("layer_norm", ((40,),)), ("batch_norm", (None, None)), ("group_norm", (3,)), ("instance_norm", (None, None))],
)
def test_large_means_cost_no_digits(name, settings):
    size = 40 if name == "layer_norm" else 6
    w, b = rng.normal(size=(2, size)).astype("f")
    x = LARGE if name != "batch_norm" else (rng.normal(size=(8, 6, 40)) + 2000).astype("f")
    function, g = called(autograd, name, settings), rng.normal(size=x.shape).astype("f")
    found, exact = (autograd.vjp(function, *arrays) for arrays in ((x, w, b), tuple(map(np.float64, (x, w, b)))))
    np.testing.assert_allclose(found[0], exact[0], atol=1e-5)
    for a, e in zip(found[1](g), exact[1](g.astype(float)), strict=True):
        assert a.dtype == np.float32
        np.testing.assert_allclose(a, e, atol=1e-3 * np.abs(e).max())


def test_not_a_number_stays_in_its_row():
    x, w, b = X.copy(), rng.normal(size=5), rng.normal(size=5)
    x[1, 2, 3] = np.nan
    tensors = [Tensor(a) for a in (x, w, b)]
    y = autograd.layer_norm(tensors[0], 5, *tensors[1:])
    clean = autograd.layer_norm(X, 5, w, b)
    kept = np.ones(X.shape[:2], bool)
    kept[1, 2] = False
    assert np.isnan(y.data[1, 2]).all()
    np.testing.assert_allclose(y.data[kept], clean[kept], rtol=1e-12)
    y.sum().backward()
    assert np.isfinite(tensors[0].grad[kept]).all()


@pytest.mark.parametrize("momentum", [0.1, 1.0])
def test_running_statistics(momentum):
    torch = pytest.importorskip("torch", reason="PyTorch is compared with where it is installed")
    for name, flag in (("batch_norm", "training"), ("instance_norm", "use_input_stats")):
        mine, theirs = (rng.normal(size=6), rng.uniform(1, 2, 6)), None
        theirs = [torch.tensor(a) for a in mine]
        x, t = Tensor(X), torch.tensor(X, requires_grad=True)
        for used in (True, True, False):
            x.grad = t.grad = None
            y = getattr(autograd, name)(x, *mine, W, B, **{flag: used}, momentum=momentum)
            z = getattr(torch.nn.functional, name)(
                t, *theirs, torch.tensor(W), torch.tensor(B), **{flag: used}, momentum=momentum
            )
            (y**3).sum().backward()
            (z**3).sum().backward()
            np.testing.assert_allclose(y.data, z.detach().numpy(), rtol=1e-10)
            np.testing.assert_allclose(x.grad, t.grad.numpy(), rtol=1e-9, atol=1e-9)
            for a, b in zip(mine, theirs, strict=True):
                np.testing.assert_allclose(a, b.numpy(), rtol=1e-12)


def test_running_statistics_may_be_constant_tensors():
    mean, var = Tensor(np.zeros(6), requires_grad=False), Tensor(np.ones(6), requires_grad=False)
    autograd.batch_norm(X, mean, var, training=True, momentum=1.0)
    np.testing.assert_allclose(mean.data, X.mean((0, 2)))
    np.testing.assert_allclose(var.data, X.var((0, 2), ddof=1))


def test_constants_and_zeros():
    x = Tensor(np.full((2, 4), 3.0))
    y = autograd.layer_norm(x, 4)
    y.sum().backward()
    np.testing.assert_array_equal(y.data, 0)
    np.testing.assert_array_equal(x.grad, 0)
    zero = Tensor(np.zeros((2, 3)))
    autograd.normalize(zero).sum().backward()
    assert np.isfinite(zero.grad).all()
    assert autograd.layer_norm(np.zeros((0, 4)), 4).shape == (0, 4)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda x: autograd.layer_norm(x, 6), r"must be of shape \(6,\)"),
        (lambda x: autograd.layer_norm(x, 5, np.ones(4)), r"ndarray\(4,\) float64: the last axes"),
        (lambda x: autograd.group_norm(x, 4), "no 4 equal groups of 6 channels"),
        (lambda x: autograd.batch_norm(x, None, None, np.ones(5)), "one number for each channel"),
        (lambda x: autograd.batch_norm(x, None, None), "needs running_mean and running_var"),
        (lambda x: autograd.batch_norm(x[:1, :, 0], None, None, training=True), "one value a channel"),
        (lambda x: autograd.instance_norm(x[:, :, :1]), "one value a channel"),
        (lambda x: autograd.local_response_norm(x[0], 3), "three axes or more"),
    ],
)
def test_errors(call, words):
    with pytest.raises(ShapeError, match=words):
        call(Tensor(X))


@pytest.mark.parametrize("shape", [(5,), (6, 5)])
def test_a_bias_without_a_weight(shape, same_as_torch):
    import torch

    same_as_torch(
        lambda x, b: autograd.layer_norm(x, shape, None, b),
        lambda x, b: torch.nn.functional.layer_norm(x, shape, None, b),
        X,
        rng.normal(size=shape),
        second=False,  # PyTorch has an error for it
    )


@pytest.mark.parametrize("norm", [autograd.layer_norm, autograd.rms_norm])
@pytest.mark.parametrize(("data", "weights"), [("float64", "float32"), ("float32", "float64")])
def test_layers_with_weights_of_another_dtype(norm, data, weights):
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(1, 4, 8)).astype(data), rng.normal(size=8).astype(weights)
    a, b = Tensor(x), Tensor(w)
    (norm(a, (8,), b) ** 2).sum().backward()
    c, d = Tensor(x.astype("float64")), Tensor(w.astype("float64"))
    (norm(c, (8,), d) ** 2).sum().backward()
    np.testing.assert_allclose(a.grad, c.grad, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(b.grad, d.grad, rtol=1e-4, atol=1e-5)
