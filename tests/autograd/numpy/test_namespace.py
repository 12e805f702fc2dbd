"""autograd.numpy: NumPy's names and answers on plain arrays, derivatives on nodes, and never a bare array between."""

from __future__ import annotations

import inspect
import pickle
import subprocess
import sys
import warnings

import numpy
import pytest

import autograd
import autograd.numpy as np
from autograd import Tensor, Value, grad, tree, vjp
from autograd.equivalent import PLAIN, PLAIN_UFUNCS
from autograd.numpy.offer import differentiable

A = numpy.array([[0.5, 0.25, 0.75], [0.125, 0.625, 0.875], [0.375, 0.1875, 1.0]])

# Functions of the namespace that give plain answers for nodes, because what they answer has no derivative
_ABOUT = PLAIN | PLAIN_UFUNCS | {numpy.linalg.matrix_rank}
# They are called with plain numbers only, whatever they are given: sizes, names, settings, files
_NOT_OF_ARRAYS = set(
    "get_include get_printoptions getbufsize geterr geterrcall info isdtype printoptions set_printoptions setbufsize "
    "seterr seterrcall show_config show_runtime test".split()
)


def names(module):
    return sorted(name for name in vars(module) if not name.startswith("_") and callable(getattr(module, name)))


def calls(x):
    """Ways in which a function may be called with x among its arguments: some fit, most do not."""
    row, number = x[0], x[0, 0]
    values = [Value(0.5), Value(0.25)]
    yield from ((x,), (row,), (number,), (x, x), (row, row), (number, number), (x, 1), (row, 2), (2, row), (x, 0, 1))
    yield from (([x, x],), ([row, 1.0 * row],), (values,), (values[0],), (values[0], 2.0), (A, x), (A[0], row))
    yield from ((2, number), (number, 2.0, 3), ("ij->ji", x), (numpy.sum, 0, x), (x, [0, 1], row), (A > 0.5, x))
    yield from ((A > 0.5, x, x), (row, A[0], row), (x, [A > 0.5], [lambda x: x]), (3, row, row))


# Of these only one argument is what the result is made of: the others are a condition, a shape, or taken away
_MADE_OF = {"compress": 1, "extract": 1, "full_like": 1, "polydiv": 0, "setdiff1d": 0}


def operands(name, function, count):
    """Which of so many arguments the result may depend on smoothly: those that are not settings with a default."""
    if name in _MADE_OF:
        return [i for i in [_MADE_OF[name]] if i < count]
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return range(count)
    if any(p.kind is p.VAR_POSITIONAL for p in parameters) or name == "where":
        return range(count)
    required = sum(p.default is p.empty and p.kind <= p.POSITIONAL_OR_KEYWORD for p in parameters)
    return range(min(count, 1 if name == "astype" else required))


def bare(found):
    """Whether floats came back and no node: of several results one may not depend on what was given."""
    parts = tree.leaves(found)
    if any(hasattr(part, "requires_grad") for part in parts):
        return False
    numbers = [part for part in parts if isinstance(part, float | numpy.ndarray | numpy.generic)]
    return any(numpy.asarray(x).dtype.kind in "fcO" and numpy.size(x) > 0 for x in numbers)


