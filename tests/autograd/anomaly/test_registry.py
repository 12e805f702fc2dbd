"""What holds of every registered operation: no false alarm, and a program can be written of it."""

from __future__ import annotations

import numpy as np
import pytest

import autograd
from autograd import REGISTRY, Tensor, detect_anomaly
from autograd.anomaly.finding import Finding
from autograd.anomaly.script import script
from autograd.node import Node

NAMES = sorted(name for name, primitive in REGISTRY.items() if primitive.smooth)


def results(name):
    """The result of each case of an operation that is differentiable, or of its parts."""
    rng = np.random.default_rng(0)
    for case in REGISTRY[name].cases():
        args, params = case.draw(rng)
        operands = [Tensor(x) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x for x in args]
        y = REGISTRY[name](*operands, **params)
        if isinstance(y, Node) and y.parents:
            yield y


@pytest.mark.parametrize("name", NAMES)
def test_no_false_alarm(name):
    with detect_anomaly():
        for y in results(name):
            y.backward(np.ones(y.data.shape) if isinstance(y, Tensor) else 1.0)


@pytest.mark.parametrize("name", NAMES)
def test_it_can_be_written_down(name):
    for y in results(name):
        found = Finding("forward", "nan", y, y.data, y, [y])
        variables = {}
        exec(script(found, name), variables)
        z = variables["y"]
        assert autograd.leaves(z)
        if found.element:
            continue
        np.testing.assert_array_equal(z.data, y.data)
