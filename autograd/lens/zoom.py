"""zoom: an operation on Tensors, opened into the graph of Values that it stands for."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy import ndarray

from autograd.errors import OperandError, ShapeError, describe, place
from autograd.graph import topological_order
from autograd.lens.agreement import agree
from autograd.lens.element import Elements, Index
from autograd.lens.frame import Operation, placed, scope_of
from autograd.lens.opening import moves, opening_of, refuse
from autograd.lens.region import Region, needed, region_of
from autograd.modes import enable_grad
from autograd.node import Node
from autograd.origin import Scope
from autograd.primitive import LEAF
from autograd.value import Value, constant
from autograd.view.names import all_names, names_of


def zoom(
    y: Node,
    index: Any = None,
    *,
    depth: float | None = None,
    inputs: Node | Iterable[Node] = (),
    limit: int = 20_000,
    names: Mapping[str, Any] | None = None,
) -> Any:
    """The operation that made y, opened into the graph of Values that it stands for: one element of it, or all.

    With an `index` of one element the Value that y[index] is; else an object array of Values, of the shape of y[index].
    They are made from new leaves, the elements of the operands, labelled as one would write them: `x[0, 2]`. The graph
    is one as any other: draw it, step through it, call `backward()` on it.

    - `depth`: how many operations are opened, one above the other; 1 if nothing is said, `math.inf` for all of them.
      Operations that only put elements to other places (reshape, transpose, broadcasting, indexing) are always opened,
      and are no nodes of the scalar graph. Where several are opened, each is a frame in pictures, which `draw(z,
      depth=0)` closes to one box.
    - `inputs`: the nodes to begin with: all between them and y is opened, unless `depth` says less.
    - `limit`: how many scalar operations there may be.
    - `names`: variables to take names from, in place of the caller's.

    Before it is returned, the scalar graph is checked: its values and its gradients, by its own backward pass, are
    those of the Tensors. No gradient of yours is touched.

    Errors: OperandError for what was not made by an operation, and for operations without a formula of finitely many
    steps (eigenvalues, singular values); ShapeError when it would be larger than `limit`; GradientError when values or
    gradients differ. Cost: some microseconds for each scalar operation, and for each element of y, where a rule is
    asked for its coefficients, about a backward pass through the operation.

    >>> import autograd
    >>> x = autograd.Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> w = autograd.Tensor([0.5, -1.0])
    >>> y = x @ w
    >>> y1 = autograd.zoom(y, 1)
    >>> print(autograd.draw(y1))
    x[1, 0]  leaf  data 3.0  grad ·
    w[0]  leaf  data 0.5  grad ·
    #2 = *(x[1, 0], w[0])  data 1.5  grad ·
    x[1, 1]  leaf  data 4.0  grad ·
    w[1]  leaf  data -1.0  grad ·
    #5 = *(x[1, 1], w[1])  data -4.0  grad ·
    y[1] = +(#2, #5)  data -2.5  grad ·
    """
    if not isinstance(y, Node):
        raise OperandError(f"zoom takes a Tensor or a Value that an operation has made, and got {_told(y)}.{place()}")
    if y.primitive is None or y.primitive is LEAF:
        why = "it is a leaf" if y.primitive else "it does not require grad, so nothing was recorded"
        raise OperandError(f"zoom of {_told(y)}: there is no operation to open, {why}.{place()}")
    if names is None:
        caller = sys._getframe(1)
        names = {**{k: v for k, v in caller.f_globals.items() if k not in caller.f_locals}, **caller.f_locals}
    ends = _ends(y, inputs)
    if depth is None:
        depth = np.inf if ends else 1
    places = _places(y, index)
    region = region_of(y, depth, ends)
    if not region.order:
        raise OperandError(f"zoom of {_told(y)}: nothing is opened, with depth={depth} and these inputs.{place()}")
    for node in region.order:
        refuse(node)
    with enable_grad():
        opened = _Opened(region, names, limit)
        values = opened.all(places.ravel())
    agree(region, places.ravel(), values, opened.leaves, opened.names.get(y, "it"))
    if not places.ndim:
        return values[0]
    found = np.empty(places.shape, object)
    found.ravel()[:] = values
    return found


def _told(y: Any) -> str:
    """What was given, in words; of the still copy that a Stepper has, what it is a copy of."""
    return describe(getattr(y, "original", y))


def _ends(y: Node, inputs: Node | Iterable[Node]) -> set[Node]:
    """The inputs. Errors: OperandError for what y was not made from."""
    ends = [inputs] if isinstance(inputs, Node) else list(inputs)
    known = set(topological_order([y], constants=True)) if ends else set()
    for x in ends:
        if not isinstance(x, Node) or x not in known:
            raise OperandError(f"zoom of {_told(y)}: it was not made from {describe(x)}, one of the inputs.{place()}")
    return set(ends)


def _places(y: Node, index: Any) -> ndarray:
    """The elements that are meant, as places in the raveled array. Errors: ShapeError."""
    shape = np.shape(y.data)
    every = np.arange(np.size(y.data)).reshape(shape)
    try:
        return every if index is None else np.asarray(every[index])
    except IndexError:
        raise ShapeError(f"zoom of {_told(y)}: it has no element {index}.{place()}") from None


class _Opened:
    """The Values of the nodes of a region, each made where it is needed."""

    def __init__(self, region: Region, names: Mapping[str, Any], limit: int) -> None:
        self.region = region
        self.limit = limit
        self.told: set[Node] = set()
        nodes = [*region.border, *region.order]
        known = names_of(nodes, names)
        self.named = set(known)
        self.names = all_names(nodes, known)
        self.leaves: dict[Node, dict[Index, Node]] = {node: {} for node in region.border}
        self.values: dict[Node, dict[Index, Any]] = {}
        self.elements = {node: Elements(np.shape(node.data), self._leaf(node)) for node in region.border}
        self.scopes = self._scopes()

    def _scopes(self) -> dict[Node, Scope]:
        """A frame for each operation that is opened, where they are several."""
        made = [node for node in self.region.order if not moves(node.primitive)]
        return {node: self._scope(node) for node in made} if len(made) > 1 else {}

    def _scope(self, node: Node) -> Scope:
        primitive: Any = node.primitive
        name, kind = (self.names[node], primitive.word) if node in self.named else (primitive.word, "")
        return Operation(name, kind, outer=scope_of(node))

    def all(self, places: ndarray) -> list[Any]:
        """The Values of these elements of the last node."""
        *_, y = self.region.order
        wanted = needed(self.region, places)
        if sum(len(found) for found in wanted.values()) > self.limit:
            self._too_many()
        for node in self.region.order:
            shape = np.shape(node.data)
            opening = opening_of(node, [self.elements[parent] for parent in node.parents])
            made = self.values[node] = {}
            for k in wanted.get(node, np.zeros(0, int)).tolist():
                index = tuple(map(int, np.unravel_index(k, shape)))
                made[index] = self._finished(node, index, opening(index))
            self.elements[node] = Elements(shape, self._made(node, made))
        last = self.elements[y]
        return [last[tuple(map(int, np.unravel_index(k, last.shape)))] for k in places.tolist()]

    def _leaf(self, node: Node) -> Any:
        """Elements of what the scalar graph begins with: leaves, or constants."""

        def make(index: Index) -> Any:
            x = node.data[index] if isinstance(node.data, ndarray) else node.data
            name = self._name(node, index)
            if node.primitive is None:
                if np.asarray(x).dtype.kind != "f" or not name:
                    return x.item() if hasattr(x, "item") else x
                made = constant(x)
                made.label = name
                return made
            leaf = self.leaves[node][index] = Value(float(x), label=name)
            return leaf

        return make

    def _made(self, node: Node, made: Mapping[Index, Any]) -> Any:
        """Elements of an opened node; one that no gradient comes to is a constant."""

        def find(index: Index) -> Any:
            found = made.get(index)
            return constant(np.asarray(node.data)[index]) if found is None else found

        return find

    def _name(self, node: Node, index: Index) -> str:
        name = self.names.get(node, "")
        return name + (f"[{', '.join(map(str, index))}]" if name and index else "")

    def _finished(self, node: Node, index: Index, x: Any) -> Any:
        """A Value that has just been made, with its name; and what it was made of, with the frame it stands in."""
        value = x if isinstance(x, Value) else constant(x)
        new = self._new(value)
        if len(self.told) > self.limit:
            self._too_many()
        if node.origin is not None or self.scopes:
            origin = placed(node, self.scopes.get(node))
            for part in new:
                part.origin = origin
        if new and node in self.named and not value.label:
            value.label = self._name(node, index)
        return value

    def _too_many(self) -> None:
        *_, y = self.region.order
        raise ShapeError(
            f"zoom of {_told(y)}: the graph of Values would have more than {self.limit:,} operations.{place()}\n"
            "  Open one element, zoom(y, index=(0, 0)), begin nearer, with depth= or inputs=, or allow more: limit=..."
        )

    def _new(self, value: Node) -> list[Node]:
        """The operations that a Value was made by since the last time."""
        found: list[Node] = []
        stack = [value]
        while stack:
            node = stack.pop()
            if node.parents and node not in self.told:
                self.told.add(node)
                found.append(node)
                stack += node.parents
        return found
