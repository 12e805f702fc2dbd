"""HIPS autograd's tools: flat vectors, optimizers, fixed points, and recorded functions."""

from __future__ import annotations

import numpy
import pytest

import autograd.numpy as np
from autograd import ShapeError, grad, jacobian
from autograd.extend import primitive
from autograd.misc import const_graph, flatten, full_graph
from autograd.misc.fixed_points import fixed_point
from autograd.misc.flatten import flatten_func
from autograd.misc.optimizers import adam, rmsprop, sgd
from autograd.test_util import check_equivalent, check_grads

NESTED = (1.5, numpy.arange(6.0).reshape(2, 3), [numpy.ones(1), {"b": 2.0, "a": numpy.zeros((2, 0))}], ())


def test_flatten_and_back():
    vector, unflatten = flatten(NESTED)
    numpy.testing.assert_array_equal(vector, [1.5, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 1.0, 2.0])
    back = unflatten(vector)
    check_equivalent(back, NESTED)
    assert type(back[0]) is float
    assert flatten({"b": 1.0, "a": 2.0})[0].tolist() == [2.0, 1.0]
    assert flatten([])[0].shape == (0,)
    assert flatten(3.0)[1](numpy.array([4.0])) == 4.0
    with pytest.raises(ShapeError, match=r"a vector of 9 numbers is needed, not shape \(3,\)"):
        unflatten(numpy.ones(3))


def test_flatten_is_differentiable_both_ways():
    def f(tree):
        vector, unflatten = flatten(tree)
        return np.sum(np.sin(vector)) + unflatten(vector * 2)[0]

    check_grads(f)(NESTED)
    assert grad(lambda x, y: np.sum(flatten([x, y])[0] ** 2), (0, 1))(1.0, 2.0) == (2.0, 4.0)
    g, unflatten, example = flatten_func(lambda p: p["a"] ** 2 * p["b"], {"a": 3.0, "b": numpy.ones(2)})
    numpy.testing.assert_array_equal(jacobian(g)(example), [[6.0, 9.0, 0.0], [6.0, 0.0, 9.0]])
    assert unflatten(example)["a"] == 3.0


@pytest.mark.parametrize(("optimize", "settings"), [(sgd, {}), (rmsprop, {}), (adam, {"step_size": 0.1})])
def test_optimizers_find_a_minimum_of_containers(optimize, settings):
    def loss(p, i):
        return np.sum((p["w"] - numpy.arange(3.0)) ** 2) + (p["b"][0] + 1.0) ** 2

    told = []
    start = {"w": numpy.zeros(3), "b": [2.0]}
    found = optimize(grad(loss), start, lambda p, i, g: told.append((i, g["b"][0])), num_iters=400, **settings)
    numpy.testing.assert_allclose(found["w"], numpy.arange(3.0), atol=1e-3)
    assert found["b"][0] == pytest.approx(-1.0, abs=1e-3)
    assert [i for i, _ in told] == list(range(400))
    assert told[0][1] == 6.0
    numpy.testing.assert_array_equal(start["w"], 0.0)


def test_training_is_differentiated_by_what_it_was_done_with():
    def trained(step):
        return sgd(lambda x, i: 2 * x, 1.0, num_iters=5, step_size=step)

    check_grads(trained, modes=["rev"])(0.1)


def test_fixed_points_to_second_order():
    def root(a, rate=0.05):
        return fixed_point(lambda a: lambda x: x - rate * (x**2 - a), a, 3.0, lambda x, y: abs(x - y), 1e-13)

    assert root(2.0) == pytest.approx(2**0.5, rel=1e-10)
    assert grad(root)(2.0) == pytest.approx(0.5 * 2**-0.5, rel=1e-10)
    assert grad(grad(root))(2.0) == pytest.approx(-0.25 * 2**-1.5, rel=1e-9)

    def solution(p):
        step = lambda p: lambda x: np.cos(np.dot(p["m"], x)) * 0.5 + p["b"]  # noqa: E731
        return fixed_point(step, p, numpy.zeros(2), lambda x, y: np.max(np.abs(x - y)), 1e-13)

    check_grads(solution, modes=["rev"], order=1)({"m": numpy.array([[0.2, -0.1], [0.3, 0.1]]), "b": numpy.ones(2)})


def test_a_recorded_function_runs_without_its_code():
    calls = []

    def f(scale, x, more):
        calls.append(x)
        return {"y": scale * np.sin(x) * more, "g": grad(lambda x: x**3)(x), "k": 1}

    recorded = const_graph(f, 2.0)
    for x, more in ((0.5, 1.0), (1.5, 3.0), (-1.0, 2.0)):
        found = recorded(x, more)
        assert len(calls) == 1
        assert found["y"] == pytest.approx(2 * numpy.sin(x) * more, rel=1e-15)
        assert found["g"] == pytest.approx(3 * x * x)
        assert found["k"] == 1
    X = numpy.arange(3.0)
    dot = const_graph(lambda x: np.dot(x, X) + x[0])
    assert dot(X) == 5.0
    assert dot(X + 1) == 9.0
    seen = []
    noted = primitive(lambda x, name: seen.append(name) or x * 2)
    again = const_graph(lambda x: noted(x, "a") + noted(3.0, "b"))
    assert (again(1.0), again(2.0)) == (8.0, 10.0)
    assert seen == ["a", "b", "a"]


def test_the_full_graph():
    end = full_graph(lambda x, y: np.exp(x) * y, 0.0, 3.0)
    assert end.value == 3.0
    fun, args, kwargs, parents = end.recipe
    assert fun(*args, **kwargs) == 3.0
    assert [number for number, _ in parents] == [0, 1]
    assert parents[0][1].value == 1.0
