"""A recording: its events add up to what backward() finds, and are the same whenever they are asked for."""

from __future__ import annotations

import gc
import random
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import GradientError, Stepper, Tensor, Value, topological_order
from autograd.domain import REAL, case
from autograd.step import record
from autograd.step.record import Recording
from autograd.sweep import pull_back

KINDS = ["values", "tensors"]
seeds = st.integers(0, 10_000)


def same(a, b):
    """Equal to the last bit, but for the sign of a zero: a sum that starts from 0.0 is never -0.0."""
    return np.array_equal(np.asarray(a) + 0.0, np.asarray(b) + 0.0, equal_nan=True)


@pytest.mark.parametrize("kind", KINDS)
def test_the_events_add_up_to_what_backward_finds(grow, kind):
    @settings(max_examples=60, deadline=None)
    @given(seeds, st.integers(1, 30))
    def check(seed, size):
        leaves, root = grow(kind, seed, size)
        recording = Recording(root)
        sums = {recording.root: recording.seed}
        for number in range(recording.backward_start, len(recording)):
            event = recording.event(number)
            assert same(event.upstream, sums[event.by])  # complete, before it is passed on
            assert (event.before is None) == (event.still not in sums)
            if event.contribution is not None:
                before = sums.get(event.still)
                assert before is None or same(before, event.before)
                sums[event.still] = event.contribution if before is None else before + event.contribution
            assert same(event.after, sums[event.still])
        order = topological_order([root])
        swept = dict(pull_back(list(order), {root: root.seed(1.0)}))
        root.backward(retain_graph=True)
        assert set(swept) == set(order) == {still.original for still in sums}
        assert not set(leaves).isdisjoint(order)
        for node in order:
            found = sums[recording.find(node)]
            np.testing.assert_allclose(found, node.grad, rtol=1e-11, atol=1e-14)
            assert kind == "tensors" or same(found, swept[node])  # adding to a few elements of an array may round more
            assert same(recording.gradient(recording.find(node), len(recording) - 1), found)

    check()


@pytest.mark.parametrize("kind", KINDS)
def test_an_event_is_the_same_whenever_it_is_asked_for(grow, kind):
    for seed in range(12):
        _, root = grow(kind, seed, 20)
        forwards = [event_numbers(event) for event in Stepper(root)]
        recording, rng = Recording(root), random.Random(seed)
        numbers = [*range(len(recording)), *range(len(recording))]
        rng.shuffle(numbers)
        for number in numbers:
            assert event_numbers(recording.event(number)) == forwards[number]


def event_numbers(event):
    arrays = (event.still.data, event.upstream, event.contribution, event.before, event.after, event.local)
    return event.number, event.phase, *(None if x is None else np.asarray(x).tobytes() for x in arrays)


def test_what_is_forgotten_is_computed_again(grow, monkeypatch):
    w = Tensor(np.random.default_rng(0).normal(size=(8, 8)), label="w")
    h = Tensor(np.ones(8))
    for _ in range(40):
        h = (w @ h).tanh()
    root = h.sum()
    expected = [event_numbers(event) for event in Stepper(root)]
    monkeypatch.setattr(record, "KEPT_BYTES", 2000)
    stepper = Stepper(root)
    assert [event_numbers(event) for event in reversed(stepper)] == expected[::-1]
    assert [event_numbers(event) for event in stepper] == expected
    assert sum(before is record._FORGOTTEN for before in stepper.recording._before) > 30


def test_nothing_of_the_users_is_touched(neuron):
    root = neuron["o"]
    root.backward()
    before = {name: (node.data, node.grad) for name, node in neuron.items()}
    for event in Stepper(root, seed=3.0):
        assert event.text
    assert {name: (node.data, node.grad) for name, node in neuron.items()} == before


def test_what_happens_to_the_graph_later_does_not_matter():
    x = Tensor(np.random.default_rng(0).normal(size=(300, 300)), label="x")
    y = ((x.reshape(-1) * 2.0).tanh() * x.T.reshape(-1)).sum()
    stepper = Stepper(y)
    early = [event_numbers(event) for event in stepper]
    later = Stepper(y)
    y.backward()  # the graph is large enough to be let go
    x.data[...] = 7.0
    assert [event_numbers(event) for event in later] == early
    with pytest.raises(GradientError, match="before calling backward"):
        Stepper(y)


def test_arrays_that_repeat_are_kept_once():
    row = Tensor(np.ones(1000))
    wide = autograd.broadcast_to(row, (1000, 1000))
    still = Recording(wide.sum()).find(wide)
    assert still.data.strides[0] == 0
    row.data[...] = 5.0
    assert still.data[3, 3] == 1.0


