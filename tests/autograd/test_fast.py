"""The fast sweeps agree with the generic one, `sweep.pull_back`, to the last bit."""

from __future__ import annotations

import random

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, topological_order
from autograd.fast_record import NOT_YET
from autograd.sweep import pull_back

UNARY = "exp log sin cos tanh sigmoid relu sqrt square reciprocal absolute softplus negative floor arctan".split()


def grow(seed, leaves, constants, steps, poles=False):
    """A random graph: its leaves, and a root that depends on the last few nodes."""
    rng = random.Random(seed)
    nodes = list(leaves)
    for _ in range(steps):
        a, b = rng.choice(nodes[-6:]), rng.choice(nodes + constants)
        kind = rng.randrange(13)
        if kind < 3:
            y = a + b if kind else b - a
        elif kind < 6:
            y = a * b if kind < 5 else b * a
        elif kind == 6:
            y = a / (b if poles else b * b + 1.0)
        elif kind == 7:
            y = a ** rng.choice([2, 3, -1, 0.5] if poles else [2, 1, 0, 3])
        elif kind == 8:
            y = autograd.maximum(a, b)
        elif kind == 9:
            y = autograd.where(rng.random() < 0.5, a, b)
        elif kind == 10 and isinstance(a, Value):
            n = rng.randrange(1, len(nodes) // 2 + 1)
            factors = rng.sample(nodes, 2 * n)  # each in one slot: of a Value in several the order of adding differs
            y = autograd.dot(factors[:n], factors[n:], bias=rng.choice([None, a, 0.5])).relu()
        else:
            name = rng.choice(UNARY)
            safe = name not in ("exp", "log", "sqrt", "reciprocal", "square")
            y = getattr(autograd, name)(a if safe or poles else a.tanh() + 1.5)
        nodes.append(y)
    root = nodes[-1]
    for node in rng.sample(nodes, min(4, len(nodes))):
        root = root + node * 0.5
    return root


def bits(x):
    """What must agree: everything but the sign of a zero, because a sum that starts from 0.0 is never -0.0."""
    x = np.asarray(x) + 0.0
    return np.where(np.isnan(x), np.nan, x).tobytes()


@pytest.mark.parametrize("poles", [False, True])
def test_values_agree_bit_for_bit(poles):
    swept = 0
    for seed in range(300):
        rng = random.Random(seed)
        start = [Value(rng.choice([rng.uniform(-2, 2), 0.0, 1.0]) if poles else rng.uniform(-2, 2)) for _ in range(3)]
        constants = [0.5, 2, Value(1.5, requires_grad=False), -1.0, *([0.0, 1e300] if poles else [])]
        root = grow(seed, start, constants, rng.randrange(1, 40), poles)
        root.backward()
        fast = {node: node.grad for node in topological_order([root])}
        slow = generic(root, 1.0)
        for node, g in fast.items():
            assert bits(g) == bits(slow.get(node, 0.0)), seed
        swept += len(fast)
    assert swept > 3000


def test_behind_a_dead_relu_gradients_are_computed_and_0():
    w, x, b, constant = Value(1.0), Value(-2.0), Value(0.0), Value(3.0, requires_grad=False)
    inner = x * 1.0
    autograd.dot([w, constant], [inner, x], bias=b).relu().backward()
    for node in (w, x, b, inner):
        assert node.grad == 0.0
        assert node.grad is not NOT_YET
    assert constant.grad is NOT_YET


def test_a_dead_relu_above_a_pole_is_not_passed_over():
    x = Value(0.0)
    y = autograd.dot([Value(2.0), Value(1.0)], [x.sqrt(), Value(1.0)], bias=Value(-3.0)).relu()
    y.backward()
    slow = generic(y, 1.0)
    assert y.data == 0.0
    assert np.isnan(x.grad)
    assert np.isnan(slow[x])
    for node in topological_order([y]):
        assert bits(node.grad) == bits(slow[node])


def generic(root, seed):
    """`pull_back`, with what IEEE 754 says where Python's floats raise an error."""
    return dict(pull_back(topological_order([root]), {root: seed}))


def test_tensors_agree_bit_for_bit():
    for seed in range(100):
        rng = np.random.default_rng(seed)
        start = [Tensor(rng.uniform(-2, 2, shape)) for shape in [(2, 3), (3,), (2, 1)]]
        root = grow(seed, start, [0.5, 2, np.ones(3), Tensor(np.full(3, 2.0), requires_grad=False)], seed % 40 + 1)
        root = (root * 1.5 + start[0][:, ::-1] + start[0].sum(0)).sum()
        root.backward()
        slow = generic(root, np.ones(()))
        for node in topological_order([root]):
            expected = slow.get(node)
            if expected is None:
                assert node.grad is None
            else:
                assert bits(node.grad) == bits(expected), seed


def test_mixed_graphs_agree_bit_for_bit():
    for seed in range(60):
        rng = np.random.default_rng(seed)
        values = [Value(x) for x in rng.uniform(-2, 2, 3)]
        low = grow(seed, values, [0.5], 10)
        t = Tensor([low, values[0] * 2.0, values[1]])
        high = (t * t).sum() + grow(seed, [t], [0.5, low], 8).mean()
        root = grow(seed + 1, [autograd.tensor.element(t, index=(1,)), values[2]], [2.0], 8)
        for top, start in ((high, np.ones(())), (root, 1.0)):
            for v in values:
                v.grad = 0.0
            top.backward()
            slow = generic(top, start)
            for node in topological_order([top]):
                expected = slow.get(node)
                if expected is not None:
                    assert bits(node.grad) == bits(expected), seed


@pytest.mark.parametrize("seed", [2.0, -0.5, 0.0])
def test_a_cotangent_is_the_seed(seed):
    a, b = Value(2.0), Value(3.0)
    y = (a * b).tanh() * a
    y.backward(seed)
    slow = generic(y, seed)
    assert [a.grad, b.grad, y.grad] == [slow[n] for n in (a, b, y)]


def test_trunks_and_branches_in_every_arrangement():
    """The sweeps take a chain without ordering it, and must notice where it ends."""
    for shape in range(64):
        a, b = Value(1.1), Value(0.7)
        y = a * b
        for bit in range(6):
            if shape >> bit & 1:
                y = y * y + a
            else:
                y = (y * 0.5).sin() * b
        t = Tensor([1.1, 0.7])
        z = t[0] * t[1]
        for bit in range(6):
            z = z * z + t[0] if shape >> bit & 1 else (z * 0.5).sin() * t[1]
        y.backward()
        z.backward()
        slow = generic(y, 1.0)
        assert (a.grad, b.grad) == (slow[a], slow[b])
        np.testing.assert_allclose(t.grad, [a.grad, b.grad], rtol=1e-12)
        again = {n: n.grad for n in topological_order([y]) if n.parents}
        y.backward()
        assert {n: n.grad for n in again} == again
        assert a.grad == pytest.approx(2 * slow[a], rel=1e-14)


def test_recorders_agree_with_the_generic_one():
    """The busiest operators have recorders of their own; the primitives record the same."""
    pairs = [
        (lambda a, b: a + b, autograd.add),
        (lambda a, b: a - b, autograd.subtract),
        (lambda a, b: a * b, autograd.multiply),
        (lambda a, b: a / b, autograd.divide),
    ]
    for operand in (Value, lambda x: Tensor([x, x]), lambda x: Tensor(np.float32([x]))):
        for operator, primitive in pairs:
            a, b = operand(1.5), operand(0.3)
            for args in ((a, b), (a, 0.3), (0.3, a), (a, 2), (a, a)):
                y, z = operator(*args), primitive(*args)
                assert y.primitive is z.primitive is primitive
                assert np.asarray(y.data).tobytes() == np.asarray(z.data).tobytes()
                assert np.asarray(y.data).dtype == np.asarray(z.data).dtype
                assert [type(p) for p in y.parents] == [type(p) for p in z.parents]
                assert [p.primitive for p in y.parents] == [p.primitive for p in z.parents]
    for name in "exp log sigmoid sqrt sin cos tanh relu".split():
        x = Value(0.7)
        y, z = getattr(x, name)(), getattr(autograd, name)(x)
        assert (y.data, y.primitive, y.parents) == (z.data, z.primitive, z.parents)
