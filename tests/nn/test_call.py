"""functional_call: the model with other parameters; gradients for each example; ensembles."""

from __future__ import annotations

import time

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, grad, vmap
from nn import StateError, functional_call, stack_module_state

rng = np.random.default_rng(0)


def mlp():
    nn.manual_seed(0)
    return nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.LayerNorm(32), nn.Linear(32, 16), nn.Tanh(), nn.Linear(16, 5))


def cnn():
    nn.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(4, 8, 3),
        nn.GELU(),
        nn.AvgPool2d(2),
        nn.Flatten(0),
        nn.Linear(72, 5),
    )


MODELS = {"mlp": (mlp, (20,)), "cnn": (cnn, (1, 16, 16))}


def examples(name, count=12):
    make, shape = MODELS[name]
    draws = np.random.default_rng(1)
    return make(), draws.normal(size=(count, *shape)).astype(np.float32), draws.integers(0, 5, count)


def loss_of(model):
    return lambda parameters, x, y: nn.functional.cross_entropy(functional_call(model, parameters, x), y)


@pytest.mark.parametrize("name", MODELS)
def test_gradients_for_each_example_are_those_of_a_loop(name):
    model, x, y = examples(name)
    parameters, loss = model.state_dict(), loss_of(model)
    found = vmap(grad(loss), (None, 0, 0))(parameters, x, y)
    each = [grad(loss)(parameters, a, b) for a, b in zip(x, y, strict=True)]
    assert list(found) == list(parameters)
    for key, g in found.items():
        assert g.dtype == np.float32
        assert g.shape == (12, *parameters[key].shape)
        np.testing.assert_allclose(g, np.stack([e[key] for e in each]), rtol=1e-4, atol=1e-6)
    model.zero_grad()
    (nn.functional.cross_entropy(functional_call(model, {}, x) if name == "mlp" else _batch(model, x), y)).backward()
    for key, p in model.named_parameters():  # their mean is the gradient of the mean
        np.testing.assert_allclose(found[key].mean(0), p.grad, rtol=1e-3, atol=1e-6)


def _batch(model, x):
    return autograd.stack([model(a) for a in x])


@pytest.mark.parametrize("name", MODELS)
def test_they_are_faster_than_the_loop(name):
    model, x, y = examples(name, 64)
    parameters, loss = model.state_dict(), loss_of(model)
    mapped, single = vmap(grad(loss), (None, 0, 0)), grad(loss)

    def seconds(run):
        start = time.perf_counter()
        run()
        return time.perf_counter() - start

    together = min(seconds(lambda: mapped(parameters, x, y)) for _ in range(3))
    loop = min(seconds(lambda: [single(parameters, a, b) for a, b in zip(x, y, strict=True)]) for _ in range(2))
    assert together < loop


def test_it_is_the_model_with_these_parameters():
    model = mlp()
    x = rng.normal(size=(3, 20)).astype(np.float32)
    before = model.state_dict()
    other = {name: p * 2 for name, p in before.items()}
    expected = mlp()
    expected.load_state_dict(other)
    np.testing.assert_array_equal(functional_call(model, other, x).data, expected(x).data)
    np.testing.assert_array_equal(functional_call(model, [other, {}], (x,)).data, expected(x).data)
    one = {"5.bias": np.ones(5, np.float32)}
    np.testing.assert_allclose(
        functional_call(model, one, x).data, (model(x) - model.get_parameter("5.bias") + 1).data, rtol=1e-5
    )
    for name, p in model.named_parameters():
        assert isinstance(p, nn.Parameter)
        assert p.data is model.get_parameter(name).data
        np.testing.assert_array_equal(p.data, before[name])


def test_gradients_flow_into_what_is_given():
    model = nn.Linear(2, 1)
    w = Tensor(np.ones((1, 2), np.float32))
    functional_call(model, {"weight": w}, Tensor(np.array([[2.0, 3.0]], np.float32))).sum().backward()
    np.testing.assert_array_equal(w.grad, [[2.0, 3.0]])
    assert model.weight.grad is None
    assert model.bias.grad is not None  # its own, as nothing was given for it


