"""Libraries that are built on HIPS autograd give the same numbers on ours, where they are installed."""

from __future__ import annotations

import warnings
from importlib import import_module

import numpy as np
import pytest

# Found by the same calls with HIPS autograd 1.9.1
WALTONS = {
    "WeibullFitter": (-672.0621872716684, [55.733097, 3.45050541]),
    "LogNormalFitter": (-716.1464057398157, [3.8288388, 0.51237589]),
    "LogLogisticFitter": (-701.8227369558391, [50.32346931, 4.02860963]),
    "GeneralizedGammaFitter": (-644.3346289346352, [4.18318563, -2.08602417, 3.50898672]),
}


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.mark.slow
@pytest.mark.parametrize("name", WALTONS)
def test_lifelines(name):
    lifelines = pytest.importorskip("lifelines", reason="lifelines is installed by hand, for comparison")
    from lifelines.datasets import load_waltons

    table = load_waltons()
    fitter = getattr(lifelines, name)().fit(table["T"], table["E"])
    likelihood, parameters = WALTONS[name]
    assert fitter.log_likelihood_ == pytest.approx(likelihood, rel=1e-10)
    np.testing.assert_allclose(fitter.params_.values, parameters, rtol=1e-6)


@pytest.mark.slow
def test_pymanopt():
    pymanopt = pytest.importorskip("pymanopt", reason="pymanopt is installed by hand, for comparison")
    manifolds, optimizers = (import_module(f"pymanopt.{name}") for name in ("manifolds", "optimizers"))
    rng = np.random.default_rng(1)
    matrix = rng.normal(size=(5, 5))
    matrix = matrix + matrix.T
    sphere = manifolds.Sphere(5)

    @pymanopt.function.autograd(sphere)
    def cost(x):
        return -x @ matrix @ x

    for optimizer in (optimizers.TrustRegions, optimizers.ConjugateGradient):
        found = optimizer(verbosity=0).run(pymanopt.Problem(sphere, cost))
        assert -found.cost == pytest.approx(np.linalg.eigvalsh(matrix)[-1], rel=1e-9)
