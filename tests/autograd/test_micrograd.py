"""Code in micrograd's style runs as it is, and finds the lecture's numbers."""

from __future__ import annotations

import math
import random

import pytest

from autograd import Value


def trace(root):
    """Nodes and edges of a graph, found as the lectures' drawing code does."""
    nodes, edges = set(), set()

    def build(v):
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)

    build(root)
    return nodes, edges


def lecture():
    a, b, c = Value(2.0, label="a"), Value(-3.0, label="b"), Value(10.0, label="c")
    e = a * b
    e.label = "e"
    d = e + c
    d.label = "d"
    f = Value(-2.0, label="f")
    L = d * f
    L.label = "L"
    return a, b, c, d, e, f, L


def test_the_expression_of_the_lecture():
    a, b, c, d, e, f, L = lecture()
    assert L.data == -8.0
    assert [v.grad for v in (a, b, c, d, e, f, L)] == [0.0] * 7
    L.backward()
    assert [v.grad for v in (a, b, c, d, e, f, L)] == [6.0, -4.0, -2.0, -2.0, -2.0, 4.0, 1.0]
    for leaf in (a, b, c, f):
        leaf.data += 0.01 * leaf.grad
    assert (a * b + c) * f == pytest.approx(-7.286496)


def neuron():
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    b = Value(6.8813735870195432, label="b")
    x1w1, x2w2 = x1 * w1, x2 * w2
    both = x1w1 + x2w2
    n = both + b
    return x1, x2, w1, w2, b, x1w1, x2w2, both, n


@pytest.mark.parametrize(
    "squash",
    [lambda n: n.tanh(), lambda n: ((2 * n).exp() - 1) / ((2 * n).exp() + 1)],
    ids=["tanh", "made of exp"],
)
def test_the_neuron_of_the_lecture(squash):
    x1, x2, w1, w2, b, *_, n = neuron()
    o = squash(n)
    o.backward()
    assert o.data == pytest.approx(math.sqrt(0.5))
    assert [v.grad for v in (x1, w1, x2, w2, b)] == pytest.approx([-1.5, 1.0, 0.5, 0.0, 0.5])


def test_stepping_by_hand():
    x1, x2, w1, w2, b, x1w1, x2w2, both, n = neuron()
    o = n.tanh()
    o.grad = 1.0
    for v in (o, n, b, both, x1w1, x2w2):
        v._backward()
    assert n.grad == pytest.approx(0.5)
    assert [v.grad for v in (x1, w1, x2, w2, b)] == pytest.approx([-1.5, 1.0, 0.5, 0.0, 0.5])


def test_backward_by_hand_over_a_topological_order_is_backward():
    a, b = Value(-4.0), Value(2.0)
    g = polynomial(a, b)
    order, seen = [], set()

    def visit(v):
        if v not in seen:
            seen.add(v)
            for child in v._prev:
                visit(child)
            order.append(v)

    visit(g)
    g.grad = 1.0
    for v in reversed(order):
        v._backward()
    by_hand = a.grad, b.grad
    a.grad = b.grad = 0.0
    g.backward()
    assert (a.grad, b.grad) == pytest.approx(by_hand, rel=1e-14)


def polynomial(a, b):
    """Everything an expression may hold: every operator, with numbers on both sides, reuse and reassignment."""
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    return g


def test_a_long_expression_agrees_with_differences():
    a, b = Value(-4.0), Value(2.0)
    g = polynomial(a, b)
    g.backward()
    h = 1e-4

    def at(x, y):
        return polynomial(Value(x), Value(y)).data

    assert g.data == pytest.approx(24.70408163265306)
    assert a.grad == pytest.approx((at(-4 + h, 2) - at(-4 - h, 2)) / (2 * h), rel=1e-7)
    assert b.grad == pytest.approx((at(-4, 2 + h) - at(-4, 2 - h)) / (2 * h), rel=1e-7)
    assert (a.grad, b.grad) == pytest.approx((138.83381924198252, 645.5772594752186), rel=1e-12)


def test_the_idiom_of_the_drawing_code():
    *_, L = lecture()
    nodes, edges = trace(L)
    assert len(nodes) == 7
    assert len(edges) == 6
    assert {v.label: v._op for v in nodes} == {"a": "", "b": "", "c": "", "f": "", "e": "*", "d": "+", "L": "*"}
    lines = [f"{{ {v.label} | data {v.data:.4f} | grad {v.grad:.4f} }}" for v in nodes]
    assert "{ L | data -8.0000 | grad 0.0000 }" in lines
    assert len({str(id(v)) + v._op for v in nodes}) == 7


def test_operations_are_written_as_in_the_lecture():
    a, b = Value(2.0), Value(3.0)
    named = {
        a + b: "+",
        a * b: "*",
        a**2: "**2",
        a.relu(): "relu",
        a.tanh(): "tanh",
        a.exp(): "exp",
        a - b: "-",
        a / b: "/",
    }
    assert [v._op for v in named] == list(named.values())


def test_a_shared_node_receives_from_all_its_consumers():
    a = Value(3.0)
    b = a + a
    b.backward()
    assert a.grad == 2.0
    a, b = Value(-2.0), Value(3.0)
    d, e = a * b, a + b
    (d * e).backward()
    assert (a.grad, b.grad) == (-3.0, -8.0)


class Neuron:
    def __init__(self, nin, nonlin=True):
        self.w = [Value(random.uniform(-1, 1)) for _ in range(nin)]
        self.b = Value(0)
        self.nonlin = nonlin

    def __call__(self, x):
        act = sum((wi * xi for wi, xi in zip(self.w, x)), self.b)
        return act.tanh() if self.nonlin else act

    def parameters(self):
        return [*self.w, self.b]


def test_a_training_loop_written_by_hand_learns():
    random.seed(1)
    hidden, last = [Neuron(3) for _ in range(4)], Neuron(4)
    xs = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
    ys = [1.0, -1.0, -1.0, 1.0]
    parameters = [p for n in (*hidden, last) for p in n.parameters()]
    losses = []
    for _ in range(60):
        guesses = [last([n(x) for n in hidden]) for x in xs]
        loss = sum((guess - y) ** 2 for y, guess in zip(ys, guesses))
        for p in parameters:
            p.grad = 0.0
        loss.backward()
        for p in parameters:
            p.data += -0.05 * p.grad
        losses.append(loss.data)
    assert losses[-1] < 0.1 < losses[0]
    assert all(type(p.data) is float for p in parameters)
