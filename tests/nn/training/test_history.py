"""History and progress: what a person reads."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import nn
from autograd import OperandError

ROWS = [
    {"epoch": 1, "loss": 0.7, "accuracy": 0.5, "val_loss": 0.8, "val_accuracy": 0.55},
    {"epoch": 2, "loss": 0.5, "accuracy": 0.7, "val_loss": 0.6, "val_accuracy": 0.65},
    {"epoch": 3, "loss": 0.3, "accuracy": 0.9, "val_loss": 0.65, "val_accuracy": 0.6},
]


def test_rows_and_columns():
    history = nn.History(ROWS)
    assert len(history) == 3
    assert history["loss"] == [0.7, 0.5, 0.3]
    assert history[0] == ROWS[0]
    assert history[-1]["epoch"] == 3
    assert history.best["epoch"] == 2
    assert history.history == {name: [row[name] for row in ROWS] for name in list(ROWS[0])[1:]}
    assert history.to_dict()["epoch"] == [1, 2, 3]
    with pytest.raises(OperandError, match="no 'los': it has epoch, loss"):
        history["los"]


def test_csv(tmp_path):
    text = nn.History(ROWS[:1]).to_csv(tmp_path / "x.csv")
    assert text == "epoch,loss,accuracy,val_loss,val_accuracy\n1,0.7,0.5,0.8,0.55\n"
    assert (tmp_path / "x.csv").read_text() == text


def test_as_a_table():
    history = nn.History(ROWS)
    assert str(history).splitlines()[2].endswith("*")
    page = history._repr_html_()
    assert page.count("<tr") == 4
    assert page.count("font-weight:bold") == 1
    assert "best is 2" in repr(history)
    assert repr(nn.History()) == str(nn.History()) == "History of no epochs"
    assert nn.History().best == {}


def test_plots():
    plt = pytest.importorskip("matplotlib.pyplot", reason="matplotlib is not installed")
    plt.switch_backend("Agg")
    axes = nn.History(ROWS).plot()
    assert [ax.get_title() for ax in axes] == ["loss", "accuracy"]
    assert [line.get_label() for line in axes[0].lines] == ["loss", "val loss", "best"]
    np.testing.assert_array_equal(axes[1].lines[1].get_ydata(), [0.55, 0.65, 0.6])
    alone = nn.History([{"epoch": 1, "loss": 1.0}]).plot()
    assert alone.get_title() == "loss"
    _, ax = plt.subplots()
    assert nn.History(ROWS).plot(ax) is ax
    assert len(nn.History(ROWS).plot(names=["val_accuracy"]).lines) == 1
    plt.close("all")


def run(progress=True, **kwargs):
    nn.manual_seed(0)
    x = np.linspace(0, 1, 64, dtype=np.float32).reshape(-1, 1)
    return nn.fit(nn.Linear(1, 1), nn.MSELoss(), (x, x), epochs=3, progress=progress, **kwargs)


def test_progress_in_a_file_is_a_line_for_each_epoch(capsys):
    run(callbacks=[lambda t: t.epoch == 2 and t.stop("enough")])
    lines = capsys.readouterr().err.splitlines()
    assert [line.split("  ")[0] for line in lines[:2]] == ["epoch 1/3", "epoch 2/3"]
    assert lines[2] == "Stopped early: enough."
    run(progress=False)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("tqdm", [True, False])
def test_progress_in_a_terminal(capsys, monkeypatch, tqdm):
    if tqdm:
        pytest.importorskip("tqdm", reason="tqdm is not installed")
    else:
        monkeypatch.setattr("nn.training.progress.find_spec", lambda name: None)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    run()
    text = capsys.readouterr().err
    assert "\r" in text
    assert "epoch 3/3" in text
    assert "loss" in text


def test_evaluate_and_predict():
    nn.manual_seed(0)
    model = nn.Sequential(nn.Linear(1, 1), nn.Dropout(0.9))
    x = np.linspace(0, 1, 600, dtype=np.float32).reshape(-1, 1)
    y = nn.predict(model, x)
    assert (y == model[0](x).data).all()  # in eval mode
    assert model.training
    assert nn.evaluate(model, nn.MSELoss(), (x, y), metrics=["rmse", "r2"]) == {"loss": 0.0, "rmse": 0.0, "r2": 1.0}
    dataset = nn.data.ArrayDataset(x, y)
    for data in (dataset, nn.data.DataLoader(dataset, 7), (x,), nn.data.ArrayDataset(x), x.tolist()):
        np.testing.assert_allclose(nn.predict(model, data), y, rtol=1e-6)
    with pytest.raises(OperandError, match="no data"):
        nn.predict(model, x[:0])
    with pytest.raises(OperandError, match="no data"):
        nn.evaluate(model, nn.MSELoss(), (x[:0], y[:0]))
