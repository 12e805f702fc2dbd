"""Names: what the user calls a function and its arguments."""

from __future__ import annotations

import inspect
from typing import Any

from autograd.primitive import Primitive


def name_of(function: Any) -> str:
    """What the user calls a function; a module, by its class."""
    name = getattr(function, "__name__", type(function).__name__)
    return "f" if name == "<lambda>" else name


def argument_names(function: Any, count: int) -> list[str]:
    """The first names in a function's signature; for built-in operations `x`, or `a, b, c`, as in their rules.

    >>> argument_names(lambda x, *weights: x, 3), argument_names(max, 1)
    (['x', 'weights[0]', 'weights[1]'], ['argument 0'])
    """
    if isinstance(function, Primitive):
        if hasattr(function, "names"):  # the user's own
            given: list[str] = function.names(count)
            return given
        sources = [f for f in (function.on_number, function.on_array) if inspect.isfunction(f)]
        default = ["x"] if count == 1 else list("abcdefgh"[:count])
    else:
        sources = [getattr(function, "forward", function), function]
        default = []
    for source in sources:
        try:
            parameters = list(inspect.signature(source).parameters.values())
        except (TypeError, ValueError):  # one written in C
            continue
        names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        rest = next((p.name for p in parameters if p.kind == p.VAR_POSITIONAL), "args")
        if len(names) < count and rest != "args":
            names += [f"{rest}[{i}]" for i in range(count - len(names))]
        if len(names) >= count:
            return names[:count]
    return [*default, *(f"argument {i}" for i in range(len(default), count))]
