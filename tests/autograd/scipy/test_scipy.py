"""autograd.scipy: SciPy's answers on plain numbers, its values and their derivatives on nodes."""

from __future__ import annotations

import importlib

import numpy
import pytest
import scipy.integrate
import scipy.linalg
import scipy.signal
import scipy.special
import scipy.stats

import autograd.numpy as np
import autograd.scipy.integrate as integrate
import autograd.scipy.linalg as linalg
import autograd.scipy.special as special
from autograd import MatrixError, OperandError, RuleError, Tensor, Value, grad, jacobian, vmap
from autograd.scipy.signal import convolve
from autograd.test_util import check_grads

RNG = numpy.random.default_rng(5)
X = RNG.uniform(0.3, 2.0, 3)
P = RNG.uniform(0.1, 0.9, 3)
A = RNG.normal(size=(3, 3)) * 0.3 + 2 * numpy.eye(3)
B = RNG.normal(size=(3, 2))
SPD = A @ A.T


# Distributions: arguments, which of them are differentiated, and its methods

UNIVARIATE = {
    "norm": [(X - 1, 0.5, 1.5), (0, 1, 2), "pdf logpdf cdf logcdf sf logsf"],
    "t": [(X - 1, X + 2, 0.25, 1.5), (0, 1, 2, 3), "pdf logpdf"],
    "beta": [(P, X + 1, 2.5), (0, 1, 2), "pdf logpdf"],
    "gamma": [(X, X + 1), (0, 1), "pdf logpdf"],
    "chi2": [(X, X + 1), (0, 1), "pdf logpdf"],
    "poisson": [(numpy.array([0.0, 2.0, 3.0]), X), (1,), "pmf logpmf cdf sf"],
}
OF_X_ALONE = {
    "t": [(X - 1, X + 2, 0.25, 1.5), (0, 2, 3), "cdf logcdf sf logsf"],
    "beta": [(P, X + 1, 2.5), (0,), "cdf sf logcdf"],
    "gamma": [(X, X + 1, 0.1, 2.0), (0, 2, 3), "cdf sf logcdf logsf"],
    "chi2": [(X, X + 1), (0,), "cdf sf"],
}
METHODS = [(n, m, args, by) for d in (UNIVARIATE, OF_X_ALONE) for n, (args, by, ms) in d.items() for m in ms.split()]


@pytest.mark.parametrize(("name", "method", "args", "by"), METHODS, ids=lambda x: x if isinstance(x, str) else "")
def test_distributions(name, method, args, by):
    ours = getattr(importlib.import_module(f"autograd.scipy.stats.{name}"), method)
    theirs = getattr(getattr(scipy.stats, name), method)
    numpy.testing.assert_array_equal(ours(*args), theirs(*args))
    nodes = [Tensor(x) if i in by else x for i, x in enumerate(args)]
    numpy.testing.assert_allclose(ours(*nodes).data, theirs(*args), rtol=1e-12)
    floats = [float(numpy.ravel(x)[0]) for x in args]
    assert type(grad(ours, by[0])(*floats)) is float
    check_grads(ours, by, order=2)(*args)
    if name != "poisson":
        wide = [numpy.broadcast_to(x, (2, 3)) if i == 0 else x for i, x in enumerate(args)]
        check_grads(ours, by, order=1, modes=["rev"])(*wide)


def test_distributions_beyond_their_support_and_other_methods():
    beta, poisson, norm = (importlib.import_module(f"autograd.scipy.stats.{n}") for n in ("beta", "poisson", "norm"))
    x = numpy.array([-0.5, 0.5, 1.5])
    numpy.testing.assert_array_equal(beta.logpdf(Tensor(x), 2.0, 3.0).data[[0, 2]], -numpy.inf)
    slopes = grad(lambda x: np.sum(beta.pdf(x, 2.0, 3.0)))(x)
    assert slopes[0] == slopes[2] == 0.0
    assert numpy.isfinite(slopes[1])
    assert poisson.pmf(1.5, Value(2.0)).data == 0.0
    assert norm.logpdf(loc=Value(1.0), x=0.5).data == pytest.approx(scipy.stats.norm.logpdf(0.5, 1.0))
    assert norm.logpdf(Value(1.0), scale=2.0).data == pytest.approx(scipy.stats.norm.logpdf(1.0, scale=2.0))
    assert norm.ppf(0.25) == scipy.stats.norm.ppf(0.25)
    assert norm.rvs(size=3, random_state=1).shape == (3,)
    with pytest.raises(RuleError, match=r"scipy.stats.norm.ppf has no derivative here"):
        norm.ppf(Value(0.25))
    with pytest.raises(AttributeError, match="nothing"):
        norm.nothing
    with pytest.raises(OperandError, match="no derivative by df"):
        grad(importlib.import_module("autograd.scipy.stats.t").cdf, 1)(0.5, 2.0)


