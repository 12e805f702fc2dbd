"""The script: all of the steps as data, complete, small, and enough to compute everything anew."""

from __future__ import annotations

import json

import numpy as np
import pytest

import autograd
import nn
from autograd import AutogradError, Stepper, Tensor, Value


def strict(script):
    """What a page reads: written to JSON and back."""
    return json.loads(json.dumps(script, allow_nan=False))


def evaluate(tree, y, operands):
    """What a page does with a formula."""
    if isinstance(tree, str):
        return y if tree == "y" else operands[int(tree[1:])]
    if not isinstance(tree, list):
        return tree
    name, *parts = tree
    values = [evaluate(part, y, operands) for part in parts]
    primitive = autograd.REGISTRY[name]
    if name == "power_of":
        return primitive(values[0], n=values[1])
    return primitive(*values)


def test_the_format(neuron):
    found = strict(Stepper(neuron["o"], names=False).script("A neuron"))
    assert (found["version"], found["title"], found["compact"], found["scalar"]) == (1, "A neuron", False, True)
    assert found["nodes"][found["root"]]["name"] == "o"
    assert [node["id"] for node in found["nodes"]] == list(range(10))
    assert found["nodes"][2] == {
        "id": 2,
        "name": "x1w1",
        "op": "*",
        "primitive": "multiply",
        "rule": "multiply",
        "kind": "result",
        "type": "Value",
        "value": -6.0,
        "text": "−6.0",
        "shape": None,
        "dtype": None,
        "parents": [0, 1],
        "module": None,
        "code": None,
        "params": "",
        "heat": None,
    }
    last = found["edges"][-1]
    assert {**last, "local_value": round(last["local_value"], 6)} == {
        "from": 8,
        "to": 9,
        "slot": 0,
        "local": "1 − y²",
        "local_latex": "1 - {y}^{2}",
        "local_numbers": "1 − 0.7071²",
        "local_value": 0.5,
    }
    assert [event["phase"] for event in found["events"]] == ["forward"] * 10 + ["seed"] + ["backward"] * 9
    assert found["events"][10]["after"] == "1.0"
    event = found["events"][11]
    assert (event["edge"], event["node"], event["upstream"]) == (len(found["edges"]) - 1, 8, "1.0")
    assert (event["local"], event["contribution"], event["before"], event["after"]) == (
        "1 − 0.7071²",
        "0.5",
        None,
        "0.5",
    )
    assert event["text"] == "∂o/∂n += 1.0 × (1 − 0.7071²) = 0.5"
    assert event["sum"] == "∂o/∂n = 0.5"
    assert [found["nodes"][i]["name"] for i in found["order"]] == ["o", "n", "both", "x1w1", "x2w2"]


def test_a_page_can_compute_everything_anew(grow):
    """With another value of a leaf: values by the formulas, gradients by the partials and the order, nothing else."""
    for seed in range(30):
        leaves, root = grow("values", seed, 12)
        stepper = Stepper(root, names=False)
        found = strict(stepper.script())
        moved = next(stepper.recording.find(leaf).number for leaf in leaves if leaf in stepper.recording.still_of)
        values, formulas = [], found["formulas"]
        for node in found["nodes"]:
            operands = [values[parent] for parent in node["parents"]]
            known = node["value"] + 0.25 * (node["id"] == moved)
            values.append(evaluate(formulas[node["rule"]]["value"], None, operands) if operands else known)
        gradients = {found["root"]: 1.0}
        for number in found["order"]:
            node = found["nodes"][number]
            operands = [values[parent] for parent in node["parents"]]
            for parent, partial in zip(node["parents"], formulas[node["rule"]]["partials"], strict=True):
                sent = gradients[number] * evaluate(partial, values[number], operands)
                gradients[parent] = gradients.get(parent, 0.0) + sent
        stepper.recording.nodes[moved].original.data += 0.25
        expected = recomputed(root)
        assert values[found["root"]] == pytest.approx(expected.data, rel=1e-9)
        for other in leaves:
            if other in stepper.recording.still_of:
                assert gradients[stepper.recording.find(other).number] == pytest.approx(other.grad, rel=1e-9, abs=1e-12)


def recomputed(root):
    """The graph behind a root computed anew after its leaves were changed, and swept."""
    fresh = {}
    for node in autograd.topological_order([root], constants=True):
        fresh[node] = node.primitive(*[fresh[p] for p in node.parents], **node.params) if node.parents else node
    fresh[root].backward()
    return fresh[root]


