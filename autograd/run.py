"""Run: one run of a function with fresh nodes in place of its arguments, ready to be swept either way.

A fresh node belongs to one transform alone, and a sweep goes no further than its own, so nested transforms cannot
confuse each other's derivatives. Where an enclosing transform, or a Value or Tensor of the user's, has a share in the
result, the sweep reads nodes instead of numbers: the derivative is recorded and can be differentiated again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy import ndarray

import autograd.tree as tree
from autograd.batch.level import active
from autograd.errors import GradientError, OperandError, ShapeError, describe, place
from autograd.graph import descendants, topological_order
from autograd.modes import enable_grad, keep_gradients, recording
from autograd.node import Node
from autograd.operand import plain
from autograd.primitive import LEAF, SPENT, is_batched
from autograd.rules.arithmetic import positive
from autograd.sweep import nodes, numbers, pull_back, push_forward
from autograd.tensor import Tensor
from autograd.tensor import constant as tensor_constant
from autograd.value import Value

Function = Callable[..., Any]
Argnums = int | Sequence[int]


class Run:
    """A function that has been run for the sake of its derivatives."""

    def __init__(self, function: Function, args: Sequence[Any], kwargs: dict[str, Any], argnums: Argnums) -> None:
        self.single = isinstance(argnums, int)
        places = [argnums] if isinstance(argnums, int) else list(argnums)
        if any(not -len(args) <= i < len(args) for i in places):
            raise GradientError(
                f"{name_of(function)} got {len(args)} arguments, so there is no argument {argnums}.{place()}"
            )
        chosen = [args[i] for i in places]
        self.form: Any = chosen[0] if self.single else tuple(chosen)
        self.given = tree.leaves(self.form)
        connected = recording()
        self.inputs = [_fresh(x, connected) for x in self.given]
        filled = list(args)
        for i, x in zip(places, tree.fill(tuple(chosen), iter(self.inputs)), strict=True):
            filled[i] = x
        with enable_grad(), keep_gradients():  # math.sin(x), or a[0] = x, would make a plain number of x
            self.result = function(*filled, **kwargs)
        self.outputs = tree.leaves(self.result)
        roots = [y for y in self.outputs if isinstance(y, Node)]
        reached = topological_order(roots, stop=self.inputs)
        own = set(self.inputs)
        self.order = descendants(reached, own)
        self.recorded = connected and any(bool(x.parents) if x in own else _is_anothers(x) for x in reached)
        for x in self.inputs:
            if not x.parents:
                x.primitive = SPENT

    def pull(self, cotangents: Sequence[Any]) -> list[Any]:
        """The cotangent of every input, of the kind that was given; None among the cotangents is zero."""
        recorded = self._is_recorded(cotangents)
        seeds: dict[Node, Any] = {}
        among = set(self.order)
        for y, g in zip(self.outputs, cotangents, strict=True):
            if g is not None and np.shape(plain(g)) != np.shape(plain(y)) and np.size(plain(g)) != 1:
                raise ShapeError(f"vjp: a cotangent of shape {np.shape(plain(g))} for {describe(y)}.{place()}")
            if g is not None and isinstance(y, Node) and y in among:
                g = _seed(y, g, recorded)
                seeds[y] = seeds[y] + g if y in seeds else g
        own = set(self.inputs)
        swept = pull_back(list(self.order), seeds, nodes if recorded else numbers, among=among)
        found = {x: g for x, g in swept if x in own}
        return [_lowered(found.get(x), given, x, recorded) for x, given in zip(self.inputs, self.given, strict=True)]

    def push(self, tangents: Sequence[Any]) -> list[Any]:
        """The tangent of every output; None among the tangents is zero."""
        recorded = self._is_recorded(tangents)
        seeds = {x: _seed(x, t, recorded) for x, t in zip(self.inputs, tangents, strict=True) if t is not None}
        found = push_forward(self.order, seeds, nodes if recorded else numbers)
        return [_lowered(found.get(y) if isinstance(y, Node) else None, self.like, y, recorded) for y in self.outputs]

    def shaped(self, leaves: Sequence[Any]) -> Any:
        """Leaves put into the form of the arguments."""
        return tree.fill(self.form, iter(leaves))

    def lower(self, result: Any) -> Any:
        """The function's own result, in the kind of its arguments."""
        return tree.transform(lambda y: _lowered(y, self.like, y, self.recorded), result)

    @property
    def like(self) -> Any:
        """A Value or Tensor among the arguments, when there is one: results then are Values and Tensors, too."""
        return next((x for x in self.given if isinstance(x, Node)), None)

    def _is_recorded(self, seeds: Sequence[Any]) -> bool:
        outer = any(isinstance(s, Node) and s.primitive is not None for s in seeds)
        return self.recorded or (outer and recording())


def name_of(function: Function) -> str:
    """What a function is called, for errors."""
    return getattr(function, "__name__", type(function).__name__)


def _fresh(x: Any, connected: bool) -> Node:
    """A node of this transform's own for an argument; connected to it when that is a node under differentiation."""
    if active():
        from autograd.batch.node import fresh  # the floor above, met only inside vmap

        _check(x)
        return fresh(x, active()[-1], connected)
    if isinstance(x, Node):
        if x.primitive is not None and connected:
            return positive(x)  # type: ignore[no-any-return]
        x = x.data
    _check(x)
    node: Node = tensor_constant(x) if isinstance(x, ndarray) else Value(x)
    node.primitive = LEAF
    return node


def _is_anothers(x: Node) -> bool:
    """Whether a node is a leaf of the user's, or of a transform around this one; not of one inside, which has ended."""
    return x.is_leaf and x.primitive is not SPENT


def _check(x: Any) -> None:
    """Errors: OperandError when nothing can be differentiated with respect to x."""
    if isinstance(x, complex) or getattr(getattr(x, "dtype", None), "kind", "") == "c":
        raise OperandError(
            f"cannot differentiate with respect to {describe(x)}: complex numbers are out of scope.{place()}"
        )
    if isinstance(x, bool | str) or x is None:
        raise OperandError(f"cannot differentiate with respect to {describe(x)}: it must be a float.{place()}")
    if not isinstance(x, np.generic) and hasattr(x, "dtype") and x.dtype.kind != "f":
        raise OperandError(
            f"cannot differentiate with respect to {describe(x)}: derivatives need floats.{place()}\n"
            "  Convert it: x.astype(float)."
        )


def _seed(node: Node, g: Any, recorded: bool) -> Any:
    """What a sweep starts from a node with."""
    g = g if recorded else plain(g)
    return g if is_batched(g) and np.shape(g) == np.shape(node.data) else node.seed(g)


def _lowered(x: Any, like: Any, node: Any, recorded: bool) -> Any:
    """A result (None: zero) that belongs to `node`, in the kind of the argument `like`."""
    if x is None:
        x = np.zeros(node.shape, node.dtype) if isinstance(node, Tensor | ndarray) else 0.0
    if recorded and isinstance(x, Node) and x.primitive is not None:
        return x
    x = plain(x)
    if is_batched(x):
        return x if x.requires_grad else x.data
    if isinstance(like, Node):
        if isinstance(node, Value):
            return Value(float(x), requires_grad=False)
        return tensor_constant(np.array(x)) if isinstance(node, Tensor) else x
    if isinstance(node, Value):
        return float(x)
    return x[()] if isinstance(x, ndarray) and not x.ndim else x