def test_dirichlet():
    dirichlet = importlib.import_module("autograd.scipy.stats.dirichlet")
    alpha, x = X + 1, P / P.sum()
    for method in ("pdf", "logpdf"):
        ours, theirs = getattr(dirichlet, method), getattr(scipy.stats.dirichlet, method)
        assert ours(x, alpha) == theirs(x, alpha)
        assert ours(Tensor(x), Tensor(alpha)).data == pytest.approx(theirs(x, alpha), rel=1e-13)
        check_grads(lambda y, a, f=ours: f(y / np.sum(y), a), (0, 1))(x, alpha)
        pair = numpy.stack([x, x[::-1]], 1)
        numpy.testing.assert_allclose(ours(pair, Tensor(alpha)).data, theirs(pair, alpha), rtol=1e-13)
        numpy.testing.assert_allclose(ours(x[:2], Tensor(alpha)).data, theirs(x[:2], alpha), rtol=1e-13)


def test_multivariate_normal():
    mvn = importlib.import_module("autograd.scipy.stats.multivariate_normal")
    theirs = scipy.stats.multivariate_normal
    mean, many = numpy.array([0.5, -0.25, 1.0]), RNG.normal(size=(4, 3))

    def symmetric(f):
        return lambda x, mean, cov: f(x, mean, 0.5 * (cov + cov.T))

    for method in ("pdf", "logpdf"):
        f, g = getattr(mvn, method), getattr(theirs, method)
        for x in (X, many, many.reshape(2, 2, 3)):
            numpy.testing.assert_array_equal(f(x, mean, SPD), g(x, mean, SPD))
            numpy.testing.assert_allclose(f(Tensor(x), mean, Tensor(SPD)).data, g(x, mean, SPD), rtol=1e-12)
        check_grads(symmetric(f), (0, 1, 2))(X, mean, SPD)
        check_grads(symmetric(f), (0, 1, 2), modes=["rev"])(many, mean, SPD)
        for mean_, cov in ((0.5, 2.0), (None, 1), (mean, 2.0), (mean, numpy.array([1.0, 2.0, 3.0]))):
            x = X if mean_ is mean else X[:, None] if mean_ is None else X
            numpy.testing.assert_allclose(f(Tensor(x), mean_, cov).data, g(x, mean_, cov), rtol=1e-12)
    singular = numpy.diag([2.0, 1.0, 0.0])
    at = numpy.array([0.3, 0.1, 0.0])
    numpy.testing.assert_allclose(
        mvn.logpdf(Tensor(at), numpy.zeros(3), singular, allow_singular=True).data,
        theirs.logpdf(at, numpy.zeros(3), singular, allow_singular=True),
        rtol=1e-12,
    )
    numpy.testing.assert_allclose(
        grad(mvn.logpdf)(at, numpy.zeros(3), singular, allow_singular=True), [-0.15, -0.1, 0.0], rtol=1e-12
    )
    with pytest.raises(OperandError, match="no derivative by cov"):
        mvn.logpdf(at, numpy.zeros(3), Tensor(singular), allow_singular=True)
    assert mvn.entropy(mean, SPD) == theirs.entropy(mean, SPD)
    assert mvn.entropy(None, Tensor(SPD)).data == pytest.approx(theirs.entropy(mean, SPD), rel=1e-13)
    check_grads(lambda c: mvn.entropy(mean, 0.5 * (c + c.T)))(SPD)


# Functions


