"""Hooks: called with whole gradients, in every kind of sweep; what they return goes on; nothing is left of them."""

from __future__ import annotations

import copy
import gc
import pickle

import numpy as np
import pytest

import autograd
from autograd import GradientError, OperandError, ShapeError, Tensor, Value, grad, vmap
from autograd.hook import hooked
from autograd.node import Node


@pytest.fixture(autouse=True)
def nothing_is_left():
    gc.collect()
    before = len(hooked)
    yield
    gc.collect()
    assert len(hooked) == before


@pytest.mark.parametrize("kind", [Value, Tensor])
def test_a_hook_sees_the_whole_gradient_once_and_may_replace_it(kind):
    x, seen = kind(3.0), []
    h = x * x
    h.register_hook(lambda g: seen.append(float(g)))
    h.register_hook(lambda g: g * 10)
    h.register_hook(lambda g: seen.append(float(g)))
    x.register_hook(lambda g: seen.append(("x", float(g))))
    y = h * 2 + h * 5  # two consumers: only the sum is seen
    y.backward()
    assert seen == [7.0, 70.0, ("x", 420.0)]
    assert (float(x.grad), float(h.grad)) == (420.0, 70.0)


@pytest.mark.parametrize("kind", [Value, Tensor])
def test_a_leaf_that_is_used_often_is_seen_once(kind):
    x, seen = kind(2.0), []
    x.register_hook(seen.append)
    y = x * x * x + x
    y.backward()
    assert [float(g) for g in seen] == [13.0]
    y.backward()
    assert [float(g) for g in seen] == [13.0, 13.0]
    assert float(x.grad) == 26.0


def test_gradients_are_arrays_for_tensors_and_floats_for_values():
    t, v, kinds = Tensor([1.0, 2.0]), Value(2.0), []
    for x in (t, v):
        x.register_hook(lambda g: kinds.append(type(g)))
    (t * v).sum().backward()
    v2 = v * v
    v2.backward()
    (t * t).sum().backward(create_graph=True)
    assert kinds == [np.ndarray, float, float, Tensor] or kinds == [float, np.ndarray, float, Tensor]


def test_removing():
    x = Tensor([1.0, 2.0])
    seen = []
    handle = x.register_hook(lambda g: seen.append(1))
    x.sum().backward()
    handle.remove()
    handle.remove()
    x.sum().backward()
    with x.register_hook(lambda g: seen.append(2)):
        x.sum().backward()
    x.sum().backward()
    assert seen == [1, 2]
    assert not hooked


def test_hooks_go_with_their_nodes():
    x = Value(1.0)
    handle = x.register_hook(lambda g: g)
    y = x * 2
    y.register_hook(lambda g: g)
    y.retain_grad()
    assert len(hooked) == 3
    del x, y
    assert not hooked
    handle.remove()
    assert not hooked


def test_post_accumulate():
    x, seen = Tensor([1.0, 2.0]), []
    x.register_post_accumulate_grad_hook(lambda t: seen.append((t is x, t.grad.copy())))
    (x * x).sum().backward()
    (x * 3).sum().backward()
    assert [s[0] for s in seen] == [True, True]
    np.testing.assert_array_equal([s[1] for s in seen], [[2.0, 4.0], [5.0, 7.0]])

    def step(p):  # an optimizer inside the backward pass: the gradient need not be kept
        p.data -= 0.1 * p.grad
        p.grad = None

    w = Tensor([1.0])
    w.register_post_accumulate_grad_hook(step)
    (w * 2).sum().backward()
    assert (w.data[0], w.grad) == (0.8, None)
    grad(lambda x: (x * x).sum())(x)  # transforms accumulate nothing
    assert len(seen) == 2


def test_retain_grad():
    x = Tensor(np.ones(200_000))
    h, k = x * 2, x * 3
    h.retain_grad()
    h.retain_grad()
    (h * k).sum().backward()
    np.testing.assert_array_equal(h.grad, k.data)
    assert k.grad is None  # more than a mebibyte: the graph is let go
    with pytest.raises(GradientError, match="let go"):
        h.sum().backward()
    small = Tensor([1.0]) * 2
    (small * 3).sum().backward()
    assert small.grad[0] == 3.0  # small graphs stay


