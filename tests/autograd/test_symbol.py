"""Symbol: a rule read back as mathematics. The text must mean what was computed."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest

import autograd
from autograd import REGISTRY, Symbol, Tensor, Value, formula

a, b, c = Symbol("a"), Symbol("b"), Symbol("c")

TEXTS = [
    (a + b + c, "a + b + c"),
    (a + (b + c), "a + (b + c)"),
    (a - (b - c), "a - (b - c)"),
    (a - b - c, "a - b - c"),
    (a * (b + c), "a * (b + c)"),
    (a * b + c, "a * b + c"),
    (a / b / c, "a / b / c"),
    (a / (b * c), "a / (b * c)"),
    (a % b // c, "a % b // c"),
    (-a * b, "-a * b"),
    (-(a * b), "-(a * b)"),
    (-(-a), "--a"),  # noqa: B002
    ((-a) ** 2, "(-a) ** 2"),
    (-(a**2), "-a ** 2"),
    ((a**2) ** 3, "(a ** 2) ** 3"),
    (a ** (b**c), "a ** b ** c"),
    ((a**b) ** c, "(a ** b) ** c"),
    (a ** (b - 1), "a ** (b - 1)"),
    (a ** (-b), "a ** (-b)"),
    (2.0**a, "2 ** a"),
    (a**-0.5, "a ** -0.5"),
    (1 / (1 + autograd.exp(-a)), "1 / (1 + exp(-a))"),
    (autograd.maximum(a, b) * 2, "maximum(a, b) * 2"),
    (autograd.where(a > 0, a, 0.25), "where(a > 0, a, 0.25)"),
    ((a > 0) * (b <= 1), "(a > 0) * (b <= 1)"),
    ((a > b) == (b > c), "(a > b) == (b > c)"),
    (3 - a, "3 - a"),
    (3 * a + 1, "3 * a + 1"),
    (autograd.leaky_relu(a, 0.2), "leaky_relu(a, negative_slope=0.2)"),
    (autograd.rules.reduction.total(a, b, c), "a + b + c"),
    (autograd.rules.reduction.total(a, b, c) * 2, "(a + b + c) * 2"),
]


@pytest.mark.parametrize(("symbol", "text"), TEXTS, ids=[text for _, text in TEXTS])
def test_texts(symbol, text):
    assert str(symbol) == text
    assert repr(symbol) == f"Symbol({text!r})"
    assert symbol.latex().count("{") == symbol.latex().count("}")


def test_numbers_plugged_in():
    rule = a * b - c
    assert rule.text(a=2.0, b=-0.5) == "2 * -0.5 - c"
    assert (a**2).text(a=-3.0) == "(-3) ** 2"
    assert (-a).text(a=-3.0) == "--3"
    assert (a - b).text(b=-1.0) == "a - -1"
    assert rule.text(a=1 / 3, digits=2) == "0.33 * b - c"
    assert rule.latex(a=2.0) == r"2 \cdot b - c"
    assert a.text(a=7) == "7"
    assert a.evaluate(a=7) == 7


def test_evaluation_takes_every_kind_of_number():
    rule = autograd.tanh(a) * b + 1
    for x, y in [(0.5, 2.0), (np.array([0.5, 1.0]), 2.0), (Value(0.5), 2.0), (Tensor([0.5, 1.0]), Value(2.0))]:
        found = rule.evaluate(a=x, b=y)
        expected = autograd.tanh(x) * y + 1
        assert type(found) is type(expected)
        np.testing.assert_array_equal(getattr(found, "data", found), getattr(expected, "data", expected))
    v = Value(0.5)
    rule.evaluate(a=v, b=2.0).backward()
    assert v.grad == pytest.approx(2 * (1 - np.tanh(0.5) ** 2))


def test_random_expressions_mean_what_they_say():
    rng, names = random.Random(0), {name: getattr(autograd, name) for name in dir(autograd)}
    signs = [
        lambda x, y: x + y,
        lambda x, y: x - y,
        lambda x, y: x * y,
        lambda x, y: x / (y * y + 1),
        lambda x, y: -x,
        lambda x, y: x**2,
        lambda x, y: (x * x + 1) ** y,
        lambda x, y: autograd.where(x > y, x, y),
        lambda x, y: autograd.tanh(x) % (y * y + 1),
        lambda x, y: 2 - x,
        lambda x, y: autograd.hypot(x, y) // 0.3,
    ]
    numbers = {"a": 0.7, "b": -0.4, "c": 1.3}
    for _ in range(400):
        symbols, values = [a, b, c], list(numbers.values())
        for _ in range(rng.randrange(1, 6)):
            i, j, sign = rng.randrange(len(values)), rng.randrange(len(values)), rng.choice(signs)
            symbols.append(sign(symbols[i], symbols[j]))
            values.append(sign(values[i], values[j]))
        symbol, expected = symbols[-1], values[-1]
        if not abs(expected) < 1e6:
            continue
        assert symbol.evaluate(**numbers) == pytest.approx(expected, rel=1e-12)
        assert eval(str(symbol.text(digits=17)), names, numbers) == pytest.approx(expected, rel=1e-12)
        assert eval(symbol.text(digits=17, **numbers), names) == pytest.approx(expected, rel=1e-12)


def test_arrays_and_values_beside_a_symbol_become_part_of_the_text():
    assert str(np.float64(2.0) * a) == "2 * a"
    assert isinstance(np.ones(2) * a, Symbol)
    assert isinstance(a * Value(2.0), Symbol)
    assert isinstance(Value(2.0) * a, Symbol)
    assert isinstance(Tensor([1.0]) + a, Symbol)


def test_formulas():
    assert str(formula(autograd.tanh, 0)) == "1 - y * y"
    assert str(formula(autograd.multiply, 0)) == "b"
    assert str(formula(autograd.multiply, 1, "w", "x")) == "w"
    assert formula(autograd.add, 0) == 1
    assert formula(autograd.greater, 0) is None
    assert str(formula(REGISTRY["power_of"], 0, n=3)) == "3 * x ** 2"
    assert formula(REGISTRY["power_of"], 0, n=1) == 1


def test_latex():
    assert (a / b).latex() == r"\frac{a}{b}"
    assert autograd.sqrt(a).latex() == r"\sqrt{a}"
    assert (a**2).latex() == "{a}^{2}"
    assert autograd.sin(a).latex() == r"\sin\left(a\right)"
    assert autograd.log_sigmoid(a).latex() == r"\operatorname{log\_sigmoid}\left(a\right)"
    assert ((a / b) * c).latex() == r"\frac{a}{b} \cdot c"
    assert ((a + b) ** 2).latex() == "{(a + b)}^{2}"
    assert ((a / b) ** 2).latex() == r"{(\frac{a}{b})}^{2}"
    for x, y in itertools.product([a + b, -a, a**2, a / b], repeat=2):
        for made in (x + y, x - y, x * y, x / y, -x, x**2):
            assert made.latex().count("(") == made.latex().count(")")


PRETTY = [
    (1 - a**2, "1 − a²", "1 - {a}^{2}"),
    (a * b - c, "a × b − c", r"a \cdot b - c"),
    (a * -b, "a × (−b)", r"a \cdot (-b)"),
    (-(-a), "−(−a)", "-(-a)"),  # noqa: B002
    (a**-2 + a**0.5, "a⁻² + a^0.5", "{a}^{-2} + {a}^{0.5}"),
    (a ** (b - 1), "a^(b − 1)", "{a}^{b - 1}"),
    ((a + b) ** 3, "(a + b)³", "{(a + b)}^{3}"),
    (autograd.sqrt(a + b) * 2, "√(a + b) × 2", r"\sqrt{a + b} \cdot 2"),
    (autograd.absolute(a - b), "|a − b|", r"\left|a - b\right|"),
    ((a >= b) * c, "[a ≥ b] × c", r"[a \ge b] \cdot c"),
    (REGISTRY["transpose"](Symbol("W"), axes=(1, 0)), "Wᵀ", r"W^{\top}"),
    (autograd.log(a) / b, "log(a) / b", r"\frac{\log\left(a\right)}{b}"),
]


@pytest.mark.parametrize(("symbol", "pretty", "latex"), PRETTY, ids=[pretty for _, pretty, _ in PRETTY])
def test_the_notation_of_books(symbol, pretty, latex):
    assert symbol.pretty() == pretty
    assert symbol.latex() == latex


def test_numbers_in_the_notation_of_books():
    assert (a * b + c).pretty(a=2.0, b=-0.5, c=-1e-7) == "2 × (−0.5) + (−1e−07)"
    assert (a**2).pretty(a="-3.0") == "(−3.0)²"
    assert (a**2).latex(a="1.5e-7") == r"{(1.5 \times 10^{-7})}^{2}"
    assert (a - b).latex(a="inf", b="nan") == r"\infty - \mathrm{nan}"
    assert (a * b).pretty(a="∂L/∂y", b="W") == "∂L/∂y × W"
    assert (a**2).pretty(a="∂L/∂y") == "(∂L/∂y)²"
    assert (Symbol("x1") * Symbol("σ") + Symbol("learning_rate")).latex() == (
        r"x_{1} \cdot \sigma + \mathrm{learning}_{\mathrm{rate}}"
    )
