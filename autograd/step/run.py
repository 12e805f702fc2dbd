"""Run: a function or a script of the user's, with its lines recorded, to be stepped through afterwards."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from numpy import ndarray

from autograd.errors import OperandError, describe, place
from autograd.node import Node
from autograd.origin import annotate
from autograd.tensor import Tensor
from autograd.value import Value


def call(function: Callable[..., Any], args: Sequence[Any]) -> Node:
    """The result of a function, with the lines of its code recorded.

    Floats and arrays of floats among the arguments become leaves, named as the function names them.
    """
    given = [_leaf(x, name) for x, name in zip(args, _parameters(function, len(args)))]
    with annotate():
        y = function(*given)
    if not isinstance(y, Node):
        raise OperandError(
            f"{getattr(function, '__name__', 'the function')} returned {describe(y)}, and stepping needs a Value or a "
            f"Tensor.{place()}\n  Return one result, such as the loss."
        )
    return y


def _parameters(function: Callable[..., Any], count: int) -> list[str]:
    """The names of the first parameters of a function; nothing where they are not known."""
    try:
        known = [
            name
            for name, parameter in inspect.signature(function).parameters.items()
            if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
        ]
    except (TypeError, ValueError):  # of some functions written in C
        known = []
    return [*known, *[""] * count][:count]


def _leaf(x: Any, name: str) -> Any:
    if type(x) is float:
        return Value(x, label=name)
    if isinstance(x, ndarray) and x.dtype.kind == "f":
        return Tensor(x, label=name)
    return x
