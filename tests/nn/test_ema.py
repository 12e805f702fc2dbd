"""Averages of a model over its training."""

import numpy as np
import pytest

import autograd
import nn
from autograd import Value


def walk(model, steps=8):
    """Random states, one after the other."""
    rng = np.random.default_rng(0)
    for _ in range(steps):
        for p in model.parameters():
            p.data = rng.normal() if isinstance(p, Value) else rng.normal(size=p.shape).astype(p.dtype)
        for _, array in model.named_buffers():
            array[...] = rng.integers(0, 9, array.shape)
        yield {name: np.array(p.data) for name, p in model.named_parameters()}


@pytest.mark.parametrize("decay", [0.0, 0.5, 0.9, 1.0])
def test_it_follows_its_formula(decay):
    model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    average = nn.ExponentialMovingAverage(model, decay)
    expected = None
    for state in walk(model):
        average.update_parameters(model)
        expected = expected or state
        expected = {name: decay * expected[name] + (1 - decay) * x for name, x in state.items()}
        for name, p in average.module.named_parameters():
            assert p.dtype == np.float32
            np.testing.assert_allclose(p.data, expected[name], rtol=1e-5, atol=1e-6)
    assert average.n_averaged == 8


def test_the_first_states_are_forgotten_while_it_warms_up():
    model = nn.Linear(1, 1, bias=False)
    average = nn.ExponentialMovingAverage(model, 0.9, warm_up=True)
    model.weight.data[...] = expected = 1.0
    average.update_parameters(model)
    model.weight.data[...] = 0.0
    for n in range(1, 200):
        average.update_parameters(model)
        expected *= min(0.9, (1 + n) / (10 + n))
    assert average.module.weight.item() == pytest.approx(expected, rel=1e-4)


def test_all_alike():
    model = nn.Linear(3, 4)
    average = nn.AveragedModel(model)
    states = []
    for state in walk(model):
        states.append(state["weight"])
        average.update_parameters(model)
    np.testing.assert_allclose(average.module.weight.data, np.mean(states, axis=0), rtol=1e-5, atol=1e-6)
    x = np.ones((2, 3), np.float32)
    np.testing.assert_array_equal(average(x).data, average.module(x).data)


def test_a_function_of_ones_own_and_a_model_of_values():
    model = nn.Neuron(2)
    average = nn.AveragedModel(model, avg_fn=lambda averaged, current, n: max(averaged, current))
    states = []
    for state in walk(model):
        states.append(float(state["b"]))
        average.update_parameters(model)
    assert average.module.b.data == max(states)
    assert type(average.module.b.data) is float


@pytest.mark.parametrize("use_buffers", [False, True])
def test_buffers(use_buffers):
    model = nn.BatchNorm1d(2)
    average = nn.AveragedModel(model, use_buffers=use_buffers)
    means = []
    for _ in walk(model):
        average.update_parameters(model)
        means.append(model.running_mean.copy())
    expected = np.mean(means, axis=0) if use_buffers else means[-1]
    np.testing.assert_allclose(average.module.running_mean, expected, rtol=1e-5)
    assert average.module.num_batches_tracked == model.num_batches_tracked


def test_the_model_is_not_touched_and_the_state_is_torchs():
    model = nn.Linear(3, 4)
    average = nn.ExponentialMovingAverage(model, 0.9)
    for state in walk(model):
        average.update_parameters(model)
        np.testing.assert_array_equal(model.weight.data, state["weight"])
    state = average.state_dict()
    assert set(state) == {"n_averaged", "module.weight", "module.bias"}
    again = nn.ExponentialMovingAverage(model, 0.9)
    again.load_state_dict(state)
    for each in (average, again):
        each.update_parameters(model)
    np.testing.assert_array_equal(again.module.weight.data, average.module.weight.data)


def test_errors():
    with pytest.raises(ValueError, match="decay must be between 0 and 1"):
        nn.ExponentialMovingAverage(nn.Linear(1, 1), 1.5)
    with pytest.raises(autograd.OperandError, match="takes a model"):
        nn.AveragedModel(nn.Linear(1, 1).parameters())
    with pytest.raises(nn.StateError, match="does not have the parameters"):
        nn.AveragedModel(nn.Linear(1, 1)).update_parameters(nn.Linear(1, 1, bias=False))


def test_as_torch_does():
    torch = pytest.importorskip("torch", reason="torch is the oracle here, and no dependency")
    utils = torch.optim.swa_utils
    ours, theirs = nn.Linear(3, 2), torch.nn.Linear(3, 2)
    pairs = [
        (nn.AveragedModel(ours), utils.AveragedModel(theirs)),
        (
            nn.ExponentialMovingAverage(ours, 0.9),
            utils.AveragedModel(theirs, multi_avg_fn=utils.get_ema_multi_avg_fn(0.9)),
        ),
    ]
    for state in walk(ours, 20):
        theirs.load_state_dict({name: torch.tensor(x) for name, x in state.items()})
        for mine, other in pairs:
            mine.update_parameters(ours)
            other.update_parameters(theirs)
            state = {name: x.numpy() for name, x in other.state_dict().items()}
            assert set(state) == set(mine.state_dict())
            for name, x in mine.state_dict().items():
                np.testing.assert_allclose(x, state[name], rtol=1e-5, atol=1e-6)