def test_special():
    weights = RNG.uniform(0.5, 1.5, (3, 3))
    for axis in (None, 0, 1, (0, 1)):
        for settings in ({}, {"b": weights}, {"keepdims": True}, {"b": weights, "keepdims": True}):
            found = special.logsumexp(Tensor(A), axis=axis, **settings)
            expected = scipy.special.logsumexp(A, axis=axis, **settings)
            assert found.shape == expected.shape
            numpy.testing.assert_allclose(found.data, expected, rtol=1e-14)
    check_grads(lambda a, b: special.logsumexp(a, 1, b), (0, 1))(A, weights)
    assert special.logsumexp(Tensor([-1e3, -2e3])).data == -1e3
    for axis in (None, 0, -1):
        for name in ("softmax", "log_softmax"):
            f = getattr(special, name)
            numpy.testing.assert_allclose(
                f(Tensor(A), axis=axis).data, getattr(scipy.special, name)(A, axis=axis), rtol=1e-13
            )
            check_grads(lambda a, f=f, axis=axis: f(a, axis))(A)
    for call in (
        lambda m, x: m.polygamma(1, x),
        lambda m, x: m.multigammaln(x + 2, 2),
        lambda m, x: m.spherical_jn(2, x),
        lambda m, x: m.jn(2, x),
        lambda m, x: m.yn(1, x),
        lambda m, x: m.rgamma(x),
        lambda m, x: m.gammaln(x),
        lambda m, x: m.stdtr(2.5, x),
        lambda m, x: m.expit(x),
    ):
        numpy.testing.assert_allclose(call(special, Tensor(X)).data, call(scipy.special, X), rtol=1e-12)
        numpy.testing.assert_array_equal(call(special, X), call(scipy.special, X))
        check_grads(lambda x, call=call: call(special, x))(X)
    numpy.testing.assert_array_equal(special.gammasgn(Tensor(-X)), scipy.special.gammasgn(-X))
    assert special.comb(5, 2) == 10.0
    with pytest.raises(NotImplementedError, match="hyp2f1 has no derivative"):
        special.hyp2f1(1.0, 2.0, 3.0, Value(0.5))
    with pytest.raises(NotImplementedError, match=r"comb has no derivative"):
        special.comb(Value(5.0), 2.0)
    with pytest.raises(OperandError, match="return_sign"):
        special.logsumexp(Tensor(A), return_sign=True)
    with pytest.raises(AttributeError):
        special.nothing


LINEAR = {
    "block_diag": [(A, B)],
    "cholesky": [(SPD,), (SPD, True)],
    "det": [(A,)],
    "eigvalsh": [(SPD,)],
    "expm": [(A,)],
    "inv": [(A,)],
    "norm": [(A,), (A, 1), (X, 3)],
    "pinv": [(B,)],
    "solve": [(A, B), (A, X)],
    "solve_continuous_lyapunov": [(A, SPD)],
    "solve_sylvester": [(A, SPD[:2, :2], B)],
    "solve_triangular": [(A, X), (A, B, 1), (A, B, 0, True), (A, B, "T", True, True)],
    "sqrtm": [(SPD,)],
    "svdvals": [(B,)],
}


@pytest.mark.parametrize("name", LINEAR)
def test_linalg(name):
    ours, theirs = getattr(linalg, name), getattr(scipy.linalg, name)
    mirror = name in ("cholesky", "eigvalsh")
    for args in LINEAR[name]:
        numpy.testing.assert_array_equal(ours(*args), theirs(*args))
        by = tuple(i for i, x in enumerate(args) if isinstance(x, numpy.ndarray))
        nodes = [Tensor(x) if i in by else x for i, x in enumerate(args)]
        numpy.testing.assert_allclose(ours(*nodes).data, theirs(*args), rtol=1e-10, atol=1e-14)

        def f(*xs, args=args, by=by):
            filled = list(args)
            for i, x in zip(by, xs, strict=True):
                filled[i] = 0.5 * (x + x.T) if mirror else x
            return ours(*filled)

        check_grads(f, tuple(range(len(by))), order=2)(*(args[i] for i in by))


def test_more_of_linalg():
    values = linalg.eigh(Tensor(SPD))[0]
    numpy.testing.assert_allclose(values.data, scipy.linalg.eigh(SPD)[0], rtol=1e-13)
    assert linalg.eigh(Tensor(SPD), eigvals_only=True).requires_grad
    factor = linalg.cho_factor(Tensor(SPD), lower=True)
    numpy.testing.assert_allclose(linalg.cho_solve(factor, X).data, numpy.linalg.solve(SPD, X), rtol=1e-11)
    u, s, vh = linalg.svd(Tensor(B), full_matrices=False)
    numpy.testing.assert_allclose((u * s @ vh).data, B, rtol=1e-13)
    assert linalg.svd(Tensor(B), compute_uv=False).shape == (2,)
    bands = RNG.uniform(-0.3, 0.3, (4, 5))
    bands[1] += 2
    for b in (RNG.normal(size=5), RNG.normal(size=(5, 2))):
        found = linalg.solve_banded((2, 1), Tensor(bands), Tensor(b))
        numpy.testing.assert_allclose(found.data, scipy.linalg.solve_banded((2, 1), bands, b), rtol=1e-13)
        check_grads(lambda ab, b: linalg.solve_banded((2, 1), ab, b), (0, 1))(bands, b)
    with pytest.raises(MatrixError, match="complex numbers are out of scope"):
        linalg.sqrtm(Tensor([[-1.0, 0.5], [0.0, 2.0]]))
    with pytest.raises(NotImplementedError, match=r"scipy.linalg.*.hessenberg has no derivative"):
        linalg.hessenberg(Tensor(A))


