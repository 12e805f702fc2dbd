"""Graphs to step through."""

import random

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value

ONE = "exp tanh sigmoid relu square absolute softplus sin".split()
SHAPES = [(2, 3), (3,), (1, 3), (2, 1), ()]


def _values(seed, size):
    rng = random.Random(seed)
    nodes = [Value(rng.uniform(-2, 2), label=name) for name in "abc"]
    for _ in range(size):
        x, y = rng.choice(nodes[-5:]), rng.choice([*nodes, 0.5, -2.0])
        kind = rng.randrange(8)
        if kind == 0:
            z = x + y
        elif kind == 1:
            z = x * y
        elif kind == 2:
            z = x - y
        elif kind == 3:
            z = x / (y * y + 1.0)
        elif kind == 4:
            z = x ** rng.choice([2, 3, 1])
        elif kind == 5:
            z = autograd.dot([x, *rng.choices(nodes, k=2)], rng.choices(nodes, k=3), bias=rng.choice(nodes))
        else:
            z = getattr(autograd, rng.choice(ONE))(x.tanh())
        nodes.append(z)
    return nodes[:3], autograd.sum([nodes[-1], *rng.choices(nodes, k=3)])


def _tensors(seed, size):
    rng, draw = random.Random(seed), np.random.default_rng(seed)
    nodes = [Tensor(draw.uniform(-2, 2, shape), label=name) for name, shape in zip("abc", rng.sample(SHAPES, 3))]
    for _ in range(size):
        x, y = rng.choice(nodes[-5:]), rng.choice([*nodes, 0.5, draw.uniform(-1, 1, (2, 3))])
        kind = rng.randrange(8)
        if kind < 3:
            z = [x + y, x * y, x - y][kind]
        elif kind == 3:
            z = x.sum(axis=0) if x.ndim else x * 2.0
        elif kind == 4 and x.shape == (2, 3):
            z = (x @ draw.uniform(-1, 1, (3, 4)))[:, ::2][:, [0, 1, 0]]
        elif kind == 5 and x.ndim:
            z = autograd.softmax(x)
        elif kind == 6 and x.ndim:
            z = x.tanh().reshape(-1).to_values()[0] * x
        else:
            z = getattr(autograd, rng.choice(ONE))(x.tanh())
        nodes.append(z)
    return nodes[:3], sum((rng.choice(nodes) * w).sum() for w in (1.0, 2.0)) + nodes[-1].mean()


@pytest.fixture
def grow():
    """A function that makes a random graph of Values or of Tensors: its leaves and its root, a single number."""
    return lambda kind, seed, size: (_values if kind == "values" else _tensors)(seed, size)


@pytest.fixture
def neuron():
    """Micrograd's neuron: the names of its nodes, the root `o` among them."""
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    b = Value(6.8813735870195432, label="b")
    x1w1, x2w2 = x1 * w1, x2 * w2
    both = x1w1 + x2w2
    n = both + b
    o = n.tanh()
    for node, name in ((x1w1, "x1w1"), (x2w2, "x2w2"), (both, "both"), (n, "n"), (o, "o")):
        node.label = name
    return {node.label: node for node in (x1, x2, w1, w2, b, x1w1, x2w2, both, n, o)}
