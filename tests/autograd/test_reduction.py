"""Reductions, scans, statistics and what is made of them, held to NumPy and to differences."""

from __future__ import annotations

import math

import numpy as np
import pytest

import autograd
from autograd import OperandError, ShapeError, Tensor, Value

inf, nan = math.inf, math.nan
rng = np.random.default_rng(0)
A = rng.permutation(24).reshape(2, 3, 4) * 0.25 - 2.9 + rng.uniform(0, 0.1, (2, 3, 4))  # no two alike
ROW = A[0, 0]
HOLES = A.copy()
HOLES[0, [0, 0, 1, 2], [1, 2, 3, 1]] = nan
MASK = A > -1.5
W = rng.uniform(0.5, 1.5, A.shape)
X = np.array([0.0, 0.5, 2.0, 2.5])
METHODS = (
    "inverted_cdf averaged_inverted_cdf closest_observation interpolated_inverted_cdf hazen weibull linear "
    "median_unbiased normal_unbiased lower higher midpoint nearest"
).split()

# (name, operands that are differentiated, settings); each is held to NumPy's function of that name
CALLS = [
    *((name, (A,), {"axis": axis}) for name in ("cumprod", "cumsum") for axis in (None, 0, 1, -1)),
    *((name, (A,), {"axis": axis}) for name in ("median", "ptp") for axis in (None, 0, (1, 2), (0, -1))),
    *(("quantile", (A,), {"q": q, "axis": 1}) for q in (0.0, 0.3, 1.0, [0.25, 0.5], [[0.1], [0.9]])),
    *(("quantile", (A,), {"q": 0.37, "axis": 2, "method": method}) for method in METHODS),
    ("quantile", (A,), {"q": [0.2, 0.4], "axis": (0, 2), "keepdims": True}),
    ("percentile", (A,), {"q": [10, 90], "axis": -1}),
    ("nanquantile", (HOLES,), {"q": [0.3, 0.7], "axis": 2}),
    *(("nanquantile", (HOLES,), {"q": 0.37, "axis": None, "method": method}) for method in METHODS),
    ("nanpercentile", (HOLES,), {"q": 40, "axis": (0, 1)}),
    *((f"nan{name}", (HOLES,), {"axis": axis}) for name in ("sum", "prod", "mean", "var", "std") for axis in (None, 0)),
    *((f"nan{name}", (HOLES,), {"axis": (1, 2), "keepdims": True}) for name in ("max", "min", "median", "mean", "std")),
    *((f"nan{name}", (HOLES,), {"axis": 1}) for name in ("cumsum", "cumprod")),
    ("nanvar", (HOLES,), {"axis": (1, 2), "ddof": 1}),
    ("average", (A,), {}),
    ("average", (A,), {"axis": (0, 2), "keepdims": True}),
    ("sum", (A,), {"axis": 1, "where": MASK, "initial": 2.0}),
    ("prod", (A,), {"axis": 1, "where": MASK, "initial": 2.0}),
    ("mean", (A,), {"axis": (1, 2), "where": MASK}),
    ("mean", (A,), {"where": MASK}),
    ("var", (A,), {"axis": (1, 2), "where": MASK, "ddof": 1, "keepdims": True}),
    ("std", (A,), {"where": MASK}),
    ("max", (A,), {"axis": (1, 2), "where": A < 1, "initial": -5.0}),
    ("min", (A,), {"axis": 0, "where": MASK, "initial": 0.1}),
    ("cov", (A[0],), {}),
    ("cov", (A[0],), {"rowvar": False, "bias": True}),
    ("cov", (A[0],), {"fweights": [1, 2, 1, 3], "aweights": [0.5, 1.0, 1.5, 1.0]}),
    ("cov", (ROW,), {}),
    ("cov", (A[0], A[1]), {"ddof": 0}),
    ("corrcoef", (A[0],), {}),
    ("corrcoef", (A[0], A[1]), {"rowvar": False}),
    *(("diff", (A,), {"n": n, "axis": axis}) for n, axis in ((0, 0), (1, -1), (1, 0), (2, 1), (3, 2))),
    ("diff", (A,), {"axis": 1, "prepend": 0.5, "append": A[:, :2]}),
    ("ediff1d", (A,), {}),
    ("ediff1d", (A,), {"to_begin": 0.5, "to_end": [1.0, 2.0]}),
    *(("trapezoid", (A,), settings) for settings in ({}, {"dx": 0.5, "axis": 0}, {"x": X}, {"x": W, "axis": 1})),
    ("trapezoid", (A, W), {"axis": 1}),
    ("convolve", (ROW, A[1, 0, :3]), {}),
]  # fmt: skip

