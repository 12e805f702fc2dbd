"""NumPy's functions given batches. One that has a rule takes it; any other is computed for the examples themselves.

Elementwise functions are computed on all examples at once, and so are reductions and orders along an axis. The rest is
called for each example, in a loop.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any

import numpy as np

import autograd.protocol as protocol
import autograd.tree as tree
from autograd.batch.call import Call, example, joined, like
from autograd.batch.level import Level
from autograd.batch.node import BatchTensor
from autograd.batch.number import Batch
from autograd.batch.rule import moved
from autograd.equivalent import FUNCTIONS, PLAIN_UFUNCS
from autograd.errors import ConversionError, place
from autograd.node import Node
from autograd.primitive import Primitive

Function = Callable[..., Any]

# About shapes and types: the same for every example
_ABOUT = {
    getattr(np, name)
    for name in "shape ndim size result_type can_cast min_scalar_type iscomplexobj isrealobj zeros_like ones_like "
    "empty_like".split()
}
_ALONG = {np.argmax, np.argmin, np.argsort, np.sort, np.any, np.all}  # given an axis, they know of no others
_entered: ContextVar[frozenset[Function]] = ContextVar("entered", default=frozenset())
_ANY = Primitive("any", None, np.asarray, domain=())  # stands for a function of NumPy


def apply_ufunc(ufunc: Any, method: str, inputs: Sequence[Any], settings: dict[str, Any]) -> Any:
    """What `Batch.__array_ufunc__` answers."""
    if settings.get("out") is not None and any(x is not None for x in settings["out"]):
        raise ConversionError(
            f"np.{ufunc.__name__} cannot write batched values into an array.{place()}\n"
            "  Inside vmap make new arrays: write a = a * x instead of a *= x, and drop out=."
        )
    if protocol.differentiated(inputs) and ufunc not in PLAIN_UFUNCS:
        return protocol.apply_ufunc(ufunc, method, inputs, settings)
    if method == "__call__" and not settings and protocol.has_rule(ufunc) and ufunc not in _entered.get():
        return _by_rule(ufunc, lambda: protocol.apply_ufunc(ufunc, method, inputs, settings))
    inputs = _plain(inputs)
    level = _innermost(inputs)
    if method == "__call__" and ufunc.signature is None:
        call = _call(level, inputs)
        return _closed(ufunc(*call.aligned(), **settings), level)
    if method == "reduce" and len(inputs) == 1 and inputs[0].mapped and inputs[0].ndim:
        axis = moved(settings.get("axis", 0), inputs[0].ndim)
        return _closed(ufunc.reduce(inputs[0].whole, **(settings | {"axis": axis})), level)
    return _looped(getattr(ufunc, method), inputs, settings, level)


def apply_function(function: Function, args: Sequence[Any], settings: Mapping[str, Any]) -> Any:
    """What `Batch.__array_function__` answers."""
    if function in _ABOUT:
        return function(*_about(args), **_about(settings))
    if protocol.differentiated((args, settings)):
        return protocol.apply_function(function, args, dict(settings))
    if function in FUNCTIONS and function not in _entered.get():
        return _by_rule(function, lambda: protocol.apply_function(function, args, dict(settings)))
    args, settings = _plain(args), _plain(settings)
    level = _innermost((args, settings))
    if function in _ALONG and isinstance(args[0], Batch) and args[0].mapped and args[0].ndim and len(args) < 3:
        x, last = args[0].whole, -1 if function in (np.argsort, np.sort) else None
        axis = args[1] if len(args) == 2 else settings.get("axis", last)
        others = {key: value for key, value in settings.items() if key != "axis"}
        if axis is None and not others:
            return _closed(function(x.reshape(level.size, -1), axis=1), level)
        if isinstance(axis, int):
            return _closed(function(x, axis=moved(axis, args[0].ndim), **others), level)
    return _looped(function, args, settings, level)


def _by_rule(function: Function, run: Callable[[], Any]) -> Any:
    """A rule, which may ask the function itself for plain numbers: that then is not handed to the rule again."""
    token = _entered.set(_entered.get() | {function})
    try:
        return run()
    finally:
        _entered.reset(token)


def _looped(function: Function, args: Sequence[Any], settings: Mapping[str, Any], level: Level) -> Any:
    def one(i: int) -> Any:
        return function(*_each(args, level, i), **_each(settings, level, i))

    return _closed(joined([one(i) for i in range(level.size)], getattr(function, "__name__", "a function")), level)


def _each(x: Any, level: Level, i: int) -> Any:
    return tree.transform(lambda leaf: example(leaf, level, i), x)


def _call(level: Level, inputs: Sequence[Any]) -> Call:
    opened = [(x.whole, x.mapped) if isinstance(x, Batch) and x.level is level else (x, False) for x in inputs]
    return Call(_ANY, level, tuple(x for x, _ in opened), tuple(m for _, m in opened), {})


def _closed(found: Any, level: Level) -> Any:
    if isinstance(found, tuple):
        return like(found, [_closed(part, level) for part in found])
    return Batch(level, found)


def _plain(x: Any) -> Any:
    """Batches and nodes cut off from what they were computed from."""
    return tree.transform(lambda leaf: leaf.data if isinstance(leaf, Batch | Node) else leaf, x)


def _innermost(x: Any) -> Level:
    levels = [leaf.level for leaf in tree.leaves(x) if isinstance(leaf, Batch)]
    return max(levels, key=lambda level: level.number)


def _about(x: Any) -> Any:
    """One example of each, of which only shape and dtype count."""
    return tree.transform(
        lambda leaf: (
            np.broadcast_to(np.zeros((), leaf.dtype), leaf.shape) if isinstance(leaf, Batch | BatchTensor) else leaf
        ),
        x,
    )