def test_everything_a_module_may_hold():
    class Shared(nn.Module):
        def __init__(self):
            self.layers = {"a": nn.Linear(2, 2), "b": (nn.Linear(2, 2), "word")}
            self.tied = self.layers["a"]
            self.again = nn.Parameter(np.ones(2))
            self.twice = [self.again, self.again]
            self.register_buffer("scale", np.full(2, 3.0))
            self.step = self.first  # a method of its own

        def first(self, x):
            return self.layers["a"](x)

        def forward(self, x, *, power=1):
            return (
                self.step(x) + self.tied(x) + self.layers["b"][0](x) * self.again * self.twice[1]
            ) * self.scale**power

    model = Shared()
    x = rng.normal(size=(4, 2))
    state = {name: rng.normal(size=np.shape(a)) for name, a in model.state_dict().items()}
    for twin in ("tied.weight", "tied.bias"):
        state[twin] = state[twin.replace("tied", "layers.a")]
    state["twice.0"] = state["twice.1"] = state["again"]
    w, v = state["layers.a.weight"], state["layers.b.0.weight"]
    expected = (
        2 * (x @ w.T + state["tied.bias"]) + (x @ v.T + state["layers.b.0.bias"]) * state["again"] ** 2
    ) * state["scale"] ** 2
    found = functional_call(model, state, x, {"power": 2})
    np.testing.assert_allclose(getattr(found, "data", found), expected, rtol=1e-6)
    only = {name: a for name, a in state.items() if not name.startswith("tied") and not name.startswith("twice")}
    found = functional_call(model, only, x, {"power": 2}, strict=True)
    np.testing.assert_allclose(getattr(found, "data", found), expected, rtol=1e-6)
    with pytest.raises(StateError, match="given different things"):
        functional_call(model, state | {"tied.bias": np.zeros(2)}, x)


def test_values_too():
    nn.manual_seed(0)
    model = nn.MLP(2, [3, 1])
    names = dict(model.named_parameters())
    given = {name: autograd.Value(v.data * 2) for name, v in names.items()}
    y = functional_call(model, given, ([0.5, -1.0],))
    y.backward()
    assert any(v.grad != 0 for v in given.values())
    assert all(v.grad == 0 for v in names.values())


def test_running_statistics_are_of_the_buffers_given():
    model = nn.BatchNorm1d(3)
    x = rng.normal(size=(8, 3)).astype(np.float32)
    parameters, buffers = dict(model.named_parameters()), {n: b.copy() for n, b in model.named_buffers()}
    functional_call(model, (parameters, buffers), x)
    assert buffers["running_mean"].any()
    assert not model.running_mean.any()


def test_running_statistics_of_examples_are_an_error():
    model = nn.BatchNorm1d(3)
    x = rng.normal(size=(4, 8, 3)).astype(np.float32)
    with pytest.raises(autograd.OperandError, match=r"inside vmap(.|\n)*eval\(\)"):
        vmap(model)(x)
    y = vmap(model.eval())(x)
    np.testing.assert_allclose(y.data, np.stack([model(a).data for a in x]), rtol=1e-5)
    free = nn.BatchNorm1d(3, track_running_stats=False)
    np.testing.assert_allclose(vmap(free)(x).data, np.stack([free(a).data for a in x]), rtol=1e-4, atol=1e-6)


def test_an_ensemble():
    nn.manual_seed(0)
    models = [nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2)) for _ in range(5)]
    parameters, buffers = stack_module_state(models)
    x = rng.normal(size=(7, 3)).astype(np.float32)

    def run(parameters, buffers, x):
        return functional_call(models[0], (parameters, buffers), x)

    y = vmap(run, (0, 0, None))(parameters, buffers, x)
    np.testing.assert_allclose(y.data, np.stack([m(x).data for m in models]), rtol=1e-5)
    y.sum().backward()
    assert all(p.grad is not None for m in models for p in m.parameters())
    with pytest.raises(StateError, match="differ in the names"):
        stack_module_state([models[0], nn.Linear(3, 4)])


def test_errors():
    model = mlp()
    with pytest.raises(StateError, match=r"0\.wieght is not in the model; did you mean 0\.weight\?"):
        functional_call(model, {"0.wieght": np.ones((32, 20))}, np.ones(20))
    with pytest.raises(StateError, match=r"0\.bias has shape \(32,\), and is given \(5,\)"):
        functional_call(model, {"0.bias": np.ones(5)}, np.ones(20))
    with pytest.raises(StateError, match=r"3\.weight is missing"):
        functional_call(model, {"0.bias": np.ones(32)}, np.ones(20), strict=True)
