"""axpy agrees with NumPy, for all lengths around its pieces."""

import numpy as np
import pytest

from nn.optim.axpy import PIECE, axpy


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize("n", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 7])
def test_it_adds_a_multiple_in_place(dtype, n):
    rng = np.random.default_rng(n)
    room = rng.normal(size=n + 8).astype(dtype)
    x, out = rng.normal(size=n).astype(dtype), room[3 : n + 3]
    before = room.copy()
    axpy(-0.37, x, out)
    last = 8 * np.finfo(dtype).eps  # a product that is not rounded before it is added
    np.testing.assert_allclose(out, before[3 : n + 3] - dtype(0.37) * x, rtol=last, atol=last)
    np.testing.assert_array_equal(room[:3], before[:3])
    np.testing.assert_array_equal(room[n + 3 :], before[n + 3 :])
