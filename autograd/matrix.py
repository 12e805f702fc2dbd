"""Whole matrices of derivatives, jacobian and hessian: sweeps of all unit vectors at once.

The unit vectors are a batch, so one sweep carries all of them, or as many as memory allows. Where there are few, or the
graph holds Values, or a function of the user's that takes plain arrays, they go one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from math import prod
from typing import Any

import numpy as np

import autograd.tree as tree
from autograd.batch.level import Level
from autograd.hook import hooked
from autograd.node import Node
from autograd.operand import plain
from autograd.primitive import REGISTRY
from autograd.rules.shaping import Shape, broadcast, concatenate, moveaxis, reshape, shape_of, stack
from autograd.run import Argnums, Function, Run
from autograd.tensor import Tensor
from autograd.tensor import constant as tensor_constant
from autograd.transform import grad

__all__ = ["hessian", "jacfwd", "jacobian", "jacrev"]

ROOM = 1 << 26  # bytes of the largest array in a sweep, of all unit vectors that go together
FEW = 4  # so many are as fast one by one, since each operation on a batch costs some microseconds more

Sweep = Callable[[Sequence[Any]], list[Any]]


def jacobian(
    function: Function, argnums: Argnums = 0, *, mode: str | None = None, argnum: Argnums | None = None
) -> Function:
    """The derivative of every element of the result by every element of the arguments: shape (*result, *argument).

    For containers, a container of the result's form, of containers of the argument's form. `mode` is "reverse" or
    "forward"; by itself it is reverse mode if the result has fewer elements than the arguments, else forward mode.

    Cost: one sweep for each element on the smaller side, all of them made together.

    >>> import numpy as np
    >>> jacobian(lambda x: x ** 2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    if mode not in (None, "forward", "reverse"):
        raise ValueError(f'jacobian: mode is "forward" or "reverse", not {mode!r}.')
    argnums = argnums if argnum is None else argnum

    @wraps(function)
    def matrix(*args: Any, **kwargs: Any) -> Any:
        run = Run(function, args, kwargs, argnums)
        ins, outs = ([np.shape(plain(x)) for x in side] for side in (run.inputs, run.outputs))
        forward = sum(map(prod, ins)) <= sum(map(prod, outs)) if mode is None else mode == "forward"
        if forward:
            columns = [_swept(run, run.push, run.inputs, i) for i in range(len(ins))]
            blocks = [[column[o] for column in columns] for o in range(len(outs))]
        else:
            blocks = [_swept(run, run.pull, run.outputs, o) for o in range(len(outs))]
        rows = [
            run.shaped([_shaped(block, out, inside, forward) for block, inside in zip(row, ins, strict=True)])
            for row, out in zip(blocks, outs, strict=True)
        ]
        return tree.fill(run.result, iter(rows))

    return matrix


def jacrev(function: Function, argnums: Argnums = 0) -> Function:
    """`jacobian` by reverse mode: JAX's name for it."""
    return jacobian(function, argnums, mode="reverse")


def jacfwd(function: Function, argnums: Argnums = 0) -> Function:
    """`jacobian` by forward mode: JAX's name for it."""
    return jacobian(function, argnums, mode="forward")


def hessian(function: Function, argnums: Argnums = 0, *, argnum: Argnums | None = None) -> Function:
    """The second derivatives of a function whose result is a single number: the Jacobian of its gradient.

    Shape (*argument, *argument); for containers, a container of containers. By forward mode over reverse mode.

    >>> import numpy as np
    >>> hessian(lambda x: (x ** 3).sum())(np.array([1.0, 2.0]))
    array([[ 6.,  0.],
           [ 0., 12.]])
    """
    argnums = argnums if argnum is None else argnum
    return jacobian(grad(function, argnums), argnums, mode="forward")


def _swept(run: Run, sweep: Sweep, starts: Sequence[Any], k: int) -> list[Any]:
    """What the unit vectors of one start become at each end, along a first axis; of a single number, just that."""
    shape, dtype = np.shape(plain(starts[k])), getattr(starts[k], "dtype", float)
    n = prod(shape)

    def ends(seed: Any) -> list[Any]:
        return sweep([seed if j == k else None for j in range(len(starts))])

    if not shape:
        return ends(1.0)
    if not n:
        return [np.zeros((0, *np.shape(plain(y))), dtype) for y in ends(np.zeros(shape, dtype))]
    if n > FEW and _can_go_together(run):
        step = max(1, ROOM // max(x.data.nbytes for x in run.order)) if run.order else n
        parts = [_together(ends, shape, dtype, range(first, min(first + step, n)), run) for first in range(0, n, step)]
        return [column[0] if len(column) == 1 else concatenate(column) for column in zip(*parts, strict=True)]
    columns = zip(*(ends(_units(shape, dtype, [i])[0]) for i in range(n)), strict=True)
    return [_row(column) for column in columns]


def _units(shape: Shape, dtype: Any, numbers: Sequence[int]) -> Any:
    """The unit vectors of these numbers, along a first axis."""
    units = np.zeros((len(numbers), prod(shape)), dtype)
    units[range(len(numbers)), numbers] = 1
    return units.reshape(-1, *shape)


def _can_go_together(run: Run) -> bool:
    """Whether every rule on the way is one of ours, for Tensors, and no hook wants to see single gradients."""
    return not hooked and all(
        isinstance(x, Tensor) and (x.is_leaf or REGISTRY.get(x.primitive.name) is x.primitive)  # type: ignore[union-attr]
        for x in run.order
    )


def _together(ends: Callable[[Any], list[Any]], shape: Shape, dtype: Any, numbers: range, run: Run) -> list[Any]:
    from autograd.batch.call import opened
    from autograd.batch.reading import Batch  # with it come the rules of batches, which others need not wait for

    level = Level(len(numbers))
    found = []
    for y in ends(Batch(level, _units(shape, dtype, numbers))):
        whole, mapped = opened(y, level)
        whole = whole if mapped else broadcast(whole, shape=(len(numbers), *shape_of(whole)))
        constant = run.like is not None and isinstance(whole, np.ndarray)
        found.append(tensor_constant(whole) if constant else whole)
    return found


def _row(parts: Sequence[Any]) -> Any:
    """Results of sweeps along a first axis."""
    if any(isinstance(p, Node) and p.primitive is not None for p in parts):
        return stack(parts)
    whole = np.stack([plain(p) for p in parts])
    return tensor_constant(whole) if isinstance(parts[0], Tensor) else whole


def _shaped(block: Any, out: Shape, inside: Shape, forward: bool) -> Any:
    """Rows (or, from forward mode, columns) of a matrix in the shape (*out, *inside)."""
    if not (inside if forward else out):
        return block
    return reshape(moveaxis(block, 0, -1) if forward else block, out + inside)
