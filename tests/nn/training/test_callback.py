"""Callbacks: what each does, and that TensorBoard's files are what TensorBoard reads."""

from __future__ import annotations

import csv
import struct
import warnings

import numpy as np
import pytest

import nn
from autograd import OperandError
from nn.training.event import crc32c

RNG = np.random.default_rng(0)
X = RNG.normal(size=(96, 4)).astype(np.float32)
Y = (X[:, 0] * X[:, 1] > 0).astype(np.int64)


def fit(model, callbacks, loss="cross_entropy", data=(X, Y), **kwargs):
    return nn.fit(model, loss, data, callbacks=callbacks, progress=False, **{"epochs": 3, **kwargs})


def model(seed=0):
    nn.manual_seed(seed)
    return nn.models.MLP(4, 16, 2)


def test_they_are_called_in_their_order():
    seen = []

    class Note(nn.Callback):
        def __init__(self, name):
            self.name = name

        def on_begin(self, trainer):
            seen.append((self.name, "begin", trainer.epoch, trainer.epochs, trainer.steps))

        def on_epoch_begin(self, trainer):
            seen.append((self.name, "epoch begin", trainer.epoch, trainer.step))

        def on_step_end(self, trainer):
            seen.append((self.name, "step", trainer.step, trainer.total_steps))

        def on_epoch_end(self, trainer):
            seen.append((self.name, "epoch", trainer.epoch, len(trainer.history)))

        def on_end(self, trainer):
            seen.append((self.name, "end", trainer.finished))

    class Last(Note):
        last = True

    fit(model(), [Last("b"), Note("a")], epochs=2, batch_size=48)
    assert [x[1:] for x in seen if x[0] == "a"] == [
        ("begin", 0, 2, 2),
        ("epoch begin", 0, 0),
        ("step", 1, 1),
        ("step", 2, 2),
        ("epoch", 1, 1),
        ("epoch begin", 1, 0),
        ("step", 1, 3),
        ("step", 2, 4),
        ("epoch", 2, 2),
        ("end", True),
    ]
    assert [x[0] for x in seen] == ["a", "b"] * 10


def test_files_are_closed_when_it_breaks_off():
    ended = []

    class Bang(nn.Callback):
        def on_step_end(self, trainer):
            raise ZeroDivisionError

        def on_end(self, trainer):
            ended.append(trainer.finished)

    with pytest.raises(ZeroDivisionError):
        fit(model(), [Bang()])
    assert ended == [False]


def test_one_that_cannot_begin_is_not_ended():
    ended = []

    class Note(nn.Callback):
        def on_end(self, trainer):
            ended.append(self)

    class Never(Note):
        def on_begin(self, trainer):
            raise ZeroDivisionError

    first = Note()
    with pytest.raises(ZeroDivisionError):
        fit(model(), [first, Never(), Note()])
    assert ended == [first]


# EarlyStopping


class Given(nn.Callback):
    """Writes figures of our own into the history, before the others read it."""

    def __init__(self, *figures, name="val_loss"):
        self.figures = figures
        self.name = name
        self.weights = []

    def on_epoch_end(self, trainer):
        trainer.history[-1][self.name] = self.figures[trainer.epoch - 1]
        self.weights.append(trainer.model.state_dict())


@pytest.mark.parametrize(
    ("figures", "patience", "epochs", "best"),
    [
        ((3, 2, 1, 0.5), 1, 4, None),
        ((3, 2, 2.5, 2, 1), 2, 4, 2),
        ((3, 2, 2.5, 1, 2, 1.5, 0), 2, 6, 4),
        ((1, 1, 1), 1, 2, 1),
        ((float("nan"), 2, 3, 4), 2, 4, 2),
    ],
)
def test_early_stopping(figures, patience, epochs, best):
    m, given = model(), Given(*figures)
    history = fit(m, [given, nn.EarlyStopping(patience=patience)], epochs=len(figures))
    assert len(history) == epochs
    assert bool(history.stopped) == (best is not None)
    kept = given.weights[(best or epochs) - 1]
    assert all((kept[name] == x).all() for name, x in m.state_dict().items())
    if best:
        assert f"the best one was {best}" in history.stopped


def test_early_stopping_knows_what_is_better():
    m = model()
    history = fit(
        m,
        [Given(0.1, 0.5, 0.4, 0.3, name="val_accuracy"), nn.EarlyStopping("val_accuracy", patience=2)],
        metrics=["accuracy"],
        epochs=4,
    )
    assert "best one was 2" in history.stopped
    history = fit(m, [Given(1, 5, 4, 3, name="score"), nn.EarlyStopping("score", patience=2, mode="max")], epochs=4)
    assert "best one was 2" in history.stopped
    history = fit(m, [Given(1, 0.99, 0.98, name="x"), nn.EarlyStopping("x", patience=2, min_delta=0.1)])
    assert "best one was 1" in history.stopped
    with pytest.raises(OperandError, match="watches 'accurcy'"):
        fit(m, [nn.EarlyStopping("accurcy")])


# Logs


def test_csv(tmp_path):
    history = fit(model(), [nn.CSVLogger(tmp_path / "new" / "log.csv")], metrics=["accuracy"], validation=0.25)
    with open(tmp_path / "new" / "log.csv") as file:
        rows = list(csv.DictReader(file))
    assert [{name: float(x) for name, x in row.items()} for row in rows] == history.epochs
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["log.csv"]


def records(path):
    data = path.read_bytes()
    while data:
        length, check = struct.unpack("<QI", data[:12])
        message, end = data[12 : 12 + length], data[12 + length : 16 + length]
        assert check == masked(data[:8])
        assert struct.unpack("<I", end)[0] == masked(message)
        data = data[16 + length :]
        yield message


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) % 2**32


