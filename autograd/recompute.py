"""checkpoint: what a function computes inside is not remembered, but computed again in the backward pass.

A call becomes one node (of several results, one behind each). Its parents are the nodes that the function reached out
to, among its arguments or around it: they are found by noting which nodes it makes itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import wraps
from typing import Any

import numpy as np

import autograd.tree as tree
from autograd.batch.level import active, resuming
from autograd.chance import Passage, States
from autograd.errors import GradientError, place
from autograd.fast_record import new
from autograd.graph import descendants, topological_order
from autograd.modes import enable_grad, exceptional, noting, recording
from autograd.node import Node
from autograd.origin import observe
from autograd.primitive import Primitive
from autograd.sweep import nodes, numbers, pull_back, push_forward
from autograd.tensor import constant as tensor_constant

__all__ = ["checkpoint"]

Function = Callable[..., Any]


def checkpoint(function: Function) -> Function:
    """The same function, which keeps nothing of what it computes inside, and computes it again when derivatives ask.

    Memory falls from everything inside to arguments and results; the cost is one more forward pass. The function may
    take and return anything, close over Values, Tensors and modules, be differentiated to any order, be mapped by
    `vmap`, and hold other checkpoints. It also serves as a decorator.

    The second run must do what the first did: nothing it reads may have changed. Random numbers are drawn again if
    they come from `nn`, or from a generator by way of `autograd.sample`.

    Errors: GradientError in the backward pass when the second run gives another result.

    >>> from autograd import Tensor, tanh
    >>> @checkpoint
    ... def block(x):
    ...     return tanh(tanh(x * 2) * 3)
    >>> x = Tensor([0.1, 0.2])
    >>> y = block(x).sum()
    >>> len(y.parents[0].parents)
    1
    >>> y.backward(); x.grad.round(3)
    array([4.138, 1.729])
    """

    @wraps(function)
    def checkpointed(*args: Any, **kwargs: Any) -> Any:
        if not recording():
            return function(*args, **kwargs)
        passage = _Passage(function, args, kwargs)
        result, made = passage.run(None)
        leaves = tree.leaves(result)
        passage.places = tuple(i for i, y in enumerate(leaves) if _is_inside(_node(y), made))
        if not passage.places:
            return result
        insides = [_node(leaves[i]) for i in passage.places]
        passage.outside = _boundary(insides, made)
        for i, node in zip(passage.places, _outputs(passage, insides), strict=True):
            leaves[i] = _with(leaves[i], node)
        return tree.fill(result, iter(leaves))

    return checkpointed


class _Passage:
    """A call of a function that can be made again."""

    places: tuple[int, ...] = ()  # which leaves of the result are differentiated
    outside: tuple[Node, ...] = ()  # the nodes that it has from elsewhere

    def __init__(self, function: Function, args: Any, kwargs: Any) -> None:
        self.function = function
        self.args = args
        self.kwargs = kwargs
        self.levels = active()
        self.states: States = {}

    def run(self, states: States | None) -> tuple[Any, dict[int, Any]]:
        """The result, and what was made, see `noting`. The second time, with the generators as they were the first."""
        chance, noted = Passage(states), noting()
        with enable_grad(), resuming(*self.levels), chance, noted:
            result = self.function(*self.args, **self.kwargs)
        self.states = chance.states
        return result, {id(mark): mark for mark in noted.made}

    def again(self, expected: dict[int, Any]) -> tuple[list[Any], list[Node]]:
        """The nodes of the results, and all nodes behind them in order, of a second run.

        Errors: GradientError when it was not the same as the first.
        """
        result, made = self.run(self.states)
        leaves = tree.leaves(result)
        found: list[Any] = [_node(leaves[i]) if i < len(leaves) else None for i in self.places]
        same = all(_is_inside(y, made) for y in found) and _are_same(_boundary(found, made), self.outside)
        if not same or not all(_alike(_numbers(found[i]), _numbers(y)) for i, y in expected.items()):
            name = getattr(self.function, "__name__", type(self.function).__name__)
            raise GradientError(
                f"checkpoint of {name}: computed again in the backward pass, the result is not what it was.{place()}\n"
                "  What the function reads must stay as it is until then, and its random numbers must come from nn, "
                "or from autograd.sample."
            )
        return found, topological_order(found, stop=self.outside)


class _Recompute(Primitive):
    """A call as a node: what its rules need is computed again. With several results, cotangents are `Parts`."""

    crosses = True  # no fast sweep looks into it

    def pull(self, g: Any, y: Any, args: Sequence[Any], wanted: Sequence[bool], params: Any) -> list[Any]:
        """The cotangents of what is outside."""
        passage: _Passage = params["passage"]
        given = g.parts if isinstance(g, Parts) else {0: (g, y)}
        found, order = passage.again({i: part[1] for i, part in given.items()})
        own = [x for x, want in zip(passage.outside, wanted, strict=True) if want]
        among = set(descendants(order, own))
        recorded = any(isinstance(x, Node) for x in args)
        seeds: dict[Node, Any] = {}
        for i, (c, _) in given.items():
            seeds[found[i]] = seeds[found[i]] + c if found[i] in seeds else c
        arrived = dict(pull_back(order, seeds, nodes if recorded else numbers, among, set(passage.outside)))
        return [arrived.get(x) for x in passage.outside]

    def push(self, tangents: Sequence[Any], y: Any, args: Sequence[Any], params: Any) -> Any:
        """The tangents of the results."""
        passage: _Passage = params["passage"]
        several = len(passage.places) > 1
        found, order = passage.again({} if several else {0: y})
        seeds = {x: t for x, t in zip(passage.outside, tangents, strict=True) if t is not None}
        recorded = any(isinstance(x, Node) for x in args)
        tangent = push_forward(descendants(order, seeds), seeds, nodes if recorded else numbers)
        if not several:
            return tangent.get(found[0])
        return Parts({i: (tangent[x], None) for i, x in enumerate(found) if x in tangent})


class _Output(Primitive):
    """One of several results of a call."""

    crosses = True

    def pull(self, g: Any, y: Any, args: Sequence[Any], wanted: Sequence[bool], params: Any) -> list[Any]:
        """Its cotangent, on the way to the others."""
        return [Parts({params["index"]: (g, y)})]

    def push(self, tangents: Sequence[Any], y: Any, args: Sequence[Any], params: Any) -> Any:
        """Its tangent, out of all."""
        (parts,) = tangents
        return parts.parts.get(params["index"], (None,))[0]


RECOMPUTE = _Recompute("checkpoint", None, np.asarray, domain=(), doc="A function computed again in the backward pass.")
OUTPUT = _Output("result", None, np.asarray, domain=(), notation="result {index}", doc="One result of a checkpoint.")


class Parts:
    """Cotangents (or tangents) of several results, each with the result."""

    def __init__(self, parts: dict[int, tuple[Any, Any]]) -> None:
        self.parts = parts

    def __repr__(self) -> str:
        return f"<what has arrived at results {', '.join(map(str, self.parts))}>"

    def __add__(self, other: Any) -> Parts:
        if not isinstance(other, Parts):
            return self  # nothing had arrived yet
        both = dict(self.parts)
        for i, (g, y) in other.parts.items():
            both[i] = (both[i][0] + g, y) if i in both else (g, y)
        return Parts(both)

    __radd__ = __add__


def _outputs(passage: _Passage, insides: Sequence[Node]) -> Iterator[Node]:
    """New nodes for the results, which know the call and nothing of its inside."""
    if len(insides) == 1:
        yield _made(insides[0], RECOMPUTE, passage.outside, {"passage": passage})
        return
    hub = _made(tensor_constant(np.zeros(())), RECOMPUTE, passage.outside, {"passage": passage})
    for i, inside in enumerate(insides):
        yield _made(inside, OUTPUT, (hub,), {"index": i})


def _made(like: Node, primitive: Primitive, parents: tuple[Node, ...], params: dict[str, Any]) -> Node:
    node = new(type(like))
    node.data, node.grad = like.data, like.no_gradient
    node.primitive, node.parents, node.params = primitive, parents, params
    if exceptional:
        observe(node)
    return node


def _node(y: Any) -> Any:
    """The node behind a result: of a batch, that of the whole."""
    while not isinstance(y, Node) and hasattr(y, "whole"):
        y = y.whole
    return y if isinstance(y, Node) and y.primitive is not None and y.parents else None


def _with(y: Any, node: Node) -> Any:
    """A result with another node behind it."""
    return node if isinstance(y, Node) else type(y)(y.level, _with(y.whole, node), y.mapped)


def _is_inside(node: Any, made: Mapping[int, Any]) -> bool:
    """Whether a node was made in a run, or took over the place of one that was."""
    return node is not None and id(node.birthmark) in made


def _boundary(results: Sequence[Node], made: Mapping[int, Any]) -> tuple[Node, ...]:
    """The nodes that were not made in a run, and that its results were made from; with leaves that were made in it."""
    found: dict[Node, None] = {}
    seen: set[Node] = set()
    stack = list(results)
    while stack:
        node = stack.pop()
        if node not in seen and node.primitive is not None:
            seen.add(node)
            if node.parents and _is_inside(node, made):
                stack += node.parents
            else:
                found[node] = None
    return tuple(found)


def _are_same(now: Sequence[Node], before: Sequence[Node]) -> bool:
    """Whether two runs met the same nodes. Leaves that are made inside are others each time, and as many."""
    return len(now) == len(before) and all(x.is_leaf for x in set(now) ^ set(before))


def _numbers(x: Any) -> Any:
    """The plain numbers behind a node or batch."""
    while isinstance(x, Node) or hasattr(x, "whole"):
        x = x.data if isinstance(x, Node) else x.whole
    return x


def _alike(a: Any, b: Any) -> bool:
    """Whether two results are the same, but for rounding."""
    if np.shape(a) != np.shape(b):
        return False
    rtol = 1e-3 if getattr(a, "itemsize", 8) < 8 else 1e-8
    return np.array_equal(a, b) or np.allclose(a, b, rtol=rtol, atol=1e-8, equal_nan=True)
