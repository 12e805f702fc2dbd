"""The spread of values and gradients by depth."""

import math

import numpy as np
import pytest

import autograd
import nn


@pytest.fixture(autouse=True)
def seed():
    nn.manual_seed(0)


def test_the_numbers_are_those_of_the_layers():
    model = nn.Sequential(nn.Linear(6, 50), nn.ReLU(), nn.Linear(50, 4))
    x = np.random.default_rng(1).normal(size=(40, 6)).astype(np.float32)
    first, second, third = nn.spread(model, x)
    hidden = x @ model[0].weight.data.T + model[0].bias.data
    assert (first.name, first.kind, second.kind, third.name) == ("0", "Linear", "ReLU", "2")
    assert first.value == pytest.approx(hidden.std(), rel=1e-5)
    assert second.value == pytest.approx(np.maximum(hidden, 0).std(), rel=1e-5)
    assert second.zero == pytest.approx((hidden <= 0).mean())
    start = np.random.default_rng(0).standard_normal((40, 4)).astype(np.float32)
    back = start @ model[2].weight.data
    assert third.gradient == pytest.approx(start.std(), rel=1e-5)
    assert second.gradient == pytest.approx(back.std(), rel=1e-5)
    assert first.gradient == pytest.approx((back * (hidden > 0)).std(), rel=1e-5)


def test_the_gradients_of_the_parameters_stay():
    model = nn.Linear(2, 2)
    model.weight.grad = grad = np.ones((2, 2), np.float32)
    nn.spread(model, np.ones((3, 2), np.float32))
    assert model.weight.grad is grad
    assert grad.tolist() == [[1, 1], [1, 1]]
    assert model.bias.grad is None
    assert not model._hooks


def test_modules_that_return_several_and_modules_used_twice():
    x = np.random.default_rng(0).normal(size=(5, 3, 4)).astype(np.float32)
    (one,) = nn.spread(nn.LSTM(4, 6), x)
    assert one.kind == "LSTM"
    assert one.gradient > 0
    relu = nn.ReLU()
    names = [layer.name for layer in nn.spread(nn.Sequential(nn.Linear(4, 4), relu, nn.Linear(4, 4), relu), x)]
    assert names == ["0", "1", "2", "1"]


def test_theory_of_relu_layers():
    """With He's weights the mean square stays; with half the variance it halves, layer by layer (He et al., 2015)."""
    curves = nn.initial_spread(
        {
            "he": nn.init.kaiming_normal_,
            "half": lambda w: nn.init.normal_(w, std=1 / math.sqrt(256)),
        },
        activation=nn.ReLU,
        depth=20,
        width=256,
    )
    he, half = curves["he"], curves["half"]
    assert len(he) == 20
    assert 0.3 < he[-1].value / he[0].value < 3
    assert half[-1].value / half[0].value == pytest.approx(2 ** (-19 / 2), rel=1.0)
    assert 0.3 < he[0].gradient / he[-1].gradient < 3
    assert half[0].gradient / half[-1].gradient == pytest.approx(2 ** (-19 / 2), rel=1.0)


def test_only_good_initialisers_keep_the_spread():
    curves = nn.initial_spread(depth=20)
    small, large, *good = curves.values()
    assert small[-1].value < 1e-5
    assert large[-1].value > 0.7  # the units of tanh are near their ends
    assert large[0].gradient / large[-1].gradient > 10
    for layers in good[:1] + good[2:]:
        assert layers[-1].value > 0.05
        assert 0.1 < layers[0].gradient / layers[-1].gradient < 10


def test_the_picture():
    plt = pytest.importorskip("matplotlib.pyplot", reason="pictures are drawn by matplotlib")
    curves = nn.initial_spread(depth=4, width=8, rows=8)
    left, right = nn.plot_spread(curves)
    assert len(left.lines) == len(right.lines) == len(curves)
    assert left.get_yscale() == "log"
    nn.plot_spread(curves["orthogonal_"], (left, right))
    assert len(left.lines) == len(curves) + 1
    plt.close("all")


def test_what_has_no_gradients():
    with pytest.raises(autograd.OperandError, match="whose output is a Tensor that requires grad"):
        nn.spread(nn.Flatten(), np.ones((2, 3)))
