"""Offer: NumPy's functions as this namespace has them, which ask first whether they were given a Value or a Tensor.

NumPy's protocols see a Tensor that is an argument. They do not see one inside a list, and functions such as `np.array`
ask nobody. An offered function looks for itself; given plain numbers and arrays it is NumPy's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, MutableMapping
from functools import cache, wraps
from importlib import import_module
from types import BuiltinFunctionType, BuiltinMethodType, FunctionType, MethodType
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.equivalent import OTHER_UFUNCS, UFUNCS

Function = Callable[..., Any]

_PLAIN = {ndarray, float, int, bool, complex, str, bytes, type(None), slice, np.float64, np.int64, np.bool_}
_UFUNC = "accumulate at identity nargs nin nout ntypes outer reduce reduceat resolve_dtypes signature types".split()
_KINDS = FunctionType | BuiltinFunctionType | BuiltinMethodType | MethodType | np.ufunc | type(np.sum)


def differentiable(x: Any) -> bool:
    """Whether x is a Value, a Tensor or a batch of them, or a sequence that holds one at any depth."""
    kind = type(x)
    if kind in _PLAIN:
        return False
    if isinstance(x, list | tuple):
        return not _PLAIN.issuperset(set(map(type, x))) and any(map(differentiable, x))
    return hasattr(kind, "requires_grad")


def offered(function: Function, answer: Function | None = None) -> Function:
    """NumPy's function, and in its place `answer`, or its rule, when it is given something differentiable."""
    answered = answer is not None
    answer = answer or (_of_ufunc if isinstance(function, np.ufunc) else _of_function)(function)

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if any(map(differentiable, args)) or (kwargs and any(map(differentiable, kwargs.values()))):
            return answer(*args, **kwargs)
        return function(*args, **kwargs)

    call.answered = answered  # type: ignore[attr-defined]  # whether it needs no rule
    if isinstance(function, np.ufunc):
        for name in _UFUNC:
            setattr(call, name, getattr(function, name))
    return call


def _of_ufunc(ufunc: Any) -> Function:
    rule, count = OTHER_UFUNCS.get(ufunc) or UFUNCS.get(ufunc), ufunc.nin

    def answer(*args: Any, **kwargs: Any) -> Any:
        if rule is not None and len(args) == count and not kwargs:
            return rule(*args)
        speaker = _speaker((args, *kwargs.values()))
        if len(args) > count:  # what stands behind the operands is written into
            args, kwargs = args[:count], kwargs | {"out": args[count:]}
        return speaker.__array_ufunc__(ufunc, "__call__", *args, **kwargs)

    return answer


def _of_function(function: Function) -> Function:
    return lambda *args, **kwargs: _speaker((args, *kwargs.values())).__array_function__(function, (), args, kwargs)


def _speaker(x: Any) -> Any:
    """Who answers for all that x holds: a batch before a Tensor before a Value."""

    def found(x: Any) -> Iterable[Any]:
        if isinstance(x, list | tuple):
            for part in x:
                yield from found(part)
        elif differentiable(x):
            yield x

    return max(found(x), key=lambda x: getattr(x, "__array_priority__", 0))


def namespace(module: str, into: MutableMapping[str, Any]) -> None:
    """All public names of a module of NumPy's: functions are offered, all else is as it is.

    What is in the namespace already stays. Two names of one function remain names of one function.
    """
    made: dict[int, Function] = {}
    for name, thing in vars(import_module(module)).items():
        if name.startswith("_") or name in into:
            continue
        if isinstance(thing, _KINDS):
            if id(thing) not in made:
                made[id(thing)] = offered(thing)
            thing = made[id(thing)]
        into[name] = thing


def lazily(module: str, **answers: Function) -> Callable[[str], Any]:
    """The `__getattr__` of a module that stands for one of SciPy's, which is read when it is first used.

    Functions are offered, with `answers` for those whose rule no protocol finds.
    """

    @cache
    def find(name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"{module} has no public name {name!r}")
        thing = getattr(import_module(module), name)
        return offered(thing, answers.get(name)) if isinstance(thing, _KINDS) else thing

    return find
