"""step_through, and how steps are shown and saved."""

import sys
import tempfile
import webbrowser
from types import SimpleNamespace

import numpy as np
import pytest

import autograd
from autograd import Stepper, Value, step_through, tanh
from autograd.errors import AutogradError
from autograd.step import script
from autograd.step.player import front


def result():
    a, b = Value(0.5), Value(2.0)
    return tanh(a * b) + a


@pytest.fixture(autouse=True)
def temporary_files(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


@pytest.fixture
def kernel(monkeypatch):
    shell = SimpleNamespace(kernel=True)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))


def test_without_anybody_to_see_it_a_line_says_where_the_page_is(capsys, monkeypatch):
    monkeypatch.setattr(webbrowser, "open", lambda url: pytest.fail("nobody is there"))
    stepper = step_through(result())
    assert isinstance(stepper, Stepper)
    path = capsys.readouterr().out.split()[6].rstrip(":")
    with open(path, encoding="utf-8") as file:
        assert file.read().startswith("<!doctype html>")


def test_in_a_terminal_the_browser_is_opened(capsys, monkeypatch):
    opened = []
    monkeypatch.setattr(webbrowser, "open", lambda url: opened.append(url) or True)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    step_through(result())
    assert opened[0].startswith("file:///")
    assert opened[0].endswith(".html")
    assert capsys.readouterr().out == ""


def test_names_are_those_of_the_caller(capsys):
    first = Value(3.0)
    assert first in step_through(first * first).names
    assert "first" in step_through(first * first).names.values()


def test_a_function_is_run_with_its_lines(capsys):
    def square(x):
        return x * x

    stepper = step_through(square, 3.0)
    assert stepper.grad("x") is None
    assert stepper.goto(-1).after == 6.0
    assert stepper[1].node.origin.text == "return x * x"


def test_an_argument_has_its_name_even_where_the_caller_has_an_array_of_that_name(capsys):
    x = np.ones(3)

    def total(x):
        return (x * x).sum()

    assert "x" in step_through(total, x).names.values()


def test_in_a_notebook_it_shows_itself(kernel, capsys):
    found = step_through(result())._repr_mimebundle_()
    assert capsys.readouterr().out == ""
    assert set(found) == {"text/plain", "text/html"}
    assert "<iframe" in found["text/html"]
    assert "<img" in found["text/html"]


def test_elsewhere_it_is_a_line_of_text():
    assert Stepper(result())._repr_mimebundle_() == {"text/plain": "<Stepper at event -1 of 11>"}


def test_larger_graphs_have_a_folded_picture_beneath(kernel):
    y = Value(0.5)
    for _ in range(400):
        y = tanh(y)
    assert len(Stepper(y)._repr_mimebundle_()["text/html"]) < 400_000


def test_what_is_too_large_for_a_page_is_drawn_folded(kernel, monkeypatch):
    monkeypatch.setattr(script, "MOST", 100)
    y = Value(0.5)
    for _ in range(200):
        y = tanh(y)
    html = Stepper(y)._repr_mimebundle_()["text/html"]
    assert "201 nodes" in html
    assert "<svg" in html
    assert "iframe" not in html


def test_steps_are_saved_as_a_page_or_a_picture(tmp_path):
    stepper = Stepper(result())
    for name, begin in (("a.html", "<!doctype html>"), ("b.SVG", "<svg")):
        path = stepper.save(tmp_path / name)
        assert path == str(tmp_path / name)
        assert (tmp_path / name).read_text("utf-8").startswith(begin)
    with pytest.raises(AutogradError, match=r"(?s)'c.pdf'.*\.html or \.svg"):
        stepper.save("c.pdf")


def test_the_front_door_has_it():
    assert autograd.step_through is front.step_through
    assert "step_through" in autograd.__all__
