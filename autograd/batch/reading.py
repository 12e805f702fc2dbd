"""How a primitive is read on batches: the operands are taken apart, computed all at once, and put together again.

Several levels may meet, and nodes between them. The innermost comes first: if a node is of it, the operation is
recorded there, on the batches behind; if not, the batches are opened, and what is inside is an operation on arrays,
Tensors, or batches of the levels outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.batch.call import BatchRule, Call, looped
from autograd.batch.level import Level
from autograd.batch.node import BatchTensor, record
from autograd.batch.number import Batch
from autograd.batch.rule import PLAIN, RULES, elementwise
from autograd.errors import OperandError, ShapeError, describe, place
from autograd.primitive import BATCH, KINDS, READINGS, REGISTRY, SYMBOL, Primitive

__all__ = ["Batch", "on_batches"]


def on_batches(primitive: Primitive, args: Sequence[Any], params: dict[str, Any]) -> Any:
    """Compute a primitive for all examples of the innermost level among its operands and parameters."""
    level: Level | None = None
    recorded = hidden = False
    for x in args:
        kind = type(x)
        if kind is Batch:
            if level is None or x.level.number > level.number:
                level, recorded = x.level, False
        elif kind is BatchTensor and (level is None or x.data.level.number >= level.number):
            level, recorded = x.data.level, True
    inside = _batches(params) if params else ()
    for x in inside:
        if level is None or x.level.number > level.number:
            level, recorded = x.level, False
    assert level is not None
    if recorded:
        return record(primitive, args, params, level)
    if inside:
        hidden = any(x.mapped for x in inside if x.level is level)
        params = params if hidden else {key: _common(value, level) for key, value in params.items()}
    wholes, mapped, some = [], [], hidden
    for x in args:
        if type(x) is Batch and x.level is level:
            wholes.append(x.whole)
            mapped.append(x.mapped)
            some = some or x.mapped
        else:
            wholes.append(x)
            mapped.append(False)
    try:
        if not some:
            return _closed(primitive(*wholes, **params), level, False)
        rule = (_known.get(primitive) if not hidden else None) or rule_of(primitive, hidden)
        return _closed(rule(Call(primitive, level, tuple(wholes), tuple(mapped), params)), level, True)
    except (ShapeError, OperandError) as error:
        if not getattr(error, "__notes__", ()):
            error.add_note(f"  inside vmap: for one example the operands are {', '.join(map(describe, args))}")
        raise


_known: dict[Primitive, BatchRule] = {}


def rule_of(primitive: Primitive, hidden: bool = False) -> BatchRule:
    """The batching rule of a primitive; `hidden`, there are batches among its parameters."""
    if primitive in PLAIN:
        return PLAIN[primitive]
    if REGISTRY.get(primitive.name) is not primitive:
        return looped
    found: BatchRule = RULES.get(primitive.name, elementwise if primitive.broadcasts else looped)
    if hidden:
        return found if primitive.name in _OPENING else looped
    _known[primitive] = found
    return found


_OPENING = {"getitem", "index_add", "index_set", "softmax_cross_entropy", "attention", "rnn", "lstm", "gru"}
_OPENING |= {"max_pool_seen", "max_pool_given_back"}  # they look among their parameters themselves


def _closed(found: Any, level: Level, mapped: bool) -> Any:
    if type(found) is tuple:
        return tuple(_closed(part, level, mapped) for part in found)
    return Batch(level, found, mapped)


def _batches(x: Any) -> Sequence[Batch]:
    """The batches among static parameters."""
    if type(x) is Batch:
        return [x]
    if isinstance(x, dict):
        x = x.values()
    elif not isinstance(x, tuple | list):
        return ()
    return [batch for part in x if type(part) not in _PLAIN for batch in _batches(part)]


_PLAIN = {int, float, bool, str, type(None), slice, np.ndarray, np.dtype}


def _common(x: Any, level: Level) -> Any:
    """A parameter that is the same for every example, opened."""
    if type(x) is Batch:
        return x.whole if x.level is level else x
    return type(x)(_common(part, level) for part in x) if isinstance(x, tuple | list) and _batches(x) else x


def _refuse(primitive: Primitive, args: Sequence[Any], params: dict[str, Any]) -> Any:
    raise OperandError(f"{primitive.name} has no reading for {', '.join(map(describe, args))}.{place()}")


for _union in range(BATCH, 2 * BATCH):
    READINGS[_union] = _refuse if _union & SYMBOL else on_batches
assert KINDS[Batch] == KINDS[BatchTensor] == BATCH
