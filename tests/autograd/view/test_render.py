"""Pictures come whatever is installed, and never hang."""

import os
import stat
import sys
import time
import xml.etree.ElementTree as ET
from itertools import pairwise

import numpy as np
import pytest

from autograd import Tensor, Value, tanh
from autograd.errors import AutogradError
from autograd.view import render
from autograd.view.draw import draw
from autograd.view.layout import layout
from autograd.view.svg import paint

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def picture():
    a, b = Value(2.0), Value(-3.0, label="b < a & c")
    return draw(tanh(a * b + a * a), rules=True)


@pytest.fixture
def script(tmp_path, monkeypatch):
    """A function that puts a shell script called `dot` on the path."""
    if sys.platform == "win32":
        pytest.skip("a shell script")

    def put(text):
        path = tmp_path / "dot"
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    return put


def texts(svg):
    return {element.text for element in ET.fromstring(svg).iter(f"{SVG}text")}


def test_dot_comes_first(picture, script):
    script('for last; do :; done; cp "$last" "$3"')  # an echo: the picture is its own source
    assert render.render(picture.source, "svg", 5.0).decode() == picture.source


def test_graphviz_pure_is_found_without_a_path(picture, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert [os.path.basename(program).split(".")[0] for program in render.programs()] == ["graphviz-pure"]
    assert {"b < a & c", "tanh", "−", "3.0"} <= texts(picture.svg())
    assert picture.svg().count('rx="10" fill="white"') == 1
    assert picture.png().startswith(b"\x89PNG")


@pytest.mark.parametrize("text", ["exit 1", "exit 0", "exec /no/such/program"])
def test_a_broken_dot_is_passed_over(picture, script, text):
    script(text)
    assert "graphviz-pure" in picture.svg()


def test_a_file_that_cannot_be_run_is_passed_over(picture, script):
    script("")
    with open(render.programs()[0], "wb") as file:
        file.write(b"\x7fELF nonsense")
    assert "graphviz-pure" in picture.svg()


def test_a_dot_that_hangs_is_given_up(picture, script, tmp_path):
    script("sleep 5; exit 0")  # not exec: the sleeping grandchild must not be waited for, either
    picture.seconds = 0.2
    began = time.perf_counter()
    svg = picture.svg()
    assert svg == paint(picture.sketch, "LR", "drawn without Graphviz, which took more than 0.2 s")
    assert "drawn without Graphviz, which took more than 0.2 s" in texts(svg)
    with pytest.raises(AutogradError, match=r"more than 0.2 s for a PNG(?s:.*)seconds=60"):
        picture.save(tmp_path / "y.png")
    assert time.perf_counter() - began < 3


def test_without_any_program_there_still_is_a_picture(picture, monkeypatch, tmp_path):
    monkeypatch.setattr(render, "programs", list)
    assert {"b < a & c", "tanh"} <= texts(picture.svg())
    assert picture._repr_mimebundle_()["image/svg+xml"].startswith("<svg")
    picture.save(tmp_path / "y.svg")
    with pytest.raises(AutogradError, match="pip install graphviz-pure"):
        picture.save(tmp_path / "y.png")


@pytest.mark.parametrize("rankdir", ["LR", "RL", "TB", "BT"])
def test_every_direction_in_both_ways(rankdir):
    x = Tensor(np.arange(12.0).reshape(3, 4))
    y = (x * 2.0 - x).sum(axis=0)
    picture = draw(y, rankdir=rankdir, rules=True)
    ours = ET.fromstring(paint(picture.sketch, rankdir))
    width, height = float(ours.get("width")), float(ours.get("height"))
    assert (width > height) == (rankdir in ("LR", "RL"))
    for rect in ours.iter(f"{SVG}rect"):
        assert 0 <= float(rect.get("x", 0)) <= width
        assert 0 <= float(rect.get("y", 0)) <= height
    assert texts(picture.svg()) == {text for text in texts(paint(picture.sketch, rankdir)) if text}


def test_each_edge_is_painted_by_itself():
    a = Value(3.0)
    b = a * a
    ours = ET.fromstring(paint(draw(b + tanh(b) * a).sketch, "LR"))
    paths = [path.get("d") for path in ours.iter(f"{SVG}path")]
    assert len(paths) == len(set(paths)) == 7


def test_layout_keeps_boxes_apart_and_edges_forward():
    rng = np.random.default_rng(0)
    edges = [(int(rng.integers(head)), head) for head in range(1, 80) for _ in range(2)]
    sizes = [(float(w), float(h)) for w, h in rng.uniform(20, 90, (80, 2))]
    found = layout(sizes, edges, [0.0] * len(edges))
    spots = [(x - w / 2, x + w / 2, y - h / 2, y + h / 2) for (x, y), (w, h) in zip(found.centres, sizes, strict=True)]
    for i, (left, right, top, bottom) in enumerate(spots):
        assert left >= 0
        assert top >= -1e-9
        assert right <= found.along + 1e-9
        assert bottom <= found.across + 1e-9
        for other in spots[:i]:
            assert right <= other[0] or other[1] <= left or bottom <= other[2] + 1e-6 or other[3] <= top + 1e-6
    for path in found.paths:
        assert all(a[0] < b[0] for a, b in pairwise(path) if a[0] != b[0])
