"""Elementwise functions against PyTorch's: values, first and second derivatives, in both precisions, also far out.

Where PyTorch gives nan it decides nothing. Where it gives something else than we do, the table of exceptions says why.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

import autograd
from autograd import Tensor

torch = pytest.importorskip("torch", reason="PyTorch is installed by hand, for comparison")
F, S = torch.nn.functional, torch.special
inf = math.inf

SIZES = [0.0, 1e-170, 1e-30, 1e-8, 1e-3, 0.1, 0.25, 0.5, 0.9, 1.0, 1.5, 2.0, 2.5, 3.0, 3.7, 6.0, 7.3, 15.0, 20.5, 40.0]
POINTS = [s * x for x in [*SIZES, 100.0, 700.0, 2000.0, 1e6, 1e170, inf] for s in (1.0, -1.0)]
PAIRS = [s * x for x in (0.0, 1e-170, 0.3, 1.0, 2.0, 7.0, 2000.0, 1e170, inf) for s in (1.0, -1.0)]

SAME_NAME = (
    "exp exp2 expm1 log log2 log10 log1p sqrt rsqrt sigmoid sin cos tan sinh cosh tanh erf erfc erfinv sign floor ceil "
    "trunc frac reciprocal square relu negative deg2rad rad2deg digamma sinc i0 nan_to_num logit positive asin acos "
    "atan asinh atanh absolute round"
).split()
ONE = {
    **{name: (getattr(autograd, name), getattr(torch, name)) for name in SAME_NAME},
    **{
        name: (getattr(autograd, name), getattr(S, name))
        for name in "erfcx ndtr ndtri log_ndtr entr i0e i1 i1e".split()
    },
    **{
        name: (getattr(autograd, name), getattr(F, name))
        for name in "elu celu selu mish softsign tanhshrink hardtanh hardswish softshrink hardshrink relu6 rrelu gelu "
        "silu softplus leaky_relu".split()
    },
    "log_sigmoid": (autograd.log_sigmoid, F.logsigmoid),
    "gammaln": (autograd.gammaln, torch.lgamma),
    "gelu, tanh": (lambda x: autograd.gelu(x, "tanh"), lambda x: F.gelu(x, approximate="tanh")),
    "elu, 0.7": (lambda x: autograd.elu(x, 0.7), lambda x: F.elu(x, 0.7)),
    "celu, 0.7": (lambda x: autograd.celu(x, 0.7), lambda x: F.celu(x, 0.7)),
    "threshold": (lambda x: autograd.threshold(x, 0.5, 20.0), lambda x: F.threshold(x, 0.5, 20.0)),
    "softplus, 3": (lambda x: autograd.softplus(x, 3, 0.2), lambda x: F.softplus(x, 3, 0.2)),
    "clip": (lambda x: autograd.clip(x, -1, 2), lambda x: x.clamp(-1, 2)),
    "polygamma": (lambda x: autograd.polygamma(2, x), lambda x: torch.polygamma(2, x)),
    "gammainc": (lambda x: autograd.gammainc(3.0, x), lambda x: S.gammainc(torch.tensor(3.0, dtype=x.dtype), x)),
    "gammaincc": (lambda x: autograd.gammaincc(3.0, x), lambda x: S.gammaincc(torch.tensor(3.0, dtype=x.dtype), x)),
    "zeta": (lambda x: autograd.zeta(2.5, x), lambda x: S.zeta(torch.tensor(2.5, dtype=x.dtype), x)),
    **{f"**{n}": (lambda x, n=n: x**n,) * 2 for n in (0, 1, 2, 3, -1, -2, 0.5, 1.5, -0.5)},
}
TWO = {
    **{
        name: (getattr(autograd, name), getattr(torch, name))
        for name in "add subtract multiply divide maximum minimum fmax fmin hypot logaddexp logaddexp2 remainder "
        "copysign xlogy arctan2".split()
    },
    "power": (autograd.power, torch.pow),
    "xlog1py": (autograd.xlog1py, S.xlog1py),
}

# (function, what: "y", "da", "daa", ...): why it differs, and at which operands it may
DIGITS = "PyTorch loses digits there"
MINUS = "a root of -0.0: IEEE 754 has inf for its inverse, PyTorch -inf, or the other way round"
POLES = "a pole: PyTorch rounds x and so misses it"
EXCEPT = {
    ("erfcx", "daa"): (DIGITS, lambda x: x > 20),
    ("log_ndtr", "da"): (DIGITS, lambda x: x < -100),
    ("log_ndtr", "daa"): (DIGITS, lambda x: x < -10),
    ("sinc", "da"): (DIGITS, lambda x: abs(x) < 0.01),
    ("sinc", "daa"): (DIGITS, lambda x: abs(x) < 0.01),
    ("i1", "daa"): (DIGITS, lambda x: abs(x) < 1e-6),
    ("i1e", "daa"): (DIGITS, lambda x: abs(x) < 1e-6),
    ("softplus", "daa"): ("PyTorch is linear above 20", lambda x: x > 20),
    ("gammaln", "y"): ("there is no value at -inf", lambda x: x == -inf),
    ("gammaln", "daa"): (POLES, lambda x: x <= -1),
    ("digamma", "da"): (POLES, lambda x: x <= -1),
    ("rsqrt", "da"): (MINUS, lambda x: x == 0),
    ("**0.5", "da"): (MINUS, lambda x: x == 0),
    ("**1.5", "daa"): (MINUS, lambda x: x == 0),
    ("**-0.5", "y"): (MINUS, lambda x: x == 0),
    ("power", "dba"): ("the logarithm of a negative base, or of inf, times 0", lambda a, b: (a < 0) | (a == inf)),
    ("arctan2", "da"): ("PyTorch squares, and loses what vanishes", lambda a, b: np.hypot(a, b) < 1e-100),
    ("arctan2", "db"): ("PyTorch squares, and loses what vanishes", lambda a, b: np.hypot(a, b) < 1e-100),
}


def derivatives(name, ours, theirs, points, dtype):
    """Of every value and derivative its name, what we and what PyTorch find."""
    ts = [torch.tensor(x, requires_grad=True) for x in points]
    us = [Tensor(x) for x in points]
    y, peer = ours(*us), theirs(*ts)
    found = [("y", y.data, peer.detach())]
    peers = torch.autograd.grad(peer.sum(), ts, create_graph=True, allow_unused=True, materialize_grads=True)
    y.backward(np.ones(y.shape, dtype), create_graph=True)
    slopes = [u.grad for u in us]
    for a, slope, g in zip("ab", slopes, peers, strict=False):
        found.append((f"d{a}", slope.data, g.detach()))
        again = (
            torch.autograd.grad(g.sum(), ts, retain_graph=True, allow_unused=True, materialize_grads=True)
            if (g.requires_grad)
            else [torch.zeros_like(t) for t in ts]
        )
        for u in us:
            u.grad = None
        if slope.parents:
            slope.backward(np.ones(slope.shape, dtype), retain_graph=True)
        for b, u, h in zip("ab", us, again, strict=False):
            found.append((f"d{a}{b}", np.zeros(u.shape, dtype) if u.grad is None else u.grad, h))
    return found


def compare(name, ours, theirs, points, dtype):
    rtol, atol = (1e-7, 1e-10) if dtype is np.float64 else (2e-3, 1e-5)
    for what, found, peer in derivatives(name, ours, theirs, points, dtype):
        assert found.dtype == dtype, what
        expected = peer.numpy(force=True)
        good = np.isclose(found, expected, rtol, atol, equal_nan=True) | np.isnan(expected)
        _, where = EXCEPT.get((name, what), ("", lambda *xs: np.zeros(xs[0].shape, bool)))
        wrong = ~good & ~where(*points)
        at = [x[wrong][:5] for x in points]
        assert not wrong.any(), f"{name} {what} at {at}: {found[wrong][:5]}, PyTorch {expected[wrong][:5]}"


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", ONE)
def test_one_operand(name, dtype):
    with np.errstate(all="ignore"):
        compare(name, *ONE[name], [np.array(POINTS).astype(dtype)], dtype)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", TWO)
def test_two_operands(name, dtype):
    with np.errstate(all="ignore"):
        points = [x.ravel() for x in np.meshgrid(np.array(PAIRS).astype(dtype), np.array(PAIRS).astype(dtype))]
        compare(name, *TWO[name], points, dtype)


def test_the_exceptions_are_of_functions_compared():
    assert {name for name, _ in EXCEPT} <= {*ONE, *TWO}
    assert len(ONE) + len(TWO) >= 100
