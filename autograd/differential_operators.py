"""HIPS autograd's operators on functions, beside those of the front door that both libraries have.

Each takes `argnum`, the argument to differentiate by, a number or a sequence of them; what it returns takes the
arguments of the function.

>>> import autograd.numpy as np
>>> elementwise_grad(np.sin)(np.array([0.0, np.pi]))
array([ 1., -1.])
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import autograd.core as core
import autograd.tree as tree
from autograd.errors import OperandError, place
from autograd.matrix import hessian, jacobian
from autograd.operand import plain
from autograd.recompute import checkpoint
from autograd.rules.contraction import tensordot
from autograd.rules.reduction import sum
from autograd.rules.shaping import shape_of
from autograd.transform import grad, hvp, jvp, value_and_grad, vjp
from autograd.vspace import vspace
from autograd.wrap_util import unary_to_nary

__all__ = [
    "checkpoint",
    "deriv",
    "elementwise_grad",
    "grad",
    "grad_and_aux",
    "grad_named",
    "hessian",
    "hessian_tensor_product",
    "hessian_vector_product",
    "holomorphic_grad",
    "jacobian",
    "make_ggnvp",
    "make_hvp",
    "make_jvp",
    "make_jvp_reversemode",
    "make_vjp",
    "multigrad_dict",
    "tensor_jacobian_product",
    "value_and_grad",
    "vector_jacobian_product",
]

Function = Callable[..., Any]

make_vjp = unary_to_nary(core.make_vjp)
make_jvp = unary_to_nary(core.make_jvp)


@unary_to_nary
def elementwise_grad(fun: Function, x: Any) -> Any:
    """The sums of the columns of the Jacobian, in one sweep: its diagonal, when each element is by itself.

    So for a function that works on each element the derivative at each element, in the shape of x.
    """
    y, pull = vjp(fun, x)
    return pull(vspace(y).ones())[0]


@unary_to_nary
def deriv(fun: Function, x: Any) -> Any:
    """The derivative along ones, by forward mode: of a function of one number, its derivative, whatever its result."""
    return jvp(fun, (x,), (vspace(x).ones(),))[1]


def grad_named(fun: Function, argname: str) -> Function:
    """The gradient by the argument of this name."""
    return grad(fun, list(inspect.signature(fun).parameters).index(argname))


@unary_to_nary
def grad_and_aux(fun: Function, x: Any) -> Any:
    """Of a function of two results, the gradient of the first, a number, and the second as it is."""
    (value, aux), pull = vjp(lambda x: tuple(fun(x)), x)
    return pull((vspace(value).ones(), _zeros(aux)))[0], aux


def _zeros(aux: Any) -> Any:
    return tree.transform(lambda x: plain(x) * 0, aux)


def multigrad_dict(fun: Function) -> Function:
    """The gradients by all arguments at once, as a dict by their names.

    That of `*args` is a tuple, that of `**kwargs` a dict; defaults count as given.
    """
    signature = inspect.signature(fun)

    def gradients(*args: Any, **kwargs: Any) -> dict[str, Any]:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()

        def of_all(arguments: dict[str, Any]) -> Any:
            filled = inspect.BoundArguments(signature, bound.arguments | arguments)
            return fun(*filled.args, **filled.kwargs)

        found: dict[str, Any] = grad(of_all)(dict(bound.arguments))
        return found

    return gradients


def holomorphic_grad(fun: Function, argnum: Any = 0) -> Any:
    """HIPS autograd's derivative of a complex function. Errors: OperandError, always: such numbers are out of scope."""
    raise OperandError(f"holomorphic_grad needs complex numbers, which are out of scope here.{place()}")


# Products with matrices that are never built


@unary_to_nary
def make_hvp(fun: Function, x: Any) -> Any:
    """The function that multiplies the Hessian at x by a vector, and the gradient at x. The function runs once."""
    return core.make_vjp(grad(fun), x)


def hessian_tensor_product(fun: Function, argnum: int = 0) -> Function:
    """The Hessian times a tensor of the argument's shape, given behind the arguments: `product(*args, tensor)`."""

    @unary_to_nary
    def product(fun: Function, x: Any, tensor: Any) -> Any:
        return hvp(fun, (x,), (tensor,))

    return lambda *args, **kwargs: product(fun, argnum, args[-1])(*args[:-1], **kwargs)


hessian_vector_product = hessian_tensor_product


def tensor_jacobian_product(fun: Function, argnum: int = 0) -> Function:
    """A tensor, given behind the arguments, times the Jacobian: summed over the first axes of the function's result.

    When the tensor has all of its axes, this is what reverse mode computes.
    """

    def product(*args: Any, **kwargs: Any) -> Any:
        tensor, ndim = args[-1], len(shape_of(args[-1]))
        return jacobian(lambda *args: tensordot(tensor, fun(*args, **kwargs), ndim), argnum)(*args[:-1])

    return product


vector_jacobian_product = tensor_jacobian_product


@unary_to_nary
def make_jvp_reversemode(fun: Function, x: Any) -> Function:
    """The function that multiplies the Jacobian at x by a vector: forward mode, as `make_jvp`, without fun(x)."""
    return lambda v: jvp(fun, (x,), (v,))[1]


def make_ggnvp(f: Function, g: Function = lambda y: 0.5 * sum(y**2), f_argnum: int = 0) -> Function:
    """The function that multiplies the generalized Gauss-Newton matrix at x by a vector.

    Jᵀ H J, where J is the Jacobian of f at x and H the Hessian of g at f(x): what the Hessian of g∘f would be if f were
    linear (Schraudolph, 2002). By default g(y) = ½ Σ y².
    """

    @unary_to_nary
    def made(f: Function, x: Any) -> Function:
        y, pull = vjp(f, x)

        def product(v: Any) -> Any:
            return pull(hvp(g, (y,), (jvp(f, (x,), (v,))[1],)))[0]

        return product

    return made(f, f_argnum)  # type: ignore[no-any-return]
