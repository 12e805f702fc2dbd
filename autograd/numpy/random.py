"""numpy.random. Samples have no derivative by the parameters of their distribution; asking for one is an error.

What can be differentiated is a sample that is computed from one without parameters: `loc + scale * randn(n)`.
"""

from collections.abc import Callable as _Callable
from functools import wraps as _wraps
from typing import TYPE_CHECKING, Any

import numpy as _np

from autograd.errors import RuleError as _RuleError
from autograd.errors import place as _place
from autograd.numpy.offer import offered as _offered

if TYPE_CHECKING:
    from numpy.random import *  # noqa: F403


def _refusing(function: _Callable[..., Any]) -> _Callable[..., Any]:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise _RuleError(
            f"np.random.{function.__name__} has no derivative by its parameters, and something differentiable was "
            f"given to it.{_place()}\n  Compute the sample from one without parameters, as in "
            "loc + scale * np.random.randn(n), or give it plain numbers."
        )

    return _offered(function, refuse)


def _guarded(kind: type) -> type:
    """A class of generators whose methods refuse what is differentiable: they would make a plain number of it."""
    public = {name: getattr(kind, name) for name in dir(kind) if not name.startswith("_")}
    methods: dict[str, Any] = {name: _refusing(method) for name, method in public.items() if callable(method)}
    return type(kind.__name__, (kind,), methods | {"__doc__": kind.__doc__, "__module__": kind.__module__})


if not TYPE_CHECKING:
    Generator, RandomState = _guarded(_np.random.Generator), _guarded(_np.random.RandomState)

    @_wraps(_np.random.default_rng)
    def default_rng(seed: Any = None) -> Any:
        found = _np.random.default_rng(seed)
        return found if isinstance(found, Generator) else Generator(found.bit_generator)


for _name, _thing in vars(_np.random).items():
    if not _name.startswith("_") and _name not in globals():
        globals()[_name] = _refusing(_thing) if callable(_thing) and not isinstance(_thing, type) else _thing
