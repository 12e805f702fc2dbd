"""Windows of a series."""

import numpy as np
import pytest

from autograd import OperandError, ShapeError
from nn.datasets import windows


@pytest.mark.parametrize(("window", "horizon"), [(1, 1), (3, 1), (4, 3), (9, 1)])
def test_each_window_is_followed_by_its_target(window, horizon):
    series = np.random.default_rng(0).normal(size=(10, 2))
    x, y = windows(series, window, horizon)
    assert len(x) == len(y) == 10 - window - horizon + 1
    for i in range(len(x)):
        assert np.allclose(x[i], series[i : i + window])
        assert np.allclose(y[i], series[i + window + horizon - 1])
    assert x.flags.c_contiguous
    x[...] = 0
    assert series.any()


def test_what_makes_no_sense():
    with pytest.raises(ShapeError, match="too short for a window of 4 and a horizon of 2"):
        windows(np.zeros(5), 4, 2)
    with pytest.raises(OperandError, match="window=0"):
        windows(np.zeros(5), 0)
    with pytest.raises(ShapeError, match=r"\(2, 2, 2\)"):
        windows(np.zeros((2, 2, 2)), 1)
