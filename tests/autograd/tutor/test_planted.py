"""Mistakes planted in two-layer networks written by hand: each is found, alone and with another one, and what is right
is left alone."""

from itertools import combinations

import numpy as np
import pytest

from autograd.tutor import compare


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def relu(z):
    return np.maximum(0, z)


def softmax(z):
    e = np.exp(z - np.max(z, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


def squared(a, y):
    return np.mean((a - y) ** 2)


def cross_entropy(a, y):
    return -np.sum(y * np.log(a)) / len(y)


def binary_cross_entropy(a, y):
    return -np.mean(y * np.log(a) + (1 - y) * np.log(1 - a))


SLOPES = {
    sigmoid: lambda z, a: a * (1 - a),
    np.tanh: lambda z, a: 1 - a**2,
    relu: lambda z, a: z > 0,
}
PLACES = ("da2", "dz2", "dW2", "db2", "da1", "dz1", "dW1", "db1")
PARAMETERS = ("dW2", "db2", "dW1", "db1")


class Net:
    """x (n, 4) -> hidden (n, 3) -> output (n, 3), and the backward pass as articles write it, rule by rule."""

    def __init__(self, hidden, output, loss, seed, dtype=float, n=12):
        rng = np.random.default_rng(seed)
        self.hidden, self.output, self.loss, self.n = hidden, output, loss, n
        self.X = rng.normal(size=(n, 4)).astype(dtype)
        labels = np.eye(3)[rng.integers(0, 3, n)]
        self.y = (rng.uniform(0.1, 0.9, (n, 3)) if loss is squared else labels).astype(dtype)
        self.W1, self.W2 = rng.normal(size=(4, 3)).astype(dtype), rng.normal(size=(3, 3)).astype(dtype)
        self.b1, self.b2 = rng.normal(size=3).astype(dtype) / 4, rng.normal(size=(1, 3)).astype(dtype) / 4

    def forward(self, X, y, W1, b1, W2, b2):
        z1 = X @ W1 + b1
        a1 = self.hidden(z1)
        z2 = a1 @ W2 + b2
        a2 = self.output(z2)
        return self.loss(a2, y)

    def backward(self, *plants):
        """Everything computed, with mistakes in the formulas that they are about."""
        v = {name: getattr(self, name) for name in ("X", "y", "W1", "b1", "W2", "b2", "n")}
        v["net"] = self
        v["z1"] = self.X @ self.W1 + self.b1
        v["a1"] = self.hidden(v["z1"])
        v["z2"] = v["a1"] @ self.W2 + self.b2
        v["a2"] = self.output(v["z2"])
        v["s1"] = SLOPES[self.hidden](v["z1"], v["a1"])
        rules = {
            "da2": self.of_loss,
            "dz2": self.of_output,
            "dW2": lambda v: v["a1"].T @ v["dz2"],
            "db2": lambda v: v["dz2"].sum(axis=0, keepdims=True),
            "da1": lambda v: v["dz2"] @ v["W2"].T,
            "dz1": lambda v: v["da1"] * v["s1"],
            "dW1": lambda v: v["X"].T @ v["dz1"],
            "db1": lambda v: v["dz1"].sum(axis=0),
        }
        for place in PLACES:
            v[place] = rules[place](v)
            for plant in plants:
                if plant.place == place:
                    v[place] = plant.of(v)
        return v

    def of_loss(self, v):
        a, y = v["a2"], v["y"]
        if self.loss is squared:
            return 2 * (a - y) / a.size
        if self.loss is cross_entropy:
            return -y / a / len(y)
        return (a - y) / (a * (1 - a)) / a.size

    def of_output(self, v):
        if self.output is softmax:
            return v["a2"] * (v["da2"] - np.sum(v["da2"] * v["a2"], axis=1, keepdims=True))
        return v["da2"] * SLOPES[self.output](v["z2"], v["a2"])

    def report(self, *plants, places=PLACES):
        v = self.backward(*plants)
        asked = {place[1:]: (v[place[1:]], v[place]) for place in places if place != "da1"}
        return compare(self.forward, asked, self.X, self.y, self.W1, self.b1, self.W2, self.b2)


def articles(seed, dtype=float):
    """The three networks that articles are written about."""
    return {
        "sigmoid": Net(sigmoid, sigmoid, squared, seed, dtype),
        "softmax": Net(np.tanh, softmax, cross_entropy, seed, dtype),
        "relu": Net(relu, sigmoid, binary_cross_entropy, seed, dtype),
    }


class Plant:
    """A mistake: the gradient whose formula has it, the kind that it is, the wrong formula, the networks it is for."""

    def __init__(self, name, place, kind, of, nets=("sigmoid", "softmax", "relu")):
        self.name, self.place, self.kind, self.of, self.nets = name, place, kind, of, nets

    def __repr__(self):
        return self.name


def without_row(g):
    g = g.copy()
    g[1] = 0
    return g


PLANTS = [
    Plant(
        "mean of the loss forgotten", "da2", "constant factor", lambda v: v["da2"] * v["da2"].size, ("sigmoid", "relu")
    ),
    Plant("mean over the batch forgotten", "da2", "constant factor", lambda v: v["da2"] * v["n"], ("softmax",)),
    Plant("2 of the square forgotten", "da2", "constant factor", lambda v: v["da2"] / 2, ("sigmoid",)),
    Plant("target minus output", "da2", "sign", lambda v: -v["da2"]),
    Plant("output's derivative omitted", "dz2", "missing factor", lambda v: v["da2"]),
    Plant(
        "output's derivative twice", "dz2", "surplus factor", lambda v: v["dz2"] * v["a2"] * (1 - v["a2"]), ("sigmoid",)
    ),
    Plant("cross-entropy's delta", "dz2", "other loss", lambda v: (v["a2"] - v["y"]) / v["n"], ("sigmoid",)),
    Plant(
        "squared error's delta",
        "dz2",
        "other loss",
        lambda v: (v["a2"] - v["y"]) * v["a2"] * (1 - v["a2"]) * 2 / v["a2"].size,
        ("relu",),
    ),
    Plant(
        "softmax taken for elementwise",
        "dz2",
        "diagonal softmax",
        lambda v: v["da2"] * v["a2"] * (1 - v["a2"]),
        ("softmax",),
    ),
    Plant("targets not subtracted", "dz2", "missing term", lambda v: v["a2"] / v["n"], ("softmax",)),
    Plant(
        "sigma' of the output",
        "dz2",
        "wrong operand",
        lambda v: v["da2"] * sigmoid(v["a2"]) * (1 - sigmoid(v["a2"])),
        ("sigmoid", "relu"),
    ),
    Plant("z1 for a1", "dW2", "wrong operand", lambda v: v["z1"].T @ v["dz2"]),
    Plant("da2 for dz2", "dW2", "wrong upstream", lambda v: v["a1"].T @ v["da2"]),
    Plant("dW2 transposed", "dW2", "transposed", lambda v: v["dz2"].T @ v["a1"]),
    Plant("dW2 averaged", "dW2", "constant factor", lambda v: v["dW2"] / v["n"]),
    Plant("dW2 of the last sample", "dW2", "overwritten", lambda v: v["a1"][-1:].T @ v["dz2"][-1:]),
    Plant("dW2 with weight decay", "dW2", "surplus term", lambda v: v["dW2"] + 0.02 * v["W2"]),
    Plant("dW2 per sample", "dW2", "unsummed samples", lambda v: v["a1"][:, :, None] * v["dz2"][:, None, :]),
    Plant("db2 not summed", "db2", "unsummed broadcast", lambda v: v["dz2"]),
    Plant("db2 averaged", "db2", "averaged broadcast", lambda v: v["dz2"].mean(axis=0, keepdims=True)),
    Plant("db2 of the last sample", "db2", "overwritten", lambda v: v["dz2"][-1:]),
    Plant("db2 summed to a number", "db2", "summed too much", lambda v: v["dz2"].sum(), ("sigmoid", "relu")),
    Plant("activation's derivative omitted", "dz1", "missing factor", lambda v: v["da1"]),
    Plant(
        "slope's formula fed with z",
        "dz1",
        "wrong operand",
        lambda v: v["da1"] * SLOPES[v["net"].hidden](None, v["z1"]),
        ("sigmoid", "softmax"),
    ),
    Plant(
        "derivative at a for z",
        "dz1",
        "wrong operand",
        lambda v: v["da1"] * SLOPES[v["net"].hidden](None, v["net"].hidden(v["a1"])),
        ("sigmoid", "softmax"),
    ),
    Plant("tanh's derivative", "dz1", "wrong factor", lambda v: v["da1"] * (1 - v["a1"] ** 2), ("sigmoid", "relu")),
    Plant(
        "sigmoid's derivative", "dz1", "wrong factor", lambda v: v["da1"] * v["a1"] * (1 - v["a1"]), ("softmax", "relu")
    ),
    Plant("upstream forgotten", "dz1", "missing upstream", lambda v: v["s1"] * 1.0),
    Plant("dz1 negative", "dz1", "sign", lambda v: -v["dz1"]),
    Plant("W2 not transposed", "dz1", "transposed", lambda v: v["dz2"] @ v["W2"] * v["s1"]),
    Plant("W2 left out", "dz1", "missing factor", lambda v: v["dz2"] * v["s1"]),
    Plant("W2 after its update", "dz1", "stale weight", lambda v: v["dz2"] @ (v["W2"] - 0.5 * v["dW2"]).T * v["s1"]),
    Plant("da1 for dz1", "dW1", "wrong upstream", lambda v: v["X"].T @ v["da1"]),
    Plant("dW1 transposed", "dW1", "transposed", lambda v: v["dW1"].T),
    Plant("dW1 negative", "dW1", "sign", lambda v: -v["dW1"]),
    Plant("dW1 of whole numbers", "dW1", "whole numbers", lambda v: v["dW1"].astype(int)),
    Plant("dW1 not a number", "dW1", "not finite", lambda v: v["dW1"] * np.nan),
    Plant("a row of dW1 forgotten", "dW1", "some elements", lambda v: without_row(v["dW1"])),
    Plant("db1 not summed", "db1", "unsummed broadcast", lambda v: v["dz1"]),
    Plant("db1 of the first sample", "db1", "overwritten", lambda v: v["dz1"][0]),
    Plant("db1 doubled", "db1", "constant factor", lambda v: 2 * v["db1"]),
]


def same(a, b):
    a, b = np.asarray(a), np.asarray(b)
    return a.shape == b.shape and np.allclose(a, b, rtol=1e-9, atol=0, equal_nan=True)


def check(report, *plants):
    """Each planted mistake is named where it is, the one nearest to the loss first, and nothing else is blamed."""
    planted = {plant.place: plant for plant in plants}
    for finding in report:
        if finding.gradient in planted:
            assert (finding.status, finding.kind) == ("wrong", planted[finding.gradient].kind), finding.text
        else:
            assert finding.status in ("right", "follows"), (finding.gradient, finding.text)
    assert report.first.gradient == min(planted, key=PLACES.index)
    assert not report.ok


CASES = [(name, plant) for plant in PLANTS for name in plant.nets]
NAMES = ("sigmoid", "softmax", "relu")


def test_there_are_enough_kinds():
    assert len(PLANTS) >= 40
    assert len({plant.kind for plant in PLANTS}) >= 20


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("seed", range(30))
def test_nothing_is_said_about_a_right_network(seed, dtype):
    for net in articles(seed, dtype).values():
        for places in (PLACES, PARAMETERS, ("dz1", "db2")):
            report = net.report(places=places)
            assert report.ok
            assert {finding.status for finding in report} == {"right"}
            assert report.first is None
            assert not report.remarks
            assert not report.wrong


@pytest.mark.parametrize(("name", "plant"), CASES, ids=repr)
def test_each_mistake_is_found(name, plant):
    for seed in range(2):
        report = articles(seed)[name].report(plant)
        check(report, plant)
        assert report.first.text
        assert report.first.remedy


# One number of seven digits says too little to tell what it is.
IN_FLOAT32 = [(name, plant) for name, plant in CASES if plant.kind != "summed too much"]


@pytest.mark.parametrize(("name", "plant"), IN_FLOAT32, ids=repr)
def test_each_mistake_is_found_in_float32(name, plant):
    check(articles(3, np.float32)[name].report(plant), plant)


@pytest.mark.parametrize(("name", "plant"), CASES, ids=repr)
def test_with_the_parameters_alone_the_first_wrong_one_is_explained_and_the_others_follow(name, plant):
    net = articles(1)[name]
    right, wrong = net.backward(), net.backward(plant)
    spoilt = [place for place in PARAMETERS if not same(right[place], wrong[place])]
    report = net.report(plant, places=PARAMETERS)
    assert report.first.gradient == spoilt[0]
    assert report.first.kind == plant.kind
    assert report.wrong == [report.first]
    assert [finding.gradient for finding in report if not finding.ok] == spoilt
    if plant.place not in PARAMETERS:
        assert report.first.place[-1] == plant.place[-1]  # of a1 and z1, either may be meant


def undone(net, first, second):
    """Whether one mistake makes up for the other in some gradient, as 1/n forgotten above and put in below."""
    right, together = net.backward(), net.backward(first, second)
    alone = net.backward(first), net.backward(second)
    return any(same(together[p], right[p]) and not any(same(v[p], right[p]) for v in alone) for p in PARAMETERS)


def independent(net, first, second):
    """Whether each of two mistakes changes what it is planted in, the other one being there, too."""
    if first.place == second.place:
        return False
    try:
        both, one, other = net.backward(first, second), net.backward(first), net.backward(second)
    except ValueError:  # the first gives a shape that the second cannot be computed with
        return False
    return not same(both[second.place], one[second.place]) and not same(both[first.place], other[first.place])


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_two_mistakes_at_once_are_both_found(name):
    net = articles(0)[name]
    pairs = list(combinations([plant for plant in PLANTS if name in plant.nets], 2))
    tried = 0
    for i, (first, second) in enumerate(pairs):
        if i % 2 == 0 and independent(net, first, second) and not undone(net, first, second):
            check(net.report(first, second), first, second)
            tried += 1
    assert tried > 150


def test_mistakes_that_undo_each_other_are_a_convention():
    net = articles(0)["softmax"]
    plants = {plant.name: plant for plant in PLANTS}
    everywhere = [Plant("", place, "", lambda v, place=place: v[place] / v["n"]) for place in PARAMETERS]
    report = net.report(plants["mean over the batch forgotten"], *everywhere)
    assert report.ok
    assert report["dz2"].status == "convention"
    assert "12 times the gradient" in report["dz2"].text
    forgotten = net.report(plants["mean over the batch forgotten"], *everywhere[:3])
    assert [finding.gradient for finding in forgotten.wrong] == ["db1"]
    assert "off by exactly 12" in forgotten["db1"].text


@pytest.mark.parametrize(("name", "plant"), CASES, ids=repr)
def test_the_right_formula_gives_the_right_gradient(name, plant):
    net = articles(2)[name]
    first = net.report(plant).first
    formula = first.recipe.removeprefix(f"{plant.place} = ")
    names = {**net.backward(plant), "log": np.log}
    np.testing.assert_allclose(
        np.broadcast_to(eval(formula, names), first.expected.shape), first.from_yours, rtol=1e-12
    )


@pytest.mark.parametrize("place", ["dz2", "dW2", "db2", "dz1", "dW1", "db1"])
def test_noise_is_not_explained(place):
    for seed in range(4):
        rng = np.random.default_rng(100 + seed)
        noise = Plant("", place, "unexplained", lambda v: v[place] * rng.uniform(0.5, 2, np.shape(v[place])))  # noqa: B023
        for net in articles(seed).values():
            check(net.report(noise), noise)
