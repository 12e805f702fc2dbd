"""The table of conventions is true: every row is computed, and compared with PyTorch where that is installed."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, convention

NAMES = {name: getattr(autograd, name) for name in dir(autograd)}
NUMBERS = {"inf": math.inf, "nan": math.nan}
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
        "arcsin": torch.asin,
        "arctan2": torch.atan2,
        "clip": lambda x, low, high: x.clamp(low, high),
        "copysign": lambda x, y: torch.copysign(x, torch.tensor(float(y))),
        "cummax": lambda x: torch.cummax(x, 0),
        "cumprod": lambda x: torch.cumprod(x, 0),
        "cumsum": lambda x: torch.cumsum(x, 0),
        "elu": f.elu,
        "entr": torch.special.entr,
        "gammaln": torch.lgamma,
        "gelu": lambda x, approximate: f.gelu(x, approximate=approximate),
        "hardshrink": f.hardshrink,
        "hardswish": f.hardswish,
        "hardtanh": f.hardtanh,
        "i0e": torch.special.i0e,
        "leaky_relu": f.leaky_relu,
        "log_ndtr": torch.special.log_ndtr,
        "log_softmax": lambda x: x.log_softmax(0),
        "logsumexp": lambda x: x.logsumexp(0),
        "max": torch.amax,
        "median": lambda x: x.quantile(0.5),
        "min": torch.amin,
        "nanmedian": lambda x: x.nanquantile(0.5),
        "power": torch.pow,
        "ptp": lambda x: x.amax() - x.amin(),
        "relu6": f.relu6,
        "softmax": lambda x: x.softmax(0),
        "softplus": f.softplus,
        "sort": lambda x: x.sort(stable=True).values,
        "std": lambda x: x.std(correction=0),
    }


@table([row for row in ROWS if row[4] != "–"])
def test_pytorch_gives_what_the_last_column_says(text, x, y, slope, peer):
    torch = pytest.importorskip("torch", reason="PyTorch is installed by hand, for comparison")
    t = torch.tensor(number(x), requires_grad=True)
    found = eval(text, {name: getattr(torch, name) for name in dir(torch)} | peers(torch), {"x": t})
    gradient = torch.autograd.grad(found.sum(), t)[0] if found.requires_grad else torch.zeros_like(t)
    gives, _, value = peer.partition(", value ")
    same(found.detach().numpy(), number(value or y))
    same(gradient.numpy(), number(slope if gives == "the same" else gives))
