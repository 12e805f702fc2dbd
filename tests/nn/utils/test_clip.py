"""Clipping of gradients by norm and by value."""

import math

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, Value
from nn.utils import clip_grad_norm_, clip_grad_value_, get_total_norm


def tensors(dtype=np.float64):
    rng = np.random.default_rng(0)
    ps = [Tensor(rng.normal(size=shape).astype(dtype)) for shape in [(3, 4), (5,), ()]]
    for p in ps:
        p.grad = rng.normal(size=p.shape).astype(dtype)
    return [*ps, Tensor([1.0])]


@pytest.mark.parametrize("norm_type", [2, 1, 3.5, math.inf, 0.5])
def test_the_norm_is_that_of_one_vector(norm_type):
    ps = tensors()
    before = [p.grad for p in ps]
    g = np.concatenate([p.grad.ravel() for p in ps[:3]])
    expected = np.abs(g).max() if norm_type == math.inf else (np.abs(g) ** norm_type).sum() ** (1 / norm_type)
    assert clip_grad_norm_(ps, 0.25, norm_type) == pytest.approx(expected, rel=1e-12)
    assert get_total_norm([p.grad for p in ps[:3]], norm_type) == pytest.approx(0.25, rel=1e-5)
    for p, old in zip(ps[:3], before, strict=False):
        np.testing.assert_allclose(p.grad, old * 0.25 / (expected + 1e-6), rtol=1e-12)
        assert p.grad.shape == p.shape
    assert ps[3].grad is None


def test_short_gradients_stay():
    ps = tensors()
    before = [p.grad for p in ps]
    clip_grad_norm_(ps, 100.0)
    assert all(p.grad is old for p, old in zip(ps, before, strict=True))


def test_two_parameters_with_one_array():
    a, b = Tensor([3.0]), Tensor([4.0])
    a.grad = b.grad = np.array([1.0])
    clip_grad_norm_([a, b], math.sqrt(2) / 2)
    assert (a.grad.item(), b.grad.item()) == (pytest.approx(0.5, rel=1e-5), pytest.approx(0.5, rel=1e-5))


def test_values_and_single_precision():
    v, w = Value(1.0), Tensor(np.ones(1, np.float32))
    v.grad, w.grad = 3.0, np.full(1, 4.0, np.float32)
    assert clip_grad_norm_([v, w], 1.0) == pytest.approx(5.0)
    assert v.grad == pytest.approx(0.6, rel=1e-5)
    assert w.grad.dtype == np.float32
    clip_grad_value_([v, w], 0.7)
    assert (v.grad, w.grad.item()) == (pytest.approx(0.6, rel=1e-5), pytest.approx(0.7))
    clip_grad_value_(v, 0.1)
    assert v.grad == 0.1


def test_gradients_that_can_be_differentiated():
    w = Tensor([3.0, 4.0])
    (w * w).sum().backward(create_graph=True)
    assert clip_grad_norm_(w, 1.0) == pytest.approx(10.0)
    np.testing.assert_allclose(w.grad.data, [0.6, 0.8], rtol=1e-6)
    clip_grad_value_(w, 0.7)
    np.testing.assert_allclose(w.grad.data, [0.6, 0.7], rtol=1e-6)


@pytest.mark.parametrize("size", [1e-30, 1e30])
def test_squares_that_overflow_or_vanish(size):
    w = Tensor(np.ones(4, np.float32))
    w.grad = np.full(4, size, np.float32)
    assert get_total_norm(w.grad) == pytest.approx(2 * size, rel=1e-6)


def test_what_is_not_finite():
    w = Tensor([1.0, 2.0])
    w.grad = np.array([1.0, np.nan])
    assert math.isnan(clip_grad_norm_([w], 1.0))
    with pytest.raises(autograd.GradientError, match="the norm nan"):
        clip_grad_norm_([w], 1.0, error_if_nonfinite=True)
    w.grad = np.array([1.0, -np.inf])
    with pytest.warns(RuntimeWarning, match="invalid value"):  # infinity times 0
        assert clip_grad_norm_([w], 1.0) == math.inf
    assert get_total_norm([]) == 0.0


def test_bad_arguments():
    with pytest.raises(autograd.OperandError, match=r"Give model.parameters\(\)"):
        clip_grad_norm_(nn.Linear(1, 1), 1.0)
    with pytest.raises(ValueError, match="max_norm must not be negative"):
        clip_grad_norm_(tensors(), -1.0)
    with pytest.raises(ValueError, match="clip_value must not be negative"):
        clip_grad_value_(tensors(), float("nan"))


@pytest.mark.parametrize("norm_type", [2.0, 1.0, 3.0, math.inf])
def test_as_torch_does(norm_type):
    torch = pytest.importorskip("torch", reason="torch is the oracle here, and no dependency")
    ps = tensors()[:3]
    theirs = [torch.tensor(p.data, requires_grad=True) for p in ps]
    for p, q in zip(ps, theirs, strict=True):
        q.grad = torch.tensor(p.grad)
    total = torch.nn.utils.clip_grad_norm_(theirs, 0.7, norm_type).item()
    assert nn.utils.clip_grad_norm_(ps, 0.7, norm_type) == pytest.approx(total, rel=1e-12)
    for p, q in zip(ps, theirs, strict=True):
        np.testing.assert_allclose(p.grad, q.grad.numpy(), rtol=1e-12)
    torch.nn.utils.clip_grad_value_(theirs, 0.1)
    nn.utils.clip_grad_value_(ps, 0.1)
    for p, q in zip(ps, theirs, strict=True):
        np.testing.assert_allclose(p.grad, q.grad.numpy(), rtol=1e-12)
