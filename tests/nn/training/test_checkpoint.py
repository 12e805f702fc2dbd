"""A run that is killed goes on from its checkpoint, to the same weights, bit for bit."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import nn
from nn.training.state import pack, unpack

ROOT = Path(__file__).parents[3]
RNG = np.random.default_rng(0)
X = RNG.normal(size=(160, 4)).astype(np.float32)
Y = (X[:, 0] * X[:, 1] > 0).astype(np.int64)


def train(path, epochs=6, callbacks=(), **kwargs):
    """With everything in it that has a state: dropout, running means, noise in the data, schedule, metrics."""
    nn.manual_seed(3)
    net = nn.Sequential(
        nn.Linear(4, 24), nn.BatchNorm1d(24), nn.ReLU(), nn.Dropout(0.3), nn.Linear(24, 24), nn.Tanh(), nn.Linear(24, 2)
    )
    stop = nn.EarlyStopping(patience=50)
    save = nn.Checkpoint(path, resume=True, **{"every_steps": 2, **kwargs})
    history = nn.fit(
        net,
        nn.CrossEntropyLoss(),
        (X, Y),
        epochs=epochs,
        batch_size=8,
        optimizer="adamw",
        lr=0.01,
        validation=0.25,
        metrics=["accuracy", "top_k_accuracy"],
        scheduler=lambda o: nn.optim.lr_scheduler.StepLR(o, 2, gamma=0.7),
        accumulate=2,
        clip_norm=1.0,
        callbacks=[stop, save, *callbacks],
        progress=False,
    )
    return net.state_dict(), history.epochs


def same(one, two):
    assert one[1] == two[1]
    for name, x in one[0].items():
        assert x.tobytes() == two[0][name].tobytes(), name


class BreakError(Exception):
    pass


@pytest.mark.parametrize(("step", "ending"), [(n, "npz") for n in (1, 8, 9, 23, 40, 47)] + [(13, "safetensors")])
def test_broken_off_after_a_step(tmp_path, step, ending):
    if ending == "safetensors":
        pytest.importorskip("safetensors", reason="files of .safetensors need the package")
    whole = train(tmp_path / f"whole.{ending}")

    class Bang(nn.Callback):
        last = True

        def on_step_end(self, trainer):
            if trainer.total_steps == step:
                raise BreakError

    with pytest.raises(BreakError):
        train(tmp_path / f"part.{ending}", callbacks=[Bang()])
    same(train(tmp_path / f"part.{ending}"), whole)


def test_a_list_of_batches_goes_on_in_its_middle(tmp_path):
    def run(path, bang=None):
        nn.manual_seed(0)
        net = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.5), nn.Linear(8, 2))
        batches = [(X[i : i + 16], Y[i : i + 16]) for i in range(0, 160, 16)]

        def explode(trainer):
            raise BreakError

        class Bang(nn.Callback):
            def on_step_end(self, trainer):
                if trainer.total_steps == bang:
                    raise BreakError

        save = nn.Checkpoint(path, every_steps=3, resume=True)
        nn.fit(net, "cross_entropy", batches, epochs=2, callbacks=[Bang(), save], progress=False)
        return net.state_dict(), []

    whole = run(tmp_path / "whole.npz")
    with pytest.raises(BreakError):
        run(tmp_path / "part.npz", bang=14)
    same(run(tmp_path / "part.npz"), whole)


def test_more_epochs_are_the_same_as_all_at_once(tmp_path):
    train(tmp_path / "run.npz", epochs=2)
    same(train(tmp_path / "run.npz", epochs=5), train(tmp_path / "whole.npz", epochs=5))
    assert train(tmp_path / "run.npz", epochs=5)[1] == train(tmp_path / "run.npz", epochs=3)[1]  # nothing is left to do


def test_the_split_is_kept_where_nobody_seeded(tmp_path):
    seen = []

    def run(epochs):
        save = nn.Checkpoint(tmp_path / "run.npz", resume=True)
        watch = lambda trainer: seen.append(trainer.parts[1].indices.tolist())  # noqa: E731
        nn.fit(
            nn.Linear(4, 2),
            "cross_entropy",
            (X, Y),
            epochs=epochs,
            validation=0.5,
            callbacks=[save, watch],
            progress=False,
        )

    for epochs in (1, 2, 3):
        nn.manual_seed(epochs)
        run(epochs)
    assert seen[0] == seen[1] == seen[2]


KILLED = """
import sys
sys.path[:0] = [{root!r}, {here!r}]
import test_checkpoint as t
import nn, time
class Slow(nn.Callback):
    def on_begin(self, trainer): print("begun", flush=True)
    def on_step_end(self, trainer): time.sleep(0.002)
