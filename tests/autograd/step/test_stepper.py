"""Walking: by edge, node and module, to places, to stops, in both directions."""

from __future__ import annotations

import random
import subprocess
import sys

import numpy as np
import pytest

import autograd
import nn
from autograd import OperandError, Stepper, Tensor, Value


def walk(move, by):
    """The numbers of the events that one comes by, until one cannot go on."""
    found = []
    while (event := move(by)) is not None:
        found.append(event.number)
    return found


@pytest.fixture
def stepper(neuron):
    return Stepper(neuron["o"], names=False)


def test_it_is_a_sequence_of_events(stepper):
    assert len(stepper) == 20
    assert [event.number for event in stepper] == list(range(20))
    assert stepper[-1].number == 19
    assert [event.number for event in stepper[17:]] == [17, 18, 19]
    assert [event.phase for event in stepper].count("backward") == 9
    with pytest.raises(IndexError):
        stepper[20]
    assert (stepper.position, stepper.event) == (-1, None)
    assert repr(stepper) == "<Stepper at event -1 of 20>"


def test_by_edge_and_by_node(stepper):
    assert walk(stepper.forward, "edge") == list(range(20))
    assert walk(stepper.back, "edge") == list(range(18, -1, -1))
    assert stepper.position == -1
    by_node = walk(stepper.forward, "node")
    assert by_node == [2, 5, 6, 8, 9, 10, 11, 13, 15, 17, 19]  # results; then all the edges of each of them
    assert walk(stepper.back, "node") == by_node[-2::-1]
    stepper.goto(12)  # amid the edges of n
    assert stepper.back("node").number == 11
    stepper.goto(12)
    assert stepper.forward("node").number == 13
    with pytest.raises(OperandError, match='"edge", "node" or "module"'):
        stepper.forward("line")
    with pytest.raises(OperandError, match='"edge", "node" or "module"'):
        stepper.back("line")


@pytest.mark.parametrize("annotated", [True, False])
def test_by_module(annotated):
    nn.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    x = np.ones((4, 2), np.float32)
    if annotated:
        with autograd.annotate():
            loss = (model(x) ** 2).mean()
    else:
        loss = (model(x) ** 2).mean()
    stepper = Stepper(loss)
    modules = [event.module for event in stepper]
    assert {"", "model.0", "model.2"} <= set(modules) <= {"", "model", "model.0", "model.1", "model.2"}
    # over the whole model at once
    start = stepper.recording.backward_start
    stepper.goto(start)
    while stepper[stepper.position + 1].module == "":
        stepper.forward("node")
    outside = stepper.position
    assert stepper.forward("module").number == len(stepper) - 1
    # into it, over the last layer, and back over it
    stepper.goto(outside)
    assert stepper.forward("edge").module == "model.2"
    last = stepper.forward("module")
    assert last.module == "model.2"
    assert stepper[last.number + 1].module != "model.2"
    assert stepper.back("module").number == outside
    # forwards through the forward pass
    stepper.restart()
    stepper.forward("module")
    assert stepper.event.module.startswith("model")
    assert stepper[stepper.position + 1].module == ""
    assert stepper.back("module") is None


def test_without_modules_a_module_is_a_node(stepper):
    by_module = walk(stepper.forward, "module")
    stepper.restart()
    assert by_module == walk(stepper.forward, "node")


def test_what_is_known_at_each_point(stepper, neuron):
    stepper.goto(3)
    assert (stepper.value("x1w1"), stepper.value("both"), stepper.grad("o")) == (-6.0, None, None)
    assert stepper.gradients == {}
    stepper.goto(13)
    assert stepper.gradients == pytest.approx(
        {neuron[name]: g for name, g in zip(("o", "n", "both", "b"), (1, 0.5, 0.5, 0.5))}
    )
    assert stepper.names[neuron["n"]] == "n"
    stepper.goto(stepper.who("w1")[0])
    assert stepper.position == 17
    assert stepper.grad(neuron["w1"]) == pytest.approx(1.0)
    with pytest.raises(OperandError, match=r"(?s)'z' is not part.*x1, w1"):
        stepper.grad("z")
    with pytest.raises(OperandError, match="not part of this graph"):
        stepper.grad(Value(1.0))


@pytest.mark.parametrize("kind", ["values", "tensors"])
def test_back_and_forth_gives_the_same_numbers(grow, kind):
    for seed in range(8):
        leaves, root = grow(kind, seed, 15)
        stepper, seen, rng = Stepper(root), {}, random.Random(seed)
        leaves = [leaf for leaf in leaves if leaf in stepper.recording.still_of]
        moves = [stepper.forward, stepper.forward, stepper.back]
        for _ in range(300):
            rng.choice(moves)(rng.choice(["edge", "node", "module"]))
            state = [None if g is None else np.asarray(g).tobytes() for g in map(stepper.grad, leaves)]
            assert seen.setdefault(stepper.position, state) == state
        stepper.goto(-1)
        root.backward(retain_graph=True)
        for leaf in leaves:
            np.testing.assert_allclose(stepper.grad(leaf), leaf.grad, rtol=1e-11, atol=1e-14)


