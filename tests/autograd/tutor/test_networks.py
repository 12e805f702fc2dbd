"""The tutor on what people write by hand: deep and recurrent networks, Values, and the articles' own conventions."""

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value
from autograd.tutor import compare


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def kinds(report):
    return {finding.gradient: finding.kind for finding in report.wrong}


# Three layers, class numbers as targets, a penalty on the weights


class Deep:
    decay = 0.05

    def __init__(self, seed=0, n=8):
        rng = np.random.default_rng(seed)
        self.X, self.labels = rng.normal(size=(n, 5)), rng.integers(0, 3, n)
        self.W1, self.W2, self.W3 = (rng.normal(size=shape) for shape in ((5, 6), (6, 6), (6, 3)))
        self.b1, self.b2, self.b3 = rng.normal(size=6), rng.normal(size=6), np.zeros(3)

    def forward(self, X, labels, W1, b1, W2, b2, W3, b3):
        z1 = X @ W1 + b1
        a1 = np.maximum(0, z1)
        z2 = a1 @ W2 + b2
        a2 = np.maximum(0, z2)
        scores = a2 @ W3 + b3
        e = np.exp(scores - np.max(scores, axis=1, keepdims=True))
        probs = e / np.sum(e, axis=1, keepdims=True)
        data = np.sum(-np.log(probs[np.arange(len(X)), labels])) / len(X)
        return data + 0.5 * self.decay * sum(np.sum(W * W) for W in (W1, W2, W3))

    def report(self, bug="", parameters_only=False):
        n, X, decay = len(self.X), self.X, self.decay
        z1 = X @ self.W1 + self.b1
        a1 = np.maximum(0, z1)
        z2 = a1 @ self.W2 + self.b2
        a2 = np.maximum(0, z2)
        scores = a2 @ self.W3 + self.b3
        e = np.exp(scores - scores.max(axis=1, keepdims=True))
        dscores = e / e.sum(axis=1, keepdims=True)
        if bug != "targets":
            dscores[np.arange(n), self.labels] -= 1
        if bug != "mean":
            dscores /= n
        dW3 = a2.T @ dscores + (0 if bug == "penalty" else decay * self.W3)
        if bug == "penalty twice":
            dW3 += decay * self.W3
        dz2 = (dscores @ self.W3.T) * ((z1 if bug == "mask" else z2) > 0)
        if bug == "no mask":
            dz2 = dscores @ self.W3.T
        da1 = dz2 @ (self.W2 if bug == "transposed" else self.W2.T)
        dz1 = da1 * (z1 > 0)
        db1 = dz1.sum(axis=1 if bug == "axis" else 0)
        asked = {
            "scores": (scores, dscores),
            "W3": (self.W3, dW3),
            "b3": (self.b3, dscores.sum(axis=0)),
            "z2": (z2, dz2),
            "W2": (self.W2, a1.T @ dz2 + decay * self.W2),
            "b2": (self.b2, dz2.sum(axis=0)),
            "z1": (z1, dz1),
            "W1": (self.W1, X.T @ dz1 + decay * self.W1),
            "b1": (self.b1, db1),
        }
        if parameters_only:
            asked = {name: entry for name, entry in asked.items() if name[0] in "Wb"}
        inputs = (X, self.labels, self.W1, self.b1, self.W2, self.b2, self.W3, self.b3)
        return compare(self.forward, asked, *inputs)


DEEP = {
    "targets": ("dscores", "missing term", "lacks the targets"),
    "mean": ("dscores", "constant factor", "off by exactly 8"),
    "penalty": ("dW3", "missing term", "lacks 0.05 * W3, the gradient of the penalty"),
    "penalty twice": ("dW3", "surplus term", "0.05 * W3 too much"),
    "mask": ("dz2", "wrong operand", "has relu'(z1) where relu'(z2) belongs"),
    "no mask": ("dz2", "missing factor", "lacks relu'(z2) = z2 > 0"),
    "transposed": ("dz1", "transposed", "is multiplied by W2 where W2.T belongs"),
    "axis": ("db1", "wrong axis", "summed over axis 1 where it must be summed over axis 0"),
}


@pytest.mark.parametrize("bug", DEEP)
def test_three_layers(bug):
    gradient, kind, words = DEEP[bug]
    report = Deep().report(bug)
    assert kinds(report) == {gradient: kind}
    assert words in report.first.text
    hidden = Deep().report(bug, parameters_only=True)
    assert [finding.kind for finding in hidden.wrong] == [kind]
    assert words in hidden.first.text