BINARY = [
    *((name, n, m, mode) for name in ("convolve", "correlate") for n in (1, 2, 3, 5) for m in (1, 2, 4, 5)
      for mode in ("full", "same", "valid")),
]  # fmt: skip


def name_of(x):
    return x if isinstance(x, str) else ""


@pytest.mark.parametrize(("name", "xs", "settings"), CALLS, ids=name_of)
def test_as_numpy_has_it(name, xs, settings, agrees):
    ours, theirs = getattr(autograd, name), getattr(np, name)
    expected = theirs(*xs, **settings)
    np.testing.assert_allclose(ours(*xs, **settings), expected, rtol=1e-13, atol=1e-13)
    tensors = [Tensor(x) for x in xs]
    found = theirs(*tensors, **settings)  # NumPy's own function, given Tensors
    assert type(found) is Tensor
    np.testing.assert_allclose(found.data, expected, rtol=1e-13, atol=1e-13)
    fine = {key: np.float32(value) if key in ("x", "append") else value for key, value in settings.items()}
    narrow = ours(*(Tensor(np.float32(x)) for x in xs), **fine)
    assert narrow.dtype == np.float32
    held = [np.where(np.isnan(x), 9.0, x) for x in xs]  # differences need numbers: fixed ones where the nans are
    holes = [np.isnan(x) for x in xs]
    agrees(lambda *zs: ours(*(autograd.where(h, nan, z) for h, z in zip(holes, zs, strict=True)), **settings), *held)


@pytest.mark.parametrize(("name", "n", "m", "mode"), BINARY, ids=str)
def test_convolution_of_rows(name, n, m, mode, agrees):
    a, v = np.arange(1.0, n + 1), np.arange(1.0, m + 1) ** 2
    ours = getattr(autograd, name)
    np.testing.assert_allclose(ours(a, v, mode), getattr(np, name)(a, v, mode), rtol=1e-14)
    agrees(lambda a, v: ours(a, v, mode), a, v)


@pytest.mark.parametrize("axis", [None, 0, (0, 2), 1])
def test_gradient(axis, agrees):
    field = rng.uniform(-1.0, 1.0, (4, 5, 3))
    axes = range(3) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    steps = {
        "none": (),
        "one": (0.5,),
        "each": tuple(0.5 + i for i in axes),
        "coordinates": tuple(np.sort(rng.uniform(0.0, 3.0, field.shape[i])) for i in axes),
    }
    for step in steps.values():
        for order in (1, 2):
            expected = np.gradient(field, *step, axis=axis, edge_order=order)
            found = autograd.gradient(field, *step, axis=axis, edge_order=order)
            assert isinstance(found, tuple) == isinstance(expected, tuple)
            for a, b in zip(found, expected, strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)

            def stacked(f, step=step, order=order):
                y = autograd.gradient(f, *step, axis=axis, edge_order=order)
                return autograd.stack(y) if isinstance(y, tuple) else y

            agrees(stacked, field)
    agrees(lambda f, x: autograd.gradient(f, x, axis=0, edge_order=2), field, np.array([0.0, 0.5, 2.0, 2.5]))
    holes = np.array([1.0, nan, 4.0, inf, 7.0])
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(autograd.gradient(holes), np.gradient(holes))
    assert autograd.gradient(np.float32(field), np.array([0.0, 1.0, 3.0]), axis=2).dtype == np.float32
    with pytest.raises(ShapeError, match="axis 2 needs 3 elements at least"):
        autograd.gradient(field[:, :, :2], axis=2, edge_order=2)
    with pytest.raises(ShapeError, match="along 3 axes was given 2 distances"):
        autograd.gradient(field, 1.0, 2.0)


