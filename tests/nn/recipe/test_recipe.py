"""`python -m nn`: what it prints and leaves, what it says to mistakes, and every recipe on a small part."""

from __future__ import annotations

import math

import numpy as np
import pytest

import autograd
import nn
from nn.__main__ import main
from nn.recipe import all_recipes, recipe
from nn.recipe.baseline import pairs_loss
from nn.recipe.run import Run


def needs(name):
    """Skip where the data of a recipe is not installed."""
    if name in ("digits", "rows", "encoder", *ON_DIGITS):
        pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    data = {
        "names": ["names"],
        "lstm": ["names"],
        "scalar": ["names"],
        "gpt": ["shakespeare"],
        "fashion": ["fashion_mnist"],
    }
    data |= {"series": ["weather", "laser"], "mnist": ["mnist"], "dcgan": ["mnist"]}
    for each in data.get(name, ()):
        try:
            getattr(nn.datasets, each)()
        except nn.datasets.DataNotFoundError as missing:
            pytest.skip(str(missing).splitlines()[0])


READ = {"model.npz", "loss.png", "mistakes.png", "network.svg"}
ON_DIGITS = {
    "autoencoder": {"model.npz", "mender.npz", "loss.png", "digits.png"},
    "densenet": READ,
    "fcn": {"model.npz", "loss.png", "masks.png"},
    "gan": {"model.npz", "loss.png", "digits.png"},
    "inception": READ,
    "rcnn": {"model.npz", "loss.png", "found.png"},
    "resnet": READ,
    "vae": {"model.npz", "loss.png", "new.png", "between.png"},
    "video": {"model.npz", "loss.png", "clips.png"},
    "vgg": READ,
}
OWN = ON_DIGITS | {
    "dates": {"model.npz", "loss.png", "attention.png"},
    "dcgan": {"model.npz", "loss.png", "digits.png"},
    "digits": {"model.npz", "loss.png", "mistakes.png"},
    "encoder": {"model.npz"},
    "fashion": {"model.npz", "loss.png", "confusion.png"},
    "gpt": {"model.npz", "loss.png", "sample.txt", "letters.txt"},
    "lstm": {"model.npz", "loss.png", "sample.txt", "letters.txt"},
    "mnist": {"model.npz", "loss.png", "mistakes.png", "kernels.png"},
    "names": {"model.npz", "loss.png", "sample.txt", "letters.txt"},
    "rows": {"model.npz", "thoughts.png"},
    "scalar": {"model.npz", "loss.png", "sample.txt", "letters.txt"},
    "series": {f"{data}-{net}.npz" for data in ("weather", "laser") for net in ("1D-CNN", "LSTM", "GRU")}
    | {"weather.png", "laser.png"},
}


@pytest.mark.parametrize("name", OWN)
def test_a_recipe_runs_on_a_small_part_and_leaves_its_files(name, tmp_path, capsys):
    needs(name)
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    out = tmp_path / "new" / name
    assert main(["train", name, "--quick", "--out", str(out)]) == 0
    assert {path.name for path in out.iterdir()} == OWN[name]
    assert all(path.stat().st_size for path in out.iterdir())
    printed = capsys.readouterr().out
    assert "not judged with --quick" in printed
    assert "\ntime " in printed


def test_every_recipe_is_listed_with_one_line(capsys):
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == all_recipes()
    assert {*OWN} <= {*all_recipes()}
    for name in all_recipes():
        train, words = recipe(name)
        assert callable(train)
        assert words.endswith(".")
        assert len(words) > 40


@pytest.mark.slow
def test_digits_are_read_as_promised_and_the_same_each_time(tmp_path, capsys):
    needs("digits")
    figures = []
    for _ in range(2):
        assert main(["train", "digits", "--seed", "3", "--out", str(tmp_path)]) == 0
        figures.append(next(line for line in capsys.readouterr().out.splitlines() if line.startswith("accuracy")))
    assert figures[0] == figures[1]
    assert "reached" in figures[0]
    model = nn.Sequential(nn.Flatten(), nn.models.MLP(64, 256, 128, 10))
    nn.load(tmp_path / "model.npz", model)
    x, y = nn.datasets.digits().test.arrays
    assert f"{np.mean(nn.predict(model, x).argmax(1) == y):.1%}" in figures[0]


def test_mistakes_of_the_user_are_said(capsys):
    assert main([]) == 0
    assert "train" in capsys.readouterr().out
    for words, said in (
        (["train", "digit"], "is 'digits' meant?"),
        (["train", "xyz"], "there are autoencoder, "),
        (["train", "digits", "--epochs", "0"], "--epochs must be at least 1"),
    ):
        with pytest.raises(SystemExit):
            main(words)
        assert said in capsys.readouterr().err


