"""Distribution: what the modules of this package are made of.

Given plain numbers a method is SciPy's. Given Values or Tensors it is a formula for the standard form of the
distribution, moved by `loc` and stretched by `scale`; its derivative by every argument follows from that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import numpy as np

from autograd.errors import RuleError, place
from autograd.numpy.offer import offered
from autograd.primitive import is_batched
from autograd.rules.exponential import exp, log
from autograd.rules.library import as_array
from autograd.rules.piecewise import where
from autograd.rules.shaping import data_of

Formula = Callable[..., Any]  # of x in standard form and the shape parameters


def methods(name: str, density: str, supported: Formula, inside: float = 0.5, **formulas: Formula) -> dict[str, Any]:
    """The methods of scipy.stats' distribution of this name, for the module that stands for it.

    `density` is "pdf" or "pmf"; the formula `log<density>` must be there. `supported` says where it is not -inf, and
    `inside` is such a point. Of what is not given, pdf follows from logpdf, sf from cdf, and the logarithms from both.
    """
    logarithm = f"log{density}"
    formula = formulas[logarithm]
    whole: dict[str, Formula] = {
        logarithm: _limited(supported, inside, formula),
        density: _limited(supported, inside, formula, exp),
    }
    if "cdf" in formulas:
        whole |= {"cdf": formulas["cdf"], "sf": lambda x, *shapes: 1 - formulas["cdf"](x, *shapes)}
    whole |= {key: standard for key, standard in formulas.items() if key != logarithm}
    for tail in ("cdf", "sf"):
        if tail in whole and f"log{tail}" not in whole:
            whole[f"log{tail}"] = _log_of(whole[tail])
    shapes = formula.__code__.co_argcount - 1
    return {key: _method(name, key, standard, shapes, discrete=density == "pmf") for key, standard in whole.items()}


def _limited(supported: Formula, inside: float, logarithm: Formula, finish: Any = None) -> Formula:
    """The logarithm of the density, and -inf outside of the support, where it is computed at a point `inside`."""

    def limited(x: Any, *shapes: Any) -> Any:
        holds = supported(data_of(x), *map(data_of, shapes))
        if is_batched(holds) or not np.all(holds):
            y = where(holds, logarithm(where(holds, x, inside), *shapes), -np.inf)
        else:
            y = logarithm(x, *shapes)
        return finish(y) if finish else y

    return limited


def _log_of(standard: Formula) -> Formula:
    return lambda x, *shapes: log(standard(x, *shapes))


def _method(name: str, method: str, standard: Formula, shapes: int, discrete: bool) -> Any:
    def answer(x: Any, *args: Any, loc: Any = 0, scale: Any = 1, **named: Any) -> Any:
        if named:
            raise RuleError(
                f"{name}.{method} has no parameter {', '.join(named)} here.{place()}\n  Give it by position."
            )
        given, rest = args[:shapes], args[shapes:]
        loc, scale = (*rest, *(loc, scale)[len(rest) :])
        z = as_array(x) - loc if discrete else (as_array(x) - loc) / scale
        y = standard(z, *map(as_array, given))
        if discrete or method in ("cdf", "sf", "logcdf", "logsf"):
            return y
        return y - log(as_array(scale)) if method.startswith("log") else y / scale

    return offer(name, method, answer)


def offer(name: str, method: str, answer: Formula) -> Any:
    """A method of scipy.stats' distribution of this name, with `answer` for what is differentiable."""
    return offered(_later(name, method), answer)


def _later(name: str, method: str) -> Any:
    """SciPy's own method, found when it is first called: scipy.stats takes a second to read."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return getattr(getattr(import_module("scipy.stats"), name), method)(*args, **kwargs)

    call.__name__ = call.__qualname__ = method
    call.__doc__ = f"scipy.stats.{name}.{method}, differentiable."
    return call


def refusing(name: str, method: str) -> Any:
    """A method without a formula here: SciPy's, for plain numbers alone."""

    def answer(*args: Any, **kwargs: Any) -> Any:
        raise RuleError(
            f"scipy.stats.{name}.{method} has no derivative here, and something differentiable was given to it."
            f"{place()}\n  Give it plain numbers, or write it with operations that have one."
        )

    return offer(name, method, answer)


def filled(name: str, into: dict[str, Any], found: Mapping[str, Any]) -> None:
    """Put methods into a module, and let those that it lacks be SciPy's."""
    into.update(found)
    into["__getattr__"] = lambda method: _other(name, method)


def _other(name: str, method: str) -> Any:
    if method.startswith("_") or not hasattr(getattr(import_module("scipy.stats"), name), method):
        raise AttributeError(f"scipy.stats.{name} has no {method}")
    return refusing(name, method)