def test_interp(agrees):
    xp, fp = np.array([0.0, 1.0, 2.5, 3.0]), np.array([1.0, -1.0, 0.5, 2.0])
    x = np.array([[-0.5, 0.25, 1.5], [2.75, 3.5, 2.0]])
    for settings in ({}, {"left": 5.0, "right": -5.0}, {"period": 3.7}):
        expected = np.interp(x, xp, fp, **settings)
        np.testing.assert_allclose(autograd.interp(x, xp, fp, **settings), expected, rtol=1e-14)
        np.testing.assert_allclose(np.interp(Tensor(x), xp, Tensor(fp), **settings).data, expected, rtol=1e-14)
        agrees(lambda x, xp, fp, s=settings: autograd.interp(x, xp, fp, **s), x, xp, fp)
    agrees(lambda x, fp: autograd.interp(x, np.array([0.3]), fp), x, np.array([2.0]))
    at = Tensor(xp)
    autograd.interp(at, xp, fp).sum().backward()
    np.testing.assert_allclose(at.grad, [-2.0, 1.0, 3.0, 3.0])
    with pytest.raises(ShapeError, match="as many places as values"):
        autograd.interp(x, xp, fp[:2])


def test_counting_in_bins(agrees):
    places, weights = np.array([0, 2, 2, 5]), np.array([0.5, 1.0, 2.0, 4.0])
    for settings in ({}, {"minlength": 8}):
        expected = np.bincount(places, weights, **settings)
        np.testing.assert_array_equal(autograd.bincount(places, weights, **settings), expected)
        np.testing.assert_array_equal(np.bincount(places, Tensor(weights), **settings).data, expected)
        agrees(lambda w, s=settings: autograd.bincount(places, w, **s), weights)
    np.testing.assert_array_equal(autograd.bincount(places), np.bincount(places))
    a, w = rng.normal(size=20), rng.uniform(0.5, 1.5, 20)
    for settings in ({}, {"bins": [-1.0, 0.0, 0.5, 2.0]}, {"range": (-1.0, 1.0), "bins": 4, "density": True}):
        counts, edges = np.histogram(a, weights=w, **settings)
        found, found_edges = autograd.histogram(a, weights=w, **settings)
        np.testing.assert_allclose(found, counts, rtol=1e-13)
        np.testing.assert_array_equal(found_edges, edges)
        np.testing.assert_allclose(np.histogram(a, weights=Tensor(w), **settings)[0].data, counts, rtol=1e-13)
        agrees(lambda w, s=settings: autograd.histogram(a, weights=w, **s)[0], w)
    np.testing.assert_array_equal(autograd.histogram(a)[0], np.histogram(a)[0])
    with pytest.raises(OperandError, match="histogram has no derivative by a"):
        autograd.histogram(Tensor(a))


def test_weighted_average(agrees):
    for axis, weights in ((None, W), (1, W[0, :, 0]), ((0, 2), W[:, 0, :]), (0, W)):
        expected, total = np.average(A, axis, weights, returned=True)
        found, found_total = autograd.average(A, axis, weights, returned=True)
        np.testing.assert_allclose(found, expected, rtol=1e-13)
        np.testing.assert_allclose(found_total, total, rtol=1e-13)
        np.testing.assert_allclose(np.average(Tensor(A), axis, Tensor(weights)).data, expected, rtol=1e-13)
        agrees(lambda x, w, a=axis: autograd.average(x, a, w), A, weights)
    found, total = autograd.average(A, 1, returned=True)
    np.testing.assert_array_equal(total, np.average(A, 1, returned=True)[1])
    with pytest.raises(ShapeError, match=r"weights of shape \(2,\) do not fit.*or \(3,\)"):
        autograd.average(A, 1, np.ones(2))


def test_pairs_of_statistics(agrees):
    for axis in (None, 1, (0, 2)):
        low, high = autograd.aminmax(A, axis)
        np.testing.assert_array_equal(low, A.min(axis))
        np.testing.assert_array_equal(high, A.max(axis))
        for name, function in (("var_mean", np.var), ("std_mean", np.std)):
            spread, mean = getattr(autograd, name)(A, axis, ddof=1)
            np.testing.assert_allclose(spread, function(A, axis, ddof=1), rtol=1e-14)
            np.testing.assert_allclose(mean, A.mean(axis), rtol=1e-14)
            agrees(lambda x, n=name, a=axis: sum(getattr(autograd, n)(x, a)), A)


