"""vmap: a function of one example as a function of many, which runs once."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from importlib import import_module as _import_module
from typing import Any

import numpy as np
from numpy import ndarray

import autograd.tree as tree
from autograd.batch.level import Level, within
from autograd.batch.node import BatchTensor
from autograd.batch.number import Batch
from autograd.errors import OperandError, ShapeError, describe, place
from autograd.node import Node
from autograd.operand import plain
from autograd.rules.shaping import broadcast, concatenate, moveaxis, shape_of
from autograd.tensor import Tensor
from autograd.tensor import constant as tensor_constant

__all__ = ["vmap"]

_import_module("autograd.batch.reading")  # from here on the primitives know batches

Function = Callable[..., Any]
Axes = Any  # None, a number, or a container of them: a prefix of the arguments' form


def vmap(
    function: Function,
    in_axes: Axes = 0,
    out_axes: Axes = 0,
    axis_size: int | None = None,
    *,
    randomness: str = "different",
    chunk_size: int | None = None,
) -> Function:
    """The function applied to each example along an axis of its arguments, all examples at once.

    `function` is written for one example, of arrays, Tensors, and lists, tuples and dicts of them; what comes back has
    the results of all examples along a new axis. It may be a gradient, and the result may be differentiated:
    `vmap(grad(loss), (None, 0, 0))` finds a gradient for each example, `grad` of a `vmap` goes through it. A function
    that is mapped may map another.

    `in_axes` says along which axis each argument has its examples: a number for all, or a tuple with one for each
    positional argument. None is an argument that all examples share, as they share what the function closes over. For
    a container it may be one number, or a container of the same form. Keyword arguments always have their examples
    along axis 0. `out_axes` says where the results shall have them; None is for a result that does not depend on the
    example. `axis_size` is needed only where no argument is mapped.

    `randomness` is about numbers drawn by `nn` and `autograd.sample` inside: "different" for each example, the "same"
    for all, or an "error". With `chunk_size` so many examples run at a time, to save memory.

    Inside, an array is a `Batch`, which has the shape of one example. Python's `if` on it works where all examples
    agree, and else is an error; use `where`. Primitives without a batching rule run in a loop, with the same result:
    `autograd.batch.rule.looping()` lists them.

    Errors: ShapeError where axes do not exist or differ in size.

    >>> import numpy as np
    >>> from autograd import grad, vmap
    >>> vmap(lambda x, w: x @ w, (0, None))(np.ones((5, 3)), np.ones(3)).shape
    (5,)
    >>> loss = lambda w, x: ((w * x).sum() - 1) ** 2
    >>> vmap(grad(loss), (None, 0))(np.array([1.0, 2.0]), np.eye(2))
    array([[0., 0.],
           [0., 2.]])
    """
    if randomness not in ("different", "same", "error"):
        raise OperandError(f'vmap: randomness is "different", "same" or "error", not {randomness!r}.{place()}')
    if chunk_size is not None and chunk_size < 1:
        raise OperandError(f"vmap: chunk_size is a positive number of examples, not {chunk_size}.{place()}")
    name = getattr(function, "__name__", type(function).__name__)

    @wraps(function)
    def mapped(*args: Any, **kwargs: Any) -> Any:
        everything = (args, kwargs)
        leaves = tree.leaves(everything)
        called = _Names(function, args, kwargs)
        given = _given_axes(in_axes, args, kwargs, name)
        axes = [_axis(x, axis, called, i) for i, (x, axis) in enumerate(zip(leaves, given, strict=True))]
        size = _size(name, leaves, axes, axis_size, called)
        wholes = [moveaxis(x, axis, 0) if axis else x for x, axis in zip(leaves, axes, strict=True)]
        step = chunk_size or max(size, 1)
        parts = []
        for start in range(0, max(size, 1), step):
            level = Level(min(step, size - start), randomness)
            part = slice(start, start + step)
            inside = [
                x if axis is None else Batch(level, x if level.size == size else x[part])
                for x, axis in zip(wholes, axes, strict=True)
            ]
            some, named = tree.fill(everything, iter(inside))
            with within(level):
                parts.append((level, function(*some, **named)))
        return _outside(parts, out_axes, name, leaves)

    return mapped


def _given_axes(in_axes: Axes, args: Sequence[Any], kwargs: dict[str, Any], name: str) -> list[Any]:
    """The axis of each leaf of all arguments, as the user gave it."""
    if not isinstance(in_axes, list | tuple):
        in_axes = (in_axes,) * len(args)
    if len(in_axes) != len(args):
        raise ShapeError(
            f"vmap of {name}: in_axes {in_axes} is for {len(in_axes)} positional arguments, and there are {len(args)}."
            f"{place()}"
        )
    return [*_spread_axes(in_axes, tuple(args), "in_axes"), *_spread_axes(0, kwargs, "in_axes")]


def _spread_axes(axes: Axes, form: Any, what: str) -> list[Any]:
    """The axis of each leaf of a container, given those of all, or of a prefix of its form."""
    if axes is None or (isinstance(axes, int | np.integer) and not isinstance(axes, bool)):
        return [axes] * len(tree.leaves(form))
    if not isinstance(axes, list | tuple | dict):
        raise OperandError(f"vmap: {what} are numbers, None, or containers of them, not {describe(axes)}.{place()}")
    if isinstance(axes, dict) and isinstance(form, dict):
        if axes.keys() != form.keys():
            raise ShapeError(f"vmap: {what} have the keys {list(axes)}, for {list(form)}.{place()}")
        return [axis for key, part in form.items() for axis in _spread_axes(axes[key], part, what)]
    if isinstance(axes, dict) or not isinstance(form, list | tuple):
        raise ShapeError(f"vmap: {what} {axes} do not fit {_described(form)}.{place()}")
    if len(axes) != len(form):
        raise ShapeError(f"vmap: {what} {axes} are {len(axes)}, for {_described(form)} of {len(form)}.{place()}")
    return [axis for a, part in zip(axes, form, strict=True) for axis in _spread_axes(a, part, what)]


def _described(x: Any) -> str:
    return f"a {type(x).__name__}" if isinstance(x, list | tuple | dict) else describe(x)


class _Names:
    """What each leaf of the arguments is called: found out for errors only."""

    def __init__(self, function: Function, args: Sequence[Any], kwargs: dict[str, Any]) -> None:
        self.function, self.args, self.kwargs = function, args, kwargs

    def __getitem__(self, i: int) -> str:
        try:
            parameters = inspect.signature(self.function).parameters.values()
            names = [p.name for p in parameters if p.kind <= p.POSITIONAL_OR_KEYWORD]
        except (TypeError, ValueError):
            names = []
        places = [names[k] if k < len(names) else f"argument {k}" for k in range(len(self.args))]
        everything = [*zip(places, self.args, strict=True), *self.kwargs.items()]
        return [path for name, x in everything for path in _paths(x, name)][i]


def _paths(x: Any, path: str) -> Iterator[str]:
    if isinstance(x, list | tuple | dict):
        for key, part in x.items() if isinstance(x, dict) else enumerate(x):
            yield from _paths(part, f"{path}[{key!r}]")
    else:
        yield path


def _axis(x: Any, axis: Any, called: _Names, i: int) -> int | None:
    """Along which axis a leaf is mapped. Errors: where it has no such axis."""
    if axis is None or x is None:
        return None
    if not isinstance(x, ndarray | Tensor | Batch):
        raise OperandError(
            f"vmap: {called[i]} is {describe(x)}, which has no axis {axis} to map over.{place()}\n"
            "  If all examples share it, give None for it in in_axes; a keyword argument can be bound beforehand, with "
            "functools.partial."
        )
    ndim = len(shape_of(x))
    if not -ndim <= axis < ndim:
        raise ShapeError(
            f"vmap: {called[i]} is {describe(x)}, and in_axes says axis {axis}, which it does not have.{place()}"
        )
    return int(axis) % ndim


def _size(name: str, leaves: Sequence[Any], axes: Sequence[Any], given: int | None, called: _Names) -> int:
    """How many examples there are. Errors: ShapeError where the arguments disagree."""
    mapped = [i for i, axis in enumerate(axes) if axis is not None]
    sizes = {shape_of(leaves[i])[axes[i]] for i in mapped} | ({given} if given is not None else set())
    if not sizes:
        raise ShapeError(f"vmap of {name}: no argument is mapped, so axis_size must say how many examples.{place()}")
    if len(sizes) > 1:
        lines = [
            f"{called[i]} has {shape_of(leaves[i])[axes[i]]} along axis {axes[i]} of {describe(leaves[i])}"
            for i in mapped
        ]
        listed = "\n    ".join(lines[:20] + ([f"axis_size is {given}"] if given is not None else []))
        raise ShapeError(f"vmap of {name}: the arguments differ in the number of examples.{place()}\n    {listed}")
    return sizes.pop()


def _outside(parts: Sequence[tuple[Level, Any]], out_axes: Axes, name: str, given: Sequence[Any]) -> Any:
    """The results of all chunks in one, with the examples where they shall be."""
    _, form = parts[0]
    axes = _spread_axes(out_axes, form, "out_axes")
    columns = zip(*(tree.leaves(result) for _, result in parts), strict=True)
    levels = [level for level, _ in parts]
    results = [_result(levels, ys, axis, name) for ys, axis in zip(columns, axes, strict=True)]
    return tree.fill(form, iter([_own(y, given) for y in results]))


def _result(levels: Sequence[Level], ys: Sequence[Any], axis: int | None, name: str) -> Any:
    if ys[0] is None:
        return None
    wholes, mapped = zip(*(_opened(y, level, name) for y, level in zip(ys, levels, strict=True)), strict=True)
    if axis is None:
        if any(mapped):
            raise ShapeError(
                f"vmap of {name}: out_axes says None for a result that depends on the example, {describe(ys[0])}."
                f"{place()}"
            )
        return wholes[0]
    full = [
        x if m else broadcast(x, shape=(n.size, *shape_of(x))) for x, m, n in zip(wholes, mapped, levels, strict=True)
    ]
    whole = full[0] if len(full) == 1 else concatenate(full)
    ndim = len(shape_of(whole))
    if not -ndim <= axis < ndim:
        raise ShapeError(f"vmap of {name}: out_axes says axis {axis} of a result with {ndim} axes.{place()}")
    return moveaxis(whole, 0, axis) if axis else whole


def _own(y: Any, given: Sequence[Any]) -> Any:
    """A result that shares its numbers with nobody; of functions of Tensors a Tensor."""
    if isinstance(y, ndarray | np.generic):
        shared = any(isinstance(x, ndarray) and np.may_share_memory(x, y) for x in map(plain, given))
        y = y.copy() if shared or not y.flags.writeable else y
        return tensor_constant(y) if any(isinstance(x, Tensor) for x in given) else y
    return y


def _opened(y: Any, level: Level, name: str) -> tuple[Any, bool]:
    if isinstance(y, BatchTensor) and y.data.level is level:
        y = y.data
    if isinstance(y, Batch) and y.level is level:
        return y.whole, y.mapped
    if not isinstance(y, ndarray | np.generic | Node | Batch | float | int):
        raise OperandError(f"vmap of {name}: the result holds {describe(y)}, which cannot be put in an array.{place()}")
    return y if hasattr(y, "shape") or isinstance(y, Node) else np.asarray(y), False
