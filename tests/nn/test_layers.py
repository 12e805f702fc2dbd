"""Layers of Tensors: shapes, precisions, initial weights and errors."""

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor

X = np.linspace(-3, 3, 12).reshape(4, 3)


def test_linear_is_a_product_and_a_sum():
    layer = nn.Linear(3, 2, dtype=float)
    w, b = layer.weight.data, layer.bias.data
    np.testing.assert_allclose(layer(X).data, X @ w.T + b)
    np.testing.assert_allclose(layer(X.reshape(2, 2, 3)).data, (X @ w.T + b).reshape(2, 2, 2))
    np.testing.assert_allclose(layer(X[0]).data, X[0] @ w.T + b)
    bare = nn.Linear(3, 2, bias=False, dtype=float)
    np.testing.assert_allclose(bare(X).data, X @ bare.weight.data.T)
    assert bare.bias is None


def test_linear_is_float32_and_stays_so():
    layer = nn.Linear(3, 2)
    y = layer(X.astype(np.float32))
    assert y.dtype == np.float32
    y.sum().backward()
    assert layer.weight.grad.dtype == layer.bias.grad.dtype == np.float32
    assert layer.weight.shape == layer.weight.grad.shape == (2, 3)


def test_initial_weights_are_uniform_in_the_inverse_root_of_the_inputs_and_repeatable():
    nn.manual_seed(1)
    layer = nn.Linear(100, 1000)
    nn.manual_seed(1)
    assert np.array_equal(nn.Linear(100, 1000).weight.data, layer.weight.data)
    for p in layer.parameters():
        assert abs(p.data).max() <= 0.1
        assert p.data.std() == pytest.approx(0.1 / np.sqrt(3), rel=0.05)


def test_linear_of_the_wrong_width_says_which():
    with pytest.raises(autograd.ShapeError, match=r"from 3 to 2 features got an input of shape \(3, 4\)"):
        nn.Linear(3, 2)(X.T)
    with pytest.raises(autograd.ShapeError, match="its last axis must be 3"):
        nn.Linear(3, 2, bias=False)(Tensor(X.T))
    with pytest.raises(ValueError, match="cannot be negative"):
        nn.Linear(-1, 2)


def test_flatten_keeps_the_examples_apart():
    assert nn.Flatten()(np.zeros((5, 2, 3))).shape == (5, 6)
    np.testing.assert_array_equal(nn.Flatten(0)(Tensor(X)).data, X.ravel())
    assert nn.Identity(3, any="thing")(X) is X


def test_an_mlp_of_tensors():
    model = nn.models.MLP(4, 8, 3, activation=nn.Tanh, dtype=float)
    names = {name: p.shape for name, p in model.named_parameters()}
    assert names == {"0.weight": (8, 4), "0.bias": (8,), "2.weight": (3, 8), "2.bias": (3,)}
    assert model(np.ones((2, 4))).shape == (2, 3)
    with pytest.raises(ValueError, match="at least"):
        nn.models.MLP(4)
