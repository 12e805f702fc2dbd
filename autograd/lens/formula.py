"""Formula: the table of textbook formulas, and the three ways in which they are written.

A formula is called as a rule is, `(y, *operands, **params)`, with the array of the result and the elements of the
operands. What comes back makes the Value of one element of the result: `opening(index)`. Most are written for less:

- `of_rows`: what a reduction makes of the numbers that go into one result;
- `along_rows`: what becomes of a row along an axis, a list for a list;
- `of_matrices`: what becomes of matrices, the lists of their rows, over leading axes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import product
from typing import Any

import numpy as np

from autograd.lens.element import Elements, Index, Opening, fitted
from autograd.rules.shaping import normalize_axes

Formula = Callable[..., Opening]
Write = Callable[..., Any]

FORMULAS: dict[str, Formula] = {}


def opens(name: str, *ways: Callable[[Write], Formula]) -> Callable[[Write], Write]:
    """Put what follows into the table, as the formula of the primitive of this name."""

    def put(write: Write) -> Write:
        formula: Any = write
        for way in ways:
            formula = way(formula)
        FORMULAS[name] = formula
        return write

    return put


def of_rows(write: Write) -> Formula:
    """A reduction along axes, given what it makes of the elements that go into one result: `write(row, **params)`."""

    def formula(y: Any, x: Elements, axis: Any, keepdims: bool, **params: Any) -> Opening:
        axes = normalize_axes(axis, len(x.shape))

        def opening(index: Index) -> Any:
            kept = iter(index)
            if keepdims:
                kept = (i for k, i in enumerate(index) if k not in axes)
            places = [range(n) if k in axes else (next(kept),) for k, n in enumerate(x.shape)]
            return write([x[place] for place in product(*places)], **params)

        return opening

    return formula


def along_rows(write: Write) -> Formula:
    """What goes along an axis, given what becomes of one row: `write(row, **params)`, of several operands several."""

    def formula(y: Any, *xs: Elements, axis: int, **params: Any) -> Opening:
        if not y.shape:
            return lambda index: write(*([x[()]] for x in xs), **params)[0]
        axis %= y.ndim

        @cache
        def along(before: Index, behind: Index) -> Any:
            places = [(*before, k, *behind) for k in range(y.shape[axis])]
            return write(*([x.seen_from(place) for place in places] for x in xs), **params)

        return lambda index: along(index[:axis], index[axis + 1 :])[index[axis]]

    return formula


def of_matrices(write: Write) -> Formula:
    """What is done to matrices over leading axes, given what is done to one: `write(y, *matrices, **params)`.

    A matrix is the list of its rows; what comes back is one, a list, or a number. `y` is its plain result.
    """

    def formula(y: Any, *xs: Elements, **params: Any) -> Opening:
        lead = len(np.broadcast_shapes(*(x.shape[:-2] for x in xs)))

        @cache
        def at(outer: Index) -> Any:
            matrices = []
            for x in xs:
                around, (rows, columns) = fitted(outer, x.shape[:-2]), x.shape[-2:]
                matrices.append([[x[(*around, i, j)] for j in range(columns)] for i in range(rows)])
            return write(y[outer], *matrices, **params)

        def opening(index: Index) -> Any:
            found = at(index[:lead])
            for i in index[lead:]:
                found = found[i]
            return found

        return opening

    return formula