def test_data_that_is_not_there_is_no_traceback(monkeypatch, capsys, tmp_path):
    for error, said in (
        (nn.datasets.DataNotFoundError("names are not on this machine.\n  pip install names"), "pip install names"),
        (ModuleNotFoundError("No module named 'sklearn'", name="sklearn"), "needs sklearn: pip install"),
        (KeyboardInterrupt(), "names interrupted after 0 s"),
    ):

        def missing(error=error):
            raise error

        monkeypatch.setattr(nn.datasets, "names", missing)
        assert main(["train", "names", "--out", str(tmp_path)]) == (130 if "interrupted" in said else 1)
        assert said in capsys.readouterr().err


def test_a_place_that_cannot_be_written_to_is_said_before_the_training(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main(["train", "dates", "--out", str(tmp_path / "file")]) == 1
    assert str(tmp_path / "file") in capsys.readouterr().err


def test_a_text_goes_on_from_the_files_of_a_recipe(tmp_path):
    needs("names")
    assert main(["train", "names", "--quick", "--out", str(tmp_path)]) == 0
    letters = nn.models.Vocabulary((tmp_path / "letters.txt").read_text())
    state = nn.load(tmp_path / "model.npz")
    model = nn.models.GPT(len(letters), len(state["wpe.weight"]), n_layer=2, n_head=4, n_embd=64)
    nn.load(tmp_path / "model.npz", model)
    text = letters.decode(model.generate(letters.encode("\nanna"), 3))
    assert text.startswith("\nanna")
    assert len(text) == 8


def test_a_recipe_from_python_has_its_figures_its_model_and_its_pictures(tmp_path, capsys, monkeypatch):
    needs("digits")
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    display = pytest.importorskip("IPython.display", reason="IPython is not installed")
    run = nn.recipe.train("autoencoder", tmp_path, quick=True)
    printed = capsys.readouterr().out
    assert f"{run.figures['error']:.4f}" in printed
    assert "\ntime " in printed
    assert type(run.model) is nn.models.Autoencoder
    assert list(run.models) == ["model.npz", "mender.npz"]
    shown = []
    monkeypatch.setattr(display, "display", shown.append)
    run.write("graph.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>")
    run.show()
    assert [type(picture).__name__ for picture in shown] == ["Image", "Image", "SVG"]
    with pytest.raises(autograd.OperandError, match="is 'autoencoder' meant"):
        nn.recipe.train("autoencode")


# Run: the settings, the figures, the files


def test_promises_are_kept_or_missed(tmp_path, capsys):
    run = Run("test", tmp_path)
    run.figure("accuracy", 0.98, at_least=0.975)
    run.figure("loss", 0.5, below=1.0)
    assert "98.0%   at least 97.5% was promised: reached" in capsys.readouterr().out
    assert run.finish() == 0
    run.figure("loss", 1.0, below=1.0)
    run.figure("nothing", math.nan, at_least=0.0)
    assert capsys.readouterr().out.count("MISSED") == 2
    assert run.finish() == 1
    quick = Run("test", tmp_path, quick=True)
    quick.figure("accuracy", 0.1, at_least=0.975)
    assert quick.finish() == 0


def test_settings(tmp_path):
    assert [Run("", tmp_path, **how).epochs(30) for how in ({}, {"quick": True}, {"quick": True, "epochs": 7})] == [
        30,
        1,
        7,
    ]
    run = Run("", tmp_path, quick=True)
    dataset = nn.data.ArrayDataset(np.arange(10), np.arange(10))
    assert len(run.part(dataset, 4)) == 4
    assert run.part("abcdef", 4) == "abcd"
    assert run.part(dataset, 40) is dataset
    assert Run("", tmp_path).part(dataset, 4) is dataset
    Run("", tmp_path, seed=5)
    first = nn.Linear(2, 2).weight.data
    Run("", tmp_path, seed=5)
    np.testing.assert_array_equal(nn.Linear(2, 2).weight.data, first)


def test_without_matplotlib_there_are_no_pictures(monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)
    run = Run("test", tmp_path)
    run.lines("loss.png", {"a": [1.0, 2.0]})
    assert "loss.png is not drawn" in capsys.readouterr().out
    assert not (tmp_path / "loss.png").exists()


@pytest.mark.parametrize("shape", [(3, 8, 8), (3, 1, 8, 8), (12, 3, 8, 8), (0, 8, 8)])
def test_pictures_of_images(shape, tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    Run("test", tmp_path).images("a.png", np.random.default_rng(0).random(shape), ["one"])
    assert (tmp_path / "a.png").read_bytes()[:4] == b"\x89PNG"


# What recipes compare with


def test_pairs_are_counted():
    train = [0, 1, 0, 1, 0, 0], [1, 0, 1, 0, 0, -100]
    found = pairs_loss(train, ([0, 0, 1, 1], [1, 0, 0, -1]), size=2)
    assert found == pytest.approx(-np.mean(np.log([3 / 5, 2 / 5, 3 / 4])))
