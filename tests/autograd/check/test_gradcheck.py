"""gradcheck itself: what it takes, what it refuses, what its arguments do, and that it does not cry wolf."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
import nn
from autograd import Tensor, Value
from autograd.check.gradcheck import gradcheck, gradgradcheck
from autograd.check.measure import Measure
from autograd.check.report import GradcheckError
from autograd.check.subject import of_function
from autograd.errors import AutogradError, GradientError, OperandError
from autograd.primitive import Primitive

X = np.random.default_rng(5).uniform(0.2, 1.2, (2, 3))


def reverse_only(name="one_way"):
    p = Primitive(name, None, np.exp, domain=())
    p.vjps = (lambda g, y, x: g * y,)
    return p


class Counted:
    """A function that counts how often it is called."""

    def __init__(self, function):
        self.function = function
        self.calls = 0

    def __call__(self, *args):
        self.calls += 1
        return self.function(*args)


RIGHT = {
    "floats": (lambda a, b: a * b + autograd.sin(a), (2.0, 3.0)),
    "NumPy's floats": (lambda a: a**2, (np.float64(2.0),)),
    "arrays": (lambda a, b: autograd.tanh(a @ b), (X, X.T)),
    "Values": (lambda a, b: (a * b).tanh(), (Value(2.0), Value(0.3))),
    "Tensors": (lambda a, b: a / b, (Tensor(X), Tensor(X + 1))),
    "NumPy's functions": (lambda x: np.exp(np.sin(x)).sum(), (X,)),
    "a Value and an array": (lambda v, x: v * x, (2.0, X)),
    "no axes": (lambda x: x * x, (np.array(2.0),)),
    "containers": (lambda p, xs: p["w"] @ xs[1] + p["b"]["c"], ({"w": X, "b": {"c": 1.5}}, [np.ones(1), X[0]])),
    "several results": (lambda a, b: (a * b, {"s": autograd.sin(a)}), (X, X)),
    "one result twice": (lambda a: (a * a,) * 2, (X,)),
    "an argument as the result": (lambda a: a, (X,)),
    "an argument not used": (lambda a, b: a * 2, (X, X)),
    "a constant result": (lambda a: Tensor([1.0], requires_grad=False), (X,)),
    "an empty array": (lambda a: a * 2, (np.zeros((0, 3)),)),
    "integers beside floats": (lambda x, i: x[i], (X, np.array([0, 1, 0]))),
    "a primitive": (autograd.multiply, (X, X + 1)),
    "a keyword": (lambda x, axis=0: x.sum(axis), (X,)),
    "any number of arguments": (lambda *xs: sum(xs), (X, 2 * X, 3 * X)),
    "a module": (nn.Linear(3, 2), (X,)),
    "a module of Values": (nn.MLP(2, [3, 1]), ([0.3, -0.7],)),
    "a bound method": (nn.Linear(3, 2).forward, (X,)),
    "float32": (lambda x: autograd.softmax(x).sum() + autograd.log(x).sum(), (X.astype(np.float32),)),
    "float16": (lambda x: x * x, (X.astype(np.float16),)),
    "far apart": (lambda x: (x * x).sum(), (np.array([1e-9, 1.0, 1e9]),)),
    "large results": (lambda x: 1e12 + 1e6 * autograd.sin(x), (X,)),
    "tiny results": (lambda x: 1e-30 * autograd.sin(x), (X,)),
    "fast changes": (lambda x: autograd.sin(1000 * x), (X,)),
    "near a pole": (lambda x: 1 / x, (np.array([1e-5]),)),
    "sums that cancel": (lambda x: autograd.softmax(x), (X,)),
    "cancelled to one number": (lambda x: autograd.softmax(x).sum(), (X,)),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_functions_pass(name):
    function, args = RIGHT[name]
    assert gradcheck(function, *args) is True
    assert gradgradcheck(function, *args) is True


def test_arguments_in_one_tuple_as_in_pytorch():
    assert gradcheck(lambda a, b: a * b, (Tensor(X), Tensor(X)), eps=1e-6, atol=1e-4)
    assert gradcheck(lambda ab: ab[0] * ab[1], (X, X))


REFUSED = {
    "integers": (lambda x: x * 2, (np.arange(3),), OperandError, "x: ndarray(3,) int64"),
    "an integer": (lambda x: x * 2, (3,), OperandError, "with a point"),
    "nothing": (lambda: 1.0, (), OperandError, "got no arguments"),
    "nan": (lambda x: x, (np.array([1.0, np.nan]),), OperandError, "x holds inf or nan"),
    "a result of None": (lambda x: None, (1.0,), GradientError, "returned None"),
    "a plain number": (lambda x: math.sin(x), (1.0,), GradientError, "not the math module's"),
    "a bare array": (lambda x: np.ones(3), (X,), GradientError, "returned ndarray"),
    "a result of nan": (lambda x: autograd.log(x), (-1.0,), GradientError, "is nan here"),
    "complex numbers": (lambda x: x, (1j,), OperandError, "complex"),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("check", [gradcheck, gradgradcheck])
def test_what_cannot_be_checked_is_refused_in_words(name, check):
    function, args, error, words = REFUSED[name]
    with pytest.raises(error) as caught:
        check(function, *args, raise_exception=False)
    assert words in str(caught.value)
    assert "test_gradcheck.py" in str(caught.value)


def test_argnums_and_grad_choose_what_is_checked():
    def half(a, b):
        return a * autograd.Tensor(b).detach()

    assert gradcheck(half, X, X, argnums=0)
    assert gradcheck(half, X, X, argnums=[-2])
    assert gradcheck(half, Tensor(X), X)  # an array beside a Tensor is a constant
    assert gradcheck(half, Tensor(X), Tensor(X, requires_grad=False))
    with pytest.raises(GradcheckError, match="nothing of b reaches the graph"):
        gradcheck(half, X, X, argnums=1)


def test_modes_can_be_chosen():
    lopsided = Primitive("lopsided", None, np.exp, domain=())
    lopsided.vjps, lopsided.jvps = (lambda g, y, x: g * y,), (lambda t, y, x: -t * y,)
    assert gradcheck(lopsided, X, check_forward_ad=False)
    with pytest.raises(GradcheckError, match="forward mode found"):
        gradcheck(lopsided, X, check_backward_ad=False)
    assert gradcheck(reverse_only(), X)  # there is no forward rule to check
    with pytest.raises(AutogradError, match="one_way has no forward rule"):
        gradcheck(reverse_only(), X, check_forward_ad=True)


def test_tolerances_and_steps_can_be_chosen():
    rough = Primitive("rough", None, np.exp, domain=())
    rough.vjps = (lambda g, y, x: g * y * (1 + 1e-4),)
    assert not gradcheck(rough, X, raise_exception=False)
    assert gradcheck(rough, X, rtol=1e-3)
    assert gradcheck(rough, X, atol=1e-2)
    assert gradcheck(rough, X, eps=1e-6)  # with PyTorch's tolerances
    assert not gradcheck(rough, X, eps=1e-6, rtol=1e-6, raise_exception=False)


def test_two_runs_may_differ_by_what_is_allowed():
    jitter = np.random.default_rng(0)

    def shaky(x):
        return x * 2 + 1e-9 * jitter.random()

    with pytest.raises(GradcheckError, match="not deterministic"):
        gradcheck(shaky, X)
    assert gradcheck(shaky, X, nondet_tol=1e-6, eps=1e-3)


def test_cost_is_as_promised():
    def calls(function, *args, **how):
        counted = Counted(function)
        assert gradcheck(counted, *args, **how)
        return counted.calls

    large = np.random.default_rng(0).uniform(1, 2, 10_000)
    assert 6 * X.size <= calls(autograd.log_sigmoid, X) <= 6 * X.size + 40
    assert calls(autograd.log_sigmoid, X, fast_mode=True) <= 60
    assert calls(autograd.log_sigmoid, large) <= 60
    assert calls(np.sin, X) <= X.size + 40  # with the complex step one for each element


def test_complex_numbers_are_used_where_the_function_takes_them():
    def measured(function, x):
        return Measure(of_function(function, [x]), [np.asarray(x)], exact=True)

    one = measured(lambda x: np.exp(x) * x, X)
    assert one.exact
    np.testing.assert_allclose(one.gradients(0, [np.ones(6)])[0].value, np.exp(X) * (1 + X), rtol=1e-15)
    assert not measured(lambda x: np.abs(x) * x, X - 0.7).exact  # it is not analytic
    assert not measured(lambda x: np.maximum(x, np.abs(x)), X).exact  # nor is this, in one direction
    assert not measured(autograd.log_sigmoid, X).exact  # and this takes none


def test_the_complex_step_does_not_convict(monkeypatch):
    monkeypatch.setattr(Measure, "_takes_complex", lambda self: True)  # as if it had been taken in
    assert gradcheck(lambda x: np.abs(x) * x, X - 0.7)


def test_a_large_mistake_is_narrowed_down_to_one_element():
    n = 20_000
    odd = Primitive("odd", None, np.tanh, domain=())
    odd.vjps = (lambda g, y, x: g * (1 - y * y) * np.where(np.arange(n) == 12_345, 2.0, 1.0),)
    x = np.random.default_rng(0).uniform(-1, 1, n)
    with pytest.raises(GradcheckError, match=r"∂\(.*sum of odd\)/∂x\[12345\]"):
        gradcheck(odd, x)


def test_a_large_wrong_rule_is_explained():
    wrong = Primitive("wrong", None, np.tanh, domain=())
    wrong.vjps = (lambda g, y, x: g * (1 - y),)
    x = np.random.default_rng(0).uniform(-1, 1, (80, 70))
    with pytest.raises(GradcheckError, match=r"1 - y .* where 1 - tanh\(x\) \* tanh\(x\) belongs"):
        gradcheck(lambda x: wrong(x).sum(), x)


def test_zeros_in_a_large_input_are_no_mistake():
    x = np.random.default_rng(0).uniform(-1, 1, 2000)
    x[::3] = 0.0
    assert gradcheck(lambda x: autograd.relu(x) * x, x)
    assert gradcheck(lambda x: autograd.relu(x).sum(), x)  # kinks at zeros, which no direction avoids


CANCELLING = {
    "x - sin x": lambda x: x - autograd.sin(x),
    "exp x - 1 - x": lambda x: autograd.exp(x) - 1 - x,
    "tanh x - x": lambda x: autograd.tanh(x) - x,
    "1 - cos x": lambda x: 1 - autograd.cos(x),
    "(x + 1)² - 2x - 1": lambda x: (x + 1) * (x + 1) - 2 * x - 1,
    "√(1 + x²) - 1": lambda x: autograd.sqrt(1 + x * x) - 1,
}


@pytest.mark.parametrize("name", CANCELLING)
def test_what_cancels_is_no_mistake(name):
    for x in np.logspace(-12, 0, 25):
        assert gradcheck(CANCELLING[name], float(x))
        assert gradcheck(CANCELLING[name], np.array([x, 0.3, -3 * x]))


def test_steps_that_leap_over_kinks_convict_nobody():
    with pytest.raises(GradcheckError) as caught:
        gradcheck(lambda x: autograd.absolute(x * (x - 1e-3)), 0.0)
    assert caught.value.verdict.kind == "kink"


def test_a_mistake_where_something_cancels_is_still_found():
    rough = Primitive("rough", None, np.cos, domain=())
    rough.vjps = (lambda g, y, x: g * np.sin(x),)  # the sign
    with pytest.raises(GradcheckError) as caught:
        gradcheck(lambda x: 1 - rough(x), np.array([1e-3, 1e-5]))
    assert caught.value.verdict.kind == "sign"


def test_a_wrong_rule_is_found_at_a_kink_too():
    bent = Primitive("bent", None, lambda x: np.abs(x) * 2.0, domain=())
    bent.vjps = (lambda g, y, x: g * np.sign(x),)
    assert gradcheck(bent, np.array([0.0]))  # the mean of both slopes is what it chose
    with pytest.raises(GradcheckError) as caught:
        gradcheck(bent, np.array([0.0, 1.0]))
    assert caught.value.verdict.kind == "constant factor"
    bent.vjps = (lambda g, y, x: g * np.where(x >= 0, 1.0, -1.0),)
    with pytest.raises(GradcheckError, match="beside this one, where there is a kink") as caught:
        gradcheck(bent, np.array([0.0]))
    assert caught.value.verdict.kind == "constant factor"


def test_inside_no_grad_it_works_as_well():
    with autograd.no_grad():
        assert gradcheck(lambda x: x * x, X)
        assert gradgradcheck(lambda x: x * x * x, X)


def test_gradients_of_the_users_own_are_left_alone():
    x, w = Tensor(X), Value(2.0)
    x.grad = np.ones((2, 3))
    w.grad = 7.0
    assert gradcheck(lambda x, w: x * w, x, w)
    np.testing.assert_array_equal(x.grad, np.ones((2, 3)))
    assert w.grad == 7.0


def test_an_error_in_a_rule_is_passed_on():
    broken = Primitive("broken", None, np.exp, domain=())
    broken.vjps = (lambda g, y, x: g @ np.ones(7),)
    with pytest.raises(ValueError, match="matmul"):
        gradcheck(broken, X)


def test_the_seed_decides_the_random_numbers():
    rough = Primitive("rough", None, np.exp, domain=())
    rough.vjps = (lambda g, y, x: y,)

    def said(seed):
        with pytest.raises(GradcheckError) as caught:
            gradcheck(rough, X, seed=seed)
        return str(caught.value)

    assert said(3) == said(3)
    assert said(3) != said(4)


# No false alarms: random functions with kinks, at random points, some of them close to a kink

UNARY = [autograd.sin, autograd.tanh, autograd.exp, autograd.sigmoid, autograd.relu, autograd.absolute, autograd.square]
UNARY += [lambda x: autograd.clip(x, -0.5, 0.5), lambda x: autograd.leaky_relu(x), lambda x: autograd.log1p(x * x)]
BINARY = [
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a * b,
    autograd.maximum,
    autograd.minimum,
    autograd.hypot,
]


@st.composite
def programs(draw):
    """A function of two arguments as a list of operations on earlier results."""
    steps = []
    for n in range(2, 2 + draw(st.integers(1, 6))):
        operands = draw(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)))
        steps.append((draw(st.sampled_from(UNARY + BINARY)), operands))

    def function(a, b):
        results = [a, b]
        for operation, (i, j) in steps:
            single = operation in UNARY
            results.append(operation(results[i]) if single else operation(results[i], results[j]))
        return results[-1]

    return function


def at_ease(function, *args):
    """Whether gradcheck finds nothing, or says that nothing can be told there, which is no blame."""
    try:
        return gradcheck(function, *args)
    except GradcheckError as error:
        return error.verdict.kind in ("kink", "edge", "unreliable")


@given(programs(), st.integers(0, 2**32 - 1))
@settings(max_examples=150, deadline=None)
def test_no_false_alarm_at_random_points(function, seed):
    a, b = np.random.default_rng(seed).uniform(-1.5, 1.5, (2, 3))
    assert gradcheck(function, a, b)


NEAR = st.sampled_from([0.0, 1e-12, -1e-10, 1e-8, -1e-7, 1e-6, -1e-4, 1e-3, 0.5, -0.5, 0.5 + 1e-9, 1.0, -0.3])


@given(programs(), st.lists(NEAR, min_size=4, max_size=4))
@settings(max_examples=150, deadline=None)
def test_no_false_alarm_near_kinks(function, xs):
    assert at_ease(function, np.array(xs[:2]), np.array(xs[2:]))


@given(programs(), st.lists(NEAR, min_size=2, max_size=2))
@settings(max_examples=100, deadline=None)
def test_no_false_alarm_on_single_numbers(function, xs):
    assert at_ease(function, *xs)


@given(programs(), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_no_false_alarm_at_second_order(function, seed):
    a, b = np.random.default_rng(seed).uniform(-1.5, 1.5, (2, 3))
    assert gradgradcheck(function, a, b)
