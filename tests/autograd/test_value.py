"""Value: a float that remembers. Every operator and method, with every kind of number on either side."""

from __future__ import annotations

import copy
import math
import operator
import pickle
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import autograd
from autograd import Value

BINARY = {
    "+": (operator.add, lambda a, b: (1, 1)),
    "-": (operator.sub, lambda a, b: (1, -1)),
    "*": (operator.mul, lambda a, b: (b, a)),
    "/": (operator.truediv, lambda a, b: (1 / b, -a / b**2)),
    "//": (operator.floordiv, lambda a, b: (0, 0)),
    "%": (operator.mod, lambda a, b: (1, -(a // b))),
    "**": (operator.pow, lambda a, b: (b * a ** (b - 1), a**b * math.log(a))),
}
NUMBERS = [3, 2.5, True, np.float64(2.5), np.float32(2.5), np.int64(3), np.int8(3), np.bool_(True)]


@pytest.mark.parametrize("sign", BINARY)
@pytest.mark.parametrize("number", NUMBERS, ids=lambda x: f"{type(x).__name__}")
def test_operators_with_numbers_on_either_side(sign, number):
    apply, slopes = BINARY[sign]
    plain = float(number)
    for left in (True, False):
        v = Value(1.75)
        args = (v, number) if left else (number, v)
        y = apply(*args)
        assert type(y) is Value
        assert type(y.data) is float
        expected = (1.75, plain) if left else (plain, 1.75)
        assert y.data == pytest.approx(apply(*expected), rel=1e-15)
        y.backward()
        assert type(v.grad) is float
        assert v.grad == pytest.approx(slopes(*expected)[0 if left else 1], rel=1e-14)


@pytest.mark.parametrize("sign", BINARY)
def test_operators_between_values(sign):
    apply, slopes = BINARY[sign]
    a, b = Value(2.25), Value(1.5)
    y = apply(a, b)
    y.backward()
    assert y.data == apply(2.25, 1.5)
    assert (a.grad, b.grad) == pytest.approx(slopes(2.25, 1.5), rel=1e-14)


def test_powers():
    for base, exponent, slope in [
        (4.0, -0.5, -0.0625),
        (4.0, 0.5, 0.25),
        (3.0, 2, 6.0),
        (-3.0, 3, 27.0),
        (2.0, -1, -0.25),
    ]:
        x = Value(base)
        y = x**exponent
        y.backward()
        assert y.data == base**exponent
        assert x.grad == slope
    w = Value(3.0)
    y = 2**w
    y.backward()
    assert (y.data, w.grad) == (8.0, pytest.approx(8 * math.log(2)))
    v, w = Value(-2.0), Value(3.0, requires_grad=False)
    y = v**w
    y.backward()
    assert (y.data, v.grad) == (-8.0, 12.0)
    assert math.isnan(((-8.0) ** Value(1 / 3)).data)


def test_unary_operators():
    x = Value(-2.5)
    for y, data, slope in [(-x, 2.5, -1.0), (+x, -2.5, 1.0), (abs(x), 2.5, -1.0)]:
        x.grad = 0.0
        y.backward()
        assert (y.data, x.grad) == (data, slope)
    quotient, rest = divmod(Value(7.0), 2)
    assert (quotient.data, rest.data) == (3.0, 1.0)
    quotient, rest = divmod(7, Value(2.0))
    assert (quotient.data, rest.data) == (3.0, 1.0)


METHODS = (
    "exp exp2 expm1 log log2 log10 log1p sqrt cbrt sigmoid softplus log_sigmoid sin cos tan arcsin arccos arctan sinh "
    "cosh tanh arcsinh arctanh absolute abs sign floor ceil trunc relu square reciprocal erf erfc gelu silu leaky_relu "
    "asin acos atan asinh atanh"
).split()


@pytest.mark.parametrize("name", [*METHODS, "arccosh", "acosh"])
def test_a_method_is_the_function(name):
    x = 1.4 if "cosh" in name and name != "cosh" else 0.6
    method, function = Value(x), Value(x)
    y, z = getattr(method, name)(), getattr(autograd, name)(function)
    y.backward()
    z.backward()
    assert y.data == z.data
    assert method.grad == function.grad
    assert getattr(autograd, name)(x) == y.data
    assert type(getattr(autograd, name)(x)) is float
    assert getattr(Value, name).__doc__


def test_methods_with_settings():
    assert Value(-2.0).leaky_relu(0.5).data == -1.0
    assert Value(-2.0).leaky_relu().data == autograd.leaky_relu(-2.0) == -0.02
    assert Value(2.0).clip(-1, 1).data == 1.0
    assert Value(-2.0).clip(min=-1.5).data == -1.5
    assert Value(1.0).gelu(approximate="tanh").data == pytest.approx(0.8411919906082768)
    with pytest.raises(ValueError, match="approximate"):
        Value(1.0).gelu("no such thing")
    assert all(type(v.data) is float for v in (Value(2.0).clip(-1, 1), Value(0.5).clip(0, 1), Value(2).relu()))


def test_comparisons_are_plain_booleans():
    a, b = Value(1.0), Value(2.0)
    for other in (b, 2.0, 2, np.float64(2.0)):
        assert (a < other) is True or (a < other) is np.True_
        assert a <= other
        assert not a > other
        assert not a >= other
        assert a != other
        assert other > a
    assert Value(1.0) == Value(1.0)
    assert a == a
    assert Value(math.nan) != Value(math.nan)
    assert sorted([Value(2.0), Value(1.0)])[0].data == 1.0
    assert max(Value(2.0), Value(3.0), Value(1.0)).data == 3.0


def test_values_are_told_apart_by_identity_in_sets_and_dicts():
    a, b = Value(1.0), Value(1.0)
    assert len({a, b}) == 2
    assert {a: "a", b: "b"}[b] == "b"


def test_conversions():
    v = Value(2.75)
    assert (float(v), int(v), bool(v), round(v, 1), round(v), v.item()) == (2.75, 2, True, 2.8, 3, 2.75)
    assert not Value(0.0)
    assert f"{v:.1f}" == "2.8"
    assert f"{v}" == repr(v) == "Value(data=2.75, grad=0.0)"
    assert math.sqrt(v) == math.sqrt(2.75)
    assert type(v.item()) is float


@pytest.mark.parametrize(
    "number", [2, 2.0, True, np.float32(2), np.int64(2), np.array(2.0), np.array([2.0]), Fraction(2), Decimal(2)]
)
def test_made_of_any_real_number(number):
    v = Value(number)
    assert type(v.data) is float
    assert v.data == float(number if not isinstance(number, np.ndarray) else number.item())
    assert v.requires_grad


@pytest.mark.parametrize("wrong", ["2", None, 1j, [1.0, 2.0], np.ones(2), np.complex128(1j), b"2", {}])
def test_made_of_nothing_else(wrong):
    with pytest.raises(TypeError, match="Value needs one real number"):
        Value(wrong)


def test_attributes_of_your_own():
    v = Value(1.0, label="w")
    v.m = v.v = 0.0
    v.momentum = 0.9
    assert (v.m, v.v, v.momentum, v.label, v.name) == (0.0, 0.0, 0.9, "w", "w")
    result = v * 2
    result.note = "kept"
    assert result.note == "kept"
    assert result.name.startswith("v")
    assert result.id == result.id != v.id


def test_sum_starts_at_zero_and_counts_every_mention():
    xs = [Value(1.0), Value(2.0), Value(3.0)]
    total = sum([*xs, xs[0]])
    total.backward()
    assert total.data == 7.0
    assert [x.grad for x in xs] == [2.0, 1.0, 1.0]
    fused = autograd.sum([*xs, xs[0], 1.5])
    fused.backward()
    assert (fused.data, [x.grad for x in xs]) == (8.5, [4.0, 2.0, 2.0])
    assert len(fused.parents) == 5


def test_dot_of_lists_is_one_node_equal_to_the_chain():
    w, x = [Value(0.3), Value(-1.2), Value(2.0)], [Value(1.0), 2.0, Value(0.5)]
    b = Value(0.7)
    chain = sum((wi * xi for wi, xi in zip(w, x)), b)
    chain.backward()
    expected = [v.grad for v in (*w, x[0], x[2], b)]
    for v in (*w, x[0], x[2], b):
        v.grad = 0.0
    fused = autograd.dot(w, x, bias=b)
    fused.backward()
    assert fused.data == pytest.approx(chain.data, rel=1e-15)
    assert [v.grad for v in (*w, x[0], x[2], b)] == expected
    assert b.data == 0.7
    with pytest.raises(ValueError, match="lengths must be equal"):
        autograd.dot(w, x[:2])


def test_the_same_value_twice_counts_twice():
    for function, slope in [(lambda x: x + x, 2), (lambda x: x * x, 6), (lambda x: x - x, 0), (lambda x: x / x, 0)]:
        x = Value(3.0)
        function(x).backward()
        assert x.grad == slope


def test_constants_take_no_gradient():
    c, x = Value(2.0, requires_grad=False), Value(3.0)
    y = c * x
    y.backward()
    assert (c.grad, x.grad, c.requires_grad, y.requires_grad) == (0.0, 2.0, False, True)
    assert not (c * 2 + 1).requires_grad
    assert not y.detach().requires_grad
    assert y.detach().data == 6.0


def test_requires_grad_can_be_switched_on_what_you_made_yourself():
    v = Value(2.0)
    v.requires_grad = False
    assert not (v * 3).requires_grad
    v.requires_grad = True
    (v * 3).backward()
    assert v.grad == 3.0


def test_arrays_of_values_calculate_element_by_element():
    xs = np.array([Value(1.0), Value(2.0)], dtype=object)
    y = (xs * xs).sum()
    assert type(y) is Value
    y.backward()
    assert [x.grad for x in xs] == [2.0, 4.0]


def test_leaves_are_copied_with_their_label():
    v = Value(2.0, label="w")
    for twin in (copy.copy(v), copy.deepcopy(v), pickle.loads(pickle.dumps(v))):
        assert (twin.data, twin.label, twin.requires_grad) == (2.0, "w", True)
        assert twin is not v
        (twin * 3).backward()
        assert (twin.grad, v.grad) == (3.0, 0.0)
    constant = pickle.loads(pickle.dumps(Value(1.0, requires_grad=False)))
    assert not constant.requires_grad
    (c1, c2) = copy.deepcopy([v, v])
    assert c1 is c2


def test_copies_keep_the_gradient_and_know_one_that_was_not_computed():
    fresh, used = Value(2.0), Value(2.0)
    (used * 3).backward()
    for take in (copy.copy, copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))):
        assert take(used).grad == 3.0
        assert take(fresh).grad is Value(1.0).grad  # the very 0.0 that pictures show as "·"


@pytest.mark.parametrize("take", [copy.deepcopy, pickle.dumps])
def test_a_result_is_not_copied_without_its_graph(take):
    with pytest.raises(autograd.GradientError, match="detach"):
        take(Value(2.0) * 3)
    assert take((Value(2.0) * 3).detach())


def test_a_value_presents_itself_as_an_array_without_axes():
    v = Value(3.0)
    assert (v.shape, v.ndim, v.size, v.dtype) == ((), 0, 1, np.float64)
    assert np.shape(v) == ()
    assert autograd.astype(v, float) is v
    assert autograd.astype(v, np.float32).dtype == np.float32


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5])
def test_parents_are_a_tuple_in_order_and_with_repetition(count):
    a = Value(1.0)
    several = (a, *(Value(2.0) for _ in range(count - 2)), a)[:count]
    node = Value(3.0)
    node.parents = several
    assert type(node.parents) is tuple
    assert node.parents == several
    assert all(found is put for found, put in zip(node.parents, several, strict=True))
    assert node.is_leaf is (count == 0)


def test_parents_of_what_the_operators_make():
    a, b, c = Value(2.0), Value(3.0), Value(4.0)
    assert [id(p) for p in (a * a).parents] == [id(a), id(a)]
    assert [id(p) for p in a.tanh().parents] == [id(a)]
    assert [id(p) for p in autograd.dot([a], [b]).parents] == [id(a), id(b)]
    assert [id(p) for p in autograd.dot([a], [b], bias=c).parents] == [id(a), id(b), id(c)]
    assert a.parents == ()
