"""Modules tell, inside annotate(), where each operation was made."""

import gc
import weakref

import numpy as np

import autograd
import nn
from autograd import Tensor, Value, annotate
from nn.module import Module


class Block(Module):
    def __init__(self, n):
        self.layers = [nn.Linear(n, n), nn.ReLU(), nn.Linear(n, n)]

    def forward(self, x):
        h = x
        for layer in self.layers:
            h = layer(h)
        return x + h


class Net(Module):
    def __init__(self, n=3, blocks=2):
        self.blocks = nn.Sequential(*(Block(n) for _ in range(blocks)))
        self.shared = nn.Linear(n, n)

    def forward(self, x):
        x = self.blocks(x)
        x = self.shared(self.shared(x))
        return x.sum()


def made(y):
    """The operations behind y, in the order in which they were computed."""
    return [node for node in autograd.topological_order([y]) if node.parents]


def paths(y):
    return [".".join(node.origin.scope.path) if node.origin.scope else "" for node in made(y)]


INPUT = np.ones((2, 3), np.float32)


def test_paths_of_modules():
    net = Net(blocks=1)
    with annotate():
        y = net(INPUT) * 2.0
    assert paths(y) == [
        "net.blocks.0.layers.0",
        "net.blocks.0.layers.1",
        "net.blocks.0.layers.2",
        "net.blocks.0",
        "net.shared",
        "net.shared",
        "net",
        "",
    ]
    add = made(y)[3].origin.scope
    assert [(scope.name, scope.kind) for scope in add.chain] == [
        ("net", "Net"),
        ("blocks", "Sequential"),
        ("0", "Block"),
    ]


def test_calls_of_one_module_are_told_apart():
    net = Net()
    with annotate():
        y = net(INPUT) + net(INPUT)
    calls = {node.origin.scope.chain[0].call for node in made(y)[:-1]}
    assert calls == {0, 1}
    shared = [node.origin.scope for node in made(y) if node.origin.scope and node.origin.scope.name == "shared"]
    assert [scope.call for scope in shared] == [0, 1, 0, 1]
    assert len(set(shared)) == 4
    assert shared[0].outer is shared[1].outer


def test_the_line_is_the_users_own():
    net, layer = Net(), nn.Linear(3, 3)
    with annotate():
        y = net(INPUT)
        z = layer(Tensor(INPUT))
    assert {node.origin.file for node in made(y)} == {__file__}
    assert made(y)[0].origin.text == "h = layer(h)"
    assert made(y)[-1].origin.text == "return x.sum()"
    assert z.origin.text == "z = layer(Tensor(INPUT))"
    assert [node.origin.name for node in made(y)] == ["h", "h", "h", "", "h", "h", "h", "x", "", "x", "y"]
    assert z.origin.name == "z"


def test_what_the_outermost_module_is_called():
    class Trainer:
        def __init__(self):
            self.model = nn.Linear(3, 1)

        def run(self):
            return self.model(INPUT)

    models = [nn.Linear(3, 3), nn.Linear(3, 3)]
    only = [nn.Linear(3, 3)]
    with annotate():
        trained = Trainer().run()
        x = Tensor(INPUT)
        for model in models:
            x = model(x)
        z = only[0](Tensor(INPUT))
        nameless = (lambda: nn.Linear(3, 1))()(INPUT)
    assert paths(trained) == ["model"]
    assert paths(x) == ["models.0", "models.1"]
    assert paths(z) == ["Linear"]
    assert paths(nameless) == ["Linear"]


def test_a_module_that_another_one_is_given():
    class Twice(Module):
        def forward(self, inner, x):
            return inner(inner(x))

    twice, layer = Twice(), nn.Linear(3, 3)
    with annotate():
        y = twice(layer, INPUT)
    assert paths(y) == ["twice.inner", "twice.inner"]


def test_scopes_and_modules_in_each_other():
    class Attention(Module):
        def __init__(self):
            self.q = nn.Linear(3, 3)

        def forward(self, x):
            with autograd.scope("scores"):
                return autograd.softmax(self.q(x))

    attention = Attention()
    with annotate(), autograd.scope("step"):
        y = attention(INPUT)
    assert paths(y) == ["step.attention.scores.q", "step.attention.scores"]


def test_neurons_layers_and_networks_of_values():
    model = nn.MLP(2, [2, 1])
    with annotate():
        y = model([1.0, -2.0])
    assert sorted(paths(y)) == [
        *["model.layers.0.neurons.0"] * 2,
        *["model.layers.0.neurons.1"] * 2,
        "model.layers.1.neurons.0",
    ]
    assert [scope.kind for scope in y.origin.scope.chain] == ["MLP", "Layer", "Neuron"]
    assert y.origin.name == "y"


def test_inputs_are_known_as_given():
    x = [Value(1.0), Value(2.0)]
    neuron, layer = nn.Neuron(2), nn.Linear(3, 3)
    with annotate():
        y = neuron(x)
        z = layer(input=INPUT)
    assert set(y.origin.scope.given) == set(x)
    assert any(given is INPUT for given in z.origin.scope.given)


def test_a_module_that_gives_back_what_it_was_given():
    layer, same = nn.Linear(3, 3), nn.Identity()
    with annotate():
        y = same(layer(INPUT))
    assert paths(y) == ["layer"]
    assert y.origin.name == ""


def test_outside_nothing_is_known_and_results_are_the_same():
    net = Net()
    plain = net(INPUT)
    with annotate():
        noted = net(INPUT)
    assert all(node.origin is None for node in made(plain))
    np.testing.assert_array_equal(plain.data, noted.data)
    noted.backward()
    grads = [p.grad.copy() for p in net.parameters()]
    net.zero_grad()
    plain.backward()
    for p, grad in zip(net.parameters(), grads, strict=True):
        np.testing.assert_array_equal(p.grad, grad)
        assert p.origin is None


def test_a_module_that_keeps_its_result_is_freed():
    class Keeping(Module):
        def __init__(self):
            self.layer = nn.Linear(3, 3)

        def forward(self, x):
            self.last = self.layer(x)
            return self.last

    def run():
        module = Keeping()
        with annotate():
            y = module(INPUT)
        return weakref.ref(y)

    gc.collect()
    gc.disable()
    try:
        assert run()() is None
    finally:
        gc.enable()
