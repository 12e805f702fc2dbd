"""The axioms of a vector space, for numbers, arrays, and containers of them."""

from __future__ import annotations

import numpy as np
import pytest

from autograd import OperandError
from autograd.test_util import check_equivalent, check_grads
from autograd.vspace import VSpace, vspace

VALUES = [
    0.5,
    np.zeros((3, 2)),
    np.float32(1.0),
    np.zeros(0),
    [1.0, np.zeros((2, 1))],
    (1.0, [np.ones(2), {"b": 2.0, "a": np.ones((1, 3), np.float32)}]),
]
each = pytest.mark.parametrize("value", VALUES, ids=repr)


@each
def test_axioms(value):
    space = vspace(value)
    np.random.seed(1)
    x, y, z = (space.randn() for _ in range(3))
    if space.size:
        check_equivalent(space.add(x, space.add(y, z)), space.add(space.add(x, y), z))
        check_equivalent(space.add(x, y), space.add(y, x))
        check_equivalent(space.scalar_mul(space.add(x, y), 0.7), space.add(*(space.scalar_mul(v, 0.7) for v in (x, y))))
        assert space.inner_prod(x, y) == pytest.approx(space.inner_prod(y, x))
        assert space.inner_prod(x, x) > 0
    check_equivalent(space.add(x, space.zeros()), x)
    check_equivalent(space.mut_add(None, x), x)
    check_equivalent(space.mut_add(x, y), space.add(x, y))
    assert space.inner_prod(space.zeros(), space.ones()) == 0
    assert space.covector(x) is x
    for v in (x, space.zeros(), space.ones(), space.add(x, y), space.scalar_mul(x, 2.0)):
        assert vspace(v) == space


@each
def test_the_standard_basis(value):
    space = vspace(value)
    basis = list(space.standard_basis())
    assert len(basis) == space.size
    for i, e in enumerate(basis):
        assert vspace(e) == space
        assert [space.inner_prod(e, f) for f in basis] == [float(i == j) for j in range(len(basis))]
    if basis:
        total = basis[0]
        for e in basis[1:]:
            total = space.add(total, e)
        check_equivalent(total, space.ones())


def test_operations_are_differentiable():
    space = vspace({"a": 1.0, "b": [np.ones(2)]})
    np.random.seed(2)
    check_grads(space.add, (0, 1))(space.randn(), space.randn())
    check_grads(space.scalar_mul, (0, 1))(space.randn(), 0.5)
    check_grads(space.inner_prod, (0, 1))(space.randn(), space.randn())


def test_what_a_space_is_like():
    assert (vspace(np.ones((2, 3))).shape, vspace(np.ones((2, 3))).ndim) == ((2, 3), 2)
    assert vspace({"a": np.ones(2, np.float32)}).dtype == {"a": np.dtype("float32")}
    assert vspace(1.0) != vspace(np.ones(1))
    assert vspace([1.0]) != vspace((1.0,))
    assert vspace(np.ones(2)) != vspace(np.ones(2, np.float32))
    assert vspace({"a": 1.0, "b": 2.0}) == vspace({"b": 2.0, "a": 1.0})
    assert repr(vspace([1.0, np.ones((2, 3))])) == "VSpace([float64, float64[2, 3]])"
    assert isinstance(vspace(1.0), VSpace)
    for wrong in (1, True, "x", None, [1.0, 2], 1j, np.ones(2, int)):
        with pytest.raises(OperandError, match="there is no vector space of"):
            vspace(wrong)
    with pytest.raises(OperandError, match="Complex numbers are out of scope"):
        vspace(np.ones(2, complex))
    with pytest.raises((KeyError, TypeError, ValueError)):
        vspace([1.0, 2.0]).add([1.0], [1.0])
