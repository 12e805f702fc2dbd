"""Modules in pictures: framed, folded to one box, opened; and that nothing goes round in a circle."""

import random
import time

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, Value, annotate, draw, tanh
from autograd.errors import OperandError
from autograd.origin import Scope
from autograd.view.choice import choice
from autograd.view.fold import fold
from autograd.view.gather import Graph, gather
from autograd.view.module import recorded
from autograd.view.svg import paint
from autograd.view.trace import reading_order

X = np.ones((2, 4), np.float32)


class Attention(nn.Module):
    def __init__(self, n):
        self.q, self.k, self.v, self.o = (nn.Linear(n, n) for _ in range(4))

    def forward(self, x):
        q, k, v = self.q(x), self.k(x), self.v(x)
        return self.o(autograd.softmax(q @ k.T) @ v)


class Block(nn.Module):
    def __init__(self, n):
        self.attention = Attention(n)
        self.mlp = nn.Sequential(nn.Linear(n, n), nn.ReLU(), nn.Linear(n, n))

    def forward(self, x):
        x = x + self.attention(x)
        return x + self.mlp(x)


class Transformer(nn.Module):
    def __init__(self, blocks, n=4):
        self.blocks = [Block(n) for _ in range(blocks)]
        self.head = nn.Linear(n, 3)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.head(x)


class Cell(nn.Module):
    def __init__(self, n):
        self.inner, self.recurrent = nn.Linear(n, n), nn.Linear(n, n)

    def forward(self, x, h):
        return tanh(self.inner(x) + self.recurrent(h))


class Recurrent(nn.Module):
    def __init__(self, n=4):
        self.cell = Cell(n)
        self.head = nn.Linear(n, 1)

    def forward(self, xs):
        h = np.zeros_like(xs[0].data)
        for x in xs:
            h = self.cell(x, h)
        return self.head(h)


def annotated(net, *inputs):
    with annotate():
        return net(*inputs)


def names(picture):
    return [box.name for box in picture.sketch.boxes]


def frames(picture):
    return [(frame.title, frame.count, frame.outer) for frame in picture.sketch.frames]


def inside(picture, title):
    """The names of the boxes directly in a frame."""
    (number,) = [i for i, frame in enumerate(picture.sketch.frames) if frame.title == title]
    return [box.name for box in picture.sketch.boxes if box.frame == number]


def test_small_graphs_are_whole_and_framed():
    net = nn.models.MLP(4, 3, 2)
    picture = draw(annotated(net, X))
    assert len(picture.sketch.boxes) == picture.sketch.nodes == 8
    assert frames(picture) == [("net · MLP", 1, None), ("0 · Linear", 1, 0), ("2 · Linear", 1, 0)]
    assert names(picture) == ["X", "weight", "bias", "", "", "weight", "bias", ""]
    assert [box.frame for box in picture.sketch.boxes] == [None, 1, 1, 1, 0, 2, 2, 2]
    assert "net.0.weight  leaf" in str(picture)
    assert frames(draw(net(X))) == []


@pytest.mark.parametrize("exact", [True, False])
def test_a_hundred_blocks_are_one_box(exact):
    net = Transformer(100)
    picture = draw((annotated(net, X) if exact else net(X)).sum(), rankdir="TB")
    assert len(picture.sketch.boxes) <= 8
    (blocks,) = [box for box in picture.sketch.boxes if box.count == 100]
    assert blocks.name == "blocks.0 … 99 · Block"
    assert picture.sketch.boxes[0].name == "X"
    assert frames(picture)[0] == ("net · Transformer", 1, None)
    if exact:
        assert blocks.kind == "module"
        assert blocks.note == "attention → + → mlp → +\n(2, 4) float32\n2,500 nodes, 12,000 parameters"
        assert [row[0] for row in blocks.table] == ["", "data", "grad"]


def test_blocks_of_the_users_own():
    @autograd.scope("energy")
    def energy(q, p):
        kinetic = p * p / 2.0
        potential = 0.5 * q * q
        return kinetic + potential

    q, p = Value(1.0), Value(0.5)
    with annotate():
        H = energy(q, p)
    picture = draw(H)
    assert frames(picture) == [("energy", 1, None)]
    assert inside(picture, "energy") == ["", "", "kinetic", "", "", "potential", "H"]
    assert names(draw(H, fold="energy")) == ["p", "q", "energy"]


def test_depth():
    net = Transformer(2)
    y = annotated(net, X).sum()
    assert names(draw(y, depth=0)) == ["X", "net · Transformer", "y"]
    assert names(draw(y, depth=1)) == ["X", "blocks.0 · Block", "blocks.1 · Block", "head · Linear", "y"]
    assert names(draw(y, fold="modules")) == names(draw(y, depth=1))
    two = draw(y, depth=2)
    assert inside(two, "blocks.1 · Block") == ["attention · Attention", "x₁", "mlp · Sequential", "x₂"]
    assert inside(two, "head · Linear") == ["weight", "bias", ""]
    assert len(draw(y, depth=9).sketch.boxes) == len(draw(y).sketch.boxes)
    assert names(draw(net(X).sum(), depth=0))[:2] == ["X", "net · Transformer"]


