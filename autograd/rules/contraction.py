"""Products that sum over an index: matmul, einsum, and what is made of them."""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np

from autograd.domain import REAL, case
from autograd.errors import ShapeError, describe, place
from autograd.primitive import are_values, general
from autograd.rules.arithmetic import multiply
from autograd.rules.blas import product
from autograd.rules.reduction import add_reduce, sum
from autograd.rules.shaping import broadcast, expand_dims, reshape, shape_of, squeeze, sum_to, swapaxes, transpose

__all__ = ["affine", "dot", "einsum", "inner", "matmul", "matvec", "outer", "tensordot", "vdot", "vecmat"]

# matmul: a vector counts as one row on the left and one column on the right


def _fit(g: Any, x: Any) -> Any:
    return g if shape_of(g) == shape_of(x) else sum_to(g, shape=shape_of(x))


def _matmul_left(g: Any, y: Any, a: Any, b: Any) -> Any:
    if len(shape_of(b)) == 1:
        return _fit(expand_dims(g, -1) * b, a)
    if len(shape_of(a)) == 1:
        return _fit(squeeze(b @ expand_dims(g, -1), -1), a)
    return _fit(g @ swapaxes(b, -1, -2), a)


def _matmul_right(g: Any, y: Any, a: Any, b: Any) -> Any:
    if len(shape_of(a)) == 1:
        g = expand_dims(g, -1) if len(shape_of(b)) == 1 else expand_dims(g, -2)
        return _fit(a * g if len(shape_of(b)) == 1 else expand_dims(a, -1) * g, b)
    if len(shape_of(b)) == 1:
        return _fit(squeeze(swapaxes(a, -1, -2) @ expand_dims(g, -1), -1), b)
    if len(shape_of(b)) == 2 and len(shape_of(a)) > 2:  # one product of tall matrices instead of a sum of many
        rows = math.prod(shape_of(a)[:-1])  # -1 says nothing where there are no columns
        a, g = reshape(a, (rows, shape_of(a)[-1])), reshape(g, (rows, shape_of(g)[-1]))
    return _fit(swapaxes(a, -1, -2) @ g, b)


matmul = general(
    "matmul",
    np.matmul,
    (_matmul_left, _matmul_right),
    (lambda t, y, a, b: t @ b, lambda t, y, a, b: a @ t),
    domain=[
        case(REAL(2, 3), REAL(3, 4)),
        case(REAL(3), REAL(3)),
        case(REAL(3), REAL(3, 2)),
        case(REAL(2, 3), REAL(3)),
        case(REAL(2, 2, 3), REAL(3)),
        case(REAL(3), REAL(2, 3, 2)),
        case(REAL(2, 1, 2, 3), REAL(2, 3, 2)),
        case(REAL(2, 2, 3), REAL(3, 2)),
    ],
    notation="@",
    doc="Matrix product, over leading axes that broadcast; vectors as in NumPy.",
)

# einsum


def _explicit(subscripts: str, shapes: Sequence[tuple[int, ...]]) -> tuple[list[str], str]:
    """The terms of the operands and of the result, with capital letters not yet used in place of ellipses."""
    text = subscripts.replace(" ", "")
    left, arrow, right = text.partition("->")
    terms = left.split(",")
    if len(terms) != len(shapes):
        raise ShapeError(f"einsum {subscripts!r} names {len(terms)} operands and got {len(shapes)}.{place()}")
    hidden = [len(s) - len(t.replace("...", "")) if "..." in t else 0 for t, s in zip(terms, shapes, strict=True)]
    dots = "".join([c for c in "ZYXWVUTSRQPONMLKJIHGFEDCBA" if c not in text][: max(hidden)])
    terms = [t.replace("...", dots[len(dots) - n :]) for t, n in zip(terms, hidden, strict=True)]
    for term, shape in zip(terms, shapes, strict=True):
        if len(term) != len(shape):
            raise ShapeError(
                f"einsum {subscripts!r}: {term!r} has {len(term)} letters for an array of shape {shape}.{place()}"
            )
    if arrow:
        return terms, right.replace("...", dots)
    letters = "".join(terms)
    return terms, dots + "".join(sorted(c for c in set(letters) - set(dots) if letters.count(c) == 1))


