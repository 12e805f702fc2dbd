"""gradcheck names each planted mistake: on Tensors, on Values, and in Modules."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, Value
from autograd.check.gradcheck import gradcheck, gradgradcheck
from autograd.check.report import GradcheckError
from autograd.check.verdict import Verdict
from autograd.primitive import Primitive

rng = np.random.default_rng(3)
X = rng.uniform(0.2, 1.2, (4, 3))
W = rng.uniform(-1.0, 1.0, (3, 5))
S = rng.uniform(-1.0, 1.0, (3, 3))
B = rng.uniform(-1.0, 1.0, 3)


def rules(name, forward, *vjps, jvps=(), number=None):
    """A primitive with these rules, which may be wrong; it is not registered."""
    p = Primitive(name, number, forward, domain=())
    p.vjps, p.jvps = vjps, jvps
    return p


def slopes(name, forward, *partials, number=None):
    """An elementwise primitive with these partials, which may be wrong."""
    p = Primitive(name, number or forward, forward, domain=(), broadcasts=True)
    p.partials = p.slopes = partials
    p.first_slope, p.second_slope = (*partials, None)[:2]
    return p


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


class Planted(NamedTuple):
    """A wrong function, its arguments, the kind of the verdict, and words that the report must hold."""

    name: str
    function: object
    args: tuple
    kind: str
    says: tuple
    settings: dict = MappingProxyType({})

    def __str__(self):
        return self.name

    def check(self, checker=gradcheck):
        with pytest.raises(GradcheckError) as caught:
            checker(self.function, *self.args, **self.settings)
        assert caught.value.verdict.kind == self.kind, str(caught.value)
        for words in self.says:
            assert words in str(caught.value)
        return caught.value


def soft_rows(x):
    return np.exp(x) / np.exp(x).sum(-1, keepdims=True)


ONE = np.arange(12).reshape(4, 3) == 7
TENSORS = [
    Planted(
        "sign",
        rules("cosine", np.cos, lambda g, y, x: g * np.sin(x)),
        (X,),
        "sign",
        ("cosine by x", "wrong sign", "∂(sum of cosine)/∂x["),
    ),
    Planted(
        "constant",
        rules("squared", lambda x: x**2, lambda g, y, x: g * x),
        (X,),
        "constant factor",
        ("1/2 of", "Multiply by 2"),
    ),
    Planted(
        "forgotten mean",
        rules("average", lambda x: x.mean(), lambda g, y, x: g * np.ones_like(x)),
        (X,),
        "constant factor",
        ("12 is the number of elements of x", "1/12"),
    ),
    Planted(
        "rows not averaged",
        rules(
            "loss",
            lambda p, t: ((p - t) ** 2).sum() / len(p),
            lambda g, y, p, t: g * 2 * (p - t),
            lambda g, y, p, t: g * 2 * (t - p) / len(p),
        ),
        (X, X[::-1]),
        "constant factor",
        ("loss by p", "is 4 times", "length of p along axis 0"),
    ),
    Planted("logarithm", rules("log_two", np.log2, lambda g, y, x: g / x), (X,), "constant factor", ("ln 2 times",)),
    Planted(
        "degrees",
        rules("sine", lambda x: np.sin(np.deg2rad(x)), lambda g, y, x: g * np.cos(np.deg2rad(x))),
        (30 * X,),
        "constant factor",
        ("180/π", "Multiply by π/180"),
    ),
    Planted(
        "odd constant", rules("odd", np.exp, lambda g, y, x: g * y * 0.731), (X,), "constant factor", ("0.731 times",)
    ),
    Planted(
        "missing factor",
        rules("logistic", sigmoid, lambda g, y, z: g * y),
        (X,),
        "missing factor",
        ("logistic by z lacks 1 - y",),
    ),
    Planted(
        "missing inner derivative",
        rules("chained", lambda x: np.tanh(x * x), lambda g, y, x: g * (1 - y * y)),
        (X,),
        "missing factor",
        ("chained by x lacks x + x as a factor",),
    ),
    Planted(
        "upstream alone", rules("power_of_e", np.exp, lambda g, y, x: g), (X,), "missing factor", ("lacks exp(x)",)
    ),
    Planted(
        "applied twice",
        rules("twice", np.tanh, lambda g, y, x: g * (1 - y * y) ** 2),
        (X,),
        "surplus factor",
        ("1 - tanh(x) * tanh(x)", "once too often"),
    ),
    Planted(
        "another's derivative",
        rules("mixed_up", np.tanh, lambda g, y, x: g * y * (1 - y)),
        (X,),
        "wrong factor",
        ("y * (1 - y)", "1 - tanh(x) * tanh(x)"),
    ),
    Planted(
        "missing upstream",
        rules("alone", np.tanh, lambda g, y, x: 1 - y * y),
        (X,),
        "missing upstream",
        ("lacks the upstream gradient",),
    ),
    Planted(
        "missing upstream of a product",
        rules("product", lambda a, b: a @ b, lambda g, y, a, b: np.ones_like(g) @ b.T, lambda g, y, a, b: a.T @ g),
        (X, W),
        "missing upstream",
        ("product by a", "ignores the upstream gradient"),
    ),
    Planted(
        "transposed",
        rules("product", lambda a, b: a @ b, lambda g, y, a, b: (g @ b.T).T, lambda g, y, a, b: a.T @ g),
        (X, W),
        "transposed",
        ("product by a", "has shape (3, 4), and must have (4, 3)"),
    ),
    Planted(
        "untransposed factor",
        rules("product", lambda a, b: a @ b, lambda g, y, a, b: g @ b, lambda g, y, a, b: a.T @ g),
        (S, S[::-1]),
        "transposed",
        ("product by a", "where its transpose belongs"),
    ),
    Planted(
        "unsummed broadcast",
        rules("shift", lambda x, b: x + b, lambda g, y, x, b: g, lambda g, y, x, b: g),
        (X, B),
        "unsummed broadcast",
        ("shift by b", ".sum(axis=0)"),
    ),
    Planted(
        "averaged broadcast",
        rules("shift", lambda x, b: x + b, lambda g, y, x, b: g, lambda g, y, x, b: g.mean(0)),
        (X, B),
        "constant factor",
        ("shift by b", "1/4 of"),
    ),
    Planted(
        "kept dimension",
        rules("shift", lambda x, b: x + b, lambda g, y, x, b: g, lambda g, y, x, b: g.sum(0, keepdims=True)),
        (X, B),
        "wrong shape",
        ("(1, 3), and must have (3,)",),
    ),
    Planted(
        "summed too much",
        rules("scale", lambda x, b: x * b, lambda g, y, x, b: (g * b).sum(0), lambda g, y, x, b: (g * x).sum(0)),
        (X, B),
        "summed too much",
        ("scale by x", "over axis 0"),
    ),
    Planted(
        "one term of a product rule",
        rules("hump", lambda x: x * np.sin(x), lambda g, y, x: g * x * np.cos(x)),
        (X,),
        "overwritten",
        ("what comes through sin(x) alone",),
    ),
    Planted(
        "softmax as if elementwise",
        rules("soft", soft_rows, lambda g, y, x: g * y * (1 - y)),
        (X,),
        "diagonal only",
        ("soft by x", "diagonal of the Jacobian"),
    ),
    Planted(
        "swapped",
        rules("ratio", lambda a, b: a / b**2, lambda g, y, a, b: -2 * g * a / b**3, lambda g, y, a, b: g / b**2),
        (X, X + 1),
        "swapped",
        ("ratio by a", "is the gradient of b"),
    ),
    Planted(
        "at the result",
        rules("logistic", sigmoid, lambda g, y, z: g * sigmoid(y) * (1 - sigmoid(y))),
        (X,),
        "wrong point",
        ("at the result y in place of the operand z",),
    ),
    Planted(
        "zero", rules("still", np.tanh, lambda g, y, x: 0 * g), (X,), "zero gradient", ("still by x", "zero everywhere")
    ),
    Planted(
        "none",
        rules("times", lambda a, b: a * b, lambda g, y, a, b: g * b, None),
        (X, X),
        "no gradient",
        ("times by b", "found nothing"),
    ),
    Planted(
        "not finite",
        rules("gap", np.exp, lambda g, y, x: np.where(ONE, np.nan, g * y)),
        (X,),
        "not finite",
        ("nan at [2, 1]",),
    ),
    Planted(
        "one element",
        rules("gap", np.exp, lambda g, y, x: np.where(ONE, 0, g * y)),
        (X,),
        "some elements",
        ("wrong is at [2, 1]", "∂(sum of gap)/∂x[2, 1]"),
    ),
    Planted(
        "one row",
        rules("gap", np.exp, lambda g, y, x: np.where(np.arange(4)[:, None] == 2, -g * y, g * y)),
        (X,),
        "some elements",
        ("[2, :]", "wrong sign"),
    ),
    Planted(
        "negative side",
        rules("leaky", lambda x: np.where(x > 0, x, 0.1 * x), lambda g, y, x: g * (x > 0)),
        (X - 0.7,),
        "overwritten",
        ("lacks what comes through 0.1 * x",),
    ),
    Planted(
        "in reverse order",
        rules("backwards", lambda x: x[::-1] * 1.0, lambda g, y, x: g),
        (X,),
        "permuted",
        ("reversed along axis 0",),
    ),
    Planted(
        "two at once",
        rules("cosine", np.cos, lambda g, y, x: -np.ones_like(g) * np.sin(x) * 3),
        (X,),
        "constant factor and missing upstream",
        ("3 times", "lacks the upstream gradient"),
    ),
    Planted(
        "nothing known",
        rules("wild", np.exp, lambda g, y, x: g * np.sin(37 * x) * np.cos(3 + x**2)),
        (X,),
        "unexplained",
        ("no hypothesis explains it", "wild"),
    ),
    Planted(
        "forward mode alone",
        rules("lopsided", np.exp, lambda g, y, x: g * y, jvps=(lambda t, y, x: t,)),
        (X,),
        "missing factor",
        ("the tangent of lopsided by x lacks exp(x)", "forward mode found", "Reverse mode is right"),
    ),
    Planted(
        "tangent ignored",
        rules("lopsided", np.exp, lambda g, y, x: g * y, jvps=(lambda t, y, x: y,)),
        (X,),
        "missing tangent",
        ("tangent of lopsided",),
    ),
    Planted(
        "reverse mode alone",
        rules("lopsided", np.exp, lambda g, y, x: -g * y, jvps=(lambda t, y, x: t * y,)),
        (X,),
        "sign",
        ("Forward mode is right",),
    ),
    Planted(
        "both modes",
        slopes("shared", np.tanh, lambda y, x: 1 - y),
        (X,),
        "wrong factor",
        ("Forward mode is wrong, too", "1 - tanh(x) * tanh(x)"),
    ),
    Planted(
        "deep inside",
        lambda x, w: (autograd.tanh(x @ w) * rules("culprit", np.sin, lambda g, y, x: -g * np.cos(x))(x @ w)).sum(),
        (X, W),
        "sign",
        ("the gradient of culprit by x", "∂f/∂x["),
    ),
    Planted(
        "a wrong shape on the way",
        lambda x: rules("narrowing", lambda x: 2 * x, lambda g, y, x: 2 * g.sum(0))(x * 1.0).reshape(3, 4) * 2,
        (X,),
        "summed too much",
        ("narrowing by x",),
    ),
    Planted(
        "a part detached",
        lambda x: x * x.data,
        (X,),
        "detached",
        ("a part of what f computes from x is not in its graph",),
    ),
    Planted(
        "all detached", lambda x: Tensor(np.tanh(x.data)) * 1.0, (X,), "detached", ("nothing of x reaches the graph",)
    ),
    Planted("random", lambda x: x * np.random.random(3), (X,), "non-deterministic", ("called twice", ".eval()")),
    Planted(
        "random backward",
        rules("noisy", np.exp, lambda g, y, x: g * y * np.random.random()),
        (X,),
        "non-deterministic",
        ("backward pass",),
    ),
    Planted(
        "kink",
        autograd.relu,
        (np.array([1.0, 0.0, -2.0]),),
        "kink",
        ("x[1]", "relu has it where its operand is 0", "left the slope is 0", "right 1"),
    ),
    Planted(
        "tie",
        slopes("larger", np.maximum, lambda y, a, b: a >= b, lambda y, a, b: a < b),
        (np.array([1.0, 2.0]), np.array([1.0, 2.1])),
        "kink",
        ("larger has a tie there, both operands are 1",),
    ),
    Planted("jump", lambda x: autograd.where(x.data >= 1.0, x + 3, x), (np.array([1.0, 2.0]),), "kink", ("x[0]",)),
    Planted("edge", autograd.sqrt, (np.array([0.0, 1.0]),), "edge", ("x[0] lies at the edge",)),
    Planted(
        "step too large",
        lambda x: autograd.sin(50 * x),
        (X,),
        "step too large",
        ("eps=0.1", "Leave eps out"),
        {"eps": 0.1},
    ),
    Planted("step too small", lambda x: autograd.sin(50 * x), (X,), "step too small", ("eps=1e-14",), {"eps": 1e-14}),
    Planted(
        "drifting dtype",
        rules("drift", np.exp, lambda g, y, x: g * y * np.ones(3)),
        (X.astype(np.float32),),
        "dtype",
        ("float64", "float32"),
    ),
    Planted(
        "eaten by rounding",
        lambda x: autograd.log(autograd.exp(x) - 1.0),
        (np.array([1e-6, 3e-6], np.float32),),
        "precision",
        ("float32", "rounding"),
    ),
]


@pytest.mark.parametrize("planted", TENSORS, ids=str)
def test_on_tensors(planted):
    error = planted.check()
    assert "test_planted.py" in str(error)


def overwriting_operand(x):
    y = x * 2
    z = y * y
    y.data[...] = 0
    return z


def overwriting_argument(x):
    x.data[...] += 1
    return x * 2


@pytest.mark.parametrize(
    ("function", "words"), [(overwriting_operand, "multiply"), (overwriting_argument, "argument x")]
)
def test_writing_into_arrays(function, words):
    Planted("", function, (X,), "overwritten operand", (words,)).check()


VALUES = [
    Planted(
        "sign",
        slopes("cosine", np.cos, lambda y, x: autograd.sin(x), number=math.cos),
        (0.7,),
        "sign",
        ("cosine by x", "∂cosine/∂x should be -0.6442177"),
    ),
    Planted("constant", slopes("squared", lambda x: x * x, lambda y, x: x), (0.7,), "constant factor", ("1/2 of",)),
    Planted(
        "odd constant",
        slopes("odd", np.exp, lambda y, x: 0.731 * y, number=math.exp),
        (0.7,),
        "constant factor",
        ("0.731 times",),
    ),
    Planted(
        "missing factor",
        slopes("logistic", sigmoid, lambda y, z: y, number=lambda z: 1 / (1 + math.exp(-z))),
        (0.7,),
        "missing factor",
        ("lacks 1 - y",),
    ),
    Planted(
        "wrong factor",
        slopes("hyperbolic", np.tanh, lambda y, x: y * (1 - y), number=math.tanh),
        (0.7,),
        "wrong factor",
        ("y * (1 - y)", "1 - tanh(x) * tanh(x)"),
    ),
    Planted(
        "surplus factor",
        slopes("exponential", np.exp, lambda y, x: y * x, number=math.exp),
        (0.7,),
        "surplus factor",
        ("x as a factor once too often",),
    ),
    Planted(
        "missing upstream",
        rules("alone", np.tanh, lambda g, y, x: 1 - y * y, number=math.tanh),
        (0.7,),
        "missing upstream",
        ("alone by x",),
    ),
    Planted("upstream alone", slopes("exponential", np.exp, 1, number=math.exp), (0.7,), "missing factor", ("lacks",)),
    Planted(
        "zero", slopes("still", np.tanh, lambda y, x: 0.0, number=math.tanh), (0.7,), "zero gradient", ("still by x",)
    ),
    Planted(
        "none",
        rules("times", lambda a, b: a * b, lambda g, y, a, b: g * b, None, number=lambda a, b: a * b),
        (0.7, 1.3),
        "no gradient",
        ("times by b",),
    ),
    Planted(
        "one term",
        slopes("hump", lambda x: x * np.sin(x), lambda y, x: autograd.sin(x), number=lambda x: x * math.sin(x)),
        (0.7,),
        "overwritten",
        ("what comes through x * sin(x) alone",),
    ),
    Planted(
        "swapped",
        slopes("times", lambda a, b: a * b, lambda y, a, b: a, lambda y, a, b: b),
        (0.7, 1.3),
        "wrong factor",
        ("the factor a where b belongs",),
    ),
    Planted(
        "second operand",
        lambda a, b: slopes("ratio", lambda a, b: a / b, lambda y, a, b: 1 / b, lambda y, a, b: a / b**2)(a, b) + a,
        (Value(0.7), Value(1.3)),
        "sign",
        ("ratio by b", "∂f/∂b should be"),
    ),
    Planted(
        "at the result",
        slopes(
            "logistic", sigmoid, lambda y, z: sigmoid(y) * (1 - sigmoid(y)), number=lambda z: 1 / (1 + math.exp(-z))
        ),
        (0.7,),
        "wrong point",
        ("at the result",),
    ),
    Planted(
        "detached", lambda x: x * float(x), (0.7,), "detached", ("f computes from x", "it leaves it at test_planted.py")
    ),
    Planted(
        "kink in forward mode",
        autograd.relu,
        (0.0,),
        "kink",
        ("relu has it where its operand is 0",),
        {"check_backward_ad": False},
    ),
    Planted("kink of relu", lambda x: (x * 2 - 1).relu(), (0.5,), "kink", ("relu has it where its operand is 0",)),
    Planted("non-deterministic", lambda x: x * np.random.random(), (0.7,), "non-deterministic", ("called twice",)),
    Planted(
        "in a dict",
        lambda p: slopes("cosine", np.cos, lambda y, x: autograd.sin(x), number=math.cos)(p["w"][1]) * p["b"],
        ({"w": [0.1, 0.2], "b": 3.0},),
        "sign",
        ("∂f/∂p['w'][1]",),
    ),
]


@pytest.mark.parametrize("planted", VALUES, ids=str)
def test_on_values(planted):
    planted.check()


class Layer(nn.Module):
    """A layer of a user's with an operation of their own."""

    def __init__(self, operation, n_in=3, n_out=5):
        self.weight = nn.Parameter(rng.uniform(-1, 1, (n_out, n_in)))
        self.bias = nn.Parameter(rng.uniform(-1, 1, n_out))
        self.operation = operation

    def forward(self, x):
        return self.operation(x, self.weight, self.bias)


