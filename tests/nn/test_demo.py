"""The demo: what it promises on its one screen of output."""

import re

import pytest

from autograd.__main__ import main


def test_help(capsys):
    assert main([]) == 0
    assert "demo" in capsys.readouterr().out


def test_the_demo_reads_digits_checks_a_gradient_and_draws_a_neuron(tmp_path, capsys):
    pytest.importorskip("sklearn")
    pytest.importorskip("tqdm")
    assert main(["demo", "--out", str(tmp_path / "new"), "--seed", "1"]) == 0
    out = capsys.readouterr().out
    assert float(re.search(r"accuracy +([\d.]+)%", out)[1]) >= 97
    backward, differences = re.search(r"backward (-?[\d.]+), differences (-?[\d.]+)", out).groups()
    assert float(backward) == pytest.approx(float(differences), rel=1e-6)
    path = tmp_path / "new" / "neuron.svg"
    assert str(path) in out
    assert "<svg" in path.read_text(encoding="utf-8")


def test_what_is_missing_is_named(monkeypatch, capsys):
    monkeypatch.setitem(__import__("sys").modules, "sklearn.datasets", None)
    assert main(["demo"]) == 1
    assert 'pip install "chainrule[demo]"' in capsys.readouterr().err
