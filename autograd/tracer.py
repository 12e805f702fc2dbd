"""Trace: what a function computes, step by step, given to nodes of the user's own. HIPS autograd's way to look inside.

>>> import autograd.numpy as np
>>> class Name(Node):
...     def initialize_root(self):
...         self.text = "x"
...     def __init__(self, value, fun, args, kwargs, parent_argnums, parents):
...         names = dict(zip(parent_argnums, (p.text for p in parents)))
...         self.text = f"{fun.__name__}({', '.join(str(names.get(i, x)) for i, x in enumerate(args))})"
>>> value, node = trace(Name.new_root(), lambda x: np.sin(x) * 2.0, 0.0)
>>> value, node.text
(0.0, 'multiply(sin(x), 2.0)')

See `draw`, `Stepper` and `autograd.edges` for more of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Self

from numpy import ndarray

import autograd.tree as tree
from autograd.blackbox import Extended
from autograd.extend import notrace_primitive, primitive, register_notrace
from autograd.graph import descendants, topological_order
from autograd.modes import enable_grad
from autograd.node import Node as Box
from autograd.operand import plain
from autograd.tensor import Tensor
from autograd.util import toposort
from autograd.value import Value

__all__ = ["Box", "Node", "getval", "isbox", "notrace_primitive", "primitive", "register_notrace", "toposort", "trace"]

Function = Callable[..., Any]


class Node:
    """The base of a node of the user's own: `__init__` is called for each step, `initialize_root` for the start."""

    def __init__(
        self,
        value: Any,
        fun: Function,
        args: Sequence[Any],
        kwargs: dict[str, Any],
        parent_argnums: Sequence[int],
        parents: Sequence[Any],
    ) -> None:
        raise NotImplementedError

    def initialize_root(self, *args: Any, **kwargs: Any) -> None:
        """What a node without parents is made of."""
        raise NotImplementedError

    @classmethod
    def new_root(cls, *args: Any, **kwargs: Any) -> Self:
        """A node to start a trace with."""
        root = cls.__new__(cls)
        root.initialize_root(*args, **kwargs)
        return root


def isbox(x: Any) -> bool:
    """Whether x is a Value or a Tensor."""
    return isinstance(x, Box)


def getval(x: Any) -> Any:
    """The number or array that a Value or Tensor stands for; anything else as it is."""
    return plain(x)


def trace(start_node: Any, fun: Function, x: Any) -> tuple[Any, Any]:
    """The value of fun(x), and the node of the user's for its last step; None, when the result does not depend on x.

    Nodes are of the kind of `start_node`, which stands for x. When x is a container, taking a part of it is a step.
    """
    run = Recording(fun, x)
    made: dict[Box, Any] = {}
    for path, node in zip(_paths(x), run.inputs, strict=True):
        made[node], value = start_node, x
        for key in path:
            made[node] = type(start_node)(value[key], container_take, (value, key), {}, (0,), (made[node],))
            value = value[key]
    for node in run.steps:
        fun, args, kwargs, places = _presented(node)
        argnums = [i for i, k in places if node.parents[k] in made]
        parents = [made[node.parents[k]] for _, k in places if node.parents[k] in made]
        made[node] = type(start_node)(node.data, fun, args, kwargs, argnums, parents)
    end = run.result
    return tree.transform(plain, end), made.get(end) if isinstance(end, Box) else None


def container_take(container: Any, key: Any) -> Any:
    """The step that takes a part of a container."""
    return container[key]


def _paths(x: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(x, dict):
        return [found for key, part in x.items() for found in _paths(part, (*path, key))]
    if isinstance(x, list | tuple):
        return [found for i, part in enumerate(x) for found in _paths(part, (*path, i))]
    return [path]


class Recording:
    """One run of a function: its inputs, its steps in the order of computation, and its result."""

    def __init__(self, fun: Function, x: Any) -> None:
        self.inputs: list[Box] = [_input(leaf) for leaf in tree.leaves(x)]
        with enable_grad():
            self.result = fun(tree.fill(x, iter(self.inputs)))
        roots = [y for y in tree.leaves(self.result) if isinstance(y, Box)]
        own = set(self.inputs)
        reached = topological_order(roots, stop=self.inputs)
        self.steps = [node for node in descendants(reached, own) if node not in own]

    def again(self, x: Any) -> Any:
        """The result for another x, by the same steps: whatever the function would do now."""
        known: dict[Box, Any] = dict(zip(self.inputs, tree.leaves(x), strict=True))
        for node in self.steps:
            fun, args, kwargs, places = _presented(node)
            filled = list(args)
            for i, k in places:
                filled[i] = known.get(node.parents[k], filled[i])
            known[node] = fun(*filled, **kwargs)
        return tree.transform(lambda y: known.get(y, plain(y)) if isinstance(y, Box) else y, self.result)


def _input(x: Any) -> Box:
    return Tensor(x) if isinstance(plain(x), ndarray) else Value(x)


class _Step(NamedTuple):
    """How a step is computed: `fun(*args, **kwargs)`, and which argument is which parent of the node."""

    fun: Function
    args: Sequence[Any]
    kwargs: dict[str, Any]
    places: list[tuple[int, int]]


def _presented(node: Box) -> _Step:
    assert node.primitive is not None
    if isinstance(node.primitive, Extended):
        return _Step(*node.primitive.presented(node))
    args = [p.data for p in node.parents]
    return _Step(node.primitive, args, dict(node.params), [(i, i) for i in range(len(args))])
