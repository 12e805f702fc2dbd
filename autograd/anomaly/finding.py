"""Finding: the operation that made the first bad number, as the search found it. What it means is said elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from numpy import isfinite, ndarray, zeros

from autograd.anomaly.number import Index, bad_places, first, is_finite, plain
from autograd.node import Node
from autograd.primitive import Primitive

Pass = Literal["forward", "backward", "tangent", "stale"]


@dataclass(frozen=True)
class Finding:
    """The culprit and its surroundings.

    | attribute | what it is |
    |---|---|
    | `where` | the pass in which it happened; of an array changed too late `"stale"` |
    | `nature` | `"nan"` or `"inf"` |
    | `node` | the result of the operation; or a leaf, when the number came in with it |
    | `bad` | the array that is the first bad one: the result, what was sent to an operand, the tangent |
    | `slot` | in the backward pass, and of a changed one: which operand; None where contributions were added up |
    | `given` | in the backward pass the cotangent that had arrived, or those that add up; else the tangents |
    | `path` | the nodes on the way of the gradient or result from the culprit to where it was noticed, culprit first |
    | `above` | in the backward pass the way that the gradient had come, from the culprit up to the result |
    | `adjoints` | in the backward pass what had arrived at each node |
    | `root` | the result |
    """

    where: Pass
    nature: str
    node: Node
    bad: Any
    root: Node
    path: list[Node]
    slot: int | None = None
    given: Any = None
    above: list[Node] = field(default_factory=list)
    adjoints: Mapping[Node, Any] = field(default_factory=dict)

    @property
    def primitive(self) -> Primitive | None:
        """What the culprit was made by; None for a leaf."""
        return self.node.primitive if self.node.parents else None

    @property
    def name(self) -> str:
        """The name of the operation; nothing for a leaf."""
        return self.primitive.name if self.primitive else ""

    @property
    def operands(self) -> list[Any]:
        """The arrays of the operands."""
        return [plain(parent) for parent in self.node.parents]

    @cached_property
    def index(self) -> Index:
        """Where the first bad number stands in `bad` that became bad here; a changed array has none."""
        if self.where == "stale" or plain(self.bad) is None or not self.nature:
            return ()
        given = [self.given] if self.where == "backward" else self.operands if self.where == "forward" else []
        new = new_places(given, self.bad, self.is_elementwise)
        return first(new if new.any() else bad_places(self.bad))

    @cached_property
    def is_elementwise(self) -> bool:
        """Whether one element of each operand made the bad one."""
        return is_elementwise(self.node)

    @cached_property
    def element(self) -> list[float]:
        """The elements of the operands that made the bad one; nothing where they are not single ones."""
        if self.where == "stale" or not self.is_elementwise:
            return []
        return [at(x, self.index) for x in self.operands]

    @cached_property
    def cotangent(self) -> float | None:
        """What arrived at that element in the backward pass."""
        g = plain(self.given) if self.where == "backward" else None
        if g is None or not self.is_elementwise:
            return None
        return at(g, self.index)


def at(x: ndarray, index: Index) -> float:
    """An element; of a single number that one."""
    return float(x[index] if x.ndim else x)


def is_elementwise(node: Node) -> bool:
    """Whether each element of a result comes from one element of each operand, in the same place."""
    primitive = node.primitive
    if primitive is None or not (primitive.partials or (primitive.broadcasts and "axis" not in node.params)):
        return False
    shape = getattr(plain(node), "shape", None)
    arrays = [plain(parent) for parent in node.parents]
    return shape is not None and all(x is not None and x.shape in (shape, ()) for x in arrays)


def new_places(operands: Iterable[Any], result: Any, elementwise: bool) -> ndarray:
    """Where a result is bad and its operands are not: what became bad there, became so in this operation."""
    bad: ndarray = ~isfinite(_certain(result))
    for operand in operands:
        x = plain(operand)
        if x is None or is_finite(x):
            continue
        if not elementwise or x.shape not in (bad.shape, ()):
            return zeros(bad.shape, bool)
        bad = bad & isfinite(x)
    return bad


def explains(operand: Any, result: Any, elementwise: bool) -> bool:
    """Whether a bad operand may be why the result is bad: not where they are bad in different elements."""
    a, b = plain(operand), plain(result)
    if a is None or b is None or not elementwise or a.shape != b.shape:
        return True
    return bool((bad_places(b) & ~isfinite(a)).any())


def _certain(x: Any) -> ndarray:
    found = plain(x)
    assert found is not None
    return found
