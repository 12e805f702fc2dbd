"""Tracers: a function recorded once, and run again without its Python code."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

import autograd.tree as tree
from autograd.operand import plain
from autograd.tracer import Node, Recording, trace

Function = Callable[..., Any]


def const_graph(fun: Function, *args: Any, **kwargs: Any) -> Function:
    """The function, with these arguments fixed, which in its first call is recorded and from then on is the record.

    So it must do the same steps whatever it is given: an `if` on a number is decided once.

    >>> import autograd.numpy as np
    >>> f = const_graph(lambda x, y: np.sin(x) * y)
    >>> f(0.0, 2.0), f(np.pi / 2, 3.0)
    (0.0, 3.0)
    """
    known = partial(fun, *args, **kwargs)
    recorded: list[Recording] = []

    @wraps(fun)
    def run(*args: Any) -> Any:
        if not recorded:
            recorded.append(Recording(lambda args: known(*args), args))
            return tree.transform(plain, recorded[0].result)
        return recorded[0].again(args)

    return run


class FullGraphNode(Node):
    """A node that keeps its value, and its recipe: the function, its arguments, and pairs (number, node) of parents."""

    def __init__(self, value: Any, fun: Any, args: Any, kwargs: Any, parent_argnums: Any, parents: Any) -> None:
        self.value = value
        self.recipe = (fun, args, kwargs, list(zip(parent_argnums, parents, strict=True)))

    def initialize_root(self) -> None:
        """The start of a trace."""
        self.value = None
        self.recipe = (lambda x: x, (), {}, [])


def full_graph(fun: Function, *args: Any, **kwargs: Any) -> Any:
    """The last step of fun(*args, **kwargs) as a `FullGraphNode`, through which all others are reached."""
    return trace(FullGraphNode.new_root(), lambda args: fun(*args, **kwargs), args)[1]
