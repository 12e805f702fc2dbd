"""The learning-rate range test."""

import numpy as np
import pytest

import autograd
import nn


def problem(rows=64):
    nn.manual_seed(0)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(rows, 8)).astype(np.float32)
    y = (x[:, 0] * x[:, 1] > 0).astype(np.int64)
    model = nn.Sequential(nn.Linear(8, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 2))
    return model, nn.CrossEntropyLoss(), [(x[i : i + 16], y[i : i + 16]) for i in range(0, rows, 16)]


@pytest.mark.parametrize(("kind", "settings"), [("Adam", {}), ("SGD", {"momentum": 0.9}), ("Lion", {})])
def test_the_suggestion_trains_well(kind, settings):
    """Better than ten times as much and than a thirtieth of it."""
    model, loss, data = problem(256)
    start = model.state_dict()
    optimizer = getattr(nn.optim, kind)(model.parameters(), **settings)
    found = nn.range_test(model, loss, data, optimizer)
    after = []
    for factor in (1, 10, 1 / 30):
        model.load_state_dict(start)
        optimizer = getattr(nn.optim, kind)(model.parameters(), **settings | {"lr": found.suggestion * factor})
        for _ in range(4):
            for x, y in data:
                optimizer.zero_grad()
                loss(model(x), y).backward()
                optimizer.step()
        model.eval()
        after.append(np.mean([loss(model(x), y).item() for x, y in data]))
        model.train()
    assert after[0] < min(after[1:])


def test_everything_is_as_before():
    model, loss, data = problem()
    optimizer = nn.optim.AdamW(model.parameters(), lr=0.01)
    nn.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, 50)
    for x, y in data:
        optimizer.zero_grad()
        loss(model(x), y).backward()
        optimizer.step()
    grads = [p.grad.copy() for p in model.parameters()]
    before = repr(model.state_dict()), repr(optimizer.state_dict()), repr(optimizer.param_groups)
    random = nn.random.generator().bit_generator.state
    nn.range_test(model, loss, data, optimizer)
    assert (repr(model.state_dict()), repr(optimizer.state_dict()), repr(optimizer.param_groups)) == before
    for p, g in zip(model.parameters(), grads, strict=True):
        np.testing.assert_array_equal(p.grad, g)
    assert nn.random.generator().bit_generator.state == random
    assert model.training

    def fails(output, target):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        nn.range_test(model, fails, data, optimizer)
    assert repr(optimizer.param_groups) == before[2]


def test_the_rates_grow_evenly_until_the_loss_explodes():
    model, loss, data = problem()
    found = nn.range_test(model, loss, data, start_lr=1e-6, end_lr=1e4, steps=50)
    assert found.lrs[0] == 1e-6
    assert 5 < len(found.lrs) < 50
    np.testing.assert_allclose(found.lrs[1:] / found.lrs[:-1], 1e10 ** (1 / 49))
    assert found.losses[-1] > 4 * found.losses[:-1].min()
    assert found.suggestion == found.lowest / 4
    assert repr(found).startswith("RangeTest(suggestion=")


def test_smoothing_takes_the_median_of_neighbours():
    lrs, losses = np.geomspace(1e-3, 1, 7), np.array([5.0, 9.0, 4.0, 3.0, -50.0, 2.0, np.inf])
    found = nn.RangeTest(lrs, losses, 3)
    assert found.smoothed.tolist() == [7.0, 5.0, 4.0, 3.0, 2.0, 2.0, np.inf]
    assert nn.RangeTest(lrs, losses, 1).lowest == lrs[4]


def test_the_picture():
    plt = pytest.importorskip("matplotlib.pyplot", reason="pictures are drawn by matplotlib")
    model, loss, data = problem()
    axes = nn.range_test(model, loss, data).plot()
    assert axes.get_xscale() == "log"
    assert "suggestion" in axes.get_legend().get_texts()[-1].get_text()
    plt.close("all")


def test_errors():
    model, loss, data = problem()
    with pytest.raises(ValueError, match="start_lr must be above 0 and below end_lr"):
        nn.range_test(model, loss, data, start_lr=1.0, end_lr=0.1)
    with pytest.raises(ValueError, match="steps must be at least 3"):
        nn.range_test(model, loss, data, steps=2)
    with pytest.raises(
        autograd.OperandError, match=r"(?s)pairs of input and target.*Give a list of batches: \[\(x, y\)\]"
    ):
        nn.range_test(model, loss, data[0][0])
    with pytest.raises(ValueError, match="an odd number"):
        nn.range_test(model, loss, data, smoothing=4)
    with pytest.raises(ValueError, match=r"(?s)data ended after 0 batches.*generator is used up"):
        nn.range_test(model, loss, (batch for batch in ()))
    with pytest.raises(ValueError, match="data ended after 2 batches"):
        nn.range_test(model, loss, (batch for batch in data[:2]))
    with pytest.raises(ValueError, match="the loss exploded at once"):
        nn.range_test(model, loss, data, nn.optim.SGD(model.parameters()), start_lr=1e6, end_lr=1e9)
