"""axpy agrees with NumPy, in one piece or in several."""

import sys

import numpy as np
import pytest

from nn.optim import axpy


@pytest.mark.parametrize("piece", [sys.maxsize, 100])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize("n", [0, 1, 99, 100, 101, 307])
def test_it_adds_a_multiple_in_place(dtype, n, piece, monkeypatch):
    monkeypatch.setattr(axpy, "PIECE", piece)
    rng = np.random.default_rng(n)
    room = rng.normal(size=n + 8).astype(dtype)
    x, out = rng.normal(size=n).astype(dtype), room[3 : n + 3]
    before = room.copy()
    axpy.axpy(-0.37, x, out)
    last = 8 * np.finfo(dtype).eps  # a product that is not rounded before it is added
    np.testing.assert_allclose(out, before[3 : n + 3] - dtype(0.37) * x, rtol=last, atol=last)
    np.testing.assert_array_equal(room[:3], before[:3])
    np.testing.assert_array_equal(room[n + 3 :], before[n + 3 :])
