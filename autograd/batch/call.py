"""Call: a primitive called on batches of one level, taken apart: whole operands, and which have the examples in front.

Here also are the ways in which batching rules bring operands into line, and the loop, for what has no rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.batch.level import Level
from autograd.batch.number import Batch
from autograd.errors import ShapeError, place
from autograd.primitive import Primitive
from autograd.rules.shaping import broadcast, reshape, shape_of, stack

BatchRule = Callable[["Call"], Any]


class Call(NamedTuple):
    """A call of a primitive in which at least one operand, or parameter, is mapped."""

    primitive: Primitive
    level: Level
    args: tuple[Any, ...]  # whole: a mapped one has the examples along its first axis
    mapped: tuple[bool, ...]
    params: Mapping[str, Any]  # as they came: there may be batches among them

    def run(self, *args: Any, **params: Any) -> Any:
        """The primitive of these operands, with these parameters in place of the given ones."""
        return self.primitive(*args, **({**self.params, **params} if params else self.params))

    def ndim(self, i: int = 0) -> int:
        """How many axes an operand has, in one example."""
        return len(shape_of(self.args[i])) - self.mapped[i]

    def shape(self, i: int = 0) -> tuple[int, ...]:
        """The shape of an operand, in one example."""
        return shape_of(self.args[i])[self.mapped[i] :]

    def spread(self) -> list[Any]:
        """All operands with the examples in front, those that are not mapped repeated (without copying)."""
        return [x if m else spread(x, self.level.size) for x, m in zip(self.args, self.mapped, strict=True)]

    def aligned(self, *cores: int) -> Sequence[Any]:
        """Operands whose leading axes broadcast as those of the examples do.

        All axes lead but the last `cores` of each operand, by default none. NumPy counts axes from the right, so mapped
        operands of fewer axes get new ones of size 1 after that of the examples.
        """
        leads = [len(shape_of(x)) - m for x, m in zip(self.args, self.mapped)]
        if cores:
            leads = [n - core for n, core in zip(leads, cores)]
        lead = max(leads)
        if lead == min(leads):
            return self.args
        found = list(self.args)
        for i, n in enumerate(leads):
            if n < lead and self.mapped[i]:
                shape = shape_of(found[i])
                found[i] = reshape(found[i], (shape[0], *(1,) * (lead - n), *shape[1:]))
        return found


def spread(x: Any, size: int) -> Any:
    """The same for every example: a new first axis."""
    return broadcast(x, shape=(size, *shape_of(x)))


def opened(x: Any, level: Level) -> tuple[Any, bool]:
    """What a number is at a level: its whole, and whether it is mapped."""
    return (x.whole, x.mapped) if type(x) is Batch and x.level is level else (x, False)


def holds(x: Any) -> bool:
    """Whether a static parameter is, or holds, a batch."""
    return type(x) is Batch or (isinstance(x, tuple | list) and any(map(holds, x)))


def example(x: Any, level: Level, i: int) -> Any:
    """A number, or a static parameter, as the i-th example has it."""
    if type(x) is Batch:
        return x if x.level is not level else x.whole[i] if x.mapped else x.whole
    if isinstance(x, tuple | list) and holds(x):
        return type(x)(example(part, level, i) for part in x)
    return x


def looped(call: Call) -> Any:
    """The primitive called for each example, and the results put together: right for every primitive."""

    def one(i: int) -> Any:
        args = [x[i] if m else x for x, m in zip(call.args, call.mapped, strict=True)]
        params = {key: example(value, call.level, i) for key, value in call.params.items()}
        if params.get("saved") is not None:
            params["saved"] = []  # where a call keeps what its own backward pass needs
        return call.primitive(*args, **params)

    if not call.level.size:
        return _none_of(call)
    return joined([one(i) for i in range(call.level.size)], call.primitive.name)


def _none_of(call: Call) -> Any:
    """The result for no examples at all: what one of zeros would have given says its shape."""
    zeros = [np.zeros(shape_of(x)[1:], x.dtype) if m else x for x, m in zip(call.args, call.mapped, strict=True)]
    one = call.primitive(*zeros, **call.params)
    return np.zeros((0, *shape_of(one)), getattr(one, "dtype", float))


def like(several: tuple[Any, ...], parts: Sequence[Any]) -> Any:
    """Parts as a tuple of the same kind: with names, if that has names."""
    return type(several)(*parts) if hasattr(several, "_fields") else tuple(parts)


def joined(results: Sequence[Any], name: str) -> Any:
    """The results of all examples along a new first axis; of several results, each."""
    if isinstance(results[0], tuple):
        return like(results[0], [joined(column, name) for column in zip(*results, strict=True)])
    shapes = {shape_of(y) for y in results}
    if len(shapes) > 1:
        raise ShapeError(
            f"{name} in vmap: the results of the examples differ in shape, {sorted(shapes)}, and cannot be one array."
            f"{place()}\n  Call the function for each example in a loop."
        )
    return stack(results)
