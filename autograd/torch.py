"""PyTorch's names for what is here: `import autograd.torch as torch` runs examples that were written for PyTorch.

It is a phrase book, not an imitation: the names that tutorials on custom functions and on gradients use. Functions that
are not listed are looked up in `autograd` itself. Tensors made here have PyTorch's manners: float32, no gradient unless
asked for, `x.grad` a Tensor, and under `no_grad` they can be changed in place.

>>> import autograd.torch as torch
>>> w = torch.tensor([1.0, 2.0], requires_grad=True)
>>> (w ** 2).sum().backward()
>>> with torch.no_grad():
...     w -= 0.25 * w.grad
>>> w
Tensor([0.5, 1. ], dtype=float32)
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy import ndarray

import autograd as _front
import autograd.matrix as matrix
import autograd.tensor as _tensor
import autograd.transform as transform
from autograd.draft import Draft
from autograd.errors import GradientError, describe, place
from autograd.function import Function, once_differentiable
from autograd.graph import topological_order
from autograd.modes import enable_grad, no_grad, recording
from autograd.node import Node
from autograd.operand import plain
from autograd.sweep import nodes, numbers, pull_back

float16, float32, float64 = half, float, double = np.float16, np.float32, np.float64
int32, int64, long, bool = np.int32, np.int64, np.int64, np.bool_

_random = np.random.default_rng(0)


def __getattr__(name: str) -> Any:
    return getattr(_front, name)


class Tensor(_front.Tensor):
    """A leaf with PyTorch's manners. What is computed from it is an ordinary Tensor."""

    __slots__ = ()

    @property
    def grad(self) -> Any:
        """None, or the gradient as a Tensor that shares its array."""
        found = _grad.__get__(self)
        return _writable(found) if isinstance(found, ndarray) else found

    @grad.setter
    def grad(self, g: Any) -> None:
        _grad.__set__(self, g.data if isinstance(g, Node) and g.primitive is None else g)

    def receive(self, g: Any) -> None:
        """Add an adjoint that has arrived at this leaf."""
        before = _grad.__get__(self)
        self.grad = g if before is None else before + g

    def _changed(self, operation: Callable[[Any, Any], Any], other: Any) -> Any:
        if recording():
            return operation(self, other)  # as everywhere else, a new Tensor under the old name
        self.data[...] = operation(self.data, plain(other))
        return self

    def __iadd__(self, other: Any) -> Any:
        return self._changed(lambda a, b: a + b, other)

    def __isub__(self, other: Any) -> Any:
        return self._changed(lambda a, b: a - b, other)

    def __imul__(self, other: Any) -> Any:
        return self._changed(lambda a, b: a * b, other)


_grad: Any = Node.__dict__["grad"]


class _Gradient(_front.Tensor):
    """A gradient, which may be cleared in place."""

    __slots__ = ()

    def zero_(self) -> _Gradient:
        """Write zeros into it."""
        self.data[...] = 0
        return self


def _writable(x: ndarray) -> _Gradient:
    found = _tensor.constant(x)
    found.__class__ = _Gradient
    return found  # type: ignore[return-value]


# Making Tensors


def tensor(data: Any, *, dtype: Any = None, device: Any = None, requires_grad: Any = False) -> Any:
    """A Tensor of a copy of numbers; of Python's floats one of float32."""
    x = np.array(plain(data), dtype)
    if dtype is None and x.dtype == float64 and not isinstance(data, ndarray | np.generic | Node):
        x = x.astype(float32)
    return _made(x, requires_grad)


def _made(x: Any, requires_grad: Any = False) -> Any:
    if requires_grad:
        return Tensor(x, requires_grad=True)
    found = _tensor.constant(np.asarray(x))
    found.__class__ = Draft
    return found


def as_tensor(data: Any, *, dtype: Any = None, device: Any = None) -> Any:
    """A Tensor of numbers. An array is shared, not copied, when it is of the dtype."""
    return data if isinstance(data, Node) and dtype is None else _made(np.asarray(plain(data), dtype))


from_numpy = as_tensor


