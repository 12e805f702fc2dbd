"""vmap: axes and containers, kinds, nesting with itself and with every transform, randomness, chunks, errors."""

from __future__ import annotations

import gc
import math
import threading
from collections import namedtuple
from functools import partial

import numpy as np
import pytest

import autograd
from autograd import (
    ConversionError,
    GradientError,
    OperandError,
    ShapeError,
    Tensor,
    Value,
    grad,
    hessian,
    jacobian,
    jvp,
    sample,
    vjp,
    vmap,
)
from autograd.batch.rule import looping

rng = np.random.default_rng(0)
X = rng.normal(size=(5, 3))
A = rng.normal(size=(4, 3))


def norm(x):
    return autograd.tanh(x * x).sum()


# Axes and containers


def test_in_axes_and_out_axes():
    def f(x, y):
        return x * 2 + y

    y = rng.normal(size=3)
    np.testing.assert_array_equal(vmap(f, (0, None))(X, y), X * 2 + y)
    np.testing.assert_array_equal(vmap(f, (1, None))(X.T, y), X * 2 + y)
    np.testing.assert_array_equal(vmap(f, (-1, None), 1)(X.T, y), (X * 2 + y).T)
    np.testing.assert_array_equal(vmap(f, (0, None), -1)(X, y), (X * 2 + y).T)
    np.testing.assert_array_equal(vmap(f, [None, 0])(y, X), y * 2 + X)
    np.testing.assert_array_equal(vmap(f)(X, X), X * 3)
    np.testing.assert_array_equal(vmap(f, 1, 1)(X, X), X * 3)
    deep = rng.normal(size=(2, 3, 4, 5))
    for axis in range(-4, 4):
        np.testing.assert_array_equal(vmap(lambda x: x * 2, axis, axis)(deep), deep * 2)


def test_containers():
    Pair = namedtuple("Pair", "a b")

    def f(p, *, k):
        return {"sum": p["x"][0] + p["x"][1] * k, "pair": Pair(p["y"], (k, 3.0)), "none": None, "int": 7}

    p = {"x": [X, A[0]], "y": X.T}
    y = vmap(f, in_axes=({"x": [0, None], "y": 1},))(p, k=np.arange(5.0))
    np.testing.assert_allclose(y["sum"], X + A[0] * np.arange(5.0)[:, None])
    np.testing.assert_array_equal(y["pair"].a, X)
    assert type(y["pair"]) is Pair
    np.testing.assert_array_equal(y["pair"].b[0], np.arange(5.0))
    np.testing.assert_array_equal(y["pair"].b[1], np.full(5, 3.0))
    assert y["none"] is None
    np.testing.assert_array_equal(y["int"], np.full(5, 7))
    both = vmap(lambda x: (x, {"t": x}), out_axes=(1, {"t": 0}))(X)
    assert (both[0].shape, both[1]["t"].shape) == ((3, 5), (5, 3))
    found = vmap(lambda f, x, word: f(x) if word == "go" else x, (None, 0, None))(np.sin, X, "go")
    np.testing.assert_array_equal(found, np.sin(X))


def test_results_that_do_not_depend_on_the_example():
    def f(x):
        return A * 2, 3, np.float32(1.5), np.arange(3)

    y = vmap(f)(X)
    np.testing.assert_array_equal(y[0], np.stack([A * 2] * 5))
    assert [a.dtype for a in y] == [float, np.dtype(int), np.dtype("f4"), np.dtype(int)]
    assert y[0].flags.writeable
    once = vmap(f, out_axes=(None, 0, 0, 0))(X)[0]
    np.testing.assert_array_equal(once, A * 2)
    assert vmap(lambda: np.ones(3), axis_size=4)().shape == (4, 3)
    assert vmap(lambda x: x, None, None, axis_size=4)(X).shape == (5, 3)