def _diagonal(x: Any, term: str) -> tuple[Any, str]:
    """An operand with a letter twice is its own diagonal: read that, and the letters become different."""
    for c in term:
        while term.count(c) > 1:
            i, j = term.index(c), term.rindex(c)
            rest = [k for k in range(len(term)) if k not in (i, j)]
            along = np.arange(shape_of(x)[i])
            x = transpose(x, [*rest, i, j])[..., along, along]
            term = "".join(term[k] for k in rest) + c
    return x, term


def _einsum_back(g: Any, y: Any, *xs: Any, wanted: Sequence[bool], terms: tuple[str, ...], output: str) -> list[Any]:
    """The cotangent of an operand: the einsum of g with the other operands, with this one's letters as the output."""
    sizes = {c: n for term, x in zip(terms, xs, strict=True) for c, n in zip(term, shape_of(x), strict=True) if n != 1}
    found: list[Any] = []
    for k, (term, x) in enumerate(zip(terms, xs, strict=True)):
        if not wanted[k]:
            found.append(None)
            continue
        around = (output, *terms[:k], *terms[k + 1 :])
        kept = "".join(c for c in term if any(c in t for t in around))
        part = _einsum(g, *xs[:k], *xs[k + 1 :], terms=around, output=kept)
        size = dict(zip(kept, shape_of(part), strict=True))
        part = reshape(part, tuple(size.get(c, 1) for c in term))  # a letter that nobody else has was summed
        found.append(_fit(broadcast(part, shape=tuple(sizes.get(c, 1) for c in term)), x))
    return found


def _einsum_forward(ts: Sequence[Any], y: Any, *xs: Any, terms: tuple[str, ...], output: str) -> Any:
    parts = [_einsum(*xs[:k], t, *xs[k + 1 :], terms=terms, output=output) for k, t in enumerate(ts) if t is not None]
    return reduce(operator.add, parts)


def _einsum_array(*xs: Any, terms: tuple[str, ...], output: str) -> Any:
    large = len(xs) > 2 or any(np.size(x) > 4096 for x in xs)
    return np.einsum(f"{','.join(terms)}->{output}", *xs, optimize=large)


_einsum = general(
    "einsum",
    _einsum_array,
    _einsum_back,
    _einsum_forward,
    domain=[
        case(REAL(2, 3), REAL(3, 4), terms=("ij", "jk"), output="ik"),
        case(REAL(2, 3), terms=("ij",), output="j"),
        case(REAL(2), REAL(3), REAL(2, 3), terms=("i", "j", "ij"), output=""),
        case(REAL(2, 1), REAL(2, 3), terms=("ij", "ij"), output="ij"),
    ],
    doc="Einstein's summation over the letters that the result does not have.",
)


def _lettered(operands: Sequence[Any]) -> tuple[str, Sequence[Any]]:
    """NumPy's other way to write it, `a, [0, 1], b, [1, 2], [0, 2]`, in letters."""

    def term(axes: Sequence[Any]) -> str:
        return "".join("..." if i is ... else _LETTERS[i] for i in axes)

    output = f"->{term(operands[-1])}" if len(operands) % 2 else ""
    terms = [term(axes) for axes in operands[1::2]]
    return ",".join(terms) + output, operands[: 2 * len(terms) : 2]


_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def einsum(subscripts: Any, *operands: Any) -> Any:
    """Einstein summation, as np.einsum: ellipses, repeated letters, implicit output, any number of operands.

    >>> import autograd, numpy as np
    >>> a = autograd.Tensor(np.eye(3))
    >>> autograd.einsum("ii", a).item()
    3.0
    """
    if not isinstance(subscripts, str):
        subscripts, operands = _lettered((subscripts, *operands))  # type: ignore[assignment]
    terms, output = _explicit(subscripts, [shape_of(x) for x in operands])
    read = [_diagonal(x, term) for x, term in zip(operands, terms, strict=True)]
    return _einsum(*(x for x, _ in read), terms=tuple(term for _, term in read), output=output)