def test_distances(agrees):
    for p in (1, 2, 3, inf):
        expected = np.linalg.norm((A[0] - A[1, 0]).ravel(), p)
        np.testing.assert_allclose(autograd.dist(A[0], A[1, 0], p), expected, rtol=1e-13)
        agrees(lambda x, y, p=p: autograd.dist(x, y, p), A[0], A[1, 0])
    x = Tensor([1.0, 2.0])
    autograd.dist(x, [1.0, 2.0]).backward()
    np.testing.assert_array_equal(x.grad, [0.0, 0.0])


def test_cosine_similarity_broadcasts_before_it_sums(agrees):
    a, b = A[:1, :2, :3], A[:, :1, :3]  # along axis -2 the second has one element, to be used twice
    whole = np.broadcast_to(b, (2, 2, 3))
    expected = (a * whole).sum(-2) / np.sqrt((a**2).sum(-2) * (whole**2).sum(-2))
    np.testing.assert_allclose(autograd.cosine_similarity(a, b, -2), expected, rtol=1e-14)
    agrees(lambda a, b: autograd.cosine_similarity(a, b, -2), a, b)


def test_a_standard_deviation_neither_vanishes_nor_overflows():
    x = np.array([1.0, 2.0, 4.0])
    for scale in (1e-170, 1e-310, 1e160, 1e300):
        t = Tensor(x * scale)
        y = autograd.std(t, ddof=1)
        y.backward()
        np.testing.assert_allclose(y.data / scale, np.std(x, ddof=1), rtol=1e-10)
        np.testing.assert_allclose(t.grad, (x - x.mean()) / (2 * np.std(x, ddof=1)), rtol=1e-10)
    narrow = autograd.std(Tensor(np.float32(x * 1e-30)), keepdims=True)
    assert (narrow.dtype, narrow.shape) == (np.float32, (1,))
    np.testing.assert_allclose(narrow.data, np.std(x) * 1e-30, rtol=1e-6)


def test_dtype_of_the_sum():
    x = Tensor(np.float32([0.1, 0.2]))
    for function in (autograd.sum, autograd.mean, autograd.prod):
        y = function(x, dtype=float)
        assert y.dtype == np.float64
        y.backward()
        assert x.grad.dtype == np.float32
        assert np.sum(x, dtype=float).dtype == np.float64


def test_a_recorded_sweep_takes_a_plain_cotangent():
    """Some contributions to x then are plain arrays, others are nodes."""
    x = Tensor(A[0])
    y = autograd.gradient(x, X, axis=1, edge_order=2)
    y.backward(np.ones(y.shape), create_graph=True)
    recorded, x.grad = x.grad.data, None
    autograd.gradient(x, X, axis=1, edge_order=2).backward(np.ones(y.shape))
    np.testing.assert_allclose(recorded, x.grad, rtol=1e-14)


# Scans


def test_the_linear_recurrence(agrees):
    a, b = A, W
    y = np.zeros(A.shape)
    for axis in (0, 1, -1):
        for i in range(A.shape[axis]):
            here = [slice(None)] * 3
            before = [slice(None)] * 3
            here[axis], before[axis] = i, i - 1
            y[tuple(here)] = b[tuple(here)] + (a[tuple(here)] * y[tuple(before)] if i else 0)
        np.testing.assert_allclose(autograd.recurrence(a, b, axis), y, rtol=1e-13)
        agrees(lambda a, b, axis=axis: autograd.recurrence(a, b, axis), a, b)
    agrees(autograd.recurrence, a[0, 0], b[0, 0])
    agrees(lambda a, b: autograd.recurrence(a, b, 0), np.array(0.5), b)
    assert autograd.recurrence(np.zeros((2, 0)), np.zeros((2, 0))).shape == (2, 0)


