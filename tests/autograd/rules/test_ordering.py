"""Sorting, partial sorting and unique: NumPy's results, where the gradient goes, ties, nan, and PyTorch's answers."""

from __future__ import annotations

import numpy as np
import pytest

import autograd
from autograd import ShapeError, Tensor

A = np.random.default_rng(3).permutation(24).reshape(2, 3, 4) / 4.0
TIES = np.array([2.0, 1.0, 2.0, np.nan, 1.0])


@pytest.mark.parametrize("axis", [0, 1, -1, None])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sort(axis, dtype, agrees):
    x = A.astype(dtype)
    for t in (Tensor(x), Tensor(x[:, ::-1])):
        y = autograd.sort(t, axis)
        np.testing.assert_array_equal(y.data, np.sort(t.data, axis))
        assert y.dtype == dtype
        np.testing.assert_array_equal(np.sort(t, axis=axis).data, y.data)
        np.testing.assert_array_equal(t.sort(axis).data, y.data)
        down = autograd.sort(t, axis, descending=True)
        np.testing.assert_array_equal(down.data, np.flip(y.data, -1 if axis is None else axis))
    agrees(lambda x: autograd.sort(x, axis), A)
    agrees(lambda x: autograd.sort(x, axis, descending=True), A)


def test_equal_elements_keep_their_order_both_ways_and_nan_is_the_largest():
    np.testing.assert_array_equal(autograd.argsort(TIES), [1, 4, 0, 2, 3])
    np.testing.assert_array_equal(autograd.argsort(TIES, descending=True), [3, 0, 2, 1, 4])
    np.testing.assert_array_equal(autograd.argsort(Tensor(TIES), descending=True), [3, 0, 2, 1, 4])
    t = Tensor(TIES)
    autograd.sort(t)[0].backward()
    np.testing.assert_array_equal(t.grad, [0, 1, 0, 0, 0])


def test_orders_are_plain_integers():
    t = Tensor(A)
    for found, expected in [
        (autograd.argsort(t, 1), np.argsort(A, 1)),
        (t.argsort(None), np.argsort(A, None)),
        (autograd.argpartition(t, 1), np.argpartition(A, 1)),
        (autograd.lexsort((t[0, 0], t[0, 1])), np.lexsort((A[0, 0], A[0, 1]))),
        (autograd.searchsorted(np.arange(6.0), t, "right"), np.searchsorted(np.arange(6.0), A, "right")),
        (Tensor([1.0, 2.0]).searchsorted([1.5]), [1]),
    ]:
        assert type(found) is np.ndarray
        np.testing.assert_array_equal(found, expected)


def test_partition_and_msort(agrees):
    np.testing.assert_array_equal(autograd.partition(A, 2, 1), np.partition(A, 2, 1))
    np.testing.assert_array_equal(autograd.partition(A, [1, 5], None), np.partition(A, [1, 5], None))
    np.testing.assert_array_equal(autograd.msort(A), np.sort(A, 0))
    agrees(lambda x: autograd.partition(x, 1), A)


@pytest.mark.parametrize("largest", [True, False])
@pytest.mark.parametrize("axis", [0, -1])
def test_topk(largest, axis, agrees):
    values, indices = autograd.topk(A, 2, axis, largest)
    expected = np.flip(np.sort(A, axis), axis) if largest else np.sort(A, axis)
    np.testing.assert_array_equal(values, np.take(expected, [0, 1], axis))
    np.testing.assert_array_equal(np.take_along_axis(A, indices, axis), values)
    agrees(lambda x: autograd.topk(x, 2, axis, largest).values, A)
    t = Tensor(TIES[:3])
    t.topk(2).values.backward(np.array([1.0, 10.0]))
    np.testing.assert_array_equal(t.grad, [1, 0, 10])
    assert autograd.topk(Tensor(2.0), 1).values.item() == 2.0
    assert autograd.topk(A, 0).values.shape == (2, 3, 0)


