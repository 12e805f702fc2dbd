"""A backward pass that moves without a script."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from autograd import Tensor, Value, tanh
from autograd.errors import AutogradError
from autograd.step.player.animation import animate
from autograd.step.stepper import Stepper
from autograd.view.text import number

SVG = "{http://www.w3.org/2000/svg}"


def neuron():
    x, w, b = Value(2.0, label="x"), Value(-3.0, label="w"), Value(6.7, label="b")
    n = x * w + b
    return Stepper(tanh(n) * x, names={})


def texts(svg):
    return ["".join(element.itertext()) for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_it_is_small_and_needs_no_script():
    stepper = neuron()
    svg = animate(stepper.recording)
    ElementTree.fromstring(svg)
    assert len(stepper.recording.nodes) <= 10
    assert len(svg.encode()) < 20_000
    assert not re.search(r"<script|<animate|https?://(?!www\.w3\.org/2000/svg)|onload", svg)


def test_every_step_is_written_and_every_gradient_is_there_in_the_end():
    stepper = neuron()
    svg = animate(stepper.recording)
    shown = texts(svg)
    for event in stepper:
        if event.phase != "forward" or event.node.parents:
            assert event.text in shown
    stepper.goto(-1)
    lasting = re.findall(r'<text class="o t a s\d+"[^>]*>([^<]*)</text>', svg)
    assert sorted(lasting) == sorted(number(g).replace("-", "−") for g in stepper.gradients.values())
    assert shown.count("·") == len(lasting)


def test_every_class_that_is_moved_has_its_frames():
    svg = animate(neuron().recording)
    used = {
        name for names in re.findall(r'class="([^"]*)"', svg) for name in names.split() if re.match(r"[sf]\d", name)
    }
    framed = set(re.findall(r"@keyframes (\w+)", svg))
    assert used == framed - {"forward", "backward"}
    assert {"forward", "backward"} <= framed


def test_who_wants_no_motion_sees_the_end():
    svg = animate(neuron().recording)
    assert "prefers-reduced-motion:reduce" in svg
    assert "prefers-color-scheme:dark" in svg


def test_arrays_are_shown_by_their_mean():
    t = Tensor(np.arange(8.0), label="t")
    svg = animate(Stepper((t * t).sum(), names={}).recording)
    assert "mean 3.5" in texts(svg)
    assert "mean 7.0" in texts(svg)


def test_names_are_text():
    a = Value(1.0, label="<a> & b")
    ElementTree.fromstring(animate(Stepper(a * a, names={}).recording))


def test_the_same_graph_gives_the_same_picture():
    assert animate(neuron().recording) == animate(neuron().recording)


def test_a_large_graph_is_not_animated():
    a = Value(1.0)
    for _ in range(80):
        a = tanh(a)
    with pytest.raises(AutogradError, match=r"(?s)81 nodes is too large.*steps\.html"):
        animate(Stepper(a, names={}).recording)
