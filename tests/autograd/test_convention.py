"""The table of conventions is true: every row is computed, and compared with PyTorch where that is installed."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, convention

NUMBERS = {"inf": math.inf, "nan": math.nan}
NAMES = NUMBERS | {name: getattr(autograd, name) for name in dir(autograd)}
ROWS = re.findall(r"^\| `(.+)` \| (.+) \| (.+) \| (.+) \| (.+) \|$", convention.__doc__, re.M)


def number(text):
    return np.array(eval(text, NUMBERS), float)


def table(rows):
    ids = [f"{text} at {x}" for text, x, *_ in rows]
    return pytest.mark.parametrize(("text", "x", "y", "slope", "peer"), rows, ids=ids)


def is_narrow(row):
    """Whether all its numbers are within the reach of float32."""
    numbers = np.abs(np.concatenate([np.ravel(number(text)) for text in row[1:4]]))
    return not np.any((numbers > 1e30) & (numbers < math.inf) | (numbers < 1e-30) & (numbers > 0))


def is_scalar(row):
    """Whether it is of single numbers: x, or x[0] and x[1]."""
    return not row[1].startswith("[") or ("x[1])" in row[0] and "(x)" not in row[0])


def same(found, expected, rtol=1e-5):  # the table has six digits
    np.testing.assert_allclose(found, expected, rtol=rtol)


def test_every_line_of_the_document_is_read():
    assert len(ROWS) >= 70
    lines = [line for line in convention.__doc__.split("\n") if line.startswith("| ") and "PyTorch" not in line]
    assert len(lines) == len(ROWS)


@table(ROWS)
@pytest.mark.parametrize("recorded", [False, True])
def test_the_row_is_true(text, x, y, slope, peer, recorded):
    t = Tensor(number(x))
    with np.errstate(all="ignore"):
        found = eval(text, NAMES, {"x": t})
        found.backward(np.ones(found.shape), create_graph=recorded)
    same(found.data, number(y))
    same(t.grad.data if recorded else t.grad, number(slope))


@table([row for row in ROWS if is_scalar(row)])
def test_it_is_true_of_values(text, x, y, slope, peer):
    parts = [Value(v) for v in np.ravel(number(x))]
    found = eval(text, NAMES, {"x": parts if x.startswith("[") else parts[0]})
    found.backward()
    same(found.data, number(y))
    same([p.grad for p in parts], np.ravel(number(slope)))


@table([row for row in ROWS if is_narrow(row)])
def test_it_is_true_of_float32(text, x, y, slope, peer):
    t = Tensor(np.float32(number(x)))
    with np.errstate(all="ignore"):
        found = eval(text, NAMES, {"x": t})
        found.backward(np.ones(found.shape, np.float32))
    assert found.dtype == t.grad.dtype == np.float32
    same(found.data, number(y))
    same(t.grad, number(slope), 1e-4)  # of logsumexp at 1000 the slope has four digits in float32


def peers(torch):
    """How PyTorch writes the functions that it calls otherwise, or has no operator for."""
    f = torch.nn.functional
    return {
        "absolute": torch.abs,
        "arccosh": torch.acosh,
        "arcsin": torch.asin,
        "arctan2": torch.atan2,
        "arctanh": torch.atanh,
        "clip": lambda x, low, high: x.clamp(low, high),
        "copysign": lambda x, y: torch.copysign(x, torch.tensor(float(y))),
        "cosine_similarity": lambda a, b, axis: f.cosine_similarity(a, b, dim=axis),
        "cummax": lambda x: torch.cummax(x, 0),
        "cumprod": lambda x: torch.cumprod(x, 0),
        "cumsum": lambda x: torch.cumsum(x, 0),
        "elu": f.elu,
        "entr": torch.special.entr,
        "gammaln": torch.lgamma,
        "gelu": lambda x, approximate: f.gelu(x, approximate=approximate),
        "hardshrink": f.hardshrink,
        "hardsigmoid": f.hardsigmoid,
        "hardswish": f.hardswish,
        "hardtanh": f.hardtanh,
        "i0e": torch.special.i0e,
        "leaky_relu": f.leaky_relu,
        "linalg": torch.linalg,
        "log_ndtr": torch.special.log_ndtr,
        "log_sigmoid": f.logsigmoid,
        "log_softmax": lambda x: x.log_softmax(0),
        "logcumsumexp": lambda x: x.logcumsumexp(0),
        "logsumexp": lambda x: x.logsumexp(0),
        "max": torch.amax,
        "max_unpool1d": lambda x, i, *sizes: f.max_unpool1d(x, torch.tensor(i), *sizes),
        "median": lambda x: x.quantile(0.5),
        "min": torch.amin,
        "mish": f.mish,
        "mode": lambda x: torch.mode(x, 0),
        "nanmedian": lambda x: x.nanquantile(0.5),
        "normalize": lambda x, axis: f.normalize(x, dim=axis),
        "power": torch.pow,
        "ptp": lambda x: x.amax() - x.amin(),
        "relu6": f.relu6,
        "scatter": lambda x, axis, i, source: x.scatter(axis, torch.tensor(i), source),
        "scatter_add": lambda x, axis, i, source: x.scatter_add(axis, torch.tensor(i), source),
        "selu": f.selu,
        "silu": f.silu,
        "softmax": lambda x: x.softmax(0),
        "softplus": f.softplus,
        "softshrink": f.softshrink,
        "sort": lambda x: x.sort(stable=True).values,
        "std": lambda x: x.std(correction=0),
        "take": lambda x, i: x.take(torch.tensor(i)),
        "threshold": f.threshold,
    }


@table([row for row in ROWS if row[4] != "–"])
def test_pytorch_gives_what_the_last_column_says(text, x, y, slope, peer):
    torch = pytest.importorskip("torch", reason="PyTorch is installed by hand, for comparison")
    t = torch.tensor(number(x), requires_grad=True)
    found = eval(text, NUMBERS | {name: getattr(torch, name) for name in dir(torch)} | peers(torch), {"x": t})
    gradient = torch.autograd.grad(found.sum(), t)[0] if found.requires_grad else torch.zeros_like(t)
    gives, _, value = peer.partition(", value ")
    same(found.detach().numpy(), number(value or y))
    same(gradient.numpy(), number(slope if gives == "the same" else gives))


# Kinds of number


def test_integers_and_booleans_are_constants_in_the_precision_of_what_they_meet():
    for plain in (np.array([1, 2]), np.array([True, False]), np.array([1, 2], np.uint8)):
        assert not Tensor(plain).requires_grad
        t = Tensor(np.float32([0.5, 2.0]))
        y = (t * Tensor(plain) * 2.0).sum()
        y.backward()
        assert t.grad.dtype == np.float32
        same(t.grad, 2.0 * plain)
    assert (Tensor(np.float32([1.0])) * 1.5 + 2).dtype == np.float32
    assert autograd.mean(Tensor([1, 2])) == 1.5


def test_questions_have_plain_answers():
    t = Tensor([2.0, 1.0])
    for found in (t > 1.5, autograd.isnan(t), autograd.argmax(t), autograd.argsort(t), autograd.searchsorted(t, 1.5)):
        assert not isinstance(found, Tensor | Value)
        assert np.asarray(found).dtype.kind in "bi"


@pytest.mark.parametrize("layout", [np.ascontiguousarray, np.asfortranarray, lambda x: x[::-1, ::-1][::-1, ::-1]])
def test_the_layout_of_memory_does_not_matter(layout):
    x = np.arange(1.0, 7.0).reshape(2, 3)
    t = Tensor(layout(x))
    (autograd.sort(t, 0)[::-1] @ t.T[:, ::-1]).sum().backward()
    u = Tensor(x.copy())
    (autograd.sort(u, 0)[[1, 0]] @ autograd.concatenate([u[1:], u[:1]]).T).sum().backward()
    same(t.grad, u.grad)


@pytest.mark.parametrize(
    "call", [lambda n: autograd.polygamma(n, 1.0), lambda n: autograd.jv(n, 1.0), lambda n: autograd.iv(n, 1.0)]
)
def test_what_has_no_derivative_here_is_an_error_under_differentiation(call):
    with pytest.raises(autograd.OperandError, match=r"(?s)no derivative by.*test_convention.py.*detach"):
        call(Tensor(2.0))


def test_complex_numbers_are_an_error():
    for call in (lambda: Tensor([1j]), lambda: autograd.sin(1j), lambda: Tensor([1.0]) * 1j, lambda: Value(1j)):
        with pytest.raises(autograd.OperandError, match="complex"):
            call()
