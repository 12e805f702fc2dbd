"""Activations: on Tensors, arrays and Values alike, by their formulas, and what chance adds."""

import copy
import pickle

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, Value

X = np.linspace(-4, 4, 17).reshape(1, 17) + 0.01
ELEMENTWISE = [
    (nn.ReLU(), lambda x: np.maximum(x, 0)),
    (nn.LeakyReLU(0.1), lambda x: np.where(x > 0, x, 0.1 * x)),
    (nn.RReLU(0.1, 0.3).eval(), lambda x: np.where(x > 0, x, 0.2 * x)),
    (nn.PReLU(dtype=float), lambda x: np.where(x > 0, x, 0.25 * x)),
    (nn.Threshold(0.5, 7.0), lambda x: np.where(x > 0.5, x, 7.0)),
    (nn.ELU(0.5), lambda x: np.where(x > 0, x, 0.5 * (np.exp(x) - 1))),
    (nn.CELU(0.5), lambda x: np.where(x > 0, x, 0.5 * (np.exp(x / 0.5) - 1))),
    (nn.SELU(), lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * (np.exp(x) - 1))),
    (nn.GELU("tanh"), lambda x: 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))),
    (nn.SiLU(), lambda x: x / (1 + np.exp(-x))),
    (nn.Mish(), lambda x: x * np.tanh(np.log1p(np.exp(x)))),
    (nn.Hardswish(), lambda x: x * np.clip(x + 3, 0, 6) / 6),
    (nn.Softplus(2.0), lambda x: np.log1p(np.exp(2 * x)) / 2),
    (nn.Softplus(1.0, 2.0), lambda x: np.where(x > 2, x, np.log1p(np.exp(x)))),
    (nn.Tanh(), np.tanh),
    (nn.Sigmoid(), lambda x: 1 / (1 + np.exp(-x))),
    (nn.LogSigmoid(), lambda x: -np.log1p(np.exp(-x))),
    (nn.Hardsigmoid(), lambda x: np.clip(x / 6 + 0.5, 0, 1)),
    (nn.Hardtanh(-0.5, 2.0), lambda x: np.clip(x, -0.5, 2.0)),
    (nn.ReLU6(), lambda x: np.clip(x, 0, 6)),
    (nn.Softsign(), lambda x: x / (1 + abs(x))),
    (nn.Tanhshrink(), lambda x: x - np.tanh(x)),
    (nn.Softshrink(0.7), lambda x: np.sign(x) * np.maximum(abs(x) - 0.7, 0)),
    (nn.Hardshrink(0.7), lambda x: np.where(abs(x) > 0.7, x, 0)),
]


@pytest.mark.parametrize(("module", "formula"), ELEMENTWISE, ids=lambda x: repr(x) if isinstance(x, nn.Module) else "")
def test_each_element_by_itself(module, formula):
    y = module(Tensor(X))
    np.testing.assert_allclose(y.data, formula(X), rtol=1e-12, atol=1e-12)
    plain = module(X)
    np.testing.assert_allclose(plain.data if isinstance(plain, Tensor) else plain, y.data)
    assert module(Tensor(X.astype(np.float32))).dtype == np.float32 or isinstance(module, nn.PReLU)
    if not isinstance(module, nn.PReLU):
        value = module(Value(X[0, 3]))
        assert type(value) is Value
        assert value.data == pytest.approx(y.data[0, 3])


@pytest.mark.parametrize(
    ("module", "formula"),
    [
        (nn.Softmax(), lambda x: np.exp(x) / np.exp(x).sum(-1, keepdims=True)),
        (nn.Softmax(0), lambda x: np.exp(x) / np.exp(x).sum(0, keepdims=True)),
        (nn.Softmin(1), lambda x: np.exp(-x) / np.exp(-x).sum(1, keepdims=True)),
        (nn.LogSoftmax(1), lambda x: x - np.log(np.exp(x).sum(1, keepdims=True))),
        (nn.Softmax2d(), lambda x: np.exp(x) / np.exp(x).sum(1, keepdims=True)),
        (nn.GLU(2), lambda x: x[:, :, :1] / (1 + np.exp(-x[:, :, 1:]))),
    ],
    ids=lambda x: repr(x) if isinstance(x, nn.Module) else "",
)
def test_along_an_axis(module, formula):
    x = np.random.default_rng(0).standard_normal((3, 4, 2, 5))
    np.testing.assert_allclose(module(Tensor(x)).data, formula(x), rtol=1e-12)


