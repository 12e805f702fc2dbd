"""Numerical: derivatives of a function that has no rule, found by evaluating it nearby. They say so in the graph.

| method | what it does | digits of the first derivative, of the second |
|---|---|---|
| `"complex step"` | Im f(x + ih) / h with h = 1e-20: nothing is subtracted | 15, and 10 |
| `"central differences"` | three steps, extrapolated to zero, and shortened until they agree | 10, and 7 |

A complex step needs a function that is analytic: what cuts off the imaginary part (`abs`, `max`, a comparison) would
give a wrong derivative in silence, so the numbers it runs on refuse that, by name. Each further derivative is found by
central differences of the one before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import numpy as np
from numpy import ndarray

from autograd.check.difference import TINY, first_step, slope
from autograd.errors import GradientError, place

COMPLEX, CENTRAL = METHODS = ("complex step", "central differences")

Function = Callable[..., Any]
Numbers = Sequence[Any]  # plain floats and arrays, and what stands between them


def push(method: str, name: str, function: Function, args: Numbers, tangents: Numbers) -> tuple[Any, ...]:
    """The derivative of each result along the tangents (None: not moved). Cost: one evaluation, or six and more."""
    moving = [i for i, t in enumerate(tangents) if t is not None]
    largest = max((float(np.max(np.abs(tangents[i]), initial=0.0)) for i in moving), default=0.0)
    reach = 2.0 ** np.ceil(np.log2(max([1.0, *(float(np.max(np.abs(args[i]), initial=0.0)) for i in moving)])))
    scale = reach / largest if largest else 1.0
    directions = [None if t is None else np.asarray(t, float) * scale for t in tangents]
    return tuple(d / scale for d in _along(method, name, function, args, directions))


def pull(method: str, name: str, function: Function, cotangents: Numbers, args: Numbers, wanted: Numbers) -> list[Any]:
    """The cotangent of each argument that is wanted, element by element: a `push` for each of them."""
    found: list[Any] = [None] * len(args)
    for i, x in enumerate(args):
        if wanted[i]:
            g = np.zeros(np.shape(x))
            for index in np.ndindex(g.shape):
                one = np.zeros(g.shape)
                one[index] = 1.0
                tangents = [one if k == i else None for k in range(len(args))]
                changes = push(method, name, function, args, tangents)
                g[index] = sum(np.sum(c * d) for c, d in zip(cotangents, changes, strict=True) if c is not None)
            found[i] = g
    return found


def partial(method: str, name: str, function: Function, slot: int, args: Numbers) -> Any:
    """∂y/∂args[slot] of a function that works on each element by itself: all elements are moved at once."""
    x = np.asarray(args[slot], float)
    scale = 2.0 ** np.ceil(
        np.log2(np.maximum(1.0, np.abs(np.broadcast_to(x, np.broadcast_shapes(*map(np.shape, args))))))
    )
    directions = [scale if i == slot else None for i in range(len(args))]
    (found,) = _along(method, name, function, args, directions)
    return found / scale


def _along(method: str, name: str, function: Function, args: Numbers, directions: Numbers) -> tuple[Any, ...]:
    """The derivative of each result along directions of about the size of the arguments."""
    if method == COMPLEX:
        return _complex_step(name, function, args, directions)
    shapes: list[tuple[int, ...]] = []

    def path(s: float) -> ndarray:
        ys = _tuple(function(*(x if d is None else _moved(x, s * d) for x, d in zip(args, directions, strict=True))))
        shapes[:] = map(np.shape, ys)
        return np.concatenate([np.asarray(y, float).ravel() for y in ys])

    found = slope(path, path(0.0), first_step(0.0)).value
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    return tuple(flat.reshape(shape) for flat, shape in zip(np.split(found, ends[:-1]), shapes, strict=True))


def _moved(x: Any, change: ndarray) -> Any:
    """x + change, in double precision: float32 has too few digits for differences. A float stays one."""
    return (
        np.asarray(x, float) + change if np.ndim(x) or np.ndim(change) or isinstance(x, ndarray) else x + float(change)
    )


def _tuple(y: Any) -> tuple[Any, ...]:
    return y if isinstance(y, tuple) else (y,)


# The complex step


def _complex_step(name: str, function: Function, args: Numbers, directions: Numbers) -> tuple[Any, ...]:
    moved = [
        x if d is None else np.asarray(x + 1j * TINY * d).view(_Analytic) for x, d in zip(args, directions, strict=True)
    ]
    try:
        ys = _tuple(function(*moved))
    except _RefusalError as refusal:
        raise _hopeless(name, f"{refusal} is not analytic", refusal.at) from None
    except TypeError as error:
        raise _hopeless(name, f"it takes no complex numbers: {error}") from error
    if not all(np.iscomplexobj(y) for y in ys):  # then these results must not depend on what is moved
        near = [
            x if d is None else _moved(x, d * s) for s in (0.0, 1e-3) for x, d in zip(args, directions, strict=True)
        ]
        pairs = zip(_tuple(function(*near[: len(args)])), _tuple(function(*near[len(args) :])), ys, strict=True)
        if any(not np.iscomplexobj(y) and not np.array_equal(a, b, equal_nan=True) for a, b, y in pairs):
            raise _hopeless(name, "it returned real numbers, so something in it cuts off the imaginary part")
    return tuple(np.asarray(y).view(ndarray).imag / TINY for y in ys)


def _hopeless(name: str, why: str, at: str | None = None) -> GradientError:
    return GradientError(
        f"{name} cannot be differentiated by a complex step: {why}.{place() if at is None else at}\n"
        f'  Use numerical="{CENTRAL}".'
    )


class _RefusalError(Exception):
    """What a complex number is not to be given to, and the user's line."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.at = place()


