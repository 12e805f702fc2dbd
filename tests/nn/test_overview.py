"""The table of a model, and the operations it takes, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, Value, flops


def test_operations_are_counted():
    x, w = Tensor(np.ones((4, 3))), Tensor(np.ones((3, 5)))
    y = x @ w
    assert flops(y) == 2 * 4 * 3 * 5
    assert flops(autograd.tanh(y)) == 120 + 20
    assert flops(autograd.tanh(y), stop=[y]) == 20
    assert flops(y.sum(0)) == 120 + 20
    assert flops(y.reshape(20)[:3]) == 120
    assert flops([y, y]) == 120
    assert flops(autograd.einsum("ij,jk->ik", x, w)) == 120
    image, kernel = Tensor(np.ones((2, 3, 8, 8))), Tensor(np.ones((4, 3, 3, 3)))
    assert flops(autograd.conv2d(image, kernel)) == 2 * (2 * 4 * 6 * 6) * (3 * 3 * 3)
    assert flops(Value(1.0) * 2 + 3) == 2


def test_every_name_that_is_counted_apart_is_a_primitive():
    from autograd.cost import _COUNTS, _FREE

    marks = {"leaf", "released", "collect", "element", "cast"}
    assert (_FREE | set(_COUNTS)) - marks <= set(autograd.REGISTRY)


def test_a_network_is_told():
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 36, 10))
    table = nn.summary(model, input_size=(2, 1, 8, 8))
    assert table.parameters == model.num_parameters == 4 * 9 + 4 + 8 + 1440 + 10
    shapes = {row.name: row.output for row in table.rows}
    assert shapes.pop("3") == "(2, 144)"
    assert shapes.pop("") == shapes.pop("4") == "(2, 10)"
    assert set(shapes.values()) == {"(2, 4, 6, 6)"}
    each = {row.name: row.flops for row in table.rows}
    assert each["4"] == 2 * 10 * (2 * 144 + 1)
    assert each["3"] == 0
    assert each[""] == sum(cost for name, cost in each.items() if name) == table.flops
    text = str(table)
    assert "4: Linear" in text
    assert "1,498 parameters" in text
    assert "<td" in table._repr_html_()


def test_the_model_is_left_as_it_was():
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5))
    model[1].eval()
    before = model.state_dict()
    nn.summary(model, np.ones((2, 3), np.float32))
    assert [m.training for m in model.modules()] == [True, True, False, True]
    assert not any(m._hooks for m in model.modules())
    for name, x in model.state_dict().items():
        np.testing.assert_array_equal(x, before[name])
    with pytest.raises(autograd.ShapeError):
        nn.summary(model, np.ones((2, 5), np.float32))
    assert not any(m._hooks for m in model.modules())


def test_shared_frozen_and_repeated_modules():
    layer = nn.Linear(3, 3)
    model = nn.Sequential(layer, nn.ReLU(), layer)
    table = nn.summary(model, input_size=(1, 3))
    assert table.parameters == 12
    assert next(row for row in table.rows if row.name == "0").calls == 2
    assert "× 2" in str(table)


def test_without_inputs_there_are_parameters_alone():
    table = nn.summary(nn.LSTM(3, 4))
    assert table.flops is None
    assert "FLOPs" not in str(table)
    assert "144 parameters" in str(table)


def test_several_outputs_and_what_is_not_called():
    class Two(nn.Module):
        def __init__(self):
            self.lstm, self.unused = nn.LSTM(3, 4), nn.Linear(2, 2)

        def forward(self, x):
            return self.lstm(x)

    table = nn.summary(Two(), input_size=(5, 2, 3))
    assert table.rows[1].output == "(5, 2, 4), (1, 2, 4), (1, 2, 4)"
    assert "not run" in str(table)


def test_depth_hides_what_is_further_down():
    model = nn.Sequential(nn.Sequential(nn.Sequential(nn.Linear(2, 2))))
    assert [row.depth for row in nn.summary(model, depth=1).rows] == [0, 1]
    assert nn.summary(model, depth=1).rows[1].parameters == 6
