"""The parts of the tutor by themselves: what is recognised, opened, gone through, worded and weighed."""

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value
from autograd.tutor.activation import recognised
from autograd.tutor.objective import objective
from autograd.tutor.outline import Outline
from autograd.tutor.rehearsal import Rehearsal
from autograd.tutor.wording import Wording

WRITTEN_OUT = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "sigmoid, another way": lambda z: np.exp(z) / (1 + np.exp(z)),
    "sigmoid, with a power": lambda z: (1 + np.exp(-z)) ** -1,
    "tanh": lambda z: (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)),
    "tanh, another way": lambda z: 2 / (1 + np.exp(-2 * z)) - 1,
    "softplus": lambda z: np.log(1 + np.exp(z)),
    "relu": lambda z: np.maximum(0, z),
    "relu, with a mask": lambda z: z * (z > 0),
    "relu, with where": lambda z: np.where(z > 0, z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "leaky_relu, with maximum": lambda z: np.maximum(0.1 * z, z),
    "softmax": lambda z: np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True),
    "softmax, shifted": lambda z: (
        np.exp(z - np.max(z, axis=0)) / np.sum(np.exp(z - np.max(z, axis=0)), axis=0, keepdims=True)
    ),
    "log_softmax": lambda z: z - np.log(np.sum(np.exp(z), axis=-1, keepdims=True)),
}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", WRITTEN_OUT)
def test_activations_are_recognised(name, dtype):
    z = Tensor(np.random.default_rng(0).normal(size=(3, 4)).astype(dtype)) * 1
    y = WRITTEN_OUT[name](z)
    operand, primitive, params = recognised(y)
    assert operand is z
    assert primitive.name == name.partition(",")[0]
    np.testing.assert_allclose(primitive.on_array(z.data, **params), y.data, rtol=1e-5)


@pytest.mark.parametrize(
    "f",
    [
        lambda z: z * 2,
        lambda z: np.exp(z),
        lambda z: 1 / (2 + np.exp(-z)),
        lambda z: np.maximum(1, z),
        lambda z: z * np.ones((3, 4)),
        lambda z: np.exp(z) / np.sum(np.exp(z)),
        lambda z: z - np.exp(z),
        lambda z: np.where(z > 0, z, z),
    ],
)
def test_others_are_not(f):
    z = Tensor(np.random.default_rng(0).normal(size=(3, 4))) * 1
    assert recognised(f(z)) is None


def test_an_operation_that_is_asked_about_is_not_folded_away():
    z = Tensor([[0.5, -1.0]]) * 1
    e = np.exp(-z)
    y = 1 / (1 + e)
    assert recognised(y, {e}) is None
    assert recognised(y) is not None


def test_activations_of_values():
    z = Value(0.5) * 1.0
    operand, primitive, _ = recognised(1 / (1 + autograd.exp(-z)))
    assert (operand, primitive.name) == (z, "sigmoid")


def graphs():
    rng = np.random.default_rng(1)
    x, W, b = Tensor(rng.normal(size=(4, 3))), Tensor(rng.normal(size=(2, 3))), Tensor(rng.normal(size=2))
    y = autograd.affine(x, W, b)
    yield "affine", (y * y).sum(), [x, W, b]
    z = Tensor(rng.normal(size=(4, 3)))
    yield "softmax cross-entropy", autograd.softmax_cross_entropy(z, np.array([0, 2, 1, 1])).mean(), [z]
    for size in (1.0, 30.0):
        z = Tensor(size * rng.normal(size=(4, 3)))
        yield "logits", autograd.binary_cross_entropy_with_logits(z, rng.random((4, 3))).mean(), [z]
    a, c = [Value(v) for v in rng.normal(size=3)], [Value(v) for v in rng.normal(size=3)]
    yield "dot", autograd.tanh(autograd.dot(a, c, bias=a[0])), [*a, *c]
    yield "folded", np.sum(1 / (1 + np.exp(-x @ W.T)) ** 2), [x, W]
    yield "reductions", (x * x.mean(axis=0)).sum(axis=1).mean() + x.max(), [x]


