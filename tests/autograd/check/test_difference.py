"""Numerical derivatives: right where there is one, aware of their error, and of kinks, jumps and edges."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd.check.difference import central, first_step, numerical_jacobian, slope
from autograd.errors import OperandError


def at(f, x):
    """The slope of a function of one number at x, and how often it was called."""
    calls = []

    def path(s):
        calls.append(s)
        try:
            return np.array([f(x + s)], float)
        except (ValueError, ArithmeticError):
            return np.array([np.nan])

    with np.errstate(all="ignore"):
        return slope(path, np.array([f(x)], float), first_step(x)), len(calls)


SMOOTH = [
    (math.sin, math.cos, 0.7),
    (math.sin, math.cos, 1e6),
    (lambda x: math.sin(1000 * x), lambda x: 1000 * math.cos(1000 * x), 0.7),
    (math.log, lambda x: 1 / x, 1e-3),
    (math.log, lambda x: 1 / x, 1e-8),
    (math.sqrt, lambda x: 0.5 / math.sqrt(x), 1e-6),
    (math.exp, math.exp, 20.0),
    (lambda x: x * x, lambda x: 2 * x, 1e6),
    (lambda x: 3.0, lambda x: 0.0, 1.0),
    (lambda x: x**3, lambda x: 0.0, 0.0),
    (lambda x: 1e9 + math.sin(x), math.cos, 0.3),
    (lambda x: x * abs(x), lambda x: 0.0, 0.0),
    (lambda x: max(x, 0.0), lambda x: 1.0, 1e-8),
    (lambda x: 5 + max(x, 0.0), lambda x: 0.0, -1e-7),
    (math.floor, lambda x: 0.0, 1.0001),
    (math.tan, lambda x: 1 / math.cos(x) ** 2, 1.57),
    (lambda x: math.hypot(x, 1e-12), lambda x: x / math.hypot(x, 1e-12), 1e-12),
    (lambda x: math.hypot(x, 1e-10), lambda x: x / math.hypot(x, 1e-10), 1e-12),
]


@pytest.mark.parametrize(("f", "df", "x"), SMOOTH)
def test_the_error_is_known(f, df, x):
    found, _ = at(f, x)
    off = abs(found.value[0] - df(x))
    assert off <= 10 * found.error[0] + 1e-10
    assert found.error[0] <= 1e-3 * max(1.0, abs(df(x)))
    assert not found.kink[0]


def test_steps_too_small_for_the_digits_do_not_count():
    found, _ = at(lambda x: x - math.sin(x), 1e-6)  # moves by less than a digit of x, from steps of 1e-10 on
    assert found.value[0] == pytest.approx(5e-13, rel=1e-3)
    assert found.error[0] < 5e-15


def test_an_easy_function_takes_six_evaluations_and_gives_eleven_digits():
    found, calls = at(math.sin, 0.7)
    assert calls == 6
    assert found.value[0] == pytest.approx(math.cos(0.7), rel=1e-11)


@pytest.mark.parametrize(
    ("f", "x", "left", "right"),
    [(abs, 0.0, -1, 1), (lambda x: max(x, 0.0), 0.0, 0, 1), (lambda x: max(2 * x, x + 3), 3.0, 1, 2)],
)
def test_a_kink_has_two_slopes(f, x, left, right):
    found, _ = at(f, x)
    assert found.kink[0]
    assert (found.left[0], found.right[0]) == pytest.approx((left, right))
    assert found.value[0] == pytest.approx((left + right) / 2)


def test_a_jump_and_an_edge_are_seen():
    assert at(math.floor, 1.0)[0].kink[0]
    edge = at(math.sqrt, 0.0)[0]
    assert edge.kink[0]
    assert np.isnan(edge.value[0])


@given(st.floats(-1, 1).filter(lambda d: abs(d) > 1e-7), st.floats(0.1, 10), st.floats(-10, 10))
@settings(max_examples=100, deadline=None)
def test_beside_a_kink_there_is_one_slope(distance, a, b):
    found, _ = at(lambda x: a * max(x, 0.0) + b * min(x, 0.0) + math.sin(x), distance)
    slope_there = (a if distance > 0 else b) + math.cos(distance)
    assert not found.kink[0]
    assert abs(found.value[0] - slope_there) <= 10 * found.error[0] + 1e-9


def test_each_result_has_its_own_step():
    x = 0.5
    both = slope(lambda s: np.array([x + s, math.sin(3e4 * (x + s))]), np.array([x, math.sin(3e4 * x)]), first_step(x))
    assert both.value == pytest.approx([1.0, 3e4 * math.cos(3e4 * x)], rel=1e-6)


def test_central_differences_with_a_step():
    assert central(lambda s: np.array([(2 + s) ** 3]), 0.1)[0] == pytest.approx(12 + 0.1**2)


@pytest.mark.parametrize("method", ["central", "complex"])
def test_a_jacobian_has_the_shape_of_the_result_and_the_argument(method):
    x = np.array([[0.5, -1.0, 2.0], [1.0, 0.3, -0.2]])
    found = numerical_jacobian(lambda x: np.sin(x) @ np.array([1.0, 2.0, 3.0]), x, method=method)
    assert found.shape == (2, 2, 3)
    expected = np.zeros((2, 2, 3))
    for i in range(2):
        expected[i, i] = np.cos(x[i]) * [1, 2, 3]
    np.testing.assert_allclose(found, expected, atol=1e-11)
    assert numerical_jacobian(lambda x: x, np.zeros((0,)), method=method).shape == (0, 0)


def test_the_complex_step_is_exact():
    x = 1.5
    exact = math.exp(x) / math.sqrt(math.sin(x) ** 3 + math.cos(x) ** 3)
    slope_there = exact * (
        1
        - 1.5
        * (math.sin(x) ** 2 * math.cos(x) - math.cos(x) ** 2 * math.sin(x))
        / (math.sin(x) ** 3 + math.cos(x) ** 3)
    )

    def f(x):
        return np.exp(x) / np.sqrt(np.sin(x) ** 3 + np.cos(x) ** 3)

    assert numerical_jacobian(f, x, method="complex") == pytest.approx(slope_there, rel=1e-14)
    assert numerical_jacobian(f, x) == pytest.approx(slope_there, rel=1e-10)


def test_a_step_of_ones_own():
    assert numerical_jacobian(lambda x: x**3, 2.0, step=0.1) == pytest.approx(12.01)


@pytest.mark.parametrize(("x", "method"), [(1j, "central"), ("1", "central"), (1.0, "forward")])
def test_bad_arguments_are_told(x, method):
    with pytest.raises(OperandError, match="numerical_jacobian needs real numbers"):
        numerical_jacobian(lambda x: x, x, method=method)
