"""SciPy, differentiable, as far as HIPS autograd has it: special, linalg, signal, integrate, stats.

>>> import autograd.numpy as np
>>> import autograd.scipy.stats.norm as norm
>>> from autograd import grad
>>> grad(norm.logpdf)(1.5)
-1.5
"""

from importlib import import_module as _import_module
from typing import Any

_MODULES = "integrate", "linalg", "signal", "special", "stats"


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return _import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}: it has {', '.join(_MODULES)}")
