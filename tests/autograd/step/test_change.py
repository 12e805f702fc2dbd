"""What if a leaf had another value?"""

import numpy as np
import pytest

from autograd import Stepper, Tensor, Value, exp, tanh
from autograd.errors import ShapeError
from autograd.step.change import changed


def gradients(recording):
    last = len(recording) - 1
    return {recording.names[x]: recording.gradient(x, last) for x in recording.nodes if x.primitive is not None}


def test_everything_is_computed_as_if_it_had_been_so_from_the_start():
    def compute(a, b):
        c = a * b
        return tanh(c) * c + exp(a) ** 2

    first = Stepper(compute, 0.5, -2.0).recording
    other = Stepper(compute, 0.25, -2.0).recording
    found = changed(first, {first.find("a").number: 0.25})
    assert [node.data for node in found.nodes] == [node.data for node in other.nodes]
    assert gradients(found) == gradients(other)
    assert [event.text for event in map(found.event, range(len(found)))] == [
        event.text for event in map(other.event, range(len(other)))
    ]


def test_the_recording_stays_as_it_was():
    a = Value(3.0, label="a")
    first = Stepper(a * a, names={}).recording
    texts = [first.event(k).text for k in range(len(first))]
    changed(first, {0: 5.0}).event(3)
    assert [first.event(k).text for k in range(len(first))] == texts
    assert a.data == 3.0


def test_arrays_keep_their_dtype():
    t = Tensor(np.ones(3, np.float32), label="t")
    first = Stepper((t * 2.0).sum(), names={}).recording
    found = changed(first, {0: np.array([1.0, 2.0, 3.0])})
    assert [np.asarray(x.data).dtype for x in found.nodes] == [np.asarray(x.data).dtype for x in first.nodes]
    assert found.root.data == 12.0


def test_shapes_must_fit():
    t, u = Tensor(np.ones(3)), Tensor(np.ones(3))
    first = Stepper((t * u).sum()).recording
    with pytest.raises(ShapeError):
        changed(first, {0: np.ones(4)})
