"""What the tests of rules share."""

from __future__ import annotations

import numpy as np
import pytest

import autograd
from autograd import Tensor


@pytest.fixture
def same_as_torch():
    """A function that holds ours to PyTorch's: the value, the gradients, and in float64 the gradients of gradients."""
    torch = pytest.importorskip("torch", reason="PyTorch is compared with where it is installed")

    def check(ours, theirs, *arrays, rtol=1e-9, second=True):
        for dtype, tolerance in ((np.float64, rtol), (np.float32, 2e-4)):
            rng = np.random.default_rng(0)
            xs = [np.asarray(x, dtype) for x in arrays]
            mine = [Tensor(x) for x in xs]
            torchs = [torch.tensor(x, requires_grad=True) for x in xs]
            y, z = ours(*mine), theirs(*torchs)
            assert y.dtype == dtype
            close(y.data, z.detach().numpy(), tolerance)
            g = rng.uniform(0.5, 1.5, y.shape).astype(dtype)
            twice = second and dtype == np.float64
            expected = torch.autograd.grad(z, torchs, torch.tensor(g), create_graph=twice)
            y.backward(g, create_graph=twice, retain_graph=True)
            for x, e in zip(mine, expected, strict=True):
                assert x.grad.dtype == dtype
                close(x.grad.data if twice else x.grad, e.detach().numpy(), tolerance)
            if not twice:
                continue
            vs = [rng.uniform(-1.0, 1.0, x.shape) for x in xs]
            scalar = sum((e * torch.tensor(v)).sum() for e, v in zip(expected, vs, strict=True))
            curves = (
                torch.autograd.grad(scalar, torchs, allow_unused=True)
                if scalar.requires_grad
                else [None for _ in torchs]
            )
            found = autograd.hvp(lambda *a, g=g: autograd.sum(ours(*a) * g), tuple(xs), tuple(vs))
            found = found if isinstance(found, tuple) else (found,)
            for f, c, x in zip(found, curves, xs, strict=True):
                close(f, np.zeros(x.shape) if c is None else c.numpy(), max(tolerance, 1e-8))

    def close(a, b, tolerance):
        a, b = np.asarray(a), np.asarray(b)
        assert a.shape == b.shape
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance * max(1.0, np.max(np.abs(b), initial=0.0)))

    return check
