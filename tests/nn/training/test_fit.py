"""fit: it trains, repeatably, and says plainly what cannot be."""

from __future__ import annotations

import numpy as np
import pytest

import nn
from autograd import GradientError, OperandError, ShapeError, Tensor

RNG = np.random.default_rng(0)
X = RNG.normal(size=(96, 2)).astype(np.float32)
Y = (X[:, 0] * X[:, 1] > 0).astype(np.int64)
CE = nn.CrossEntropyLoss()


def model(*sizes, seed=0):
    nn.manual_seed(seed)
    return nn.models.MLP(*(sizes or (2, 16, 2)))


def weights(m):
    return np.concatenate([p.data.ravel() for p in m.parameters()])


def fit(m, data=(X, Y), loss=CE, **kwargs):
    return nn.fit(m, loss, data, progress=False, **{"epochs": 2, **kwargs})


def test_it_learns():
    m = model()
    history = fit(m, epochs=40, lr=0.02, metrics=["accuracy"], validation=0.25)
    assert len(history) == 40
    assert history.names == ["epoch", "loss", "accuracy", "val_loss", "val_accuracy"]
    assert history[-1]["accuracy"] > 0.9 > history[0]["accuracy"]
    assert history.best == min(history.epochs, key=lambda row: row["val_loss"])


def test_the_same_as_a_loop_written_by_hand():
    m, other = model(), model()
    batches = [(X[i : i + 32], Y[i : i + 32]) for i in range(0, 96, 32)]
    history = fit(m, batches, epochs=3, optimizer="sgd", lr=0.1)
    optimizer = nn.optim.SGD(other.parameters(), lr=0.1)
    losses = []
    for _ in range(3):
        total = 0.0
        for x, y in batches:
            value = CE(other(x), y)
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
            total += value.item() / 3
        losses.append(total)
    assert (weights(m) == weights(other)).all()
    assert history["loss"] == pytest.approx(losses, rel=1e-12)


def test_repeatable():
    runs = []
    for _ in range(2):
        m = nn.Sequential(*model(), nn.Dropout(0.5))
        runs.append((fit(m, validation=0.25, epochs=3).epochs, weights(m)))
    assert runs[0][0] == runs[1][0]
    assert (runs[0][1] == runs[1][1]).all()
    m = model()
    fit(m, seed=1)
    other = model()
    fit(other, seed=2)
    assert (weights(m) != weights(other)).any()


@pytest.mark.parametrize("sizes", [[32, 32, 32], [40, 32, 24], [96]])
def test_accumulated_batches_are_one_batch(sizes):
    m, other = nn.Linear(2, 2, dtype=np.float64), nn.Linear(2, 2, dtype=np.float64)
    other.load_state_dict(m.state_dict())
    x, cuts = X.astype(np.float64), np.cumsum(sizes)[:-1]
    parts = list(zip(np.split(x, cuts), np.split(Y, cuts), strict=True))
    one = fit(m, parts, optimizer="sgd", lr=0.5, accumulate=4)
    two = fit(other, [(x, Y)], optimizer="sgd", lr=0.5)
    np.testing.assert_allclose(weights(m), weights(other), rtol=1e-12)
    np.testing.assert_allclose(one["loss"], two["loss"], rtol=1e-12)


def test_data_of_every_kind():
    class Squares(nn.data.Dataset):
        def __len__(self):
            return 64

        def __getitem__(self, i):
            return X[i], Y[i]

    dataset = nn.data.ArrayDataset(X, Y)
    loader = nn.data.DataLoader(dataset, batch_size=16)
    for data in [(X, Y), (Tensor(X), Y), (X.tolist(), Y.tolist()), dataset, Squares(), loader, list(loader)]:
        assert len(fit(model(), data, validation=(X, Y), epochs=1)) == 1
    assert len(fit(model(2, 2), X, nn.MSELoss(), validation=0.5)) == 2  # an autoencoder

    class Sum(nn.Module):
        def __init__(self):
            self.layer = nn.Linear(2, 2)

        def forward(self, a, b):
            return self.layer(a + b)

    assert len(fit(Sum(), (X, X, Y))) == 2