def test_sweeps_with_hooks_find_what_sweeps_without_find():
    rng = np.random.default_rng(0)
    data = [rng.normal(size=(4, 3)), rng.normal(size=(3, 2)), rng.normal(size=2)]

    def run(hook):
        x, w, b = map(Tensor, data)
        v = Value(0.5)
        h = autograd.tanh(x @ w + b) * v
        y = (h[1] * h[2]).sum() + h.mean() + (h.max(0) * b).sum() + v * v
        if hook:
            h.register_hook(lambda g: None)
        y.backward()
        y.backward()
        return [x.grad, w.grad, b.grad, v.grad, h.grad]

    for a, b in zip(run(False), run(True), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-14)
        assert type(a) is type(b)


def test_gradients_are_nobody_elses():
    a, b = Tensor([1.0, 2.0]), Tensor([3.0, 4.0])
    c = a + b
    c.register_hook(lambda g: None)
    c.sum().backward()
    a.grad += 1.0
    np.testing.assert_array_equal(b.grad, [1.0, 1.0])
    np.testing.assert_array_equal(c.grad, [1.0, 1.0])


def test_letting_go_and_keeping():
    x = Tensor([1.0, 2.0])
    x.register_hook(lambda g: None)
    y = (x * x).sum()
    y.backward(retain_graph=False)
    with pytest.raises(GradientError, match="let go"):
        y.backward()
    big = Tensor(np.ones(200_000))
    big.register_hook(lambda g: None)
    z = (big * big).sum()
    z.backward(retain_graph=True)
    z.backward()
    assert big.grad[0] == 4.0
    with pytest.raises(GradientError, match="let go"):
        z.backward()


def test_in_transforms_and_to_second_order():
    seen = []

    def f(x):
        h = x * x
        h.register_hook(lambda g: g * 2)
        h.register_hook(lambda g: seen.append(type(g)))
        return h * x

    assert grad(f)(3.0) == 9.0 + 2 * 18.0
    assert grad(grad(f))(3.0) == 10 * 3.0 + 6.0  # the outer sweep comes by h, too, and doubles the 6.0
    np.testing.assert_allclose(vmap(grad(f))(np.array([1.0, 3.0])), [5.0, 45.0])
    assert seen[0] is float
    x = Value(3.0)
    y = x * x
    y.register_hook(lambda g: g * g)
    (y * y).backward(create_graph=True)
    assert x.grad.data == (2 * 9.0) ** 2 * 6.0


def test_an_error_in_a_hook_leaves_the_leaves_alone():
    x, w = Tensor([1.0]), Tensor([2.0])
    h = x * w

    def broken(g):
        raise KeyError("broken")

    h.register_hook(broken)
    with pytest.raises(KeyError, match="broken"):
        (h * w).sum().backward()
    assert x.grad is None
    assert w.grad is None


def test_errors():
    with pytest.raises(GradientError, match="does not require grad"):
        Tensor([1, 2]).register_hook(print)
    with pytest.raises(OperandError, match="a hook is a function"):
        Tensor([1.0]).register_hook(3)
    with pytest.raises(GradientError, match="only leaves accumulate"):
        (Tensor([1.0]) * 2).register_post_accumulate_grad_hook(print)
    x = Tensor([1.0, 2.0])
    with x.register_hook(lambda g: g.sum()), pytest.raises(ShapeError, match=r"shape \(\) for one of \(2,\)"):
        x.sum().backward()
    with x.register_hook(lambda g: "no"), pytest.raises(GradientError, match="returned str 'no'"):
        x.sum().backward()


def test_precision_stays():
    x = Tensor(np.ones(2, np.float32))
    x.register_hook(lambda g: g.astype(float) * 2)
    x.sum().backward()
    assert x.grad.dtype == np.float32


def test_copies_have_no_hooks():
    x = Tensor([1.0])
    x.register_hook(lambda g: g)
    for y in (copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
        assert y.hooks is None
    assert "hooks" not in vars(Node(*()))
