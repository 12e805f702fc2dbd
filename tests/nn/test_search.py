"""A search tries what it says, repeats itself by its seed, and finds what is good."""

import math

import numpy as np
import pytest

import nn
from autograd import OperandError
from nn.search import integers, log_uniform, random_search, successive_halving, uniform

X = np.random.default_rng(0).normal(size=(120, 2)).astype(np.float32)
Y = (X[:, 0] * X[:, 1] > 0).astype(int)
SPACE = {"width": [2, 16], "depth": integers(1, 2), "lr": log_uniform(1e-4, 1e-1)}


def build(width, depth):
    return nn.models.MLP(2, *[width] * depth, 2)


def searched(method=random_search, **settings):
    given = {"trials": 6, "epochs": 2, "progress": False} | settings
    return method(build, nn.CrossEntropyLoss(), (X, Y), SPACE, **given)


def test_ranges():
    random = np.random.default_rng(0)
    drawn = np.array(
        [[r.draw(random) for r in (uniform(-1, 3), log_uniform(1e-4, 1), integers(2, 4))] for _ in range(2000)]
    )
    assert drawn.min(0).round(1).tolist() == [-1, 0, 2]
    assert drawn.max(0).round(1).tolist() == [3, 1, 4]
    assert abs(drawn[:, 0].mean() - 1) < 0.1
    assert abs(np.log10(drawn[:, 1]).mean() + 2) < 0.1
    assert set(drawn[:, 2]) == {2, 3, 4}
    assert isinstance(integers(2, 4).draw(random), int)


def test_it_repeats_by_its_seed_and_a_longer_one_begins_alike():
    first, again, other, longer = searched(), searched(), searched(seed=1), searched(trials=8)
    assert first.rows() == again.rows()
    assert first.rows() != other.rows()
    by_number = {row["trial"]: row for row in longer.rows()}
    assert all(by_number[row["trial"]] == row for row in first.rows())
    same = first.model.state_dict()
    assert all(np.array_equal(part, same[name]) for name, part in again.model.state_dict().items())


def test_the_best_is_first_and_its_model_is_kept():
    found = searched(metrics=["accuracy"])
    scores = [trial.score for trial in found.trials]
    assert scores == sorted(scores)
    assert found.best.score == found.best.history[-1]["val_loss"]
    assert [trial.model is None for trial in found.trials] == [False] + [True] * 5
    assert (
        found.model.num_parameters == build(*(found.best.configuration[n] for n in ("width", "depth"))).num_parameters
    )
    larger = searched(metrics=["accuracy"], monitor="val_accuracy")
    assert larger.best.score == max(trial.score for trial in larger.trials)
    smaller = searched(metrics=["accuracy"], monitor="val_accuracy", mode="min")
    assert smaller.best.score == min(trial.score for trial in smaller.trials)


def test_halving_goes_on_with_the_best():
    found = searched(successive_halving, trials=9, epochs=2, factor=3)
    assert [trial.epochs for trial in found.trials] == [18, 6, 6] + [2] * 6
    early = {trial.number: trial.history[1]["val_loss"] for trial in found.trials}
    kept = {trial.number for trial in found.trials[:3]}
    assert max(early[n] for n in kept) <= min(early[n] for n in early.keys() - kept)
    assert [row["epoch"] for row in found.best.history] == list(range(1, 19))
    middle = sorted(found.trials[:3], key=lambda trial: trial.history[5]["val_loss"])
    assert middle[0] is found.best
    assert searched(successive_halving, trials=9, epochs=2, factor=3).rows() == found.rows()


def test_going_on_is_the_same_as_not_having_stopped():
    """The optimizer, with its moments, goes on as well: one trial of two rounds is one trial of their sum."""
    given = {"shuffle": False, "batch_size": 96}
    halved = successive_halving(
        build, nn.CrossEntropyLoss(), (X, Y), {"width": 8, "depth": 1, "lr": 0.01}, trials=2, epochs=3, factor=2,
        progress=False, **given,
    )  # fmt: skip
    whole = random_search(
        build, nn.CrossEntropyLoss(), (X, Y), {"width": 8, "depth": 1, "lr": 0.01}, trials=2, epochs=6,
        progress=False, **given,
    )  # fmt: skip
    scores = {trial.number: trial.score for trial in whole.trials}
    assert halved.best.epochs == 6
    assert halved.best.score == pytest.approx(scores[halved.best.number], rel=1e-6)


def test_it_finds_what_can_learn():
    found = successive_halving(
        build, nn.CrossEntropyLoss(), (X, Y), {"width": 16, "depth": 1, "lr": [1e-6, 1e-5, 0.02]}, trials=8, epochs=3,
        factor=2, progress=False,
    )  # fmt: skip
    assert found.best.configuration["lr"] == 0.02
    assert found.best.score < 0.5


def test_a_trial_that_breaks_off_comes_last():
    found = random_search(
        lambda: nn.Linear(2, 1), nn.MSELoss(), (X, X[:, :1] * 1e3), {"lr": [1e30, 0.1], "optimizer": "sgd"}, trials=6,
        epochs=3, progress=False,
    )  # fmt: skip
    rates = [trial.configuration["lr"] for trial in found.trials]
    assert rates == sorted(rates)
    assert {0.1, 1e30} == set(rates)
    assert found.trials[-1].score == math.inf
    assert math.isfinite(found.best.score)


def test_what_it_says(capsys):
    found = searched(successive_halving, trials=4, epochs=1, factor=2, progress=True)
    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if "until" in line] == [
        "4 trials until epoch 1", "2 trials until epoch 2", "1 trial until epoch 4",
    ]  # fmt: skip
    assert len(lines) == 3 + 4 + 2 + 1
    assert "width" in lines[1]
    assert "val_loss" in lines[1]
    assert repr(found).startswith("Search of 4 trials by val_loss, the best first\n")
    assert len(found.table().splitlines()) == 5
    assert "<td>" in found._repr_html_()


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: searched(trials=0), ValueError, "at least one trial"),
        (lambda: searched(monitor="val_acuracy"), OperandError, "watches 'val_acuracy'"),
        (lambda: searched(mode="most"), ValueError, '"min" or "max"'),
        (lambda: searched(successive_halving, factor=1), ValueError, "2 or more"),
        (lambda: log_uniform(0, 1), ValueError, "no logarithm"),
        (lambda: integers(3, 2), ValueError, "lower end comes first"),
        (lambda: random_search(build, "mse_loss", (X, Y), {"width": []}), ValueError, "no choice for 'width'"),
        (lambda: random_search(lambda: 1, "mse_loss", (X, Y), {}), OperandError, "was to make a nn.Module"),
    ],
)
def test_what_cannot_be_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()
