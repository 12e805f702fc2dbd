"""HIPS autograd's innermost names: the two operators that all others are made of, and what extends them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd.transform as transform
from autograd.extend import (
    VSpace,
    def_linear,
    defjvp,
    defjvp_argnum,
    defjvp_argnums,
    defvjp,
    defvjp_argnum,
    defvjp_argnums,
    primitive,
    primitive_jvps,
    primitive_vjps,
    vspace,
)

__all__ = [
    "VSpace",
    "def_linear",
    "defjvp",
    "defjvp_argnum",
    "defjvp_argnums",
    "defvjp",
    "defvjp_argnum",
    "defvjp_argnums",
    "make_jvp",
    "make_vjp",
    "primitive",
    "primitive_jvps",
    "primitive_vjps",
    "vspace",
]

Function = Callable[..., Any]


def make_vjp(fun: Function, x: Any) -> tuple[Function, Any]:
    """The function that pulls a cotangent of fun(x) back to x, and fun(x)."""
    y, pull = transform.vjp(fun, x)
    return lambda g: pull(g)[0], y


def make_jvp(fun: Function, x: Any) -> Function:
    """The function that takes a tangent of x to fun(x) and its tangent."""
    return lambda v: transform.jvp(fun, (x,), (v,))
