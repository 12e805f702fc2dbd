"""Norms of vectors and matrices of every order, and condition numbers. Where a norm has a kink, its slope is 0."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from autograd.domain import NONZERO, REAL, case
from autograd.errors import ShapeError, describe, place
from autograd.primitive import general
from autograd.rules.arithmetic import power
from autograd.rules.factorization import svdvals
from autograd.rules.library import as_array
from autograd.rules.linalg import inv
from autograd.rules.piecewise import absolute, sign, where
from autograd.rules.reduction import max, min, spread, sum
from autograd.rules.shaping import Shape, data_of, expand_dims, moveaxis, normalize_axes, reshape, shape_of
from autograd.rules.triangular import square

__all__ = ["renorm"]  # the front door's; all of it is in autograd.linalg

Axis = int | Shape | None


def _norm_array(x: ndarray, order: float, axis: Axis, keepdims: bool) -> Any:
    size = np.absolute(x)
    with np.errstate(all="ignore"):
        powers = _powers_added(size, order, axis)
        info = np.finfo(powers.dtype)
        if np.any((powers < info.tiny / info.eps) | (powers == np.inf)):  # some may have vanished, or overflowed
            top = np.max(size, axis, keepdims=True, initial=0)
            top = np.where((top > 0) & (top < np.inf), top, 1).astype(powers.dtype)
            y = top * _root(_powers_added(size / top, order, axis), order)
        else:
            y = _root(powers, order)
    return y if keepdims else np.squeeze(y, axis)


def _powers_added(size: ndarray, order: float, axis: Axis) -> ndarray:
    return np.asarray(np.sum(size * size if order == 2 else size**order, axis, keepdims=True))


def _root(x: ndarray, order: float) -> ndarray:
    found: ndarray = np.sqrt(x) if order == 2 else x ** (1 / order)
    return found


def _slope(y: Any, x: Any, order: float, axis: Axis, keepdims: bool) -> Any:
    """sign(x) (|x| / y)^(order - 1), and 0 at a kink: where y is 0, and but for order 2 where x is."""
    y = spread(y, x, axis, keepdims)
    if order == 2:
        return where(y == 0, 0.0, x / where(y == 0, 1.0, y))
    kink = (y == 0) | (x == 0)
    ratio = absolute(where(kink, 1.0, x)) / where(kink, 1.0, y)
    return where(kink, 0.0, sign(x) * power(ratio, order - 1))


_norm = general(
    "vector_norm",
    _norm_array,
    [lambda g, y, x, **how: spread(g, x, how["axis"], how["keepdims"]) * _slope(y, x, **how)],
    [lambda t, y, x, **how: sum(t * _slope(y, x, **how), how["axis"], how["keepdims"])],
    domain=[
        case(REAL(2, 3), order=2, axis=None, keepdims=False),
        case(REAL(2, 3, 2), order=2, axis=(0, 2), keepdims=True),
        case(NONZERO(2, 3), order=3, axis=1, keepdims=False),
        case(NONZERO(2, 3), order=1.5, axis=0, keepdims=True),
        case(NONZERO(3), order=-2, axis=None, keepdims=False),
    ],
    doc="(Σ |x|ᵖ)^(1/p) along axes, without overflow or underflow; slope 0 where it is 0.",
)


def vector_norm(x: Any, ord: float = 2, axis: Axis = None, keepdims: bool = False) -> Any:
    """(Σ |x|ᵖ)^(1/p) along an axis, several, or all, for p = ord; inf and -inf are the largest and smallest size, 0
    counts what is not 0.

    The slope is 0 where the norm is 0, and where it has a kink; equal largest or smallest ones share it.

    >>> import autograd
    >>> x = autograd.Tensor([3.0, -4.0])
    >>> y = autograd.linalg.norm(x)
    >>> y.backward(); y.item(), x.grad
    (5.0, array([ 0.6, -0.8]))
    """
    if not hasattr(x, "dtype") or x.dtype.kind != "f":
        x = reshape(x, shape_of(x)) * 1.0
    if not shape_of(x):
        axis = None  # a number is a vector of one element
    if ord in (np.inf, -np.inf):
        return (max if ord > 0 else min)(absolute(x), axis, keepdims)
    if ord == 1:
        return sum(absolute(x), axis, keepdims)
    if ord == 0:
        return sum(absolute(sign(x)), axis, keepdims)
    if not isinstance(ord, int | float | np.number):
        raise ShapeError(f"a norm of vectors has a number as its order, not {ord!r}.{place()}")
    axes = None if axis is None else normalize_axes(axis, len(shape_of(x)))
    return _norm(x, order=ord, axis=axes, keepdims=keepdims)


_SINGULAR = {"nuc": sum, 2: max, -2: min}  # what is made of the singular values


def matrix_norm(x: Any, ord: Any = "fro", axis: tuple[int, int] = (-2, -1), keepdims: bool = False) -> Any:
    """The norm of matrices, which lie along two axes: "fro" (of all elements), "nuc" (the sum of singular values), 2
    and -2 (the largest and smallest of them), 1 and -1 (of the sums of columns), inf and -inf (of the sums of rows).
    """
    ndim = len(shape_of(x))
    first, second = (a + ndim if a < 0 else a for a in axis)
    axes = normalize_axes((first, second), ndim)
    if ord == "fro":
        return vector_norm(x, 2, axes, keepdims)
    if ord in _SINGULAR:
        y = _SINGULAR[ord](svdvals(moveaxis(x, (first, second), (-2, -1))), -1)
        return expand_dims(y, axes) if keepdims else y
    if ord not in (1, -1, np.inf, -np.inf):
        raise ShapeError(f"a norm of matrices has order fro, nuc, 2, -2, 1, -1, inf or -inf, not {ord!r}.{place()}")
    summed, left = (first, second) if abs(ord) == 1 else (second, first)
    y = (max if ord > 0 else min)(sum(absolute(x), summed, True), left, True)
    return y if keepdims else reshape(y, tuple(n for i, n in enumerate(shape_of(y)) if i not in axes))


def norm(x: Any, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> Any:
    """The norm of vectors or of matrices, as np.linalg.norm: of one axis of vectors, of two of matrices.

    Without an axis, of the one vector or matrix that x is; without an order either, of all elements, √Σx².
    """
    ndim = len(shape_of(x))
    if axis is None and ord is None:
        return vector_norm(x, 2, None, keepdims)
    axes = tuple(range(ndim)) if axis is None else (axis,) if isinstance(axis, int | np.integer) else tuple(axis)
    if len(axes) == 1:
        return vector_norm(x, 2 if ord is None else ord, axes[0], keepdims)
    if len(axes) != 2:
        raise ShapeError(f"norm of {describe(x)} along {len(axes)} axes: name one or two.{place()}")
    return matrix_norm(x, "fro" if ord is None else ord, (axes[0], axes[1]), keepdims)


def renorm(x: Any, p: float, axis: int, maxnorm: float) -> Any:
    """x with every slice along an axis whose norm of order p is larger than `maxnorm` shortened to it.

    As in PyTorch the norm it is divided by is first made larger by 1e-7.

    >>> import autograd
    >>> autograd.renorm([[3.0, 4.0], [0.3, 0.4]], 2, 0, 1.0).round(4)
    array([[0.6, 0.8],
           [0.3, 0.4]])
    """
    x = as_array(x)
    (axis,) = normalize_axes(axis, len(shape_of(x)))
    y = vector_norm(x, p, tuple(i for i in range(len(shape_of(x))) if i != axis), keepdims=True)
    long = data_of(y) > maxnorm
    return x * where(long, maxnorm / (where(long, y, 1.0) + 1e-7), 1.0)


def cond(x: Any, p: Any = None) -> Any:
    """The condition number: the norm of a matrix times that of its inverse, by default the largest singular value over
    the smallest. `p` is the order of the norm.
    """
    if p in (None, 2, -2):
        s = svdvals(x)
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    square(x, "cond")
    return matrix_norm(x, p) * matrix_norm(inv(x), p)
