"""What the user calls things."""

from dataclasses import dataclass

import numpy as np

import autograd
import nn
from autograd import Tensor, Value, annotate, draw, tanh
from autograd.view.names import names_of, things_in
from autograd.view.trace import reading_order


def named(y, **variables):
    """The names of the nodes behind y, in reading order, nothing for those without one."""
    order = reading_order([y])
    found = names_of(order, variables)
    return [found.get(node, "") for node in order]


def total(xs):
    return autograd.sum(list(xs))


def test_in_containers_two_levels_deep():
    xs = [Value(float(i)) for i in range(4)]
    state = {"layer": [xs[0], xs[1]], "rest": {"b": xs[2]}}
    deeper = [[[xs[3]]]]
    assert named(total(xs), state=state, deeper=deeper)[:4] == [
        "state['layer'][0]",
        "state['layer'][1]",
        "state['rest']['b']",
        "",
    ]


def test_in_objects():
    class Thing:
        pass

    @dataclass(slots=True)
    class Pair:
        first: object
        second: object

    xs = [Value(float(i)) for i in range(4)]
    self, pair = Thing(), Pair(xs[1], [xs[2]])
    self.w, self._hidden = xs[0], xs[3]
    assert named(total(xs), self=self, pair=pair)[:4] == ["self.w", "pair.first", "pair.second[0]", ""]


def test_what_is_nearer_comes_first():
    a, b = Value(1.0), Value(2.0)
    assert named(a * b, parameters=[a, b], a=a, b=b)[:2] == ["a", "b"]
    assert named(a * b, state={"a": [a]}, parameters=[a, b])[:2] == ["parameters[0]", "parameters[1]"]


def test_what_a_loop_has_left_behind():
    xs = [Value(float(i)) for i in range(3)]
    y = total(xs)
    assert named(y, x=xs[2], xs=xs)[:3] == ["xs[0]", "xs[1]", "xs[2]"]
    assert named(y, xs=xs, x=xs[2])[:3] == ["xs[0]", "xs[1]", "xs[2]"]
    losses = [y * 1.0, y * 2.0]
    assert named(losses[1], loss=losses[1], losses=losses)[-1] == "loss"
    layers = [nn.Linear(2, 2), nn.Linear(2, 2)]
    found = [name for name, _ in things_in({"layer": layers[1], "layers": layers})]
    assert found == ["layers[0]", "layers[1]", "layer"]


def test_constants_by_their_arrays():
    x, t = np.ones(8), Tensor([1.0] * 8)
    assert named(t * x + x, x=x, t=t) == ["t", "x", "", "x", ""]
    assert named(t * x, data={"train": x}) == ["", "data['train']", ""]


def test_data_is_not_looked_through():
    a = Value(1.0)
    rows = [[float(i) for i in range(1000)] + [a] for _ in range(10)]
    assert named(a * a, rows=rows)[0] == ""
    assert named(a * a, row=[1.0, a])[0] == "row[1]"


def test_names_of_a_function_that_has_returned():
    def loss_of(x):
        hidden = tanh(x * 2.0)
        return hidden * hidden

    x = Value(0.5)
    with annotate():
        loss = loss_of(x)
    assert [box.name for box in draw(loss).sketch.boxes] == ["x", "", "", "hidden", "loss"]
    assert [box.name for box in draw(loss_of(x)).sketch.boxes] == ["x", "", "", "", ""]


def test_a_variable_that_held_several_things():
    x = h = Value(0.5)
    with annotate():
        for _ in range(3):
            h = tanh(h * x)
    assert named(h, x=x, h=h) == ["x", "", "h₁", "", "h₂", "", "h"]
    assert named(h, x=x) == ["x", "", "h₁", "", "h₂", "", "h₃"]
    with annotate():
        h = x * 3.0
        y = h + 1.0
    assert named(y, h=Value(1.0)) == ["", "", "h", "", "y"]
    assert named(y, h=y) == ["", "", "h₁", "", "h"]


def test_names_repeat_in_several_calls():
    class Double(nn.Module):
        def forward(self, x):
            d = x * 2.0
            return d + 0.0

    double = Double()
    with annotate():
        y = double(double(Value(1.0)))
    assert [name for name in named(y) if name] == ["d", "d", "y"]
