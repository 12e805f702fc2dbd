"""Subject: the function under test, brought to one form: from a list of float64 arrays to one flat row of results.

Whatever it takes (floats, arrays, Values, Tensors, containers of them, the parameters of a module), the checks see
named inputs, and ask for three things: the results at a point, cotangents pulled back, tangents pushed forward.
float32 is widened, so that no rule is blamed for the precision of its numbers.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy import ndarray

import autograd.tree as tree
from autograd.check.call import Call
from autograd.check.name import argument_names, name_of
from autograd.errors import GradientError, OperandError, describe, place
from autograd.graph import descendants, topological_order
from autograd.modes import enable_grad, no_grad
from autograd.node import Node
from autograd.primitive import LEAF
from autograd.scattered import Scatter
from autograd.sweep import contributions, nodes, numbers, pull_back, push_forward
from autograd.tensor import Tensor
from autograd.value import Value

Point = Sequence[ndarray]  # an array for each input


@dataclass(frozen=True, slots=True)
class Input:
    """Something that the function is differentiated by."""

    name: str
    value: ndarray  # in float64
    dtype: Any
    single: bool  # a Value, not a Tensor
    parameter: Node | None = None  # of a module: a node whose data is exchanged

    def node(self, x: ndarray) -> Node:
        """A leaf that holds x."""
        if self.parameter is not None:
            self.parameter.data = float(x) if self.single else x
            return self.parameter
        return Value(float(x)) if self.single else Tensor(x)


class Record:
    """One recorded run: its inputs, its outputs, and the graph between them. Sweep it before the next is made: the
    parameters of a module, and what custom functions have saved, are those of the latest run.
    """

    def __init__(self, inputs: Sequence[Node], outputs: Sequence[Node]) -> None:
        self.inputs = list(inputs)
        self.outputs = list(outputs)
        self.order = descendants(topological_order(self.outputs, stop=self.inputs), self.inputs)

    @property
    def results(self) -> ndarray:
        """All results in one row."""
        return joined([np.asarray(y.data, float) for y in self.outputs])

    def pull(self, cotangents: Sequence[Any], see: Callable[[Node], Any] = numbers) -> list[Any]:
        """The cotangent of every input (None where none arrives), given those of the outputs."""
        own = set(self.inputs)
        found = {x: g for x, g in self._pulled(cotangents, see) if x in own}
        return [found.get(x) for x in self.inputs]

    def _pulled(self, cotangents: Sequence[Any], see: Callable[[Node], Any] = numbers) -> Iterator[tuple[Node, Any]]:
        seeds: dict[Node, Any] = {}
        for y, g in zip(self.outputs, cotangents, strict=True):
            if y.primitive is not None:
                seeds[y] = seeds[y] + y.seed(g) if y in seeds else y.seed(g)
        with np.errstate(all="ignore"):
            yield from pull_back(list(self.order), seeds, see, among=set(self.order))

    def push(self, tangents: Sequence[ndarray]) -> list[Any]:
        """The tangent of every output (None for zero), given those of the inputs."""
        with np.errstate(all="ignore"):
            found = push_forward(self.order, {x: x.seed(t) for x, t in zip(self.inputs, tangents, strict=True)})
        return [found.get(y) for y in self.outputs]

    def sizes(self) -> tuple[ndarray, float]:
        """How large the numbers are that results and gradients are summed up from, which matters where they cancel.

        For each result the largest number on the way, times what the result makes of it: it is as exact as that one
        has digits. For the gradients the largest part of a sum that comes out a millionth as large or less.
        """
        seeds = [np.random.default_rng(0).uniform(0.5, 1.0, np.shape(y.data)) for y in self.outputs]
        largest = [np.array(np.abs(y.data), float, ndmin=1) for y in self.outputs]
        arrived: dict[Node, float] = {}
        cancelled = 0.0
        try:
            swept = [(node, g, self._parts(node, g)) for node, g in self._pulled(seeds)]
        except Exception:  # a rule that is as wrong as this will be told of elsewhere
            swept = []
        for node, g, parts in swept:
            total, most = _most(g), arrived.get(node, 0.0)
            if total < 1e-6 * most < np.inf:
                cancelled = max(cancelled, most)
            if np.shape(g) != np.shape(node.data):  # a rule that is wrong, and will be told of elsewhere
                continue
            with np.errstate(all="ignore"):
                reach = np.nan_to_num(np.abs(node.data * np.asarray(g, float)), nan=0.0, posinf=0.0)
            for y in largest:
                np.maximum(y, reach if reach.shape == y.shape else _most(reach), out=y)
            for parent, part in parts:
                arrived[parent] = max(arrived.get(parent, 0.0), part)
        return joined(largest), cancelled

    def _parts(self, node: Node, g: Any) -> list[tuple[Node, float]]:
        """How large the contributions are that a node sends to its parents."""
        wanted = [p.primitive is not None for p in node.parents]
        if not any(wanted):
            return []
        sent = zip(node.parents, contributions(node, g, wanted), strict=True)
        return [(p, _most(part.dense() if type(part) is Scatter else part)) for p, part in sent if part is not None]

    def split(self, row: ndarray) -> list[ndarray]:
        """A row of all results as one array for each output."""
        return parted(row, [np.shape(y.data) for y in self.outputs])


class Subject(Protocol):
    """What can be checked."""

    name: str
    inputs: list[Input]

    def record(self, point: Point) -> Record:
        """Run it and remember the graph."""

    def values(self, point: Point) -> ndarray:
        """All results in one row, without a graph."""

    def magnitude(self, point: Point) -> float:
        """The size of what is computed on the way, beside which rounding is nothing."""


class Function:
    """A function of named inputs: `call` takes a node for each."""

    def __init__(self, name: str, inputs: list[Input], call: Callable[[Sequence[Any]], Any]) -> None:
        self.name = name
        self.inputs = inputs
        self.call = call

    def record(self, point: Point) -> Record:
        """Run it and remember the graph. Errors: GradientError when nothing comes back that has one."""
        inputs = [given.node(x) for given, x in zip(self.inputs, point, strict=True)]
        with enable_grad(), np.errstate(all="ignore"):
            result = self.call(inputs)
        outputs = _outputs(result)
        if not outputs:
            raise GradientError(
                f"gradcheck of {self.name}: it returned {_kind(result)}, and no Value or Tensor of floats.{place()}\n"
                "  Use autograd's functions or NumPy's, not the math module's, and no float(), .item() or .data inside."
            )
        return Record(inputs, outputs)

    def values(self, point: Point) -> ndarray:
        """All results in one row, without a graph."""
        before = [(given, given.parameter.data) for given in self.inputs if given.parameter is not None]
        try:
            with no_grad(), np.errstate(all="ignore"):
                result = self.call([given.node(x) for given, x in zip(self.inputs, point, strict=True)])
        finally:
            for given, data in before:
                given.parameter.data = data  # type: ignore[union-attr]
        return joined([np.asarray(y.data, float) for y in _outputs(result)])

    def magnitude(self, point: Point) -> float:
        """The size of its results."""
        return float(np.max(np.abs(self.values(point)), initial=0.0))

    def complex_values(self, point: Sequence[ndarray]) -> ndarray | None:
        """All results in one row at a complex point, or None where the function takes no complex numbers."""
        if any(given.parameter is not None for given in self.inputs):
            return None
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("error")  # one is given where an imaginary part is dropped
                result = self.call(
                    [x.item() if given.single else x for given, x in zip(self.inputs, point, strict=True)]
                )
            return joined([np.asarray(y) for y in tree.leaves(result) if np.asarray(y).dtype.kind in "fc"])
        except Exception:  # whatever a function says that was not written for them
            return None

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Afterwards the parameters of a module hold the arrays that they held before."""
        before = [(given.parameter, given.parameter.data) for given in self.inputs if given.parameter is not None]
        try:
            yield
        finally:
            for parameter, data in before:
                parameter.data = data


