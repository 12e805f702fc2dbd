"""checkpoint: the same values and derivatives of any order, less memory, the same random numbers, or an error."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

import autograd
import nn
from autograd import GradientError, Tensor, Value, checkpoint, grad, hessian, hvp, jacobian, jvp, sample, tanh, vmap

X = np.array([[0.3, -0.2, 0.5], [0.1, 0.4, -0.6]])
W = np.array([[0.2, -0.1], [0.7, 0.3], [-0.5, 0.9]])


def layer(x, w, scale=1.0):
    return tanh(tanh(x * scale) @ w) * scale


def of_values(a, b=2.0):
    return (a * b).tanh() * a


def gradients(f, *leaves):
    for x in leaves:
        x.grad = None if isinstance(x, Tensor) else 0.0
    y = f(*leaves)
    y.backward()
    return [np.array(x.grad) for x in leaves]


def same(found, expected, rtol=1e-13):
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=rtol, atol=1e-15)


def test_values_and_gradients_are_those_of_the_function():
    f = checkpoint(layer)
    x, w = Tensor(X), Tensor(W)
    np.testing.assert_array_equal(f(x, w).data, layer(x, w).data)
    assert f.__name__ == "layer"
    for s in (1.0, Value(1.5)):
        same(
            gradients(lambda x, w, s=s: f(x, w, scale=s).sum(), x, w),
            gradients(lambda x, w, s=s: layer(x, w, scale=s).sum(), x, w),
        )
    a, b = Value(0.3), Value(0.7)
    same(gradients(checkpoint(of_values), a, b), gradients(of_values, a, b))
    y = checkpoint(of_values)(a)
    assert type(y) is Value
    assert y.parents == (a,)


def test_one_node_stands_for_the_call():
    x, w = Tensor(X), Tensor(W)
    y = checkpoint(layer)(x, w)
    assert y.operation == "checkpoint"
    assert set(y.parents) == {x, w}
    assert autograd.draw(y)


def test_closures_over_leaves_results_and_modules():
    x, w = Tensor(X), Tensor(W)
    h = x * 2.0  # a result that the function has from outside, and that others use, too
    seen = []
    h.register_hook(lambda g: seen.append(g.copy()))

    def run(wrap):
        f = wrap(lambda: tanh(h @ w) + Tensor([1.0, 2.0]))
        return gradients(lambda x, w: (f() * f()).sum() + (h * h).sum(), x, w)

    same(run(checkpoint), run(lambda f: f))
    np.testing.assert_allclose(seen[0], seen[1], rtol=1e-13)  # once, with the whole gradient
    assert len(seen) == 2
    nn.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
    same(
        gradients(lambda *_: checkpoint(model)(x).sum(), *model.parameters()),
        gradients(lambda *_: model(x).sum(), *model.parameters()),
    )


def test_several_results_containers_and_what_is_not_differentiated():
    x, w = Tensor(X), Tensor(W)

    def f(p, *, names):
        h = tanh(p["x"] @ p["w"])
        return {"h": h, "parts": [h.sum(), p["x"], 3, names], "most": h.argmax(), "same": h}

    def loss(f):
        def run(x, w):
            y = f({"x": x, "w": w}, names="ab")
            return (y["h"] * y["same"]).sum() * y["parts"][0] + (y["parts"][1] ** 2).sum()

        return run

    y = checkpoint(f)({"x": x, "w": w}, names="ab")
    assert list(y) == ["h", "parts", "most", "same"]
    assert y["parts"][1] is x
    assert y["parts"][2:] == [3, "ab"]
    assert y["h"].operation == "result 0"
    same(gradients(loss(checkpoint(f)), x, w), gradients(loss(f), x, w))
    same([jvp(loss(checkpoint(f)), (X, W), (X, W))[1]], [jvp(loss(f), (X, W), (X, W))[1]])
    z = y["h"].sum()
    z.backward()
    z.backward()  # only one of the results, and twice
    assert autograd.draw(z)
    a, b = Value(0.5), Value(0.25)

    def both(a, b):
        return a * b, (a + b).tanh()

    same(
        gradients(lambda a, b: (lambda p, q: p * q + p)(*checkpoint(both)(a, b)), a, b),
        gradients(lambda a, b: (lambda p, q: p * q + p)(*both(a, b)), a, b),
    )


def test_higher_orders_and_all_transforms():
    def f(wrap):
        return lambda x: (wrap(lambda x: tanh(x @ W) * x[:, :2])(x) ** 2).sum()

    plain, again = f(lambda f: f), f(checkpoint)
    v = X * 0.5 + 1
    same(grad(again)(X), grad(plain)(X))
    same(hessian(again)(X), hessian(plain)(X), 1e-12)
    for mode in ("forward_over_reverse", "reverse_over_reverse"):
        same(hvp(again, X, v, mode=mode), hvp(plain, X, v, mode=mode), 1e-12)
    same(jvp(again, X, v), jvp(plain, X, v))
    same(grad(lambda x: jvp(again, x, v)[1])(X), grad(lambda x: jvp(plain, x, v)[1])(X), 1e-12)
    same(jacobian(checkpoint(layer))(X, W), jacobian(layer)(X, W))
    stacked = np.stack([X, X + 1, X - 1])
    same(vmap(again)(stacked), vmap(plain)(stacked))
    same(vmap(grad(again))(stacked), vmap(grad(plain))(stacked))
    same(grad(lambda x: vmap(again)(x).sum())(stacked), grad(lambda x: vmap(plain)(x).sum())(stacked))
    squares = [lambda x, f=f: (vmap(grad(f))(x) ** 2).sum() for f in (again, plain)]
    same(grad(squares[0])(stacked), grad(squares[1])(stacked), 1e-12)
    assert grad(grad(lambda x: checkpoint(lambda v: v**3 * x)(x)))(2.0) == 48.0  # x is argument and closure
    x = Tensor(X)
    again(x).backward(create_graph=True)
    assert x.grad.requires_grad
    (x.grad * x.grad).sum().backward()


def test_checkpoints_in_checkpoints():
    inner = checkpoint(lambda x: tanh(x @ W) @ W.T)
    outer = checkpoint(lambda x: inner(inner(x) * 2) + x)
    plain = lambda x: tanh((tanh(x @ W) @ W.T * 2) @ W) @ W.T + x  # noqa: E731
    same(grad(lambda x: outer(outer(x)).sum())(X), grad(lambda x: plain(plain(x)).sum())(X))
    same(hvp(lambda x: outer(x).sum(), X, X), hvp(lambda x: plain(x).sum(), X, X), 1e-12)


def test_what_is_made_inside_counts_as_inside():
    v, w = Value(0.5), Value(2.0)

    @checkpoint
    def f(v):
        t = Tensor([v, w, 1.0])  # takes over the node that collected them
        u = t.clone()
        u[1] = 3.0
        return (t * t * u).sum()

    same(gradients(lambda *_: f(v), v, w), [3 * 0.5**2, 2 * 2.0 * 3.0])


def test_without_recording_it_is_the_function():
    with autograd.no_grad():
        assert checkpoint(layer)(Tensor(X), Tensor(W)).parents == ()
    assert type(checkpoint(layer)(X, W)) is np.ndarray
    assert checkpoint(lambda: "word")() == "word"
    x = Tensor(X)
    assert checkpoint(lambda x: x)(x) is x


def test_random_numbers_are_drawn_again():
    x, drop, rng = Tensor(np.ones((20, 20))), nn.Dropout(0.5), np.random.default_rng(0)

    @checkpoint
    def f(x):
        return drop(x * 2.0) * sample(rng.normal, (20, 20)) + drop(x)

    nn.manual_seed(1)
    y = f(x)
    next_draws = rng.normal(), nn.functional.dropout(np.ones(50)).sum()
    y.sum().backward()
    np.testing.assert_allclose((x.grad * x.data).sum(), y.data.sum())  # it is linear: the same masks
    assert rng.normal() != next_draws[0]
    nn.manual_seed(1)
    rng = np.random.default_rng(0)
    drop(drop(np.ones((20, 20))))
    rng.normal(size=(20, 20))
    assert (rng.normal(), nn.functional.dropout(np.ones(50)).sum()) == next_draws  # the second run left no trace
    inner = checkpoint(lambda x: drop(x))
    z = checkpoint(lambda x: inner(drop(x)) * drop(x))(x)
    z.sum().backward()
    masks = vmap(checkpoint(lambda x: drop(x)))(np.ones((3, 50)))
    assert len({m.tobytes() for m in masks}) == 3
    stacked = np.ones((3, 50))
    y, pull = autograd.vjp(lambda x: vmap(checkpoint(lambda x: drop(x)))(x), stacked)
    np.testing.assert_array_equal(pull(stacked)[0], y)


def test_a_second_run_that_differs_is_an_error():
    x, w = Tensor(X), Tensor(W)
    y = checkpoint(layer)(x, w).sum()
    w.data = W + 1
    with pytest.raises(GradientError, match="checkpoint of layer: computed again") as error:
        y.backward()
    assert x.grad is None
    assert "test_recompute.py" in str(error.value)
    w.data = W
    rng = np.random.default_rng(0)
    y = checkpoint(lambda x: x * rng.normal(size=x.shape))(x).sum()
    with pytest.raises(GradientError, match="random numbers must come from"):
        y.backward()
    runs = []

    def forgetful(x):
        runs.append(1)
        return x * x if len(runs) % 2 else x

    y = checkpoint(forgetful)(x).sum()
    with pytest.raises(GradientError, match="not what it was"):
        y.backward()


def test_nan_is_no_difference():
    x = Tensor([np.nan, np.inf, 1.0])
    checkpoint(lambda x: x * x)(x).sum().backward()
    np.testing.assert_array_equal(x.grad, [np.nan, np.inf, 2.0])


def test_memory_of_a_deep_chain():
    n, depth = 20_000, 64
    x = Tensor(np.linspace(0.1, 0.2, n))

    def block(x):
        for _ in range(8):
            x = tanh(x) * 1.01
        return x

    def peak(wrap):
        f = wrap(block)
        tracemalloc.start()
        y = x
        for _ in range(depth // 8):
            y = f(y)
        y.sum().backward()
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found / (8 * n), x.grad

    x.grad = None
    whole, expected = peak(lambda f: f)
    x.grad = None
    saved, found = peak(checkpoint)
    np.testing.assert_allclose(found, expected, rtol=1e-13)
    assert whole > 128  # two results for each of 64 steps
    assert saved < 60  # eight results, and one block with its gradients
