"""Each error is in words: what went wrong, with which operands, on which line of the user's, and what to do."""

from __future__ import annotations

import re
import threading

import numpy as np
import pytest

import autograd
from autograd import AutogradError, Tensor, Value, detect_anomaly
from autograd.domain import POSITIVE, REAL, case

T, W = Tensor(np.ones((2, 3)), label="x"), Tensor(np.ones((2, 4)))


@pytest.fixture
def bare():
    """A primitive whose rule computes with NumPy itself, so that it cannot be differentiated again."""
    found = autograd.general(
        "bare",
        lambda x: np.linalg.norm(x),
        [lambda g, y, x: g * np.lib.scimath.log(x) / y],
        [lambda t, y, x: np.sum(t / np.asarray(x))],
        domain=[case(POSITIVE(3))],
    )
    yield found
    del autograd.REGISTRY["bare"]


def one_way():
    """A primitive with a reverse rule alone."""
    if "one_way" not in autograd.REGISTRY:
        autograd.general("one_way", np.sinh, [lambda g, y, x: g * np.cosh(x)], [], domain=[case(REAL(2))])
    return autograd.REGISTRY.pop("one_way")


def mutated():
    with detect_anomaly():
        x = Tensor([1.0, 2.0], label="x")
        y = x * x
        x.data[0] = 5.0
        y.sum().backward()


def let_go():
    y = Tensor(np.ones(300_000)).exp().sum()
    y.backward()
    y.backward()