def test_to_places(stepper, neuron):
    assert stepper.to("tanh").number == 9
    assert stepper.to("o").number == 10  # its value was at 9
    assert stepper.to(neuron["x1"]).number == 16
    assert stepper.to("x1") is None
    assert stepper.position == 16
    assert stepper.to("x1", backwards=True).number == 0
    assert stepper.to("*").number == 2
    assert stepper.to(lambda event: event.after == 1.0).number == 10
    with pytest.raises(OperandError, match=r"(?s)no node, operation or line.*Names: b, .*Operations: \*, \+, tanh"):
        stepper.to("nowhere")


def test_breaks_and_watches_in_both_directions(stepper):
    stepper.break_at("+")
    found = []
    while stepper.continue_():
        found.append((stepper.position, stepper.stopped_by.text))
    assert found == [(6, "+"), (8, "+"), *((k, "+") for k in (12, 13, 14, 15))]
    assert stepper.position == 19
    back = []
    while stepper.continue_(backwards=True):
        back.append(stepper.position)
    assert back == [k for k, _ in found][::-1]
    assert stepper.position == -1
    assert stepper.stopped_by is None


@pytest.mark.parametrize(
    ("condition", "events"),
    [
        ("|grad| > 0.9", [10, 16, 17]),
        ("grad > 0.9", [10, 17]),
        ("grad<=-1.4", [16]),
        ("|value| >= 6", [2, 6, 7]),
        ("value < 0", [1, 2, 6]),
        ("x1", [16]),
        ("o", [10]),
        ("nan", []),
        (lambda event: event.contribution == 0.0, [19]),
    ],
)
def test_conditions(stepper, condition, events):
    stepper.watch(condition)
    found = []
    while stepper.continue_():
        found.append(stepper.position)
    assert found == events


def test_conditions_that_make_no_sense(stepper):
    for nonsense in ("grad", "grad > much", "|grid| > 1", ""):
        with pytest.raises(OperandError, match="not a condition that can be watched"):
            stepper.watch(nonsense)


def test_the_first_nan_is_found_in_either_pass():
    x = Tensor([4.0, 0.0], label="x")
    stepper = Stepper((autograd.sqrt(x) * 2.0).sum())
    stepper.watch("nan")
    assert stepper.continue_().text == "∂L/∂x += ∂L/∂v1 × (0.5 / v1) = [0.5, inf]"
    with np.errstate(all="ignore"):
        stepper = Stepper(autograd.log(x - 1.0).sum())
    stepper.watch("inf")
    assert stepper.continue_().text.startswith("v2 = log(v1) = ")


def test_lines_of_a_function():
    def f(x, y):
        product = x * y
        return product + x

    stepper = Stepper(f, 2.0, 3.0)
    assert [event.text for event in stepper][:4] == [
        "x = 2.0, a leaf",
        "y = 3.0, a leaf",
        "product = x × y = 2.0 × 3.0 = 6.0",
        "L = product + x = 6.0 + 2.0 = 8.0",
    ]
    line = f.__code__.co_firstlineno
    assert stepper[2].origin.line == line + 1
    assert stepper[2].origin.text == "product = x * y"
    assert str(stepper[2]).endswith(f"   test_stepper.py:{line + 1}")
    stepper.goto(stepper.recording.backward_start)
    assert stepper.to(line + 1).text == "∂L/∂x += 1.0 × 3.0 = 3.0"
    assert stepper.to(f"test_stepper.py:{line + 2}", backwards=True).number == 6
    assert stepper.to(f"another.py:{line + 1}") is None


def test_functions_of_arrays_and_of_settings():
    def f(W, times, x):
        return (W @ x).sum() * times

    stepper = Stepper(f, np.eye(2), 3, Tensor([1.0, 2.0]))
    assert {"W", "x"} < set(stepper.names.values())
    assert len(stepper.who("x")) == len(stepper.who("W")) == 1
    with pytest.raises(OperandError, match="returned tuple"):
        Stepper(lambda x: (x, x), 1.0)


def test_names_from_the_caller_and_none():
    a, b = Value(1.0), Value(2.0)
    y = a * b
    assert Stepper(y)[2].text == "y = a × b = 1.0 × 2.0 = 2.0"
    assert Stepper(y, names=False)[2].text == "L = v1 × v2 = 1.0 × 2.0 = 2.0"
    assert Stepper(y, names={"p": a, "L": b})[2].text == "v1 = p × L = 1.0 × 2.0 = 2.0"


def test_nothing_is_imported_before_one_steps():
    code = (
        "import sys, autograd; from autograd import *; v = autograd.Value(1.0) * 2; v.backward(); autograd.draw(v)\n"
        "print(*(m for m in sys.modules if m.startswith('autograd.step') or m in ('cmd', 'inspect', 'runpy')))"
    )
    code = code.replace("from autograd import *; ", "")
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=".")
    assert "autograd.step" not in found.stdout
    assert autograd.Stepper is Stepper
    assert "Stepper" in autograd.__all__
    with pytest.raises(AttributeError, match="no attribute 'Steppper'"):
        autograd.Steppper