def test_floats_take_the_dtype_of_the_model():
    seen = []
    m = model()
    m.register_forward_pre_hook(lambda module, args: seen.append(args[0].dtype))
    fit(m, (X.astype(np.float64), Y), epochs=1, validation=0.5)
    assert set(seen) == {np.dtype(np.float32)}


def test_accuracy_of_probabilities():
    m = model()
    numbers = fit(m, metrics=["accuracy"], lr=0.0)["accuracy"]
    one_hot = fit(m, (X, np.eye(2)[Y]), metrics=["accuracy"], lr=0.0)["accuracy"]
    assert numbers == one_hot


def test_a_model_that_returns_its_loss():
    class Whole(nn.Module):
        def __init__(self):
            self.layer = nn.Linear(2, 2)

        def forward(self, x, y):
            return CE(self.layer(x), y)

    history = fit(Whole(), loss=None, epochs=5, lr=0.1, validation=0.5)
    assert history[-1]["loss"] < history[0]["loss"]


def test_lazy_layers_learn_their_sizes_first():
    m = nn.Sequential(nn.LazyLinear(8), nn.ReLU(), nn.LazyLinear(2))
    before = fit(m, epochs=4, lr=0.05)
    assert m[2].in_features == 8
    assert before[-1]["loss"] < before[0]["loss"]


def test_modes_are_put_back():
    m = model().eval()
    m[1].train()
    fit(m, validation=0.5)
    assert not m.training
    assert m[1].training


@pytest.mark.parametrize("optimizer", ["SGD", "adamw", nn.optim.RMSprop, lambda ps: nn.optim.SGD(ps, 0.1), "lbfgs"])
def test_optimizers(optimizer):
    history = fit(model(), optimizer=optimizer, epochs=3, batch_size=96)
    assert history[-1]["loss"] < history[0]["loss"]


def test_an_optimizer_that_is_there():
    m = model()
    optimizer = nn.optim.Adam(m.parameters())
    fit(m, optimizer=optimizer, lr=0.5)
    assert optimizer.lr == 0.5
    assert optimizer.stepped


@pytest.mark.parametrize("name", ["cosine", "linear", "onecycle"])
def test_schedules_end_with_the_training(name):
    m = model()
    rates = []

    class Watch(nn.Callback):
        def on_step_end(self, trainer):
            rates.append(trainer.optimizer.lr)

    fit(m, scheduler=name, lr=0.1, epochs=4, callbacks=[Watch()])
    assert len(rates) == 12
    assert rates[-1] < 1e-3 < max(rates)


def test_one_cycle_of_as_many_steps():
    m = model()
    fit(m, scheduler=lambda o: nn.optim.lr_scheduler.OneCycleLR(o, 0.1, total_steps=12), epochs=4)


def test_schedules_go_on_with_the_epochs():
    m = model()
    optimizer = nn.optim.SGD(m.parameters(), lr=1.0)
    fit(m, optimizer=optimizer, scheduler=lambda o: nn.optim.lr_scheduler.StepLR(o, 1, gamma=0.5), epochs=3)
    assert optimizer.lr == 0.125
    plateau = nn.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=0, threshold=1e9)
    fit(m, optimizer=optimizer, scheduler=plateau, epochs=3, validation=0.5)
    assert optimizer.lr < 0.125


def test_clipping():
    m = model()
    before = weights(m)
    norms = []

    class Watch(nn.Callback):
        def on_step_end(self, trainer):
            norms.append(trainer.norm_now)

    fit(m, optimizer="sgd", lr=1.0, clip_norm=1e-3, epochs=1, callbacks=[Watch()])
    assert np.linalg.norm(weights(m) - before) <= 3.01e-3
    assert min(norms) > 1e-3


def test_ctrl_c_keeps_the_best_weights():
    m = model()
    best = {}

    class Stop(nn.Callback):
        def on_epoch_end(self, trainer):
            if trainer.history.best is trainer.history[-1]:
                best.update(trainer.model.state_dict())

        def on_step_end(self, trainer):
            if trainer.epoch == 5 and trainer.step == 2:
                raise KeyboardInterrupt

    history = fit(m, epochs=50, lr=0.1, callbacks=[Stop()], validation=0.25)
    assert history.interrupted
    assert len(history) == 5
    assert all((best[name] == x).all() for name, x in m.state_dict().items())
    assert "interrupted" in str(history)


