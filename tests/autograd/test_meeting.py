"""Where Values and Tensors meet: they differentiate into each other, to second order."""

from __future__ import annotations

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, grad, jvp
from autograd.tensor import element


def numbers():
    return Value(2.0), Value(-1.0), Value(0.5)


def test_a_tensor_of_values_differentiates_into_them():
    a, b, c = numbers()
    t = Tensor([[a, b], [c, a], [1.0, 2]])
    assert t.shape == (3, 2)
    (t * t * np.arange(1.0, 7).reshape(3, 2)).sum().backward()
    assert (a.grad, b.grad, c.grad) == (2 * 2 * 1 + 2 * 2 * 4, 2 * -1 * 2, 2 * 0.5 * 3)
    np.testing.assert_array_equal(t.data, [[2, -1], [0.5, 2], [1, 2]])


@pytest.mark.parametrize(
    "join",
    [
        lambda a, b: Tensor([a, b]),
        lambda a, b: Tensor((a, b)),
        lambda a, b: autograd.stack([a, b]),
        lambda a, b: autograd.concatenate([Tensor([a]), Tensor([b])]),
        lambda a, b: Tensor([Tensor([a]), Tensor([b])]).reshape(2),
        lambda a, b: autograd.where([True, False], a, b),
        lambda a, b: autograd.multiply([a, b], 1.0),
        lambda a, b: np.array([1.0, 0.0]) * a + np.array([0.0, 1.0]) * b,
        lambda a, b: Tensor([a * 1.0, b]) - [0.0, b * 0.0],
    ],
)
def test_every_way_to_join(join):
    a, b = Value(2.0), Value(3.0)
    t = join(a, b)
    assert type(t) is Tensor
    np.testing.assert_array_equal(t.data, [2.0, 3.0])
    (t * np.array([10.0, 20.0])).sum().backward()
    assert (a.grad, b.grad) == (10.0, 20.0)
    assert type(a.grad) is float


def test_a_tensor_of_results_is_swept_into_them():
    a = Value(2.0)
    for t in (Tensor([a * a]), Tensor([a, a * a]), Tensor([[a * a], [1.0]])):
        a.grad = 0.0
        t.sum().backward()
        assert a.grad == (5.0 if t.shape == (2,) else 4.0)


def test_an_operation_on_arrays_takes_a_value_as_one_without_axes():
    for operation in (
        autograd.ravel,
        lambda a: autograd.reshape(a, (1, 1)),
        lambda a: autograd.broadcast_to(a, (2, 3)),
        lambda a: autograd.sum(a, keepdims=True),
        lambda a: autograd.expand_dims(a, 0),
        lambda a: autograd.diagflat(a),
    ):
        a = Value(3.0)
        y = operation(a * a)
        assert type(y) is Tensor
        assert y.dtype == np.float64
        np.testing.assert_array_equal(y.data, operation(np.array(9.0)))
        y.sum().backward()
        assert a.grad == 6.0 * y.size
        assert not operation(Value(3.0, requires_grad=False)).requires_grad


def test_an_object_array_of_values_becomes_a_tensor_or_an_error_never_bare_numbers():
    a, b = Value(2.0), Value(3.0)
    try:
        t = Tensor(np.array([a, b], dtype=object))
    except TypeError:
        return
    t.sum().backward()
    assert (a.grad, b.grad) == (1.0, 1.0)


OPERATORS = [
    (lambda v, t: v * t, lambda v, t: (t.sum(), np.full(3, v))),
    (lambda v, t: t * v, lambda v, t: (t.sum(), np.full(3, v))),
    (lambda v, t: v + t, lambda v, t: (3, np.ones(3))),
    (lambda v, t: t - v, lambda v, t: (-3, np.ones(3))),
    (lambda v, t: v / t, lambda v, t: ((1 / t).sum(), -v / t**2)),
    (lambda v, t: t**v, lambda v, t: ((t**v * np.log(t)).sum(), v * t ** (v - 1))),
    (lambda v, t: v**t, lambda v, t: ((t * v ** (t - 1)).sum(), v**t * np.log(v))),
    (lambda v, t: autograd.maximum(v, t), lambda v, t: ((v > t).sum(), 1.0 * (t > v))),
    (lambda v, t: autograd.hypot(v, t), lambda v, t: ((v / np.hypot(v, t)).sum(), t / np.hypot(v, t))),
]


@pytest.mark.parametrize(("apply", "slopes"), OPERATORS)
def test_operators_between_a_value_and_a_tensor(apply, slopes):
    x = np.array([0.5, 1.5, 4.0])
    v, t = Value(2.5), Tensor(x)
    y = apply(v, t)
    assert type(y) is Tensor
    y.sum().backward()
    dv, dt = slopes(2.5, x)
    assert v.grad == pytest.approx(dv, rel=1e-14)
    np.testing.assert_allclose(t.grad, dt, rtol=1e-14)


def test_a_value_and_a_plain_array_make_a_tensor():
    v = Value(2.0)
    y = v * np.array([1.0, 2.0])
    z = np.array([1.0, 2.0]) * v
    for t in (y, z):
        assert type(t) is Tensor
        t.sum().backward()
    assert v.grad == 6.0
    assert type(v * np.float64(2.0)) is Value


def test_float32_beside_a_value_stays_float32():
    t, v = Tensor(np.float32([1.0, 2.0])), Value(2.0)
    y = t * v
    assert y.dtype == np.float32
    y.sum().backward()
    assert t.grad.dtype == np.float32
    assert v.grad == 3.0


