"""Parameters that are computed from others: their numbers, their gradients, their state, and back again."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import nn
from autograd import OperandError, ShapeError, exp, log

X = np.random.default_rng(0).normal(size=(5, 3))


def linear():
    nn.manual_seed(0)
    return nn.Linear(3, 2, dtype=np.float64)


class Positive(nn.Module):
    def forward(self, x):
        return exp(x)

    def right_inverse(self, y):
        return log(y)


class Doubled(nn.Module):
    def forward(self, x):
        return x * 2


class Cut(nn.Module):
    def forward(self, x):
        return x[:1]


@pytest.mark.parametrize("dim", [0, 1, None])
def test_weight_norm_starts_as_it_is_and_trains_length_and_direction(dim):
    plain, layer = linear(), nn.weight_norm(linear(), dim=dim)
    np.testing.assert_allclose(layer(X).data, plain(X).data, rtol=1e-12)
    (layer(X) ** 2).sum().backward()
    g, v = layer.parametrizations.weight.original0, layer.parametrizations.weight.original1
    assert g.shape == {0: (2, 1), 1: (1, 3), None: ()}[dim]
    axis = {0: 1, 1: 0, None: None}[dim]
    np.testing.assert_allclose((v.data * v.grad).sum(axis), 0, atol=1e-12)  # no gradient along v itself
    assert g.grad.any()


def test_spectral_norm_divides_by_the_largest_singular_value():
    layer = nn.spectral_norm(linear(), n_power_iterations=50)
    assert np.linalg.norm(layer.weight.data, 2) == pytest.approx(1.0, rel=1e-6)
    layer.eval()
    before = layer.parametrizations.weight.state_dict()["0._u"]
    layer(X).sum().backward()
    np.testing.assert_array_equal(layer.parametrizations.weight.state_dict()["0._u"], before)
    assert layer.parametrizations.weight.original.grad.any()


@pytest.mark.parametrize("make", [nn.weight_norm, nn.spectral_norm])
def test_copies_and_pickles_and_states_keep_it(make):
    layer = make(linear()).eval()
    for other in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert repr(other) == repr(layer)
        np.testing.assert_array_equal(other(X).data, layer(X).data)
        other.parameters()[0].data[...] += 1
        assert not np.array_equal(other(X).data, layer(X).data)
        other.load_state_dict(layer.state_dict())
        np.testing.assert_array_equal(other(X).data, layer(X).data)
    assert type(linear()) is nn.Linear
    assert isinstance(layer, nn.Linear)


def test_several_go_one_after_the_other():
    layer = nn.register_parametrization(linear(), "weight", Doubled())
    nn.register_parametrization(layer, "weight", Doubled())
    np.testing.assert_allclose(layer.weight.data, linear().weight.data * 4)
    with pytest.raises(ShapeError, match="Cut changes the shape of weight"):
        nn.register_parametrization(layer, "weight", Cut())
    np.testing.assert_allclose(layer.weight.data, linear().weight.data * 4)


@pytest.mark.parametrize("left", [True, False])
def test_it_can_be_taken_away(left):
    layer = nn.register_parametrization(linear(), "weight", Doubled())
    assert nn.is_parametrized(layer, "weight")
    assert not nn.is_parametrized(layer, "bias")
    nn.remove_parametrizations(layer, "weight", left)
    assert type(layer) is nn.Linear
    assert not nn.is_parametrized(layer)
    np.testing.assert_allclose(layer.weight.data, linear().weight.data * (2 if left else 1))
    assert isinstance(layer.weight, nn.Parameter)


def test_two_parameters_of_one_module_and_one_of_another():
    first, second = linear(), linear()
    first.weight.data[...] = np.abs(first.weight.data)
    nn.register_parametrization(first, "weight", Positive())
    nn.register_parametrization(first, "bias", Doubled())
    assert not nn.is_parametrized(second)
    np.testing.assert_allclose(first.bias.data, second.bias.data * 2)
    np.testing.assert_allclose(first.weight.data, np.abs(second.weight.data), rtol=1e-12)
    nn.remove_parametrizations(first, "weight")
    assert nn.is_parametrized(first, "bias")


def test_it_trains():
    nn.manual_seed(0)
    model = nn.Sequential(nn.weight_norm(nn.Linear(3, 8)), nn.Tanh(), nn.spectral_norm(nn.Linear(8, 1)))
    optimizer = nn.optim.Adam(model.parameters(), lr=0.05)
    x = X.astype(np.float32)
    losses = []
    for _ in range(60):
        loss = nn.functional.mse_loss(model(x), x[:, :1] * 0.3)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 10


@pytest.mark.parametrize("name", ["weight_norm", "spectral_norm"])
@pytest.mark.parametrize("kind", ["Linear", "Conv2d", "ConvTranspose2d"])
def test_pytorch_has_the_same(name, kind):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    args = (3, 2) if kind == "Linear" else (3, 2, 3)
    theirs = getattr(torch.nn.utils.parametrizations, name)(getattr(torch.nn, kind)(*args).double())
    ours = getattr(nn, name)(getattr(nn, kind)(*args, dtype=np.float64))
    ours.load_state_dict(theirs.state_dict())
    assert repr(ours) == repr(theirs)
    x = X if kind == "Linear" else np.random.default_rng(0).normal(size=(2, 3, 6, 6))
    for _ in range(2):
        y, z = ours(x), theirs(torch.tensor(x))
        np.testing.assert_allclose(y.data, z.detach().numpy(), rtol=1e-9, atol=1e-12)
        (y * y).sum().backward()
        (z * z).sum().backward()
    for (n, p), (m, q) in zip(ours.named_parameters(), theirs.named_parameters(), strict=True):
        assert n == m
        np.testing.assert_allclose(p.grad, q.grad.numpy(), rtol=1e-8, atol=1e-10)
    assert [*ours.state_dict()] == [*theirs.state_dict()]


def test_bad_arguments_are_told():
    for call in (lambda: nn.weight_norm(linear(), "wieght"), lambda: nn.spectral_norm(nn.ReLU())):
        with pytest.raises(OperandError, match="has no parameter"):
            call()
    with pytest.raises(ShapeError, match=r"makes \(1, 3\) of weight, which has shape \(2, 3\)"):
        nn.register_parametrization(linear(), "weight", Cut())
    with pytest.raises(OperandError, match="is no parametrized parameter"):
        nn.remove_parametrizations(linear(), "weight")
    with pytest.raises(OperandError, match="several originals"):
        nn.remove_parametrizations(nn.weight_norm(linear()), "weight", leave_parametrized=False)