def test_expand():
    net = Transformer(100)
    y = annotated(net, X).sum()
    picture = draw(y, expand="blocks.3")
    assert [name for name in names(picture) if "blocks" in name] == [
        "blocks.0 · Block",
        "blocks.1 · Block",
        "blocks.2 · Block",
        "blocks.4 … 99 · Block",
    ]
    assert inside(picture, "blocks.3 · Block") == ["attention · Attention", "x₁", "mlp · Sequential", "x₂"]
    deeper = draw(y, expand=["blocks.99.attention"])
    assert inside(deeper, "attention · Attention")[:2] == ["q · Linear", "k · Linear"]
    assert "blocks.0 … 98 · Block" in names(deeper)
    assert names(draw(y, depth=0, expand="net")) == names(draw(y, depth=1))
    assert names(draw(y, depth=0, expand="nothing*")) == names(draw(y, depth=0))


def test_folding_by_name_class_and_function():
    net = Transformer(2)
    y = annotated(net, X).sum()
    boxes = ["blocks.0 · Block", "blocks.1 · Block"]
    for fold_ in ("Block", "blocks.*", ["blocks.0", "net.blocks.1"], lambda scope: scope.kind == "Block"):
        picture = draw(y, fold=fold_)
        assert [box.name for box in picture.sketch.boxes if box.kind == "module"] == boxes
        assert inside(picture, "head · Linear") == ["weight", "bias", ""]
    assert [box.name for box in draw(y, fold="Linear", depth=1).sketch.boxes if box.kind == "module"] == [
        *boxes,
        "head · Linear",
    ]
    many = annotated(Transformer(100), X).sum()
    assert max(box.count for box in draw(many, fold="Attention").sketch.boxes) == 100


def test_folding_of_repeats_and_of_nothing():
    net = Transformer(2)
    y = annotated(net, X).sum()
    assert len(draw(y, fold=None).sketch.boxes) == len(draw(y, limit=None).sketch.boxes) == 55
    assert len(draw(y, fold=20).sketch.boxes) == len(draw(y, limit=20).sketch.boxes) < 30
    scalar = sum(Value(float(i)) * Value(2.0) for i in range(6))
    assert [box.operation for box in draw(scalar, fold="repeats").sketch.boxes if box.operation] == ["·"]
    assert draw(scalar, fold="repeats").sketch.boxes[-1].note == "sum of products, 13 nodes"


@pytest.mark.parametrize("bad", [True, 3j, {"a"}])
def test_what_cannot_say_what_to_fold(bad):
    with pytest.raises(OperandError, match=r'fold must be None, "auto", (?s:.*)test_modules_drawn'):
        draw(Value(1.0), fold=bad)


def test_neurons_of_a_layer_are_one_frame():
    random.seed(0)
    model = nn.MLP(3, [20, 20, 1], fused=False)
    y = annotated(model, [1.0, 2.0, 3.0])
    picture = draw(y)
    assert [(title, count) for title, count, _ in frames(picture)] == [
        ("net · MLP", 1),
        ("layers.0.neurons.0 … 19 · Neuron", 20),
        ("layers.1.neurons.0 … 19 · Neuron", 20),
        ("layers.2.neurons.0 · Neuron", 1),
    ]
    assert inside(picture, "layers.1.neurons.0 … 19 · Neuron") == ["w.0 … 19", "b", "", ""]
    assert [box.count for box in picture.sketch.boxes if box.operation] == [20, 20, 20, 20, 1]


def test_calls_of_a_model_are_one_frame_in_a_folded_picture():
    model = nn.MLP(2, [4, 1])
    with annotate():
        total = autograd.sum([model([float(i), 1.0]) for i in range(60)])
    picture = draw(total)
    assert frames(picture)[0] == ("model · MLP", 60, None)
    assert len(picture.sketch.boxes) < 20
    two = draw(annotated(lambda: model([1.0, 2.0]) + model([2.0, 1.0])))
    assert [title for title, _, outer in frames(two) if outer is None] == ["model · MLP", "model · MLP, call 2"]
    weights = [box for box in two.sketch.boxes if box.kind == "leaf"]
    assert {box.frame for box in weights} == {None}


