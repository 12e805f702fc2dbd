"""The graph as an object: searching, measuring, comparing, and JSON that is not trusted."""

from __future__ import annotations

import json

import numpy as np
import pytest

import autograd
import nn
from autograd import Graph, OperandError, Tensor, Value


def small():
    x, w = Value(2.0, label="x"), Value(-3.0, label="w")
    y = autograd.exp(x * w) + w
    y.backward()
    return Graph(y, names={"y": y})


def network():
    nn.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    x = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    loss = nn.functional.cross_entropy(model(x), np.array([0, 1, 1, 0, 1]))
    loss.backward(retain_graph=True)
    return model, x, loss


# Searching and measuring


def test_conditions():
    graph = small()
    names = lambda part: [graph.names[n] for n in part]  # noqa: E731
    assert names(graph.where(op="exp")) == names(graph.where(op_in=["exp"])) == ["v2"]
    assert names(graph.where(op="*")) == names(graph.where(op="multiply")) == ["v1"]
    assert names(graph.where(kind="leaf")) == ["x", "w"]
    assert names(graph.where(grad_abs_gt=0.9, kind="leaf")) == ["w"]
    assert names(graph.where(data_lt=-5)) == ["v1"]
    assert names(graph.where(name="x")) == ["x"]
    assert names(graph.where(lambda n: len(n.parents) == 2, op_ne="add")) == ["v1"]
    assert len(graph.where(finite=True)) == 5
    assert not len(graph.where(nan=True))
    t = Tensor(np.array([1.0, np.inf]))
    assert len(Graph(t * 2.0).where(inf=True, shape=(2,))) == 2


@pytest.mark.parametrize(("asked", "words"), [("opp", "'op' meant"), ("grad_abs_gtt", "'grad_abs_gt' meant")])
def test_a_condition_that_is_none_is_told(asked, words):
    with pytest.raises(OperandError, match=words):
        small().where(**{asked: 1})


def test_parts():
    graph = small()
    assert [graph.names[n] for n in graph.between("x", "y")] == ["x", "v1", "v2", "y"]
    assert not len(graph.between("y", "x"))
    assert graph["w"] in graph
    assert [graph.names[n] for n in graph[1:3]] == ["w", "v1"]
    with pytest.raises(KeyError, match="called 'z'; there are x, w"):
        graph["z"]
    assert [(graph.names[p], graph.names[n], slot) for p, n, slot in graph.edges][:2] == [
        ("x", "v1", 0),
        ("w", "v1", 1),
    ]


def test_statistics():
    model, x, loss = network()
    graph = Graph(loss)
    found = graph.statistics
    assert found.leaves == 4
    assert found.elements == model.num_parameters == 26
    assert found.depth == 5
    assert found.results == 5
    assert found.operations["affine"] == 2
    assert found.bytes >= sum(n.data.nbytes for n in graph.leaves) + x.nbytes
    assert graph.memory == found.bytes + found.gradient_bytes
    assert found.flops == autograd.flops(loss)
    assert "affine × 2" in str(found)
    v = Tensor(np.ones(1000))
    assert Graph(v.reshape(10, 100).T).statistics.bytes == 8000  # views of one array


def test_it_prints_a_table():
    lines = str(small()).split("\n")
    assert lines[0].split() == ["node", "value", "gradient"]
    assert lines[1].split() == ["x", "leaf", "2.0", "-0.007436"]
    x = Value(1.0)
    for _ in range(30):
        x = x + 1.0
    assert str(Graph(x)).endswith("more")
    assert "<pre>" in small()._repr_html_()


# Comparing


