"""Fixed points, differentiated by the implicit function theorem: nothing is kept of the way to them.

>>> from autograd import grad
>>> def root(a):  # Heron's method
...     return fixed_point(lambda a: lambda x: 0.5 * (x + a / x), a, 1.0, lambda x, y: abs(x - y), 1e-12)
>>> round(root(9.0), 6), round(grad(root)(9.0), 6), round(grad(grad(root))(9.0), 6)
(3.0, 0.166667, -0.009259)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.core import make_vjp
from autograd.extend import defvjp, primitive
from autograd.vspace import vspace

Function = Callable[..., Any]


@primitive
def fixed_point(f: Function, a: Any, x0: Any, distance: Function, tol: float) -> Any:
    """x = f(a)(x), found by repeating it from x0 until two after each other are no further apart than tol.

    `a` may be a container. It is differentiated by a alone, and that to any order.
    """
    step = f(a)
    before, x = x0, step(x0)
    while distance(x, before) > tol:
        before, x = x, step(x)
    return x


def _by_a(x: Any, f: Function, a: Any, x0: Any, distance: Function, tol: float) -> Function:
    """The cotangent of a is ∂f/∂aᵀ w, where w = g + ∂f/∂xᵀ w is a fixed point itself."""

    def adjoint(known: Any) -> Function:
        a, x, g = known
        pull, _ = make_vjp(f(a), x)
        return lambda w: vspace(x).add(pull(w), g)

    def pull(g: Any) -> Any:
        w = fixed_point(adjoint, (a, x, g), vspace(x).zeros(), distance, tol)
        return make_vjp(lambda a: f(a)(x), a)[0](w)

    return pull


defvjp(fixed_point, None, _by_a, None, None, None)
