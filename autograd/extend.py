"""Extend: HIPS autograd's way to give a function a derivative, `primitive` and then `defvjp`.

>>> import autograd.numpy as np
>>> from autograd import grad
>>> @primitive
... def logsumexp(x):
...     largest = np.max(x)
...     return largest + np.log(np.sum(np.exp(x - largest)))
>>> defvjp(logsumexp, lambda ans, x: lambda g: g * np.exp(x - ans))
>>> grad(logsumexp)(np.array([0.0, 0.0]))
array([0.5, 0.5])

A primitive is a black box: it is run on plain numbers and arrays, and is one node in the graph. Its rule is a function
of the result and the arguments, which returns the function that takes the cotangent back. Written with operations that
have a derivative it gives derivatives of any order, and forward mode by itself. The same rules may be given to a
function of NumPy that has none here. See `custom_function` for another way to write it, with more ways to be checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import Any

import numpy as np

from autograd.blackbox import Extended, name_of, primitive_jvps, primitive_vjps
from autograd.errors import GradientError, OperandError, RuleError, place
from autograd.operand import plain
from autograd.protocol import give_rule, has_rule
from autograd.vspace import VSpace, vspace

__all__ = [
    "VSpace",
    "def_linear",
    "defjvp",
    "defjvp_argnum",
    "defjvp_argnums",
    "defvjp",
    "defvjp_argnum",
    "defvjp_argnums",
    "notrace_primitive",
    "primitive",
    "primitive_jvps",
    "primitive_vjps",
    "register_notrace",
    "vspace",
]

Function = Callable[..., Any]

_LACKING = {
    "Box": "nodes hold numbers and arrays only, so other objects cannot be boxed: put their numbers into a container",
    "JVPNode": "its place is taken by autograd.jvp",
    "SparseObject": "a gradient that is mostly zeros is made by getitem and index_add",
    "VJPNode": "its place is taken by autograd.vjp and autograd.Node",
}


def __getattr__(name: str) -> Any:
    if name in _LACKING:
        raise ImportError(f"HIPS autograd's {name} is not here: {_LACKING[name]}.")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def primitive(f: Function) -> Any:
    """Make a function a primitive: a black box that is given its derivative by `defvjp`, `defjvp` or both."""
    return f if isinstance(f, Extended) else Extended(f)


def notrace_primitive(f: Function) -> Function:
    """Make a function one that nothing is differentiated through: it is run on plain numbers, and gives plain ones."""

    @wraps(f)
    def run(*args: Any, **kwargs: Any) -> Any:
        return f(*map(plain, args), **kwargs)

    return run


def register_notrace(trace_type: Any, primitive_fun: Function) -> None:
    """Let nothing be differentiated through a primitive: its derivative is zero, in whatever mode."""
    defvjp_argnums(primitive_fun, lambda argnums, *_: lambda g: (None for _ in argnums))
    defjvp_argnums(primitive_fun, lambda argnums, gs, ans, args, kwargs: vspace(ans).zeros())


# Rules


def defvjp(fun: Function, *vjpmakers: Function | None, argnums: Iterable[int] | None = None) -> None:
    """Give a primitive its reverse rules, for its arguments in turn or for those that `argnums` names.

    Each is `lambda ans, *args, **kwargs: lambda g: ...` and gives the gradient of that argument, in its shape. None
    stands for an argument that the result does not depend on.
    """
    makers = dict(zip(range(len(vjpmakers)) if argnums is None else argnums, vjpmakers))

    def joint(argnums: Sequence[int], ans: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Function:
        missing = [i for i in argnums if i not in makers]
        if missing:
            raise RuleError(
                f"{name_of(fun)} has no vjp for argument {missing[0]}, and it is under differentiation.{place()}\n"
                f"  Give it one, or None: defvjp({name_of(fun)}, lambda ans, *args: lambda g: ..., "
                f"argnums=({missing[0]},))."
            )
        vjps = [maker and maker(ans, *args, **kwargs) for maker in (makers[i] for i in argnums)]
        return lambda g: [vjp and vjp(g) for vjp in vjps]

    defvjp_argnums(fun, joint)


def defvjp_argnum(fun: Function, vjpmaker: Function) -> None:
    """Give a primitive one reverse rule for all arguments, `vjpmaker(argnum, ans, args, kwargs)` to g ↦ gradient."""

    def joint(argnums: Sequence[int], *call: Any) -> Function:
        vjps = [vjpmaker(argnum, *call) for argnum in argnums]
        return lambda g: [vjp(g) for vjp in vjps]

    defvjp_argnums(fun, joint)


def defvjp_argnums(fun: Function, vjpmaker: Function) -> None:
    """Give a primitive its reverse rule, `vjpmaker(argnums, ans, args, kwargs)` to g ↦ a gradient for each argnum."""
    primitive_vjps[_extended(fun)] = vjpmaker


def defjvp(fun: Function, *jvpfuns: Function | str | None, argnums: Iterable[int] | None = None) -> None:
    """Give a primitive its forward rules, `lambda g, ans, *args, **kwargs: ...`, one for each argument.

    "same" stands for an argument that the result is linear in, None for one that it does not depend on.
    """
    rules = dict(zip(range(len(jvpfuns)) if argnums is None else argnums, jvpfuns))

    def one(argnum: int, g: Any, ans: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        if argnum not in rules:
            raise RuleError(f"{name_of(fun)} has no jvp for argument {argnum}.{place()}\n  Give it one with defjvp.")
        rule = rules[argnum]
        if rule is None:
            return vspace(ans).zeros()
        if rule == "same":
            return fun(*args[:argnum], g, *args[argnum + 1 :], **kwargs)
        assert callable(rule)
        return rule(g, ans, *args, **kwargs)

    defjvp_argnum(fun, one)


def defjvp_argnum(fun: Function, jvpmaker: Function) -> None:
    """Give a primitive one forward rule for all arguments, `jvpmaker(argnum, g, ans, args, kwargs)` to a tangent."""

    def joint(argnums: Sequence[int], gs: Sequence[Any], ans: Any, args: Sequence[Any], kwargs: Any) -> Any:
        total = None
        for argnum, g in zip(argnums, gs, strict=True):
            total = vspace(ans).mut_add(total, jvpmaker(argnum, g, ans, args, kwargs))
        return total

    defjvp_argnums(fun, joint)


def defjvp_argnums(fun: Function, jvpmaker: Function) -> None:
    """Give a primitive its forward rule, `jvpmaker(argnums, gs, ans, args, kwargs)` to the tangent of the result."""
    primitive_jvps[_extended(fun)] = jvpmaker


def def_linear(fun: Function) -> None:
    """Say that a primitive is linear in each of its arguments: so its forward rule is the function itself."""
    defjvp_argnum(fun, lambda argnum, g, ans, args, kwargs: fun(*args[:argnum], g, *args[argnum + 1 :], **kwargs))


def _extended(fun: Any) -> Extended:
    """The primitive that a rule is given to; for a function of NumPy or SciPy one is made.

    Errors: OperandError for a function that is neither, GradientError for one that has a derivative here.
    """
    if isinstance(fun, Extended):
        return fun
    offered = fun.__wrapped__ if hasattr(fun, "answered") else fun  # of autograd.numpy: NumPy's own
    module = "numpy" if isinstance(offered, np.ufunc) else getattr(offered, "__module__", None) or ""
    if module.split(".")[0] not in ("numpy", "scipy"):
        raise OperandError(
            f"{name_of(fun)} is not a primitive, so it cannot be given a rule.{place()}\n  Write @primitive above it."
        )
    if has_rule(offered) or getattr(fun, "answered", False):
        raise GradientError(
            f"{name_of(fun)} has a derivative already: one way is enough, and two could disagree.{place()}\n"
            "  For one of your own, write a function around it, with @primitive."
        )
    made: Extended = _of_numpy.setdefault(offered, Extended(offered))
    give_rule(offered, made)
    return made


_of_numpy: dict[Function, Extended] = {}