def test_three_right_layers():
    for seed in range(20):
        assert Deep(seed).report().ok
        assert Deep(seed).report(parameters_only=True).ok


# Time


class Recurrent:
    def __init__(self, seed=1, steps=5, n=4):
        rng = np.random.default_rng(seed)
        self.X, self.Y = rng.normal(size=(steps, n, 3)), rng.normal(size=(steps, n, 2))
        self.Wx, self.Wh, self.Wy = rng.normal(size=(3, 6)) / 2, rng.normal(size=(6, 6)) / 2, rng.normal(size=(6, 2))
        self.bh, self.by = rng.normal(size=6) / 10, np.zeros(2)

    def forward(self, X, Y, Wx, Wh, bh, Wy, by):
        h, loss = np.zeros((X.shape[1], 6)), 0
        for x, y in zip(X, Y):
            h = np.tanh(x @ Wx + h @ Wh + bh)
            loss = loss + np.sum((h @ Wy + by - y) ** 2)
        return loss

    def report(self, bug=""):
        states = [np.zeros((self.X.shape[1], 6))]
        for x in self.X:
            states.append(np.tanh(x @ self.Wx + states[-1] @ self.Wh + self.bh))
        dWx, dWh, dWy = np.zeros_like(self.Wx), np.zeros_like(self.Wh), np.zeros_like(self.Wy)
        dbh, dby, dnext = np.zeros_like(self.bh), np.zeros_like(self.by), np.zeros_like(states[0])
        for t in reversed(range(len(self.X))):
            h, before = states[t + 1], states[t]
            dout = 2 * (h @ self.Wy + self.by - self.Y[t])
            dWy += h.T @ dout
            dby += dout.sum(axis=0)
            dh = dout @ self.Wy.T + (0 if bug == "no recurrence" else dnext)
            dz = dh if bug == "no tanh" else dh * (1 - h**2)
            dWx += self.X[t].T @ dz
            dWh = before.T @ dz + (0 if bug == "overwritten" else dWh)
            if bug == "next state":
                dWh += (h - before).T @ dz
            dbh += dz.sum(axis=0)
            dnext = dz @ (self.Wh if bug == "transposed" else self.Wh.T)
        asked = {"Wx": (self.Wx, dWx), "Wh": (self.Wh, dWh), "bh": (self.bh, dbh)}
        asked |= {"Wy": (self.Wy, dWy), "by": (self.by, dby)}
        return compare(self.forward, asked, self.X, self.Y, self.Wx, self.Wh, self.bh, self.Wy, self.by)


RECURRENT = {
    "no recurrence": ("missing term", "and so at 3 more places"),
    "no tanh": ("missing factor", "lacks tanh'("),
    "overwritten": ("overwritten", "dWh holds only the part that comes back through"),
    "next state": ("wrong operand", "and so at 4 more places"),
    "transposed": ("transposed", "is multiplied by Wh where Wh.T belongs, and so at 3 more places"),
}


@pytest.mark.parametrize("bug", RECURRENT)
def test_backpropagation_through_time(bug):
    kind, words = RECURRENT[bug]
    report = Recurrent().report(bug)
    assert [finding.kind for finding in report.wrong] == [kind]
    assert words in report.first.text
    assert report["Wy"].status == report["by"].status == "right"
    assert {finding.status for finding in report} <= {"right", "wrong", "follows"}


def test_right_backpropagation_through_time():
    for seed in range(20):
        assert Recurrent(seed).report().ok


# What is used twice


@pytest.mark.parametrize(
    ("bug", "words"),
    [("", ""), ("skip", "lacks the part that comes back through s"), ("branch", "comes back through h @ V")],
)
def test_a_skip_connection(bug, words):
    rng = np.random.default_rng(2)
    X, W, V = rng.normal(size=(8, 4)), rng.normal(size=(4, 4)), rng.normal(size=(4, 4))

    def forward(X, W, V):
        h = np.tanh(X @ W)
        s = h + np.tanh(h @ V)
        return np.sum(s**2)

    h = np.tanh(X @ W)
    u = np.tanh(h @ V)
    ds = 2 * (h + u)
    du = ds * (1 - u * u)
    dh = {"": ds + du @ V.T, "skip": du @ V.T, "branch": ds}[bug]
    report = compare(forward, {"h": (h, dh), "V": (V, h.T @ du), "W": (W, X.T @ (dh * (1 - h * h)))}, X, W, V)
    assert report.ok == (not bug)
    if bug:
        assert kinds(report) == {"dh": "missing term"}
        assert words in report.first.text
        assert report["dW"].status == "follows"