found, rows = t.train({path!r}, callbacks=[Slow()], every_steps=1)
nn.save(found, {out!r})
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_killed_at_random_moments(tmp_path):
    whole = train(tmp_path / "whole.npz", every_steps=1)
    path, out = tmp_path / "run.npz", tmp_path / "out.npz"
    here = str(Path(__file__).parent)
    code = KILLED.format(root=str(ROOT), here=here, path=str(path), out=str(out))
    random = np.random.default_rng(0)
    killed = 0
    for attempt in range(40):
        process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdout.readline()
        if attempt < 5:
            time.sleep(random.uniform(0, 0.06))
            process.kill()
        _, said = process.communicate()
        if process.returncode == 0:
            break
        assert process.returncode == -signal.SIGKILL, said.decode()
        killed += 1
    assert killed >= 3
    same((nn.load(out), whole[1]), whole)
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []  # nothing half written is left


# Files that do not fit


def test_states_of_every_shape(tmp_path):
    state = {
        "a": {"b.c": np.arange(3), "d": [np.float32(0.5), None, True, "array:x", float("inf")]},
        "outline": np.ones(1),
    }
    nn.save(pack(state), tmp_path / "x.npz")
    found = unpack(nn.load(tmp_path / "x.npz"))
    assert found["a"]["d"] == [0.5, None, True, "array:x", float("inf")]
    assert found["a"]["b.c"].tolist() == [0, 1, 2]
    assert found["outline"].tolist() == [1]
    with pytest.raises(nn.StateError, match="no checkpoint"):
        unpack({"x": np.ones(1)})
    with pytest.raises(nn.StateError, match=r"a\.b cannot be saved"):
        pack({"a": {"b": object()}})


def test_of_another_model(tmp_path):
    path = tmp_path / "run.npz"
    train(path, epochs=1)
    other = nn.Linear(4, 2)
    before = other.state_dict()
    save = nn.Checkpoint(path, resume=True)
    with pytest.raises(nn.StateError, match=r"callbacks|metrics"):
        nn.fit(other, "cross_entropy", (X, Y), validation=0.25, callbacks=[save], progress=False)
    stop = nn.EarlyStopping()
    metrics = ["accuracy", "top_k_accuracy"]
    with pytest.raises(nn.StateError, match="does not fit"):
        nn.fit(other, "cross_entropy", (X, Y), validation=0.25, callbacks=[stop, save], metrics=metrics, progress=False)
    assert all((before[name] == x).all() for name, x in other.state_dict().items())


def test_the_best_weights_have_a_file_of_their_own(tmp_path):
    nn.manual_seed(0)
    net = nn.Linear(4, 2)
    save = nn.Checkpoint(tmp_path / "run.npz", best=tmp_path / "best.npz")
    fit = {"epochs": 5, "lr": 0.3, "validation": 0.5, "progress": False}
    history = nn.fit(net, "cross_entropy", (X, Y), callbacks=[save], **fit)
    nn.load(tmp_path / "best.npz", net)
    best = unpack(nn.load(tmp_path / "run.npz"))["best"][1]
    for part in net.parameters():
        assert np.isin(part.data, best).all()
    assert history.best["val_loss"] == min(history["val_loss"])
