"""Quantiles and covariances differentiated by what else they are given: where the quantile lies, the weights."""

from __future__ import annotations

import numpy as np
import pytest

import autograd
from autograd import ShapeError, Tensor, Value

RNG = np.random.default_rng(2)
A = RNG.permutation(24).reshape(4, 6) / 4.0 + RNG.uniform(0, 0.1, (4, 6))
HOLES = A.copy()
HOLES[[0, 0, 2], [1, 5, 3]] = np.nan
CONTINUOUS = "linear hazen interpolated_inverted_cdf normal_unbiased median_unbiased weibull".split()
STEPS = "inverted_cdf averaged_inverted_cdf closest_observation lower higher midpoint nearest".split()
Q = np.array([0.34, 0.467, 0.745])  # away from where steps are, for any of these numbers of elements


@pytest.mark.parametrize("method", [*CONTINUOUS, *STEPS])
@pytest.mark.parametrize("axis", [None, 0, 1])
def test_quantiles_by_their_place(method, axis, agrees):
    agrees(lambda q: autograd.quantile(A, q, axis, method), Q)
    agrees(lambda q: autograd.nanquantile(HOLES, q, axis, method), Q)
    slope = autograd.grad(lambda q: autograd.quantile(A, q, method=method))(0.467)
    assert (slope > 0) is (method in CONTINUOUS)


def test_quantiles_by_both_and_of_any_shape(agrees):
    agrees(lambda x, q: autograd.quantile(x, q, 1), A, Q.reshape(3, 1))
    agrees(lambda x, q: autograd.percentile(x, q, 0), A, 100 * Q)
    agrees(lambda q: autograd.nanpercentile(HOLES, q, 1), 100 * Q)
    v = Value(0.5)
    autograd.quantile([1.0, 2.0, 5.0, 7.0], v).backward()
    assert v.grad == 9.0  # (5 - 2) times the three steps from 0 to 1
    found = autograd.grad(lambda q: autograd.quantile(np.float32(A), q).sum())(np.float32(Q))
    assert found.dtype == np.float32


def test_at_an_element_and_at_the_ends_the_slope_by_place_is_0():
    for q in (0.0, 0.5, 1.0):
        assert autograd.grad(lambda q: autograd.quantile([1.0, 2.0, 4.0], q))(q) == 0.0


@pytest.mark.parametrize("q", [-0.1, 1.5, np.nan, [0.5, 2.0]])
def test_a_share_of_more_than_all_is_an_error(q):
    with pytest.raises(ShapeError, match=r"(?s)quantile: what share is below.*test_quantile.py"):
        autograd.quantile(Tensor(A), q)


@pytest.mark.parametrize("how", [{}, {"ddof": 0}, {"fweights": [1, 2, 1, 3, 1, 1]}, {"bias": True}])
def test_covariances_by_their_weights(how, agrees):
    weights = RNG.uniform(0.5, 1.5, 6)
    np.testing.assert_allclose(autograd.cov(A, aweights=weights, **how), np.cov(A, aweights=weights, **how))
    agrees(lambda x, w: autograd.cov(x, aweights=w, **how), A, weights)
    t = Tensor(np.float32(weights))
    autograd.cov(np.float32(A), aweights=t).sum().backward()
    assert t.grad.dtype == np.float32


def test_without_degrees_of_freedom_a_covariance_is_nan_as_in_numpy():
    with np.errstate(all="ignore"), pytest.warns(RuntimeWarning, match="Degrees of freedom"):
        assert np.isnan(np.cov(A[:, :2], ddof=3, aweights=[0.0, 1.0])).all()
    with np.errstate(all="ignore"):
        assert np.isnan(autograd.cov(A[:, :2], ddof=3, aweights=[0.0, 1.0])).all()