class Gradient:
    """The gradient of a subject as a function of its inputs and of the cotangents: what second order is about."""

    def __init__(self, of: Subject, cotangents: Sequence[ndarray]) -> None:
        self.of = of
        self.name = f"the gradient of {of.name}"
        many = len(cotangents) > 1
        self.inputs = of.inputs + [
            Input(f"the upstream gradient{f' {i}' if many else ''}", g, g.dtype, not g.ndim)
            for i, g in enumerate(cotangents)
        ]

    def record(self, point: Point) -> Record:
        """Record the function, and then its reverse sweep."""
        count = len(self.of.inputs)
        forward = self.of.record(point[:count])
        seeds = [y.wrap(g) for y, g in zip(forward.outputs, point[count:], strict=True)]
        for seed in seeds:
            seed.primitive = LEAF
        with enable_grad():
            found = forward.pull(seeds, nodes)
        outputs = [_node(g, x) for g, x in zip(found, forward.inputs, strict=True)]
        return Record([*forward.inputs, *seeds], outputs)

    def values(self, point: Point) -> ndarray:
        """The gradient as numbers."""
        count = len(self.of.inputs)
        with np.errstate(all="ignore"):
            found = self.of.record(point[:count]).pull(point[count:])
        return joined([x * 0.0 if g is None else np.asarray(g, float) for g, x in zip(found, point, strict=False)])

    def magnitude(self, point: Point) -> float:
        """The size of its results, or of those of the function itself, when they are larger: a gradient may cancel."""
        of = self.of.magnitude(point[: len(self.of.inputs)])
        return max(of, float(np.max(np.abs(self.values(point)), initial=0.0)))


