"""Arrays made of nodes, rows of numbers at equal distances, polynomials, sets, and functions mapped over arrays."""

from __future__ import annotations

import numpy as np
import pytest

import autograd
from autograd import OperandError, ShapeError, Tensor, Value
from autograd.rules import construction, mapping, membership, polynomial

A = np.array([[0.5, 0.25, 0.75], [0.125, 0.625, 0.875]])
ROW = np.array([1.5, -2.0, 0.5, 3.0])


def same(name, *args, module=autograd, **settings):
    """What NumPy says of the same arguments, on plain arrays and on Tensors."""
    expected = getattr(np, name)(*args, **settings)
    tensors = [Tensor(x) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x for x in args]
    for found in (getattr(module, name)(*args, **settings), getattr(module, name)(*tensors, **settings)):
        for f, e in zip(*(x if isinstance(x, tuple) else (x,) for x in (found, expected)), strict=True):
            f = f.data if isinstance(f, Tensor) else f
            assert np.shape(f) == np.shape(e)
            np.testing.assert_allclose(f, e, rtol=1e-13, atol=2e-15)


def test_arrays_of_nodes():
    a, b = Value(2.0), Value(3.0)
    y = construction.array([[a, a * b], [1, b]])
    assert type(y) is Tensor
    np.testing.assert_array_equal(y.data, [[2.0, 6.0], [1.0, 3.0]])
    (y * [[1.0, 2.0], [3.0, 4.0]]).sum().backward()
    assert (a.grad, b.grad) == (7.0, 8.0)
    t = Tensor(A)
    y = construction.array([t, A, [t[0], [1, 2, 3]]])
    assert y.shape == (3, 2, 3)
    y.sum().backward()
    np.testing.assert_array_equal(t.grad, [[2.0, 2.0, 2.0], [1.0, 1.0, 1.0]])
    assert type(construction.array(a)) is Tensor
    assert construction.array(a).shape == ()
    assert construction.array([a], dtype=np.float32).dtype == np.float32
    assert construction.array(t, ndmin=4).shape == (1, 1, 2, 3)
    assert construction.array([a, b], dtype=int).primitive is None
    assert type(construction.array([1.0, 2.0])) is np.ndarray
    assert construction.row_or_more(a).shape == (1,)
    with pytest.raises(ValueError, match="infs or NaNs"):
        construction.finite_array([a, np.inf])
    with pytest.raises(OperandError, match="one shape"):
        construction.array([[a], [a, b]])


def test_full(agrees):
    same("full", (2, 3), 1.5)
    same("full", 3, ROW[:1])
    same("full", (2, 3), A[0], dtype=np.float32)
    same("full_like", A, 2.5)
    same("full_like", np.arange(3), 2.5)
    same("full_like", A, 2.5, shape=(2,), dtype=int)
    agrees(lambda x: autograd.full((2, 3), x), A[0])
    agrees(lambda x: autograd.full_like(A, x), A[0, 0])
    assert autograd.full((2,), Value(1.0)).requires_grad


@pytest.mark.parametrize("name", ["linspace", "logspace", "geomspace"])
@pytest.mark.parametrize("num", [0, 1, 2, 7])
@pytest.mark.parametrize("endpoint", [True, False])
def test_spaces(name, num, endpoint, agrees):
    same(name, 0.5, 3.0, num, endpoint)
    same(name, A[0], A[1] + 1, num, endpoint)
    same(name, A[0], 2.0, num, endpoint, axis=1)
    if num:
        agrees(lambda a, b: getattr(autograd, name)(a, b, num, endpoint), A[0], A[1] + 1)


def test_settings_of_the_spaces(agrees):
    same("linspace", 1.0, 2.0, 5, retstep=True)
    same("linspace", 1.0, 4.0, 4, dtype=int)
    same("logspace", 1.0, 2.0, 3, base=2.0)
    agrees(lambda base: autograd.logspace(1.0, 2.0, 3, base=base), A[0])
    same("geomspace", -1.0, -8.0, 4)
    assert np.isnan(autograd.linspace(Value(1.0), 2.0, 1, retstep=True)[1])
    for start in (0.0, -1.0):
        with pytest.raises(OperandError, match="neither may be 0"):
            autograd.geomspace(start, Value(1.0))
    for M in (1, 2, 5):
        same("kaiser", M, 4.0)
    agrees(lambda beta: autograd.kaiser(5, beta), 4.0)