def test_softmax_in_another_precision():
    x = Tensor(np.ones((2, 3), np.float16))
    for function in (nn.functional.softmax, nn.functional.log_softmax, nn.functional.softmin):
        assert function(x, dim=1, dtype=np.float32).dtype == np.float32


def test_slopes_are_drawn_while_training():
    nn.manual_seed(0)
    layer = nn.RReLU(0.2, 0.6)
    x = Tensor(np.full(1000, -1.0, np.float32))
    y = layer(x)
    assert y.dtype == np.float32
    assert 0.2 <= (-y.data).min() < 0.21
    assert 0.59 < (-y.data).max() <= 0.6
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, -y.data)
    np.testing.assert_array_equal(layer(np.ones(5)), np.ones(5))
    assert -0.6 <= layer(Value(-1.0)).data <= -0.2
    assert type(layer(Value(-1.0))) is Value
    with pytest.raises(TypeError, match="from lower to upper"):
        nn.RReLU(0.5, 0.1)(np.ones(3))


def test_a_learned_slope_for_each_channel():
    layer = nn.PReLU(3, init=0.5, dtype=float)
    x = np.random.default_rng(0).standard_normal((2, 3, 4))
    layer.weight.data[:] = 0.1, 0.2, 0.3
    y = layer(x)
    np.testing.assert_allclose(y.data, np.where(x > 0, x, x * np.array([[0.1], [0.2], [0.3]])))
    y.sum().backward()
    np.testing.assert_allclose(layer.weight.grad, np.minimum(x, 0).sum((0, 2)))
    layer.reset_parameters()
    assert set(layer.weight.data) == {0.5}
    with pytest.raises(autograd.ShapeError, match="prelu of"):
        layer(x[:, :2])


def test_samples_of_classes_that_gradients_flow_through():
    nn.manual_seed(0)
    logits = Tensor(np.log([[0.1, 0.2, 0.7]]).repeat(4000, 0))
    soft = nn.functional.gumbel_softmax(logits, tau=0.5)
    np.testing.assert_allclose(soft.data.sum(-1), 1)
    hard = nn.functional.gumbel_softmax(logits, hard=True)
    assert set(np.unique(hard.data.round(12))) == {0.0, 1.0}
    np.testing.assert_allclose(hard.data.mean(0), [0.1, 0.2, 0.7], atol=0.03)
    (hard * np.array([1.0, 2.0, 3.0])).sum().backward()
    assert abs(logits.grad).max() > 0
    nn.manual_seed(1)
    a = nn.functional.gumbel_softmax(logits, 2.0)
    nn.manual_seed(1)
    np.testing.assert_allclose(nn.functional.gumbel_softmax(logits, 2.0, hard=True).data.argmax(-1), a.data.argmax(-1))


def test_inplace_is_taken_and_means_nothing():
    x = Tensor(X)
    for kind in (nn.ReLU, nn.SiLU, nn.Hardswish, nn.ELU, nn.Dropout):
        module = kind(inplace=True).eval()
        assert "inplace=True" in repr(module)
        module(x)
        np.testing.assert_array_equal(x.data, X)


def test_settings_that_do_not_fit():
    for softmax in (nn.Softmax, nn.LogSoftmax):
        with pytest.raises(TypeError, match=f"{softmax.__name__} needs the axis"):
            softmax(None)
    with pytest.raises(TypeError, match="softmin needs the axis"):
        nn.functional.softmin(X, dim=None)
    with pytest.raises(ValueError, match="must be less"):
        nn.Hardtanh(1.0, -1.0)
    with pytest.raises(TypeError, match="min_val and max_val"):
        nn.functional.hardtanh(X, 1.0, -1.0)
    with pytest.raises(TypeError, match="cannot be negative"):
        nn.Softshrink(-1.0)(X)


@pytest.mark.parametrize("module", [module for module, _ in ELEMENTWISE], ids=repr)
def test_they_can_be_copied_and_pickled(module):
    for twin in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert repr(twin) == repr(module)
        assert twin.training == module.training
        np.testing.assert_array_equal(np.asarray(twin(Tensor(X)).data), module(Tensor(X)).data)
