"""Every registered primitive opens into a graph of Values with its values and gradients, or says why it does not."""

from __future__ import annotations

import math
import zlib

import numpy as np
import pytest

import autograd
from autograd import REGISTRY, OperandError, Tensor, Value, zoom
from autograd.domain import Operand
from autograd.lens.opening import REASONS, reason

CASES = [(p, case) for p in REGISTRY.values() for case in p.cases()]


def parametrized(cases):
    return pytest.mark.parametrize(("primitive", "case"), cases, ids=lambda x: getattr(x, "name", ""))


def result(primitive, case, dtype=float):
    """The result of a case, and the Tensors among its operands."""
    rng = np.random.default_rng(zlib.crc32((primitive.name + repr(case.params)).encode()))
    args, params = case.draw(rng)
    rules = primitive.partials or (None if callable(primitive.vjps) else primitive.vjps)
    for i, drawn in enumerate(case.operands):
        if isinstance(drawn, Operand) and (rules is None or rules[i] is not None):
            args[i] = Tensor(args[i], dtype, label="abcdefg"[i])
    return primitive(*args, **params), [x for x in args if isinstance(x, Tensor)], rng


def close(a, b, tolerance=1e-12):
    a, b = np.asarray(a), np.asarray(b)
    assert a.shape == b.shape
    np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance * max(1.0, float(np.max(np.abs(b), initial=0.0))))


def gradients(values, g, tensors):
    """The gradients of Σ value · g by the leaves of the Values, in arrays like the Tensors they are elements of."""
    whole = autograd.sum([v * c for v, c in zip(values.flat, g.flat, strict=True)])
    if whole.requires_grad:  # one element may be a constant, such as a 0 above a triangle
        whole.backward()
    found = {x.label: np.zeros(x.shape) for x in tensors}
    for leaf in {leaf for v in values.flat for leaf in autograd.leaves(v)}:
        label, _, index = leaf.label.partition("[")
        found[label][tuple(map(int, index.rstrip("]").split(","))) if index else ()] = leaf.grad
    return [found[x.label] for x in tensors]


@parametrized(CASES)
def test_the_scalar_graph_has_the_value_and_the_gradients_of_the_tensor(primitive, case):
    why = reason(primitive)
    y, tensors, rng = result(primitive, case)
    if why:
        if primitive.smooth:
            with pytest.raises(OperandError, match="cannot be opened into a graph of Values") as error:
                zoom(y)
            assert why in str(error.value)
        else:
            assert type(y) is np.ndarray
        pytest.skip(f"{primitive.name}: {why}")
    values = zoom(y, names={})  # the labels are enough
    values = np.array([values]).reshape(()) if isinstance(values, Value) else values
    assert values.shape == y.shape
    close(np.vectorize(lambda v: v.data, otypes=[float])(values), y.data)
    g = rng.uniform(0.5, 1.5, y.shape)
    found = gradients(values, g, tensors)
    y.backward(g)
    for x, gradient in zip(tensors, found, strict=True):
        close(gradient, x.grad)


@parametrized([(p, case) for p, case in CASES if not reason(p)])
def test_one_element_is_the_same_alone(primitive, case):
    y, tensors, rng = result(primitive, case)
    index = tuple(int(rng.integers(n)) for n in y.shape)
    value = zoom(y, index, names={})
    assert isinstance(value, Value)
    found = gradients(np.array([value]), np.ones(1), tensors)
    g = np.zeros(y.shape)
    g[index] = 1.0
    y.backward(g)
    close(value.data, y.data[index])
    for x, gradient in zip(tensors, found, strict=True):
        close(gradient, x.grad)


def test_what_does_not_open_is_known():
    refused = {p.name: reason(p) for p in REGISTRY.values() if reason(p)}
    plain = {p.name for p in REGISTRY.values() if not p.smooth}
    unknown = set(refused) - plain - set(REASONS)
    assert not unknown, f"give {unknown} a formula in autograd/lens, or a reason in its REASONS"
    assert set(refused) == plain | set(REASONS)
    assert len(REGISTRY) - len(refused) >= 212


@pytest.mark.parametrize("name", ["matmul", "softmax", "mean", "solve", "convolution", "tanh"])
def test_tensors_of_float32_open_in_double_precision(name):
    y, _, _ = result(REGISTRY[name], REGISTRY[name].cases()[0], np.float32)
    values = zoom(y, names={})  # the labels are enough
    assert y.dtype == np.float32
    for index in np.ndindex(y.shape):
        value = values[index] if y.shape else values
        assert math.isclose(value.data, y.data[index], rel_tol=1e-4, abs_tol=1e-5)