POLYNOMIALS = {
    "polyval": [(ROW, 2.0), (ROW, A), (ROW, np.array(0.5))],
    "polyadd": [(ROW, ROW[:2]), (ROW[:1], ROW), (ROW, 1.0)],
    "polysub": [(ROW, ROW[:2]), (ROW[:1], ROW)],
    "polymul": [(ROW, ROW[:2]), (ROW, 2.0)],
    "polydiv": [(ROW, ROW[:2]), (ROW[:2], ROW), (np.array([1.0, 5.0, 6.0]), np.array([1.0, 2.0])), (ROW, 2.0)],
    "polyder": [(ROW,), (ROW, 2), (ROW, 4), (ROW, 0)],
    "polyint": [(ROW,), (ROW, 2), (ROW, 2, ROW[:2]), (ROW, 2, 3.0)],
    "poly": [(ROW,)],
    "polyfit": [(ROW, ROW**2, 2), (ROW, np.stack([ROW, ROW**3], 1), 1)],
}


@pytest.mark.parametrize("name", POLYNOMIALS)
def test_polynomials(name, agrees):
    assert set(POLYNOMIALS) == set(polynomial.__all__)
    for args in POLYNOMIALS[name]:
        same(name, *args)
        moved = [i for i, x in enumerate(args) if isinstance(x, np.ndarray)]

        def call(*xs, moved=moved, args=args):
            filled = list(args)
            for i, x in zip(moved, xs, strict=True):
                filled[i] = x
            found = getattr(autograd, name)(*filled)
            return autograd.concatenate(found) if isinstance(found, tuple) else found

        if moved:
            agrees(call, *(args[i] for i in moved), rtol=1e-6 if name == "polyfit" else 1e-7)


def test_more_of_polynomials(agrees):
    same("polyfit", ROW, ROW**3, 1, w=ROW**2)
    agrees(lambda w: autograd.polyfit(ROW, ROW**3, 1, w=w), ROW + 4, rtol=1e-6)
    for f in (0.0 * ROW, np.r_[0.0, ROW, 0.0, 0.0], ROW):
        for trim in ("fb", "f", "B"):
            same("trim_zeros", f, trim, module=polynomial)
    with pytest.raises(OperandError, match="a row of zeros only"):
        autograd.poly(Tensor(np.eye(2)))
    with pytest.raises(ShapeError, match="2 constants are needed"):
        autograd.polyint(Tensor(ROW), 2, ROW[:3])


PAIR = np.array([3.0, 1.0, 2.0, 3.0]), np.array([[2.0, 4.0], [3.0, 4.0]])


@pytest.mark.parametrize("name", membership.__all__)
def test_sets(name, agrees):
    args = PAIR[: 1 if name.startswith("unique") else 2]
    for xs in (args, args[::-1]):
        same(name, *xs)

    def values(*xs):
        found = getattr(membership, name)(*xs)
        return found[0] if isinstance(found, tuple) else found

    apart = [x + 0.01 * np.arange(x.size).reshape(x.shape) for x in args]
    agrees(values, *apart)


def test_settings_of_the_sets():
    same("intersect1d", *PAIR, return_indices=True)
    for name in ("intersect1d", "setdiff1d", "setxor1d"):
        same(name, PAIR[0][:3], PAIR[1][0], assume_unique=True)
    t = Tensor([2.0, 1.0, 2.0])
    autograd.unique_values(t).sum().backward()
    np.testing.assert_array_equal(t.grad, [1.0, 1.0, 0.0])  # the first of equal ones stands for all


def test_functions_of_rows(agrees):
    C = np.arange(24.0).reshape(2, 3, 4) / 7
    for axis in (0, 1, 2, -1):
        for f in (np.sum, np.outer, lambda row, other=None: row * 2, lambda row, other=None: row[0]):
            extra = (np.arange(2.0),) if f is np.outer else ()
            same("apply_along_axis", f, axis, C, *extra)
    agrees(lambda x: autograd.apply_along_axis(np.cumsum, 1, x), C)
    same("apply_over_axes", np.sum, C, [0, 2])
    same("apply_over_axes", np.cumsum, C, 1)
    agrees(lambda x: autograd.apply_over_axes(np.sum, x, [0, -1]), C)
    with pytest.raises(ShapeError, match="at least one row"):
        autograd.apply_along_axis(np.sum, 0, np.zeros((3, 0)))


def test_functions_in_pieces(agrees):
    pieces = [np.sin, lambda x: x * x, 0.25]
    same("piecewise", ROW, [ROW < 0, ROW > 1], pieces)
    same("piecewise", ROW, [ROW < 0, ROW > -1], pieces[:2])
    same("piecewise", ROW, ROW > 1, [2.0])
    same("piecewise", A, [A > 0.5], [lambda x, k: k * x], k=3.0)
    agrees(lambda x: autograd.piecewise(x, [x < 0, x > 1], pieces), ROW)
    slope = autograd.grad(lambda c: autograd.piecewise(ROW, [ROW < 0], [c]).sum())(2.0)
    assert slope == 1.0
    with pytest.raises(ShapeError, match="as many functions as conditions, 2, or one more, and got 1"):
        autograd.piecewise(Tensor(ROW), [ROW < 0, ROW > 1], [1.0])
    assert set(mapping.__all__) == {"apply_along_axis", "apply_over_axes", "piecewise"}