SCANS = [
    (autograd.cumprod, [2.0, 0.0, 3.0], [2, 0, 0], [1, 8, 0]),
    (autograd.cumprod, [0.0, 0.0, 3.0], [0, 0, 0], [1, 0, 0]),
    (autograd.cumprod, [1e170, 1e170, 0.0], [1e170, inf, nan], None),
    (autograd.cumprod, [1e-170, 1e-170, 1.0], [1e-170, 0, 0], [1, 2e-170, 0]),
    (autograd.cumprod, [], [], []),
    (autograd.logcumsumexp, [1000.0, 1000.0], [1000, 1000 + math.log(2)], [1.5, 0.5]),
    (autograd.logcumsumexp, [-inf, 0.0], [-inf, 0], [0, 1]),
    (autograd.logcumsumexp, [-inf, -inf], [-inf, -inf], [0, 0]),
    (autograd.logcumsumexp, [2000.0, -2000.0, 0.0], [2000, 2000, 2000], [3, 0, 0]),
    (lambda x: autograd.cummax(x).values, [1.0, 3.0, 3.0, 2.0], [1, 3, 3, 3], [1, 1, 2, 0]),
    (lambda x: autograd.cummin(x).values, [3.0, 1.0, 2.0, 1.0], [3, 1, 1, 1], [1, 2, 0, 1]),
    (lambda x: autograd.cummax(x).values, [1.0, nan, 3.0], [1, nan, nan], [1, 2, 0]),
    (autograd.median, [3.0, 3.0, 3.0, 1.0], 3, [0.5, 0.5, 0, 0]),
    (autograd.median, [inf, inf, 1.0, inf], inf, [1, 0, 0, 0]),
    (autograd.median, [-inf, inf], nan, None),
    (autograd.median, [1.0, nan, 3.0], nan, [0, 1, 0]),
    (autograd.median, [5.0], 5, [1]),
    (autograd.nanmedian, [1.0, nan, 3.0], 2, [0.5, 0, 0.5]),
    (autograd.nanmedian, [nan, nan], nan, None),
    (autograd.nansum, [nan, nan], 0, [0, 0]),
    (autograd.nansum, [inf, nan], inf, [1, 0]),
    (autograd.nanmean, [nan, nan], nan, [0, 0]),
    (autograd.nanmax, [nan, 2.0, 2.0], 2, [0, 0.5, 0.5]),
    (autograd.nanmax, [nan, nan], nan, [0, 0]),
    (autograd.nanmin, [nan, inf], inf, None),
    (autograd.nanstd, [2.0, nan, 2.0], 0, [0, 0, 0]),
    (autograd.nanvar, [nan], nan, [0]),
    (autograd.nanprod, [2.0, nan, 0.0], 0, [0, 0, 2]),
    (autograd.ptp, [1.0, 1.0], 0, [0, 0]),
    (lambda x: autograd.std(x, where=[True, True, False]), [2.0, 2.0, 7.0], 0, [0, 0, 0]),
    (lambda x: autograd.quantile(x, 0.5, method="lower"), [1.0, 2.0, 3.0, 4.0], 2, [0, 1, 0, 0]),
]


@pytest.mark.parametrize(("function", "x", "y", "slopes"), SCANS, ids=str)
def test_special_values(function, x, y, slopes):
    t, r = Tensor(x, float), Tensor(x, float)
    with np.errstate(all="ignore"):
        found = function(t)
        np.testing.assert_allclose(found.data, y, rtol=1e-14)
        if slopes is not None:
            found.backward(np.ones(found.shape))
            function(r).backward(Tensor(np.ones(found.shape)), create_graph=True)
            np.testing.assert_allclose(t.grad, slopes, rtol=1e-13)
            np.testing.assert_allclose(r.grad.data, slopes, rtol=1e-13)


def test_cumprod_by_brute_force():
    """Every product is written out, for rows with no, one and several zeros."""
    for x in ([1.5, -2.0, 0.5, 3.0], [1.5, 0.0, 0.5, 3.0], [0.0, 2.0, 0.0, 3.0], [0.0] * 4):
        t = Tensor(x)
        autograd.cumprod(t).backward(np.array([1.0, 2.0, 3.0, 4.0]))
        expected = [
            sum(
                g * np.prod([v for j, v in enumerate(x[: k + 1]) if j != i])
                for k, g in enumerate([1.0, 2.0, 3.0, 4.0])
                if k >= i
            )
            for i in range(4)
        ]
        np.testing.assert_allclose(t.grad, expected, rtol=1e-15)
        hessian = autograd.hessian(lambda x: autograd.sum(autograd.cumprod(x)))(np.array(x))

        def last(i, j, x=x):
            return (
                0
                if i == j
                else sum(np.prod([v for n, v in enumerate(x[: k + 1]) if n not in (i, j)]) for k in range(max(i, j), 4))
            )

        np.testing.assert_allclose(hessian, [[last(i, j) for j in range(4)] for i in range(4)], rtol=1e-14)


