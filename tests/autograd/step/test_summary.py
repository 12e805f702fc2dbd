"""Arrays as small pictures and a few numbers."""

import numpy as np
import pytest

from autograd.step.summary import summarize


@pytest.mark.parametrize("shape", [(), (5,), (0,), (0, 3), (24, 24), (25, 3), (100, 57), (2, 3, 4, 5), (1, 1000)])
def test_shapes(shape):
    x = np.random.default_rng(0).normal(size=shape)
    found = summarize(x)
    assert found.shape == shape
    assert max(found.rows.shape) <= 24
    assert sum(found.histogram) == x.size
    assert len(found.histogram) == 16
    assert (found.nan, found.inf) == (0, 0)
    if x.size:
        assert (found.low, found.mean, found.high) == (x.min(), pytest.approx(x.mean()), x.max())
        assert found.low <= found.rows.min() <= found.rows.max() <= found.high
        assert found.rows.shape == (
            min(24, x.size // max(1, *shape[-1:])) if x.ndim > 1 else 1,
            min(24, *shape[-1:], 24) if shape else 1,
        )
    else:
        assert np.isnan([found.low, found.mean, found.high]).all()


def test_blocks_are_means():
    x = np.arange(48.0 * 48).reshape(48, 48)
    np.testing.assert_allclose(summarize(x).rows, x.reshape(24, 2, 24, 2).mean((1, 3)))
    row = summarize(np.arange(100.0)).rows
    assert row.shape == (1, 24)
    np.testing.assert_allclose(row[0, :2], [1.5, 5.5])  # blocks of 4 and 5


def test_what_is_not_finite_is_counted_and_left_out():
    x = np.arange(60.0).reshape(6, 10)
    x[0, 0], x[1, 1], x[2, 2], x[3, 3] = np.nan, np.inf, -np.inf, np.nan
    found = summarize(x)
    assert (found.nan, found.inf) == (2, 2)
    assert sum(found.histogram) == 56
    assert (found.low, found.high) == (1.0, 59.0)
    assert np.isnan(found.rows).sum() == 4
    nothing = summarize(np.full((3, 3), np.nan))
    assert (nothing.nan, sum(nothing.histogram)) == (9, 0)
    assert np.isnan(nothing.mean)


@pytest.mark.parametrize("dtype", ["float16", "float32", "int64", "bool"])
def test_other_kinds_of_numbers(dtype):
    found = summarize(np.array([[0, 1, 1], [1, 0, 0]], dtype))
    assert (found.dtype, found.low, found.mean, found.high) == (dtype, 0.0, 0.5, 1.0)
    assert found.histogram[0] == found.histogram[-1] == 3


def test_numbers_at_the_ends_of_the_range():
    huge = np.array([-1.7e308, 1.7e308, 0.0])
    assert sum(summarize(huge).histogram) <= 3
    assert summarize(np.full(5, 2.0)).low == summarize(np.full(5, 2.0)).high == 2.0