@pytest.mark.parametrize("bug", ["", "encoder", "decoder"])
def test_tied_weights(bug):
    rng = np.random.default_rng(3)
    X, W, b, c = rng.uniform(size=(8, 4)), rng.normal(size=(4, 3)), np.zeros(3), np.zeros(4)

    def forward(X, W, b, c):
        h = sigmoid(X @ W + b)
        r = sigmoid(h @ W.T + c)
        return np.mean((r - X) ** 2)

    h = sigmoid(X @ W + b)
    r = sigmoid(h @ W.T + c)
    dr = 2 * (r - X) / X.size * r * (1 - r)
    dh = dr @ W * h * (1 - h)
    dW = {"": X.T @ dh + dr.T @ h, "encoder": dr.T @ h, "decoder": X.T @ dh}[bug]
    report = compare(forward, {"W": (W, dW), "b": (b, dh.sum(0)), "c": (c, dr.sum(0))}, X, W, b, c)
    assert report.ok == (not bug)
    if bug:
        assert kinds(report) == {"dW": "missing term"}
        assert "W is used in 2 places" in report.first.remedy
        assert ("X @ W" if bug == "encoder" else "h @ W.T") in report.first.text


# Values


def neurons(bug=""):
    """Two inputs, three tanh neurons, one output, a squared error: every number by itself."""
    rng = np.random.default_rng(4)
    x, t = [0.5, -1.2], 0.7
    w = [[Value(v) for v in row] for row in rng.normal(size=(3, 2)).tolist()]
    b, v = ([Value(n) for n in rng.normal(size=3).tolist()] for _ in range(2))
    h = [(b[i] + w[i][0] * x[0] + w[i][1] * x[1]).tanh() for i in range(3)]
    o = v[0] * h[0] + v[1] * h[1] + v[2] * h[2]
    loss = (o - t) ** 2
    do = (1 if bug == "two" else 2) * (o.data - t)
    dz = [do * v[i].data * (1 - h[i].data ** 2) for i in range(3)]
    if bug == "tanh":
        dz = [do * v[i].data for i in range(3)]
    if bug == "sigmoid":
        dz = [do * v[i].data * h[i].data * (1 - h[i].data) for i in range(3)]
    if bug == "weight":
        dz = [do * (1 - h[i].data ** 2) for i in range(3)]
    dw = [[dz[i] * x[j] for j in range(2)] for i in range(3)]
    return compare(loss, {"o": (o, do), "v": (v, [do * h[i].data for i in range(3)]), "w": (w, dw), "b": (b, dz)})


@pytest.mark.parametrize(
    ("bug", "gradient", "kind"),
    [
        ("two", "do", "constant factor"),
        ("tanh", "db", "missing factor"),
        ("sigmoid", "db", "wrong factor"),
        ("weight", "db", "missing factor"),
    ],
)
def test_values(bug, gradient, kind):
    assert neurons().ok
    assert kinds(neurons(bug)) == {gradient: kind}


def test_a_neuron_of_the_lecture():
    x1, w1 = Value(2.0, label="x1"), Value(-3.0, label="w1")
    n = x1 * w1 + 6.8813735870195432
    o = n.tanh()
    n.label, o.label = "n", "o"
    assert compare(o, {"n": (n, 0.5), "x1": (x1, -1.5), "w1": (w1, 1.0)}).ok
    exchanged = compare(o, {"n": (n, 0.5), "x1": (x1, 1.0), "w1": (w1, -1.5)})
    assert kinds(exchanged) == {"dx1": "wrong operand", "dw1": "wrong operand"}
    assert exchanged.first.text == "dx1 is computed with x1 where w1 belongs."
    assert exchanged.first.recipe == "dx1 = dn * w1"
    flat = compare(o, {"n": (n, 1.0), "x1": (x1, -3.0)})
    assert flat.first.text == "dn lacks tanh'(n) = 1 - o * o."
    assert flat["dx1"].status == "follows"


