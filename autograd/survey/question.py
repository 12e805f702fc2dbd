"""Question: what `graph.where` is asked, read from the names of its arguments: `op="exp"`, `grad_abs_gt=10`."""

from __future__ import annotations

import operator
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

import numpy as np

from autograd.errors import OperandError, place
from autograd.node import Node

Test = Callable[[Node], bool]

_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
    "ne": operator.ne,
}
FIELDS = (
    "op",
    "name",
    "kind",
    "shape",
    "ndim",
    "size",
    "dtype",
    "data",
    "data_abs",
    "grad",
    "grad_abs",
    "line",
    "file",
)


def question(asked: dict[str, Any], names: dict[Node, str]) -> Test:
    """A test of one node that all conditions must pass.

    Errors: OperandError for a condition that is none, with the one that may be meant.
    """
    tests = [_condition(key, wanted, names) for key, wanted in asked.items()]
    return lambda node: all(test(node) for test in tests)


def _condition(key: str, wanted: Any, names: dict[Node, str]) -> Test:
    if key in ("nan", "inf", "finite"):
        check = {"nan": np.isnan, "inf": np.isinf, "finite": np.isfinite}[key]
        every = key == "finite"
        return lambda node: _holds(check(_numbers(node.data)), every) == bool(wanted)
    if key == "requires_grad":
        return lambda node: (node.primitive is not None) == bool(wanted)
    field, _, ending = key.rpartition("_")
    compare = _COMPARISONS.get(ending) if field in FIELDS else None
    if compare is None and ending == "in" and field in FIELDS:
        return lambda node: not _called(node, field, names).isdisjoint(wanted)
    if compare is None:
        field, compare = key, operator.eq
    if field not in FIELDS:
        known = [*FIELDS, "nan", "inf", "finite", "requires_grad"]
        close = get_close_matches(key, [*known, *(f"{f}_{c}" for f in FIELDS for c in _COMPARISONS)], 1)
        hint = f"Is {close[0]!r} meant?" if close else f"There are {', '.join(known)}, and endings such as grad_abs_gt."
        raise OperandError(f"a graph cannot be asked for {key!r}.{place()}\n  {hint}")

    if field in ("op", "name", "kind") and compare in (operator.eq, operator.ne):
        return lambda node: (wanted in _called(node, field, names)) == (compare is operator.eq)

    def test(node: Node) -> bool:
        found = _field(node, field, names)
        if found is None:
            return wanted is None and compare is operator.eq
        with np.errstate(invalid="ignore"):
            return bool(np.any(compare(found, tuple(wanted) if field == "shape" else wanted)))

    if field == "shape":
        return lambda node: bool(compare(_field(node, field, names), tuple(wanted)))
    return test


def _called(node: Node, field: str, names: dict[Node, str]) -> set[Any]:
    """What a node may be called there: an operation has a name and a sign, `multiply` and `*`."""
    if field == "op" and node.parents:
        return {node.operation, node.primitive.name}  # type: ignore[union-attr]
    return {_field(node, field, names)}


def _field(node: Node, field: str, names: dict[Node, str]) -> Any:
    """What a node has under that name; None where it has nothing."""
    if field == "op":
        return node.operation if node.parents else None
    if field == "name":
        return names.get(node)
    if field == "kind":
        return kind(node)
    if field in ("line", "file"):
        return getattr(node.origin, field, None)
    if field in ("grad", "grad_abs"):
        g = gradient(node)
        return None if g is None else np.abs(g) if field == "grad_abs" else g
    data = _numbers(node.data)
    return {
        "shape": data.shape,
        "ndim": data.ndim,
        "size": data.size,
        "dtype": str(data.dtype),
        "data": data,
        "data_abs": np.abs(data),
    }[field]


def kind(node: Node) -> str:
    """ "result", "leaf" or "constant"."""
    return "result" if node.parents else "leaf" if node.primitive is not None else "constant"


def gradient(node: Node) -> Any:
    """The gradient of a node as numbers; None where none has been computed."""
    g = getattr(node, "grad", None)
    if g is None or g is node.no_gradient:
        return None
    return np.asarray(getattr(g, "data", g))


def _numbers(data: Any) -> np.ndarray:
    return np.asarray(data)


def _holds(found: Any, every: bool) -> bool:
    return bool(np.all(found) if every else np.any(found))