# what fails: (how, the class, and NumPy's or Python's own, then what the message must say besides the line)
ERRORS = {
    "shapes": (lambda: T + W, ValueError, ["add", "Tensor(2, 3) float64 'x'", "Tensor(2, 4) float64", "x[:, None]"]),
    "plain shapes": (lambda: T * np.ones(5), ValueError, ["multiply", "(2, 3)", "ndarray(5,)", "axis"]),
    "matmul": (lambda: T @ W, ValueError, ["matmul", "(2, 3)", "(2, 4)", "a.T @ b"]),
    "matmul the other way": (lambda: T @ Tensor(np.ones((5, 3))), ValueError, ["matmul", "(5, 3)", "a @ b.T"]),
    "reshape": (lambda: T.reshape(4, 2), ValueError, ["reshape", "(2, 3)", "shape=(4, 2)"]),
    "axis": (lambda: T.sum(2), ValueError, ["sum", "2"]),
    "axis of max": (lambda: T.max((0, 0)), ValueError, ["max", "axis"]),
    "index": (lambda: T[5], (IndexError, ValueError), ["getitem", "(2, 3)", "5"]),
    "concatenate": (lambda: autograd.concatenate([T, np.ones((2, 3, 1))]), ValueError, ["concatenate", "(2, 3, 1)"]),
    "stack": (lambda: autograd.stack([T, W]), ValueError, ["stack", "(2, 4)"]),
    "einsum letters": (lambda: autograd.einsum("ijk,jk->i", T, W), ValueError, ["einsum", "ijk", "(2, 3)"]),
    "einsum sizes": (lambda: autograd.einsum("ij,kj->ik", T, W), ValueError, ["einsum", "(2, 3)", "(2, 4)"]),
    "einsum operands": (lambda: autograd.einsum("ij,jk", T), ValueError, ["einsum", "2 operands", "1"]),
    "tensordot": (lambda: autograd.tensordot(T, W, axes=1), ValueError, ["tensordot", "(2, 3)", "(2, 4)"]),
    "squeeze": (lambda: T.squeeze(0), ValueError, ["squeeze", "axis 0", "(2, 3)"]),
    "text": (lambda: autograd.log("text"), TypeError, ["log", "'text'"]),
    "text beside a Value": (lambda: Value(1.0) + "text", TypeError, ["add", "'text'"]),
    "text beside a Tensor": (lambda: T + "text", TypeError, ["add", "'text'"]),
    "None": (lambda: Value(1.0) * None, TypeError, ["multiply", "None"]),
    "an object": (lambda: autograd.exp(object()), TypeError, ["exp", "object"]),
    "complex beside a Value": (lambda: Value(1.0) * 1j, TypeError, ["multiply", "complex"]),
    "complex beside a Tensor": (lambda: T * np.ones(3, complex), TypeError, ["complex"]),
    "complex Tensor": (lambda: Tensor([1j]), TypeError, ["complex"]),
    "Tensor of text": (lambda: Tensor(["a"]), TypeError, ["needs numbers"]),
    "Value of a list": (lambda: Value([1.0, 2.0]), TypeError, ["Value", "[1.0, 2.0]", "Tensor"]),
    "integers": (lambda: Tensor([1, 2], requires_grad=True), TypeError, ["int64", "2.0"]),
    "integers to grad": (lambda: autograd.grad(lambda x: x.sum())(np.arange(3)), TypeError, ["int64", "astype"]),
    "not one number": (lambda: (T * 2).backward(), RuntimeError, ["Tensor(2, 3)", "sum()", "backward(gradient)"]),
    "wrong cotangent": (lambda: (T * 2).backward(np.ones(2)), ValueError, ["(2, 3)", "(2,)"]),
    "no grad": (lambda: Tensor([1, 2]).sum().backward(), RuntimeError, ["requires grad", "Tensor([1.0, 2.0])"]),
    "grad of many": (lambda: autograd.grad(lambda x: x * 2)(np.ones(2)), RuntimeError, ["single number", "sum()"]),
    "let go": (let_go, RuntimeError, ["let go", "retain_graph=True"]),
    "mutated": (mutated, RuntimeError, ["multiply", "operand 0", "'x'", "at[i]"]),
    "asarray": (lambda: np.asarray(T), TypeError, ["Tensor(2, 3) float64 'x'", "numpy()", "detach()"]),
    "item assignment": (lambda: T.__setitem__(0, 1.0), TypeError, ["Tensor(2, 3)", "t.at[i].set(v)"]),
    "in place": (lambda: np.ones((2, 3)).__iadd__(T), TypeError, ["np.add", "a = a * t"]),
    "no rule": (lambda: np.histogram_bin_edges(T), TypeError, ["np.histogram_bin_edges", "t.numpy()"]),
    "no forward rule": (lambda: autograd.jvp(one_way(), T, T), AutogradError, ["one_way", "reverse mode"]),
    "cross entropy": (lambda: autograd.softmax_cross_entropy(T, [0.5, 1.0]), TypeError, ["integers", "float64"]),
    "cross entropy shapes": (lambda: autograd.softmax_cross_entropy(T, [0]), ValueError, ["(2, 3)", "(1,)"]),
    "cross entropy classes": (lambda: autograd.softmax_cross_entropy(T, [0, 3]), ValueError, ["0..2", "3"]),
    "dot": (lambda: autograd.dot([Value(1.0)], [1.0, 2.0]), ValueError, ["dot", "1 and 2"]),
    "dot of text": (lambda: autograd.dot([Value(1.0)], ["a"]), TypeError, ["matmul", "['a']"]),
    "dot of mixed rows": (lambda: autograd.dot([Value(1.0), T], [1.0, 2.0]), TypeError, ["one shape", "(2, 3)"]),
    "a number dot text": (lambda: autograd.dot(3, "a"), TypeError, ["multiply", "'a'"]),
    "rows of two lengths": (lambda: autograd.exp([[1.0, 2.0], [3.0]]), ValueError, ["exp", "[3.0]", "length"]),
    "pad": (lambda: autograd.pad(T, 1, mode="median"), (ValueError, TypeError), ["median", "constant"]),
}  # fmt: skip