def test_steps_of_a_recurrent_network_are_one_box():
    model = Recurrent()
    xs = Tensor(np.ones((80, 2, 4), np.float32))
    y = annotated(model, xs).sum()
    picture = draw(y)
    (cell,) = [box for box in picture.sketch.boxes if box.kind == "module"]
    assert (cell.name, cell.count) == ("cell · Cell", 80)
    assert cell.note.startswith("inner → recurrent → + → tanh\n(2, 4) float32\n320 nodes")
    assert "cell.inner.weight" in names(picture)
    assert len(draw(model(xs).sum()).sketch.boxes) <= 20


def test_inputs_stand_outside_and_the_same_array_is_one_box():
    net = Block(4)
    y = annotated(net, X)
    found = [box for box in draw(y, depth=0).sketch.boxes if box.kind == "constant"]
    assert [(box.name, box.frame) for box in found] == [("X", None)]
    x = np.arange(1.0, 7.0).reshape(2, 3)
    t = Tensor(x)
    both = draw(t * x + t / x)
    assert [box.name for box in both.sketch.boxes] == ["t", "x", "", "", ""]
    assert len(both.sketch.edges) == 6


def test_ten_thousand_scalar_nodes_are_soon_folded():
    random.seed(0)
    model = nn.MLP(3, [60, 50, 1], fused=False)
    y = annotated(model, [1.0, 2.0, 3.0])
    began = time.perf_counter()
    picture = draw(y)
    svg = paint(picture.sketch, "LR")
    assert time.perf_counter() - began < 20  # 0.3 s on an idle machine
    assert picture.sketch.nodes > 9_000
    assert len(picture.sketch.boxes) < 150
    assert "layers.1.neurons.0 … 49 · Neuron" in svg


def test_the_same_program_gives_the_same_picture():
    def picture():
        random.seed(0)
        model = nn.MLP(3, [20, 20, 1], fused=False)
        return draw(annotated(model, [1.0, 2.0, 3.0]))

    first, other = picture(), picture()
    assert first.source == other.source
    assert paint(first.sketch, "LR") == paint(other.sketch, "LR")


def test_frames_in_both_ways():
    net = nn.models.MLP(4, 3, 2)
    for rankdir in ("LR", "RL", "TB", "BT"):
        picture = draw(annotated(net, X), rankdir=rankdir)
        assert picture.svg() == paint(picture.sketch, rankdir)
        assert picture.svg().count("Linear</text>") == 2
        assert picture.source.count("subgraph cluster") == 3
        assert picture.png().startswith(b"\x89PNG")
    source = picture.source
    assert source.index("subgraph cluster0") < source.index("subgraph cluster1") < source.index("n1 [")


# Whatever modules there are, no circle


def scattered(rng, nodes):
    xs = [Value(rng.random()) for _ in range(6)]
    while len(xs) < nodes:
        a, b = rng.choice(xs[-15:]), rng.choice(xs[-15:])
        xs.append(rng.choice([a + b, a * b, tanh(a)]))
    return sum(xs[-10:], 0.0)


@pytest.mark.parametrize("seed", range(20))
def test_no_circle_among_any_modules(seed):
    rng = random.Random(seed)
    y = scattered(rng, 80)
    order = reading_order([y])
    outer = [Scope(f"m{i}", "M") for i in range(3)]
    inner = [Scope(f"n{i}", "N", outer=rng.choice(outer)) for i in range(4)]
    scopes = {node: scope for node in order if (scope := rng.choice([None, *outer, *inner]))}
    for closes in (lambda scope: True, lambda scope: scope.kind == "N"):
        graph = Graph(order, [y], scopes)
        items = gather(graph, closes)
        assert sorted(i for members in items.members for i in members) == list(range(len(order)))
        for number, operands in enumerate(items.operands):
            assert all(operand < number for operand in operands)
        found = [items[number] for number in range(len(items))]
        assert any(item.kind == "module" and len(item.members) > 1 for item in found)
        for item in found:
            if item.kind == "module":
                assert {scopes[order[i]] for i in item.members} <= {item.scope, *inner}
    for kind in ("auto", "repeats", "modules", None):
        pieces = fold(order, [y], scopes, choice(kind, None, (), 40))
        owner = {i: number for number, piece in enumerate(pieces) for i in piece.members}
        assert sorted(owner) == list(range(len(order)))
        place = {node: i for i, node in enumerate(order)}
        for i, node in enumerate(order):
            assert all(owner[place[parent]] <= owner[i] for parent in node.parents)


def test_modules_of_calls_are_never_cut():
    y = annotated(Recurrent(), Tensor(np.ones((5, 2, 4), np.float32))).sum()
    order = reading_order([y])
    items = gather(Graph(order, [y], recorded(order)), lambda scope: scope.kind == "Cell")
    cells = [items[i].scope for i in range(len(items)) if items[i].kind == "module"]
    assert len(cells) == len(set(cells)) == 5
    assert [scope.call for scope in cells] == [0, 1, 2, 3, 4]