def _maker(compute: Callable[..., Any], dtype: Any = float32) -> Callable[..., Any]:
    usual = dtype

    def make(*args: Any, dtype: Any = None, device: Any = None, requires_grad: Any = False) -> Any:
        return _made(np.asarray(compute(*args), dtype or usual), requires_grad)

    return make


def _shape(size: tuple[Any, ...]) -> Any:
    return size[0] if len(size) == 1 else size


zeros, empty = (_maker(lambda *size: np.zeros(_shape(size))) for _ in range(2))
ones = _maker(lambda *size: np.ones(_shape(size)))
full = _maker(np.full)
eye = _maker(np.eye)
linspace = _maker(np.linspace)
arange = _maker(np.arange, None)
rand = _maker(lambda *size: _random.random(_shape(size)))
randn = _maker(lambda *size: _random.standard_normal(_shape(size)))
zeros_like = _maker(lambda x: np.zeros_like(plain(x)), None)
ones_like = _maker(lambda x: np.ones_like(plain(x)), None)


def manual_seed(seed: Any) -> None:
    """Make `rand` and `randn` begin anew."""
    global _random
    _random = np.random.default_rng(seed)


def allclose(a: Any, b: Any, rtol: Any = 1e-5, atol: Any = 1e-8) -> Any:
    """Whether two are equal up to rounding."""
    return np.allclose(plain(a), plain(b), rtol, atol)


def is_tensor(x: Any) -> Any:
    """Whether x is a Tensor."""
    return isinstance(x, _front.Tensor)


def device(name: Any) -> Any:
    """Where Tensors live: there is one place, so this is only its name."""
    return name


# torch.autograd and torch.func


def _gradients(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: Any = None,
    create_graph: Any = False,
    allow_unused: Any = False,
) -> tuple[Any, ...]:
    """The gradients of outputs by inputs, without leaving them in `grad`."""
    ys, xs = (list(z) if isinstance(z, list | tuple) else [z] for z in (outputs, inputs))
    gs = list(grad_outputs) if isinstance(grad_outputs, list | tuple) else [grad_outputs] * len(ys)
    seeds = {y: y.seed(1.0 if g is None else g if create_graph else plain(g)) for y, g in zip(ys, gs, strict=True)}
    wanted = set(xs)
    swept = pull_back(topological_order(ys), seeds, nodes if create_graph else numbers)
    found = {x: g for x, g in swept if x in wanted}
    for x in xs:
        if x not in found and not allow_unused:
            raise GradientError(
                f"{describe(x)} has no part in what was differentiated.{place()}\n  Give allow_unused=True to get None."
            )
    return tuple(g if g is None or isinstance(g, Node) else x.wrap(g) for x, g in ((x, found.get(x)) for x in xs))


def _check(order: str) -> Callable[..., Any]:
    def check(function: Any, inputs: Any, *, check_forward_ad: Any = False, **settings: Any) -> Any:
        args = inputs if isinstance(inputs, list | tuple) else (inputs,)
        return getattr(_front, order)(function, *args, check_forward_ad=check_forward_ad, **settings)

    return check


def _vmap(
    func: Any, in_dims: Any = 0, out_dims: Any = 0, randomness: str = "error", *, chunk_size: int | None = None
) -> Any:
    return _front.vmap(func, in_dims, out_dims, randomness=randomness, chunk_size=chunk_size)


autograd = SimpleNamespace(
    Function=Function,
    function=SimpleNamespace(Function=Function, once_differentiable=once_differentiable),
    grad=_gradients,
    gradcheck=_check("gradcheck"),
    gradgradcheck=_check("gradgradcheck"),
    enable_grad=enable_grad,
    no_grad=no_grad,
)
func = SimpleNamespace(
    grad=transform.grad,
    grad_and_value=lambda f: lambda *args: transform.value_and_grad(f)(*args)[::-1],
    hessian=matrix.hessian,
    jacfwd=matrix.jacfwd,
    jacrev=matrix.jacrev,
    jvp=transform.jvp,
    linearize=transform.linearize,
    vjp=transform.vjp,
    vmap=_vmap,
)