def test_a_step_of_training_is_seen():
    model, x, loss = network()
    optimizer = nn.optim.SGD(model.parameters(), lr=0.1)
    before = Graph(loss, names={"loss": loss, "model": model}).copy()
    optimizer.step()
    optimizer.zero_grad()
    after_loss = nn.functional.cross_entropy(model(x), np.array([0, 1, 1, 0, 1]))
    after_loss.backward(retain_graph=True)
    after = Graph(after_loss, names={"loss": after_loss, "model": model})
    found = before.diff(after)
    assert not found.added
    assert not found.removed
    moved = {change.name for change in found.changed if change.what == "value"}
    assert {"model.0.weight", "model.2.bias", "loss"} <= moved
    constants = {before.names.get(n) for n in before.nodes if n.primitive is None}
    assert not moved & constants
    assert "values" in str(found)
    assert "loss" in {change.name for change in found.changed if change.what == "value"}


def test_an_edit_is_seen():
    x, w = Value(2.0, label="x"), Value(-3.0, label="w")
    first, second = Graph(autograd.exp(x * w) + w), Graph(autograd.tanh(autograd.exp(x * w)) + w)
    found = first.diff(second)
    assert [node.operation for node in found.added] == ["tanh"]
    assert not found.removed
    assert "+ " in str(found)
    back = second.diff(first)
    assert [node.operation for node in back.removed] == ["tanh"]
    picture = found.digraph.source
    assert "#1a7f37" in picture
    assert "→" in picture
    assert found.svg().startswith("<?xml") or "<svg" in found.svg()
    assert not first.diff(first)
    assert str(first.diff(first)).startswith("no difference")
    power = Graph(autograd.clip(x, -1.0, 1.0)).diff(Graph(autograd.clip(x, -1.0, 1.5)))
    assert {change.what for change in power.changed} >= {"value"}


def test_what_changed_by_itself_is_told_from_what_follows():
    a, b, c = (Value(x, label=name) for x, name in ((2.0, "a"), (-3.0, "b"), (5.0, "c")))

    def forward():
        y = autograd.tanh(a * b + c) ** 2
        y.label = "y"
        y.backward()
        return y

    first = Graph(forward()).copy()
    a.data -= 0.5
    for leaf in (a, b, c):
        leaf.grad = 0.0
    found = first.diff(Graph(forward()))
    assert [(change.name, change.what) for change in found.causes] == [("a", "value")]
    told = str(found).splitlines()
    assert told[0] == "7 nodes: 5 values changed, 6 gradients changed."
    assert told[1] == "Changed by itself:"
    assert told[2].startswith("~ a: value 2.0 → 1.5, gradient")
    assert told[3] == "What follows from that:"
    assert len(told) == 10
    picture = found.digraph.source
    assert picture.count("#ffe3c2") == 1  # one cause, filled
    assert "changed by itself" in picture
    assert "v1 = a * b" in picture


def test_a_step_of_some_layers_is_blamed_on_them():
    model, x, loss = network()
    before = Graph(loss, names={"model": model}).copy()
    nn.optim.SGD(model[2].parameters(), lr=0.5).step()
    for parameter in model.parameters():
        parameter.grad = None
    again = nn.functional.cross_entropy(model(x), np.array([0, 1, 1, 0, 1]))
    again.backward(retain_graph=True)
    found = before.diff(Graph(again, names={"model": model}))
    assert {change.name for change in found.causes} == {"model.2.weight", "model.2.bias"}


def test_an_edit_is_drawn_with_what_it_took_away():
    w, u = Value(0.5, label="w"), Value(1.5, label="u")
    found = Graph(autograd.tanh(w * u) + u).diff(Graph(autograd.relu(w * u) * 2.0 + u))
    assert "+ v3 = v2 * 2.0" in str(found)
    assert "- v2 = tanh(v1)" in str(found)
    assert "operands of 1 node changed, 1 value changed" in str(found)
    gone = [line for line in found.digraph.source.splitlines() if "->" in line and "dashed" in line]
    assert len(gone) == 2  # into what is gone, and out of it
    settings = Graph(autograd.clip(w * u, -1.0, 0.5)).diff(Graph(autograd.clip(w * u, -1.0, 0.7)))
    assert {change.what for change in settings.causes} & {"settings", "value"}


