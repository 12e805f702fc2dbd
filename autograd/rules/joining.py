"""Arrays put together and taken apart: the stack family, the split family, blocks, and grids.

Joining is `concatenate`, splitting is reading slices; both stand on floors below.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from itertools import combinations as _combinations
from itertools import combinations_with_replacement
from typing import Any

import numpy as np

from autograd.domain import REAL, case
from autograd.errors import ShapeError, describe, place
from autograd.primitive import linear
from autograd.rules.arranging import atleast_1d, atleast_2d, atleast_3d
from autograd.rules.indexing import getitem
from autograd.rules.shaping import (
    astype,
    broadcast,
    broadcast_to,
    concatenate,
    data_of,
    moveaxis,
    normalize_axes,
    ravel,
    reshape,
    shape_of,
    stack,
    transpose,
)

__all__ = [
    "append",
    "array_split",
    "block",
    "block_diag",
    "cartesian_prod",
    "chunk",
    "column_stack",
    "combinations",
    "delete",
    "dsplit",
    "dstack",
    "hsplit",
    "hstack",
    "insert",
    "meshgrid",
    "split",
    "split_with_sizes",
    "unstack",
    "vsplit",
    "vstack",
]

Sections = Any  # how many parts, or where to cut

# Joining


def hstack(arrays: Sequence[Any]) -> Any:
    """Joined along the second axis; rows and numbers along their only one."""
    arrays = [atleast_1d(x) for x in arrays]
    return concatenate(arrays, 0 if arrays and len(shape_of(arrays[0])) == 1 else 1)


def vstack(arrays: Sequence[Any]) -> Any:
    """Joined along the first axis; rows become rows of a matrix."""
    return concatenate([atleast_2d(x) for x in arrays], 0)


def dstack(arrays: Sequence[Any]) -> Any:
    """Joined along the third axis."""
    return concatenate([atleast_3d(x) for x in arrays], 2)


def column_stack(arrays: Sequence[Any]) -> Any:
    """Rows become columns of a matrix; what has more axes is joined along its second."""
    return concatenate([reshape(x, (-1, 1)) if len(shape_of(x)) < 2 else x for x in arrays], 1)


def block(arrays: Any) -> Any:
    """Arrays put together from nested lists of blocks: the innermost lists along the last axis, and so on outwards.

    >>> import autograd, numpy as np
    >>> a = autograd.Tensor([[1.0]])
    >>> autograd.block([[a, 2 * a], [3 * a, 4 * a]]).tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    depth = _depth(arrays)
    ndim = max([depth, *(len(shape_of(x)) for x in _leaves(arrays))])

    def put(x: Any, level: int) -> Any:
        if isinstance(x, list):
            return concatenate([put(part, level + 1) for part in x], level - depth)
        return reshape(x, (1,) * (ndim - len(shape_of(x))) + shape_of(x))

    return put(arrays, 0)


def _depth(x: Any) -> int:
    if not isinstance(x, list):
        return 0
    depths = {_depth(part) for part in x}
    if len(depths) != 1:
        raise ShapeError(f"block: the lists must all be nested equally deep, and none be empty.{place()}")
    return 1 + depths.pop()


def _leaves(x: Any) -> list[Any]:
    return [leaf for part in x for leaf in _leaves(part)] if isinstance(x, list) else [x]


def append(x: Any, values: Any, axis: int | None = None) -> Any:
    """`values` joined on behind x along an axis; without one, both raveled."""
    return concatenate([x, values], axis)


def _put_on_diagonal(*xs: Any) -> Any:
    rows, columns = (sum(x.shape[i] for x in xs) for i in (0, 1))
    out = np.zeros((rows, columns), np.result_type(*xs))
    i = j = 0
    for x in xs:
        out[i : i + x.shape[0], j : j + x.shape[1]] = x
        i, j = i + x.shape[0], j + x.shape[1]
    return out


def _from_diagonal(g: Any, *xs: Any) -> list[Any]:
    ends = np.cumsum([shape_of(x) for x in xs], axis=0).tolist()
    return [g[i - shape_of(x)[0] : i, j - shape_of(x)[1] : j] for (i, j), x in zip(ends, xs, strict=True)]


_block_diag = linear(
    "block_diag",
    _put_on_diagonal,
    _from_diagonal,
    joint=True,
    domain=[case(REAL(2, 3), REAL(1, 2), REAL(2, 1))],
    doc="Matrices along the diagonal, zeros elsewhere.",
)


def block_diag(*arrays: Any) -> Any:
    """Matrices along the diagonal of a larger one, zeros elsewhere; rows count as matrices of one row."""
    return _block_diag(*map(atleast_2d, arrays))


# Splitting


def array_split(x: Any, indices_or_sections: Sections, axis: int = 0) -> list[Any]:
    """Parts along an axis: so many, as equal as can be, or cut at these places."""
    shape = shape_of(x)
    (axis,) = normalize_axes(axis, len(shape))
    cuts: list[int]
    if not np.ndim(indices_or_sections):
        sections = int(indices_or_sections)
        if sections <= 0:
            raise ShapeError(f"array_split: the number of parts must be positive, not {sections}.{place()}")
        each, extra = divmod(shape[axis], sections)
        cuts = [each * k + min(k, extra) for k in range(1, sections)]
    else:
        cuts = [operator.index(k) for k in indices_or_sections]
    before = (slice(None),) * axis
    return [
        getitem(x, index=(*before, slice(start, end)))
        for start, end in zip([0, *cuts], [*cuts, None], strict=True)  # as NumPy: parts may be empty, or overlap
    ]


