"""Reductions and scans against PyTorch's: values, first and second derivatives, at ties, zeros, nan, inf and far out.

Where PyTorch gives nan it decides nothing.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

import autograd
from autograd import Tensor

torch = pytest.importorskip("torch", reason="PyTorch is installed by hand, for comparison")
inf, nan = math.inf, math.nan
rng = np.random.default_rng(1)
NORMAL = rng.normal(size=(3, 4))
INPUTS = {
    "normal": NORMAL,
    "ties": rng.integers(-1, 2, (3, 4)).astype(float),
    "zeros": np.zeros((3, 4)),
    "equal": np.full((3, 4), 2.5),
    "large": rng.uniform(-2000.0, 2000.0, (3, 4)),
    "tiny": NORMAL * 1e-170,
    "holes": np.where(rng.random((3, 4)) < 0.3, nan, NORMAL),
    "infinite": np.where(rng.random((3, 4)) < 0.4, np.copysign(inf, NORMAL), NORMAL),
}
X = np.array([0.0, 1.0, 3.0, 3.5])


def at(x, values):
    return torch.tensor(values, dtype=x.dtype)


PAIRS = {
    "sum": (lambda x: autograd.sum(x, 1), lambda x: x.sum(1)),
    "mean": (lambda x: autograd.mean(x, 1), lambda x: x.mean(1)),
    "prod": (lambda x: autograd.prod(x, 1), lambda x: x.prod(1)),
    "prod of all": (autograd.prod, torch.prod),
    "var": (lambda x: autograd.var(x, 1, 1), lambda x: x.var(1)),
    "std": (lambda x: autograd.std(x, 1, 1), lambda x: x.std(1)),
    "std of all": (autograd.std, lambda x: x.std(correction=0)),
    "amax": (lambda x: autograd.max(x, 1), lambda x: x.amax(1)),
    "amin": (lambda x: autograd.min(x, 1), lambda x: x.amin(1)),
    "logsumexp": (lambda x: autograd.logsumexp(x, 1), lambda x: x.logsumexp(1)),
    "cumsum": (lambda x: autograd.cumsum(x, 1), lambda x: x.cumsum(1)),
    "cumprod": (lambda x: autograd.cumprod(x, 1), lambda x: x.cumprod(1)),
    "logcumsumexp": (lambda x: autograd.logcumsumexp(x, 1), lambda x: x.logcumsumexp(1)),
    "cummax": (lambda x: autograd.cummax(x, 1).values, lambda x: x.cummax(1).values),
    "cummin": (lambda x: autograd.cummin(x, 0).values, lambda x: x.cummin(0).values),
    "nansum": (lambda x: autograd.nansum(x, 1), lambda x: x.nansum(1)),
    "nanmean": (lambda x: autograd.nanmean(x, 1), lambda x: x.nanmean(1)),
    "median": (lambda x: autograd.quantile(x, 0.5, 1, "lower"), lambda x: x.median(1).values),
    "nanmedian": (lambda x: autograd.nanquantile(x, 0.5, 1, "lower"), lambda x: x.nanmedian(1).values),
    "quantile": (lambda x: autograd.quantile(x, [0.2, 0.5], 1), lambda x: x.quantile(at(x, [0.2, 0.5]), 1)),
    "nanquantile": (lambda x: autograd.nanquantile(x, 0.4, 1), lambda x: x.nanquantile(0.4, 1)),
    **{
        method: (
            lambda x, m=method: autograd.quantile(x, 0.3, 1, m),
            lambda x, m=method: x.quantile(0.3, 1, interpolation=m),
        )
        for method in ("nearest", "midpoint", "lower", "higher")
    },
    "cov": (autograd.cov, torch.cov),
    "corrcoef": (autograd.corrcoef, torch.corrcoef),
    "diff": (lambda x: autograd.diff(x, 2, 1), lambda x: x.diff(2, 1)),
    "trapezoid": (lambda x: autograd.trapezoid(x, X.astype(x.dtype)), lambda x: torch.trapezoid(x, at(x, X))),
    "cumulative_trapezoid": (autograd.cumulative_trapezoid, torch.cumulative_trapezoid),
    "gradient": (lambda x: autograd.gradient(x, axis=0), lambda x: torch.gradient(x, dim=0)[0]),
    "gradient at X": (
        lambda x: autograd.gradient(x, X, axis=1, edge_order=2),
        lambda x: torch.gradient(x, spacing=(at(x, X),), dim=1, edge_order=2)[0],
    ),
    "softmin": (lambda x: autograd.softmin(x, 1), lambda x: torch.nn.functional.softmin(x, 1)),
    "glu": (autograd.glu, torch.nn.functional.glu),
}

# Where second derivatives differ, and why
SECOND = {
    ("prod", "infinite"): "0 times inf",
    ("prod of all", "infinite"): "0 times inf",
    ("cumprod", "infinite"): "0 times inf",
    ("glu", "infinite"): "0 times inf",
    ("cumprod", "tiny"): "PyTorch divides by the elements, and loses them",
    ("logcumsumexp", "large"): "PyTorch's are rounding errors in float32",
}
# Where PyTorch squares, and what it squares vanishes: how much larger a sample is compared instead
VANISHING = {("std", "tiny"): 1e170, ("std of all", "tiny"): 1e170}
# Where we have nan, of inf - inf, and PyTorch has not
NAN = {("logcumsumexp", "infinite"), ("gradient at X", "infinite")}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("kind", INPUTS)
@pytest.mark.parametrize("name", PAIRS)
def test_as_pytorch_has_it(name, kind, dtype):
    if dtype is np.float32 and kind == "tiny":
        kind = "zeros"  # which it is in float32
    ours, theirs = PAIRS[name]
    rng = np.random.default_rng(0)
    x = INPUTS[kind].astype(dtype)
    t, u = torch.tensor(x, requires_grad=True), Tensor(x)
    rtol = 1e-7 if dtype is np.float64 else 3e-3
    with np.errstate(all="ignore"):
        scale = VANISHING.get((name, kind), 1.0)
        peer, y = theirs(t * scale) / scale, ours(u)
        w = rng.uniform(0.5, 1.5, peer.shape).astype(dtype)
        v = rng.uniform(0.5, 1.5, x.shape).astype(dtype)
        (g,) = torch.autograd.grad(peer, t, torch.tensor(w), create_graph=True)
        y.backward(w, create_graph=True)
        slope = u.grad
        found = [(y.data, peer.detach()), (slope.data, g.detach())]
        if g.requires_grad and (name, kind) not in SECOND:
            (h,) = torch.autograd.grad(g, t, torch.tensor(v), allow_unused=True, materialize_grads=True)
            u.grad = None
            if slope.parents:
                slope.backward(v)
            found.append((np.zeros(x.shape, dtype) if u.grad is None else u.grad, h))
    for a, b in found:
        expected = b.numpy(force=True)
        assert (a.shape, a.dtype) == (expected.shape, dtype)
        known = ~np.isnan(expected)
        if (name, kind) in NAN:
            known &= ~np.isnan(a)
        floor = rtol * 1e-2 * (1e-170 if kind == "tiny" and a is y.data else 1.0)
        np.testing.assert_allclose(a[known], expected[known], rtol=rtol, atol=floor)