def test_a_label_cannot_break_the_picture():
    x = Value(1.0, label='a"];x[label="b\\N <b>')
    drawn = Graph(x * 2.0).diff(Graph(x * 3.0)).svg()
    assert "a&quot;];x[label=&quot;b\\N &lt;b&gt;" in drawn


def test_copies_do_not_change():
    model, _, loss = network()
    graph = Graph(loss)
    copy = graph.copy()
    assert copy == graph
    model[0].weight.data[...] = 0
    assert copy != graph
    assert autograd.explain(copy.leaves[0], copy.roots[0]).count == 1  # it is a graph like any other


# JSON


@pytest.mark.parametrize("make", [small, lambda: Graph(network()[2])])
def test_out_and_in_again(make):
    graph = make()
    again = Graph.from_json(graph.to_json())
    assert again == graph
    assert [again.names.get(n) for n in again] == [graph.names.get(n) for n in graph]
    for a, b in zip(again, graph, strict=True):
        np.testing.assert_array_equal(a.data, b.data)
        assert np.asarray(a.data).dtype == np.asarray(b.data).dtype
    (root,) = again.roots
    root.backward(**({} if isinstance(root, Value) else {"retain_graph": True}))


def test_special_numbers_settings_and_both_kinds():
    v = Value(np.inf)
    t = autograd.stack([v, Value(1.0)]) * np.array([np.nan, 2.0])
    y = autograd.sum(t[::-1][..., None].reshape(2, 1), axis=(0,)) + autograd.clip(t[1], -1.0, np.inf)
    graph = Graph(y)
    assert Graph.from_json(graph.to_json()) == graph


def test_every_operation_that_can_be_written_comes_back():
    counted = 0
    for primitive in [p for p in autograd.REGISTRY.values() if p.smooth]:
        for case in primitive.cases():
            args, params = case.draw(np.random.default_rng(0))
            y = primitive(
                *(Tensor(x) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x for x in args), **params
            )
            if isinstance(y, Tensor) and y.requires_grad:
                graph = Graph(y)
                assert Graph.from_json(graph.to_json()) == graph, primitive.name
                counted += 1
    assert counted > 200


def test_what_is_damaged_or_hostile_is_refused():
    text = small().to_json()
    whole = json.loads(text)

    def changed(change):
        copy = json.loads(text)
        change(copy)
        return json.dumps(copy)

    def node(i, **what):
        return lambda whole: whole["nodes"][i].update(what)

    bad = {
        "no JSON": text[:-5],
        "another format": changed(lambda w: w.update(format="other")),
        "not a graph": "[1, 2]",
        "an operation that is none": changed(node(2, op="os.system")),
        "a circle": changed(node(2, operands=[0, 4])),
        "itself": changed(node(2, operands=[2, 0])),
        "a place that is none": changed(node(2, operands=[0, True])),
        "a number that is another": changed(node(2, data=7.0)),
        "a value that is an array": changed(node(0, data={"dtype": "<f8", "shape": [1], "numbers": "AAAAAAAAAAA="})),
        "too few numbers": changed(
            node(0, kind="Tensor", data={"dtype": "<f8", "shape": [2], "numbers": "AAAAAAAAAAA="})
        ),
        "numbers that are none": changed(node(0, kind="Tensor", data={"dtype": "<f8", "shape": [1], "numbers": "?"})),
        "objects": changed(node(0, kind="Tensor", data={"dtype": "|O8", "shape": [1], "numbers": "AAAAAAAAAAA="})),
        "a negative shape": changed(node(0, kind="Tensor", data={"dtype": "<f8", "shape": [-1], "numbers": ""})),
        "a gradient of another shape": changed(
            node(0, kind="Tensor", grad={"dtype": "<f8", "shape": [0], "numbers": ""})
        ),
        "settings of another kind": changed(node(2, settings={"axis": {"call": "os.system"}})),
        "settings that do not fit": changed(node(2, settings={"axis": {"is": 3}})),
        "no nodes": changed(lambda w: w.pop("nodes")),
        "a text for a name": changed(node(0, name=["x"])),
        "two of one name": changed(node(0, name="w")),
        "roots that are not there": changed(lambda w: w.update(roots=[99])),
        "very deep": "[" * 100_000,
    }
    for what, damaged in bad.items():
        with pytest.raises(OperandError, match=r"this is no graph that Graph\.to_json has written"):
            print(what, Graph.from_json(damaged))
    assert Graph.from_json(json.dumps(whole)) == small()


