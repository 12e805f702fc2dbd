"""What operations remember of the program that they were made in."""

import gc
import sys
import threading
import weakref

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, annotate, detect_anomaly, relu, scope, tanh
from autograd.errors import place
from autograd.source import where

THIS = __file__.rpartition("/")[2]


def line():
    return sys._getframe(1).f_lineno


def test_the_line_the_expression_and_the_variable():
    x = Value(2.0)
    with annotate():
        h = tanh(x * 3.0) + 1.0
        here = line() - 1
    origin = h.origin
    assert (origin.line, origin.name, origin.scope, origin.place) == (here, "h", None, f"{THIS}:{here}")
    assert origin.file == __file__
    assert origin.text == "h = tanh(x * 3.0) + 1.0"
    assert origin.parts == ("h = ", "tanh(x * 3.0) + 1.0", "")
    inner = h.parents[0]
    assert (inner.origin.name, inner.origin.parts) == ("", ("h = ", "tanh(x * 3.0)", " + 1.0"))
    assert inner.parents[0].origin.parts == ("h = tanh(", "x * 3.0", ") + 1.0")
    assert x.origin is None


def test_nothing_is_remembered_outside():
    x, t = Value(2.0), Tensor([1.0, 2.0])
    for y in (x * x, tanh(x), t * t, t.sum(), (t @ t) * 2.0):
        assert y.origin is None
        assert "origin" not in y.__dict__
    assert not autograd.is_annotating()
    with annotate():
        assert autograd.is_annotating()
    with pytest.raises(KeyError), annotate():
        raise KeyError
    assert not autograd.is_annotating()


def test_every_way_of_recording():
    x, t = Value(2.0), Tensor([[1.0, 2.0], [3.0, 4.0]])
    with annotate():
        made = [
            x + x,
            2.0 * x,
            -x,
            x**2,
            x.relu(),
            autograd.dot([x], [x]),
            sum([x, x]),
            t + t,
            t - 1.0,
            np.exp(t),
            t @ t,
            t.sum(),
            t.mean(axis=0),
            t[0],
            t.T,
            Tensor([x, x]),
            t.to_values()[0][0],
            autograd.where(t > 2.0, t, 0.0),
        ]
    last = line() - 1
    for y in made:
        assert last - 20 < y.origin.line < last, y.operation
        assert y.origin.parts[1], y.operation
    spread = t + Tensor([1.0, 1.0])
    assert spread.parents[1].origin is None
    with annotate():
        spread = t + Tensor([1.0, 1.0])
    assert (spread.origin.name, spread.parents[1].origin.name) == ("spread", "")
    assert spread.parents[1].origin.line == spread.origin.line


def test_one_object_for_all_of_a_line():
    x = Value(2.0)
    with annotate():
        ys = [x * float(i) for i in range(5)]
    assert len({id(y.origin) for y in ys}) == 1
    with pytest.raises(AttributeError):
        ys[0].origin.line = 3


def test_variables_of_every_kind():
    class Holder:
        pass

    x, holder = Value(2.0), Holder()
    with annotate():
        a, b = x * 2.0, x * 3.0
        holder.kept = x * 4.0
        c: Value = x * 5.0
        a += x
        if (d := x * 6.0).data > 0:
            e = [x * 7.0]
        f = g = x * 8.0
    names = [y.origin.name for y in (b, holder.kept, c, a, d, e[0], f, g)]
    assert names == ["b", "kept", "c", "a", "d", "", "f", "f"]
    assert a.parents[0].origin.name == "a"


def test_what_is_returned_has_the_name_that_it_gets():
    def affine(x, w):
        wx = w * x
        return wx + 1.0

    def twice(x):
        return affine(affine(x, 2.0), 3.0)

    with annotate():
        y = twice(Value(1.0))
    assert (y.origin.name, y.origin.text) == ("y", "return wx + 1.0")
    assert y.parents[0].origin.name == "wx"
    assert y.parents[0].parents[1].origin.name == ""


def test_an_expression_of_several_nodes_gives_its_name_to_the_last():
    t = Tensor([1.0, 2.0, 4.0])
    with annotate():
        score = autograd.dot(t, t, bias=t)
        total = sum([t, t, t])
    for y, name in ((score, "score"), (total, "total")):
        inside = [node for node in autograd.topological_order([y]) if node.parents]
        assert len(inside) == 3
        assert [node.origin.name for node in inside] == [""] * (len(inside) - 1) + [name]


def test_a_loop_gives_its_name_to_every_round():
    h = k = Value(0.5)
    hs = []
    with annotate():
        for _ in range(3):
            h = tanh(h)
        for _ in range(3):
            k = tanh(k) * 2.0
            hs.append(k)
    assert [node.origin.name for node in autograd.topological_order([h]) if node.parents] == ["h"] * 3
    assert [node.origin.name for node in autograd.topological_order([k]) if node.parents] == ["", "k"] * 3


