"""Networks made of Values: micrograd's figures, in the fused and in the open form."""

import random

import numpy as np
import pytest

import autograd
import nn
from autograd import Value


def moons_loss(model, points, labels):
    """The loss of micrograd's demo: a hinge for every point, and a little weight decay."""
    scores = [model([Value(x) for x in point]) for point in points]
    hinges = [(1 + -y * score).relu() for y, score in zip(labels, scores, strict=True)]
    return sum(hinges) * (1.0 / len(hinges)) + 1e-4 * sum(p * p for p in model.parameters()), scores


@pytest.mark.slow
def test_micrograds_demo_gives_micrograds_figures():
    datasets = pytest.importorskip("sklearn.datasets")
    random.seed(1337)
    np.random.seed(1337)
    points, labels = datasets.make_moons(n_samples=100, noise=0.1)
    labels = labels * 2 - 1
    assert isinstance(labels[0], np.int64)
    model = nn.MLP(2, [16, 16, 1])
    assert len(model.parameters()) == 337
    losses = []
    for k in range(100):
        loss, scores = moons_loss(model, points, labels)
        losses.append(loss.data)
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= (1.0 - 0.9 * k / 100) * p.grad
    assert losses[0] == pytest.approx(0.8958441028683222, rel=1e-12)
    assert losses[99] == pytest.approx(0.010978370135492717, rel=1e-12)
    assert all((score.data > 0) == (y > 0) for score, y in zip(scores, labels, strict=True))


def test_the_weights_are_drawn_in_micrograds_order():
    random.seed(3)
    drawn = [random.uniform(-1, 1) for _ in range(2 * 3 + 3 * 1)]
    random.seed(3)
    model = nn.MLP(2, [3, 1])
    hidden, last = model.layers
    assert [w.data for neuron in hidden.neurons for w in neuron.w] + [w.data for w in last.neurons[0].w] == drawn
    assert all(neuron.b.data == 0.0 for neuron in hidden.neurons)
    assert [neuron.nonlin for neuron in (*hidden.neurons, *last.neurons)] == [True, True, True, False]
    first = model.layers[0].neurons[0]
    assert all(p is q for p, q in zip(model.parameters(), [*first.w, first.b], strict=False))


def test_the_fused_form_equals_the_open_one():
    results = []
    for fused in (True, False):
        random.seed(5)
        model = nn.MLP(3, [4, 4, 1], fused=fused)
        x = [Value(0.3), Value(-0.8), Value(0.5)]
        y = model(x)
        y.backward()
        results.append((y.data, [p.grad for p in (*model.parameters(), *x)], len(autograd.topological_order([y]))))
    (y, grads, few), (y_open, grads_open, many) = results
    assert y == pytest.approx(y_open, rel=1e-14)
    assert grads == pytest.approx(grads_open, rel=1e-12)
    assert many > 2 * few - 40


@pytest.mark.parametrize("x", [[0.5, -1.0], (0.5, -1.0), np.array([0.5, -1.0]), [Value(0.5), -1]])
def test_inputs_of_every_kind(x):
    random.seed(1)
    model = nn.MLP(2, [3, 2])
    random.seed(1)
    assert [y.data for y in model(x)] == [y.data for y in nn.MLP(2, [3, 2])([0.5, -1.0])]


def test_a_layer_of_one_neuron_in_the_middle():
    assert len(nn.MLP(2, [1, 3])([1.0, 2.0])) == 3


def test_the_wrong_number_of_inputs_is_an_error():
    with pytest.raises(ValueError, match="2 weights got 3 inputs"):
        nn.MLP(2, [3, 1])([1.0, 2.0, 3.0])


def test_the_appearance_names_the_neurons():
    assert repr(nn.MLP(2, [2, 1])) == "MLP of [Layer of [ReLUNeuron(2), ReLUNeuron(2)], Layer of [LinearNeuron(2)]]"
