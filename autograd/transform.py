"""Functions of functions: grad, value_and_grad, vjp, jvp, linearize, hvp, stop_gradient.

Each runs the function with fresh nodes in place of the chosen arguments, see `run`, and sweeps the recorded graph.
What comes back is of the kind that went in: floats for floats, arrays for arrays, Values and Tensors for theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

import autograd.tree as tree
from autograd.errors import GradientError, OperandError, ShapeError, describe, place
from autograd.node import Node
from autograd.operand import plain
from autograd.primitive import is_batched
from autograd.run import Argnums, Function, Run, name_of
from autograd.value import Value

__all__ = ["grad", "hvp", "jvp", "linearize", "stop_gradient", "value_and_grad", "vjp"]


def grad(function: Function, argnums: Argnums = 0, *, argnum: Argnums | None = None, has_aux: bool = False) -> Function:
    """The gradient of a function whose result is a single number.

    The result has the form of the argument, or is a tuple of them when `argnums` is a sequence. Arguments may be
    floats, arrays, Values, Tensors, and lists, tuples and dicts of them. `argnum` is HIPS autograd's word for argnums.
    With `has_aux` the function returns (number, something else), and the gradient comes with that: (gradient, else).

    Errors: GradientError when the result is not a single number, OperandError when it is no number but a truth value.
    Cost: two to four times the function.

    >>> grad(lambda x: x ** 3)(2.0)
    12.0
    >>> grad(grad(lambda x: x ** 3))(2.0)
    12.0
    >>> grad(lambda p: p["w"] * 3 + p["b"])({"w": 1.0, "b": 2.0})
    {'w': 3.0, 'b': 1.0}
    """
    both = value_and_grad(function, argnums, argnum=argnum, has_aux=has_aux)

    @wraps(function)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, found = both(*args, **kwargs)
        return (found, value[1]) if has_aux else found

    return gradient


def value_and_grad(
    function: Function, argnums: Argnums = 0, *, argnum: Argnums | None = None, has_aux: bool = False
) -> Function:
    """The value of a function together with its gradient; see `grad`. With `has_aux` ((value, else), gradient).

    >>> value_and_grad(lambda x: x * x)(3.0)
    (9.0, 6.0)
    """
    argnums = argnums if argnum is None else argnum

    @wraps(function)
    def value_and_gradient(*args: Any, **kwargs: Any) -> Any:
        run = Run(function, args, kwargs, argnums)
        result, aux = _with_aux(run.result, function) if has_aux else (run.result, None)
        if not _is_single(result):
            found = describe(result) if not isinstance(result, list | tuple | dict) else type(result).__name__
            raise GradientError(
                f"grad of {name_of(function)}: its result must be a single number, and is {found}.{place()}\n"
                "  Reduce it (for instance with .sum()), or use jacobian or vjp."
            )
        if isinstance(result, bool | np.bool_):
            raise OperandError(
                f"grad of {name_of(function)}: its result is {result}, and a truth value has no derivative.{place()}"
            )
        value, gradient = run.lower(result), run.shaped(run.pull([1.0, *[None] * (len(run.outputs) - 1)]))
        return ((value, run.lower(aux)) if has_aux else value), gradient

    return value_and_gradient


def _with_aux(result: Any, function: Function) -> tuple[Any, Any]:
    if not isinstance(result, tuple) or len(result) != 2:
        raise GradientError(
            f"grad of {name_of(function)} with has_aux: it must return a number and something else, as a tuple, and "
            f"returned {describe(result)}.{place()}"
        )
    return result


def vjp(function: Function, *primals: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """The value of function(*primals), and the function that pulls a cotangent of it back to the primals.

    >>> y, pull = vjp(lambda a, b: a * b, 2.0, 3.0)
    >>> y, pull(1.0)
    (6.0, (3.0, 2.0))
    """
    run = Run(function, primals, {}, range(len(primals)))

    def pull(cotangent: Any) -> tuple[Any, ...]:
        """Cotangents of the primals, given one of the result: a vector times the Jacobian."""
        found: tuple[Any, ...] = run.shaped(run.pull(_parts("vjp", "cotangent", cotangent, "result", run.result)))
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
    given = _tangents(primals, tangents)
    run = Run(function, primals, {}, range(len(primals)))
    return run.lower(run.result), tree.fill(run.result, iter(run.push(given)))


def linearize(function: Function, *primals: Any) -> tuple[Any, Callable[..., Any]]:
    """The value of function(*primals), and the function that pushes tangents of the primals on to it, as JAX has it.

    It is what `jvp` finds, for many tangents at one place: the function itself runs once.

    >>> y, push = linearize(lambda x: x ** 2, 3.0)
    >>> y, push(1.0), push(0.5)
    (9.0, 6.0, 3.0)
    """
    run = Run(function, primals, {}, range(len(primals)))

    def push(*tangents: Any) -> Any:
        """The tangent of the result, given one for each primal: the Jacobian times a vector."""
        return tree.fill(run.result, iter(run.push(_tangents(primals, tangents))))

    return run.lower(run.result), push


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


def stop_gradient(x: Any) -> Any:
    """x as a constant: no derivative of any order flows through it. Containers keep their form.

    >>> grad(lambda x: x * stop_gradient(x))(3.0)
    3.0
    """
    return tree.transform(lambda leaf: leaf.detach() if isinstance(leaf, Node) or is_batched(leaf) else leaf, x)


def _is_single(y: Any) -> bool:
    return isinstance(y, Value | float | int | np.number) or getattr(y, "size", 0) == 1


def _as_tuples(primals: Any, tangents: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    if not isinstance(primals, tuple):
        primals, tangents = (primals,), (tangents,)
    return primals, tuple(tangents)


def _tangents(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> list[Any]:
    """The tangent of each leaf of the primals. Errors: ShapeError where they do not fit."""
    found = _parts("jvp", "tangents", tangents, "primals", primals)
    for x, t in zip(tree.leaves(primals), found, strict=True):
        if np.shape(plain(x)) != np.shape(plain(t)):
            raise ShapeError(f"jvp: a tangent of shape {np.shape(plain(t))} for {describe(x)}.{place()}")
    return found


def _parts(what: str, called: str, given: Any, of: str, form: Any) -> list[Any]:
    """The leaves of what was given, in the order of a container of the same form."""
    try:
        return tree.leaves_like(form, given)
    except (TypeError, KeyError, ValueError):
        raise ShapeError(
            f"{what}: {called} with other parts than the {of}: {_form(given)} for {_form(form)}.{place()}"
        ) from None


def _form(x: Any) -> str:
    """A container with its leaves left out, such as {'w': ·, 'b': [·, ·]}."""
    return str(tree.transform(lambda _: "·", x)).replace("'·'", "·")
