"""The parts of the player against the Python that they stand for: the same places, numbers, formulas and gradients."""

import json
import math
import random

import numpy as np
import pytest

import autograd
from autograd import REGISTRY, Stepper, Value
from autograd.step.change import changed
from autograd.step.player.front import packed
from autograd.view.layout import layout
from autograd.view.text import number


def test_layout_puts_everything_where_python_does(bench):
    rng = random.Random(0)
    graphs = []
    for count in (1, 2, 5, 30, 120):
        sizes = [(rng.randint(20, 90), rng.randint(20, 60)) for _ in range(count)]
        edges = [(rng.randrange(head), head) for head in range(1, count) for _ in range(rng.randint(1, 3))]
        graphs.append((sizes, edges, [rng.choice([0, 12]) for _ in edges]))
    found = bench.evaluate("graphs => graphs.map(([sizes, edges, gaps]) => layout(sizes, edges, gaps))", graphs)
    for graph, theirs in zip(graphs, found, strict=True):
        ours = layout(*graph)
        np.testing.assert_allclose(theirs["centres"], ours.centres, rtol=1e-12, atol=1e-9)
        for path, other in zip(ours.paths, theirs["paths"], strict=True):
            np.testing.assert_allclose(path, other, rtol=1e-12, atol=1e-9)
        assert (theirs["along"], theirs["across"]) == pytest.approx((ours.along, ours.across))


def test_numbers_are_written_as_in_pictures(bench):
    rng = random.Random(1)
    cases = [
        0.0,
        1.0,
        -2.0,
        12345.0,
        1234.0,
        1e-5,
        -1.5e-7,
        0.00012345,
        3e10,
        123456.0,
        0.1,
        100.0,
        1e300,
        9999.6,
        99.999,
    ]
    cases += [rng.uniform(-1, 1) * 10 ** rng.randint(-9, 9) for _ in range(2000)]
    found = bench.evaluate("xs => xs.map(number)", cases)
    assert found == [number(x).replace("-", "−", 1) if x < 0 else number(x) for x in cases]
    odd = bench.evaluate("[NaN, Infinity, -Infinity, null, -0].map(number)")
    assert odd == ["nan", "inf", "−inf", "·", "−0.0"]


def steps_of_every_operation():
    """A Stepper for each operation on single numbers, at a point of its domain."""
    rng = np.random.default_rng(0)
    for primitive in REGISTRY.values():
        if primitive.on_number is None or not primitive.partials or not primitive.smooth:
            continue
        for case in primitive.cases()[:3]:
            args, params = case.draw(rng)
            y = primitive(*(Value(float(np.ravel(x)[0])) for x in args), **params) * 1.5
            yield primitive.name, Stepper(y, names={})


def test_every_operation_that_the_page_knows_is_computed_as_python_does(bench):
    code = """([script, moved]) => {
        const trace = new Trace(script), text = x => x === null ? null : String(x);
        for (const [n, x] of moved) trace.change(n, x);
        return {values: trace.values.map(text), final: trace.final.map(text)};
    }"""
    known = set()
    for name, stepper in steps_of_every_operation():
        recording, script = stepper.recording, packed(stepper)
        if not bench.evaluate("script => new Trace(script).live", script):
            continue
        known.add(name)
        moved = {n.number: n.data * 1.01 for n in recording.nodes if n.primitive is not None and not n.parents}
        recording = changed(recording, moved)
        theirs, last = bench.evaluate(code, [script, list(moved.items())]), len(recording) - 1
        for node, value, gradient in zip(recording.nodes, theirs["values"], theirs["final"], strict=True):
            assert math.isclose(float(value), node.data, rel_tol=1e-12, abs_tol=1e-13), (name, node.number)
            ours = recording.gradient(node, last) if node.primitive is not None else None
            assert (gradient is None) == (ours is None), name
            if ours is not None:
                assert math.isclose(float(gradient), ours, rel_tol=1e-11, abs_tol=1e-13), (name, node.number)
    elementary = (
        "add subtract multiply divide negative power_of power exp log sqrt sin cos tan tanh sigmoid relu maximum"
    )
    assert {*elementary.split(), "softplus", "erf", "gelu", "silu", "hypot", "absolute"} <= known
    assert len(known) > 35


def random_graph(seed):
    rng = random.Random(seed)
    nodes = [Value(rng.uniform(-1, 1)) for _ in range(4)]
    for _ in range(40):
        a, b = rng.choice(nodes), rng.choice(nodes)
        nodes.append(rng.choice([a + b, a * b, a - b, autograd.tanh(a), a * 0.5, b**2]))
    return nodes[-1] + nodes[-2] * nodes[-3]


@pytest.mark.parametrize("seed", range(4))
def test_every_step_of_a_random_graph_says_what_python_says(bench, seed):
    stepper = Stepper(random_graph(seed), names={})
    steps = bench.evaluate(
        """script => {
            const trace = new Trace(script);
            return trace.events.map((event, k) => event.phase === "backward"
                ? ["upstream", "flow", "before", "after"].map(what => trace[what][k]) : null);
        }""",
        packed(stepper),
    )
    assert len(steps) == len(stepper)
    for event, theirs in zip(stepper, steps, strict=True):
        if event.phase == "backward":
            ours = [event.upstream, event.contribution, event.before, event.after]
            assert theirs == [pytest.approx(x, rel=1e-13) if x is not None else None for x in ours]


