"""How arrays are normalized: in few passes, some rows at a time, so that they stay in the cache.

    y = (x - μ) r w + b,    r = 1 / √(σ² + eps)

Sums along rows are products with vectors. The variance is the mean of the squares without the square of the mean; where
that would cancel, because the mean is large, the mean is taken away first.

There are two ways, each with forward and back: `Layers`, whose weights lie along the rows, and `Channels`, which have
one weight to a row. What is kept between the two are μ and σ².
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy import ndarray

import autograd.kernel.normalization as loop
from autograd.kernel import fits
from autograd.rules.blas import add_product
from autograd.rules.pieces import aligned
from autograd.rules.reduction import add_reduce
from autograd.rules.shaping import Shape, sum_to

ROOM = 1 << 18  # bytes of rows at a time
LEAST = 16  # elements in a row of a channel that are worth it

Kept = Sequence[ndarray]
Gradients = tuple[ndarray, ndarray | None, ndarray | None]


def way(x: ndarray, axes: Shape, rest: Sequence[ndarray]) -> Layers | Channels | None:
    """The fast way for x along these axes with such weights and biases; None where there is none."""
    if not x.size or x.dtype.kind != "f" or any(a.dtype != x.dtype for a in rest):
        return None
    first = x.ndim - len(axes)
    if rest and axes == tuple(range(first, x.ndim)) and all(a.shape == x.shape[first:] for a in rest):
        return Layers(x, prod(x.shape[first:]))
    trailing = 0  # axes that make up a row
    while x.ndim - 1 - trailing in axes and all(a.ndim > trailing and a.shape[-1 - trailing] == 1 for a in rest):
        trailing += 1
    if not trailing or prod(x.shape[-trailing:]) < LEAST:
        return None
    return Channels(x, axes[:-trailing], (*x.shape[:-trailing], *(1,) * trailing))


def _step(rows: ndarray) -> int:
    return max(ROOM // int(rows.shape[1] * rows.itemsize), 1)


def _blocks(rows: ndarray) -> Iterator[slice]:
    """Some rows at a time."""
    step = _step(rows)
    return (slice(r, min(r + step, len(rows))) for r in range(0, len(rows), step))


def _room(rows: ndarray) -> ndarray:
    """Room for as many rows as are worked on at a time."""
    return aligned((min(_step(rows), len(rows)), rows.shape[1]), rows.dtype)


def _sums(rows: ndarray, before: ndarray | None) -> ndarray:
    """The sum of each row, and that of its squares, with a number taken from each element first if there is one."""
    found, ones = np.empty((2, len(rows)), rows.dtype), np.ones(rows.shape[1], rows.dtype)
    for block in _blocks(rows):
        part = _without(rows, before, block)
        np.matmul(part, ones, out=found[0, block])
        np.vecdot(part, part, out=found[1, block])
    return found


def _without(rows: ndarray, middle: ndarray | None, block: slice) -> ndarray:
    """Some rows, with a number taken from each if there are such."""
    return rows[block] if middle is None else rows[block] - middle[block, None]


def _cancels(squared: ndarray, square: ndarray) -> bool:
    """Whether a mean is so large that digits are lost where it is taken from sums; or something is not a number."""
    return not (squared <= 4 * square).all()


class Layers(NamedTuple):
    """Rows of n elements, each of which has a weight and a bias, (..., n) with (n).

    A product of a number for each row and one for each column is made by BLAS, as a product of thin matrices, and then
    multiplied with as a whole: that takes half the time of broadcasting twice.
    """

    x: ndarray
    n: int

    def _row(self, a: ndarray | None, default: float) -> ndarray:
        """A weight or a bias as an array of n, also where there is none."""
        return np.full(self.n, default, self.x.dtype) if a is None else np.ascontiguousarray(a.reshape(self.n))

    def forward(self, weight: ndarray | None, bias: ndarray | None, eps: float, centered: bool) -> tuple[ndarray, Kept]:
        """y, and what to keep."""
        n, dtype = self.n, self.x.dtype
        y, (middle, square) = np.empty(self.x.shape, dtype), np.zeros((2, self.x.size // n), dtype)
        rows, found = self.x.reshape(-1, n), y.reshape(-1, n)
        if fits(self.x):
            how = self._row(weight, 1), self._row(bias, 0), dtype.type(eps), centered
            loop.normalize(rows, *how, found, middle, square)
            return y, (middle, square)
        thin, scale, shift = np.zeros((len(rows), 2), dtype), np.zeros((2, n), dtype), np.zeros((2, n), dtype)
        scale[0] = 1 if weight is None else weight.reshape(n)
        np.negative(scale[0], shift[0])
        if bias is not None:
            shift[1] = bias.reshape(n)
        thin[:, 1] = 1
        share = scale[1] + 1 / n
        step = _step(rows)
        for at in range(0, len(rows), step):
            here = slice(at, at + step)
            part, out, few, m, v = rows[here], found[here], thin[here], middle[here], square[here]
            r = few[:, 0]
            left = m
            squared = _spread(part, share, m, v, centered)
            if centered and _cancels(squared, v):
                part, left = part - m[:, None], np.zeros_like(m)
                _spread(part, share, left, v, centered)
            np.add(v, eps, r)
            np.sqrt(r, r)
            np.divide(1, r, r)
            np.matmul(few, scale, out)  # r w
            out *= part
            r *= left
            add_product(few, shift, out)  # b - μ r w
        return y, (middle, square)

    def back(
        self, g: ndarray, weight: ndarray | None, bias: ndarray | None, kept: Kept, eps: float, centered: bool
    ) -> Gradients:
        """The gradients of x, weight and bias, given that of y."""
        n, dtype, (middle, square) = self.n, self.x.dtype, kept
        dx = np.empty(self.x.shape, dtype)
        rows, cotangents, found = self.x.reshape(-1, n), g.reshape(-1, n), dx.reshape(-1, n)
        if fits(self.x, g):
            sums, how = np.zeros((2, n), dtype), (self._row(weight, 1), dtype.type(eps), centered)
            loop.normalize_back(cotangents, rows, *how, middle, square, found, *sums)
            dw, db = (None if a is None else total.reshape(a.shape) for a, total in zip((weight, bias), sums))
            return dx, dw, db
        before = middle if centered and _cancels(middle * middle, square) else None
        m = middle if before is None else np.zeros_like(middle)
        thin, left = np.zeros((len(rows), 2), dtype), np.zeros((2, len(rows)), dtype)
        scale, same, sums = np.zeros((2, n), dtype), np.zeros((2, n), dtype), np.zeros((2, n), dtype)
        scale[0] = 1 if weight is None else weight.reshape(n)
        same[0] = 1
        share = scale[0] / n
        r = square + eps
        np.sqrt(r, r)
        np.divide(1, r, r)
        np.multiply(m, r, left[0])
        left[1] = -1
        cubed = r * r * r
        step = _step(rows)
        room = _room(rows)
        for at in range(0, len(rows), step):
            here = slice(at, at + step)
            u, part, out, few = cotangents[here], _without(rows, before, here), found[here], thin[here]
            product = np.multiply(u, part, room[: len(part)])
            sums[0] += np.matmul(r[here], product)
            sums -= np.matmul(left[:, here], u)
            mean = np.matmul(u, share)
            along = np.matmul(product, share)
            along -= m[here] * mean
            along *= cubed[here]
            few[:, 0] = along
            np.matmul(few, same, product)
            product *= part
            few[:, 0] = r[here]
            np.matmul(few, scale, out)
            out *= u  # r w g
            out -= product
            if centered:
                along *= m[here]
                mean *= r[here]
                np.subtract(along, mean, few[:, 0])
                add_product(few, same, out)
        dw, db = (None if a is None else total.reshape(a.shape) for a, total in zip((weight, bias), sums))
        return dx, dw, db


def _spread(rows: ndarray, share: ndarray, middle: ndarray, square: ndarray, centered: bool) -> Any:
    """Write the mean and the variance of each row, or the mean square alone; `share` is full of 1 / n."""
    np.vecdot(rows, rows, square)
    square *= share[0]
    if not centered:
        return None
    np.matmul(rows, share, middle)
    squared = middle * middle
    square -= squared
    return squared


class Channels(NamedTuple):
    """Rows with one weight and one bias each; statistics are over the rows, and over `axes`.

    `shape` is that of x with 1 for the axes along a row.
    """

    x: ndarray
    axes: Shape
    shape: Shape

    def mean(self, sums: Any) -> ndarray:
        """The mean, given sums along rows."""
        n = self.x.size // prod(self.shape) * prod(self.shape[axis] for axis in self.axes)
        found: ndarray = add_reduce(sums.reshape(self.shape), self.axes, None, None, True) / n
        return found

    def rows(self, *arrays: ndarray) -> list[ndarray]:
        """Arrays as matrices with these rows."""
        return [a.reshape(prod(self.shape), -1) for a in arrays]

    def each(self, *numbers: Any) -> list[ndarray]:
        """Numbers for each row."""
        return [np.broadcast_to(a, self.shape).reshape(-1) for a in numbers]

    def forward(self, weight: ndarray | None, bias: ndarray | None, eps: float, centered: bool) -> tuple[ndarray, Kept]:
        """y, and what to keep."""
        y = np.empty(self.x.shape, self.x.dtype)
        rows, found = self.rows(self.x, y)
        middle, square = map(self.mean, _sums(rows, None))
        middle = middle if centered else np.zeros_like(middle)
        square -= middle * middle
        before, shift = None, middle
        if centered and _cancels(middle * middle, square):
            (before,) = self.each(middle)
            shift, square = map(self.mean, _sums(rows, before))
            square -= shift * shift
        scale = (1 if weight is None else weight) / np.sqrt(square + eps)
        scale, shift = self.each(scale, (0 if bias is None else bias) - shift * scale)
        for block in _blocks(rows):
            out = np.multiply(_without(rows, before, block), scale[block, None], out=found[block])
            out += shift[block, None]
        return y, (middle, square)

    def back(
        self, g: ndarray, weight: ndarray | None, bias: ndarray | None, kept: Kept, eps: float, centered: bool
    ) -> Gradients:
        """The gradients of x, weight and bias, given that of y."""
        middle, square = kept
        dx = np.empty(self.x.shape, self.x.dtype)
        rows, cotangents, found = self.rows(self.x, g, dx)
        before = self.each(middle)[0] if centered and _cancels(middle * middle, square) else None
        m = middle if before is None else np.zeros_like(middle)
        sums = (cotangents @ np.ones(rows.shape[1], rows.dtype)).reshape(self.shape)
        products = np.empty(len(rows), rows.dtype)
        for block in _blocks(rows):
            np.vecdot(cotangents[block], _without(rows, before, block), out=products[block])
        r = 1 / np.sqrt(square + eps)
        along = (products.reshape(self.shape) - m * sums) * r  # the sum of g n, n normalized
        w = 1 if weight is None else weight
        slope = self.mean(w * along) * r * r
        shift = slope * m - (self.mean(w * sums) * r if centered else 0)
        scale, slope, shift = self.each(w * r, -slope, shift)
        room = _room(rows)
        for block in _blocks(rows):
            out = np.multiply(cotangents[block], scale[block, None], out=found[block])
            part = _without(rows, before, block)
            out += np.multiply(part, slope[block, None], out=room[: len(part)])
            out += shift[block, None]
        return (
            dx,
            None if weight is None else sum_to(along, shape=weight.shape),
            None if bias is None else sum_to(sums, shape=bias.shape),
        )