def _refuse(what: str) -> NoReturn:
    raise _RefusalError(what)


_ANALYTIC = {
    getattr(np, name)
    for name in (
        "add subtract multiply divide negative positive power float_power square sqrt reciprocal matmul exp exp2 expm1 "
        "log log2 log10 log1p sin cos tan sinh cosh tanh arcsin arccos arctan arcsinh arccosh arctanh"
    ).split()
}
_COMPARISONS = {np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal}
_CONJUGATING = {
    *(np.vdot, np.angle, np.real, np.imag, np.linalg.norm, np.linalg.svd, np.linalg.qr, np.linalg.cholesky),
    *(np.linalg.eigh, np.linalg.eigvalsh, np.linalg.pinv, np.linalg.lstsq, np.linalg.cond, np.linalg.matrix_rank),
}


class _Analytic(ndarray):
    """Complex numbers that take part in analytic functions only."""

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **settings: Any) -> Any:
        name = ufunc.__name__
        if getattr(np, name, None) is ufunc and ufunc not in _ANALYTIC:
            _refuse("a comparison" if ufunc in _COMPARISONS else f"np.{name}")
        plain = [x.view(ndarray) if isinstance(x, _Analytic) else x for x in inputs]
        settings = {k: tuple(x.view(ndarray) for x in v) if k == "out" else v for k, v in settings.items()}
        return np.asarray(getattr(ufunc, method)(*plain, **settings)).view(_Analytic)

    def __array_function__(self, function: Any, types: Any, args: Any, settings: Any) -> Any:
        if function in _CONJUGATING:
            _refuse(f"np.{function.__name__}")
        return super().__array_function__(function, types, args, settings)

    real = property(lambda self: _refuse("taking the real part"))
    imag = property(lambda self: _refuse("taking the imaginary part"))

    def __float__(self) -> float:
        _refuse("what becomes a float, as in math's functions,")

    __int__ = __bool__ = __index__ = __float__  # type: ignore[assignment]
    item = tolist = __round__ = __float__  # type: ignore[assignment]
