"""Tests of derivatives as HIPS autograd has them: `check_grads(f)(x)`. See `gradcheck` for one that says what is wrong.

Not a module of tests: its name is what programs import.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import product
from typing import Any

from autograd.core import make_jvp, make_vjp
from autograd.vspace import vspace
from autograd.wrap_util import get_name, unary_to_nary

Function = Callable[..., Any]

TOL = RTOL = 1e-6  # differences of two evaluations find about eight digits
EPS = 1e-6


def scalar_close(a: Any, b: Any) -> bool:
    """Whether two numbers are equal up to 1e-6, absolutely or relatively."""
    return bool(abs(a - b) < TOL or abs(a - b) / abs(a + b) < RTOL)


def make_numerical_jvp(f: Function, x: Any) -> Function:
    """The directional derivative of f at x, as the difference of two evaluations."""
    space, result = vspace(x), vspace(f(x))

    def jvp(v: Any) -> Any:
        after, before = (f(space.add(x, space.scalar_mul(v, h))) for h in (EPS / 2, -EPS / 2))
        return result.scalar_mul(result.add(after, result.scalar_mul(before, -1.0)), 1 / EPS)

    return jvp


def check_vjp(f: Function, x: Any) -> None:
    """Reverse mode at x against differences, along one random direction. Errors: AssertionError."""
    vjp, y = make_vjp(f, x)
    space, result = vspace(x), vspace(y)
    v, g = space.randn(), result.randn()
    pulled = vjp(g)
    assert vspace(pulled) == space, (
        f"derivative (VJP) check of {get_name(f)}: the gradient is in {vspace(pulled)}, the argument in {space}"
    )
    exact, numeric = space.inner_prod(v, pulled), result.inner_prod(g, make_numerical_jvp(f, x)(v))
    assert scalar_close(numeric, exact), (
        f"derivative (VJP) check of {get_name(f)} failed at {x}: reverse mode gives {exact}, differences {numeric}"
    )


def check_jvp(f: Function, x: Any) -> None:
    """Forward mode at x against differences, along one random direction. Errors: AssertionError."""
    v = vspace(x).randn()
    check_equivalent(make_jvp(f, x)(v)[1], make_numerical_jvp(f, x)(v), f"derivative (JVP) check of {get_name(f)}: ")


def check_equivalent(x: Any, y: Any, what: str = "") -> None:
    """Whether two values are of one form and equal, up to 1e-6 of a random combination. Errors: AssertionError."""
    left, right = vspace(x), vspace(y)
    assert left == right, f"{what}they are in different spaces, {left} and {right}"
    v = left.randn()
    assert scalar_close(left.inner_prod(x, v), left.inner_prod(y, v)), f"{what}they differ, {x} and {y}"


@unary_to_nary
def check_grads(f: Function, x: Any, modes: Sequence[str] = ("fwd", "rev"), order: int = 2) -> None:
    """Derivatives of f up to an order against differences, in forward mode, in reverse mode, and each of the other.

    Errors: AssertionError. Cost: of every order twice as much as of the one before.

    >>> import autograd.numpy as np
    >>> check_grads(lambda x: np.sin(x) * x, order=3)(0.7)
    """
    assert set(modes) <= {"fwd", "rev"}, f'modes are "fwd" and "rev", not {modes}'
    ways: list[tuple[str, Function, Function, Function]] = [
        ("fwd", check_jvp, lambda x, v: make_jvp(f, x)(v)[1], lambda: x),
        ("rev", check_vjp, lambda x, g: make_vjp(f, x)[0](g), lambda: f(x)),
    ]
    for mode, check, derivative, like in ways:
        if mode in modes:
            check(f, x)
            if order > 1:
                derivative.__name__ = f"{'jvp' if mode == 'fwd' else 'vjp'}_{get_name(f)}"
                check_grads(derivative, (0, 1), modes, order=order - 1)(x, vspace(like()).randn())


def combo_check(fun: Function, argnum: Any = 0, **settings: Any) -> Function:
    """`check_grads` of every combination of arguments and keywords, given lists of them."""

    def check(*args: Iterable[Any], **kwargs: Iterable[Any]) -> None:
        named = [[(name, x) for x in xs] for name, xs in kwargs.items()]
        for chosen in product(*args):
            for pairs in product(*named):
                check_grads(fun, argnum, **settings)(*chosen, **dict(pairs))

    return check
