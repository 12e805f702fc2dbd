"""scipy.stats, differentiable: a module for each distribution, `import autograd.scipy.stats.norm as norm`."""

from importlib import import_module as _import_module
from typing import Any

from autograd.scipy.stats import beta, chi2, dirichlet, gamma, multivariate_normal, norm, poisson, t

__all__ = ["beta", "chi2", "dirichlet", "gamma", "multivariate_normal", "norm", "poisson", "t"]


def __getattr__(name: str) -> Any:  # all else is SciPy's, for plain numbers
    return getattr(_import_module("scipy.stats"), name)