def test_arrays():
    nn.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2))
    X = np.linspace(-1, 1, 15, dtype=np.float32).reshape(5, 3)
    with autograd.annotate():
        loss = nn.functional.cross_entropy(model(X), np.array([0, 1, 1, 0, 1]))
    found = strict(Stepper(loss).script())
    assert (found["scalar"], found["formulas"]) == (False, None)
    by_name = {node["name"]: node for node in found["nodes"]}
    weight = by_name["model.0.weight"]
    assert (weight["shape"], weight["dtype"], weight["type"], weight["value"]) == ([4, 3], "float32", "Parameter", None)
    heat = weight["heat"]
    assert (heat["rows"], heat["cols"], len(heat["values"])) == (4, 3, 12)
    assert min(heat["values"]) == 0.0
    assert max(heat["values"]) == 1.0
    assert sum(heat["histogram"]) == 12
    hidden = next(node for node in found["nodes"] if node["op"] == "tanh")
    assert hidden["module"] == "model.1"
    assert hidden["code"]["text"] == "loss = nn.functional.cross_entropy(model(X), np.array([0, 1, 1, 0, 1]))"
    assert hidden["code"]["line"] > 0
    assert by_name["X"]["kind"] == "constant"
    edges = {(edge["to"], edge["slot"]): edge for edge in found["edges"]}
    assert edges[hidden["id"], 0]["local"] == "1 − y²"
    assert edges[hidden["parents"][0], 1]["local"] == "gᵀ @ a"
    assert edges[hidden["parents"][0], 0]["local"] == ""  # to a constant
    written = [event for event in found["events"] if event["phase"] == "backward" and event["node"] == weight["id"]]
    assert len(written) == 1
    assert written[0]["heat"]["rows"] == 4
    assert written[0]["before"] is None
    assert found["nodes"][found["root"]]["value"] == pytest.approx(loss.item())


def test_what_is_not_finite_survives():
    x = Value(0.0, label="x")
    found = strict(Stepper(1.0 / x + autograd.log(x - 1.0), names=False).script())
    assert {"inf", "nan"} <= {node["value"] for node in found["nodes"]}
    assert "-inf" in [edge["local_value"] for edge in found["edges"]]
    t = Tensor([[np.nan, 1.0], [np.inf, -np.inf], [2.0, 3.0]], label="t")
    heat = strict(Stepper(t.sum(), names=False).script())["nodes"][0]["heat"]
    assert heat["values"] == [None, 0.0, None, None, 0.5, 1.0]
    assert (heat["nan"], heat["inf"]) == (1, 2)


def test_an_operation_that_cannot_be_read_leaves_the_formulas_out():
    cube = autograd.elementwise(
        "script_cube", lambda x: x**3, lambda x: x**3, lambda y, x: 3.0 * float(x) ** 2, domain=(autograd.domain.REAL,)
    )
    try:
        found = strict(Stepper(cube(Value(2.0)), names=False).script())
        assert found["formulas"] is None
        assert found["edges"][0]["local_value"] == 12.0
    finally:
        del autograd.REGISTRY["script_cube"]


def test_a_wide_neuron_is_not_a_deep_formula():
    neuron = nn.Neuron(900)
    found = strict(Stepper(neuron([0.5] * 900)).script())
    (tree,) = [formula["value"] for rule, formula in found["formulas"].items() if rule.startswith("dot")]
    assert depth(tree) < 15
    weights = [w.data for w in neuron.w]
    assert evaluate(tree, None, [*weights, *[0.5] * 900, 0.25]) == pytest.approx(sum(weights) / 2 + 0.25)


def depth(tree):
    return 1 + max(map(depth, tree[1:])) if isinstance(tree, list) else 0


def test_a_large_graph_is_compact():
    model = nn.MLP(2, [60, 45, 1], fused=False)
    y = model([1.0, -2.0])
    stepper = Stepper(y)
    found = stepper.script()
    nodes, text = found["nodes"], json.dumps(found, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    assert found["compact"]
    assert len(nodes) > 8_000
    assert len(text.encode()) / len(nodes) < 2.5 * 2**20 / 10_000
    assert found["events"] is None
    edges = [(node, slot) for node in stepper.recording.nodes for slot in range(len(node.parents))]
    assert len(found["edges"]["local_value"]) == len(edges)
    # gradients from what is there
    start, total = {}, 0
    for number, node in enumerate(nodes):
        start[number] = total
        total += len(node.get("parents", ()))
    gradients = {found["root"]: 1.0}
    for number in found["order"]:
        for slot, parent in enumerate(nodes[number]["parents"]):
            if nodes[parent].get("kind") != "constant":
                sent = gradients[number] * found["edges"]["local_value"][start[number] + slot]
                gradients[parent] = gradients.get(parent, 0.0) + sent
    y.backward()
    for parameter in model.parameters():
        number = stepper.recording.find(parameter).number
        assert gradients[number] == pytest.approx(parameter.grad, rel=1e-6)
        assert nodes[number]["name"].startswith("model.layers.")


def test_a_large_graph_of_arrays_is_compact():
    t = Tensor(np.ones(3), label="t")
    y = t
    for _ in range(1200):
        y = (y * t).tanh()
    found = strict(Stepper(y.sum(), names=False).script())
    assert found["compact"]
    backward = found["events"]["backward"]
    assert len(backward) == 3 * 1200 + 1
    assert backward[0] == ["[1.0, 1.0, 1.0]", "[1.0, 1.0, 1.0]"]
    assert found["nodes"][0] == {"name": "t", "text": "[1.0, 1.0, 1.0]", "shape": [3]}
    assert found["edges"]["local_value"][0] is None


def test_a_graph_too_large_for_a_page():
    x = Value(1.0)
    y = x
    for _ in range(100_000):
        y = y * 1.0
    with pytest.raises(AutogradError, match=r"200,001 nodes is too large.*\n.*\n.*debug\(\)"):
        Stepper(y, names=False).script()
