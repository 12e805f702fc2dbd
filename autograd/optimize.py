"""Optimizers of SciPy, fed with our derivatives: of functions of arrays, of containers of them, and of modules.

SciPy sees a flat vector of float64, and asks for values, gradients, and products with the Hessian. What it asks for is
found here; the algorithms are its own.

>>> import numpy as np
>>> from autograd import optimize
>>> found = optimize.minimize(lambda p: (p["a"] - 3) ** 2 + ((p["b"] + 1) ** 2).sum(), {"a": 0.0, "b": np.zeros(2)})
>>> round(found.x["a"], 4), found.x["b"].round(4)
(3.0, array([-1., -1.]))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy import ndarray

import autograd.tree as tree
from autograd.errors import GradientError, OperandError, ShapeError, describe, place
from autograd.graph import topological_order
from autograd.matrix import hessian, jacobian
from autograd.node import Node
from autograd.operand import plain
from autograd.rules.shaping import astype, reshape
from autograd.sweep import nodes, numbers, pull_back
from autograd.tensor import Tensor, element
from autograd.tensor import constant as tensor_constant
from autograd.transform import hvp
from autograd.transform import value_and_grad as _value_and_grad
from autograd.value import Value

__all__ = ["Form", "least_squares", "minimize", "root", "value_and_grad"]

Function = Callable[..., Any]

# What the methods of scipy.optimize.minimize can make use of
_GRADIENT = {"cg", "bfgs", "newton-cg", "l-bfgs-b", "tnc", "slsqp", "dogleg", "trust-ncg", "trust-krylov"}
_GRADIENT |= {"trust-exact", "trust-constr"}
_PRODUCT = {"newton-cg", "trust-ncg", "trust-krylov", "trust-constr"}
_HESSIAN = {"dogleg", "trust-exact"}


class Form:
    """How a container of numbers becomes one flat vector of float64, and the other way round.

    >>> form = Form({"w": np.ones((2, 2), np.float32), "b": 3.0})
    >>> form.flat
    array([1., 1., 1., 1., 3.])
    >>> form.fill(np.arange(5.0))
    {'w': array([[0., 1.],
           [2., 3.]], dtype=float32), 'b': 4.0}
    """

    def __init__(self, x: Any) -> None:
        self.tree = x
        self.leaves = tree.leaves(x)
        for leaf in self.leaves:
            kind = np.asarray(plain(leaf)).dtype.kind
            if kind not in "fiu":
                raise OperandError(f"cannot optimize {describe(leaf)}: it must be made of real numbers.{place()}")
        sizes = [int(np.size(plain(leaf))) for leaf in self.leaves]
        self.ends = np.cumsum([0, *sizes]).tolist()

    @property
    def flat(self) -> ndarray:
        """All numbers in one row."""
        return self.vector(self.tree)

    def vector(self, x: Any) -> ndarray:
        """The numbers of a container of this form in one row."""
        parts = [np.asarray(plain(leaf), float).reshape(-1) for leaf in tree.leaves_like(self.tree, x)]
        return np.concatenate(parts) if parts else np.zeros(0)

    def fill(self, vector: Any) -> Any:
        """A container of this form with other numbers; if they are a Tensor, what it holds differentiates into it."""
        parts = zip(self.leaves, self.ends[:-1], self.ends[1:], strict=True)
        return tree.fill(self.tree, iter([_part(leaf, vector, start, end) for leaf, start, end in parts]))


def _part(leaf: Any, vector: Any, start: int, end: int) -> Any:
    if isinstance(leaf, Value):
        return element(vector, index=(start,)) if isinstance(vector, Tensor) else Value(vector[start])
    if not hasattr(leaf, "shape"):
        return vector[start] if isinstance(vector, Tensor) else float(vector[start])
    dtype = leaf.dtype if leaf.dtype.kind == "f" else np.dtype(float)
    part = reshape(vector[start:end], leaf.shape)
    part = part if part.dtype == dtype else astype(part, dtype)
    return tensor_constant(part) if isinstance(leaf, Node) and isinstance(part, ndarray) else part


class _OfForm:
    """A function of a container as a function of the flat vector, with its derivatives."""

    def __init__(self, function: Function, x0: Any, args: Sequence[Any]) -> None:
        self.function = function
        self.args = args
        self.form = Form(x0)
        self.start = self.form.flat

    def __call__(self, vector: Any) -> Any:
        return self.function(self.form.fill(vector), *self.args)

    def value(self, vector: ndarray) -> float:
        return _number(self(vector))

    def value_and_grad(self, vector: ndarray) -> tuple[float, ndarray]:
        value, gradient = _value_and_grad(self)(vector)
        return _number(value), np.asarray(plain(gradient), float)

    def product(self, vector: ndarray, along: ndarray) -> ndarray:
        return np.asarray(plain(hvp(self, vector, np.asarray(along, float).reshape(-1))), float)

    def hessian(self, vector: ndarray) -> ndarray:
        return np.asarray(plain(hessian(self)(vector)), float)

    def several(self, vector: ndarray) -> ndarray:
        """A function of several numbers, such as residuals."""
        return np.asarray(plain(self(vector)), float).reshape(-1)

    def jacobian(self, vector: ndarray) -> ndarray:
        found = jacobian(lambda v: reshape(self(v), (-1,)))(vector)
        return np.asarray(plain(found), float)

    def result(self, vector: ndarray) -> Any:
        return self.form.fill(np.asarray(vector, float))


class _OfModule(_OfForm):
    """The same for a module: its parameters are the vector. The trial values are written into them."""

    def __init__(self, function: Function, x0: Any, args: Sequence[Any]) -> None:
        self.module = x0
        self.parameters = [p for p in x0.parameters() if p.requires_grad]
        super().__init__(function, self.parameters, args)

    def __call__(self, vector: Any) -> Any:
        for p, start, end in zip(self.parameters, self.form.ends[:-1], self.form.ends[1:], strict=True):
            if isinstance(p, Value):
                p.data = float(vector[start])
            else:
                p.data[...] = np.reshape(vector[start:end], p.shape)
        return self.function(self.module, *self.args)

    def value_and_grad(self, vector: ndarray) -> tuple[float, ndarray]:
        y = self(vector)
        return _number(y), self.form.vector(self._gradients(y, 1.0, numbers))

    def product(self, vector: ndarray, along: ndarray) -> ndarray:
        slopes = self._gradients(self(vector), 1.0, nodes)
        total: Any = 0.0
        for slope, p, t in zip(slopes, self.parameters, self.form.fill(np.asarray(along, float)), strict=True):
            product = slope * plain(t)
            total = total + (product if isinstance(p, Value) else product.sum())
        return self.form.vector(self._gradients(total, 1.0, numbers))

    def hessian(self, vector: ndarray) -> ndarray:
        return np.stack([self.product(vector, e) for e in np.eye(len(vector))])

    def _gradients(self, y: Any, g: float, see: Any) -> list[Any]:
        """The derivatives of a single number by all parameters."""
        _number(y)
        found: dict[Node, Any] = {}
        if isinstance(y, Node) and y.primitive is not None:
            seed = y.wrap(y.seed(g)) if see is nodes else y.seed(g)
            own = set(self.parameters)
            found = {x: c for x, c in pull_back(topological_order([y]), {y: seed}, see) if x in own}
        return [found.get(p, np.zeros(np.shape(p.data)) if isinstance(p, Tensor) else 0.0) for p in self.parameters]

    def result(self, vector: ndarray) -> Any:
        self(vector)
        return self.module


def _as_flat(function: Function, x0: Any, args: Sequence[Any]) -> Any:
    is_module = hasattr(x0, "parameters") and hasattr(x0, "forward")
    return (_OfModule if is_module else _OfForm)(function, x0, args)


def _number(y: Any) -> float:
    number = plain(y)
    if np.size(number) != 1:
        raise GradientError(
            f"what is minimized must be a single number, and is {describe(y)}.{place()}\n  Reduce it, with .sum()."
        )
    return float(np.asarray(number).reshape(()))


def value_and_grad(
    function: Function, x0: Any, *args: Any
) -> tuple[Callable[[ndarray], tuple[float, ndarray]], ndarray]:
    """`function` as SciPy wants it with `jac=True`, from a flat vector to value and gradient, and where to start.

    `x0` is an array, a container, or a module, as for `minimize`.

    >>> from scipy.optimize import minimize as scipys
    >>> function, start = value_and_grad(lambda p: ((p["x"] - 2) ** 2).sum(), {"x": np.zeros(3)})
    >>> scipys(function, start, jac=True).x.round(4)
    array([2., 2., 2.])
    """
    flat = _as_flat(function, x0, args)
    return flat.value_and_grad, flat.start


def minimize(
    fun: Function,
    x0: Any,
    args: Sequence[Any] = (),
    method: str | None = None,
    bounds: Any = None,
    constraints: Any = (),
    tol: float | None = None,
    callback: Function | None = None,
    options: Mapping[str, Any] | None = None,
) -> Any:
    """scipy.optimize.minimize, with gradients, and for the methods that use them second derivatives, found by us.

    `fun(x, *args)` returns a single number. `x0` is an array, a number, or a container of arrays, numbers, Tensors and
    Values; `fun` is called with the same form, and `x` of the result has it. Or it is a module: then `fun` is called
    with it, its parameters hold the trial values, and at last the best ones.

    `bounds` are those of the flat vector, all numbers in order. Of `constraints`, dicts with a "fun" of x are
    differentiated, too; others are passed on. `callback(x)` is called after each step. The result is SciPy's: `x` and
    `jac` have the form of x0, `hess_inv` belongs to the flat vector.

    Errors: GradientError when `fun` does not return a single number. Cost: that of the method; a gradient costs two to
    four times the function, a product with the Hessian about four times.

    >>> def rosenbrock(x):
    ...     return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()
    >>> minimize(rosenbrock, np.zeros(5), method="trust-exact").x.round(6)
    array([1., 1., 1., 1., 1.])
    """
    from scipy import optimize  # an optional part

    flat = _as_flat(fun, x0, args)
    name = method.lower() if isinstance(method, str) else method
    settings: dict[str, Any] = {}
    if name in _PRODUCT:
        settings["hessp"] = flat.product
    if name in _HESSIAN:
        settings["hess"] = flat.hessian
    with_gradient = name is None or name in _GRADIENT
    if callback is not None:
        settings["callback"] = lambda x, *more: callback(flat.result(x))
    found = optimize.minimize(
        flat.value_and_grad if with_gradient else flat.value,
        flat.start,
        jac=with_gradient or None,
        method=method,
        bounds=bounds,
        constraints=_constraints(constraints, x0),
        tol=tol,
        options=options,
        **settings,
    )
    return _finished(found, flat)


def least_squares(fun: Function, x0: Any, args: Sequence[Any] = (), **settings: Any) -> Any:
    """scipy.optimize.least_squares, with our Jacobian: x such that Σ fun(x)² is least, for residuals of any shape.

    `x0` is as for `minimize`, but no module; other settings are SciPy's.
    """
    from scipy import optimize

    flat = _OfForm(fun, x0, args)
    return _finished(optimize.least_squares(flat.several, flat.start, jac=flat.jacobian, **settings), flat)


def root(fun: Function, x0: Any, args: Sequence[Any] = (), method: str = "hybr", **settings: Any) -> Any:
    """scipy.optimize.root, with our Jacobian: x such that all of fun(x) is 0; it returns as many numbers as x has."""
    from scipy import optimize

    flat = _OfForm(fun, x0, args)
    if flat.several(flat.start).size != flat.start.size:
        raise ShapeError(
            f"root: fun returns {flat.several(flat.start).size} numbers for {flat.start.size} unknowns.{place()}\n"
            "  For more equations than unknowns use least_squares."
        )
    jac = {"jac": flat.jacobian} if method.lower() in ("hybr", "lm") else {}
    return _finished(optimize.root(flat.several, flat.start, method=method, **jac, **settings), flat)


def _constraints(constraints: Any, x0: Any) -> Any:
    """Constraints as functions of the flat vector, with their Jacobians."""
    if isinstance(constraints, Mapping):
        flat = _OfForm(constraints["fun"], x0, constraints.get("args", ()))
        own = {key: value for key, value in constraints.items() if key not in ("fun", "args", "jac")}
        return own | {"fun": flat.several, "jac": flat.jacobian}
    return [_constraints(c, x0) for c in constraints] if isinstance(constraints, list | tuple) else constraints


def _finished(found: Any, flat: _OfForm) -> Any:
    found.x = flat.result(found.x)
    if np.shape(found.get("jac")) == flat.start.shape:
        found.jac = flat.form.fill(np.asarray(found.jac, float))
    return found