def test_no_examples_and_one():
    assert vmap(norm)(np.zeros((0, 3))).shape == (0,)
    assert vmap(grad(norm))(np.zeros((0, 3))).shape == (0, 3)
    assert vmap(lambda x, w: x @ w, (0, None))(np.zeros((0, 3)), A.T).shape == (0, 4)
    assert vmap(lambda x: autograd.linalg.inv(x))(np.zeros((0, 3, 3))).shape == (0, 3, 3)
    np.testing.assert_array_equal(vmap(norm)(X[:1]), [norm(X[0])])
    assert vmap(lambda x: x.reshape(-1, 2))(np.zeros((0, 3, 4))).shape == (0, 6, 2)


def test_the_arguments_and_results_are_the_users_own():
    x = X.copy()
    y = vmap(lambda x: x)(x)
    y += 1
    vmap(lambda x: x[1:], 1, 1)(x)[...] = 0
    vmap(lambda x, y: y, (0, None), None)(x, x)[...] = 0
    np.testing.assert_array_equal(x, X)
    assert vmap(norm).__name__ == "norm"


# Kinds


def test_tensors_in_tensors_out_and_they_differentiate():
    t, w = Tensor(X), Tensor(A[0])
    y = vmap(lambda x, w: autograd.tanh(x * w).sum(), (0, None))(t, w)
    assert type(y) is Tensor
    (y * np.arange(5.0)).sum().backward()
    slope = (1 - np.tanh(X * A[0]) ** 2) * np.arange(5.0)[:, None]
    np.testing.assert_allclose(t.grad, slope * A[0])
    np.testing.assert_allclose(w.grad, (slope * X).sum(0))
    constant = vmap(grad(norm))(Tensor(X, requires_grad=False))
    assert type(constant) is Tensor
    assert not constant.requires_grad


def test_what_the_function_closes_over_is_differentiated():
    w, v = Tensor(A[0]), Value(2.0)
    vmap(lambda x: (x * w).sum() * v)(X).sum().backward()
    np.testing.assert_allclose(w.grad, 2 * X.sum(0))
    np.testing.assert_allclose(v.grad, (X * A[0]).sum())
    w.grad = None
    vmap(grad(lambda x: (x * x * w).sum()))(X).sum().backward()  # through a gradient
    np.testing.assert_allclose(w.grad, 2 * X.sum(0))


def test_modes():
    w = Tensor(A[0])

    def f(x):
        return autograd.tanh(x * w).sum()

    expected = [autograd.stop_gradient(grad(f)(x)).data for x in X]
    with autograd.no_grad():
        found = vmap(grad(f))(X)
        assert type(found) is np.ndarray
        np.testing.assert_allclose(found, expected)
        assert not vmap(f)(X).requires_grad
    for mode in (autograd.detect_anomaly, autograd.annotate):
        with mode():
            np.testing.assert_allclose(vmap(grad(f))(X).data, expected)
            vmap(f)(X).sum().backward()

    def g(x):
        with autograd.no_grad():
            s = x.sum()
        return x.sum() * s

    np.testing.assert_allclose(vmap(grad(g))(X), [grad(g)(x) for x in X])


