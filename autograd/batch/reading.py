"""How a primitive is read on batches: the operands are taken apart, computed all at once, and put together again.

Several levels may meet, and nodes between them. The innermost comes first: if a node is of it, the operation is
recorded there, on the batches behind; if not, the batches are opened, and what is inside is an operation on arrays,
Tensors, or batches of the levels outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd.batch.call import BatchRule, Call, looped, opened
from autograd.batch.level import Level
from autograd.batch.node import BatchTensor, record
from autograd.batch.number import Batch
from autograd.batch.rule import PLAIN, RULES, elementwise
from autograd.errors import OperandError, describe, place
from autograd.primitive import BATCH, KINDS, READINGS, REGISTRY, SYMBOL, Primitive


def on_batches(primitive: Primitive, args: Sequence[Any], params: dict[str, Any]) -> Any:
    """Compute a primitive for all examples of the innermost level among its operands and parameters."""
    level: Level | None = None
    recorded = False
    for x in args:
        kind = type(x)
        if kind is Batch:
            if level is None or x.level.number > level.number:
                level, recorded = x.level, False
        elif kind is BatchTensor and (level is None or x.data.level.number >= level.number):
            level, recorded = x.data.level, True
    for x in _batches(params):
        if level is None or x.level.number > level.number:
            level, recorded = x.level, False
    assert level is not None
    if recorded:
        return record(primitive, args, params, level)
    wholes, mapped = zip(*(opened(x, level) for x in args), strict=True)
    hidden = any(x.mapped for x in _batches(params) if x.level is level)
    if not hidden and not any(mapped):
        found = primitive(*wholes, **{key: _common(value, level) for key, value in params.items()})
        return _closed(found, level, False)
    return _closed(rule_of(primitive, hidden)(Call(primitive, level, wholes, mapped, params)), level, True)


def rule_of(primitive: Primitive, hidden: bool = False) -> BatchRule:
    """The batching rule of a primitive; `hidden`, there are batches among its parameters."""
    if primitive in PLAIN:
        return PLAIN[primitive]
    if REGISTRY.get(primitive.name) is primitive:
        if primitive.name in RULES and (not hidden or primitive.name in _OPENING):
            return RULES[primitive.name]
        if primitive.broadcasts and not hidden:
            return elementwise
    return looped


_OPENING = {"getitem", "index_add", "index_set", "softmax_cross_entropy", "attention", "rnn", "lstm", "gru"}
_OPENING |= {"max_pool_seen", "max_pool_given_back"}  # they look among their parameters themselves


def _closed(found: Any, level: Level, mapped: bool) -> Any:
    if isinstance(found, tuple):
        return tuple(_closed(part, level, mapped) for part in found)
    return Batch(level, found, mapped)


def _batches(x: Any) -> list[Batch]:
    """The batches among static parameters."""
    if type(x) is Batch:
        return [x]
    if isinstance(x, dict):
        x = x.values()
    elif not isinstance(x, tuple | list):
        return []
    return [batch for part in x for batch in _batches(part)]


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