def test_settings_that_would_fill_the_memory_are_refused():
    x = Tensor(np.ones(3))
    whole = json.loads(Graph(autograd.pad(x, (1, 2))).to_json())
    (result,) = [node for node in whole["nodes"] if "op" in node]
    text = json.dumps(whole)
    assert Graph.from_json(text) == Graph(autograd.pad(x, (1, 2)))
    result["settings"]["widths"] = {"tuple": [{"tuple": [{"is": 10**11}, {"is": 2}]}]}
    with pytest.raises(OperandError, match="would make arrays that are not in the text"):
        Graph.from_json(json.dumps(whole))


def test_whatever_is_damaged_is_refused_in_words():
    """Letters and parts of texts are exchanged at random: it is a graph, or it is refused, and nothing else happens."""
    x, w = Tensor(np.arange(6.0).reshape(2, 3), label="x"), Tensor(np.ones((3, 2)), label="w")
    y = (autograd.tanh(x @ w)[::-1].reshape(4) * 2.0).sum() + autograd.pad(x, ((1, 0), (0, 2))).sum()
    y.backward()
    text = Graph(y).to_json()
    rng = np.random.default_rng(0)
    operations, letters = sorted(autograd.REGISTRY), list('0123456789[]{}",:aetrue-.')
    odd = [None, True, -1, 0, 10**9, 1e308, "x", [], {}, {"tuple": [{"is": 2}]}, {"slice": [1, 2, 3]}, {"ellipsis": 1}]
    refused = 0
    for trial in range(600):
        if trial % 2:
            damaged = list(text)
            for place in rng.integers(0, len(text), 2):
                damaged[place] = rng.choice(letters)
            damaged = "".join(damaged)
        else:
            whole = json.loads(text)
            node = whole["nodes"][rng.integers(len(whole["nodes"]))]
            node[rng.choice(list(node))] = odd[rng.integers(len(odd))]
            whole["nodes"][rng.integers(len(whole["nodes"]))]["op"] = str(rng.choice(operations))
            damaged = json.dumps(whole)
        try:
            assert isinstance(Graph.from_json(damaged), Graph)
        except OperandError:
            refused += 1
    assert refused > 400


def test_what_cannot_be_written_says_so():
    graph = small()
    with pytest.raises(OperandError, match="a part of a graph cannot be written"):
        graph.where(op="exp").to_json()


def test_networkx():
    networkx = pytest.importorskip("networkx", reason="networkx is not installed")
    found = small().to_networkx()
    assert isinstance(found, networkx.MultiDiGraph)
    assert found.number_of_nodes() == 5
    assert networkx.is_directed_acyclic_graph(found)
    assert found.nodes["v2"]["op"] == "exp"
    a = Value(2.0, label="a")
    assert Graph(a * a).to_networkx().number_of_edges() == 2


def test_nothing_but_graphs_are_compared():
    with pytest.raises(OperandError, match="a Graph, a Value or a Tensor is needed"):
        small().diff(3)


def test_other_operands_of_arrays_are_told():
    """Nodes are told apart by what they are: two arrays have no single answer to whether they are equal."""

    def graph(last):
        x = Tensor([1.0, 2.0], label="x")
        y = last(x * 2.0).sum()
        y.backward()
        return autograd.Graph(y)

    found = str(graph(lambda h: h * h).diff(graph(autograd.exp)))
    assert "other operands" in found
    assert "exp" in found