def test_kthvalue(agrees):
    values, indices = autograd.kthvalue(A, 2, 1)
    np.testing.assert_array_equal(values, np.sort(A, 1)[:, 1])
    np.testing.assert_array_equal(np.take_along_axis(A, indices[:, None], 1)[:, 0], values)
    assert autograd.kthvalue(A, 4, keepdims=True).values.shape == (2, 3, 1)
    agrees(lambda x: autograd.kthvalue(x, 3).values, A)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_mode(axis, agrees):
    stats = pytest.importorskip("scipy.stats")
    x = np.random.default_rng(1).integers(0, 3, (4, 5, 6)) + 0.5
    t = Tensor(x)
    values, indices = autograd.mode(t, axis)
    expected = stats.mode(x, axis).mode
    np.testing.assert_array_equal(values.data, expected)
    np.testing.assert_array_equal(autograd.mode(t, axis, keepdims=True).values.data, np.expand_dims(expected, axis))
    equal = x == np.expand_dims(expected, axis)
    last = x.shape[axis] - 1 - np.argmax(np.flip(equal, axis), axis)
    np.testing.assert_array_equal(indices, last)
    values.sum().backward()
    place = np.zeros(x.shape)
    np.put_along_axis(place, np.expand_dims(indices, axis), 1, axis)
    np.testing.assert_array_equal(t.grad, place)
    agrees(lambda x: autograd.mode(x, axis).values, A)


def test_mode_of_a_number_and_of_nan():
    assert autograd.mode(Tensor(2.0)).values.item() == 2.0
    assert autograd.mode([np.nan, np.nan, 1.0]).values == 1.0  # no nan is equal to another


def test_unique(agrees):
    x = np.array([[2.0, 1.0, 2.0], [0.5, 1.0, 0.5]])
    for settings in ({}, {"axis": 0}, {"axis": 1}):
        plain = np.unique(x, True, True, True, **settings)
        for y, expected in zip(autograd.unique(x, True, True, True, **settings), plain, strict=True):
            np.testing.assert_array_equal(y, expected)
        np.testing.assert_array_equal(np.unique(Tensor(x), **settings).data, plain[0])
    t = Tensor(x)
    values, counts = np.unique(t, return_counts=True)
    (values * counts).sum().backward()
    np.testing.assert_array_equal(t.grad, [[2, 2, 0], [2, 0, 0]])  # the first of equal ones stands for all
    agrees(autograd.unique, A)


def test_empty_and_single():
    for shape in ((0,), (2, 0), (1,), (2, 1)):
        t = Tensor(np.zeros(shape))
        autograd.sort(t).sum().backward()
        np.testing.assert_array_equal(t.grad, np.ones(shape))


def test_second_derivatives():
    def f(x):
        return (autograd.sort(x) ** 3 * np.arange(4.0)).sum()

    x = A[0, 0]
    rank = np.argsort(np.argsort(x))
    np.testing.assert_allclose(autograd.hessian(f)(x), np.diag(6 * x * rank))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda t: autograd.topk(t, 5), "there are no 5 elements along axis -1"),
        (lambda t: autograd.kthvalue(t, 0), "there is no 0. element"),
        (lambda t: autograd.mode(t[:, :0], 1), "there are no elements along axis 1"),
        (lambda t: autograd.mode(t, 4), "axis 4 does not fit"),
        (lambda t: autograd.sort(t, 3), "axis 3"),
    ],
)
def test_errors(call, words):
    with pytest.raises(ValueError, match=words) as found:
        call(Tensor(A))
    assert isinstance(found.value, ShapeError | np.exceptions.AxisError)


def test_pytorch_says_the_same():
    torch = pytest.importorskip("torch", reason="PyTorch is compared with where it is installed")
    x = np.random.default_rng(0).integers(0, 4, (5, 6)).astype(float)  # many ties
    calls = [
        (lambda t: autograd.sort(t, 1), lambda t: torch.sort(t, dim=1, stable=True).values),
        (
            lambda t: autograd.sort(t, 0, descending=True),
            lambda t: torch.sort(t, dim=0, descending=True, stable=True).values,
        ),
        (lambda t: autograd.msort(t), lambda t: torch.sort(t, dim=0, stable=True).values),
    ]
    for ours, theirs in calls:
        a, b = Tensor(x), torch.tensor(x, requires_grad=True)
        y, z = ours(a), theirs(b)
        g = np.random.default_rng(1).normal(size=y.shape)
        y.backward(g)
        z.backward(torch.tensor(g))
        np.testing.assert_array_equal(y.data, z.detach().numpy())
        np.testing.assert_array_equal(a.grad, b.grad.numpy())