class Net(nn.Module):
    """That layer inside a model."""

    def __init__(self, operation):
        self.layers = [nn.Linear(3, 3), nn.Tanh(), Layer(operation)]

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


def dense(x, w, b):
    return x @ w.T + b


def dense_rules(
    to_x=lambda g, y, x, w, b: g @ w, to_w=lambda g, y, x, w, b: g.T @ x, to_b=lambda g, y, x, w, b: g.sum(0)
):
    return rules("dense", dense, to_x, to_w, to_b)


class Shared(nn.Module):
    """A weight used twice, one of the uses detached."""

    def __init__(self):
        self.weight = nn.Parameter(S)

    def forward(self, x):
        return autograd.tanh(x @ self.weight) @ self.weight.detach()


MODULES = [
    Planted(
        "unsummed bias",
        Net(dense_rules(to_b=lambda g, y, x, w, b: g)),
        (X,),
        "unsummed broadcast",
        ("dense by b", "Net"),
    ),
    Planted(
        "averaged bias",
        Net(dense_rules(to_b=lambda g, y, x, w, b: g.mean(0))),
        (X,),
        "constant factor",
        ("dense by b", "1/4 of", "layers.2.bias["),
    ),
    Planted(
        "transposed weight",
        Net(dense_rules(to_w=lambda g, y, x, w, b: x.T @ g)),
        (X,),
        "transposed",
        ("dense by w", "must have (5, 3)"),
    ),
    Planted(
        "weight without upstream",
        Net(dense_rules(to_w=lambda g, y, x, w, b: np.ones_like(g).T @ x)),
        (X,),
        "missing upstream",
        ("dense by w", "layers.2.weight["),
    ),
    Planted("input with a sign", Net(dense_rules(to_x=lambda g, y, x, w, b: -g @ w)), (X,), "sign", ("dense by x",)),
    Planted(
        "activation without its derivative",
        Net(lambda x, w, b: rules("activation", np.tanh, lambda g, y, x: g)(dense(x, w, b))),
        (X,),
        "missing factor",
        ("activation by x lacks 1 - tanh(x) * tanh(x)",),
    ),
    Planted(
        "weight detached",
        Net(lambda x, w, b: dense(x, w.detach(), b)),
        (X,),
        "detached",
        ("nothing of layers.2.weight",),
    ),
    Planted("one use detached", Shared(), (X,), "detached", ("a part of what Shared computes from weight",)),
    Planted(
        "dropout",
        Net(lambda x, w, b: dense(x, w, b) * (np.random.random(5) < 0.5)),
        (X,),
        "non-deterministic",
        ("Net", ".eval()"),
    ),
    Planted("kink", nn.Sequential(nn.Linear(3, 2, bias=False), nn.ReLU()), (np.zeros((1, 3)),), "kink", ("relu",)),
]


