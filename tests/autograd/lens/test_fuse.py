"""Sums of products become dot nodes: the same value, the same gradients, in the same leaves."""

from __future__ import annotations

import math
import random

import pytest

import autograd
import nn
from autograd import OperandError, Tensor, Value, draw, fuse, leaves, tanh, zoom


def operations(value):
    return [node.operation for node in autograd.topological_order([value]) if node.parents]


def test_the_neuron_of_the_lecture_becomes_one_node_and_its_tanh():
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    b = Value(6.8813735870195432, label="b")
    n = x1 * w1 + x2 * w2 + b
    n.label = "n"
    o = n.tanh()
    neuron = fuse(o)
    assert operations(neuron) == ["·", "tanh"]
    assert neuron.parents[0].label == "n"
    assert set(leaves(neuron)) == {x1, x2, w1, w2, b}
    neuron.backward()
    assert [round(v.grad, 6) for v in (x1, w1, x2, w2)] == [-1.5, 1.0, 0.5, 0.0]
    assert "neuron" in draw(neuron).svg()
    assert len(draw(neuron, fold="neuron*").sketch.boxes) == 5
    assert operations(zoom(neuron, inputs=leaves(neuron))) == ["*", "*", "+", "tanh"]


@pytest.mark.parametrize("seed", range(8))
def test_random_graphs_keep_their_value_and_gradients(seed):
    rng = random.Random(seed)
    start = [Value(rng.uniform(-1.5, 1.5)) for _ in range(6)]
    nodes = list(start)
    for _ in range(30):
        a, b, c, d, e = (rng.choice(nodes[-12:]) for _ in range(5))
        nodes.append(rng.choice([a * b + c * d + e, a * b, tanh(a + b), sum([a * b, c * d, a * e], e), a - b * 2.0]))
    y = tanh(nodes[-1] * 0.1 + nodes[-2] * 0.1)
    y.backward()
    expected = [x.grad for x in start]
    for x in start:
        x.grad = 0.0
    neuron = fuse(y)
    assert "·" in operations(neuron)
    assert math.isclose(neuron.data, y.data, rel_tol=1e-12)
    neuron.backward()
    assert all(math.isclose(x.grad, g, rel_tol=1e-11, abs_tol=1e-12) for x, g in zip(start, expected, strict=True))


def test_a_product_that_is_used_elsewhere_stays():
    a, b, c = Value(2.0), Value(3.0), Value(5.0)
    p = a * b
    y = tanh((p + a * c + b * c) * p)
    fused = fuse(y)
    assert operations(fused) == ["*", "·", "*", "tanh"]
    assert fused.data == y.data


def test_what_has_no_sum_of_products_comes_back_as_it_is():
    a, b = Value(2.0), Value(3.0)
    y = tanh(a * b + 1.0)
    assert fuse(y) is y
    assert fuse(a) is a


def test_every_neuron_of_a_layer_is_a_frame():
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    y = model(Tensor([1.0, 2.0], "float32"))
    value = fuse(zoom(y, 0, depth=math.inf))
    assert operations(value).count("·") == 4
    assert operations(value).count("tanh") == 3
    scopes = {node.origin.scope.name for node in autograd.topological_order([value]) if node.parents}
    assert scopes == {f"neuron {i}" for i in range(1, 5)}
    assert len(draw(value, fold="neuron*").sketch.boxes) < len(draw(value).sketch.boxes)


def test_frames_of_the_users_own_stay():
    def neuron(w, x):
        with autograd.scope("mine"):
            return tanh(w[0] * x[0] + w[1] * x[1])

    with autograd.annotate():
        y = neuron([Value(1.0), Value(2.0)], [Value(3.0), Value(-1.0)]) * 2.0
    found = fuse(y)
    assert found.parents[0].origin.scope.path == ("mine",)
    assert operations(found) == ["·", "tanh", "*"]


def test_a_tensor_is_not_fused():
    with pytest.raises(OperandError, match=r"zoom\(y, index\) makes one"):
        fuse(Tensor([1.0]) * 2.0)