def test_a_value_used_twice():
    a = Value(3.0, label="a")
    y = a + a
    report = compare(y, {"a": (a, 1.0)})
    assert report.first.kind == "missing term"
    assert "a is used in 2 places" in report.first.remedy


# The conventions of articles


def columns(bug=""):
    """Samples in columns, gradients of the summed loss, 1/m in the parameters: as in a well-known course."""
    rng = np.random.default_rng(5)
    m = 50
    X, Y = rng.normal(size=(2, m)), rng.integers(0, 2, (1, m)).astype(float)
    parameters = {"W1": rng.normal(size=(4, 2)), "b1": np.zeros((4, 1)), "W2": rng.normal(size=(1, 4)) / 2}
    parameters["b2"] = np.zeros((1, 1))

    def forward(X, Y, parameters):
        Z1 = np.dot(parameters["W1"], X) + parameters["b1"]
        A1 = np.tanh(Z1)
        Z2 = np.dot(parameters["W2"], A1) + parameters["b2"]
        A2 = sigmoid(Z2)
        cost = -1 / m * np.sum(np.multiply(np.log(A2), Y) + np.multiply(1 - Y, np.log(1 - A2)))
        return A2, {"Z1": Z1, "A1": A1}, cost

    W1, b1, W2, b2 = (parameters[name] for name in ("W1", "b1", "W2", "b2"))
    Z1 = W1 @ X + b1
    A1 = np.tanh(Z1)
    Z2 = W2 @ A1 + b2
    dZ2 = sigmoid(Z2) - Y
    dZ1 = W2.T @ dZ2 * (1 - (A1 if bug == "square" else A1**2))
    dW1 = dZ1 @ X.T / (1 if bug == "mean" else m)
    asked = {
        "Z2": (Z2, dZ2),
        "W2": (W2, dZ2 @ A1.T / m),
        "b2": (b2, dZ2.sum(axis=1, keepdims=True) / m),
        "Z1": (Z1, dZ1),
        "W1": (W1, dW1),
        "b1": (b1, dZ1.sum(axis=1, keepdims=True) / m),
    }
    return compare(forward, asked, X, Y, parameters)


def test_a_mean_that_is_taken_later_is_no_mistake():
    report = columns()
    assert report.ok
    assert report["Z2"].status == report["Z1"].status == "convention"
    assert "50 times the gradient, and you divide by that later" in report["dZ1"].text


def test_a_mistake_beside_a_convention():
    report = columns("square")
    assert kinds(report) == {"dZ1": "wrong factor"}
    assert report.first.text == "dZ1 has 1 - A1 where tanh'(Z1) = 1 - A1 * A1 belongs."
    assert report["dW1"].status == "follows"
    report = columns("mean")
    assert kinds(report) == {"dW1": "constant factor"}
    assert "off by exactly 50" in report.first.text
    assert report.first.recipe == "dW1 = dZ1 @ X.T / 50"


class Network:
    """As in many articles: weights as attributes, and steps that are added."""

    def __init__(self):
        rng = np.random.default_rng(6)
        self.X = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
        self.y = np.array([[0], [1], [1], [0]])
        self.w1, self.w2 = rng.uniform(size=(3, 4)), rng.uniform(size=(4, 1))

    def feedforward(self):
        self.layer = sigmoid(np.dot(self.X, self.w1))
        self.output = sigmoid(np.dot(self.layer, self.w2))
        return self.output

    def steps(self):
        self.feedforward()
        delta = 2 * (self.y - self.output) * self.output * (1 - self.output)
        return np.dot(self.X.T, delta @ self.w2.T * self.layer * (1 - self.layer)), np.dot(self.layer.T, delta)


def test_steps_that_are_added_are_right_when_the_update_shows_it():
    network = Network()
    step1, step2 = network.steps()
    before1, before2 = network.w1, network.w2
    network.w1, network.w2 = Tensor(before1), Tensor(before2)
    loss = ((network.y - network.feedforward()) ** 2).sum()
    unknown = compare(loss, {"w1": (network.w1, step1), "w2": (network.w2, step2)})
    assert unknown.first.kind == "sign"
    assert "if you add it in the update (w += lr * dw), leave it" in unknown.first.remedy
    entries = {"w1": (network.w1, step1, before1 + step1), "w2": (network.w2, step2, before2 + step2)}
    known = compare(loss, entries)
    assert known.ok
    assert known["w1"].status == "convention"
    assert known["update of w1"].text == "right: downhill, with a learning rate of 1"