@pytest.mark.parametrize("planted", MODULES, ids=str)
def test_in_modules(planted):
    planted.check()


def test_a_module_is_as_it_was_afterwards():
    model = nn.Sequential(nn.Linear(3, 2), nn.Tanh())
    optimizer = nn.optim.Adam(model.parameters())
    before = [(p.data, p.data.copy(), p.grad) for p in model.parameters()]
    assert gradcheck(model, X)
    assert gradgradcheck(model, X)
    with pytest.raises(GradcheckError):
        gradcheck(Net(dense_rules(to_b=lambda g, y, x, w, b: -g.sum(0))), X)
    for p, (data, copy, grad) in zip(model.parameters(), before, strict=True):
        assert p.data is data
        assert p.data.dtype == np.float32
        np.testing.assert_array_equal(p.data, copy)
        assert p.grad is grad
    optimizer.zero_grad()


SECOND = [
    Planted(
        "a rule on bare arrays",
        rules("bare", np.exp, lambda g, y, x: g * np.exp(getattr(x, "data", x))),
        (X,),
        "detached",
        ("the rule of bare is not recorded", "differentiated again"),
    ),
    Planted(
        "a part on bare arrays",
        lambda x: rules("half", lambda x: x**3, lambda g, y, x: g * 3 * x * getattr(x, "data", x))(x) * x,
        (X,),
        "detached",
        ("the rule of half",),
    ),
    Planted(
        "a rule's own rule",
        lambda x: rules(
            "outer",
            np.sin,
            lambda g, y, x: g * rules("inner", np.cos, lambda g, y, x: g * np.sin(getattr(x, "data", x)))(x),
        )(x),
        (X,),
        "sign",
        ("inner by x",),
    ),
]