def test_callbacks_can_stop():
    seen = []
    history = fit(model(), epochs=9, callbacks=lambda t: seen.append(t.epoch) or (t.epoch == 3 and t.stop("enough")))
    assert (seen, history.stopped) == ([1, 2, 3], "enough")


# What goes wrong


def test_nan_in_the_data_is_found():
    x = X.copy()
    x[50, 1] = np.nan
    m = model()
    with pytest.raises(nn.TrainingError, match=r"step 2 of epoch 1(.|\n)*input has 1 elements(.|\n)*\[18, 1\]"):
        fit(m, (x, Y), shuffle=False)


def test_running_means_that_took_it_in_are_named():
    x = X.copy()
    x[0] = np.inf
    m = nn.Sequential(nn.BatchNorm1d(2), nn.Linear(2, 2))
    with pytest.raises(nn.TrainingError, match=r"But 0\.running_mean"), np.errstate(all="ignore"):
        fit(m, (x, Y), shuffle=False)


def test_nan_is_blamed_and_the_step_taken_back():
    class Root(nn.Module):
        def __init__(self):
            self.layer = nn.Linear(2, 2)
            self.scale = nn.Parameter(np.zeros(1, np.float32))

        def forward(self, x):
            return self.layer(x) * abs(self.scale) ** 0.5  # its slope at 0 is infinite

    m = Root()
    before = weights(m)
    with pytest.raises(nn.TrainingError, match=r"scale|pow|sqrt") as caught, np.errstate(all="ignore"):
        fit(m, loss=lambda y, t: CE(y, t))
    assert "step 1 of epoch 1" in str(caught.value)
    assert (weights(m) == before).all()


def test_a_rate_that_is_too_large():
    m = model()
    with (
        pytest.raises(nn.TrainingError, match=r"has grown to .*too long\. Try a smaller lr"),
        np.errstate(all="ignore"),
    ):
        fit(m, (X, X), nn.MSELoss(), optimizer="sgd", lr=1e30, epochs=9)
    assert np.isfinite(weights(m)).all()


def test_errors():
    m = model()
    with pytest.raises(OperandError, match=r"nn\.CrossEntropyLoss\(\)"):
        fit(m, loss=nn.CrossEntropyLoss)
    with pytest.raises(OperandError, match="the model comes first"):
        fit(nn.MSELoss(), loss=m)
    with pytest.raises(OperandError, match="'cross_entropy' meant"):
        fit(m, loss="cross_entrpy")
    with pytest.raises(OperandError, match="'adam' meant"):
        fit(m, optimizer="adm")
    with pytest.raises(OperandError, match="'accuracy' meant"):
        fit(m, metrics=["acuracy"])
    with pytest.raises(ShapeError, match='reduction="mean"'):
        fit(m, loss=nn.CrossEntropyLoss(reduction="none"))
    with pytest.raises(GradientError, match="depends on no parameter"):
        fit(m, loss=lambda y, t: 1.0)
    with pytest.raises(OperandError, match="no batch"):
        fit(m, [])
    with pytest.raises(OperandError, match="no batch"):
        fit(m, iter([(X, Y)]))
    with pytest.raises(OperandError, match=r"give a tuple, \(x, y\)"):
        fit(m, [X, Y])
    with pytest.raises(OperandError, match=r"data\.train, or data\.test"):
        fit(m, nn.datasets.xor())
    with pytest.raises(ValueError, match="validation=1"):
        fit(m, validation=1.0)
    with pytest.raises(OperandError, match="whole batches"):
        fit(m, [(X, Y)], validation=0.5)
    with pytest.raises(OperandError, match="other parameters"):
        fit(m, optimizer=nn.optim.SGD(model().parameters()))
    with pytest.raises(OperandError, match="parentheses"):
        fit(m, callbacks=[nn.Callback])
    with pytest.raises(ValueError, match="epochs"):
        fit(m, epochs=-1)
