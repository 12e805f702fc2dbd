"""Which module a node belongs to, when it was not recorded."""

import numpy as np

import autograd
import nn
from autograd import Tensor, Value, annotate, tanh
from autograd.origin import Scope
from autograd.view.module import innermost, module_paths, scopes_of
from autograd.view.trace import reading_order


class Attention(nn.Module):
    def __init__(self, n):
        self.q, self.k, self.v, self.o = (nn.Linear(n, n) for _ in range(4))

    def forward(self, x):
        q, k, v = self.q(x), self.k(x), self.v(x)
        return self.o(autograd.softmax(q @ k.T) @ v)


class Block(nn.Module):
    def __init__(self, n):
        self.attention = Attention(n)
        self.mlp = nn.Sequential(nn.Linear(n, n), nn.ReLU(), nn.Linear(n, n))

    def forward(self, x):
        x = x + self.attention(x)
        return x + self.mlp(x)


def paths(y, **variables):
    """The path of each operation behind y, in reading order."""
    order = reading_order([y])
    found = module_paths(order, variables)
    return [(node.operation, ".".join(found.get(node, ()))) for node in order if node.parents]


X = np.ones((2, 3), np.float32)


def test_what_lies_between_belongs_to_the_module_around():
    net = nn.Sequential(Block(3), nn.Linear(3, 1))
    y = net(X).sum()
    assert paths(y, net=net) == [
        ("affine", "net.0.attention.q"),
        ("affine", "net.0.attention.k"),
        ("transpose", "net.0.attention"),
        ("@", "net.0.attention"),
        ("softmax", "net.0.attention"),
        ("affine", "net.0.attention.v"),
        ("@", "net.0.attention"),
        ("affine", "net.0.attention.o"),
        ("+", "net.0"),
        ("affine", "net.0.mlp.0"),
        ("relu", "net.0.mlp"),
        ("affine", "net.0.mlp.2"),
        ("+", "net"),
        ("affine", "net.1"),
        ("sum", ""),
    ]


def test_recorded_before_inferred():
    net = nn.Sequential(nn.Linear(3, 2), nn.ReLU(), nn.Linear(2, 1))
    with annotate():
        y = net(X).sum()
    assert paths(y, other=net) == [("affine", "net.0"), ("relu", "net.1"), ("affine", "net.2"), ("sum", "")]
    assert paths(net(X), other=net) == [("affine", "other.0"), ("relu", "other"), ("affine", "other.2")]
    assert paths(net(X)) == [("affine", ""), ("relu", ""), ("affine", "")]
    assert paths(Value(1.0) * 2.0, net=net) == [("*", "")]


def test_parameters_turned_and_reshaped():
    class Turned(nn.Module):
        def __init__(self):
            self.w = nn.Parameter(np.ones((3, 2), np.float32))

        def forward(self, x):
            return x @ self.w.reshape(2, 3).T

    first, other = Turned(), Turned()
    y = other(first(X) @ Tensor(X))
    assert paths(y, first=first, other=other) == [
        ("reshape", "first"),
        ("transpose", "first"),
        ("@", "first"),
        ("@", ""),
        ("reshape", "other"),
        ("transpose", "other"),
        ("@", "other"),
    ]


def test_leaves():
    net = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 1))
    x, s = Tensor(X), Value(2.0)
    for on in (False, True):
        if on:
            with annotate():
                y = net(x * 2.0) * s
        else:
            y = net(x * 2.0) * s
        found = module_paths(reading_order([y]), {"net": net})
        assert found[net[0].weight] == ("net", "0")
        assert x not in found
        assert s not in found


def test_inputs_are_outside_of_what_they_were_given_to():
    model = nn.MLP(2, [2, 1])
    x = [Value(1.0), Value(2.0)]
    with annotate():
        y = model(x)
    found = module_paths(reading_order([y]), {})
    assert x[0] not in found
    assert found[model.layers[1].neurons[0].b] == ("model", "layers.1", "neurons.0")


def test_a_module_called_again_and_again():
    class Cell(nn.Module):
        def __init__(self):
            self.inner, self.recurrent = nn.Linear(3, 3), nn.Linear(3, 3)

        def forward(self, x, h):
            return tanh(self.inner(x) + self.recurrent(h))

    cell = Cell()
    h = X
    for _ in range(3):
        h = cell(X, h)
    found = paths(h, cell=cell)
    assert [path for operation, path in found if operation == "tanh"] == ["cell", "cell", ""]
    with annotate():
        h = X
        for _ in range(3):
            h = cell(X, h)
    order = reading_order([h])
    scopes = scopes_of(order, {})
    assert [scopes[node].call for node in order if node.operation == "tanh"] == [0, 1, 2]
    assert scopes[cell.inner.weight].path == ("cell", "inner")


def test_a_parameter_of_two_modules_belongs_to_what_is_around_both():
    class Tied(nn.Module):
        def __init__(self):
            self.a, self.b = nn.Linear(3, 3), nn.Linear(3, 3)
            self.b.weight = self.a.weight

        def forward(self, x):
            return self.b(self.a(x))

    tied = Tied()
    order = reading_order([tied(X)])
    found = module_paths(order, {"tied": tied})
    assert [found[node] for node in order if node.operation == "affine"] == [("tied",), ("tied",)]
    assert found[tied.a.bias] == ("tied",)


def test_the_larger_module_names_the_smaller():
    net = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 1))
    first = net[0]
    assert paths(net(X), first=first, net=net) == [("affine", "net.0"), ("affine", "net.1")]
    assert paths(net(X), nets={"a": net}) == [("affine", "nets['a'].0"), ("affine", "nets['a'].1")]


def test_innermost():
    model = Scope("model")
    a, b = Scope("a", outer=model), Scope("b", outer=model)
    again = Scope("a", call=1, outer=Scope("model", call=1))
    assert innermost([a, a]) is a
    assert innermost([a, b]) is model
    assert innermost([a, again]) is a
    assert innermost([a, None]) is None
    assert innermost([a, Scope("a")]) is None
    assert innermost([]) is None


def test_a_long_chain():
    net = nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1))
    y = net[0](np.ones((1, 1), np.float32))
    for _ in range(5000):
        y = y * 1.0
    found = paths(net[1](y), net=net)
    assert {path for operation, path in found if operation == "*"} == {"net"}
