"""Formulas of matrices, as they are done by hand: a matrix is the list of its rows.

Systems are solved by elimination, with the largest pivot of each column; determinants are developed along their rows.
"""

from __future__ import annotations

from functools import cache
from math import ceil, log2
from typing import Any

from autograd.errors import MatrixError, ShapeError, place
from autograd.lens.element import add_up, inner, is_zero, minus, number, over, times, weighted
from autograd.lens.formula import of_matrices, opens
from autograd.rules.exponential import log, sqrt
from autograd.rules.piecewise import absolute

Matrix = list[list[Any]]

LARGEST = 8  # rows of a determinant: its formula has 2ⁿ n products


def transposed(a: Matrix) -> Matrix:
    """Rows and columns exchanged."""
    return [list(column) for column in zip(*a, strict=True)]


def product(a: Matrix, b: Matrix) -> Matrix:
    """a b"""
    columns = transposed(b)
    return [[inner(row, column) for column in columns] for row in a]


def identity(n: int) -> Matrix:
    """Ones on the diagonal."""
    return [[float(i == j) for j in range(n)] for i in range(n)]


# Systems


def substituted(u: Matrix, b: Matrix) -> Matrix:
    """The y of u y = b for an upper triangle u: the last unknown first."""
    found: Matrix = []
    for row, right in zip(reversed(u), reversed(b), strict=True):
        k = len(u) - len(found) - 1
        known = transposed(found) if found else [[] for _ in right]
        found.insert(0, [over(minus(r, inner(row[k + 1 :], y)), row[k]) for r, y in zip(right, known, strict=True)])
    return found


def solved(a: Matrix, b: Matrix) -> Matrix:
    """The y of a y = b, by Gauss's elimination."""
    n = len(a)
    rows = [[*left, *right] for left, right in zip(a, b, strict=True)]
    for k in range(n):
        pivot = max(range(k, n), key=lambda i: abs(number(rows[i][k])))
        rows[k], rows[pivot] = rows[pivot], rows[k]
        for i in range(k + 1, n):
            if not is_zero(rows[i][k]):
                factor = rows[i][k] / rows[k][k]
                rest = (minus(x, times(factor, p)) for x, p in zip(rows[i][k + 1 :], rows[k][k + 1 :], strict=True))
                rows[i] = [0.0] * (k + 1) + list(rest)
    return substituted([row[:n] for row in rows], [row[n:] for row in rows])


@opens("solve", of_matrices)
def solve(y: Any, a: Matrix, b: Matrix) -> Matrix:
    """a y = b"""
    return solved(a, b)


@opens("inv", of_matrices)
def inverse(y: Any, a: Matrix) -> Matrix:
    """a y = 1"""
    return solved(a, identity(len(a)))


@opens("pinv", of_matrices)
def pseudo_inverse(y: Any, a: Matrix, rtol: Any) -> Matrix:
    """(aᵀa)⁻¹ aᵀ, or aᵀ (a aᵀ)⁻¹ of a matrix that is wider than high: where its rank is full."""
    turned = transposed(a)
    if len(a) >= len(turned):
        return solved(product(turned, a), turned)
    return transposed(solved(product(a, turned), a))


@opens("solve_triangular", of_matrices)
def solve_triangular(y: Any, a: Matrix, b: Matrix, lower: bool, trans: bool, unit: bool) -> Matrix:
    """By substitution, from the end of the triangle that has one unknown."""
    n = len(a)
    inside = [[a[i][j] if (j < i if lower else j > i) else 0.0 for j in range(n)] for i in range(n)]
    for i in range(n):
        inside[i][i] = 1.0 if unit else a[i][i]
    if trans:
        inside = transposed(inside)
    if lower is trans:
        return substituted(inside, b)
    return substituted([row[::-1] for row in inside[::-1]], b[::-1])[::-1]


@opens("solve_banded", of_matrices)
def solve_banded(y: Any, ab: Matrix, b: Matrix, upper: int) -> Matrix:
    """By elimination: what is not kept is 0."""
    n, bands = len(b), range(len(ab))
    whole = [[ab[upper + i - j][j] if upper + i - j in bands else 0.0 for j in range(n)] for i in range(n)]
    return solved(whole, b)


@opens("solve_sylvester", of_matrices)
def solve_sylvester(y: Any, a: Matrix, b: Matrix, q: Matrix) -> Matrix:
    """One equation for each element of a y + y b = q."""
    places = [(i, j) for i in range(len(a)) for j in range(len(b))]
    equations = [
        [add_up([a[i][k] if m == j else 0.0, b[m][j] if k == i else 0.0]) for k, m in places] for i, j in places
    ]
    found = solved(equations, [[q[i][j]] for i, j in places])
    return [[found[i * len(b) + j][0] for j in range(len(b))] for i in range(len(a))]


# Determinants


