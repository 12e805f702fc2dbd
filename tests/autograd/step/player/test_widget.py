"""The live player, as Python sees it."""

import json
import sys

import numpy as np
import pytest

from autograd import Stepper, Tensor, Value, tanh
from autograd.errors import AutogradError


@pytest.fixture
def steps():
    pytest.importorskip("anywidget", reason="the package anywidget is not installed")
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    return Stepper(tanh(a * b) + a, names={})


def test_it_stands_where_the_stepper_stands(steps):
    steps.goto(6)
    widget = steps.widget()
    assert widget.position == 6
    assert json.loads(widget.script)["position"] == 7
    widget.position = 4
    assert widget.stepper.position == 4


def test_a_changed_value_is_computed_by_python(steps):
    widget = steps.widget("a title")
    heard = []
    widget.observe(lambda change: heard.append(change.new), "values")
    widget.edit = {"node": 0, "value": 0.5, "index": 0}
    assert heard == [{"a": 0.5}]
    a, b = Value(0.5), Value(-3.0)
    y = tanh(a * b) + a
    y.backward()
    widget.position = len(steps) - 1
    assert widget.stepper.value("a") == 0.5
    assert (widget.stepper.grad("a"), widget.stepper.grad("b")) == (a.grad, b.grad)
    shown = json.loads(widget.script)
    assert shown["title"] == "a title"
    assert shown["nodes"][-1]["value"] == y.data


def test_values_can_be_set_from_python(steps):
    widget = steps.widget()
    before = widget.script
    widget.values = {"b": 1.0}
    assert widget.script != before
    assert widget.stepper.recording.root.data == tanh(2.0) + 2.0


def test_the_graph_stays_as_it_is(steps):
    widget = steps.widget()
    widget.edit = {"node": 0, "value": 9.0, "index": 0}
    assert steps.recording.nodes[0].data == 2.0
    assert steps.recording.nodes[0].original.data == 2.0


def test_a_constant_can_be_changed_too():
    pytest.importorskip("anywidget")
    widget = Stepper(Value(2.0) * 3.0, names={}).widget()
    widget.edit = {"node": 1, "value": 5.0, "index": 0}
    assert widget.stepper.recording.root.data == 10.0
    assert widget.values == {}


def test_one_element_of_an_array_can_be_changed():
    pytest.importorskip("anywidget")
    t = Tensor(np.array([[1.0, 2.0], [3.0, 4.0]], np.float32), label="t")
    widget = Stepper((t * t).sum(), names={}).widget()
    widget.edit = {"node": 0, "value": 10.0, "index": 2}
    assert widget.values["t"].tolist() == [[1.0, 2.0], [10.0, 4.0]]
    widget.position = len(widget.stepper) - 1
    assert widget.stepper.grad("t").tolist() == [[2.0, 4.0], [20.0, 8.0]]
    assert widget.stepper.grad("t").dtype == np.float32
    assert t.data[1, 0] == 3.0


def test_without_anywidget_one_is_told_what_to_do(monkeypatch):
    from autograd.step.player import widget

    widget._kind.cache_clear()
    monkeypatch.setitem(sys.modules, "anywidget", None)
    with pytest.raises(AutogradError, match=r"(?s)anywidget.*pip install 'chainrule\[widget\]'"):
        Stepper(Value(2.0) * 3.0).widget()
