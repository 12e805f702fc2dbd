"""What is said in each step: symbols, numbers, result, in text and in LaTeX, and it is true."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

import autograd
from autograd import REGISTRY, Stepper, Tensor, Value
from autograd.step.formula import partials, trees
from autograd.step.still import stills
from autograd.view.trace import reading_order


def texts(y, **kwargs):
    return [event.text for event in Stepper(y, names=False, **kwargs)]


def test_a_neuron_word_for_word(neuron):
    stepper = Stepper(neuron["o"], names=False)
    assert [event.text for event in stepper] == [
        "x1 = 2.0, a leaf",
        "w1 = −3.0, a leaf",
        "x1w1 = x1 × w1 = 2.0 × (−3.0) = −6.0",
        "x2 = 0.0, a leaf",
        "w2 = 1.0, a leaf",
        "x2w2 = x2 × w2 = 0.0 × 1.0 = 0.0",
        "both = x1w1 + x2w2 = −6.0 + 0.0 = −6.0",
        "b = 6.881, a leaf",
        "n = both + b = −6.0 + 6.881 = 0.8814",
        "o = tanh(n) = tanh(0.8814) = 0.7071",
        "∂o/∂o = 1.0",
        "∂o/∂n += 1.0 × (1 − 0.7071²) = 0.5",
        "∂o/∂both += 0.5 × 1 = 0.5",
        "∂o/∂b += 0.5 × 1 = 0.5",
        "∂o/∂x1w1 += 0.5 × 1 = 0.5",
        "∂o/∂x2w2 += 0.5 × 1 = 0.5",
        "∂o/∂x1 += 0.5 × (−3.0) = −1.5",
        "∂o/∂w1 += 0.5 × 2.0 = 1.0",
        "∂o/∂x2 += 0.5 × 1.0 = 0.5",
        "∂o/∂w2 += 0.5 × 0.0 = 0.0",
    ]
    event = stepper.who("n")[0]
    assert event.latex == r"\frac{\partial o}{\partial n} \mathrel{+}= 1.0 \times (1 - {0.7071}^{2}) = 0.5"
    assert stepper[2].latex == r"\mathrm{x1w1} = x_{1} \times w_{1} = 2.0 \times (-3.0) = -6.0"
    assert str(event) == "  11  ∂o/∂n += 1.0 × (1 − 0.7071²) = 0.5"
    assert repr(event).startswith("Event(number=11, phase='backward'")


def test_the_running_sum_over_consumers():
    a = Value(2.0, label="a")
    y = a * 3.0 - a.exp() + a * a
    sums = [(event.sum, str(event).partition("\n")[2].strip()) for event in Stepper(y, names=False).who("a")]
    assert sums == [
        ("∂L/∂a = 3.0 (1 of 4 uses)", ""),
        ("∂L/∂a = 3.0 + (−7.389) = −4.389 (2 of 4 uses)",) * 2,
        ("∂L/∂a = −4.389 + 2.0 = −2.389 (3 of 4 uses)",) * 2,
        ("∂L/∂a = −2.389 + 2.0 = −0.3891 (4 of 4 uses)",) * 2,
    ]
    b = Value(2.0, label="b")
    assert Stepper(b * 3.0 + b.exp(), names=False).who("b")[1].sum == "∂L/∂b = 3.0 + 7.389 = 10.39 (2 of 2 consumers)"
    assert Stepper(b.exp(), names=False).who("b")[0].sum == "∂L/∂b = 7.389"


def test_fused_operations_and_many_operands():
    w = [Value(x, label=f"w{i}") for i, x in enumerate((0.5, -1.0))]
    y = autograd.dot(w, [2.0, Value(3.0, label="x")], bias=Value(0.25, label="b"))
    assert texts(y)[5:] == [
        "L = w0 × 2.0 + w1 × x + b = 0.5 × 2.0 + (−1.0 × 3.0) + 0.25 = −1.75",
        "∂L/∂L = 1.0",
        "∂L/∂w0 += 1.0 × 2.0 = 2.0",
        "∂L/∂w1 += 1.0 × 3.0 = 3.0",
        "∂L/∂x += 1.0 × (−1.0) = −1.0",
        "∂L/∂b += 1.0 × 1 = 1.0",
    ]
    assert "L = + of 12 operands = 12.0" in texts(autograd.sum([Value(1.0) for _ in range(12)]))


def test_arrays_in_sentences():
    X = np.arange(6.0).reshape(2, 3) / 10
    W, b = Tensor(np.ones((3, 2)), label="W"), Tensor([0.5, -0.5], label="b")
    h = (X @ W + b).tanh()
    loss = (h * h).mean()
    h.label, loss.label = "h", "loss"
    stepper = Stepper(loss)
    assert [event.text.rpartition(" = ")[0] for event in stepper if event.phase == "backward"] == [
        "∂loss/∂v4 += broadcast_to(∂loss/∂loss / 4, shape=(2, 2))",
        "∂loss/∂h += ∂loss/∂v4 × h",
        "∂loss/∂h += ∂loss/∂v4 × h",
        "∂loss/∂v3 += ∂loss/∂h × (1 − h²)",
        "∂loss/∂v1 += ∂loss/∂v3",
        "∂loss/∂v2 += ∂loss/∂v3",
        "∂loss/∂W += Xᵀ @ ∂loss/∂v1",
        "∂loss/∂b += sum_to(∂loss/∂v2, shape=(2,))",
    ]
    assert stepper.who("v4")[0].text.endswith(" = [[0.25, 0.25], [0.25, 0.25]]")
    back = h.data / 2 * (1 - h.data**2)
    np.testing.assert_allclose(stepper.who("W")[0].contribution, X.T @ back, rtol=1e-12)
    np.testing.assert_allclose(stepper.who("b")[0].contribution, back.sum(0), rtol=1e-12)
    second = stepper.who("h")[1]
    assert re.fullmatch(r"∂loss/∂h = what had arrived \+ this = \[\[0.332, .*\]\] \(2 of 2 uses\)", second.sum)
    left, right = r"\frac{\partial \mathrm{loss}}{\partial W}", r"\frac{\partial \mathrm{loss}}{\partial v_{1}}"
    assert stepper.who(W)[0].latex.startswith(rf"{left} \mathrel{{+}}= X^{{\top}}  {right} = ")
    np.testing.assert_array_equal(stepper.who("v3")[0].local, 1.0 - h.data**2)
    assert stepper.who(W)[0].local is None


def test_the_words_for_larger_arrays():
    t = Tensor(np.linspace(-1.0, 3.0, 12).reshape(3, 4), label="t")
    assert texts(t.sum())[0] == "t = −1.0 … 3.0, mean 1.0, shape (3, 4), a leaf"
    noise = Tensor(np.array([1.0, -1.0] * 5), label="noise")
    assert texts(noise.sum())[0] == "noise = −1.0 … 1.0, mean ≈ 0, shape (10,), a leaf"
    bare = np.arange(8.0)
    y = (t[0, 0] * bare).sum()
    assert "bare = 0.0 … 7.0, mean 3.5, shape (8,), a constant" in [event.text for event in Stepper(y)]
    assert "0.0 … 7.0, mean 3.5, shape (8,), a constant" in texts(y)


SENT = [
    (lambda t: autograd.softmax(t), "L × (∂L/∂L − sum(∂L/∂L × L, axis=−1))"),
    (lambda t: t[0, 1:], "index_add(0, ∂L/∂L, index=[0, 1:])"),
    (lambda t: autograd.concatenate([t, t], 1), "(∂L/∂L)[:, 0:3]"),
    (lambda t: autograd.einsum("ij,j->i", t, np.ones(3)), "einsum(∂L/∂L, array, terms=(i, j), output=ij)"),
    (
        lambda t: autograd.softmax_cross_entropy(t, [0, 2]),
        "(softmax(t, axis=−1) − one_hot) × reshape(∂L/∂L, shape=(2, 1))",
    ),
    (lambda t: t.reshape(3, 2), "reshape(∂L/∂L, shape=(2, 3))"),
    (lambda t: t.T, "(∂L/∂L)ᵀ"),
    (lambda t: autograd.logsumexp(t), "∂L/∂L × exp(t − L)"),
    (lambda t: -t, "−∂L/∂L"),
    (lambda t: t - 1.0, "∂L/∂L"),
]


@pytest.mark.parametrize(("function", "sent"), SENT, ids=[sent for _, sent in SENT])
def test_rules_of_arrays_are_read_from_the_rules_themselves(function, sent):
    t = Tensor(np.arange(6.0).reshape(2, 3), label="t")
    y = function(t)
    event = Stepper(y, seed=np.ones(y.shape), names=False).who(t)[0]
    assert event.text.startswith(f"∂L/∂t += {sent} = ")
    assert event.latex.count("{") == event.latex.count("}")


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_every_operation_can_be_told(name):
    primitive = REGISTRY[name]
    for case in primitive.cases():
        drawn, params = case.draw(np.random.default_rng(0))
        operands = [x if np.asarray(x).dtype == bool else Tensor(x) for x in drawn]
        y = primitive(*operands, **params)
        if not isinstance(y, autograd.Node) or not y.requires_grad:
            continue
        for event in Stepper(y, seed=1.0, names=False):
            assert event.text.count("(") == event.text.count(")")
            assert event.latex.count("{") == event.latex.count("}")
            assert "Symbol" not in event.text
            assert "object at" not in event.text


RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def evaluated(text):
    """The number that a text says, with our signs read as Python's."""
    names = {name: getattr(autograd, name) for name in autograd.__all__} | {"nan": math.nan, "inf": math.inf}
    text = re.sub(r"√([\d.]+)", r"sqrt(\1)", text).replace("√", "sqrt")
    text = re.sub(r"\|(.*?)\|", r"absolute(\1)", text)
    text = text.replace("[", "(").replace("]", ")").replace(" = ", " == ")
    text = re.sub(r"[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda found: f"**{found[0].translate(RAISED)}", text)
    for ours, python in zip("×−≥≤≠^", ("*", "-", ">=", "<=", "!=", "**"), strict=True):
        text = text.replace(ours, python)
    return float(eval(text, names))


@pytest.mark.parametrize("name", sorted(name for name, p in REGISTRY.items() if p.on_number and p.partials))
def test_the_numbers_plugged_in_give_the_result(name):
    primitive = REGISTRY[name]
    checked = 0
    for case in primitive.cases():
        drawn, params = case.draw(np.random.default_rng(1))
        operands = [Value(float(np.ravel(x)[0])) for x in drawn]
        y = primitive(*operands, **params)
        if not isinstance(y, Value) or not y.requires_grad:
            continue
        for event in Stepper(y, names=False):
            if event.phase == "backward" and event.contribution is not None:
                _, _, right = event.text.partition(" += ")
                middle, _, result = right.rpartition(" = ")
                assert evaluated(result) == pytest.approx(event.contribution, rel=1e-3, abs=1e-12)
                assert evaluated(middle) == pytest.approx(event.contribution, rel=2e-2, abs=2e-3)
                assert event.contribution == pytest.approx(event.upstream * event.local, rel=1e-12)
                checked += 1
    assert checked or not primitive.smooth


def test_formulas_as_trees():
    x, n = Value(0.5), Value(2.0)
    order = reading_order([autograd.dot([x, n], [x, 2.0], bias=n) + x**3])
    found = [trees(still) for still in stills(order).values() if still.parents]
    assert found == [
        {
            "value": ["add", ["add", ["multiply", "a0", "a2"], ["multiply", "a1", "a3"]], "a4"],
            "partials": ["a2", "a3", "a0", "a1", 1.0],
        },
        {"value": ["power_of", "a0", 3], "partials": [["multiply", 3, ["power_of", "a0", 2]]]},
        {"value": ["add", "a0", "a1"], "partials": [1, 1]},
    ]
    total = stills(reading_order([y := autograd.sum([x, n, x])]))[y]
    assert trees(total) == {"value": ["add", ["add", "a0", "a1"], "a2"], "partials": [1.0, 1.0, 1.0]}
    assert partials(REGISTRY["matmul"], 2, {}) is None
