"""each: a function of the user's that takes plain numbers and arrays, called for one example after the other.

On batches it is a loop. On nodes whose numbers are batches the loop is one node, of which a rule is a loop again, over
the derivatives of the function at each example. So it is differentiated as often as the function can be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import autograd.tree as tree
from autograd.batch.call import example, joined
from autograd.batch.level import Level, active, resuming
from autograd.batch.node import BatchTensor, lift, node_of
from autograd.batch.number import Batch
from autograd.modes import recording
from autograd.node import Node
from autograd.origin import observe
from autograd.primitive import Primitive
from autograd.recompute import OUTPUT, Parts
from autograd.transform import jvp, vjp

Function = Callable[..., Any]


def each(function: Function, *operands: Any) -> Any:
    """The results of a function for each example of the innermost level among its operands."""
    level, recorded = _innermost(operands)
    if not recorded:
        return _loop(function, operands, level)
    slots = [i for i, x in enumerate(operands) if isinstance(x, Node | Batch)]
    nodes = [lift(operands[i], level) for i in slots]

    def inner(*xs: Any) -> Any:
        filled = list(operands)
        for i, x in zip(slots, xs, strict=True):
            filled[i] = x
        return function(*filled)

    found = each(inner, *(x.data for x in nodes))
    if not recording() or all(x.primitive is None for x in nodes):
        return found
    params = {"function": inner}
    if not isinstance(found, tuple):
        return _made(found, EACH, nodes, params)
    hub = _made(Batch(level, np.zeros(()), False), EACH, nodes, params | {"count": len(found)})
    return tuple(_made(y, OUTPUT, (hub,), {"index": i}) for i, y in enumerate(found))


def _loop(function: Function, operands: Sequence[Any], level: Level) -> Any:
    with _outside(level):
        found = [function(*(example(x, level, i) for x in operands)) for i in range(level.size)]
        if not found:  # of no examples the shape is that of one of zeros
            one = function(*(np.zeros(x.shape, x.dtype) if type(x) is Batch else x for x in operands))
            return tree.transform(lambda y: Batch(level, np.zeros((0, *np.shape(y)))), one)
    return _closed(joined(found, getattr(function, "__name__", "a function")), level)


def _outside(level: Level) -> resuming:
    """Outside a level: there a single example is an example no longer."""
    return resuming(*(other for other in active() if other.number < level.number))


def each_contribution(pull: Function, g: Any, *rest: Any) -> list[Any]:
    """What a rule sends to each operand, for each example of a cotangent."""
    level, _ = _innermost([g])
    with _outside(level):
        rows = [pull(example(g, level, i), *rest) for i in range(level.size)]
    return [None if column[0] is None else Batch(level, joined(column, "a rule")) for column in zip(*rows, strict=True)]


class _Each(Primitive):
    """A function called for each example, as a node."""

    crosses = True

    def pull(self, g: Any, y: Any, args: Sequence[Any], wanted: Sequence[bool], params: Any) -> list[Any]:
        """The cotangents of the operands, by the vjp of the function at each example."""
        function, count = params["function"], params.get("count")
        slots = [i for i, want in enumerate(wanted) if want]
        parts = [g] if count is None else [g.parts.get(i, (None,))[0] for i in range(count)]
        known = [i for i, part in enumerate(parts) if part is not None]

        def pulled(*xs: Any) -> Any:
            gs, inputs = xs[: len(known)], xs[len(known) :]

            def of(*chosen: Any) -> Any:
                filled = list(inputs)
                for i, x in zip(slots, chosen, strict=True):
                    filled[i] = x
                ys = function(*filled)
                return tuple(ys[i] for i in known) if count is not None else ys

            found = vjp(of, *(inputs[i] for i in slots))[1](gs if count is not None else gs[0])
            return found if len(found) > 1 else found[0]

        found = each(pulled, *(parts[i] for i in known), *args)
        found = dict(zip(slots, found if len(slots) > 1 else [found], strict=True))
        return [found.get(i) for i in range(len(args))]

    def push(self, tangents: Sequence[Any], y: Any, args: Sequence[Any], params: Any) -> Any:
        """The tangent of the result, by the jvp of the function at each example."""
        function, slots = params["function"], [i for i, t in enumerate(tangents) if t is not None]

        def pushed(*xs: Any) -> Any:
            ts, inputs = xs[: len(slots)], xs[len(slots) :]

            def of(*chosen: Any) -> Any:
                filled = list(inputs)
                for i, x in zip(slots, chosen, strict=True):
                    filled[i] = x
                return function(*filled)

            return jvp(of, tuple(inputs[i] for i in slots), ts)[1]

        found = each(pushed, *(tangents[i] for i in slots), *args)
        return found if params.get("count") is None else Parts({i: (t, None) for i, t in enumerate(found)})


EACH = _Each("each", None, np.asarray, domain=(), doc="A function called for each example of a batch.")


def _innermost(operands: Sequence[Any]) -> tuple[Level, bool]:
    """The level to loop over, and whether nodes are of it."""
    levels = [(x.level.number, False, x.level) for x in operands if type(x) is Batch]
    levels += [(x.data.level.number, True, x.data.level) for x in operands if type(x) is BatchTensor]
    _, recorded, level = max(levels, key=lambda found: found[:2])
    return level, recorded


def _closed(found: Any, level: Level) -> Any:
    return tuple(_closed(y, level) for y in found) if isinstance(found, tuple) else Batch(level, found)


def _made(data: Any, primitive: Primitive, parents: Sequence[Node], params: dict[str, Any]) -> BatchTensor:
    node = node_of(data)
    node.primitive, node.parents, node.params = primitive, tuple(parents), params
    observe(node)
    return node
