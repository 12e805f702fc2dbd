"""What stands in a picture."""

import numpy as np
import pytest

import autograd
from autograd import REGISTRY, Tensor, Value, elementwise, tanh
from autograd.domain import REAL
from autograd.errors import AutogradError, OperandError
from autograd.view.draw import draw


def neuron():
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    return tanh(x1 * w1 + x2 * w2 + 6.8813735870195432)


def boxes(picture):
    return {box.name: box for box in picture.sketch.boxes}


def rows(box):
    return {head: numbers for head, *numbers in box.table}


def test_every_use_of_a_node_is_an_edge():
    a = Value(3.0)
    found = draw(a * a).sketch
    assert [(edge.tail, edge.head, edge.slot) for edge in found.edges] == [(0, 1, 0), (0, 1, 1)]
    assert draw(a * a).source.count("n0 -> n1") == 2


def test_edges_come_in_the_order_of_the_operands():
    a, b = Value(3.0), Value(2.0)
    picture = draw(a / b + b)
    assert [box.name for box in picture.sketch.boxes] == ["a", "b", "", ""]
    assert [(edge.tail, edge.head, edge.place) for edge in picture.sketch.edges] == [
        (0, 2, "1st"),
        (1, 2, "2nd"),
        (2, 3, ""),
        (1, 3, ""),
    ]


def test_not_computed_is_a_dot_and_never_a_zero():
    a, b = Value(3.0), Value(0.0)
    c = a * b
    assert rows(boxes(draw(c))["a"]) == {"data": ["3.0"], "grad": ["·"]}
    c.backward()
    found = boxes(draw(c))
    assert (rows(found["a"])["grad"], rows(found["b"])["grad"]) == (["0.0"], ["3.0"])
    assert rows(found["c"])["grad"] == ["1.0"]
    a.grad = 0.0
    assert rows(boxes(draw(c))["a"])["grad"] == ["0.0"]
    t = Tensor([1.0, 2.0])
    assert rows(boxes(draw(t * t))["t"])["grad"] == ["·"]


def test_a_picture_keeps_the_numbers_of_its_moment():
    a = Value(3.0)
    b = a * a
    before = draw(b)
    b.backward()
    assert "grad ·" in str(before)
    assert "grad 6.0" in str(draw(b))


def test_gradients_that_are_nodes_are_shown_as_numbers():
    a = Value(3.0)
    b = a * a
    b.backward(create_graph=True)
    assert rows(boxes(draw(b))["a"])["grad"] == ["6.0"]


def test_constants_have_no_gradient_and_look_different():
    a, held = Value(3.0), Value(4.0, requires_grad=False)
    y = a * 2.0 + held
    y.backward()
    picture = draw(y)
    kinds = [box.kind for box in picture.sketch.boxes]
    assert kinds == ["leaf", "constant", "result", "constant", "result"]
    assert rows(boxes(picture)["held"]) == {"data": ["4.0"]}
    lines = [line for line in picture.source.splitlines() if "label=" in line]
    assert ["dashed" in line for line in lines] == [kind == "constant" for kind in kinds]
    assert ["rounded" in line for line in lines] == [kind != "leaf" for kind in kinds]
    assert ["peripheries=2" in line for line in lines] == [False, False, False, False, True]
    assert [edge.constant for edge in picture.sketch.edges] == [False, True, False, True]
    assert draw(held).sketch.boxes[0].root


def test_operations_and_their_settings():
    x = Tensor(np.ones((3, 2)))
    found = [(box.operation, box.settings) for box in draw((x**2).sum(axis=0)[1:]).sketch.boxes]
    assert found == [("", ""), ("**2", ""), ("sum", "axis=0"), ("getitem", "[1:]")]


def test_small_tensors_are_written_out_and_large_ones_summed_up():
    small, large = Tensor([1.0, -2.0]), Tensor(np.arange(12, dtype=np.float32).reshape(3, 4))
    found = boxes(draw([small, large]))
    assert found["small"].table == [["data", "[1.0, -2.0]"], ["grad", "·"]]
    assert found["small"].note == "(2,) float64"
    assert found["large"].table == [
        ["", "min", "mean", "max"],
        ["data", "0.0", "5.5", "11.0"],
        ["grad", "·", "", ""],
    ]
    assert found["large"].note == "(3, 4) float32"


@pytest.mark.parametrize(
    ("array", "entries"),
    [
        (np.array(2.5), ["2.5"]),
        (np.zeros((0, 3)), ["[]"]),
        (np.array([1, 2]), ["[1, 2]"]),
        (np.array([np.nan, np.inf, -np.inf]), ["[nan, inf, -inf]"]),
        (np.array([1.0] * 9 + [np.inf]), ["1.0", "inf", "inf"]),
        (np.array([1e308] * 9), ["1.0e308", "inf", "1.0e308"]),
    ],
)
def test_unusual_arrays(array, entries):
    x = Tensor(array)
    assert rows(draw(x).sketch.boxes[0])["data"] == entries


def test_values_and_tensors_mixed():
    v, t = Value(2.0), Tensor([1.0, 2.0])
    y = (t * v).sum() + v
    y.backward()
    picture = draw([y, v * 3.0])
    assert [box.root for box in picture.sketch.boxes].count(True) == 2
    assert rows(boxes(picture)["v"])["grad"] == ["4.0"]
    assert rows(boxes(picture)["t"])["grad"] == ["[2.0, 2.0]"]


