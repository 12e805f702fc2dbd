"""Paths sum to gradients; the largest are the largest; and what is printed."""

from __future__ import annotations

import math
import random
import time

import numpy as np
import pytest

import autograd
from autograd import GradientError, OperandError, Tensor, Value, explain
from autograd.paths.output import output_of


def brute(y, x, g=1.0):
    """All paths from y to x, one after the other, with what each contributes."""
    if y is x:
        return [g]
    found = []
    for slot, parent in enumerate(y.parents):
        if parent.primitive is not None:
            wanted = [k == slot for k in range(len(y.parents))]
            sent = autograd.sweep.contributions(y, g, wanted)[slot]
            if sent is not None:
                found += brute(parent, x, sent.dense() if hasattr(sent, "dense") else sent)
    return found


def random_graph(seed, steps, tensors=False):
    rng = random.Random(seed)
    make = (lambda: Tensor(np.random.default_rng(rng.randrange(10**6)).normal(size=3))) if tensors else None
    nodes = [make() if tensors else Value(rng.uniform(-1.5, 1.5)) for _ in range(3)]
    leaves = list(nodes)
    operations = [lambda a, b: a + b, lambda a, b: a * b, lambda a, b: autograd.tanh(a), lambda a, b: a - 2.0 * b]
    for _ in range(steps):
        nodes.append(rng.choice(operations)(rng.choice(nodes[-6:]), rng.choice(nodes[-6:])))
    y = autograd.sum(nodes[-3:]) if not tensors else sum(node.sum() for node in nodes[-3:])
    return leaves, y


@pytest.mark.parametrize("tensors", [False, True])
@pytest.mark.parametrize("seed", range(12))
def test_paths_sum_to_the_gradient_and_are_the_largest(seed, tensors):
    leaves, y = random_graph(seed, 9, tensors)
    y.backward(**({"retain_graph": True} if tensors else {}))
    for x in leaves:
        every = brute(y, x, np.ones(()) if tensors else 1.0)
        found = explain(x, y, top=7)
        assert found.count == len(every)
        sizes = sorted((float(np.linalg.norm(g)) for g in every), reverse=True)
        np.testing.assert_allclose([np.linalg.norm(p.contribution) for p in found.paths], sizes[:7], rtol=1e-12)
        grad = 0.0 if x.grad is None else x.grad
        np.testing.assert_allclose(found.total, grad, rtol=1e-12, atol=1e-12)
        shown = sum((p.contribution for p in found.paths), found.total * 0.0)
        np.testing.assert_allclose(shown + found.rest, grad, rtol=1e-12, atol=1e-12)
        assert found.exact
        for path in found.paths:
            assert path.nodes[0] is y
            assert path.nodes[-1] is x
            if not tensors:
                assert math.prod(path.locals) == pytest.approx(path.contribution, rel=1e-12)


def test_an_operand_used_twice_makes_two_paths():
    a = Value(3.0)
    y = a * a
    found = explain(a, y)
    assert found.count == 2
    assert [path.contribution for path in found.paths] == [3.0, 3.0]
    assert [path.steps[0].slot for path in found.paths] in ([0, 1], [1, 0])
    b = a + a
    assert explain(a, b).total == 2.0


def test_there_may_be_more_paths_than_can_be_counted_one_by_one():
    x = y = Value(0.999)
    for _ in range(200):
        y = y * 0.5 + y * 0.25
    y.backward()
    found = explain(x)
    assert found.count == 2**200
    assert found.paths[0].contribution == pytest.approx(0.5**200)
    assert found.total == pytest.approx(0.75**200)
    assert "paths" in str(found)


def test_a_hundred_thousand_nodes_in_seconds():
    x, w = Value(0.5), Value(0.9999)
    y = x
    for _ in range(33_333):
        y = (y * w + x * 1e-3).tanh()
    y.backward()
    start = time.perf_counter()
    found = explain(w, y)
    assert found.total == pytest.approx(w.grad, rel=1e-12)
    assert found.count == 33_333
    assert time.perf_counter() - start < 30


def test_arrays_with_very_many_paths_say_that_they_are_not_sure():
    x = Tensor(np.array([0.1, 0.2]))
    y = x
    for _ in range(12):
        y = y * 0.5 + autograd.sin(y)
    found = explain(x, y.sum())
    assert found.count == 2**12
    assert not found.exact
    assert "may have been missed" in str(found)
    np.testing.assert_allclose(sum(p.contribution for p in found.paths) + found.rest, found.total, rtol=1e-12)


def test_what_is_printed():
    w, x = Value(2.0, label="w"), Value(-3.0, label="x")
    loss = (w * x).tanh() + w
    loss.label = "loss"
    lines = str(explain(w, loss)).split("\n")
    assert lines[0] == "∂loss/∂w = 0.9999, the sum of 2 paths:"
    assert lines[1].strip() == "1.0  ∂loss/∂w (1.0)"
    assert "∂v1/∂w (-3.0)" in lines[2] or "(-3.0)" in lines[2]
    assert str(explain(x, loss, top=0)).endswith("the other one together")
    v = Tensor([1.0, 2.0], label="v")
    assert "(sum_all)" in str(explain(v, (v * v).sum())) or "(sum)" in str(explain(v, (v * v).sum()))
    assert explain(w, loss)._repr_html_().startswith("<pre>")


def test_a_gradient_that_others_have_added_to_is_told():
    a = Value(1.0, label="a")
    first, second = a * 2.0, a * 3.0
    first.backward()
    second.backward()
    assert "a.grad is 5.0: other results" in str(explain(a, second))


def test_without_a_result_it_is_found():
    a = Value(2.0)
    y = (a * 3.0).tanh()
    y.backward()
    assert explain(a).y is y
    z = a * 4.0
    assert explain(a).y is y  # nothing has been swept from z
    z.backward()
    with pytest.raises(GradientError, match="went into 2 results"):
        explain(a)


def test_bad_arguments_are_told():
    a = Value(2.0)
    for call, kind, words in (
        (lambda: explain(2.0), OperandError, "takes a Value or Tensor"),
        (lambda: explain(a, 3.0), OperandError, "takes a Value or Tensor"),
        (lambda: explain(Value(1.0, requires_grad=False)), GradientError, "does not require grad"),
        (lambda: explain(a), GradientError, "is there any more"),
        (lambda: explain(a, a * 2.0, top=-1), OperandError, "how many paths"),
        (lambda: explain(Tensor([1.0]), Tensor([1.0, 2.0]) * 2.0), GradientError, "single number"),
    ):
        with pytest.raises(kind, match=words):
            call()
    assert str(explain(a, Value(1.0) * 2.0)).endswith("to a.")


def test_strangers_are_not_asked_what_they_are():
    """Other libraries have objects that warn, or do worse, when they are looked at."""

    class Stranger:
        @property
        def __class__(self):
            raise RuntimeError("leave me alone")

    x = Value(2.0)
    y = x * 3.0
    y.backward()
    strangers = [Stranger()]
    assert output_of(x) is y
    assert len(strangers) == 1
