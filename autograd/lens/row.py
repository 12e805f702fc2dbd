"""Formulas of rows: spreads, extremes, products, norms, softmax and its kin, running products, Einstein's sums."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import accumulate, product
from operator import add, mul
from typing import Any

from autograd.lens.element import Elements, Index, Opening, add_up, number, times
from autograd.lens.formula import along_rows, of_rows, opens
from autograd.rules.arithmetic import square
from autograd.rules.exponential import exp, log, sqrt
from autograd.rules.piecewise import absolute, maximum, minimum

Row = list[Any]

# Reductions


@opens("var", of_rows)
def variance(row: Row, ddof: int) -> Any:
    """Σ (x - mean)² / (n - ddof)"""
    mean = add_up(row) / len(row)
    return add_up([square(x - mean) for x in row]) / (len(row) - ddof)


@opens("std", of_rows)
def deviation(row: Row, ddof: int) -> Any:
    """√variance"""
    return root(variance(row, ddof))


def root(x: Any) -> Any:
    """√x of a sum of squares. Where that is 0, so is its slope, and so the slope of the root is taken to be."""
    return sqrt(x) if number(x) else x


@opens("max", of_rows)
def largest(row: Row) -> Any:
    """One comparison after the other. Equal winners share the slope: then it is their mean."""
    return _winner(row, max(map(number, row)), maximum)


@opens("min", of_rows)
def smallest(row: Row) -> Any:
    """As the largest."""
    return _winner(row, min(map(number, row)), minimum)


def _winner(row: Row, best: float, better: Any) -> Any:
    winners = [x for x in row if number(x) == best]
    return add_up(winners) / len(winners) if len(winners) > 1 else reduce(better, row)


@opens("prod", of_rows)
def multiplied(row: Row) -> Any:
    """One factor after the other."""
    return reduce(mul, row)


@opens("vector_norm", of_rows)
def norm(row: Row, order: float) -> Any:
    """(Σ |x|ᵖ)^(1/p). An element that is 0 is at a kink, and has slope 0."""
    if order == 2:
        return root(add_up([square(x) for x in row]))
    terms = [absolute(x) ** order for x in row if number(x)]
    return add_up(terms) ** (1 / order) if terms and (order > 0 or len(terms) == len(row)) else 0.0


@opens("logsumexp", of_rows)
def log_of_sum(row: Row) -> Any:
    """ln Σ eˣ"""
    powers, top = exponentials(row)
    y = log(add_up(powers))
    return y + top if top else y


SAFE = 500.0  # the exponential of numbers up to here is far from the ends of float64


def exponentials(row: Row) -> tuple[Row, float]:
    """eˣ of each; or, where that would overflow or vanish, eˣ⁻ᵗ, and the largest number t, which is a constant."""
    top = float(max(map(number, row)))
    if abs(top) <= SAFE:
        return [exp(x) for x in row], 0.0
    return [exp(x - top) for x in row], top


# Rows to rows


@opens("softmax", along_rows)
def softmax(row: Row) -> Row:
    """eˣ / Σ eˣ"""
    powers, _ = exponentials(row)
    whole = add_up(powers)
    return [power / whole for power in powers]


@opens("log_softmax", along_rows)
def log_softmax(row: Row) -> Row:
    """x - ln Σ eˣ"""
    powers, top = exponentials(row)
    whole = log(add_up(powers))
    return [(x - top if top else x) - whole for x in row]


@opens("cumprod", along_rows)
def running_product(row: Row) -> Row:
    """yᵢ = yᵢ₋₁ xᵢ"""
    return list(accumulate(row, mul))


@opens("logcumsumexp", along_rows)
def running_log_of_sum(row: Row) -> Row:
    """ln of the running sum of eˣ"""
    powers, top = exponentials(row)
    return [log(s) + top if top else log(s) for s in accumulate(powers)]


@opens("recurrence", along_rows)
def recurrence(a: Row, b: Row) -> Row:
    """yᵢ = aᵢ yᵢ₋₁ + bᵢ"""
    found = [b[0]]
    for factor, term in zip(a[1:], b[1:], strict=True):
        found.append(factor * found[-1] + term)
    return found


# Sums of products


@opens("einsum")
def einsum(y: Any, *xs: Elements, terms: Sequence[str], output: str) -> Opening:
    """The sum over the letters that the result does not have, of the products of the operands."""
    sizes: dict[str, int] = {}
    for term, x in zip(terms, xs, strict=True):
        for letter, n in zip(term, x.shape, strict=True):
            sizes[letter] = max(n, sizes.get(letter, 1)) if n else 0
    summed = [letter for letter in sizes if letter not in output]

    def opening(index: Index) -> Any:
        found = []
        for place in product(*(range(sizes[letter]) for letter in summed)):
            at = dict(zip(output, index, strict=True)) | dict(zip(summed, place, strict=True))
            factors = (x.seen_from(tuple(at[c] for c in term)) for term, x in zip(terms, xs, strict=True))
            found.append(reduce(mul, factors))
        return add_up(found)

    return opening


@opens("dot")
def dot(y: Any, *xs: Elements) -> Opening:
    """w₁x₁ + ... + wₙxₙ, and a bias if there is one."""
    n = len(xs) // 2
    w, x, bias = ([v[()] for v in part] for part in (xs[:n], xs[n : 2 * n], xs[2 * n :]))
    return lambda index: add_up([*map(times, w, x), *bias])


@opens("total")
def total(y: Any, *xs: Elements) -> Opening:
    """One addition after the other."""
    return lambda index: reduce(add, [x[()] for x in xs])
