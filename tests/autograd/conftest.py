"""What the tests of the engine share."""

import numpy as np
import pytest

import autograd


@pytest.fixture
def agrees():
    """A function that holds f to differences, element by element, in reverse and in forward mode."""

    def check(f, *arrays, rtol=1e-7):
        xs = [np.array(x, float) for x in arrays]
        rng = np.random.default_rng(0)
        g = rng.uniform(0.5, 1.5, np.shape(f(*xs)))
        y, pull = autograd.vjp(f, *xs)
        np.testing.assert_allclose(y, f(*xs), rtol=1e-14)
        found = pull(g)
        for i, x in enumerate(xs):
            slopes = np.zeros(x.shape)
            for index in np.ndindex(x.shape):
                at = []
                for k in (-2, -1, 1, 2):
                    moved = [np.array(z) for z in xs]
                    moved[i][index] += k * 1e-3
                    at.append(np.sum(np.asarray(f(*moved)) * g))
                slopes[index] = (at[0] - 8 * at[1] + 8 * at[2] - at[3]) / 12e-3
            assert np.shape(found[i]) == x.shape
            np.testing.assert_allclose(found[i], slopes, rtol=rtol, atol=rtol)
        ts = [rng.uniform(-1.0, 1.0, x.shape) for x in xs]
        t = autograd.jvp(f, tuple(xs), tuple(ts))[1]
        pulled = sum(np.sum(a * b) for a, b in zip(found, ts, strict=True))
        np.testing.assert_allclose(np.sum(g * t), pulled, rtol=1e-12, atol=1e-12)

    return check