# Convolution and differential equations


def direct(a, b):
    """The convolution of two matrices, by its definition."""
    y = numpy.zeros((a.shape[0] + b.shape[0] - 1, a.shape[1] + b.shape[1] - 1))
    for i, j in numpy.ndindex(b.shape):
        y[i : i + a.shape[0], j : j + a.shape[1]] += b[i, j] * a
    return y


@pytest.mark.parametrize("mode", ["full", "valid", "same"])
@pytest.mark.parametrize("sizes", [((5, 4), (2, 3)), ((2, 3), (5, 4)), ((3, 3), (3, 3))])
def test_convolve(mode, sizes):
    a, b = (RNG.normal(size=size) for size in sizes)
    numpy.testing.assert_allclose(convolve(a, b), direct(a, b), rtol=1e-13)
    numpy.testing.assert_allclose(convolve(a, b, mode=mode), scipy.signal.convolve(a, b, mode), rtol=1e-12, atol=1e-14)
    check_grads(lambda a, b: convolve(a, b, mode=mode), (0, 1))(a, b)


def test_convolve_along_some_axes_and_summed_over_others():
    images, weights = RNG.normal(size=(2, 3, 5, 6)), RNG.normal(size=(3, 4, 2, 3))
    found = convolve(images, weights, axes=([2, 3], [2, 3]), dot_axes=([1], [0]), mode="valid")
    assert found.shape == (2, 4, 4, 4)
    expected = sum(scipy.signal.convolve(images[1, c], weights[c, 2], "valid") for c in range(3))
    numpy.testing.assert_allclose(found[1, 2], expected, rtol=1e-12)
    check_grads(
        lambda a, b: convolve(a, b, axes=([-2, 3], [2, -1]), dot_axes=([1], [0]), mode="valid"), (0, 1), order=1
    )(images, weights)
    numpy.testing.assert_allclose(
        convolve(A, B, axes=([], []), dot_axes=([0], [0])), numpy.tensordot(A, B, ([0], [0])), rtol=1e-13
    )
    with pytest.raises(ValueError, match="one must be at least as long"):
        convolve(numpy.ones((2, 5)), numpy.ones((5, 2)), mode="valid")
    with pytest.raises(ValueError, match="mode is"):
        convolve(X, X, mode="half")


def test_odeint():
    def decay(y, t, k, drive):
        return -k * y + drive["a"] * np.sin(t)

    times = numpy.array([0.1, 0.4, 1.0])
    args = (X, {"a": 0.5})
    settings = {"rtol": 1e-11, "atol": 1e-12}
    expected = scipy.integrate.odeint(decay, X, times, args=args, **settings)
    numpy.testing.assert_array_equal(integrate.odeint(decay, X, times, args, **settings), expected)

    def f(y0, times, args):
        return integrate.odeint(decay, y0, times, args, **settings)

    numpy.testing.assert_allclose(f(Tensor(X), times, args).data, expected)
    check_grads(f, (0, 1, 2), modes=["rev"], order=1)(X, times, args)
    J = jacobian(f)(X, times, (X, {"a": 0.0}))
    numpy.testing.assert_allclose(J[2, 1, 1], numpy.exp(-X[1] * 0.9), rtol=1e-8)
    grad(lambda k: np.sum(integrate.odeint(decay, X, times, args=(k, {"a": 0.5}))))(X)
    second = grad(
        grad(lambda k: np.sum(integrate.odeint(lambda y, t, k: -k * y, 1.0, [0.0, 1.0], (k,), **settings)[-1]))
    )
    assert second(0.7) == pytest.approx(numpy.exp(-0.7), rel=1e-6)
    assert integrate.quad(numpy.sin, 0.0, 1.0)[0] == pytest.approx(1 - numpy.cos(1.0))


def test_inside_vmap():
    norm, beta = (importlib.import_module(f"autograd.scipy.stats.{name}") for name in ("norm", "beta"))
    for f in (
        norm.logpdf,
        norm.cdf,
        lambda x: beta.logpdf(x, 2.0, 3.0),
        lambda x: special.logsumexp(np.array([x, 1.0])),
    ):
        numpy.testing.assert_allclose(vmap(f)(P), [f(x) for x in P], rtol=1e-14)
        numpy.testing.assert_allclose(vmap(grad(f))(P), [grad(f)(x) for x in P], rtol=1e-13)