@pytest.mark.parametrize("planted", SECOND, ids=str)
def test_at_second_order(planted):
    assert gradcheck(planted.function, *planted.args)
    planted.check(gradgradcheck)


def test_false_comes_back_where_nothing_is_to_be_raised():
    for planted in (TENSORS[0], VALUES[0], MODULES[0]):
        assert gradcheck(planted.function, *planted.args, raise_exception=False) is False


def test_the_report_as_data():
    error = TENSORS[0].check()
    failure = error.failure
    assert (failure.function, failure.primitive, failure.argument, failure.mode) == ("cosine", "cosine", "x", "reverse")
    assert failure.element.startswith("x[")
    assert failure.expected == pytest.approx(-failure.found)
    assert isinstance(error, AssertionError)
    assert isinstance(error, autograd.AutogradError)


def test_there_are_more_kinds_than_were_promised():
    kinds = {p.kind for p in (*TENSORS, *VALUES, *MODULES, *SECOND)}
    assert len(kinds) >= 25
    parts = {part for kind in kinds for part in kind.split(" and ")}
    assert [part for part in sorted(parts) if f'"{part}"' not in Verdict.__doc__] == []
    assert len(TENSORS) >= 40
    assert len({p.kind for p in VALUES}) >= 10
    assert len({p.kind for p in MODULES}) >= 8
