"""Penalties: their values and slopes, on Tensors, Values and modules."""

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, Value

W = np.array([[1.5, -2.0], [0.0, 3.0]])
B = np.array([-0.5, 0.25])
CASES = [
    (lambda p: nn.l1_penalty(p, 0.3), 0.3 * (6.5 + 0.75), lambda w: 0.3 * np.sign(w)),
    (lambda p: nn.l2_penalty(p, 0.3), 0.3 * (15.25 + 0.3125), lambda w: 0.6 * w),
    (lambda p: nn.elastic_penalty(p, 0.3, 0.1), 0.3 * 7.25 + 0.1 * 15.5625, lambda w: 0.3 * np.sign(w) + 0.2 * w),
]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("penalty", "value", "slope"), CASES)
def test_of_tensors(penalty, value, slope, dtype):
    parameters = [Tensor(W.astype(dtype)), Tensor(B.astype(dtype))]
    y = penalty(parameters)
    assert y.dtype == dtype
    assert y.item() == pytest.approx(value, rel=1e-6)
    y.backward()
    for p, x in zip(parameters, (W, B), strict=True):
        assert p.grad.dtype == dtype
        np.testing.assert_allclose(p.grad, slope(x), rtol=1e-6)


@pytest.mark.parametrize(("penalty", "value", "slope"), CASES)
def test_of_values_and_of_values_beside_tensors(penalty, value, slope):
    values = [Value(x) for x in (*W.ravel(), *B)]
    y = penalty(values)
    assert type(y) is Value
    assert y.data == pytest.approx(value)
    y.backward()
    np.testing.assert_allclose([v.grad for v in values], slope(np.array([v.data for v in values])))
    both = [Value(-0.5), Tensor(W), Value(0.25)]
    y = penalty(both)
    assert y.item() == pytest.approx(value)
    y.backward()
    np.testing.assert_allclose([both[0].grad, both[2].grad], slope(B))
    np.testing.assert_allclose(both[1].grad, slope(W))


@pytest.mark.parametrize(("penalty", "value", "slope"), CASES)
def test_curvature(penalty, value, slope):
    assert autograd.gradcheck(lambda w: penalty(w), W + 0.1)
    assert autograd.gradgradcheck(lambda w: penalty(w), W + 0.1)


def test_of_a_module_and_of_a_single_parameter():
    layer = nn.Linear(2, 2, dtype=np.float64)
    layer.weight.data[...], layer.bias.data[...] = W, B
    assert nn.l2_penalty(layer).item() == pytest.approx(15.5625)
    assert nn.l2_penalty(layer.weight).item() == pytest.approx(15.25)
    assert nn.l1_penalty(p for p in [layer.bias]).item() == pytest.approx(0.75)
    assert nn.l1_penalty(Value(-2.0)).data == 2.0


def test_it_is_the_weight_decay_of_gradient_descent():
    steps = []
    for decay, strength in [(0.2, 0.0), (0.0, 0.1)]:
        w = nn.Parameter(W.copy())
        optimizer = nn.optim.SGD([w], lr=0.1, weight_decay=decay)
        for _ in range(3):
            optimizer.zero_grad()
            loss = autograd.sum(autograd.sin(w)) + nn.l2_penalty([w], strength)
            loss.backward()
            optimizer.step()
        steps.append(w.data)
    np.testing.assert_allclose(*steps)


@pytest.mark.parametrize("wrong", [[], nn.ReLU(), [np.ones(2)], 3.0, [Tensor([1.0]), None]])
def test_what_is_no_parameter_is_an_error(wrong):
    with pytest.raises(autograd.OperandError, match="penalty"):
        nn.elastic_penalty(wrong)
