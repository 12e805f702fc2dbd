"""Large graphs are folded: few boxes, nothing lost, no circle, and soon."""

import random
import time

import pytest

from autograd import Tensor, Value, dot, tanh
from autograd.view.draw import draw
from autograd.view.fold import fold
from autograd.view.repeat import Span, repeats
from autograd.view.svg import paint
from autograd.view.trace import reading_order


def chain(steps):
    y = Value(0.5)
    for _ in range(steps):
        y = tanh(y * Value(0.9) + Value(0.1))
    return y


def recurrent(steps):
    w, u, b = Value(0.5), Value(0.3), Value(0.1)
    h = Value(0.0)
    for t in range(steps):
        h = tanh(w * h + u * float(t % 3) + b)
    return h


def scattered(nodes):
    rng = random.Random(0)
    xs = [Value(rng.random()) for _ in range(30)]
    while len(xs) < nodes:
        a, b = rng.choice(xs[-40:]), rng.choice(xs[-40:])
        xs.append(rng.choice([a + b, a * b, a - b, tanh(a)]))
    return sum(xs[-40:], 0.0)


def network(sizes):
    rng = random.Random(0)
    x = [Value(rng.random(), requires_grad=False) for _ in range(sizes[0])]
    for n in sizes[1:]:
        layer = []
        for _ in range(n):
            s = Value(0.0)
            for xi in x:
                s = s + Value(rng.random() - 0.5) * xi
            layer.append(tanh(s))
        x = layer
    return x[0]


GRAPHS = {
    "chain": lambda: chain(200),
    "recurrent": lambda: recurrent(100),
    "scattered": lambda: scattered(1000),
    "network": lambda: network([3, 16, 16, 1]),
    "wide": lambda: dot([Value(i / 9) for i in range(400)], [float(i) for i in range(400)]),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_every_node_is_in_one_piece_and_pieces_are_in_order(name):
    y = GRAPHS[name]()
    order = reading_order([y])
    pieces = fold(order, [y])
    assert len(pieces) <= 60
    assert sorted(i for piece in pieces for i in piece.members) == list(range(len(order)))
    owner = {order[i]: number for number, piece in enumerate(pieces) for i in piece.members}
    for node in order:
        assert all(owner[parent] <= owner[node] for parent in node.parents)
    sketch = draw(y).sketch
    assert all(edge.tail < edge.head for edge in sketch.edges)
    assert sketch.boxes[-1].root
    assert len(paint(sketch, "LR")) < 200_000


def test_small_graphs_are_not_folded():
    y = chain(59)
    assert len(draw(y, limit=60 * 5).sketch.boxes) == 1 + 59 * 5
    assert len(draw(y, limit=60).sketch.boxes) < 60
    assert len(draw(chain(100), limit=None).sketch.boxes) == 501


def test_a_pattern_stands_between_its_first_and_last_repetition():
    found = draw(chain(1000), names=False).sketch.boxes
    assert [box.operation or box.kind for box in found] == [
        *("leaf", "leaf", "*", "leaf", "+", "tanh", "fold"),
        *("leaf", "*", "leaf", "+", "tanh"),
    ]
    assert (found[6].count, found[6].note) == (998, "* → + → tanh\n4,990 nodes")


def test_weights_of_different_layers_are_told_apart():
    y = network([3, 16, 16, 1])
    found = draw(y, names=False).sketch.boxes
    assert [box.count for box in found if box.kind == "leaf"] == [48, 16, 256, 16, 16, 1]
    y.backward()
    leaf = draw(y).sketch.boxes[0]
    assert leaf.table[0] == ["", "min", "mean", "max"]
    assert "·" not in leaf.table[2]


def test_named_nodes_that_are_alike_give_the_first_and_the_last_name():
    w, x = [Value(float(i)) for i in range(400)], [float(i) for i in range(400)]
    y = dot(w, x)
    assert str(draw(y)).splitlines()[0].startswith("w[0] … w[399]  leaf  × 400  min mean max  data 0.0 199.5 399.0")


def test_tensors_are_alike_only_with_equal_shapes():
    x = Tensor([1.0])
    y = x
    for i in range(200):
        y = y + Tensor([1.0] * (1 + i % 2)).sum()
    assert {box.note for box in draw(y, names=False).sketch.boxes if box.kind == "leaf"} == {
        "(1,) float64",
        "(2,) float64",
    }


def test_patterns_of_patterns():
    inner = [1, 2] * 4 + [3]
    sorts = [0, *inner * 5]
    operands = [[], *([i] for i in range(len(sorts) - 1))]
    assert repeats(sorts, operands, budget=2) == [Span(0, 1), Span(1, 46, 5)]
    opened = repeats(sorts, operands, budget=10)
    assert [(span.low, span.high, span.count) for span in opened] == [
        *((0, 1, 1), (1, 9, 4), (9, 10, 1)),
        (10, 37, 3),
        *((37, 45, 4), (45, 46, 1)),
    ]


def test_the_first_step_of_a_recurrence_begins_with_something_else():
    # a leaf h, a weight w, then steps s = f(s before, w): the first has h instead
    sorts, operands = [0, 1, *[2] * 6], [[], [], [0, 1], [2, 1], [3, 1], [4, 1], [5, 1], [6, 1]]
    assert repeats(sorts, operands, budget=3) == [Span(0, 1), Span(1, 2), Span(2, 8, 6)]
    # but not where the first one has another weight
    sorts, operands = [0, 1, 1, *[2] * 6], [[], [], [], [0, 2], [3, 1], [4, 1], [5, 1], [6, 1], [7, 1]]
    assert repeats(sorts, operands, budget=4)[2:] == [Span(2, 3), Span(3, 4), Span(4, 9, 5)]


def test_whole_items_stay_closed():
    chain = [[], *([i] for i in range(6))]
    assert repeats([0, 1, 1, 1, 1, 1, 1], chain, budget=9, whole={3}) == [Span(0, 1), Span(1, 7, 6)]
    assert len(repeats([0, 1, 1, 1, 1, 1, 1], chain, budget=9)) == 4


def test_equal_operations_that_are_linked_differently_are_no_pattern():
    assert len(repeats([1] * 8, [[], [0], [1], [0], [3], [0], [5], [0]], budget=0)) == 8


@pytest.mark.parametrize("make", [lambda: chain(25_000), lambda: recurrent(20_000), lambda: scattered(100_000)])
def test_a_hundred_thousand_nodes_take_seconds(make):
    y = make()
    began = time.perf_counter()
    picture = draw(y)
    svg = picture.svg()
    assert time.perf_counter() - began < 30  # about 1 s on an idle machine
    assert len(picture.sketch.boxes) <= 60
    assert "nodes" in svg


@pytest.mark.slow
def test_a_million_nodes_do_not_hang():
    y = chain(250_000)
    began = time.perf_counter()
    assert len(draw(y).sketch.boxes) == 12
    assert time.perf_counter() - began < 120