def test_into_values_and_back():
    t = Tensor([[1.0, 2.0], [3.0, 4.0]])
    (a, b), (c, d) = t.to_values()
    assert [type(x) for x in (a, b, c, d)] == [Value] * 4
    (a * b + c * d * 2 + a).backward()
    np.testing.assert_array_equal(t.grad, [[3.0, 1.0], [8.0, 6.0]])
    assert (a.grad, d.grad) == (3.0, 6.0)
    t.grad = None
    back = Tensor(t.to_values())
    (back @ back).sum().backward()
    direct = Tensor(t.data)
    (direct @ direct).sum().backward()
    np.testing.assert_array_equal(t.grad, direct.grad)
    assert type(Tensor(2.0).to_values()) is Value
    assert Tensor(np.zeros((0, 2))).to_values() == []
    assert Tensor(np.zeros((2, 0))).to_values() == [[], []]


def test_float32_into_values_and_back():
    t = Tensor(np.float32([1.5, 2.5]))
    a, b = t.to_values()
    (a * b).backward()
    assert t.grad.dtype == np.float32
    np.testing.assert_array_equal(t.grad, [2.5, 1.5])


def test_no_grad_and_constants_stay_constants():
    with autograd.no_grad():
        assert not autograd.stack([Value(1.0)]).requires_grad
        assert not Tensor([1.0]).to_values()[0].requires_grad
    assert not autograd.stack([Value(1.0, requires_grad=False)]).requires_grad
    assert not Tensor([1.0], requires_grad=False).to_values()[0].requires_grad


def mixed(v, t):
    """Values into a Tensor, through it, out of it, and on as Values."""
    joined = Tensor([v * v, v, 1.0]) * t
    first, second = joined[0] * joined[1], element(joined, index=(2,))
    return (second * v).exp() + (element(first, index=()) * 0.1).sin()


def test_mixed_graphs_to_second_order():
    def plain(v, t):
        return np.exp(t[2] * v) + np.sin(0.1 * v**3 * t[0] * t[1])

    x, h = np.array([0.7, -0.4, 0.3]), 1e-3
    gradient = grad(mixed, (0, 1))
    dv, dt = gradient(1.2, x)
    shift = [(h, np.zeros(3)), *((0.0, h * e) for e in np.eye(3))]
    for found, (s, e) in zip([dv, *dt], shift, strict=True):
        at = [plain(1.2 + k * s, x + k * e) for k in (-2, -1, 1, 2)]
        assert found == pytest.approx((at[0] - 8 * at[1] + 8 * at[2] - at[3]) / (12 * h), rel=1e-9, abs=1e-10)
    forward = autograd.hvp(mixed, (1.2, x), (0.5, x))
    reverse = autograd.hvp(mixed, (1.2, x), (0.5, x), mode="reverse_over_reverse")
    at = [gradient(1.2 + k * h * 0.5, x + k * h * x) for k in (-2, -1, 1, 2)]
    for i in range(2):
        numeric = (at[0][i] - 8 * at[1][i] + 8 * at[2][i] - at[3][i]) / (12 * h)
        np.testing.assert_allclose(forward[i], reverse[i], rtol=1e-12)
        np.testing.assert_allclose(forward[i], numeric, rtol=1e-8, atol=1e-9)
    tangent = jvp(mixed, (1.2, x), (0.5, x))[1]
    assert tangent == pytest.approx(0.5 * dv + dt @ x, rel=1e-12)


def test_create_graph_across_the_border():
    v, t = Value(1.5), Tensor([1.0, 2.0])
    (v * v * t * t).sum().backward(create_graph=True)
    assert type(v.grad) is Value
    assert type(t.grad) is Tensor
    dv, dt = v.grad, t.grad
    v.grad, t.grad = 0.0, None
    (dt.sum() + dv).backward()
    assert v.grad == pytest.approx(4 * 1.5 * 3 + 2 * 5)
    np.testing.assert_allclose(t.grad, 2 * 1.5**2 + 4 * 1.5 * np.array([1.0, 2.0]))


def test_ragged_rows_and_strangers_are_errors():
    a = Value(1.0)
    with pytest.raises(TypeError, match="one shape"):
        Tensor([[a, a], [a]])
    with pytest.raises(TypeError):
        Tensor([a, "text"])
    with pytest.raises(TypeError):
        Tensor([a, None])


@pytest.mark.parametrize(
    "name", ["dot", "inner", "kron", "einsum", "tensordot", "transpose", "squeeze", "flip", "sort"]
)
def test_functions_take_lists_of_tensors_and_lists_of_values(name):
    def found(rows):
        f = getattr(autograd, name)
        args = {"einsum": ("ij,ij->", rows, rows), "tensordot": (rows, rows, 1)}
        return f(*args.get(name, (rows, rows) if name in ("dot", "inner", "kron") else (rows,)))

    array = np.array([[1.0, 2.0], [4.0, 3.0]])
    values = [[Value(x) for x in row] for row in array.tolist()]
    tensors = [Tensor(row) for row in array]
    whole = Tensor(array)
    for rows in (values, tensors, whole):
        y = found(rows)
        np.testing.assert_array_equal(y.data, found(array))
        (y * y).sum().backward()
    np.testing.assert_allclose([t.grad for t in tensors], whole.grad)
    np.testing.assert_allclose([[v.grad for v in row] for row in values], whole.grad)
