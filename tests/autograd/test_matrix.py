"""jacobian and hessian with all unit vectors at once: as one by one, for each primitive, in both modes, in parts."""

from __future__ import annotations

import numpy as np
import pytest

import autograd
import autograd.matrix as matrix
from autograd import Tensor, Value, checkpoint, custom_function, grad, hessian, jacfwd, jacobian, jacrev, vmap

rng = np.random.default_rng(0)
X = rng.normal(size=(3, 4))
W = rng.normal(size=(4, 5))


def f(x, w):
    h = autograd.tanh(x @ w)
    return {"h": h, "total": (h * h).sum(), "x": x[1:, ::2]}


def one_by_one(monkeypatch, run):
    with monkeypatch.context() as m:
        m.setattr(matrix, "FEW", 10**9)
        return run()


def leaves(tree):
    return [np.asarray(getattr(x, "data", x)) for x in autograd.tree.leaves(tree)]


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("kind", [np.asarray, Tensor])
@pytest.mark.parametrize("room", [1 << 26, 1000, 1])
def test_together_in_parts_and_one_by_one(monkeypatch, mode, kind, room):
    x, w = kind(X), kind(W)

    def run():
        return jacobian(f, (0, 1), mode=mode)(x, w)

    expected = one_by_one(monkeypatch, run)
    monkeypatch.setattr(matrix, "ROOM", room)
    found = run()
    assert list(found) == ["h", "total", "x"]
    for a, b in zip(autograd.tree.leaves(found), autograd.tree.leaves(expected), strict=True):
        assert type(a) is type(b)
        a, b = (np.asarray(getattr(y, "data", y)) for y in (a, b))
        assert a.dtype == b.dtype
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)
    assert found["h"][1].shape == (3, 5, 4, 5)


def test_every_primitive(monkeypatch):
    """The Jacobian of each case of each primitive, by both modes, equals that of single sweeps."""
    for primitive in autograd.REGISTRY.values():
        for case in primitive.cases() if primitive.smooth else ():
            args, params = case.draw(np.random.default_rng(1))
            slots = [i for i, x in enumerate(case.operands) if isinstance(x, autograd.domain.Operand)]

            def call(*xs, primitive=primitive, args=args, params=params, slots=slots):
                filled = list(args)
                for i, x in zip(slots, xs, strict=True):
                    filled[i] = x
                return primitive(*filled, **params)

            xs = [np.asarray(args[i], float) for i in slots]
            for mode in ("forward", "reverse"):
                run = lambda mode=mode, call=call, xs=xs: jacobian(call, range(len(xs)), mode=mode)(*xs)  # noqa: E731
                expected = one_by_one(monkeypatch, run)
                with monkeypatch.context() as m:
                    m.setattr(matrix, "FEW", 0)
                    found = run()
                for a, b in zip(found, expected, strict=True):
                    np.testing.assert_allclose(
                        a, b, rtol=1e-11, atol=1e-11 * max(1, np.abs(b).max(initial=0)), err_msg=primitive.name
                    )


def test_hessians_and_what_is_nested(monkeypatch):
    def g(x):
        return (autograd.tanh(x @ W) ** 3).sum()

    found = hessian(g)(X)
    assert found.shape == (3, 4, 3, 4)
    expected = one_by_one(monkeypatch, lambda: hessian(g)(X))
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-13)
    third = jacobian(hessian(g))(X)
    np.testing.assert_allclose(third, np.moveaxis(third, (0, 1), (4, 5)), rtol=1e-10, atol=1e-11)
    slope = grad(lambda x: (jacobian(lambda x: autograd.tanh(x @ W))(x) ** 2).sum())
    np.testing.assert_allclose(slope(X), one_by_one(monkeypatch, lambda: slope(X)), rtol=1e-11, atol=1e-13)
    stacked = np.stack([X, X + 1, X * 2])
    for transform in (jacobian, jacfwd, jacrev):
        function = transform(lambda x: autograd.tanh(x @ W))
        np.testing.assert_allclose(vmap(function)(stacked), np.stack([function(x) for x in stacked]), rtol=1e-12)
    np.testing.assert_allclose(
        vmap(hessian(g))(stacked), np.stack([hessian(g)(x) for x in stacked]), rtol=1e-11, atol=1e-13
    )


def test_jax_names():
    np.testing.assert_array_equal(jacrev(lambda x: x**2)(X[0]), np.diag(2 * X[0]))
    np.testing.assert_array_equal(jacfwd(lambda a, x: a * x**2, 1)(3.0, X[0]), np.diag(6 * X[0]))


def test_the_users_leaves_stay_connected():
    w = Tensor(W)
    j = jacobian(lambda x: autograd.tanh(x @ w))(Tensor(X))
    assert j.requires_grad
    (j * j).sum().backward()
    expected = grad(lambda w: (jacobian(lambda x: autograd.tanh(x @ w))(X) ** 2).sum())(W)
    np.testing.assert_allclose(w.grad, expected, rtol=1e-12)


def test_values_custom_functions_checkpoints_and_hooks_go_one_by_one():
    x = np.linspace(0.1, 1.0, 12)
    v = Value(2.0)
    seen = []

    @custom_function
    def double(x):
        return np.array([2.0 * float(n) for n in x])

    @double.vjp
    def _(g, y, x):
        return 2.0 * g

    def hooked(x):
        y = x * 3.0
        y.register_hook(lambda g: seen.append(np.shape(g)))
        return y

    for function, slope in [
        (lambda x: x * v, 2.0),
        (double, 2.0),
        (checkpoint(lambda x: x * 4.0), 4.0),
        (hooked, 3.0),
    ]:
        found = jacobian(function, mode="reverse")(x)
        np.testing.assert_allclose(np.asarray(getattr(found, "data", found)), slope * np.eye(12))
    assert seen == [(12,)] * 12


def test_shapes_without_elements_and_zeros():
    assert jacobian(lambda x: x[:, :0])(X).shape == (3, 0, 3, 4)
    assert jacobian(lambda x: x * 2)(np.zeros((0, 3))).shape == (0, 3, 0, 3)
    np.testing.assert_array_equal(jacobian(lambda x: autograd.sign(x))(np.arange(12.0) - 5.5), np.zeros((12, 12)))
    both = jacobian(lambda x, y: x * 2, (0, 1), mode="reverse")(np.ones(10), np.ones(3))
    np.testing.assert_array_equal(both[1], np.zeros((10, 3)))
    assert jacobian(lambda x: x * 2)(np.ones(10, np.float32)).dtype == np.float32