def test_float32_and_integers():
    x = X.astype(np.float32)
    assert vmap(norm)(x).dtype == np.float32
    assert vmap(grad(norm))(x).dtype == np.float32
    assert vmap(lambda x: x * 2.0 + 1)(x).dtype == np.float32
    assert vmap(hessian(norm))(x).dtype == np.float32
    assert vmap(lambda i: i // 2 + i % 3)(np.arange(5)).dtype == int
    np.testing.assert_array_equal(vmap(lambda i, x: x[i])(np.array([0, 2, 1, 1, 0]), X), X[range(5), [0, 2, 1, 1, 0]])
    np.testing.assert_array_equal(vmap(lambda x: (x > 0) & ~(x > 1) | (x < -1))(X), (X > 0) & ~(X > 1) | (X < -1))
    np.testing.assert_array_equal(vmap(lambda x: (x > 0).any() ^ (x > 0).all())(X), (X > 0).any(1) ^ (X > 0).all(1))


def test_methods_and_attributes_are_those_of_one_example():
    def f(x):
        assert (x.shape, x.ndim, x.size, x.dtype, len(x), x.itemsize, x.nbytes) == ((3,), 1, 3, float, 3, 8, 24)
        assert (x.size(), x.dim(), x.numel()) == ((3,), 1, 3)
        assert np.shape(x) == (3,)
        assert np.ndim(x) == 1
        assert autograd.is_batched(x)
        assert not autograd.is_batched(A)
        first, *rest = x
        assert "Batch(" in repr(x)
        return first + sum(rest) + x.T.reshape(3, 1).sum() + x.clone().mean() * 0 + np.zeros_like(x).sum()

    np.testing.assert_allclose(vmap(f)(X), 2 * X.sum(1))


def test_numpys_functions():
    def f(x):
        y = np.exp(x) + np.where(x > 0, x, 0.0) + np.concatenate([x[:1], x[1:]]) + np.maximum(x, A[0])
        return y + np.sort(x)[::-1] + np.argsort(x) + np.clip(x, -1, 1) + np.stack([x, x]).sum(0) + np.isnan(x)

    np.testing.assert_allclose(vmap(f)(X), np.stack([f(x) for x in X]))
    g = lambda x: np.sum(np.einsum("i,i->", x, np.sin(x)) * np.dot(x, x)) + np.linalg.norm(x)  # noqa: E731
    np.testing.assert_allclose(vmap(g)(X), [g(x) for x in X])
    np.testing.assert_allclose(vmap(grad(g))(X), [grad(g)(x) for x in X])
    h = lambda x: np.unique(np.round(x * 0))[0] + np.histogram(x, 3, (-9, 9))[0].sum()  # noqa: E731
    np.testing.assert_allclose(vmap(h)(X), [h(x) for x in X])


# Nesting


def test_vmap_of_every_transform_and_every_transform_of_vmap():
    v = rng.normal(size=3)
    for transform in (
        grad,
        hessian,
        jacobian,
        lambda f: jacobian(f, mode="forward"),
        lambda f: grad(lambda z: (grad(f)(z) ** 2).sum()),
    ):
        np.testing.assert_allclose(vmap(transform(norm))(X), [transform(norm)(x) for x in X], rtol=1e-12)
    np.testing.assert_allclose(vmap(lambda x: jvp(norm, x, v)[1])(X), [jvp(norm, x, v)[1] for x in X])
    np.testing.assert_allclose(vmap(lambda t: jvp(norm, X[0], t)[1])(X), [jvp(norm, X[0], t)[1] for t in X])
    _, pull = vjp(lambda x: autograd.tanh(A @ x), X[0])
    np.testing.assert_allclose(vmap(pull)(np.eye(4))[0], jacobian(lambda x: autograd.tanh(A @ x))(X[0]))
    mapped = vmap(norm)
    weights = np.arange(5.0)
    np.testing.assert_allclose(
        grad(lambda x: (mapped(x) * weights).sum())(X), vmap(grad(norm))(X) * weights[:, None], rtol=1e-12
    )
    np.testing.assert_allclose(jvp(mapped, X, X)[1], (vmap(grad(norm))(X) * X).sum(1), rtol=1e-12)
    assert jacobian(mapped)(X).shape == (5, 5, 3)
    twice = grad(lambda x: (vmap(grad(norm))(x) ** 2).sum())
    np.testing.assert_allclose(twice(X), np.stack([2 * hessian(norm)(x) @ grad(norm)(x) for x in X]), rtol=1e-11)


def test_levels_do_not_get_confused():
    def f(x, a):
        return autograd.sin((x * a).sum()) * x.sum()

    expected = np.array([[f(x, a) for a in A] for x in X])
    np.testing.assert_allclose(vmap(lambda x: vmap(lambda a: f(x, a))(A))(X), expected)
    np.testing.assert_allclose(vmap(vmap(f, (None, 0)), (0, None))(X, A), expected)
    np.testing.assert_allclose(vmap(vmap(f, (0, None)), (None, 0), 1)(X, A), expected)
    for inner in (lambda x, a: grad(f)(x, a), lambda x, a: grad(f, 1)(x, a)):
        np.testing.assert_allclose(
            vmap(vmap(inner, (None, 0)), (0, None))(X, A), [[inner(x, a) for a in A] for x in X], rtol=1e-12
        )

    def mixed(x):  # a gradient around a vmap around a gradient, each reaching past the other
        return grad(lambda y: vmap(lambda a: grad(lambda z: f(y * z, a) * x.sum())(x).sum())(A).sum())(x)

    def looped(x):
        return grad(lambda y: sum(grad(lambda z, a=a: f(y * z, a) * x.sum())(x).sum() for a in A))(x)

    np.testing.assert_allclose(vmap(mixed)(X), [looped(x) for x in X], rtol=1e-11)
    three = vmap(lambda x: vmap(lambda a: vmap(lambda s: (x * a).sum() * s)(np.arange(2.0)))(A))(X)
    np.testing.assert_allclose(three, (X @ A.T)[..., None] * np.arange(2.0))
    # a level inside that does not meet the one outside
    np.testing.assert_allclose(vmap(lambda x: vmap(norm)(A).sum() * x)(X), X * sum(norm(a) for a in A))
    assert grad(lambda x: vmap(lambda y: y * x)(np.ones(3)).sum())(2.0) == 3.0


def test_shared_arguments_have_a_gradient_for_each_example():
    def loss(p, x, y):
        h = autograd.tanh(p["w"] @ x + p["b"])
        return autograd.softmax_cross_entropy(h, y)

    p = {"w": A, "b": rng.normal(size=4)}
    y = np.array([0, 3, 1, 1, 2])
    found = vmap(grad(loss), (None, 0, 0))(p, X, y)
    for i in range(5):
        for key, g in grad(loss)(p, X[i], y[i]).items():
            np.testing.assert_allclose(found[key][i], g, rtol=1e-12)
    assert vmap(grad(lambda a, x: a**2 * x), (None, 0))(3.0, np.arange(4.0)).tolist() == [0.0, 6.0, 12.0, 18.0]
    assert vmap(grad(lambda a: a**3), None, axis_size=2)(2).tolist() == [12.0, 12.0]  # an integer counts as a float


def test_indexing_by_examples():
    index = np.array([0, 2, 1, 1, 0])
    table = Tensor(A)
    y = vmap(lambda i: table[i])(np.array([0, 3, 3]))
    np.testing.assert_array_equal(y.data, A[[0, 3, 3]])
    y.sum().backward()
    np.testing.assert_array_equal(table.grad, np.array([1.0, 0, 0, 2])[:, None] * np.ones(3))
    np.testing.assert_array_equal(vmap(lambda x, i: x.at[i].set(0.0))(X, index), np.where(np.eye(3)[index] > 0, 0, X))
    picked = grad(lambda x: (vmap(lambda x, i: x[i] ** 2)(x, index)).sum())(X)
    np.testing.assert_allclose(picked, 2 * X * np.eye(3)[index])
    np.testing.assert_array_equal(vmap(lambda i: autograd.take(A, i, 0))(index[:3]), A[index[:3]])


# Randomness


def test_random_numbers():
    draws = np.random.default_rng(0)
    noise = lambda x: x + sample(draws.normal, x.shape)  # noqa: E731
    y = vmap(noise)(np.zeros((4, 100)))
    assert len({row.tobytes() for row in y}) == 4
    y = vmap(noise, randomness="same")(np.zeros((4, 100)))
    assert len({row.tobytes() for row in y}) == 1
    with pytest.raises(GradientError, match='"different" draws for each example'):
        vmap(noise, randomness="error")(np.zeros((4, 100)))
    y = vmap(lambda x: vmap(noise)(x), randomness="same")(np.zeros((2, 3, 50)))
    np.testing.assert_array_equal(y[0], y[1])
    assert len({row.tobytes() for row in y[0]}) == 3
    y = vmap(lambda x: vmap(noise, randomness="same")(x))(np.zeros((2, 3, 50)))
    assert [len({row.tobytes() for row in part}) for part in y] == [1, 1]
    assert not np.array_equal(y[0], y[1])
    kept = vmap(lambda x: autograd.dropout(x, 0.5, rng=np.random.default_rng(1)))(np.ones((3, 40)))
    assert len({row.tobytes() for row in kept}) == 3
    assert vmap(lambda x: sample(draws.uniform, (2,), low=3.0, high=4.0))(np.zeros(5)).min() >= 3.0
    slopes = vmap(grad(lambda w: (sample(draws.normal, (3,)) * w).sum()), None, axis_size=6)(np.ones(3))
    assert len({row.tobytes() for row in slopes}) == 6


# Chunks, threads, memory


@pytest.mark.parametrize("size", [1, 2, 5, 7])
def test_chunks(size):
    seen = []

    def f(x, a):
        seen.append(1)
        return (x * a).sum(), a, {"x": x}

    y = vmap(f, (0, None), (0, None, {"x": 1}), chunk_size=size)(X, A[0])
    np.testing.assert_allclose(y[0], X @ A[0])
    np.testing.assert_array_equal(y[1], A[0])
    np.testing.assert_array_equal(y[2]["x"], X.T)
    assert len(seen) == -(-5 // size)
    found = grad(lambda x: (vmap(norm, chunk_size=size)(x) * np.arange(5.0)).sum())(X)
    np.testing.assert_allclose(found, vmap(grad(norm))(X) * np.arange(5.0)[:, None], rtol=1e-12)


def test_threads_have_levels_of_their_own():
    results = {}

    def work(n):
        results[n] = vmap(lambda x: vmap(lambda y: x * y * n)(np.arange(3.0)))(np.arange(n + 1.0))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for n, y in results.items():
        np.testing.assert_array_equal(y, np.outer(np.arange(n + 1.0), np.arange(3.0)) * n)


def test_no_cycles_are_made():
    vmap(grad(norm))(X)
    gc.collect()
    gc.disable()
    try:
        before = gc.get_count()[0]
        for _ in range(50):
            vmap(grad(norm))(X)
        assert gc.collect() == 0
        assert before >= 0
    finally:
        gc.enable()


def test_after_an_error_nothing_is_left():
    with pytest.raises(ZeroDivisionError):
        vmap(lambda x: 1 // 0)(X)
    assert autograd.batch.level.active() == ()
    assert not autograd.modes.exceptional


# Errors


def scaled(x, scale):
    return x * scale


def test_errors_of_axes():
    with pytest.raises(ShapeError, match=r"(?s)vmap of scaled: .*x has 5 along axis 0 of .*scale has 4 along axis 0"):
        vmap(scaled)(X, A)
    with pytest.raises(ShapeError, match=r"x is ndarray.* and in_axes says axis 2, which it does not have"):
        vmap(scaled, (2, 0))(X, X)
    with pytest.raises(ShapeError, match=r"p\['a'\]\[1\] is"):
        vmap(lambda p: p["a"][0], 1)({"a": [X, np.ones(3)]})
    with pytest.raises(ShapeError, match="is for 1 positional arguments, and there are 2"):
        vmap(scaled, (0,))(X, X)
    with pytest.raises(OperandError, match=r"scale is float 2.0, which has no axis 0(.|\n)*give None"):
        vmap(scaled)(X, 2.0)
    with pytest.raises(OperandError, match=r"scale is float 2.0(.|\n)*functools.partial"):
        vmap(scaled)(X, scale=2.0)
    np.testing.assert_array_equal(vmap(partial(scaled, scale=2.0))(X), X * 2)
    with pytest.raises(ShapeError, match="axis_size must say how many"):
        vmap(scaled, None)(X, X)
    with pytest.raises(ShapeError, match="axis_size is 4"):
        vmap(scaled, axis_size=4)(X, X)
    for axes, match in [(({"b": 0},), "have the keys"), (([0, 0],), "do not fit"), (("a",), "numbers, None, or")]:
        with pytest.raises((ShapeError, OperandError), match=match):
            vmap(lambda p: p, axes)({"a": X})
    with pytest.raises(ShapeError, match="out_axes says None for a result that depends"):
        vmap(norm, out_axes=None)(X)
    with pytest.raises(ShapeError, match="out_axes says axis 3 of a result with 2 axes"):
        vmap(lambda x: x, out_axes=3)(X)
    with pytest.raises(OperandError, match="the result holds str 'a'"):
        vmap(lambda x: "a")(X)
    with pytest.raises(OperandError, match="randomness is"):
        vmap(norm, randomness="no")
    with pytest.raises(OperandError, match="chunk_size is a positive"):
        vmap(norm, chunk_size=0)


def test_branches():
    def f(x):
        return x if x.sum() > limit else -x

    limit = -100.0  # all examples agree: each would have gone this way
    np.testing.assert_array_equal(vmap(f)(X), X)
    limit = 100.0
    np.testing.assert_array_equal(vmap(f)(X), -X)
    limit = 0.0
    with pytest.raises(
        ConversionError, match=r"of 5 examples it is true for \d .*(.|\n)*test_vmap.py.*(.|\n)*where"
    ) as error:
        vmap(f)(X)
    assert "branch on a batched value" in str(error.value)
    with pytest.raises(ValueError, match="ambiguous"):
        vmap(lambda x: x if x > 0 else -x)(X)
    with pytest.raises(ConversionError, match="among"):
        vmap(lambda x: vmap(lambda a: x.sum() if (x * a).sum() > 0 else a.sum())(A))(X)


@pytest.mark.parametrize(
    ("function", "match"),
    [
        (lambda x: float(x[0]), "one plain number"),
        (lambda x: int(x[0]), "one plain number"),
        (lambda x: math.sin(x[0]), "one plain number"),
        (lambda x: x[0].item(), "one plain number"),
        (lambda x: x.tolist(), "lists of plain"),
        (lambda x: x.numpy(), "one plain array"),
        (lambda x: np.array([x, x]), r"autograd\.stack"),
        (lambda x: np.asarray(x), "one plain array"),
        (lambda x: A[x.astype(int)], r"Tensor\(array\)\[i\]"),
        (lambda x: Tensor(x), "one plain array"),
    ],
)
def test_no_plain_numbers(function, match):
    with pytest.raises(ConversionError, match=match):
        vmap(function)(X)
    with pytest.raises(ConversionError, match=f"{match}|would be lost"):
        vmap(grad(lambda x: function(x * 2)))(X)


def test_what_all_examples_share_may_become_plain():
    shared = Tensor(A[0], requires_grad=False)

    def f(w, x):
        fixed = w.detach()
        return (w * x).sum() * float(fixed[0]) if float(fixed.sum()) else x.sum()

    assert vmap(f, (None, 0))(shared, X).shape == (5,)
    found = vmap(grad(f), (None, 0))(shared, X)
    np.testing.assert_allclose(found.data, X * A[0, 0])


def test_other_errors():
    with pytest.raises(GradientError, match=r"inside vmap(.|\n)*vmap\(grad\(loss\)\)"):
        vmap(lambda x: norm(x).backward())(X)
    with pytest.raises(OperandError, match=r"x = x\.at\[i\]\.set"):
        vmap(lambda x: x.__setitem__(0, 1.0))(X)
    with pytest.raises(ConversionError, match="cannot write batched values"):
        vmap(lambda x: np.add(x, x, out=np.zeros(3)))(X)
    buffer = np.zeros(3)
    with pytest.raises(ConversionError, match="a = a \\* x instead of"):
        vmap(lambda x: buffer.__iadd__(x))(X)
    with pytest.raises(ShapeError, match="the results of the examples differ in shape"):
        vmap(lambda x: x[x > 0])(X)
    with pytest.raises(ShapeError, match="cannot be computed") as error:
        vmap(lambda x: x + np.ones(4))(X)
    assert "for one example the operands are Batch(3,) float64, ndarray(4,)" in error.value.__notes__[0]
    with pytest.raises(GradientError, match="must be a single number"):
        vmap(grad(lambda x: x))(X)
    with pytest.raises(OperandError, match="derivatives need floats"):
        vmap(grad(norm))(np.ones((5, 3), int))
    kept = []
    vmap(lambda x: kept.append(x) or x)(X)
    with pytest.raises(ConversionError, match="a vmap that has ended"):
        float(kept[0][0])


def test_what_loops_can_be_listed():
    names = looping()
    assert "block_diag" in names
    assert not {"add", "matmul", "convolution", "softmax", "getitem", "normalization", "attention"} & set(names)
    assert len(names) < 20