def split(x: Any, indices_or_sections: Sections, axis: int = 0) -> list[Any]:
    """Parts along an axis: so many equal ones, or cut at these places.

    Errors: ShapeError when equal parts are not possible; `array_split` makes them as equal as can be.
    """
    n = shape_of(x)[normalize_axes(axis, len(shape_of(x)))[0]]
    if not np.ndim(indices_or_sections) and (indices_or_sections <= 0 or n % indices_or_sections):
        raise ShapeError(
            f"split of {describe(x)}: {n} elements along axis {axis} do not make {indices_or_sections} equal parts."
            f"{place()}\n  array_split makes them as equal as can be."
        )
    return array_split(x, indices_or_sections, axis)


def hsplit(x: Any, indices_or_sections: Sections) -> list[Any]:
    """Parts along the second axis; of a row, along its only one."""
    return split(x, indices_or_sections, 0 if len(shape_of(x)) == 1 else 1)


def vsplit(x: Any, indices_or_sections: Sections) -> list[Any]:
    """Parts along the first axis, of an array of at least two."""
    return split(_with_axes(x, 2, "vsplit"), indices_or_sections, 0)


def dsplit(x: Any, indices_or_sections: Sections) -> list[Any]:
    """Parts along the third axis."""
    return split(_with_axes(x, 3, "dsplit"), indices_or_sections, 2)


def _with_axes(x: Any, least: int, name: str) -> Any:
    if len(shape_of(x)) < least:
        raise ShapeError(f"{name} needs at least {least} axes, and got {describe(x)}.{place()}")
    return x


def chunk(x: Any, chunks: int, axis: int = 0) -> list[Any]:
    """At most so many parts of one size along an axis, the last one smaller if need be, as in PyTorch."""
    n = shape_of(x)[axis]
    size = max(1, -(-n // chunks))
    return split_with_sizes(x, [size] * (n // size) + [n % size] * (n % size > 0) if n else [0] * chunks, axis)


def split_with_sizes(x: Any, sizes: Sequence[int], axis: int = 0) -> list[Any]:
    """Parts of these sizes along an axis; together they must be all of it."""
    if sum(sizes) != shape_of(x)[axis]:
        raise ShapeError(f"split_with_sizes of {describe(x)}: the sizes {list(sizes)} do not fit axis {axis}.{place()}")
    return array_split(x, np.cumsum(sizes)[:-1].tolist(), axis)


def unstack(x: Any, axis: int = 0) -> tuple[Any, ...]:
    """The slices along an axis, which they no longer have: the inverse of `stack`."""
    (axis,) = normalize_axes(axis, len(_with_axes(x, 1, "unstack").shape))
    return tuple(getitem(x, index=(*(slice(None),) * axis, k)) for k in range(shape_of(x)[axis]))


# Inserting and deleting


def delete(x: Any, indices: Any, axis: int | None = None) -> Any:
    """x without the elements (or slices along `axis`) of these numbers."""
    if axis is None:
        x, axis = ravel(x), 0
    (axis,) = normalize_axes(axis, len(shape_of(x)))
    kept = np.delete(np.arange(shape_of(x)[axis]), indices if isinstance(indices, slice) else data_of(indices))
    return getitem(x, index=(*(slice(None),) * axis, kept))


def insert(x: Any, indices: Any, values: Any, axis: int | None = None) -> Any:
    """x with `values` put in before the elements (or slices along `axis`) of these numbers, as np.insert.

    The values take the dtype of x.
    """
    if axis is None:
        x, axis = ravel(x), 0
    shape = shape_of(x)
    (axis,) = normalize_axes(axis, len(shape))
    numbers = np.arange(shape[axis])
    where = numbers[indices] if isinstance(indices, slice) else data_of(indices)
    where = np.flatnonzero(where) if where.dtype == bool else where
    if not where.ndim and shape_of(values):  # all of the values go in at this one place
        values = reshape(values, (1,) * (len(shape) - len(shape_of(values))) + shape_of(values))
        values = moveaxis(values, 0, axis)
        where = np.repeat(where, shape_of(values)[axis])
    source = np.insert(numbers, where, shape[axis] + np.arange(where.size))
    inserted = broadcast_to(astype(values, x.dtype), (*shape[:axis], where.size, *shape[axis + 1 :]))
    return getitem(concatenate([x, inserted], axis), index=(*(slice(None),) * axis, source))


# Grids


def meshgrid(*xs: Any, indexing: str = "xy", sparse: bool = False, copy: bool = True) -> tuple[Any, ...]:
    """The coordinates of a grid, an array for each axis. `copy` is NumPy's; nothing is shared that could be written to.

    With "xy" the first two axes are exchanged, as in a picture; with "ij" they are in the order given.
    """
    if indexing not in ("xy", "ij"):
        raise ShapeError(f'meshgrid: indexing is "xy" or "ij", not {indexing!r}.{place()}')
    n = len(xs)
    grid = [reshape(x, tuple(-1 if k == i else 1 for k in range(n))) for i, x in enumerate(xs)]
    if not sparse:
        shape = tuple(shape_of(x)[i] for i, x in enumerate(grid))
        grid = [broadcast(x, shape=shape) for x in grid]
    if indexing == "xy" and n > 1:
        grid = [transpose(x, (1, 0, *range(2, n))) for x in grid]
    return tuple(grid)


def cartesian_prod(*xs: Any) -> Any:
    """Every choice of one element of each row, one a row; of a single row, the row."""
    if len(xs) == 1:
        return xs[0]
    return stack([ravel(grid) for grid in meshgrid(*xs, indexing="ij")], -1)


def combinations(x: Any, r: int = 2, with_replacement: bool = False) -> Any:
    """Every choice of r elements of a row, one a row."""
    choose: Any = combinations_with_replacement if with_replacement else _combinations
    index = np.array(list(choose(range(shape_of(x)[0]), r)), int).reshape(-1, r)
    return getitem(x, index=index)
