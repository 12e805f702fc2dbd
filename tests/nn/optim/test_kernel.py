"""Adam's step as a kernel is Adam's step."""

from __future__ import annotations

import numpy as np
import pytest

import nn
from autograd import Tensor, kernel

pytest.importorskip("numba", reason="numba is not installed: there are no kernels")
SETTINGS = [{}, {"weight_decay": 0.1}, {"maximize": True}, {"betas": (0.5, 0.9), "eps": 1e-3}, {"amsgrad": True}]


@pytest.mark.parametrize("optimizer", [nn.optim.Adam, nn.optim.AdamW])
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_a_hundred_steps_with_and_without(optimizer, settings, monkeypatch):
    found = []
    for enabled in (True, False):
        monkeypatch.setattr(kernel, "enabled", enabled)
        random = np.random.default_rng(0)
        ps = [Tensor(random.normal(size=shape).astype(np.float32)) for shape in ((150, 300), (300,), (70, 400))]
        moved = optimizer(ps, lr=0.01, **settings)
        for step in range(100):
            for p in ps:
                p.grad = random.normal(size=p.shape).astype(np.float32) + p.data
            ps[1].grad = None if step % 3 else ps[1].grad
            if step == 50:
                ps[0].grad[3, 4] = np.nan
            moved.step()
        found.append([p.data.copy() for p in ps])
    for fast, plain in zip(*found, strict=True):
        np.testing.assert_allclose(fast, plain, rtol=2e-5, atol=2e-6)
    assert np.isnan(found[0][0]).sum() == 1