# Made of the two above

scalar_dot = general(
    "dot",
    lambda *xs: _dot_numbers(xs),
    lambda g, y, *xs, wanted: [*(g * x for x in _swapped(xs)), *[g] * (len(xs) % 2)],
    lambda ts, y, *xs: _scalar_dot_forward(ts, xs),
    on_number=lambda *xs: _dot_numbers(xs),
    domain=[case(REAL(), REAL(), REAL(), REAL()), case(REAL(), REAL(), REAL())],
    notation="·",
    doc="w₁x₁ + ... + wₙxₙ (+ b) of Values, in one node. The operands are the w, then the x, then b if they are odd.",
)
scalar_dot.bilinear = True


def _dot_numbers(xs: Sequence[Any]) -> Any:
    n = len(xs) // 2
    return builtins.sum(map(operator.mul, xs[:n], xs[n : 2 * n]), xs[-1] if len(xs) % 2 else 0.0)


def _swapped(xs: Sequence[Any]) -> Sequence[Any]:
    """The x, then the w: each in the place of what it is multiplied by."""
    n = len(xs) // 2
    return (*xs[n : 2 * n], *xs[:n])


def _scalar_dot_forward(ts: Sequence[Any], xs: Sequence[Any]) -> Any:
    y: Any = 0.0
    for t, x in zip(ts, (*_swapped(xs), *[1.0] * (len(xs) % 2)), strict=True):
        if t is not None:
            y = y + t * x
    return y


_SEQUENCES = {list, tuple}


def dot(a: Any, b: Any, bias: Any = None) -> Any:
    """Dot product, as np.dot. Of two lists of Values it is one Value, made by one node; `bias` is added in it.

    >>> from autograd import Value, dot
    >>> w = [Value(1.0), Value(2.0)]
    >>> dot(w, [3.0, 4.0], bias=0.5).data
    11.5
    """
    if type(a) in _SEQUENCES and type(b) in _SEQUENCES:
        operands = (*a, *b) if bias is None else (*a, *b, bias)
        if len(a) == len(b) and scalar_dot.of_values:
            y = scalar_dot.of_values(operands)
            if y is not None:
                return y
        if are_values(operands):
            if len(a) != len(b):
                raise ShapeError(f"dot of {len(a)} and {len(b)} numbers: the lengths must be equal.{place()}")
            return scalar_dot(*operands)
    left, right = len(shape_of(a)), len(shape_of(b))
    if left == 0 or right == 0:
        y = multiply(a, b)
    elif right <= 2:
        y = matmul(a, b)
    else:
        y = tensordot(a, b, axes=((left - 1,), (right - 2,)))
    return y if bias is None else y + bias


def outer(a: Any, b: Any) -> Any:
    """Every element of a times every element of b, shape (a.size, b.size)."""
    return reshape(a, (-1, 1)) * reshape(b, (1, -1))


def inner(a: Any, b: Any) -> Any:
    """Sum over the last axes of both."""
    if not shape_of(a) or not shape_of(b):
        return a * b
    return tensordot(a, b, axes=((-1,), (-1,)))


def vdot(a: Any, b: Any) -> Any:
    """Sum of the products of all elements, whatever the shapes."""
    return dot(reshape(a, (-1,)), reshape(b, (-1,)))


def matvec(a: Any, b: Any) -> Any:
    """Matrices times vectors, over leading axes that broadcast."""
    return squeeze(matmul(a, expand_dims(b, -1)), -1)


def vecmat(a: Any, b: Any) -> Any:
    """Vectors times matrices, over leading axes that broadcast."""
    return squeeze(matmul(expand_dims(a, -2), b), -2)


def tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """Sum over the given axes of both: a number (the last of a with the first of b) or a pair of lists."""
    left, right = shape_of(a), shape_of(b)
    if isinstance(axes, int):
        ia, ib = list(range(len(left) - axes, len(left))), list(range(axes))
    else:
        ia, ib = ([i] if isinstance(i, int) else list(i) for i in axes)
    ia, ib = [i % len(left) for i in ia], [i % len(right) for i in ib]
    if [left[i] for i in ia] != [right[i] for i in ib]:
        raise ShapeError(f"tensordot of {describe(a)} and {describe(b)} along {axes}: the sizes differ.{place()}")
    oa, ob = [i for i in range(len(left)) if i not in ia], [i for i in range(len(right)) if i not in ib]
    size = int(np.prod([left[i] for i in ia]))
    rows = reshape(transpose(a, oa + ia), (int(np.prod([left[i] for i in oa])), size))
    columns = reshape(transpose(b, ib + ob), (size, int(np.prod([right[i] for i in ob]))))
    return reshape(matmul(rows, columns), tuple(left[i] for i in oa) + tuple(right[i] for i in ob))


# A layer of neurons


def _affine_array(x: Any, weight: Any, bias: Any) -> Any:
    if x.ndim > 2:  # one large product is faster than one for each matrix
        rows = x.reshape(math.prod(x.shape[:-1]), x.shape[-1])
        return _affine_array(rows, weight, bias).reshape(*x.shape[:-1], len(weight))
    if x.ndim == 2 and x.dtype == weight.dtype == bias.dtype:
        return product(x, weight.T, bias)
    return np.matmul(x, weight.T) + bias


def _rows(x: Any) -> Any:
    return reshape(x, (math.prod(x.shape[:-1]), x.shape[-1]))


def _affine_back(g: Any, y: Any, x: Any, weight: Any, bias: Any, wanted: Sequence[bool]) -> tuple[Any, Any, Any]:
    if type(g) is np.ndarray and 0 in g.strides:  # it is broadcast, and each product would make a copy
        g = np.ascontiguousarray(g)
    if x.ndim != 2:
        dx, dw, db = _affine_back(_rows(g), y, _rows(x), weight, bias, wanted)
        return dx if dx is None else reshape(dx, x.shape), dw, db
    return (
        _product(g, weight) if wanted[0] else None,
        _weight_gradient(g, x, weight) if wanted[1] else None,
        _sum_of_rows(g) if wanted[2] else None,
    )


def _sum_of_rows(rows: Any) -> Any:
    if type(rows) is not np.ndarray:
        return sum(rows, 0)
    if len(rows) < 128:
        return add_reduce(rows, 0)
    return np.matmul(np.ones(len(rows), rows.dtype), rows)  # of many, faster


def _product(left: Any, right: Any) -> Any:
    return product(left, right) if type(left) is type(right) is np.ndarray else left @ right


def _weight_gradient(rows: Any, x: Any, weight: Any) -> Any:
    """rows.T @ x, of arrays in the memory order of the weight: it will be added to it."""
    if type(weight) is np.ndarray and weight.flags.fnc and rows.dtype is x.dtype:
        y = np.empty(weight.shape, x.dtype, "F")
        product(x.T, rows, out=y.T)
        return y
    return _product(rows.T, x)


affine = general(
    "affine",
    _affine_array,
    _affine_back,
    (
        lambda t, y, x, weight, bias: t @ weight.T,
        lambda t, y, x, weight, bias: x @ t.T,
        lambda t, y, x, weight, bias: broadcast(t, shape=shape_of(y)),
    ),
    domain=[
        case(REAL(4, 3), REAL(2, 3), REAL(2)),
        case(REAL(2, 4, 3), REAL(2, 3), REAL(2)),
        case(REAL(3), REAL(2, 3), REAL(2)),
    ],
    doc="x @ weight.T + bias, with weight of shape (out, in): a layer of neurons, in one node.",
)
affine.joint_vjp = _affine_back