def test_labels_before_variables_before_nothing():
    a, b = Value(2.0, label="alpha"), Value(3.0)
    _hidden = Value(4.0)
    rest = [Value(5.0), Value(6.0)]
    y = a * b + _hidden * rest[1]
    assert [box.name for box in draw(y).sketch.boxes] == ["alpha", "b", "", "", "rest[1]", "", "y"]
    assert [box.name for box in draw(y, names=False).sketch.boxes] == ["alpha", "", "", "", "", "", ""]
    assert [box.name for box in draw(y, names={"beta": b}).sketch.boxes] == ["alpha", "beta", "", "", "", "", ""]
    assert b.label == ""


TOP = Value(1.0)


def test_global_variables_come_after_local_ones():
    here = TOP
    assert [box.name for box in draw(here * 2.0).sketch.boxes] == ["here", "", ""]
    del here
    assert draw(TOP).sketch.boxes[0].name == "TOP"


def test_hostile_labels_are_only_text():
    a = Value(1.0, label='<b>&"\\N]|\n\x00' + "x" * 100)
    picture = draw(a * a, rules=True)
    assert len(picture.sketch.boxes[0].name) <= 48
    assert "<b>" not in picture.source
    assert "&lt;b&gt;" in picture.svg()


def test_the_same_graph_gives_the_same_text():
    first, other = draw(neuron(), names=False), draw(neuron(), names=False)
    assert first.source == other.source
    assert first.svg() == other.svg()
    assert "n0" in first.source


def test_rules_in_symbols_and_with_numbers():
    y = neuron()
    found = {edge.rule for edge in draw(y, rules=True).sketch.edges}
    assert "∂v1/∂x1 = w1\n= -3.0" in found
    assert "∂y/∂v4 = 1 - y * y\n= 1 - 0.7071 * 0.7071\n= 0.5" in found
    assert {edge.rule for edge in draw(y).sketch.edges} == {""}
    assert "∂v1/∂x1" in draw(y, rules=True).source


def test_rules_of_negative_numbers_powers_constants_and_arrays():
    a, t, u = Value(-3.0), Tensor([1.0, 2.0]), Tensor([[1.0, 2.0], [3.0, 4.0]])
    b = a**3
    assert draw(b, rules=True).sketch.edges[0].rule == "∂b/∂a = 3 * a ** 2\n= 3 * (-3.0) ** 2\n= 27.0"
    c = 2.0 - a
    assert [edge.rule for edge in draw(c, rules=True).sketch.edges] == ["", "∂c/∂a = -1"]
    d = t / [4.0, 4.0]
    assert draw(d, rules=True).sketch.edges[0].rule == "∂d/∂t = 1 / array"
    e = u @ t
    assert [edge.rule for edge in draw(e, rules=True).sketch.edges] == ["", ""]
    f = autograd.dot([a], [Value(5.0)])
    assert draw(f, rules=True).sketch.edges[0].rule == "∂f/∂a = 5.0"
    g = autograd.log(Value(0.0))
    assert draw(g, rules=True).sketch.edges[0].rule.endswith("= inf")


def test_rules_that_branch_fall_back_on_the_number():
    bent = elementwise("bent", abs, np.abs, lambda y, x: -1.0 if x < 0 else 1.0, domain=(REAL,))
    try:
        x = Value(-2.0)
        y = bent(x)
        assert draw(y, rules=True).sketch.edges[0].rule == "∂y/∂x = -1.0"
    finally:
        del REGISTRY["bent"]


def test_a_graph_that_was_let_go():
    x = Tensor([1.0, 2.0])
    y = (x * x).sum()
    y.backward(retain_graph=False)
    assert "let go by backward()" in str(draw(y))


def test_what_cannot_be_drawn():
    with pytest.raises(OperandError, match=r"got int 3(?s:.*)test_draw"):
        draw(3)
    with pytest.raises(OperandError, match="needs a Value, a Tensor or a list"):
        draw([])
    with pytest.raises(OperandError, match="the list holds str 'a'"):
        draw([Value(1.0), "a"])
    with pytest.raises(OperandError, match="rankdir must be one of LR, RL, TB, BT"):
        draw(Value(1.0), rankdir="up")


def test_saving(tmp_path):
    y = neuron()
    picture = draw(y)
    for name, start in {"y.svg": b"<?xml", "y.png": b"\x89PNG", "y.dot": b"digraph", "y.GV": b"digraph"}.items():
        assert picture.save(str(tmp_path / name)) == str(tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(start)
    assert picture.dot == picture.source == (tmp_path / "y.dot").read_text()
    with pytest.raises(AutogradError, match=r"cannot be saved as '.*y.pdf'(?s:.*)Use .svg, .png"):
        picture.save(tmp_path / "y.pdf")


def test_a_notebook_shows_svg_and_a_terminal_text():
    y = neuron()
    bundle = draw(y)._repr_mimebundle_()
    assert set(bundle) == {"image/svg+xml", "text/plain"}
    assert "y = tanh(#8)  data 0.7071" in bundle["text/plain"]
    assert repr(draw(y)) == "<Picture of 10 nodes>"


def test_the_digraph_can_be_changed():
    picture = draw(neuron())
    graph = picture.digraph
    graph.attr(label="a neuron")
    assert "a neuron" in graph.source
    assert "a neuron" not in picture.source