@pytest.mark.parametrize("module", ["", "linalg", "fft", "random"])
def test_no_function_gives_a_bare_array_for_something_differentiable(module, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # some would write files
    monkeypatch.setattr("autograd.protocol.place", str)  # thousands of errors, whose places nobody reads
    monkeypatch.setattr("autograd.primitive.place", str)
    ours = getattr(np, module) if module else np
    theirs = getattr(numpy, module) if module else numpy
    asked = answered = 0
    for name in names(ours):
        function, original = getattr(ours, name), getattr(theirs, name, None)
        if isinstance(function, type) or name in _NOT_OF_ARRAYS or original in _ABOUT:
            continue
        for args in calls(Tensor(A)):
            if not any(differentiable(args[i]) for i in operands(name, original, len(args))):
                continue
            asked += 1
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    found = function(*args)
                except Exception:  # most of these calls make no sense
                    continue
            answered += 1
            assert not bare(found), f"np.{name} of {args} gave {found}"
    assert asked > 100
    assert answered > (500 if not module else 100 if module == "linalg" else -1)


def test_every_name_of_numpy_is_here():
    assert [name for name in vars(numpy) if not name.startswith("_") and not hasattr(np, name)] == []
    for module in ("linalg", "fft", "random"):
        theirs = vars(getattr(numpy, module))
        assert {name for name in theirs if not name.startswith("_")} <= set(vars(getattr(np, module)))
    assert np.__version__ == numpy.__version__
    assert np.pi is numpy.pi
    assert np.float32 is numpy.float32
    assert np.ma is numpy.ma
    assert np.absolute is np.abs
    with pytest.raises(AttributeError, match="nothing"):
        np.nothing


def test_it_is_read_when_it_is_asked_for():
    code = "import sys, autograd; print(*(name for name in sys.modules if name.startswith('autograd.')))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    parts = {name.split(".")[1] for name in found}
    assert parts.isdisjoint("blackbox core differential_operators equivalent extend misc numpy scipy tracer".split())
    code = "import sys, autograd.numpy, autograd.scipy.stats.norm; print('scipy' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert found == ["False"]


def test_plain_arrays_are_numpys_business():
    for name in ("sum", "exp", "array", "concatenate", "where", "linspace", "vstack", "full", "einsum_path", "kron"):
        assert getattr(np, name).__doc__ == getattr(numpy, name).__doc__
    for call in (
        lambda np: np.exp(1j * A),  # complex numbers, outside of derivatives
        lambda np: np.fft.fft(A),
        lambda np: np.add(A, A, out=numpy.zeros((3, 3)), where=A > 0.5),
        lambda np: np.add.reduce(A, axis=1),
        lambda np: np.subtract.outer(A[0], A[0]),
        lambda np: np.array([[1, 2], [3, 4]], dtype=np.int8),
        lambda np: np.r_[1:4, 0, A[0]],
        lambda np: np.c_[A, A],
        lambda np: np.where(A > 0.5),
        lambda np: np.vectorize(lambda a, b: a + b)(A, 2),
        lambda np: np.linalg.eigvals(A),
        lambda np: np.random.default_rng(0).normal(size=3),
    ):
        found, expected = call(np), call(numpy)
        assert type(found) is type(expected)
        numpy.testing.assert_array_equal(found, expected)
    numpy.random.seed(3)
    expected = numpy.random.randn(2)
    np.random.seed(3)
    numpy.testing.assert_array_equal(np.random.randn(2), expected)


@pytest.mark.parametrize(
    "make",
    [
        lambda np, x: np.array([x[0], x[1], x[0] + x[1]]),
        lambda np, x: np.array([[x, 2 * x], [x + 1, [0.0, 1.0, 2.0]]]),
        lambda np, x: np.array(x, ndmin=3),
        lambda np, x: np.asarray(x),
        lambda np, x: np.asanyarray([x, x]),
        lambda np, x: np.ascontiguousarray(x[0]),
        lambda np, x: np.asfortranarray(x),
        lambda np, x: np.asarray_chkfinite(x),
        lambda np, x: np.require(x, dtype=float),
        lambda np, x: np.r_[x, 1:3, 0.5, x[1]],
        lambda np, x: np.r_["1", x[None], x[None]],
        lambda np, x: np.r_["0,2", x, A],
        lambda np, x: np.r_["0,2,0", x, [1.0, 2.0]],
        lambda np, x: np.r_["-1,3,0", x, x],
        lambda np, x: np.c_[x, A, x],
        lambda np, x: np.c_[A[0], x],
        lambda np, x: np.hstack([x, [1.0, 2.0]]),
        lambda np, x: np.column_stack((x, x)),
        lambda np, x: np.mean([x[0], x[1] ** 2]),
        lambda np, x: np.sum((x, x)),
        lambda np, x: np.maximum(x, [0.3, 0.3, 0.3]),
        lambda np, x: np.vectorize(lambda a, b: a * b + 1)(x, 2.0),
        lambda np, x: np.linalg.norm([x[0], x[1]]),
        lambda np, x: np.dot([x[0], x[1]], [1.0, 2.0]),
        lambda np, x: np.stack([x, x], axis=1),
    ],
)
def test_nodes_inside_of_lists(make, agrees):
    x = numpy.array([0.5, 0.25, 0.75])
    agrees(lambda x: make(np, x), x)
    numpy.testing.assert_allclose(make(np, Tensor(x)).data, make(numpy, x), rtol=1e-14)


def test_what_numpy_lacks():
    x = numpy.array([0.5, 0.25, 0.75])
    for join in (np.concatenate, np.vstack, np.hstack, np.dstack, np.stack, np.column_stack, np.concat):
        numpy.testing.assert_array_equal(join(map(np.square, [x, x])), join([x * x, x * x]))
        assert join(map(np.square, [Tensor(x), x])).requires_grad
    numpy.testing.assert_array_equal(np.make_diagonal(A, axis1=-1, axis2=-2)[1], numpy.diag(A[1]))
    assert np.make_diagonal(Tensor(x)).requires_grad
    numpy.testing.assert_array_equal(np.where(condition=x > 0.3, x=1.0, y=x), numpy.where(x > 0.3, 1.0, x))
    assert np.where(x > 0.3, x=Tensor(x), y=0.0).requires_grad
    first, second = np.vectorize(lambda a: (a, a * a))(Tensor(x))
    numpy.testing.assert_array_equal(second.data, x * x)
    assert first.requires_grad
    with pytest.raises(TypeError, match="Write a loop"):
        np.vectorize(lambda a: a, signature="(n)->()")(Tensor(x))
    with pytest.raises(TypeError, match="makes a matrix"):
        np.r_["c", Tensor(x)]


def test_floats_stay_floats():
    for f in (np.sin, lambda x: np.array(x), lambda x: np.reshape(x, ()), lambda x: np.sum([x, x]), np.real):
        assert type(grad(f)(0.5)) is float
    assert type(np.exp(Value(0.5))) is Value
    y, pull = vjp(lambda x: np.array([x, x * x]), 3.0)
    assert type(y) is numpy.ndarray
    assert pull(numpy.ones(2)) == (7.0,)


def test_samples_are_not_differentiated():
    with pytest.raises(NotImplementedError, match=r"(?s)np.random.normal has no derivative by.*loc \+ scale"):
        grad(lambda x: np.random.normal(x))(0.5)
    with pytest.raises(NotImplementedError, match=r"np\.random\.gamma"):
        np.random.gamma(Tensor(A))
    assert np.random.normal(0.5) is not None
    state, generator = np.random.RandomState(3), np.random.default_rng(3)
    for sample in (state.normal, generator.normal, generator.gamma):
        with pytest.raises(NotImplementedError, match=r"np\.random\.\w+ has no derivative by its parameters"):
            sample(Value(0.5))
    numpy.testing.assert_array_equal(state.randn(2, 3), numpy.random.RandomState(3).randn(2, 3))
    numpy.testing.assert_array_equal(generator.normal(size=3), numpy.random.default_rng(3).normal(size=3))
    assert isinstance(state, numpy.random.RandomState)
    assert isinstance(generator, numpy.random.Generator)
    assert np.random.default_rng(generator) is generator
    assert pickle.loads(pickle.dumps(state)).randn() == state.randn()


def test_nothing_is_written_into_what_is_differentiated():
    t = Tensor(A)
    for call in (
        lambda: np.equal(A, t, t),
        lambda: np.exp(A, out=t),
        lambda: np.add(t, A, numpy.zeros((3, 3))),
        lambda: np.copyto(t, A),
        lambda: np.add.at(t, [0], 1.0),
    ):
        with pytest.raises(TypeError):
            call()
    numpy.testing.assert_array_equal(t.data, A)


def test_two_lines_of_help():
    """The error of a function without a rule, as a reader sees it."""
    with pytest.raises(NotImplementedError) as error:
        grad(lambda x: np.bartlett(x))(np.ones(3))
    text = str(error.value)
    assert "np.bartlett has no derivative here" in text
    assert "defvjp(np.bartlett, lambda ans, x: lambda g: ...)" in text
    assert "test_namespace.py" in text


def test_helpers_of_hips_autograd():
    from autograd.builtins import DictBox
    from autograd.numpy.numpy_boxes import ArrayBox
    from autograd.numpy.numpy_vjps import unbroadcast, unbroadcast_f

    assert isinstance(Tensor(A), ArrayBox)
    assert isinstance(Value(1.0), ArrayBox)
    assert not isinstance(A, ArrayBox)
    assert DictBox is dict
    numpy.testing.assert_array_equal(unbroadcast(numpy.ones((2, 3, 3)), A[:1]), numpy.full((1, 3), 6.0))
    assert unbroadcast(numpy.ones(3), 2.0) == 3.0
    assert unbroadcast_f(A, lambda g: 2 * g)(A) is not None
    t = Tensor(numpy.ones((2, 3)))
    assert unbroadcast(t, numpy.ones(3)).requires_grad
    assert unbroadcast(t, t) is t


def test_inside_vmap():
    rows = numpy.arange(6.0).reshape(2, 3)
    for f in (
        lambda r: np.sum(np.array([r[0] * 2, r[1]])),
        lambda r: np.sum(np.sin(r) * np.r_[r[0], 1.0, r[1]]),
        lambda r: np.mean([r[0], r[2] ** 2]),
        lambda r: np.linalg.norm(np.full(3, r[1] + 1.0) + np.linspace(r[0], r[2], 3)),
    ):
        numpy.testing.assert_allclose(autograd.vmap(f)(rows), [f(row) for row in rows])
        numpy.testing.assert_allclose(autograd.vmap(grad(f))(rows), [grad(f)(row) for row in rows])
