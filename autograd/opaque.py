"""Opaque: a call of a function of the user's as one node, whatever it computes with inside.

Built-in operations are recorded by the kind of number they meet. A function of the user's is simply run, on plain
numbers and arrays; here what went in and what came out is put into the graph. Both doors for custom functions lead
through this file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from operator import attrgetter
from typing import Any

import numpy as np
from numpy import ndarray

import autograd.tree as tree
from autograd.bundle import Bundle, as_node
from autograd.contract import Rule
from autograd.errors import OperandError, describe, place
from autograd.modes import exceptional, recording
from autograd.node import Node
from autograd.origin import observe
from autograd.primitive import Primitive
from autograd.sequence import holds_nodes
from autograd.tensor import Tensor
from autograd.value import constant as value_constant


class Custom(Primitive):
    """A primitive of the user's. It is not in the registry, and is pickled as the place where its function stands."""

    def __init__(self, body: Rule, on_number: Any, on_array: Any, broadcasts: bool = False) -> None:
        function = body.function
        super().__init__(body.name, on_number, on_array, domain=(), doc=function.__doc__ or "", broadcasts=broadcasts)
        self.place = getattr(function, "__module__", ""), getattr(function, "__qualname__", "")

    def __reduce__(self) -> tuple[Any, ...]:
        return _at_place, self.place


class Opaque(Custom):
    """One whose calls are not looked into: the user's rules belong to the call as a whole."""

    crosses = True

    def pull_ieee(self, g: Any, y: Any, args: Sequence[Any], wanted: Sequence[bool], params: Any) -> list[Any]:
        """`pull` where Python's floats raise, with NumPy's in their place; arrays stay as they are."""
        with np.errstate(all="ignore"):
            return list(self.pull(_ieee(g), _ieee(y), list(map(_ieee, args)), wanted, params))

    def push_ieee(self, tangents: Sequence[Any], y: Any, args: Sequence[Any], params: Any) -> Any:
        """`push` where Python's floats raise; see `pull_ieee`."""
        with np.errstate(all="ignore"):
            return self.push(list(map(_ieee, tangents)), _ieee(y), list(map(_ieee, args)), params)


def each_example(function: Any, args: Sequence[Any]) -> Any:
    """A call inside `vmap`: one for each example, since the function takes plain arrays."""
    from autograd.batch.each import each  # the floor above, met only inside vmap

    return each(function, *args)


def each_cotangent(pull: Any, g: Any, *rest: Any) -> list[Any]:
    """The same of a rule."""
    from autograd.batch.each import each_contribution

    return each_contribution(pull, g, *rest)


def _ieee(x: Any) -> Any:
    return np.float64(x) if isinstance(x, float) else x


def _at_place(module: str, path: str) -> Any:
    return attrgetter(path)(import_module(module)).primitive


class Layout:
    """Which of the arguments of a call are operands, and what stands between them: a mode, a size, None."""

    __slots__ = ("form",)

    def __init__(self, args: Iterable[Any], operand: tuple[type, ...]) -> None:
        self.form = tuple(_OPERAND if isinstance(x, operand) and not isinstance(x, bool) else x for x in args)

    def operands(self, args: Sequence[Any]) -> list[Any]:
        """Of what belongs to the arguments, what belongs to the operands."""
        return [x for x, form in zip(args, self.form) if form is _OPERAND]

    def fill(self, operands: Iterable[Any], between: Any = ...) -> list[Any]:
        """The arguments again, given the operands; with `between` in place of the others."""
        following = iter(operands)
        return [next(following) if form is _OPERAND else form if between is ... else between for form in self.form]

    @property
    def between(self) -> dict[int, Any]:
        """What is no operand, by its position."""
        return {i: form for i, form in enumerate(self.form) if form is not _OPERAND}


_OPERAND = object()


def as_array(x: Any) -> Any:
    """A sequence of numbers as an array, or, of Values and Tensors, as a Tensor; anything else as it is."""
    if not isinstance(x, list | tuple):
        return x
    return Tensor(x) if holds_nodes(x) else np.asarray(x)


def differentiated(operands: Iterable[Any]) -> bool:
    """Whether a call with these operands belongs into a graph."""
    return any(isinstance(x, Node) and x.primitive is not None for x in operands) and recording()


def node_of(x: Any) -> Node:
    """An operand as a node; a plain number stays what it is, so that float32 stays float32."""
    if isinstance(x, Node | ndarray):
        return as_node(x)  # type: ignore[no-any-return]
    node = value_constant(0.0)
    node.data = x
    return node


def record(
    primitive: Primitive, operands: Sequence[Any], params: Mapping[str, Any], results: Any, whole: Bundle | None
) -> Any:
    """The result of a call as a node on top of its operands; of the several results of a bundle, a node for each."""
    node = as_node(results if whole is None else whole.join([results[i] for i in whole.places]))
    if whole is None or whole.places:
        node.primitive, node.parents = primitive, tuple(map(node_of, operands))
        if params:
            node.params = params
        if exceptional:
            observe(node)
    return node if whole is None else tuple(whole.split(node))


def zero(x: Any) -> Any:
    """A zero of the shape and precision of a plain number or array; None for anything else."""
    if isinstance(x, ndarray):
        return np.zeros(x.shape, x.dtype if x.dtype.kind == "f" else float)
    return 0.0 if isinstance(x, int | float | np.number) else None


def refuse_static(name: str, params: Mapping[str, Any]) -> None:
    """Errors: OperandError when something under differentiation is given as a static parameter."""
    for key, value in ((key, leaf) for key, given in params.items() for leaf in tree.leaves(given)):
        if isinstance(value, Node) and value.primitive is not None:
            raise OperandError(
                f"{name} was given {describe(value)}, which is under differentiation, for its static parameter {key}: "
                f"its gradient would be lost.{place()}\n"
                f"  Make {key} a positional parameter, in front of the `*`, or give a plain number."
            )