def test_methods_over_several_lines():
    t = Tensor([[1.0, 2.0]])
    with annotate():
        y = (
            t.reshape(2)
            .sum()
        )  # fmt: skip
    assert (y.origin.name, y.origin.file) == ("y", __file__)
    assert y.parents[0].origin.name == ""


def test_code_without_a_source():
    names = {"x": Value(2.0), "annotate": annotate}
    exec("with annotate():\n    y = x * 3.0", names)
    origin = names["y"].origin
    assert (origin.file, origin.line, origin.name, origin.text, origin.parts) == ("<string>", 2, "", "", ("", "", ""))


def test_a_file_that_does_not_parse(tmp_path):
    path = tmp_path / "changed.py"
    path.write_text("this is no Python\n")
    names = {"x": Value(2.0), "annotate": annotate}
    exec(compile("with annotate(): y = x * 3.0", str(path), "exec"), names)
    assert (names["y"].origin.name, names["y"].origin.place) == ("", "changed.py:1")


def test_cells_of_notebooks():
    shell = pytest.importorskip("IPython.core.interactiveshell").InteractiveShell.instance()
    try:
        shell.run_cell("import autograd\nx = autograd.Value(2.0)", store_history=True)
        shell.run_cell("with autograd.annotate():\n    y = x * x", store_history=True)
        origin = shell.user_ns["y"].origin
        number = shell.execution_count - 1
        assert (origin.place, origin.name, origin.text) == (f"In [{number}], line 2", "y", "y = x * x")
        assert place((origin.file, 2)) == f"\n  at In [{number}], line 2: y = x * x"
        assert where("/some/where/train.py", 12) == "train.py:12"
    finally:
        shell.clear_instance()
    assert where("__marimo__cell_Hbol_.py", 3) == "cell Hbol, line 3"


def test_scopes_are_named_counted_and_nested():
    @scope("energy")
    def energy(x):
        """Half a square."""
        return 0.5 * x * x

    with annotate():
        x = Value(3.0) * 1.0
        with scope("outer"):
            first, second = energy(x), energy(x)
        third = energy(x)
    assert energy.__doc__ == "Half a square."
    found = [y.origin.scope for y in (first, second, third)]
    assert [(s.path, s.kind, s.call) for s in found] == [
        (("outer", "energy"), "", 0),
        (("outer", "energy"), "", 1),
        (("energy",), "", 0),
    ]
    assert found[0].outer is found[1].outer
    assert first.parents[0].origin.scope is found[0]
    assert x.origin.scope is None
    assert first.origin.name == "first"


def test_scopes_do_nothing_outside():
    with scope("a") as entered:
        y = Value(2.0) * 2.0
    assert entered is None
    assert y.origin is None
    block = scope("a")
    with block, annotate():
        y = Value(2.0) * 2.0
    assert y.origin.scope is None
    with annotate(), block, block:
        y = Value(2.0) * 2.0
    assert y.origin.scope.path == ("a", "a")


def test_scopes_end_with_an_exception():
    @scope("bad")
    def bad():
        raise KeyError

    with annotate():
        with pytest.raises(KeyError):
            bad()
        y = Value(1.0) * 2.0
    assert y.origin.scope is None


def test_what_was_given_to_a_scope():
    array, leaf = np.ones(2), Tensor([1.0, 2.0])

    @scope("f")
    def f(x, *, more):
        return x * array + more["leaf"]

    with annotate():
        y = f(leaf * 2.0, more={"leaf": leaf, "array": array})
    assert [type(x).__name__ for x in y.origin.scope.given] == ["Tensor", "ndarray"]
    assert y.origin.scope.given[0] is leaf


def test_annotate_as_a_decorator_and_nested():
    @annotate()
    def f(x):
        with annotate():
            return x * 2.0

    assert f(Value(1.0)).origin.text == "return x * 2.0"
    with annotate(), scope("a"), annotate():
        y = Value(1.0) * 2.0
    assert y.origin.scope.path == ("a",)


def test_threads_have_their_own():
    found = []
    with annotate():
        thread = threading.Thread(target=lambda: found.append((Value(1.0) * 2.0).origin))
        thread.start()
        thread.join()
    assert found == [None]


def test_detect_anomaly_remembers_the_same():
    x = Tensor([1.0, 2.0])
    with detect_anomaly():
        with scope("layer"):
            y = relu(x)
        with annotate():
            z = y * y
    assert (y.origin.name, y.origin.scope.path, z.origin.name) == ("y", ("layer",), "z")
    assert len(y.witness) == 1
    assert len(z.witness) == 2
    with annotate():
        assert (x * x).witness is None
        with detect_anomaly():
            assert (x * x).witness is not None


def test_nothing_stays_alive():
    x = Tensor([2.0])
    with annotate(), scope("a"):
        y = tanh(x * x)
    held = weakref.ref(y.parents[0])
    gc.collect()
    gc.disable()
    try:
        del y
        assert held() is None
    finally:
        gc.enable()