def test_scans_have_second_derivatives():
    x = rng.uniform(-1.0, 1.0, 5)
    for function in (autograd.cumprod, autograd.logcumsumexp, lambda x: autograd.recurrence(x, x * x)):

        def scalar(x, f=function):
            return autograd.sum(autograd.sin(f(x)))

        hessian, h = autograd.hessian(scalar)(x), 1e-5
        for i in range(5):
            e = np.eye(5)[i] * h
            slope = (autograd.grad(scalar)(x + e) - autograd.grad(scalar)(x - e)) / (2 * h)
            np.testing.assert_allclose(hessian[i], slope, rtol=1e-7, atol=1e-8)


def test_running_extremes_along_axes(agrees):
    for name, ufunc in (("cummax", np.maximum), ("cummin", np.minimum)):
        for axis in (0, 1, -1):
            values, indices = getattr(autograd, name)(A, axis)
            np.testing.assert_array_equal(values, ufunc.accumulate(A, axis))
            np.testing.assert_array_equal(np.take_along_axis(A, indices, axis), values)
            agrees(lambda x, n=name, a=axis: getattr(autograd, n)(x, a).values, A)
    assert autograd.cummax(2.0).values == 2.0


def test_scans_of_numbers_and_lists():
    assert float(autograd.cumprod(2.0)[0]) == 2.0
    np.testing.assert_array_equal(autograd.cumprod([1, 2, 3]), [1, 2, 6])
    v = Value(2.0)
    autograd.median([v, 1.0, 4.0]).backward()
    assert v.grad == 1.0


def test_accumulate_of_ufuncs(agrees):
    for ufunc in (np.add, np.multiply, np.maximum, np.minimum, np.logaddexp):
        for axis in (0, -1):
            np.testing.assert_allclose(ufunc.accumulate(Tensor(A), axis).data, ufunc.accumulate(A, axis), rtol=1e-13)
            agrees(lambda x, u=ufunc, a=axis: u.accumulate(x, a), A)
    for ufunc in (np.logaddexp, np.fmax, np.fmin):
        np.testing.assert_allclose(ufunc.reduce(Tensor(A), axis=1).data, ufunc.reduce(A, axis=1), rtol=1e-13)


def test_cumulative_trapezoid(agrees):
    from scipy.integrate import cumulative_trapezoid

    for settings in ({}, {"dx": 0.5, "axis": 0}, {"x": X}, {"x": X, "initial": 0}):
        np.testing.assert_allclose(autograd.cumulative_trapezoid(A, **settings), cumulative_trapezoid(A, **settings))
        agrees(lambda y, s=settings: autograd.cumulative_trapezoid(y, **s), A)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: autograd.median(Tensor(np.zeros((2, 0))), 1), "median of .* there are no elements"),
        (lambda: autograd.quantile(Tensor(ROW), 1.5), "range"),
        (lambda: autograd.diff(Tensor(ROW), -1), "n is how often, and not -1"),
        (lambda: autograd.convolve(Tensor(ROW), []), "neither may be empty"),
        (lambda: autograd.convolve(Tensor(ROW), ROW, "half"), "not 'half'"),
        (lambda: autograd.cov(Tensor(A)), "one or two dimensions"),
        (lambda: autograd.bincount([0, 1], Tensor(ROW)), "both are one row"),
    ],
)
def test_errors_say_what_and_where(call, words):
    with pytest.raises((ShapeError, OperandError, ValueError), match=words):
        call()


def test_questions_have_plain_answers():
    t = Tensor([1.0, nan, inf, -inf])
    for name in "isnan isinf isfinite isposinf isneginf signbit".split():
        found = getattr(autograd, name)(t)
        assert type(found) is np.ndarray
        np.testing.assert_array_equal(found, getattr(np, name)(t.data))
    assert autograd.argmax(Tensor(ROW)) == np.argmax(ROW)
    assert autograd.nanargmin(t) == 3
    assert not autograd.all(Tensor([0.0, 1.0]))
    assert autograd.any(Tensor([0.0, 1.0]))
    assert autograd.count_nonzero(Tensor([0.0, 1.0])) == 1
    assert autograd.isnan(Value(nan))
    assert autograd.allclose(Tensor(ROW), ROW)