def developed(a: Matrix) -> Any:
    """The determinant, along its first row, and so on; each smaller one is computed once."""
    n = len(a)
    if n > LARGEST:
        raise ShapeError(
            f"zoom: the determinant of a matrix of {n} rows has too many terms to write out; {LARGEST} rows are as "
            f"many as can be looked at.{place()}"
        )

    @cache
    def minor(columns: tuple[int, ...]) -> Any:
        if not columns:
            return 1.0
        row = a[n - len(columns)]
        terms = [times(row[c], minor(columns[:k] + columns[k + 1 :])) for k, c in enumerate(columns)]
        return weighted([((-1.0) ** k, term) for k, term in enumerate(terms)])

    return minor(tuple(range(n)))


def without(a: Matrix, i: int, j: int) -> Matrix:
    """A matrix without a row and a column."""
    return [row[:j] + row[j + 1 :] for row in a[:i] + a[i + 1 :]]


def cofactor(a: Matrix, i: int, j: int) -> Any:
    """What the element in row i and column j is multiplied by in the determinant."""
    found = developed(without(a, i, j))
    return -found if (i + j) % 2 else found


@opens("det", of_matrices)
def determinant(y: Any, a: Matrix) -> Any:
    """Developed along the rows."""
    return developed(a)


@opens("cofactors", of_matrices)
def cofactors(y: Any, a: Matrix) -> Matrix:
    """± the determinants of what is left without a row and a column."""
    return [[cofactor(a, i, j) for j in range(len(a))] for i in range(len(a))]


@opens("cofactor_slope", of_matrices)
def cofactor_slope(y: Any, a: Matrix, e: Matrix) -> Matrix:
    """The cofactors of each smaller matrix, times what these elements move by."""
    places = range(len(a))

    def along(i: int, j: int) -> Any:
        left, moved = without(a, i, j), without(e, i, j)
        rows = range(len(left))
        found = add_up([times(cofactor(left, k, m), moved[k][m]) for k in rows for m in rows])
        return -found if (i + j) % 2 else found

    return [[along(i, j) for j in places] for i in places]


@opens("slogdet", of_matrices)
def log_determinant(y: Any, a: Matrix) -> list[Any]:
    """The sign, which is a constant, and ln |det a|."""
    return [float(y[0]), log(absolute(developed(a)))]


# Factors


@opens("mirrored", of_matrices)
def mirrored(y: Any, a: Matrix, lower: bool) -> Matrix:
    """The symmetric part, whose derivative is that among symmetric matrices: of a symmetric matrix it is the same."""
    n = len(a)
    if any(number(a[i][j]) != number(a[j][i]) for i in range(n) for j in range(i)):
        raise MatrixError(
            f"zoom: of a symmetric matrix one triangle is read, and its derivative is that among symmetric matrices. "
            f"This one is not symmetric, so no formula of its elements has both.{place()}"
        )
    return [[a[i][i] if i == j else (a[i][j] + a[j][i]) / 2.0 for j in range(n)] for i in range(n)]


@opens("cholesky", of_matrices)
def cholesky(y: Any, a: Matrix) -> Matrix:
    """Element by element of the lower triangle, of the symmetric part of a."""
    n = len(a)
    found: Matrix = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(i + 1):
            own = a[i][i] if i == j else (a[i][j] + a[j][i]) / 2.0
            left = minus(own, inner(found[i][:j], found[j][:j]))
            found[i][j] = sqrt(left) if i == j else left / found[j][j]
    return found


@opens("qr", of_matrices)
def orthonormal(y: Any, a: Matrix) -> Matrix:
    """Gram and Schmidt's way: from each column what the ones before have of it is taken, and it is made 1 long.

    In which direction it then points is a convention: that of the result.
    """
    height = len(a)
    found: Matrix = []
    shares: Matrix = []
    for j, column in enumerate(transposed(a)):
        left, share = column, []
        for q in found:
            share.append(inner(q, left))
            left = [minus(x, times(share[-1], part)) for x, part in zip(left, q, strict=True)]
        length = sqrt(inner(left, left))
        share.append(length if y[j, height + j] > 0 else -length)
        found.append([x / share[-1] for x in left])
        shares.append(share)
    n = len(found)
    return [[*q, *(shares[j][i] if j >= i else 0.0 for j in range(n))] for i, q in enumerate(found)]


ENOUGH = 16  # terms of the series of matrices of size 1/2: the next one is less than an ε of float64


@opens("expm", of_matrices)
def exponential(y: Any, a: Matrix) -> Matrix:
    """(Σ (a / 2ˢ)ᵏ / k!) to the power 2ˢ, up to the term that makes no difference any more."""
    size = max(sum(abs(number(x)) for x in row) for row in a)
    squarings = max(ceil(log2(size)) + 1, 0) if size else 0
    n, small = len(a), [[over(x, 2.0**squarings) for x in row] for row in a]
    found = identity(n)
    for k in range(ENOUGH, 0, -1):  # 1 + a (1 + a/2 (1 + a/3 (...)))
        step = product(small, found)
        found = [[add_up([float(i == j), over(step[i][j], float(k))]) for j in range(n)] for i in range(n)]
    for _ in range(squarings):
        found = product(found, found)
    return found