@pytest.mark.parametrize("seed", range(4))
def test_back_and_forth_shows_the_same(bench, seed):
    code = """script => {
        const trace = new Trace(script), on = [], back = [];
        const shown = () => trace.nodes.map((_, n) => [trace.valueText(n), trace.gradientText(n)]);
        const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
        for (let k = 0; k <= trace.last; k++) trace.seek(k), on.push(shown());
        for (let k = trace.last; k >= 0; k--) trace.seek(k), back.unshift(shown());
        for (let i = 0; i < 200; i++) trace.seek(Math.random() * trace.last);
        trace.seek(trace.last);
        return [same(on, back), same(shown(), on.at(-1)), on[0], on.at(-1)];
    }"""
    stepper = Stepper(random_graph(seed), names={})
    same, still, first, last = bench.evaluate(code, packed(stepper))
    assert same
    assert still
    assert {text for row in first for text in row} <= {"·", ""}
    stepper.goto(-1)
    for node, (_, gradient) in zip(stepper.recording.nodes, last, strict=True):
        if node.primitive is not None:
            ours = stepper.gradients.get(node.original)
            assert gradient == ("·" if ours is None else number(ours).replace("-", "−"))


@pytest.mark.parametrize("seed", range(4))
def test_a_wrong_order_gives_the_wrong_gradients_that_python_gives(bench, seed):
    stepper = Stepper(random_graph(seed), names={})
    order = [node.number for node in stepper.recording.consumers]
    random.Random(seed).shuffle(order)
    tried = stepper.recording.reordered([stepper.recording.nodes[n] for n in order])
    code = """([script, order]) => {
        const trace = new Trace(script);
        trace.reorder(order);
        return [trace.final, [...trace.wrong].sort((a, b) => a - b)];
    }"""
    final, wrong = bench.evaluate(code, [packed(stepper), order])
    right, last = stepper.recording, len(stepper) - 1
    ours = [tried.gradient(x, len(tried) - 1) if x.primitive is not None else None for x in tried.nodes]
    assert final == [None if x is None else pytest.approx(x, rel=1e-12) for x in ours]
    differing = [x.number for x in right.nodes if x.primitive is not None and right.gradient(x, last) != ours[x.number]]
    assert wrong == differing


def test_the_order_that_is_offered_is_wrong(bench):
    a = Value(3.0)
    b = a * 2.0
    y = b * b + b
    code = """script => {
        const trace = new Trace(script);
        trace.reorder(trace.tempting());
        return [trace.isRight, trace.wrong.size, [...trace.early]];
    }"""
    right, wrong, early = bench.evaluate(code, packed(Stepper(y, names={"a": a, "b": b})))
    assert not right
    assert wrong == 1
    assert early == [[2, 1]]


def test_formulas_are_set_as_mathematics(bench):
    code = (
        "text => { const found = typeset(text); return [found.textContent, found.querySelectorAll('.frac').length]; }"
    )
    assert bench.evaluate(code, r"\frac{\partial L}{\partial x_{1}} = -2.5 \times \left(1 - {y}^{2}\right)") == [
        "∂L∂x1=−2.5×(1−y2)",
        1,
    ]
    assert bench.evaluate(code, r"\sqrt{a} + \operatorname{broadcast\_to}\left(g, \mathrm{axis}=-1\right)")[0] == (
        "√a+broadcast_to(g,axis=−1)"
    )
    tree = ["divide", ["negative", "y"], ["subtract", "a0", ["multiply", "a1", "a1"]]]
    assert bench.evaluate("tree => latex(tree, {y: 'y', a0: 'u', a1: 'v'})", tree) == r"\frac{-y}{u - v^{2}}"


def test_what_an_unknown_operation_gives_cannot_be_changed(bench):
    script = packed(Stepper(autograd.tanh(Value(0.5)) * 2.0, names={}))
    script["formulas"]["tanh"]["value"] = ["mystery", "a0"]
    assert bench.evaluate("script => new Trace(script).live", script) is False
    assert json.dumps(script)


def test_nodes_without_a_name_are_counted_as_python_counts(bench):
    a, taken = Value(2.0, label="a"), Value(3.0, label="v2")
    stepper = Stepper((a * taken + a) * (a * 2.0) - taken, names={})
    names = bench.evaluate("script => new Trace(script).nodes.map(node => node.name)", packed(stepper))
    assert names == [stepper.recording.names.get(node, "") for node in stepper.recording.nodes]


def test_long_names_are_shown_by_their_end(bench):
    found = bench.evaluate(
        "names => names.map(name => nameOnCard({name}))", ["w", "model.layers.0.neurons.3.w", "a" * 30]
    )
    assert found == ["w", "…0.neurons.3.w", "…" + "a" * 18]


def test_an_order_that_is_tried_in_python_is_a_wrong_one_on_the_page_too(bench):
    p = Value(3.0, label="p")
    q = p * 2.0
    r = q * q
    s = r + q
    tried = Stepper(s, names={"q": q, "r": r, "s": s}).try_order(["s", "q", "r"])
    code = "script => { const t = new Trace(script); return [t.isRight, [...t.wrong], t.final[0], t.rightFinal[0]]; }"
    assert bench.evaluate(code, packed(tried)) == [False, [0], 2.0, 26.0]