@pytest.mark.parametrize(("name", "loss", "leaves"), list(graphs()), ids=lambda x: x if isinstance(x, str) else "")
def test_an_outline_has_the_same_gradients(name, loss, leaves):
    outline = Outline(loss)
    arrived = Rehearsal(outline).run()
    for leaf in leaves:
        leaf.grad = leaf.no_gradient
    loss.backward(retain_graph=True)
    for leaf in leaves:
        np.testing.assert_allclose(arrived[outline.copies[leaf]], leaf.grad, rtol=1e-12)
    for node, copy in outline.copies.items():
        if copy in arrived and node.parents:
            np.testing.assert_allclose(arrived[copy], node.grad, rtol=1e-12)
        np.testing.assert_array_equal(copy.data, node.data)


def test_given_gradients_go_on_in_place_of_those_that_arrive():
    x = Tensor([1.0, 2.0])
    y = x * 3
    loss = (y * y).sum()
    outline = Outline(loss)
    of = outline.copies
    arrived = Rehearsal(outline, {of[y]: np.array([1.0, 1.0])}).run()
    assert arrived[of[y]].tolist() == [6.0, 12.0]
    assert arrived[of[x]].tolist() == [3.0, 3.0]
    way = Rehearsal(outline, {of[y]: np.array([1.0, 1.0])}).way([of[x]])
    assert list(way.nodes) == [of[y]]


def test_wording():
    x, W, y = Tensor([[1.0, 2.0]], label="x"), Tensor([[1.0], [3.0]], label="W"), np.array([[4.0]])
    z = x @ W
    a = autograd.sigmoid(z)
    loss = ((a - y) ** 2 / 3).sum()
    outline = Outline(loss)
    of = outline.copies
    wording = Wording(outline, {of[node]: name for node, name in ((x, "x"), (W, "W"), (a, "a"), (z, "net.z"))}, {})
    assert wording.name(of[z]) == "net.z"
    assert wording.gradient(of[z]) == "the gradient of net.z"
    assert wording.gradient(of[a]) == "da"
    assert wording.derivative(of[a], 0) == ("σ'(net.z)", "a * (1 - a)")
    assert wording.transposed(of[W]) == "W.T"
    assert [wording.name(node) for node in outline.order if node.operation in ("-", "**2", "/")] == [
        "a - 4",
        "(a - 4) ** 2",
        "(a - 4) ** 2 / 3",
    ]


def test_long_expressions_are_cut():
    x = Tensor([1.0, 2.0], label="quantity_with_a_long_name")
    y = x
    for _ in range(50):
        y = y * x
    outline = Outline(y.sum())
    wording = Wording(outline, {outline.copies[x]: x.label}, {})
    assert max(len(wording.name(node)) for node in outline.order) < 60


@pytest.mark.parametrize(
    ("activation", "loss", "found"),
    [
        (lambda z: 1 / (1 + np.exp(-z)), lambda p, y: np.mean((y - p) ** 2), "sigmoid"),
        (
            lambda z: 1 / (1 + np.exp(-z)),
            lambda p, y: -np.sum((1 - y) * np.log(1 - p) + y * np.log(p + 1e-9)),
            "sigmoid",
        ),
        (lambda z: autograd.softmax(z), lambda p, y: -np.sum(y * np.log(np.clip(p, 1e-9, 1))), "softmax"),
        (lambda z: autograd.log_softmax(z), lambda p, y: -np.sum(p * y) / 3, "softmax"),
        (lambda z: z, lambda p, y: np.sum(np.abs(p - y)), ""),
    ],
)
def test_the_objective_is_read_from_the_graph(activation, loss, found):
    rng = np.random.default_rng(2)
    X, y, W, b = rng.normal(size=(5, 2)), rng.uniform(size=(5, 3)), Tensor(rng.normal(size=(2, 3))), np.ones(3)
    z = X @ W + b
    outline = Outline(loss(activation(z), y))
    goal = objective(outline, {outline.copies[W]})
    assert goal.activation == found
    np.testing.assert_allclose(goal.target, y)
    assert (goal.score if found else goal.node) is outline.copies[z]


def test_a_long_chain_is_no_trouble():
    x = Value(1.0)
    y = x
    for _ in range(20_000):
        y = y * 1.0001
    assert autograd.tutor.compare(y, {"x": (x, y.data)}).ok
