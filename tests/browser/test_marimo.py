"""The player and the widget in marimo."""

import sys

import pytest

APP = """
import marimo

app = marimo.App(width="full")


@app.cell
def _():
    from autograd import Value, step_through, tanh
    a, b = Value(0.5), Value(-2.0)
    y = tanh(a * b) + a
    steps = step_through(y)
    steps
    return (steps,)


@app.cell
def _(steps):
    import marimo as mo
    live = mo.ui.anywidget(steps.widget())
    live
    return live, mo


@app.cell
def _(live, mo):
    mo.md(f"it stands at {live.value['position']}, {live.widget.values}")
    return
"""
FRAME = "iframe[title^='The backward pass']"


@pytest.fixture
def address(serve, free_port, tmp_path):
    pytest.importorskip("marimo", reason="the package marimo is not installed")
    (tmp_path / "app.py").write_text(APP)
    port = free_port()
    options = f"run app.py --headless --host 127.0.0.1 --port {port} --no-token"
    serve([sys.executable, "-m", "marimo", *options.split()], f"http://127.0.0.1:{port}/health", tmp_path)
    return f"http://127.0.0.1:{port}"


def test_the_player_steps_and_the_widget_tells_python(address, watched):
    watched.goto(address)
    player = watched.frame_locator(FRAME).locator(".chainrule")
    assert player.evaluate("one => one.dataset.theme") == "light"
    assert not watched.locator("img.steps").is_visible()
    player.focus()
    watched.keyboard.press("End")
    assert player.get_attribute("data-position") == "11"
    widget = watched.locator(".chainrule")
    widget.focus()
    watched.keyboard.press("End")
    watched.get_by_text("it stands at 10, {}").wait_for()
    widget.locator(".editor input[type=number]").fill("1.25")
    watched.get_by_text("it stands at 10, {'").wait_for()
