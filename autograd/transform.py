"""Functions of functions: grad, value_and_grad, vjp, jvp, hvp, jacobian, hessian.

Each replaces the chosen arguments by fresh nodes, runs the function, and sweeps the recorded graph. A fresh node
belongs to one transform alone, and a sweep goes no further than its own, so nested transforms cannot confuse each
other's derivatives. Where an enclosing transform, or a Value or Tensor of the user's, has a share in the result, the
sweep reads nodes instead of numbers: the derivative is recorded and can be differentiated again.

What comes back is of the kind that went in: floats for floats, arrays for arrays, Values and Tensors for theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np
from numpy import ndarray

import autograd.tree as tree
from autograd.batch.level import active
from autograd.errors import GradientError, OperandError, ShapeError, describe, place
from autograd.graph import descendants, topological_order
from autograd.modes import enable_grad, recording
from autograd.node import Node
from autograd.primitive import LEAF, SPENT, is_batched
from autograd.rules.arithmetic import positive
from autograd.rules.shaping import reshape, stack
from autograd.sweep import nodes, numbers, pull_back, push_forward
from autograd.tensor import Tensor
from autograd.tensor import constant as tensor_constant
from autograd.value import Value

Function = Callable[..., Any]
Argnums = int | Sequence[int]


def grad(function: Function, argnums: Argnums = 0, *, argnum: Argnums | None = None) -> Function:
    """The gradient of a function whose result is a single number.

    The result has the form of the argument, or is a tuple of them when `argnums` is a sequence. Arguments may be
    floats, arrays, Values, Tensors, and lists, tuples and dicts of them. `argnum` is HIPS autograd's word for argnums.

    Errors: GradientError when the result is not a single number, OperandError when it is no number but a truth value.
    Cost: two to four times the function.

    >>> grad(lambda x: x ** 3)(2.0)
    12.0
    >>> grad(grad(lambda x: x ** 3))(2.0)
    12.0
    >>> grad(lambda p: p["w"] * 3 + p["b"])({"w": 1.0, "b": 2.0})
    {'w': 3.0, 'b': 1.0}
    """
    both = value_and_grad(function, argnums, argnum=argnum)

    @wraps(function)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        return both(*args, **kwargs)[1]

    return gradient


def value_and_grad(function: Function, argnums: Argnums = 0, *, argnum: Argnums | None = None) -> Function:
    """The value of a function together with its gradient; see `grad`.

    >>> value_and_grad(lambda x: x * x)(3.0)
    (9.0, 6.0)
    """
    argnums = argnums if argnum is None else argnum

    @wraps(function)
    def value_and_gradient(*args: Any, **kwargs: Any) -> Any:
        run = _Run(function, args, kwargs, argnums)
        result = run.result
        if not _is_single(result):
            found = describe(result) if not isinstance(result, list | tuple | dict) else type(result).__name__
            raise GradientError(
                f"grad of {_name(function)}: its result must be a single number, and is {found}.{place()}\n"
                "  Reduce it (for instance with .sum()), or use jacobian or vjp."
            )
        if isinstance(result, bool | np.bool_):
            raise OperandError(
                f"grad of {_name(function)}: its result is {result}, and a truth value has no derivative.{place()}"
            )
        return run.lower(result), run.shaped(run.pull([1.0]))

    return value_and_gradient


def vjp(function: Function, *primals: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """The value of function(*primals), and the function that pulls a cotangent of it back to the primals.

    >>> y, pull = vjp(lambda a, b: a * b, 2.0, 3.0)
    >>> y, pull(1.0)
    (6.0, (3.0, 2.0))
    """
    run = _Run(function, primals, {}, range(len(primals)))

    def pull(cotangent: Any) -> tuple[Any, ...]:
        """Cotangents of the primals, given one of the result: a vector times the Jacobian."""
        given = tree.leaves(cotangent)
        if len(given) != len(run.outputs):
            raise ShapeError(f"vjp: a cotangent with {len(given)} parts for a result with {len(run.outputs)}.{place()}")
        found: tuple[Any, ...] = run.shaped(run.pull(given))
        return found

    return run.lower(run.result), pull


def jvp(function: Function, primals: Any, tangents: Any) -> tuple[Any, Any]:
    """The value of function(*primals), and its directional derivative along the tangents: the Jacobian times a vector.

    `primals` and `tangents` are tuples of the same form; a single primal may be given by itself. Forward mode: no
    matter how large the result, one sweep. Cost: about twice the function.

    >>> jvp(lambda x: x ** 2, (3.0,), (1.0,))
    (9.0, 6.0)
    """
    primals, tangents = _as_tuples(primals, tangents)
    run = _Run(function, primals, {}, range(len(primals)))
    pushed = run.push(tree.leaves(tangents))
    return run.lower(run.result), tree.fill(run.result, iter(pushed))


def hvp(function: Function, primals: Any, tangents: Any, *, mode: str = "forward_over_reverse") -> Any:
    """The Hessian of a function times a vector, without the Hessian: cost about four times the function.

    `mode` is "forward_over_reverse" (less memory) or "reverse_over_reverse". For several primals, a tuple.

    >>> hvp(lambda x: (x ** 3).sum(), np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([6., 0.])
    """
    primals, tangents = _as_tuples(primals, tangents)
    argnums: Argnums = 0 if len(primals) == 1 else range(len(primals))
    gradient = grad(function, argnums)
    if mode == "forward_over_reverse":
        return jvp(gradient, primals, tangents)[1]
    if mode != "reverse_over_reverse":
        raise ValueError(f'hvp: mode is "forward_over_reverse" or "reverse_over_reverse", not {mode!r}.')

    def along(*args: Any) -> Any:
        slopes = zip(tree.leaves(gradient(*args)), tree.leaves(tangents), strict=True)
        products = [slope * t for slope, t in slopes]
        return sum(p if isinstance(p, Value | float) or not p.ndim else p.sum() for p in products)

    return grad(along, argnums)(*primals)


def jacobian(
    function: Function, argnums: Argnums = 0, *, mode: str | None = None, argnum: Argnums | None = None
) -> Function:
    """The derivative of every element of the result by every element of the arguments: shape (*result, *argument).

    For containers, a container of the result's form, of containers of the argument's form. By reverse mode, one sweep
    for each element of the result, or by forward mode, one for each element of the arguments, whichever is fewer;
    `mode` is "reverse" or "forward" to choose.

    >>> jacobian(lambda x: x ** 2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """

    if mode not in (None, "forward", "reverse"):
        raise ValueError(f'jacobian: mode is "forward" or "reverse", not {mode!r}.')
    argnums = argnums if argnum is None else argnum

    @wraps(function)
    def matrix(*args: Any, **kwargs: Any) -> Any:
        run = _Run(function, args, kwargs, argnums)
        ins, outs = [np.shape(x.data) for x in run.inputs], [np.shape(_data(y)) for y in run.outputs]
        n_in, n_out = (sum(map(_size, shapes)) for shapes in (ins, outs))
        forward = n_in <= n_out if mode is None else mode == "forward"
        if forward:  # one column for each element of the arguments: blocks[output][input][element]
            blocks: list[list[list[Any]]] = [[[] for _ in ins] for _ in outs]
            for i, shape in enumerate(ins):
                for e in _basis(shape, run.inputs[i]):
                    for o, t in enumerate(run.push([e if k == i else None for k in range(len(ins))])):
                        blocks[o][i].append(t)
        else:
            blocks = [[[] for _ in ins] for _ in outs]
            for o, shape in enumerate(outs):
                for e in _basis(shape, run.outputs[o]):
                    for i, g in enumerate(run.pull([e if k == o else None for k in range(len(outs))])):
                        blocks[o][i].append(g)
        rows = [
            run.shaped([_assemble(blocks[o][i], outs[o], ins[i], forward) for i in range(len(ins))])
            for o in range(len(outs))
        ]
        return tree.fill(run.result, iter(rows))

    return matrix


def hessian(function: Function, argnums: Argnums = 0, *, argnum: Argnums | None = None) -> Function:
    """The second derivatives of a function whose result is a single number: the Jacobian of its gradient.

    Shape (*argument, *argument); for containers, a container of containers. By forward mode over reverse mode.

    >>> hessian(lambda x: (x ** 3).sum())(np.array([1.0, 2.0]))
    array([[ 6.,  0.],
           [ 0., 12.]])
    """
    argnums = argnums if argnum is None else argnum
    return jacobian(grad(function, argnums), argnums, mode="forward")


class _Run:
    """One run of a function with fresh nodes in place of the chosen arguments, ready to be swept either way."""

    def __init__(self, function: Function, args: Sequence[Any], kwargs: dict[str, Any], argnums: Argnums) -> None:
        self.single = isinstance(argnums, int)
        places = [argnums] if isinstance(argnums, int) else list(argnums)
        if any(not -len(args) <= i < len(args) for i in places):
            raise GradientError(
                f"{_name(function)} got {len(args)} arguments, so there is no argument {argnums}.{place()}"
            )
        chosen = [args[i] for i in places]
        self.form: Any = chosen[0] if self.single else tuple(chosen)
        self.given = tree.leaves(self.form)
        connected = recording()
        self.inputs = [_fresh(x, connected) for x in self.given]
        filled = list(args)
        for i, x in zip(places, tree.fill(tuple(chosen), iter(self.inputs)), strict=True):
            filled[i] = x
        with enable_grad():
            self.result = function(*filled, **kwargs)
        self.outputs = tree.leaves(self.result)
        roots = [y for y in self.outputs if isinstance(y, Node)]
        reached = topological_order(roots, stop=self.inputs)
        own = set(self.inputs)
        self.order = descendants(reached, own)
        self.recorded = connected and any(bool(x.parents) if x in own else _is_anothers(x) for x in reached)
        for x in self.inputs:
            if not x.parents:
                x.primitive = SPENT

    def pull(self, cotangents: Sequence[Any]) -> list[Any]:
        """The cotangent of every input, of the kind that was given."""
        seeds: dict[Node, Any] = {}
        among, recorded = set(self.order), self._recorded(cotangents)
        for y, g in zip(self.outputs, cotangents, strict=True):
            if g is not None and np.shape(_data(g)) != np.shape(_data(y)) and np.size(_data(g)) != 1:
                raise ShapeError(f"vjp: a cotangent of shape {np.shape(_data(g))} for {describe(y)}.{place()}")
            if g is not None and isinstance(y, Node) and y in among:
                g = y.seed(g if recorded else _data(g))
                seeds[y] = seeds[y] + g if y in seeds else g
        own = set(self.inputs)
        swept = pull_back(list(self.order), seeds, nodes if recorded else numbers, among=among)
        found = {x: g for x, g in swept if x in own}
        return [_lowered(found.get(x), given, x, recorded) for x, given in zip(self.inputs, self.given, strict=True)]

    def push(self, tangents: Sequence[Any]) -> list[Any]:
        """The tangent of every output."""
        if len(tangents) != len(self.inputs):
            raise ShapeError(f"jvp: {len(tangents)} tangents for {len(self.inputs)} primals.{place()}")
        recorded = self._recorded(tangents)
        seeds = {
            x: x.seed(t if recorded else _data(t)) for x, t in zip(self.inputs, tangents, strict=True) if t is not None
        }
        found = push_forward(self.order, seeds, nodes if recorded else numbers)
        return [_lowered(found.get(y) if isinstance(y, Node) else None, self.like, y, recorded) for y in self.outputs]

    def shaped(self, leaves: Sequence[Any]) -> Any:
        """Leaves put into the form of the arguments."""
        return tree.fill(self.form, iter(leaves))

    def lower(self, result: Any) -> Any:
        """The function's own result, in the kind of its arguments."""
        return tree.transform(lambda y: _lowered(y, self.like, y, self.recorded), result)

    @property
    def like(self) -> Any:
        """A Value or Tensor among the arguments, when there is one: results then are Values and Tensors, too."""
        return next((x for x in self.given if isinstance(x, Node)), None)

    def _recorded(self, seeds: Sequence[Any]) -> bool:
        outer = any(isinstance(s, Node) and s.primitive is not None for s in seeds)
        return self.recorded or (outer and recording())


def _fresh(x: Any, connected: bool) -> Node:
    """A node of this transform's own for an argument; connected to it when that is a node under differentiation."""
    if active():
        from autograd.batch.node import fresh  # the floor above, met only inside vmap

        _check(x)
        return fresh(x, active()[-1], connected)
    if isinstance(x, Node):
        if x.primitive is not None and connected:
            return positive(x)  # type: ignore[no-any-return]
        x = x.data
    _check(x)
    node: Node
    if isinstance(x, ndarray):
        node = tensor_constant(x)
    else:
        node = Value(x)
    node.primitive = LEAF
    return node


def _is_anothers(x: Node) -> bool:
    """Whether a node is a leaf of the user's, or of a transform around this one; not of one inside, which has ended."""
    return x.is_leaf and x.primitive is not SPENT


def _check(x: Any) -> None:
    """Errors: OperandError when nothing can be differentiated with respect to x."""
    if isinstance(x, complex) or getattr(getattr(x, "dtype", None), "kind", "") == "c":
        raise OperandError(
            f"cannot differentiate with respect to {describe(x)}: complex numbers are out of scope.{place()}"
        )
    if isinstance(x, bool | str) or x is None:
        raise OperandError(f"cannot differentiate with respect to {describe(x)}: it must be a float.{place()}")
    if not isinstance(x, np.generic) and hasattr(x, "dtype") and x.dtype.kind != "f":
        raise OperandError(
            f"cannot differentiate with respect to {describe(x)}: derivatives need floats.{place()}\n"
            "  Convert it: x.astype(float)."
        )


def _lowered(x: Any, like: Any, node: Any, recorded: bool) -> Any:
    """A result (None: zero) that belongs to `node`, in the kind of the argument `like`."""
    if x is None:
        x = np.zeros(node.shape, node.dtype) if isinstance(node, Tensor | ndarray) else 0.0
    if recorded and isinstance(x, Node) and x.primitive is not None:
        return x
    x = _data(x)
    if is_batched(x):
        return x
    if isinstance(like, Node):
        if isinstance(node, Value):
            return Value(float(x), requires_grad=False)
        return tensor_constant(np.array(x)) if isinstance(node, Tensor) else x
    if isinstance(node, Value):
        return float(x)
    return x[()] if isinstance(x, ndarray) and not x.ndim else x


def _data(x: Any) -> Any:
    return x.data if isinstance(x, Node) else x


def _size(shape: tuple[int, ...]) -> int:
    return int(np.prod(shape))


def _is_single(y: Any) -> bool:
    return isinstance(y, Value | float | int | np.number) or getattr(y, "size", 0) == 1


def _name(function: Function) -> str:
    return getattr(function, "__name__", type(function).__name__)


def _as_tuples(primals: Any, tangents: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    if not isinstance(primals, tuple):
        primals, tangents = (primals,), (tangents,)
    tangents = tuple(tangents)
    for x, t in zip(tree.leaves(primals), tree.leaves(tangents), strict=False):
        if np.shape(_data(x)) != np.shape(_data(t)):
            raise ShapeError(f"jvp: a tangent of shape {np.shape(_data(t))} for {describe(x)}.{place()}")
    return primals, tangents


def _basis(shape: tuple[int, ...], like: Any) -> Any:
    if not isinstance(like, Tensor | ndarray):
        yield 1.0
        return
    for index in np.ndindex(shape):
        e = np.zeros(shape, like.dtype)
        e[index] = 1.0
        yield e


def _assemble(parts: list[Any], out: tuple[int, ...], inside: tuple[int, ...], forward: bool) -> Any:
    """Rows (or, from forward mode, columns) put together to shape (*out, *inside)."""
    if not out and not inside:
        return parts[0]
    if not parts:
        return np.zeros(out + inside)
    if any(isinstance(p, Node) and p.primitive is not None for p in parts):
        return reshape(stack(parts, axis=-1 if forward else 0), out + inside)
    whole = np.stack([_data(p) for p in parts], axis=-1 if forward else 0).reshape(out + inside)
    return tensor_constant(whole) if isinstance(parts[0], Tensor) else whole