def _node(g: Any, x: Node) -> Node:
    """A gradient by x as a node."""
    if isinstance(g, Node):
        return g
    return x.wrap(np.zeros(np.shape(x.data)) if g is None else g)  # type: ignore[no-any-return]


def _most(x: Any) -> float:
    """The largest magnitude."""
    return float(np.max(np.abs(x), initial=0.0))


def joined(arrays: Sequence[ndarray]) -> ndarray:
    """Arrays as one row."""
    return np.concatenate([x.ravel() for x in arrays]) if arrays else np.zeros(0)


def parted(row: ndarray, shapes: Sequence[tuple[int, ...]]) -> list[ndarray]:
    """A row as arrays of these shapes."""
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    return [part.reshape(shape) for part, shape in zip(np.split(row, ends[:-1]), shapes, strict=True)]


def _outputs(result: Any) -> list[Node]:
    return [y for y in tree.leaves(result) if isinstance(y, Node) and np.asarray(y.data).dtype.kind == "f"]


def _kind(result: Any) -> str:
    return "None" if result is None else describe(result)


# What is checked: functions of the user's, and single nodes of a graph


def of_function(function: Callable[..., Any], args: Sequence[Any], argnums: Sequence[int] | None = None) -> Function:
    """A function of the user's, at the arguments given.

    It is differentiated by the arguments chosen by `argnums`; else by its Values and Tensors that require grad; else,
    where there are none, by all floats and arrays of floats; and, when it is a module, by its parameters as well.
    """
    names = argument_names(function, len(args))
    places = [(i, path, x) for i, arg in enumerate(args) for path, x in _leaves(names[i], arg)]
    if argnums is not None:
        chosen = [i in {n % len(args) for n in argnums} and _is_float(x) for i, _, x in places]
    elif any(_requires_grad(x) for _, _, x in places):
        chosen = [_requires_grad(x) for _, _, x in places]
    else:
        chosen = [_is_float(x) for _, _, x in places]
    inputs = [_input(path, x) for (_, path, x), wanted in zip(places, chosen, strict=True) if wanted]
    parameters = getattr(function, "named_parameters", None)
    if parameters is not None:
        inputs += [_input(path, p, parameter=p) for path, p in parameters() if p.primitive is not None]
    if not inputs:
        given = ", ".join(f"{path}: {describe(x)}" for _, path, x in places) or "no arguments"
        raise OperandError(
            f"gradcheck needs floats to differentiate by, and got {given}.{place()}\n"
            "  Write the numbers with a point (2.0), convert arrays with .astype(float)."
        )
    infinite = [given.name for given in inputs if not np.isfinite(given.value).all()]
    if infinite:
        raise OperandError(f"gradcheck needs a finite point: {', '.join(infinite)} holds inf or nan.{place()}")

    def call(fresh: Sequence[Any]) -> Any:
        new = iter(fresh)
        leaves = [next(new) if wanted else x for (_, _, x), wanted in zip(places, chosen, strict=True)]
        return function(*tree.fill(tuple(args), iter(leaves)))

    return Function(name_of(function), inputs, call)


def of_node(node: Node) -> Function:
    """The operation of one node as a function of those operands that derivatives flow into, at their values."""
    again = Call(node)
    chosen = [parent.primitive is not None for parent in node.parents]
    parents = zip(again.names, node.parents, chosen, strict=True)
    inputs = [_input(name, parent) for name, parent, wanted in parents if wanted]

    def call(fresh: Sequence[Any]) -> Any:
        new = iter(fresh)
        return again.again([next(new) if wanted else x for x, wanted in zip(node.parents, chosen, strict=True)])

    return Function(again.primitive.name, inputs, call)


def _leaves(path: str, x: Any) -> Iterator[tuple[str, Any]]:
    """The leaves of an argument with their paths, in the order of `tree.leaves`."""
    if isinstance(x, dict):
        for key, part in x.items():
            yield from _leaves(f"{path}[{key!r}]", part)
    elif isinstance(x, list | tuple):
        for i, part in enumerate(x):
            yield from _leaves(f"{path}[{i}]", part)
    else:
        yield path, x


def _input(name: str, x: Any, parameter: Node | None = None) -> Input:
    data = x.data if isinstance(x, Node) else x
    single = isinstance(x, Value) or not isinstance(x, Node | ndarray)
    dtype = np.dtype(float) if single else np.asarray(data).dtype
    return Input(name, np.array(data, float), dtype, single, parameter)


def _requires_grad(x: Any) -> bool:
    return isinstance(x, Node) and x.requires_grad


def _is_float(x: Any) -> bool:
    if isinstance(x, Node):
        return np.asarray(x.data).dtype.kind == "f"
    return isinstance(x, float | np.floating) or (isinstance(x, ndarray) and x.dtype.kind == "f")
