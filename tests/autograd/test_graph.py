"""The order of a graph: every walk over nodes goes through it."""

from __future__ import annotations

import random

import pytest

from autograd import Tensor, Value, edges, leaves, topological_order
from autograd.graph import descendants


def named(order):
    return [node.label for node in order]


def diamond():
    a, b = Value(2.0, label="a"), Value(3.0, label="b")
    c = a * b
    c.label = "c"
    d = c + a
    d.label = "d"
    e = d * c
    e.label = "e"
    return a, b, c, d, e


def test_parents_come_before_children_and_each_node_once():
    rng = random.Random(0)
    for _ in range(50):
        nodes = [Value(1.0) for _ in range(4)]
        for _ in range(40):
            nodes.append(rng.choice(nodes) * rng.choice(nodes) + rng.choice(nodes))
        order = topological_order([nodes[-1], nodes[-2]])
        place = {node: i for i, node in enumerate(order)}
        assert len(place) == len(order)
        assert all(place[parent] < place[node] for node in order for parent in node.parents)
        assert {nodes[-1], nodes[-2]} <= set(order)


def test_the_order_is_the_same_every_time():
    for _ in range(3):
        assert named(topological_order([diamond()[-1]])) == ["b", "a", "c", "d", "e"]


def test_constants_are_left_out_unless_asked_for():
    x = Value(2.0, label="x")
    y = x * 3 + 1
    assert [n.data for n in topological_order([y])] == [2.0, 6.0, 7.0]
    assert sorted(n.data for n in topological_order([y], constants=True)) == [1.0, 2.0, 3.0, 6.0, 7.0]
    assert topological_order([Value(1.0, requires_grad=False)]) == []


def test_the_walk_stops_where_told():
    *_, c, _, e = diamond()
    assert set(named(topological_order([e], stop=[c]))) == {"a", "c", "d", "e"}
    assert named(topological_order([e], stop=[e])) == ["e"]


def test_descendants():
    _, b, _, d, e = diamond()
    order = topological_order([e])
    assert named(descendants(order, [b])) == ["b", "c", "d", "e"]
    assert named(descendants(order, [d])) == ["d", "e"]
    assert descendants(order, []) == []


def test_leaves_and_edges():
    a, *_, e = diamond()
    assert named(leaves(e)) == ["b", "a"]
    found = [(p.label, k.label, slot) for p, k, slot in edges(topological_order([e]))]
    assert found == [("a", "c", 0), ("b", "c", 1), ("c", "d", 0), ("a", "d", 1), ("d", "e", 0), ("c", "e", 1)]
    square = a * a
    assert [slot for *_, slot in edges([square])] == [0, 1]


def test_nodes_know_what_made_them():
    a, b, c, d, _ = diamond()
    assert [n.operation for n in (a, c, d)] == ["", "*", "+"]
    assert [n.is_leaf for n in (a, c)] == [True, False]
    assert c.parents == (a, b)
    t = Tensor([[1.0, 2.0]])
    made = {
        t.sum(axis=1): "sum",
        t**2: "**2",
        t @ t.T: "@",
        -t: "-",
        t.exp(): "exp",
        t[0]: "getitem",
    }
    for node, sign in made.items():
        assert node.operation == sign
    assert t.sum(axis=1).params["axis"] == 1


def test_params_of_a_node_cannot_be_written_into_by_accident():
    with pytest.raises(TypeError):
        Value(1.0).params["axis"] = 1


def test_depth_does_not_matter():
    x = y = Value(1.0)
    for _ in range(20_000):
        y = y + 1.0
    assert len(topological_order([y])) == 20_001
    assert len(list(edges(topological_order([y], constants=True)))) == 40_000
    assert leaves(y) == [x]