@pytest.mark.parametrize("name", ERRORS)
def test_errors_say_what_where_and_what_to_do(name):
    fail, kind, parts = ERRORS[name]
    with pytest.raises(AutogradError) as error:
        fail()
    assert isinstance(error.value, kind)
    text = str(error.value)
    for part in parts:
        assert part in text, text
    assert re.search(r"at test_errors\.py:\d+: ", text), text
    assert error.value.__cause__ is None
    assert len(text) < 500


def test_the_line_is_the_users_also_through_a_library_of_ones_own():
    def helper(a, b):
        return a @ b  # here

    with pytest.raises(autograd.ShapeError, match=r"at test_errors\.py:\d+: return a @ b  # here"):
        helper(T, W)
    with pytest.raises(autograd.ShapeError, match=r"at test_errors\.py:\d+: .*lambda x: x @ x"):
        autograd.grad(lambda x: x @ x)(np.ones((2, 3)))


def test_a_rule_in_bare_numpy_is_an_error_to_second_order_and_never_a_wrong_number(bare):
    x = np.array([1.0, 2.0, 4.0])
    assert autograd.grad(bare)(x).shape == (3,)
    for ask in (
        lambda: autograd.hessian(bare)(x),
        lambda: autograd.hvp(bare, x, x),
        lambda: autograd.hvp(bare, x, x, mode="reverse_over_reverse"),
        lambda: bare(Tensor(x)).backward(create_graph=True),
        lambda: autograd.grad(lambda x: autograd.jvp(bare, (x,), (x,))[1])(x),
    ):
        with pytest.raises(AutogradError) as error:
            ask()
        assert re.search(
            r"np\.lib\.scimath\.log|as a bare array", str(error.value)
        )  # what has no rule, and on which line of the rule
        assert "test_errors.py" in str(error.value)


def test_a_new_primitive_needs_a_domain_and_a_name_of_its_own():
    with pytest.raises(AutogradError, match=r"nowhere has no domain(.|\n)*domain=\(REAL,\)"):
        autograd.elementwise("nowhere", float, np.asarray, 1, domain=())
    with pytest.raises(AutogradError, match=r"'exp' exists already: choose another name"):
        autograd.elementwise("exp", float, np.asarray, 1, domain=(REAL,))
    assert "nowhere" not in autograd.REGISTRY
    with pytest.raises(AutogradError, match="domain"):
        autograd.general("nowhere", np.asarray, [None], [None], domain=[])


def test_a_domain_that_does_not_match_the_partials_is_noticed():
    with pytest.raises(AutogradError, match="lopsided"):
        autograd.elementwise("lopsided", min, np.minimum, 1, 1, domain=(REAL,))
    autograd.REGISTRY.pop("lopsided", None)


def test_labels_show_in_errors():
    w = Tensor(np.ones((3, 2)), label="weights")
    with pytest.raises(autograd.ShapeError, match="'weights'"):
        w @ w


def test_symbols_have_no_truth_value():
    x = autograd.Symbol("x")
    with pytest.raises(TypeError, match=r"where\(condition, a, b\)"):
        bool(x > 0)


def test_every_error_is_an_error_of_pythons_too():
    pairs = {
        autograd.ShapeError: ValueError,
        autograd.OperandError: TypeError,
        autograd.GradientError: RuntimeError,
        autograd.MutationError: RuntimeError,
        autograd.ConversionError: TypeError,
    }
    for ours, pythons in pairs.items():
        assert issubclass(ours, pythons)
        assert issubclass(ours, AutogradError)


def test_an_error_in_a_thread_without_a_line_of_the_user_names_none():
    caught = []

    def stop(error):
        caught.append(str(error.exc_value))

    before, threading.excepthook = threading.excepthook, stop
    try:
        thread = threading.Thread(target=autograd.matmul, args=(np.ones((2, 3)), Tensor(np.ones((2, 3)))))
        thread.start()
        thread.join()
    finally:
        threading.excepthook = before
    assert caught
    assert "threading.py" not in caught[0]