def test_the_slope_of_the_sigmoid_after_a_cross_entropy():
    rng = np.random.default_rng(7)
    X, y, W = rng.normal(size=(10, 3)), rng.integers(0, 2, (10, 1)).astype(float), rng.normal(size=(3, 1))

    def forward(X, y, W):
        z = X @ W
        a = sigmoid(z)
        return -np.mean(y * np.log(a) + (1 - y) * np.log(1 - a))

    a = sigmoid(X @ W)
    report = compare(forward, {"z": (X @ W, (a - y) / 10 * a * (1 - a))}, X, y, W)
    assert report.first.kind == "other loss"
    assert report.first.remedy.startswith("The gradient of z is simply (a - y) / 10; or ")

    def squared(X, y, W):
        z = X @ W
        a = sigmoid(z)
        return np.mean((a - y) ** 2)

    report = compare(squared, {"a": (a, (a - y) / (a * (1 - a)) / 10)}, X, y, W)
    assert "gradient of the binary cross-entropy" in report.first.text
    assert "simply" not in report.first.remedy


def test_the_articles_own_mistake_a_squared_loss_without_the_slope_of_the_sigmoid():
    rng = np.random.default_rng(7)
    X, y, W = rng.normal(size=(10, 3)), rng.integers(0, 2, (10, 1)).astype(float), rng.normal(size=(3, 1))

    def forward(X, y, W):
        z = X @ W
        a = sigmoid(z)
        return np.mean((a - y) ** 2)

    a = sigmoid(X @ W)
    dz = 2 * (a - y) / 10
    report = compare(forward, {"z": (X @ W, dz), "W": (W, X.T @ dz)}, X, y, W)
    assert report.first.text == "dz lacks σ'(z) = a * (1 - a)."
    assert report["dW"].status == "follows"
    # a delta of a - y is the cross-entropy's; which says the same, and why it is so often seen
    dz = (a - y) / 10
    report = compare(forward, {"W": (W, X.T @ dz)}, X, y, W)
    assert report.first.kind == "other loss"
    assert "the gradient of the binary cross-entropy, and this loss is the squared error" in report.first.text
    assert "it lacks σ'(z) = a * (1 - a)" in report.first.text
    # and never averaged
    report = compare(forward, {"W": (W, X.T @ (2 * (a - y) * a * (1 - a)))}, X, y, W)
    assert report.first.kind == "constant factor"
    assert "off by exactly n = 10" in report.first.text
    assert report.first.recipe == "da = 2 * (a - y) / 10"


def test_a_network_of_the_library():
    import nn

    nn.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3))
    X = np.random.default_rng(8).normal(size=(6, 4)).astype(np.float32)
    labels = np.array([0, 2, 1, 1, 0, 2])
    loss = nn.functional.cross_entropy(model(X), labels)
    loss.backward(retain_graph=True)
    right = {name: (p, p.grad) for name, p in model.named_parameters()}
    assert compare(loss, right).ok
    wrong = {**right, "2.bias": (right["2.bias"][0], right["2.bias"][1] * 6)}
    report = compare(loss, wrong)
    assert kinds(report) == {"d2.bias": "constant factor"}
    assert "off by exactly 6" in report.first.text


def test_a_binary_cross_entropy_of_logits_is_opened_into_sigmoid_and_entropy():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(8, 3)), (rng.random((8, 1)) > 0.5).astype(float)
    w = Tensor(rng.normal(size=(3, 1)), label="w")
    z = x @ w
    z.label = "z"
    loss = autograd.binary_cross_entropy_with_logits(z, y).mean()
    p = 1 / (1 + np.exp(-z.data))
    assert compare(loss, {"z": (z, (p - y) / 8), "w": (w, x.T @ (p - y) / 8)}).ok
    assert compare(loss, {"z": (z, p / 8)}).first.text.startswith("dz lacks y")
    squared = compare(loss, {"z": (z, (p - y) * p * (1 - p) / 8)}).first.text
    told = "dz is the gradient of the squared error, and this loss is the binary cross-entropy, in whose gradient "
    assert squared == told + "σ'(z) cancels."
