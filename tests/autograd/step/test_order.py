"""Why a topological order: another one is tried, and what goes wrong is said."""

from __future__ import annotations

import random

import pytest

from autograd import Stepper, Value


@pytest.fixture
def diamond():
    """d = b + c with c = b², b = 2a: b has two consumers."""
    a = Value(3.0, label="a")
    b = a * 2
    c = b * b
    d = b + c
    b.label, c.label, d.label = "b", "c", "d"
    return Stepper(d, names=False)


def test_the_order_is_that_of_the_sweep(diamond):
    assert [node.label for node in diamond.order] == ["d", "c", "b"]
    assert diamond.verdict.startswith("Every gradient is right")


def test_a_wrong_order_word_for_word(diamond):
    tried = diamond.try_order(["d", "b", "c"])
    assert tried.verdict == (
        "1 of 4 gradients are wrong.\n"
        "  b had passed its gradient on before all of it was there: what c sent came too late\n"
        "  ∂d/∂a = 2.0, and should be 26.0"
    )
    texts = [(event.text, event.late) for event in tried if event.phase == "backward"]
    assert texts == [
        ("∂d/∂b += 1.0 × 1 = 1.0", False),
        ("∂d/∂c += 1.0 × 1 = 1.0", False),
        ("∂d/∂a += 1.0 × 2.0 = 2.0", False),
        ("∂d/∂b += 1.0 × 6.0 = 6.0", True),
        ("∂d/∂b += 1.0 × 6.0 = 6.0", True),
    ]
    tried.goto(-1)
    assert (tried.grad("a"), tried.grad("b")) == (2.0, 13.0)
    diamond.goto(-1)
    assert diamond.grad("a") == 26.0


def test_nodes_that_come_too_early_or_never(diamond):
    tried = diamond.try_order("cdb")
    assert "c had passed its gradient on before all of it was there: what d sent came too late" in tried.verdict
    (early, _) = [event for event in tried if event.by is not None and event.consumer.label == "c"]
    assert early.text == "∂d/∂b += ·  nothing has arrived at c"
    assert (early.upstream, early.contribution, early.after) == (None, None, None)
    left_out = diamond.try_order(["d", "b"])
    assert left_out.verdict.splitlines() == [
        "2 of 4 gradients are wrong.",
        "  c was left out, and passed nothing on",
        "  ∂d/∂a = 2.0, and should be 26.0",
        "  ∂d/∂b = 1.0, and should be 13.0",
    ]


def test_trying_again_compares_with_the_right_order(diamond):
    tried = diamond.try_order("dbc").try_order("bdc")
    assert "should be 26.0" in tried.verdict
    assert diamond.try_order("dbc").try_order("dcb").verdict.startswith("Every gradient is right")


def test_orders_that_are_right_and_orders_that_are_not(grow):
    """An order is right exactly when every result comes after all of its consumers; else some node is late."""
    late = 0
    for seed in range(40):
        _, root = grow("values", seed, 8)
        stepper, rng = Stepper(root, names=False), random.Random(seed)
        order = stepper.order
        rng.shuffle(order)
        turn = {node: i for i, node in enumerate(order)}
        topological = all(turn[node] < turn[parent] for node in order for parent in node.parents if parent.parents)
        tried = stepper.try_order(order)
        assert any(event.late for event in tried) != topological
        assert topological == tried.verdict.startswith("Every gradient is right:")
        late += not topological
    assert late > 20