def test_gradients_of_several_elements_need_a_seed():
    t = Tensor([1.0, 2.0], label="t")
    with pytest.raises(GradientError, match="not a single number"):
        Stepper(t * t)
    stepper = Stepper(t * t, seed=[1.0, 10.0])
    stepper.goto(-1)
    np.testing.assert_array_equal(stepper.grad("t"), [2.0, 40.0])
    with pytest.raises(GradientError, match="requires grad"):
        Stepper(Value(1.0, requires_grad=False) * 2.0)


def test_a_leaf_alone_has_two_events():
    x = Value(3.0, label="x")
    assert [event.text for event in Stepper(x)] == ["x = 3.0, a leaf", "∂x/∂x = 1.0"]
    assert [event.number for event in Stepper(x).who(x)] == [1]
    assert Stepper(x).order == []


def test_an_operand_that_is_not_differentiable_gets_nothing():
    c, x, z = (Value(v, label=name) for name, v in (("c", 1.0), ("x", 0.5), ("z", 2.0)))
    stepper = Stepper(autograd.where(c, x, z), names=False)
    (event,) = stepper.who("c")
    assert (event.upstream, event.contribution, event.after) == (1.0, None, None)
    assert event.text == "∂L/∂c += ·  where passes nothing on to operand 1"
    stepper.goto(-1)
    assert (stepper.grad("c"), stepper.grad("x"), stepper.grad("z")) == (None, 1.0, 0.0)


def test_poles_step_as_they_sweep():
    x = Value(0.0, label="x")
    y = 1.0 / x + x.log()
    y.backward()
    stepper = Stepper(y)
    stepper.goto(-1)
    assert same(stepper.grad(x), x.grad)
    assert "inf" in stepper[-1].text or "nan" in stepper[-1].text


@pytest.mark.parametrize("readable", [True, False])
def test_custom_operations_step_like_all_others(readable):
    def slope(y, x):
        return 3.0 * x * x if readable else 3.0 * float(x) ** 2

    name = f"step_cube_{readable}"
    cube = autograd.elementwise(name, lambda x: x**3, lambda x: x**3, slope, domain=(REAL,))
    try:
        x = Value(2.0, label="x")
        (event,) = Stepper(cube(x), names=False).who(x)
        assert event.contribution == 12.0
        assert event.text == f"∂L/∂x += 1.0 × {'(3 × 2.0²)' if readable else '12.0'} = 12.0"
    finally:
        del autograd.REGISTRY[name]


def test_a_general_rule_that_cannot_be_read_is_named():
    def back(g, y, x):
        return np.asarray(g) * 2.0  # an error for Tensors, whose gradient would be lost

    double = autograd.general(
        "step_double", lambda x: 2.0 * x, (back,), (lambda t, y, x: 2.0 * t,), domain=[case(REAL(3))]
    )
    try:
        t = Tensor([1.0, 2.0], label="t")
        (event,) = Stepper(double(t), seed=1.0, names=False).who(t)
        assert event.text == "∂L/∂t += the rule of step_double, given ∂L/∂L = [2.0, 2.0]"
    finally:
        del autograd.REGISTRY["step_double"]


@pytest.mark.slow
def test_a_million_nodes():
    x = Value(1.0, label="x")
    y = x
    for _ in range(500_000):
        y = y * 0.999999 + 1e-7
    stepper = Stepper(y, names=False)
    recording = stepper.recording
    assert len(recording.nodes) == 2_000_001
    first = stepper.goto(recording.backward_start)
    assert len(recording._passed) == 1  # no more is computed than was asked for
    assert first.text.startswith("∂L/∂v999999 += 1.0 × 1 = 1.0")
    last = stepper.goto(-1)
    assert last.text == "∂L/∂x += 0.6065 × 1.0 = 0.6065"
    assert stepper.back().number == len(stepper) - 2
    assert len(stepper.who(x)) == 1
    y.backward()
    assert x.grad == last.after


def test_a_node_with_many_operands_and_one_with_many_consumers():
    x = Value(2.0, label="x")
    y = autograd.sum([x] * 20_000 + [Value(1.0) for _ in range(20_000)])
    stepper = Stepper(y, names=False)
    assert sum(event.contribution for event in stepper[stepper.recording.backward_start :]) == 40_000.0
    assert stepper.who(x)[-1].after == 20_000.0
    assert stepper.who(x)[6].sum == "∂L/∂x = 6.0 + 1.0 = 7.0 (7 of 20000 uses)"


def test_a_stepper_is_freed_without_the_garbage_collector(neuron):
    gc.collect()
    gc.disable()
    try:
        stepper = Stepper(neuron["o"])
        texts = [event.text for event in stepper]
        recording = weakref.ref(stepper.recording)
        del stepper
        assert texts
        assert recording() is None
    finally:
        gc.enable()