def fields(message):
    """A message of protocol buffers, as a list of numbers and contents."""
    at, found = 0, []

    def varint():
        nonlocal at
        n = shift = 0
        while True:
            byte = message[at]
            at += 1
            n |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return n

    while at < len(message):
        key = varint()
        size = {0: 0, 1: 8, 5: 4}.get(key & 7)
        size = varint() if size is None else size
        if key & 7 == 0:
            found.append((key >> 3, varint()))
        else:
            found.append((key >> 3, message[at : at + size]))
            at += size
    return found


def curves(path):
    found = {}
    for message in records(path):
        event = dict(fields(message))
        for number, value in fields(event.get(5, b"")):
            assert number == 1
            name, x = (dict(fields(value))[i] for i in (1, 2))
            found.setdefault(name.decode(), []).append((event[2], struct.unpack("<f", x)[0]))
    return found


def test_tensorboard(tmp_path):
    board = nn.TensorBoard(tmp_path, every_steps=2)
    history = fit(model(), [board], validation=0.25, epochs=140, batch_size=72)
    (path,) = tmp_path.iterdir()
    assert path.name.startswith("events.out.tfevents.")
    found = curves(path)
    assert [step for step, _ in found["loss/train"]] == list(range(1, 141))
    np.testing.assert_allclose([x for _, x in found["loss/train"]], history["loss"], rtol=1e-6)
    np.testing.assert_allclose([x for _, x in found["loss/validation"]], history["val_loss"], rtol=1e-6)
    assert [step for step, _ in found["step/loss"]] == list(range(2, 141, 2))
    assert {round(x, 6) for _, x in found["step/lr"]} == {0.001}


def test_checksums_as_the_standard_has_them():
    for data, crc in [(b"", 0), (b"a", 0xC1D04330), (bytes(32), 0x8A9136AA), (b"\xff" * 32, 0x62A8AB43)]:  # RFC 3720
        assert crc32c(data) == crc


def test_tensorboard_reads_them(tmp_path):
    reader = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator", reason="tensorboard is not installed"
    )
    history = fit(model(), [nn.TensorBoard(tmp_path)])
    found = reader.EventAccumulator(str(tmp_path))
    found.Reload()
    np.testing.assert_allclose([e.value for e in found.Scalars("loss/train")], history["loss"], rtol=1e-6)


# The others


def test_learning_rates():
    monitor = nn.LearningRateMonitor()
    m = model()
    half = lambda o: nn.optim.lr_scheduler.StepLR(o, 1, gamma=0.5)  # noqa: E731
    history = fit(m, [monitor], scheduler=half, lr=0.8)
    assert history["lr"] == [0.8, 0.4, 0.2]
    assert monitor.steps == [0.8] * 3 + [0.4] * 3 + [0.2] * 3
    groups = [{"params": [m[0].weight], "lr": 0.1}, {"params": [m[0].bias], "lr": 0.2}]
    history = fit(m, [monitor], optimizer=nn.optim.SGD(groups), epochs=1)
    assert (history["lr_0"], history["lr_1"]) == ([0.1], [0.2])


def test_the_average_of_the_weights():
    m, ema = model(), nn.ModelEMA(0.5, warm_up=False)
    shown = []

    class Watch(nn.Callback):
        def on_step_end(self, trainer):
            shown.append(trainer.model[0].weight.data.copy())

    history = fit(m, [ema, Watch()], validation=0.25, epochs=2)
    expected = shown[0]
    for weight in shown[1:]:
        expected = expected + 0.5 * (weight - expected)
    np.testing.assert_allclose(m[0].weight.data, expected, rtol=1e-5)
    assert history.names == ["epoch", "loss", "val_loss", "ema_val_loss"]


def test_the_average_goes_on_from_a_checkpoint(tmp_path):
    def run(path, epochs):
        m = model()
        fit(m, [nn.ModelEMA(0.9), nn.LearningRateMonitor(), nn.Checkpoint(path, resume=True)], epochs=epochs)
        return m.state_dict()

    run(tmp_path / "run.npz", 2)
    one, two = run(tmp_path / "run.npz", 4), run(tmp_path / "whole.npz", 4)
    assert all((one[name] == x).all() for name, x in two.items())


def test_health_of_a_healthy_model():
    health = nn.GradientHealth()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit(model(), [health])
    assert health.findings == []
    assert [row.layer for row in health.checkup.layers] == ["0", "2"]


def test_health_of_others():
    deep = nn.models.MLP(4, *[8] * 12, 2, activation=nn.Sigmoid)
    with pytest.warns(nn.GradientWarning, match=r"vanishing gradient in (.|\n)*What to do"):
        fit(deep, [nn.GradientHealth()])
    dead = model()
    dead[0].bias.data[:] = -100
    with pytest.warns(nn.GradientWarning, match=r"dead relu in 0 after epoch 1") as told:
        fit(dead, [nn.GradientHealth()])
    kinds = [str(w.message).split(" after")[0] for w in told]
    assert len(kinds) == len(set(kinds))  # each once, and not in each epoch


def test_health_changes_nothing():
    found = []
    for callbacks in ([], [nn.GradientHealth()]):
        nn.manual_seed(0)
        m = nn.Sequential(nn.Linear(4, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 2))
        fit(m, callbacks)
        found.append(m.state_dict())
    assert all((found[0][name] == x).all() for name, x in found[1].items())


def test_live_plot(tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed").use("Agg")
    fit(model(), [nn.LivePlot(tmp_path / "plot.png", seconds=0)], validation=0.25, metrics=["accuracy"])
    assert (tmp_path / "plot.png").read_bytes()[:4] == b"\x89PNG"
