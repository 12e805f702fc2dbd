"""HIPS autograd's way from functions of one argument to functions of many, for programs that define operators by it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

Function = Callable[..., Any]


def get_name(function: Any) -> str:
    """What a function is called."""
    return getattr(function, "__name__", "[unknown name]")


def wraps(function: Function, namestr: str = "{fun}", docstr: str = "{doc}", **kwargs: Any) -> Callable[[Any], Any]:
    """Give a function the name and docstring of another, put into patterns of `{fun}`, `{doc}` and keywords."""

    def rename(f: Any) -> Any:
        doc = getattr(function, "__doc__", None) or ""
        f.__name__ = namestr.format(fun=get_name(function), **kwargs)
        f.__doc__ = docstr.format(fun=get_name(function), doc=doc, **kwargs)
        return f

    return rename


def unary_to_nary(unary_operator: Function) -> Function:
    """Make an operator on functions of one argument, op(fun, x), one on functions of several, op(fun, argnum)(*args).

    `argnum` is a number, or a sequence of them: then x is a tuple.

    >>> @unary_to_nary
    ... def twice(fun, x):
    ...     return fun(x + x)
    >>> twice(lambda a, b: (a, b), 1)(2, 3)
    (2, 6)
    """

    @functools.wraps(unary_operator)
    def operator(fun: Function, argnum: int | Sequence[int] = 0, *operator_args: Any, **operator_kwargs: Any) -> Any:
        def applied(*args: Any, **kwargs: Any) -> Any:
            def of_one(x: Any) -> Any:
                filled = list(args)
                for i, part in [(argnum, x)] if isinstance(argnum, int) else zip(argnum, x, strict=True):
                    filled[i] = part
                return fun(*filled, **kwargs)

            of_one.__name__ = get_name(fun)
            x = args[argnum] if isinstance(argnum, int) else tuple(args[i] for i in argnum)
            return unary_operator(of_one, x, *operator_args, **operator_kwargs)

        return wraps(fun, "{op}_of_{fun}_wrt_argnum_{argnum}", op=get_name(unary_operator), argnum=argnum)(applied)

    return operator
